"""`offramp backtest`: how well crises hold what happened: in past cases, or in their own events and outcome."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import EXPORT, JSON, deliver, guarded, main, with_progress
from offramp.cli.parameter_types import FilePath, FiniteNumber, WholeNumber
from offramp.cli.penalty_options import chosen_penalty, penalty_options
from offramp.common.errors import UsageError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.fitting.priors import PenaltyKind
    from offramp.study.finding import Finding


@main.command(short_help="How well would it have forecast what happened?")
@click.argument("place", metavar="FILE|DIR", type=FilePath())
@click.option(
    "--data",
    type=FilePath(),
    default=None,
    metavar="TABLE",
    help="A table of past cases (.csv, .parquet): forecast each from earlier ones.",
)
@click.option("--by", metavar="COLUMN", help="The column of times, such as years; by default `time` in `cases`.")
@click.option(
    "--from",
    "start",
    type=FiniteNumber(),
    metavar="TIME",
    help="The first time that is forecast; by default the first with enough earlier cases.",
)
@click.option("--once", is_flag=True, help="Fit once, to the cases before, and forecast all later ones.")
@penalty_options
@click.option(
    "--draws",
    type=WholeNumber(min=1),
    default=None,
    metavar="N",
    help="Without --data: draws of the inputs.  [2048]",
)
@click.option(
    "--seed", type=WholeNumber(min=0), default=1, show_default=True, help="Seed of the draws, or of random starts."
)
@JSON
@EXPORT
@guarded
def backtest(
    place: Path,
    data: Path | None,
    by: str | None,
    start: float | None,
    once: bool,
    prior: bool,
    cauchy: bool,
    log_f: bool,
    draws: int | None,
    seed: int,
    as_json: bool,
    export: Path | None,
) -> None:
    """Score a crisis on what happened.

    Without --data: on the events that it has `observed`, and on the ending that `outcome.yaml` beside it names, against
    play at random and the base rate; a folder of crises is scored as a whole.

    With --data: on past cases. For each time, such as a year, the coefficients are estimated from the cases before it.
    The forecasts are compared with how often each outcome happened before, and with a multinomial logit on the same
    columns.
    """
    penalty = chosen_penalty(prior, cauchy, log_f)
    if data is None:
        given = {"--by": by, "--from": start, "--once": once, "a penalty of a fit": penalty}
        for name, value in given.items():
            if value:
                raise UsageError(f"{name} needs --data, the table of past cases")
        found = _on_outcomes(place, draws, seed)
    else:
        if draws is not None:
            raise UsageError("--draws is for a backtest without --data, which fits no coefficients")
        found = _on_cases(place, data, by, start, once, penalty, seed)
    deliver(found, as_json, export)


def _on_outcomes(place: Path, draws: int | None, seed: int) -> Finding:
    """The score of a crisis, or of those in a folder."""
    from offramp.crisis.gallery import CRISIS
    from offramp.runs.running import DRAWS
    from offramp.study.known_outcomes.crisis_folder import crisis_folder
    from offramp.study.known_outcomes.crisis_score import score_crisis
    from offramp.study.known_outcomes.gallery_score import score_gallery

    draws = DRAWS if draws is None else draws
    if place.is_dir() and not (place / CRISIS).is_file():
        return with_progress(
            tr("crises"), 1.0, lambda told: score_gallery(place, draws=draws, seed=seed, progress=told), counted=False
        )
    folder = crisis_folder(place)
    total = draws * (1 if folder.first is None else 2)
    return with_progress(
        tr("solving draws"), total, lambda told: score_crisis(folder, draws=draws, seed=seed, progress=told)
    )


def _on_cases(
    file: Path, data: Path, by: str | None, start: float | None, once: bool, penalty: PenaltyKind | None, seed: int
) -> Finding:
    """The backtest of a crisis on past cases."""
    from offramp.crisis.reading import read
    from offramp.fitting.rolling_origin.backtesting import backtest as backtest_crisis

    crisis = read(file)

    def found_with(report: Callable[[float], object]) -> Finding:
        def told(done: int, of: int) -> None:
            report(done / of)

        return backtest_crisis(crisis, data, by=by, start=start, once=once, penalty=penalty, seed=seed, progress=told)

    return with_progress(tr("fits"), 1.0, found_with, counted=False)
