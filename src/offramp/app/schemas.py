"""Schemas of requests: strict types, within bounds, no unknown keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FILE_BYTES = 2_000_000
"""Maximum size of a crisis file."""
DOCUMENT_BYTES = 8_000_000
"""Maximum size of a document from which a crisis is drafted."""
NODES = 200_000
"""Maximum number of nodes of a game that the workbench compiles."""


class RequestBody(BaseModel):
    """Base of all request bodies."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


Path = Annotated[str, Field(min_length=1, max_length=1000)]
Text = Annotated[str, Field(max_length=FILE_BYTES)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = float
"""A finite number; strict mode rejects strings and booleans."""


class CrisisText(RequestBody):
    """The text of a crisis file in the editor, saved or not."""

    path: Path
    text: Text


class ScenarioRequest(CrisisText):
    """A crisis text with fixed inputs, pulled levers, and one rationality for all actors, if given."""

    given: dict[Name, Number] = Field(default_factory=dict, max_length=1000)
    levers: tuple[Name, ...] = Field(default=(), max_length=100, strict=False)
    rationality: Number | None = None


class MomentRequest(ScenarioRequest):
    """A scenario from the outset or, with `now` or anything supposed, as of now; `supposed`: values by STEP[@ROUND]."""

    now: bool = False
    supposed: dict[Name, Name] = Field(default_factory=dict, max_length=100)
