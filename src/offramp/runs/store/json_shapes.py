"""Schemas of a run's small files: the manifest, the marker of a finished run, and a line of the log.

A run may come from an untrusted source or a failing disk. A file that does not match its schema, with every number
within bounds, is reported as damaged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from offramp.common.bounded import json_of, read_bounded
from offramp.common.value_mistakes import first_mistake
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.runs.sampling import MAX_DRAWS, SEEDS

Count = Annotated[int, Field(ge=0, le=10**15)]
Draws = Annotated[int, Field(ge=1, le=MAX_DRAWS)]
Nodes = Annotated[int, Field(ge=1, le=10**9)]
Seed = Annotated[int, Field(ge=0, lt=SEEDS)]
Word = Annotated[str, Field(max_length=5_000)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Share = float | None
"""A number; None if no draw converged."""


class JsonShape(BaseModel):
    """Base of all schemas: no key may be missing, unknown or of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class NowShape(JsonShape):
    """See `offramp.runs.store.manifest.now_of`."""

    outset: list[Word]
    supposed: dict[Word, list[Word]]


class DraftShape(JsonShape):
    """See `offramp.crisis.draft_standing.DraftStanding`."""

    model: Annotated[str, Field(max_length=MAX_MODEL)]
    read: Count
    total: Count


class ManifestShape(JsonShape):
    """See `offramp.runs.store.manifest.manifest_of`."""

    format: Literal[1]
    title: Word
    crisis: Word
    sha256: Digest
    sources: dict[Word, Digest | None]
    cites_checked: Count
    levers: list[Word]
    inputs: dict[Word, Word]
    draws: Draws
    seed: Seed
    chunk: Literal[1024]
    max_nodes: Nodes | None
    command: Annotated[str, Field(max_length=100_000)]
    size: dict[Word, Count | dict[Word, Count]]
    versions: dict[Word, Word]
    host: dict[Word, Word]
    now: NowShape | None = None
    keep: Literal["strategies"] = "strategies"
    until: Annotated[float, Field(gt=0, lt=1)] = 0.5
    most: Draws = MAX_DRAWS
    draft: DraftShape | None = None
    """`now`, `keep`, `until` and `most` are in the file only if they were asked for; `draft` only if the crisis was a
    draft that nobody had read whole."""

    @model_validator(mode="after")
    def _consistent(self) -> ManifestShape:
        if ("until" in self.model_fields_set) != ("most" in self.model_fields_set) or self.draws > self.most:
            raise ValueError("until and most go together, and draws is at most `most`")
        return self


class _Interval(JsonShape):
    mean: Share
    p05: Share
    p50: Share
    p95: Share


class _Unconverged(JsonShape):
    draw: Count
    inputs: dict[Word, Share]


class _Until(JsonShape):
    asked: Annotated[float, Field(gt=0, lt=1)]
    reached: bool
    most: Draws
    errors: dict[Word, Share]


class MarkerShape(JsonShape):
    """The marker of a finished run: see `Run.to_dict` and `offramp.runs.until`."""

    endings: dict[Word, _Interval]
    draws: Draws
    converged: Count
    status: dict[Word, Count]
    traced: dict[Word, Count]
    unconverged: list[_Unconverged]
    seed: Seed
    until: _Until | None = None
    sha256: dict[Word, Digest]


class LineShape(JsonShape):
    """A line of the log."""

    at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")]
    event: Annotated[str, Field(max_length=100)]
    seconds: Annotated[float, Field(ge=0, le=10**10)]
    draws: Count = 0


S = TypeVar("S", bound=JsonShape)


def checked(shape: type[S], value: Any) -> S:
    """Check a value against its schema; ValueError, which names the first mistake, if it does not match."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise ValueError(first_mistake(error, value)) from None


def read_small(path: Path, max_bytes: int) -> Any:
    """The value of a JSON file; ValueError, which says why, if it cannot be read or is not JSON."""
    try:
        return json_of(read_bounded(path, max_bytes))
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None
