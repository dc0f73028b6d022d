"""`offramp backtest`: how well a crisis forecasts past cases, each from earlier cases only."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.frame import EXPORT, FILE, JSON, deliver, guarded, main, with_progress


@main.command(short_help="How well would it have forecast past cases?")
@FILE
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    metavar="TABLE",
    help="The table of past cases (.csv, .parquet).",
)
@click.option("--by", metavar="COLUMN", help="The column of times, such as years; by default `time` in `cases`.")
@click.option(
    "--from",
    "start",
    type=float,
    metavar="TIME",
    help="The first time that is forecast; by default the first with enough earlier cases.",
)
@click.option("--once", is_flag=True, help="Fit once, to the cases before, and forecast all later ones.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of random starts.")
@JSON
@EXPORT
@guarded
def backtest(
    file: Path,
    data: Path,
    by: str | None,
    start: float | None,
    once: bool,
    seed: int,
    as_json: bool,
    export: Path | None,
) -> None:
    """Forecast past cases, each from earlier cases only, and score the forecasts.

    For each time, such as a year, the coefficients are estimated from the cases before it. The forecasts are compared
    with how often each outcome happened before, and with a multinomial logit on the same columns.
    """
    from offramp.crisis.reading import read
    from offramp.fitting.rolling_origin.backtesting import backtest as backtest_crisis

    crisis = read(file)
    found = with_progress(
        "fits",
        1.0,
        lambda report: backtest_crisis(
            crisis, data, by=by, start=start, once=once, seed=seed, progress=lambda done, of: report(done / of)
        ),
        counted=False,
    )
    deliver(found, as_json, export)
