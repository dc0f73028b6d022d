"""Matches on disk: one JSON file each, with the crisis's text, written whole or not at all.

The choices of people and the seed are enough to replay a match; a match that is read is replayed and must come out as
recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.common.value_mistakes import first_mistake
from offramp.crisis.faults import CrisisError
from offramp.crisis.reading import read_text
from offramp.play.board import Board, set_up
from offramp.play.match import MOST_SEED, Match, begin, choose, leave_to_offramp
from offramp.runs.store.manifest import as_run, now_of

FORMAT = 1
KIND = "offramp match"
MOST_BYTES = 20_000_000
"""A larger file is not a match."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


_Round = Annotated[int, Field(ge=0, le=10**6)]
_Share = Annotated[float, Field(ge=0, le=1.000001)]


class _Chosen(_Strict):
    step: str
    round: _Round
    option: str
    actor: str
    by: str


class _Made(_Strict):
    step: str
    round: _Round
    value: str
    actor: str | None
    by: str
    probability: _Share


class _Moment(_Strict):
    outset: list[str]
    supposed: dict[str, list[str]]


class RecordShape(_Strict):
    """The contents of a match's file."""

    kind: str
    format: int
    file: Annotated[str, Field(pattern=r"^[^/\\\x00]{1,300}$")]
    crisis: str
    levers: list[str]
    given: dict[str, float]
    rationality: float | None
    seed: Annotated[int, Field(ge=0, lt=MOST_SEED)]
    seats: list[str]
    entries: list[_Made]
    pending: list[_Chosen]
    ending: str | None
    now: _Moment | None = None


def record_of(match: Match) -> dict[str, Any]:
    """A match as plain values, as its file contains it; `now` only of a match that began as of now."""
    board = match.board
    now = now_of(board.crisis)
    return {
        "kind": KIND,
        "format": FORMAT,
        "file": Path(board.crisis.path).name,
        "levers": list(board.crisis.pulled),
        "given": dict(board.given),
        "rationality": board.rationality,
        "seed": match.seed,
        "seats": list(match.seats),
        "entries": [dict(vars(entry)) for entry in match.entries],
        "pending": [dict(vars(choice)) for choice in match.pending],
        "ending": match.ending,
        "crisis": board.crisis.text,
    } | ({} if now is None else {"now": now})


def match_of(record: Mapping[str, Any], *, board: Board | None = None, max_nodes: int | None = None) -> Match:
    """The match of a record, replayed from its seed and the choices that people made.

    Parameters
    ----------
    record
        From `record_of`.
    board
        A board to use if it belongs to the record; otherwise one is set up.
    max_nodes
        The largest game to compile.

    Raises
    ------
    OfframpError
        If it is not a record of a match, or does not come out as recorded because it was changed or written by another
        version of Offramp.
    """
    if record.get("kind") != KIND:
        raise OfframpError("this is no saved match of Offramp")
    if record.get("format") != FORMAT:
        raise OfframpError(f"this match has format {record.get('format')!r}; this version of Offramp reads {FORMAT}")
    try:
        saved = RecordShape.model_validate(dict(record))
    except ValidationError as error:
        raise OfframpError(f"the saved match is damaged: {printable(first_mistake(error, record))}") from None
    if board is None or not is_board_of(board, record):
        crisis = as_run(read_text(saved.crisis.encode("utf-8", "surrogatepass"), saved.file), saved.model_dump())
        board = set_up(crisis, given=saved.given, rationality=saved.rationality, max_nodes=max_nodes)
    match = _replayed(saved, board)
    if _compared(record_of(match)) != _compared(saved.model_dump()):
        raise OfframpError(_CHANGED)
    return match


def is_board_of(board: Board, record: Mapping[str, Any]) -> bool:
    """Whether a board has the crisis, the levers and the numbers of a record."""
    crisis = board.crisis
    same = (crisis.text, list(crisis.pulled)) == (record["crisis"], record["levers"])
    given = (dict(board.given), board.rationality) == (record["given"], record["rationality"])
    return same and given and now_of(crisis) == record.get("now")


def write_match(match: Match, path: Path) -> None:
    """Write a match to a file, replacing what is there and making folders: whole or not at all.

    Raises
    ------
    OfframpError
        If the file cannot be written; the old file then stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(record_of(match), ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise OfframpError(f"cannot write {path}: {error.strerror or error}") from None


def read_match(path: Path, *, board: Board | None = None, max_nodes: int | None = None) -> Match:
    """Read a match from its file; see `match_of`.

    Raises
    ------
    OfframpError
        If the file cannot be read, is not a match, or is damaged; the message begins with its name.
    """
    try:
        content = read_bounded(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        record = json_of(content)
    except ValueError as error:
        raise OfframpError(f"{path}: this is no saved match of Offramp, or it is damaged: {error}") from None
    if not isinstance(record, dict):
        raise OfframpError(f"{path}: this is no saved match of Offramp")
    try:
        return match_of(record, board=board, max_nodes=max_nodes)
    except CrisisError:
        raise
    except OfframpError as error:
        raise OfframpError(f"{path}: {error}") from None


_CHANGED = (
    "the saved match does not come out again as it was recorded: the file was changed, or another version of Offramp"
    " wrote it"
)


def _replayed(saved: RecordShape, board: Board) -> Match:
    ahead = [made for made in saved.entries if made.by != "past"]
    by_people = [(made.actor, made.value, made.by) for made in ahead if made.actor in saved.seats]
    by_people += [(chosen.actor, chosen.option, chosen.by) for chosen in saved.pending]
    try:
        match = begin(board, saved.seats, saved.seed)
        for actor, option, by in by_people:
            assert actor is not None
            match = leave_to_offramp(match, actor) if by == "offramp" else choose(match, actor, option)
    except UsageError:
        raise OfframpError(_CHANGED) from None
    return match


def _compared(record: Mapping[str, Any]) -> dict[str, Any]:
    """What must come out again: not the file's name, nor odds, whose last digit may differ between machines."""
    entries = [{key: value for key, value in entry.items() if key != "probability"} for entry in record["entries"]]
    kept = {key: value for key, value in record.items() if key != "file" and (key != "now" or value is not None)}
    return kept | {"entries": entries}
