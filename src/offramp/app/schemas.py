"""What requests hold: strict shapes, within bounds, no key that means nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FILE_BYTES = 2_000_000
"""The largest crisis file."""
NODES = 200_000
"""The largest game that the workbench compiles."""


class RequestBody(BaseModel):
    """A body of a request."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


Path = Annotated[str, Field(min_length=1, max_length=1000)]
Text = Annotated[str, Field(max_length=FILE_BYTES)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = float
"""No word, no `true`, and finite."""


class CrisisText(RequestBody):
    """A crisis file as it stands in an editor; it need not be saved."""

    path: Path
    text: Text


class ScenarioRequest(CrisisText):
    """A crisis file with values for inputs, levers pulled, and a rationality for all actors."""

    given: dict[Name, Number] = Field(default_factory=dict, max_length=1000)
    levers: tuple[Name, ...] = Field(default=(), max_length=100, strict=False)
    rationality: Number | None = None
