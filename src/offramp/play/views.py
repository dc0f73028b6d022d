"""Views of a match: what each seat is shown, and what a facilitator is shown.

A seat's view is made only from what its actor has seen: two matches that differ only in what it has not seen give it
the same view. It contains no odds, no payoffs, no seed (which would reveal hidden draws), and of others' turns only
`waiting`. A person does not forget: under `memory: state`, too, everything that was seen is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Literal

from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names
from offramp.crisis.steps import Option
from offramp.play.board import Board
from offramp.play.chronicle import ChronicleEvent, Kind, chronicle
from offramp.play.match import By, Match, Question, awaiting, check_actor, questions
from offramp.play.match_wording import condition_in_words

Status = Literal["asked", "waiting", "finished"]


@dataclass(frozen=True)
class Sight:
    """Something that a seat has seen; see `ChronicleEvent`. `actor`: the mover of a move, otherwise None."""

    kind: Kind
    step: str
    round: int
    value: str | float
    actor: str | None
    own: bool
    days: str | None = None
    past: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As plain values; `days` only of a round that has dates, `past` only of what was before now."""
        return {name: value for name, value in asdict(self).items() if name not in ("days", "past") or value}


@dataclass(frozen=True)
class SeatView:
    """What one seat is shown: what its actor has seen, in order, its question, and finally how it ended.

    `round`: the current round, 0 outside rounds.
    """

    crisis: str
    actor: str
    name: str
    status: Status
    round: int
    timeline: tuple[Sight, ...]
    asked: Question | None
    ending: str | None
    board: Board = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, as a seat's view is sent."""
        return {
            "crisis": self.crisis,
            "actor": self.actor,
            "name": self.name,
            "status": self.status,
            "round": self.round,
            "timeline": [sight.to_dict() | _named(self.board.names, sight) for sight in self.timeline],
            "asked": None if self.asked is None else _question(self.asked, self.board),
            "ending": self.ending,
            "ending_name": None if self.ending is None else self.board.names.ending(self.ending),
        }


@dataclass(frozen=True)
class FacilitatorView:
    """All of a match: every event with who has seen it, the endings' odds now, questions, choices, and who is awaited.

    `pending`: choices in a `together` that is still open, by actor; `pending_names`: their names.
    """

    crisis: str
    seats: tuple[str, ...]
    seed: int
    status: Literal["playing", "finished"]
    round: int
    awaiting: tuple[str, ...]
    asked: Mapping[str, Question]
    pending: Mapping[str, str]
    pending_names: Mapping[str, str]
    timeline: tuple[ChronicleEvent, ...]
    odds: Mapping[str, float]
    ending: str | None
    board: Board = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "crisis": self.crisis,
            "seats": list(self.seats),
            "seed": self.seed,
            "status": self.status,
            "round": self.round,
            "awaiting": list(self.awaiting),
            "asked": {actor: _question(question, self.board) for actor, question in self.asked.items()},
            "pending": dict(self.pending),
            "pending_names": dict(self.pending_names),
            "timeline": [_event(event) | _named(self.board.names, event) for event in self.timeline],
            "odds": dict(self.odds),
            "endings": dict(self.board.names.endings),
            "ending": self.ending,
            "ending_name": None if self.ending is None else self.board.names.ending(self.ending),
        }


def view(match: Match, actor: str) -> SeatView:
    """What a seat is shown now.

    Parameters
    ----------
    match
        The match.
    actor
        A seat that a person plays.

    Raises
    ------
    UsageError
        An actor that is unknown, or that nobody plays.
    """
    if actor not in match.seats:
        check_actor(match.board.crisis, actor)
        raise UsageError(f"nobody plays '{actor}' in this match (seats: {listed(match.seats, 30)})")
    question = questions(match).get(actor)
    timeline = tuple(_seen(chronicle(match), actor))
    status: Status = "finished" if match.finished else "waiting" if question is None else "asked"
    crisis = match.board.crisis
    name = crisis.actors[actor].name
    ending, board = match.ending, match.board
    return SeatView(crisis.title, actor, name, status, _round_of(timeline), timeline, question, ending, board)


def facilitator_view(match: Match) -> FacilitatorView:
    """Everything about a match now; not for players."""
    events = tuple(event for event in chronicle(match) if not _is_pending(event))
    return FacilitatorView(
        crisis=match.board.crisis.title,
        seats=match.seats,
        seed=match.seed,
        status="finished" if match.finished else "playing",
        round=_round_of(events),
        awaiting=awaiting(match),
        asked=questions(match),
        pending={choice.actor: choice.option for choice in match.pending},
        pending_names={choice.actor: match.board.names.option(choice.step, choice.option) for choice in match.pending},
        timeline=events,
        odds=match.odds,
        ending=match.ending,
        board=match.board,
    )


def by_whom(event: ChronicleEvent) -> By | None:
    """Who chose what happened; None for a skipped step and for events that are not steps."""
    return None if event.entry is None else event.entry.by


def _seen(events: Iterable[ChronicleEvent], actor: str) -> Iterable[Sight]:
    """What an actor has seen, in order; among steps made together its own comes first, as it saw that first."""
    seen = [event for event in events if actor in event.seen_by]
    for together, group in groupby(seen, key=lambda event: (event.together, event.round)):
        events = list(group)
        if together[0]:
            events.sort(key=lambda event: event.actor != actor)
        for event in events:
            own = event.actor == actor
            yield Sight(
                event.kind, event.step, event.round, event.value, event.actor, own, days=event.days, past=event.past
            )


def _round_of(timeline: Iterable[ChronicleEvent | Sight]) -> int:
    number = 0
    for event in timeline:
        if event.kind in ("round", "rounds_over"):
            number = event.round
    return number


def _is_pending(event: ChronicleEvent) -> bool:
    return event.kind == "step" and event.entry is None and event.value != SKIPPED


def _question(question: Question, board: Board) -> dict[str, Any]:
    move = board.crisis.named[question.move]
    closed = []
    for one in question.closed:
        only_if = None if one.only_if is None else condition_in_words(board.names, one.only_if)
        closed.append({"option": one.option, "only_if": only_if} | _option(board.crisis.option(move.key, one.option)))
    return {
        "move": question.move,
        "name": move.name,
        "says": move.says,
        "round": question.round,
        "options": list(question.options),
        "named": {key: _option(board.crisis.option(move.key, key)) for key in question.options},
        "closed": closed,
    }


def _option(option: Option) -> dict[str, Any]:
    return {"name": option.name, "says": option.says}


def _named(names: Names, event: Sight | ChronicleEvent) -> dict[str, Any]:
    """The names of a step and of its value."""
    return {"name": names.step(event.step), "value_name": names.option(event.step, event.value)}


def _event(event: ChronicleEvent) -> dict[str, Any]:
    entry = event.entry
    return {
        "kind": event.kind,
        "step": event.step,
        "round": event.round,
        "value": event.value,
        "actor": event.actor,
        "seen_by": sorted(event.seen_by),
        "by": by_whom(event),
        "probability": None if entry is None else entry.probability,
    } | {name: value for name, value in (("days", event.days), ("past", event.past)) if value}
