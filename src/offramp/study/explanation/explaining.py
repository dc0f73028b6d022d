"""`offramp.why`: why an actor chooses as it does, or why an ending is rare or likely."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import overload

from offramp.common.errors import UsageError
from offramp.gambit.opening import Playable
from offramp.study.explanation.why import why_of
from offramp.study.explanation.why_ending import why_ending
from offramp.study.explanation.why_ending_finding import WhyEnding
from offramp.study.explanation.why_finding import Why
from offramp.study.histories.plays import solved


@overload
def why(
    game: Playable,
    move: str,
    *,
    sees: Mapping[str, str] | None = None,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
) -> Why: ...


@overload
def why(
    game: Playable,
    *,
    ending: str,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    executor: Executor | None = None,
) -> WhyEnding: ...


def why(
    game: Playable,
    move: str | None = None,
    *,
    ending: str | None = None,
    sees: Mapping[str, str] | None = None,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    executor: Executor | None = None,
) -> Why | WhyEnding:
    """Why the actor of a move chooses as it does, or why an ending is so rare, at the medians of the inputs.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    move
        The name of a move; `reply@2` for one round of it.
    ending
        The name of an ending, in place of a move.
    sees
        Facts that the mover knows, by the labels of `Situation.sees`; a number in any notation, or as it is shown.
        The likeliest information set that matches is shown in detail.
    rationality, given
        One rationality for all actors, and values for inputs, as in `offramp.solve`.
    executor
        For an ending: the executor that solves other values of the inputs; by default threads of this process.

    Raises
    ------
    UsageError
        An unknown move, round or ending; both a move and an ending, or neither; a fact that the mover does not see
        there, or a value that it never has; play that never gets there.
    """
    if (move is None) == (ending is None):
        raise UsageError("why takes a move or an ending: name one of them")
    block, solution = solved(game, rationality, given)
    if ending is not None:
        if sees:
            raise UsageError("what an actor knows selects a situation of a move; leave it out for an ending")
        return why_ending(block, solution, ending, given, rationality, executor)
    assert move is not None
    return why_of(block, solution, move, sees or {})
