"""Plays of a model played again from what is recorded, beside the equilibrium of their draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offramp.common.errors import OfframpError, UsageError
from offramp.play.board import Board, BoardNode
from offramp.play.match import begin, choose, questions
from offramp.play.model_seat import ModelPlay, SeatMove


@dataclass(frozen=True)
class PlayOutcome:
    """A play of a model, its moves, and the endings' odds in its draw's equilibrium; neither if it is set aside."""

    play: ModelPlay
    visits: tuple[SeatVisit, ...]
    odds: Mapping[str, float]


@dataclass(frozen=True)
class SeatVisit:
    """A move of a play and where it was made; `shares`: the equilibrium's probabilities of the options open there."""

    made: SeatMove
    place: BoardNode
    shares: Mapping[str, float]


def outcome_of(board: Board | None, seats: Sequence[str], luck: int, play: ModelPlay) -> PlayOutcome:
    """A play, which is played again from the moves that it records; `board`: None if its draw has no equilibrium.

    Raises
    ------
    OfframpError
        If the play does not come out again as it is recorded.
    """
    if (board is None) != play.is_set_aside:
        raise OfframpError(_changed(play))
    if board is None:
        return PlayOutcome(play, (), {})
    return PlayOutcome(play, _visits(board, seats, luck, play), board.odds(board.game.root, board.plays.at_once))


def _visits(board: Board, seats: Sequence[str], luck: int, play: ModelPlay) -> tuple[SeatVisit, ...]:
    match = begin(board, seats, luck)
    visits = []
    try:
        for made in play.moves:
            asked = questions(match)[made.actor]
            if (asked.move, asked.round) != (made.move, made.round):
                raise OfframpError(_changed(play))
            shares = dict(zip(asked.options, board.shares(asked.place).tolist(), strict=True))
            visits.append(SeatVisit(made, asked.place, shares))
            if made.option is None:
                break
            match = choose(match, made.actor, made.option)
    except (KeyError, UsageError):
        raise OfframpError(_changed(play)) from None
    broken_off = bool(visits) and visits[-1].made.option is None
    if len(visits) < len(play.moves) or match.ending != play.ending or match.finished == broken_off:
        raise OfframpError(_changed(play))
    return tuple(visits)


def _changed(play: ModelPlay) -> str:
    return (
        f"play {play.number} does not come out again as the file of plays records it: the file was changed, or another "
        "version of Offramp wrote it"
    )
