"""The file of a model's plays: a line for what all share, then a line for each play as it finishes.

A line is written whole or does not count. The file may come from a stranger: what is read is bounded, and a play counts
only if it comes out again as it is recorded (`played_again.outcome_of`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.file_lock import held
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.value_mistakes import first_mistake
from offramp.common.words import cut, listed
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.crisis.model import Crisis
from offramp.draft.inquiry_state import MAX_SHORT, Count, Short, Usage
from offramp.play.model_seat import MAX_SAID, TRIES, ModelPlay, SeatMove
from offramp.play.own_draws import MOST_PLAYS, OwnDraws
from offramp.runs.store.json_shapes import Digest, JsonShape, Seed
from offramp.runs.store.manifest import now_of

MOST_BYTES = 200_000_000
"""A larger file is not one of plays."""
_MOST_MOVES = 10_000
_Key = Annotated[str, Field(max_length=200)]
_Shape = TypeVar("_Shape", bound=JsonShape)
_OF_ONE_KIND = ("crisis_sha256", "seats", "model", "host", "seed", "levers", "given", "rationality", "now")
"""What all plays of a file have alike."""


class _Now(JsonShape):
    outset: list[_Key]
    supposed: dict[_Key, list[_Key]]


class PlaysHeader(JsonShape):
    """What all plays of a file share: the game, the seats and the seed, and which model at which server played."""

    kind: Literal["offramp plays of a model"]
    format: Literal[1]
    about: Short
    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL)]
    host: Short
    seats: list[_Key]
    seed: Seed
    crisis_sha256: Digest
    levers: list[_Key]
    given: dict[_Key, float]
    rationality: float | None
    now: _Now | None


class _Move(JsonShape):
    actor: _Key
    move: _Key
    round: Annotated[int, Field(ge=0, le=10**6)]
    option: _Key | None
    invalid: list[Annotated[str, Field(max_length=MAX_SAID)]] = Field([], max_length=TRIES)


class _Play(JsonShape):
    play: Annotated[int, Field(ge=0, lt=MOST_PLAYS)]
    moves: Annotated[list[_Move], Field(max_length=_MOST_MOVES)]
    ending: _Key | None
    calls: Count
    input_tokens: Count
    output_tokens: Count


@dataclass(frozen=True)
class KeptPlays:
    """What a file holds; `is_torn`: its last line was not written whole, and does not count."""

    header: PlaysHeader
    plays: tuple[ModelPlay, ...]
    is_torn: bool


def header_of(draws: OwnDraws, seats: Sequence[str], model: str, host: str) -> PlaysHeader:
    """The first line of a file of plays."""
    crisis = draws.game.crisis
    now = now_of(crisis)
    return PlaysHeader(
        kind="offramp plays of a model",
        format=1,
        about=about(crisis, seats, model),
        model=model,
        host=host,
        seats=list(seats),
        seed=draws.seed,
        crisis_sha256=hashlib.sha256(crisis.text.encode("utf-8", "surrogatepass")).hexdigest(),
        levers=list(crisis.pulled),
        given=dict(draws.given),
        rationality=draws.rationality,
        now=None if now is None else _Now.model_validate(now),
    )


def about(crisis: Crisis, seats: Iterable[str], model: str) -> str:
    """What such data say, in a sentence that stands with them everywhere."""
    names = cut(printable(listed((crisis.actors[actor].name for actor in seats), last="or")), 80)
    said = tr("Data about the model {model} in this game, not about {actors}.", model=cut(model, 60), actors=names)
    return cut(said, MAX_SHORT)


def check_same(path: Path, kept: PlaysHeader, asked: PlaysHeader) -> None:
    """Raise UsageError if the plays of a file are not of the kind that is asked for."""
    differing = [name for name in _OF_ONE_KIND if getattr(kept, name) != getattr(asked, name)]
    if differing:
        words = {
            "crisis_sha256": "the crisis's file",
            "seats": "the model's seats",
            "model": f"the model ({printable(kept.model)})",
            "host": f"the server ({printable(kept.host)})",
            "seed": f"the seed ({kept.seed})",
            "levers": "the pulled levers",
            "given": "the inputs that are set",
            "rationality": "the rationality",
            "now": "what is observed or supposed",
        }
        others = listed(words[name] for name in differing)
        raise UsageError(f"{path} holds plays that differ in {others}: name another file with --out")


def read_plays(path: Path) -> KeptPlays:
    """Read a file of plays.

    Raises
    ------
    OfframpError
        If it cannot be read or is not such a file; the message names the file and the line.
    """
    try:
        content = read_bounded(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    *lines, rest = content.split(b"\n")
    if not lines:
        raise OfframpError(f"{path}: this is no file of plays of a model")
    if len(lines) > MOST_PLAYS + 1:
        raise OfframpError(f"{path}: it has {len(lines) - 1:,} plays; at most {MOST_PLAYS:,} are read")
    header = _validated(path, 1, lines[0], PlaysHeader)
    plays: dict[int, ModelPlay] = {}
    for number, line in enumerate(lines[1:], start=2):
        play = _play(_validated(path, number, line, _Play))
        if play.number in plays:
            raise OfframpError(f"{path}: line {number}: play {play.number} stands twice")
        plays[play.number] = play
    return KeptPlays(header, tuple(plays[number] for number in sorted(plays)), bool(rest))


def begin_plays(path: Path, header: PlaysHeader, plays: Iterable[ModelPlay] = ()) -> None:
    """Write a file of plays whole: a new one, or one whose last line was torn; raises OfframpError if it cannot be."""
    lines = [header.model_dump_json(), *map(_line, plays)]
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, "".join(f"{line}\n" for line in lines).encode())


def keep_play(path: Path, play: ModelPlay) -> None:
    """Add a play to a file; raises OfframpError if it cannot be written."""
    with _writing(path), path.open("ab") as file:
        file.write(f"{_line(play)}\n".encode())


def one_writer(path: Path) -> AbstractContextManager[None]:
    """Let no other process add plays to the file; UsageError if one does."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    busy = f"another process adds plays to {path}; name another file with --out"
    return held(path.with_name(f".{path.name}.lock"), 0.0, path, busy)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OfframpError(f"cannot write {path}: {error.strerror or error}") from None


def _line(play: ModelPlay) -> str:
    moves = [
        {"actor": made.actor, "move": made.move, "round": made.round, "option": made.option}
        | ({"invalid": list(made.invalid)} if made.invalid else {})
        for made in play.moves
    ]
    used = {name: getattr(play.usage, name) for name in ("calls", "input_tokens", "output_tokens")}
    return json.dumps({"play": play.number, "moves": moves, "ending": play.ending, **used}, ensure_ascii=False)


def _play(found: _Play) -> ModelPlay:
    moves = tuple(SeatMove(made.actor, made.move, made.round, made.option, tuple(made.invalid)) for made in found.moves)
    used = Usage(calls=found.calls, input_tokens=found.input_tokens, output_tokens=found.output_tokens)
    return ModelPlay(found.play, moves, found.ending, used)


def _validated(path: Path, number: int, line: bytes, shape: type[_Shape]) -> _Shape:
    content = None
    try:
        content = json_of(line)
        return shape.model_validate(content)
    except ValidationError as error:
        what = printable(first_mistake(error, content))[:300]
        raise OfframpError(f"{path}: line {number} is damaged: {what}") from None
    except ValueError as error:
        raise OfframpError(f"{path}: line {number} is damaged: {error}") from None
