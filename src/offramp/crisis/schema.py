"""The shape of a crisis file: its keys, and what stands where.

These models say what an editor needs to know (`offramp schema` prints their JSON Schema) and check
the shape of a document; what the words mean is checked in `offramp.crisis.reading`.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from offramp.crisis.document import Items, Scalar
from offramp.crisis.expression import OPERATOR_WORDS, SKIPPED
from offramp.crisis.faults import nearest

STEP_KINDS = ("chance", "move", "tell", "state", "together", "rounds")
RESERVED = OPERATOR_WORDS | {"rest", "otherwise", SKIPPED, "round", "date"}
MAX_ROUNDS = 1000


def _fault(expected: str, value: object, hint: str = "") -> PydanticCustomError:
    found = f"'{value}'" if isinstance(value, Scalar) else "a list" if isinstance(value, Items) else "a mapping"
    if isinstance(value, Scalar) and not value:
        found = "nothing"
    return PydanticCustomError("crisis", "{text}", {"text": f"expected {expected}, found {found}{hint}"})


def _scalar(expected: str) -> Any:
    def check(value: object) -> Scalar:
        if not isinstance(value, Scalar) or (not value.strip() and not value.quoted):
            raise _fault(expected, value)
        return value

    return PlainValidator(check)


def _name(value: object) -> Scalar:
    if not isinstance(value, Scalar) or not value.isidentifier():
        raise _fault("a name of letters, digits and _", value)
    if value in RESERVED:
        raise PydanticCustomError("crisis", "{text}", {"text": f"'{value}' is a word of the language and cannot be a name"})
    return value


def _identifier(value: object) -> Scalar:
    """A name used as a source's key, where hyphens are welcome."""
    if not isinstance(value, Scalar) or not value.replace("-", "_").replace(".", "_").isidentifier():
        raise _fault("a short key of letters, digits, - and _", value)
    return value


def date(value: object) -> Scalar:
    try:
        if isinstance(value, Scalar):
            datetime.date.fromisoformat(value)
            return value
    except ValueError:
        pass
    raise _fault("a date such as 2031-03-02", value)


def _whole(value: object) -> int:
    if isinstance(value, Scalar) and value.isascii() and value.isdecimal() and len(value) <= 9 and 1 <= int(value) <= MAX_ROUNDS:
        return int(value)
    raise _fault(f"a whole number from 1 to {MAX_ROUNDS}", value)


_TEXT_SCHEMA = {"type": ["string", "number", "boolean"]}
_NAME_SCHEMA = {"type": "string", "pattern": r"^[^\W\d]\w*$"}

Text = Annotated[Scalar, _scalar("text"), WithJsonSchema(_TEXT_SCHEMA)]
Formula = Annotated[Scalar, _scalar("an expression"), WithJsonSchema(_TEXT_SCHEMA)]
Name = Annotated[Scalar, PlainValidator(_name), WithJsonSchema(_NAME_SCHEMA)]
Key = Annotated[Scalar, PlainValidator(_identifier), WithJsonSchema({"type": "string"})]
Date = Annotated[Scalar, PlainValidator(date), WithJsonSchema({"type": "string", "format": "date"})]
Count = Annotated[int, PlainValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_ROUNDS})]

Word = Annotated[Scalar, PlainValidator(lambda value: value), WithJsonSchema({"type": "string"})]

OddsRow = dict[Word, Formula]
Odds = Annotated[
    Annotated[OddsRow, Tag("one row")] | Annotated[list[OddsRow], Tag("rows")],
    Discriminator(lambda value: "rows" if isinstance(value, list) else "one row"),
]

_FORMULA = {"type": ["string", "number", "boolean"]}
_ROW_SCHEMA = {"type": "object", "minProperties": 1, "additionalProperties": _FORMULA}
OddsField = Annotated[
    Odds,
    WithJsonSchema({"oneOf": [_ROW_SCHEMA, {"type": "array", "minItems": 1, "items": _ROW_SCHEMA}]}),
]


class Part(BaseModel):
    """What every part of a crisis file has in common: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Reasoned(Part):
    """A part that rests on an assumption."""

    because: Text | None = Field(None, description="In one line, why this is assumed.")
    cite: Text | None = Field(None, description='Where a source says so: `SOURCE ¶N` or `SOURCE "phrase"`.')


class SourcePart(Part):
    """A document that the crisis rests on."""

    title: Text = Field(description="Its title.")
    author: Text | None = Field(None, description="Who wrote it.")
    date: Date | None = Field(None, description="When it was published.")
    file: Text | None = Field(None, description="Its text, relative to the crisis file; cites are checked where the file is there.")
    url: Text | None = Field(None, description="Where it can be found.")


class ActorPart(Reasoned):
    """A player."""

    name: Text = Field(description="The name to show.")
    memory: Literal["recall", "state"] = Field(
        "recall", description="`recall`: all it has seen; `state`: it forgets the steps of earlier rounds."
    )
    rationality: Formula | None = Field(None, description="Precision of its logit response: a number, distribution or expression over inputs; 3 by default.")


class InputPart(Reasoned):
    """An uncertain number."""

    distribution: Formula = Field(
        alias="is",
        description="A number, or uniform, normal, lognormal, beta, triangular, pert or percentiles(p10=, p50=, p90=).",
    )


class CorrelationPart(Reasoned):
    """A rank correlation of two inputs, by a Gaussian copula."""

    of: list[Name] = Field(description="Two inputs.", min_length=2, max_length=2)
    rho: Formula = Field(description="Correlation of the two normal scores, between -1 and 1.")


class StepPart(Reasoned):
    """What every step may have."""

    condition: Formula | None = Field(None, alias="if", description="The step happens only if this holds; otherwise its value is `skipped`.")


class ChancePart(StepPart):
    """A chance step: nature picks a value."""

    chance: Name = Field(description="The step's name.")
    odds: OddsField | None = Field(None, description="Probability of each value, one may be `rest`; or rows, the first whose `if` holds counts.")
    weights: OddsField | None = Field(None, description="Instead of odds: numbers that are normalised to odds.")
    seen_by: list[Name] | None = Field(None, description="The actors who see the value; everybody by default, [] for nobody.")
    believed_by: dict[Name, OddsField] | None = Field(None, description="An actor's own odds, in the form of the step's own.")


class MovePart(StepPart):
    """A move: an actor chooses an option."""

    move: Name = Field(description="The step's name.")
    by: Name = Field(description="The actor who chooses.")
    options: list[Name] = Field(description="What it can choose.", min_length=1)
    only_if: dict[Name, Formula] | None = Field(None, description="Options that are open only under a condition that the actor can see.")
    seen_by: list[Name] | None = Field(None, description="The actors who see the choice; everybody by default. The mover always does.")


class TellPart(StepPart):
    """A tell: some actors learn an earlier step's value."""

    tell: Name = Field(description="The earlier step.")
    to: list[Name] = Field(description="The actors who learn its value.", min_length=1)


