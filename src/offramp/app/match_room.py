"""A table: a match with the people around it, as it is kept on disk and changes.

A table is a plain value. Who looks at it is named by an actor, for the seat of one, or by `FACILITATOR`. Of each of
them it counts the changes of what that one sees, and of nothing else: whoever watches the count, or waits for it,
learns only what is seen anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from offramp.common.errors import OfframpError
from offramp.play.match import awaiting, leave_to_offramp, questions
from offramp.play.saves import RecordShape, record_of
from offramp.play.views import facilitator_view, view

if TYPE_CHECKING:
    from offramp.play.match import Match

FACILITATOR = ""
FORMAT = 1


@dataclass(frozen=True)
class Turn:
    """A seat's turn: what it is asked, and when its time is up, in seconds since 1970."""

    move: str
    round: int
    until: float


@dataclass(frozen=True)
class MatchRoom:
    """A match and who plays it.

    `record`: the match as `record_of` has it. `digests`: of the tokens, by looker. `handed`: seats that Offramp plays
    by now. `seconds`: for each choice, or None. `versions` and `shown`, by looker: how often what is seen has changed,
    and its digest.
    """

    id: str
    title: str
    seats: Mapping[str, str]
    started: str
    seconds: float | None
    digests: Mapping[str, str]
    record: Mapping[str, Any]
    finished: str | None = None
    handed: tuple[str, ...] = ()
    turns: Mapping[str, Turn] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def people(self) -> tuple[str, ...]:
        """The seats that were given to people."""
        return tuple(actor for actor, player in self.seats.items() if player == "person")

    @property
    def next_due(self) -> float | None:
        """When the next turn's time is up."""
        return min((turn.until for turn in self.turns.values()), default=None)


def carried_on(table: MatchRoom, match: Match, now: float) -> tuple[MatchRoom, Match]:
    """The table once its match stands so: Offramp plays the seats handed to it, and changes of views are counted."""
    while handed := [actor for actor in awaiting(match) if actor in table.handed]:
        match = leave_to_offramp(match, handed[0])
    turns = {}
    if table.seconds is not None:
        for actor, question in questions(match).items():
            before = table.turns.get(actor)
            same = before is not None and (before.move, before.round) == (question.move, question.round)
            until = before.until if before is not None and same else now + table.seconds
            turns[actor] = Turn(question.move, question.round, until)
    finished = table.finished or (_iso(now) if match.finished else None)
    after = replace(table, record=record_of(match), turns=turns, finished=finished)
    shown = {looker: _digest(sight(after, match, looker)) for looker in (FACILITATOR, *after.people)}
    versions = {
        looker: table.versions.get(looker, 0) + (digest != table.shown.get(looker)) for looker, digest in shown.items()
    }
    return replace(after, shown=shown, versions=versions), match


def out_of_time(table: MatchRoom, now: float) -> Callable[[Match], Match]:
    """What Offramp does for the seats whose time is up."""
    late = [actor for actor, turn in table.turns.items() if turn.until <= now]

    def left(match: Match) -> Match:
        for actor in late:
            match = leave_to_offramp(match, actor)
        return match

    return left


def sight(table: MatchRoom, match: Match, looker: str) -> dict[str, Any]:
    """What one who looks at a table sees of it.

    A seat's sight is made of its view and of its own turn alone.
    """
    crisis = match.board.crisis
    common = {"summary": crisis.summary, "names": {key: actor.name for key, actor in crisis.actors.items()}}
    if looker != FACILITATOR:
        turn = table.turns.get(looker)
        own = {"deadline": None if turn is None else _iso(turn.until), "handed_over": looker in table.handed}
        return view(match, looker).to_dict() | common | own
    due = table.next_due
    deadlines = {actor: _iso(turn.until) for actor, turn in table.turns.items()}
    known = {"deadline": None if due is None else _iso(due), "deadlines": deadlines, "handed_over": list(table.handed)}
    return facilitator_view(match).to_dict() | common | known


def to_json(table: MatchRoom) -> dict[str, Any]:
    """A table as plain values: the form of its file."""
    return {"kind": "offramp table", "format": FORMAT} | asdict(table)


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


_Name = Annotated[str, Field(max_length=200)]
_Moment = Annotated[float, Field(ge=0, le=10**11)]
_Digest = Annotated[str, Field(max_length=200)]
_Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT[0-9:.+]{5,30}$")]


class _TurnShape(_Shape):
    move: _Name
    round: Annotated[int, Field(ge=0, le=10**6)]
    until: _Moment


class _TableShape(_Shape):
    kind: Literal["offramp table"]
    format: Literal[1]
    id: _Name
    title: Annotated[str, Field(max_length=5_000)]
    seats: dict[_Name, Literal["person", "offramp"]]
    started: _Time
    seconds: Annotated[float, Field(gt=0, le=10**6)] | None
    digests: dict[_Name, _Digest]
    record: RecordShape
    finished: _Time | None
    handed: list[_Name]
    turns: dict[_Name, _TurnShape]
    versions: dict[_Name, Annotated[int, Field(ge=0, le=10**9)]]
    shown: dict[_Name, _Digest]

    @model_validator(mode="after")
    def _of_its_seats(self) -> _TableShape:
        people = {actor for actor, player in self.seats.items() if player == "person"}
        if people != set(self.record.seats) or not people >= {*self.handed, *self.turns}:
            raise ValueError("its seats are not those of its match")
        if not {FACILITATOR, *people} == set(self.versions) == set(self.shown) >= set(self.digests):
            raise ValueError("it does not say of every seat what was shown")
        return self


def from_json(found: Any) -> MatchRoom:
    """A table from its file; OfframpError where it is none."""
    try:
        shape = _TableShape.model_validate(found)
        shape.record.crisis.encode()
    except ValueError:
        raise OfframpError(
            "this is no table of a match, it is damaged, or another version of Offramp wrote it"
        ) from None
    values = {name: value for name, value in found.items() if name not in ("kind", "format")}
    turns = {actor: Turn(**turn) for actor, turn in values["turns"].items()}
    return MatchRoom(**values | {"turns": turns, "handed": tuple(values["handed"])})


def _digest(seen: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
