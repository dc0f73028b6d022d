"""`offramp backtest`: how well a crisis forecasts past cases, each from earlier cases only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import EXPORT, FILE, JSON, deliver, guarded, main, with_progress
from offramp.cli.penalty_options import chosen_penalty, penalty_options

if TYPE_CHECKING:
    from offramp.study.finding import Finding


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
@penalty_options
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
    prior: bool,
    cauchy: bool,
    log_f: bool,
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

    penalty = chosen_penalty(prior, cauchy, log_f)
    crisis = read(file)

    def found_with(report: Callable[[float], object]) -> Finding:
        def told(done: int, of: int) -> None:
            report(done / of)

        return backtest_crisis(crisis, data, by=by, start=start, once=once, penalty=penalty, seed=seed, progress=told)

    found = with_progress("fits", 1.0, found_with, counted=False)
    deliver(found, as_json, export)
