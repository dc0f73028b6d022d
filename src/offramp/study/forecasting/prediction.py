"""What a run predicts for one ending or one option, as a claim that comes true or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import expected, listed, quoted
from offramp.runs.result import Run
from offramp.runs.store.manifest import sha256_of_crisis
from offramp.study.forecasting.claim_words import ending_claim, option_claim
from offramp.study.forecasting.ledger_entries import Entries, Origin
from offramp.study.options import parted_move

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """A claim in plain words, its probability, and the run that says so.

    `due`: the day by which it is settled: the last day of the move's round, or for an ending that of the last round;
    None if the rounds have no dates.
    """

    claim: str
    probability: float
    origin: Origin
    due: date | None = None


def prediction(run: Run, *, ending: str | None = None, move: str | None = None) -> Prediction:
    """The probability that a run gives to an ending, or to an option of a move given that the move is made.

    Over the converged draws, weighted as of now: the mean for an ending; for an option P(made and taken) / P(made),
    both means, which is what the draws together say of a move that is made.

    Parameters
    ----------
    run
        A run.
    ending
        The name of an ending.
    move
        `MOVE=OPTION`, with `@ROUND` inside rounds, as in `answer=staged@2`.

    Raises
    ------
    UsageError
        For an unknown name, or if no draw converged or play never comes to the move.
    """
    if (ending is None) == (move is None):
        raise UsageError("a forecast from a run is of one ending, or of one option of a move: give one of the two")
    if not run.converged.any():
        raise UsageError(f"{run.folder or run.crisis.title}: no draw converged, so there is nothing to forecast")
    if ending is not None:
        names = [other.key for other in run.crisis.endings]
        if ending not in names:
            raise UsageError(f"unknown ending {quoted(ending)}{expected(ending, names)}")
        claim, made, due = ending_claim(run.crisis, ending), None, run.crisis.last_day
        taken = run.endings[names.index(ending)]
    else:
        name, option, when = _parts_of(move or "")
        move = f"{name}={option}" if when is None else f"{name}={option}@{when}"
        claim, made, taken = _option(run, name, option, when)
        days = run.crisis.days_of(name, when or 0)
        due = None if days is None else days[1]
    share = taken if made is None else np.divide(taken, made, out=np.full_like(taken, np.nan), where=made > 0.0)
    kept = run.converged
    over = 1.0 if made is None else run.interval(made).mean
    interval = run.interval(share)
    origin = Origin(
        crisis=run.crisis.title,
        ending=ending,
        move=move,
        sha256=sha256_of_crisis(run.crisis),
        levers=run.crisis.pulled,
        seed=run.seed,
        draws=run.draws,
        converged=int(kept.sum()),
        p05=interval.p05,
        p95=interval.p95,
    )
    probability = min(1.0, max(0.0, run.interval(taken).mean / over))  # rounding may reach past the ends
    return Prediction(claim, probability, origin, due)


def target_of(held: Entries, follows: int) -> tuple[str | None, str | None]:
    """The ending or the move that a forecast's question is about, from its last forecast that came from a run.

    Raises
    ------
    UsageError
        If none came from a run, or there is no such forecast.
    """
    earlier = held.on(held.forecast(follows).question)
    origin = next((forecast.origin for forecast in reversed(earlier) if forecast.origin is not None), None)
    if origin is None:
        raise UsageError(f"forecast {follows} is not from a run: say which ending or move")
    return origin.ending, origin.move


def _parts_of(text: str) -> tuple[str, str, int | None]:
    """Move, option and round of `MOVE=OPTION@ROUND`; UsageError if it is none."""
    parts = parted_move(text)
    if parts is None or parts[1] is None:
        raise UsageError(f"--move takes MOVE=OPTION or MOVE=OPTION@ROUND, found {quoted(text)}")
    return parts[0], parts[1], parts[2]


def _option(run: Run, name: str, option: str, when: int | None) -> tuple[str, Array, Array]:
    """The claim of an option of a move, and per draw how likely the move is made, and made with this option."""
    names = list(dict.fromkeys(occurrence.move for occurrence in run.occurrences))
    if name not in names:
        raise UsageError(f"unknown move {quoted(name)}{expected(name, names)}")
    indices = {made.round: index for index, made in enumerate(run.occurrences) if made.move == name}
    if (when or 0) not in indices:
        if 0 in indices:
            raise UsageError(f"{name} is no move of the rounds: leave out '@{when}'")
        rounds = listed(str(number) for number in indices)
        raise UsageError(f"{name} is made in rounds: say which of {rounds}, as in {name}={option}@{min(indices)}")
    index = indices[when or 0]
    occurrence, taken = run.occurrences[index], run.taken[index]
    if option not in occurrence.options:
        raise UsageError(f"{name} has no option {quoted(option)}{expected(option, occurrence.options)}")
    if option not in run.crisis.offered(name, occurrence.round):
        raise UsageError(f"option {quoted(option)} of {name} is closed in this run: no pulled lever allows it")
    made = taken.sum(axis=0)
    if not made[run.converged].any():
        raise UsageError(f"play never comes to '{name}'{'' if when is None else f' in round {when}'} in this run")
    claim = option_claim(run.crisis, occurrence.actor, name, occurrence.round, option)
    return claim, made, taken[occurrence.options.index(option)]