class StatePart(StepPart):
    """A state: a number carried along."""

    state: Name = Field(description="The state's name.")
    start: Formula = Field(description="Its value until this entry is first reached.")
    becomes: Formula = Field(description="Its new value, each time this entry is reached.")
    seen_by: list[Name] | None = Field(None, description="The actors who see it; by default those who see everything it names.")


class TogetherPart(Part):
    """Steps of which nothing is seen until all are made."""

    together: list[Step] = Field(description="Chance steps and moves, at most one move per actor.", min_length=1)
    condition: Formula | None = Field(None, alias="if", description="They happen only if this holds.")


class RoundsPart(Part):
    """Steps that repeat."""

    rounds: Count = Field(description="How often at most.")
    until: Formula | None = Field(None, description="Read at a round's end: no further round if it holds. Names only what everyone sees.")
    steps: list[Step] = Field(description="The steps of a round.", min_length=1)
    condition: Formula | None = Field(None, alias="if", description="Rounds are played only if this holds.")


def step_kind(value: object) -> str | None:
    """Which of the six kinds a step is, by its key."""
    if isinstance(value, dict):
        return next((kind for kind in STEP_KINDS if kind in value), None)
    return None


Step = Annotated[
    Annotated[ChancePart, Tag("chance")]
    | Annotated[MovePart, Tag("move")]
    | Annotated[TellPart, Tag("tell")]
    | Annotated[StatePart, Tag("state")]
    | Annotated[TogetherPart, Tag("together")]
    | Annotated[RoundsPart, Tag("rounds")],
    Discriminator(step_kind),
]


class TermPart(Reasoned):
    """A payoff term with its time."""

    pays: Formula = Field(description="The payment.")
    when: Literal["each_round", "end"] | None = Field(None, description="`each_round` or `end`; needed where it names anything inside rounds.")


Term = Annotated[
    Annotated[TermPart, Tag("term")] | Annotated[Formula, Tag("expression")],
    Discriminator(lambda value: "term" if isinstance(value, dict) else "expression"),
]


class LeverPart(Reasoned):
    """A named intervention."""

    set: dict[Name, Formula] | None = Field(None, description="Inputs and their new values, which may name the old.")
    forbid: dict[Name, list[Name]] | None = Field(None, description="Moves, and the options taken away.")
    cost: Formula | None = Field(None, description="What it costs, a number.")


ObservedField = Annotated[
    dict[Word, Text],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"date": {"type": "string", "format": "date"}, "round": {"type": "integer", "minimum": 1}},
            "required": ["date"],
            "additionalProperties": {"type": ["string", "number"]},
        }
    ),
]


class CrisisPart(Part):
    """A crisis: who acts, what each can do, sees and wants, and which numbers are uncertain."""

    format: Annotated[Scalar, _scalar("1"), WithJsonSchema({"const": 1})] = Field(description="The version of this format: 1.")
    title: Text = Field(description="The crisis in a few words.")
    as_of: Date | None = Field(None, description="The day whose knowledge the file holds.")
    summary: Text | None = Field(None, description="What happened, in a sentence or two.")
    sources: dict[Key, SourcePart] = Field(default_factory=dict, description="The documents it rests on.")
    actors: dict[Name, ActorPart] = Field(description="The players.", min_length=1)
    inputs: dict[Name, InputPart] = Field(default_factory=dict, description="The uncertain numbers.")
    correlations: list[CorrelationPart] = Field(default_factory=list, description="Correlated inputs.")
    let: dict[Name, Formula] = Field(default_factory=dict, description="Names for expressions used more than once.")
    timeline: list[Step] = Field(description="The steps, in order.", min_length=1)
    payoffs: dict[Name, dict[Name, Term]] = Field(default_factory=dict, description="What each actor gains and loses, by named terms.")
    endings: dict[Name, Formula] = Field(description="Classes of outcomes; the first whose condition holds, the last may be `otherwise`.", min_length=1)
    levers: dict[Name, LeverPart] = Field(default_factory=dict, description="Interventions to try.")
    observed: list[ObservedField] = Field(default_factory=list, description="What has happened since, dated.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a crisis file."""
    schema = CrisisPart.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Offramp crisis"
    return schema
