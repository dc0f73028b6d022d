"""`offramp forecast`: a ledger of forecasts, their outcomes, and their scores."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.frame import EXPORT, JSON, PLACE, Suggesting, deliver, guarded, main
from offramp.cli.parameter_types import WHOLE, FilePath, FiniteNumber
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.study.forecasting.ledger_entries import day_of, today

if TYPE_CHECKING:
    from offramp.study.forecasting.ledger_entries import Resolution
    from offramp.study.forecasting.ledger_file import Ledger


class _Probability(FiniteNumber):
    """A number; a percentage is told how to write it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if percentage := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%", str(value)):
            number = f"{float(percentage[1]) / 100.0:.12g}"
            self.fail(tr("write {number} for {percentage}", number=number, percentage=value), param, ctx)
        return super().convert(value, param, ctx)


LEDGER = click.option(
    "--ledger",
    "path",
    type=FilePath(dir_okay=False),
    default="forecasts.sqlite",
    show_default=True,
    metavar="PATH",
    help="The ledger's file.",
)
NUMBER = click.argument("number", metavar="ID", type=WHOLE)
CORRECT = click.option("--correct", is_flag=True, help="Correct an earlier outcome; it stays in the ledger.")


@main.group(cls=Suggesting, short_help="Were we right? A ledger of forecasts, and their scores.")
def forecast() -> None:
    """Were we right? Enter forecasts, then their outcomes, and score them."""


@forecast.command()
@click.argument("folder", metavar="[RUN]", required=False, type=PLACE)
@click.option("--ending", metavar="ENDING", help="Forecast an ending of the run.")
@click.option("--move", metavar="MOVE=OPTION[@ROUND]", help="Forecast an option of a move, if the move is made.")
@click.option("--claim", metavar="TEXT", help="Without a run: the claim.")
@click.option("--probability", type=_Probability(), metavar="P", help="Without a run: the claim's probability, 0 to 1.")
@click.option(
    "--due",
    metavar="DATE",
    help="The day on which it is due, such as 2031-04-01 (UTC); of a run by default the end of its rounds.",
)
@click.option("--rule", metavar="TEXT", help="How it will be resolved: by which fact, from which source.")
@click.option(
    "--base-rate", type=_Probability(), metavar="P", help="How often such things happen; skill is relative to it."
)
@click.option(
    "--follows", type=WHOLE, metavar="ID", help="Update an earlier forecast: the same claim, due date and rule."
)
@click.option("--made", metavar="DATE", help="The day an old forecast was made; it is marked as entered later.")
@LEDGER
@JSON
@guarded
def add(
    folder: Path | str | None,
    ending: str | None,
    move: str | None,
    claim: str | None,
    probability: float | None,
    due: str | None,
    rule: str | None,
    base_rate: float | None,
    follows: int | None,
    made: str | None,
    path: Path,
    as_json: bool,
) -> None:
    """Enter a forecast: of an ending or move of a RUN, or of any claim.

    Forecasts with the same claim, due date and rule are updates of one question. With --follows these need not be given
    again; with a later RUN neither need the ending or move. If the rounds of a RUN have dates, the forecast is due on
    the last of them, or on the last day of the move's round. Every forecast is scored.
    """
    from offramp.study.forecasting.ledger import add as add_to
    from offramp.study.forecasting.ledger import entries, open_ledger

    day, made_on = day_of("--due", due), day_of("--made", made)
    ledger, origin = open_ledger(path), None
    if folder is not None:
        from offramp.runs.opened import open_run
        from offramp.study.forecasting.prediction import prediction, target_of

        if claim is not None or probability is not None:
            raise UsageError("a run has its own claim and probability: leave out --claim and --probability, or the run")
        if follows is not None and ending is None and move is None:
            ending, move = target_of(entries(ledger), follows)
        predicted = prediction(open_run(folder), ending=ending, move=move)
        claim, probability, origin = predicted.claim, predicted.probability, predicted.origin
        day = predicted.due if day is None and follows is None else day
    elif ending is not None or move is not None:
        raise UsageError(f"--{'ending' if ending is not None else 'move'} needs a run: name the run's folder")
    if probability is None:
        raise UsageError("a forecast needs a probability: name a run with --ending or --move, or give --probability")
    entered = add_to(
        ledger,
        probability=probability,
        claim=claim,
        due=day,
        rule=rule,
        base_rate=base_rate,
        follows=follows,
        made=made_on,
        origin=origin,
    )
    _show_entry(ledger, entered.id, None, as_json)


@forecast.command("list")
@LEDGER
@JSON
@EXPORT
@guarded
def listing(path: Path, as_json: bool, export: Path | None) -> None:
    """List all forecasts. Each is open, due, overdue, resolved or void; every outcome that was entered follows."""
    from offramp.study.forecasting.forecasts import forecasts
    from offramp.study.forecasting.ledger import entries, open_ledger

    ledger = entries(open_ledger(path))
    deliver(forecasts(ledger, today(), in_full=as_json or export is not None), as_json, export)


@forecast.command()
@NUMBER
@click.argument("answer", metavar="yes|no", type=click.Choice(["yes", "no"]))
@click.option(
    "--on",
    "known",
    metavar="DATE",
    help="The day on which the outcome was known (today).",
)
@click.option("--because", metavar="TEXT", help="The source.")
@CORRECT
@LEDGER
@JSON
@guarded
def resolve(
    number: int, answer: str, known: str | None, because: str | None, correct: bool, path: Path, as_json: bool
) -> None:
    """Enter the outcome of forecast ID. It applies to all forecasts of the same question."""
    from offramp.study.forecasting.ledger import open_ledger
    from offramp.study.forecasting.ledger import resolve as resolve_in

    day, ledger = day_of("--on", known), open_ledger(path)
    outcome = resolve_in(ledger, number, happened=answer == "yes", known=day, because=because, correct=correct)
    _show_entry(ledger, number, outcome, as_json)


@forecast.command()
@NUMBER
@click.option("--because", required=True, metavar="TEXT", help="Why it cannot be resolved.")
@CORRECT
@LEDGER
@JSON
@guarded
def void(number: int, because: str, correct: bool, path: Path, as_json: bool) -> None:
    """Mark the question of forecast ID as impossible to resolve. It is counted, but not scored."""
    from offramp.study.forecasting.ledger import open_ledger
    from offramp.study.forecasting.ledger import void as void_in

    ledger = open_ledger(path)
    _show_entry(ledger, number, void_in(ledger, number, because=because, correct=correct), as_json)


@forecast.command()
@LEDGER
@JSON
@EXPORT
@guarded
def score(path: Path, as_json: bool, export: Path | None) -> None:
    """Score the forecasts that are due and resolved. Brier and log score, calibration, discrimination, skill."""
    from offramp.study.forecasting.ledger import entries, open_ledger
    from offramp.study.forecasting.track_record import score as score_of

    record = score_of(entries(open_ledger(path)), today())
    deliver(record, as_json, export)


def _show_entry(ledger: Ledger, number: int, outcome: Resolution | None, as_json: bool) -> None:
    """Print what was entered."""
    from offramp.study.forecasting.forecasts import Entered, forecasts
    from offramp.study.forecasting.ledger import entries

    all_entries = entries(ledger)
    deliver(Entered(forecasts(all_entries, today()), all_entries.forecast(number), outcome), as_json, None)
