"""Arguments that several tools share: a crisis file, what is set, pulled and supposed in it, and as of when."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from offramp.app.schemas import Name, Number, Path, RequestBody

File = Annotated[
    Path,
    Field(
        description=(
            "A crisis file in the folder, such as crisis.yaml or harbour/crisis.yaml; or one that comes with Offramp,"
            " such as shipped:tehran-2024"
        )
    ),
]


class Moment(RequestBody):
    """As of when an answer is."""

    now: bool = Field(default=False, description="As of the last observed event, not from the outset")
    suppose: dict[Name, Name] = Field(
        default_factory=dict,
        max_length=100,
        description=(
            "What if: steps that are supposed to have gone so, as STEP or STEP@ROUND, each with the key of its option,"
            " several as a|b, or skipped; the answer is then as of after the last of them"
        ),
    )


class ScenarioArguments(Moment):
    """A crisis file, and what is set, pulled and supposed in it."""

    file: File
    set: dict[Name, Number] = Field(
        default_factory=dict, max_length=1000, description="Values of inputs, by key, in place of their medians"
    )
    levers: tuple[Name, ...] = Field(default=(), max_length=100, description="Keys of levers to pull")
    rationality: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="One rationality for all actors, in place of their own"
    )
