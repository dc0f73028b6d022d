"""Tasks of the ledger of forecasts: read it, and add to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offramp.app.tasks.known_runs import finished_runs, run_of_forecast
from offramp.app.tasks.shown_findings import finding_json
from offramp.common.errors import UsageError
from offramp.study.forecasting.ledger_entries import day_of, today


def ledger_at(path: Path) -> dict[str, Any]:
    """A ledger: its forecasts, their scores if there are any, and the forecasts without an outcome.

    The runs that these come from are looked for in `runs/` beside the ledger.
    """
    from offramp.study.forecasting.forecasts import forecasts
    from offramp.study.forecasting.ledger import entries, open_ledger
    from offramp.study.forecasting.ledger_entries import Entries
    from offramp.study.forecasting.track_record import score

    exists, now = path.exists(), today()
    ledger = entries(open_ledger(path)) if exists else Entries((), ())
    listed = forecasts(ledger, now)
    record = score(ledger, now) if ledger.forecasts else None
    pending = [forecast for forecast in ledger.forecasts if forecast.question not in ledger.standing]
    runs = finished_runs(path.parent) if pending else []
    return {
        "exists": exists,
        "forecasts": finding_json(listed),
        "score": None if record is None else finding_json(record),
        "open": [
            {
                "id": forecast.id,
                "question": forecast.question,
                "claim": forecast.claim,
                "probability": forecast.probability,
                "due": str(forecast.due),
                "made": str(forecast.made.date()),
                "state": listed.status(forecast),
                "run": run_of_forecast(runs, forecast),
            }
            for forecast in pending
        ],
    }


def added(path: Path, asked: Mapping[str, Any], folder: Path | None) -> int:
    """Enter a forecast, of a run if its `folder` is given, else of a claim; give its id."""
    from offramp.study.forecasting.ledger import add, entries, open_ledger

    ledger, origin = open_ledger(path), None
    claim, probability, due = asked["claim"], asked["probability"], day_of("'due'", asked["due"])
    ending, move, follows = asked["ending"], asked["move"], asked["follows"]
    if folder is not None:
        from offramp.app.tasks.study_tasks import run_of
        from offramp.study.forecasting.prediction import prediction, target_of

        if claim is not None or probability is not None:
            raise UsageError("a run has its own claim and probability: leave those out, or the run")
        if follows is not None and ending is None and move is None:
            ending, move = target_of(entries(ledger), follows)
        predicted = prediction(run_of(folder), ending=ending, move=move)
        claim, probability, origin = predicted.claim, predicted.probability, predicted.origin
        due = predicted.due if due is None and follows is None else due
    elif ending is not None or move is not None:
        raise UsageError("an ending or a move needs a run: name the run")
    if probability is None:
        raise UsageError("a forecast needs a probability: give one, or name a run with an ending or a move")
    return add(
        ledger,
        probability=probability,
        claim=claim,
        due=due,
        rule=asked["rule"],
        base_rate=asked["base_rate"],
        follows=follows,
        origin=origin,
    ).id


def resolved(path: Path, number: int, happened: bool, known: str | None, because: str | None, correct: bool) -> None:
    """Enter the outcome of a forecast's question."""
    from offramp.study.forecasting.ledger import open_ledger, resolve

    day = day_of("'known'", known)
    resolve(open_ledger(path), number, happened=happened, known=day, because=because, correct=correct)


def voided(path: Path, number: int, because: str, correct: bool) -> None:
    """Mark the question of a forecast as impossible to resolve."""
    from offramp.study.forecasting.ledger import open_ledger, void

    void(open_ledger(path), number, because=because, correct=correct)
