"""A match room: a match with its players, its saved form and its changes.

A room is an immutable value. A viewer is a seat, named by its actor, or `FACILITATOR`. For each viewer the room counts
the changes of that viewer's view only: from the count, or by waiting for it, a viewer learns nothing that the view does
not show.
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
    """A seat's turn: the move, and its deadline `until`, in seconds since 1970."""

    move: str
    round: int
    until: float


@dataclass(frozen=True)
class MatchRoom:
    """A match and its players.

    `record`: the match, as `record_of` gives it. `digests`: digest of the token by viewer. `handed`: seats handed over
    to Offramp. `seconds`: time for each choice, or None. `versions`, `shown`: by viewer, how often the view has
    changed, and its digest.
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
        """The seats given to people."""
        return tuple(actor for actor, player in self.seats.items() if player == "person")

    @property
    def next_due(self) -> float | None:
        """The earliest deadline of a turn, if any."""
        return min((turn.until for turn in self.turns.values()), default=None)


def with_match(room: MatchRoom, match: Match, now: float) -> tuple[MatchRoom, Match]:
    """The room with a new state of its match: Offramp plays the seats handed to it, and changed views are counted."""
    while handed := [actor for actor in awaiting(match) if actor in room.handed]:
        match = leave_to_offramp(match, handed[0])
    turns = {}
    if room.seconds is not None:
        for actor, question in questions(match).items():
            before = room.turns.get(actor)
            same = before is not None and (before.move, before.round) == (question.move, question.round)
            until = before.until if before is not None and same else now + room.seconds
            turns[actor] = Turn(question.move, question.round, until)
    finished = room.finished or (_iso(now) if match.finished else None)
    after = replace(room, record=record_of(match), turns=turns, finished=finished)
    shown = {viewer: _digest(view_of(after, match, viewer)) for viewer in (FACILITATOR, *after.people)}
    versions = {
        viewer: room.versions.get(viewer, 0) + (digest != room.shown.get(viewer)) for viewer, digest in shown.items()
    }
    return replace(after, shown=shown, versions=versions), match


def leave_late_seats(room: MatchRoom, now: float) -> Callable[[Match], Match]:
    """A function that lets Offramp choose for the seats whose time is up."""
    late = [actor for actor, turn in room.turns.items() if turn.until <= now]

    def choose_for_late(match: Match) -> Match:
        for actor in late:
            match = leave_to_offramp(match, actor)
        return match

    return choose_for_late


def view_of(room: MatchRoom, match: Match, viewer: str) -> dict[str, Any]:
    """A viewer's view of a room; a seat's view depends only on what its actor knows and on its own turn."""
    crisis = match.board.crisis
    common = {"summary": crisis.summary, "names": {key: actor.name for key, actor in crisis.actors.items()}}
    if viewer != FACILITATOR:
        turn = room.turns.get(viewer)
        own = {"deadline": None if turn is None else _iso(turn.until), "handed_over": viewer in room.handed}
        return view(match, viewer).to_dict() | common | own
    due = room.next_due
    deadlines = {actor: _iso(turn.until) for actor, turn in room.turns.items()}
    all_seats = {
        "deadline": None if due is None else _iso(due),
        "deadlines": deadlines,
        "handed_over": list(room.handed),
    }
    return facilitator_view(match).to_dict() | common | all_seats


def to_json(room: MatchRoom) -> dict[str, Any]:
    """The content of a room's file."""
    return {"kind": "offramp table", "format": FORMAT} | asdict(room)


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


class _RoomShape(_Shape):
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
    def _matches_seats(self) -> _RoomShape:
        people = {actor for actor, player in self.seats.items() if player == "person"}
        if people != set(self.record.seats) or not people >= {*self.handed, *self.turns}:
            raise ValueError("its seats are not those of its match")
        if not {FACILITATOR, *people} == set(self.versions) == set(self.shown) >= set(self.digests):
            raise ValueError("it does not record for every seat what was shown")
        return self


def from_json(content: Any) -> MatchRoom:
    """A room from the content of its file; OfframpError if it is invalid."""
    try:
        shape = _RoomShape.model_validate(content)
        shape.record.crisis.encode()
    except ValueError:
        raise OfframpError("this is not a match file, it is damaged, or another version of Offramp wrote it") from None
    values = {name: value for name, value in content.items() if name not in ("kind", "format")}
    turns = {actor: Turn(**turn) for actor, turn in values["turns"].items()}
    return MatchRoom(**values | {"turns": turns, "handed": tuple(values["handed"])})


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
