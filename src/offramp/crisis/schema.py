"""The shape of a crisis file: its keys, and the type of each value.

These models make the JSON Schema that editors use (`offramp schema` prints it) and check the shape of a document;
`offramp.crisis.reading` checks what names and expressions mean.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from offramp.crisis.scalars import (
    COUNT_SCHEMA,
    DATE_SCHEMA,
    FORMULA_SCHEMA,
    MAX_OPTIONS,
    Count,
    Date,
    Flag,
    Formula,
    InputName,
    Length,
    Level,
    Name,
    PointCount,
    SourceKey,
    Summand,
    Text,
    Version,
    Word,
    is_flag,
    is_written,
)
from offramp.crisis.text.document import Scalar

STEP_KINDS = ("chance", "move", "tell", "state", "together", "rounds")
MAX_ACTORS = 100
MAX_SUMMANDS = 2_000
"""Maximum number of entries of one `linear`."""
MAX_CASE_COLUMNS = 100
"""Maximum number of columns under `observed` or `counts` of `cases`."""
MAX_CITES = 20
"""Maximum number of cites of one assumption."""

_ROW = {"type": "object", "minProperties": 1, "additionalProperties": FORMULA_SCHEMA}
_OBSERVED = {
    "type": "object",
    "properties": {"date": DATE_SCHEMA, "round": COUNT_SCHEMA},
    "required": ["date"],
    "additionalProperties": {"oneOf": [FORMULA_SCHEMA, {"type": "array", "minItems": 1, "items": FORMULA_SCHEMA}]},
}


def tag(kind: str) -> str:
    """The name of an alternative in the locations of pydantic errors; it cannot be a key of the language."""
    return f"<{kind}>"


OddsRow = Annotated[dict[Word, Formula], Field(min_length=1, max_length=MAX_OPTIONS)]
Odds = Annotated[
    Annotated[OddsRow, Tag(tag("row"))] | Annotated[list[OddsRow], Field(min_length=1), Tag(tag("rows"))],
    Discriminator(lambda value: tag("rows" if isinstance(value, list) else "row")),
    WithJsonSchema({"oneOf": [_ROW, {"type": "array", "minItems": 1, "items": _ROW}]}),
]
Observed = Annotated[
    Annotated[Text, Tag(tag("value"))]
    | Annotated[list[Text], Field(min_length=1, max_length=MAX_OPTIONS), Tag(tag("values"))],
    Discriminator(lambda value: tag("values" if isinstance(value, list) else "value")),
]

Cites = Annotated[
    Annotated[Text, Tag(tag("cite"))]
    | Annotated[list[Text], Field(min_length=1, max_length=MAX_CITES), Tag(tag("cites"))],
    Discriminator(lambda value: tag("cites" if isinstance(value, list) else "cite")),
]


class SchemaPart(BaseModel):
    """Base of every part of a crisis file: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False, defer_build=True)


class Reasoned(SchemaPart):
    """A part that rests on an assumption."""

    because: Text | None = Field(None, description="Why this is assumed, in one line.")
    cite: Cites | None = Field(
        None, description='The passage of a source that supports it, or a list: `SOURCE ¶N` or `SOURCE "phrase"`.'
    )


class Described(SchemaPart):
    """A part that has a name for readers, besides its key."""

    name: Text | None = Field(
        None, description='Its name in sentences: a noun phrase such as "a staged answer". By default its key.'
    )
    says: Text | None = Field(None, description="What it is, in one line.")


class SourcePart(SchemaPart):
    """A document that the crisis rests on."""

    title: Text = Field(description="Its title.")
    author: Text | None = Field(None, description="Who wrote it.")
    date: Date | None = Field(None, description="When it was published.")
    file: Text | None = Field(
        None, description="The file with its text, relative to the crisis file; cites are checked against it."
    )
    url: Text | None = Field(None, description="Its web address.")


class ActorPart(Reasoned):
    """A player."""

    name: Text = Field(description="The name to show.")
    says: Text | None = Field(None, description="What it wants, in one line.")
    memory: Literal["recall", "state"] = Field(
        "recall", description="`recall`: remembers all it has seen; `state`: forgets the steps of earlier rounds."
    )
    rationality: Formula | None = Field(
        None, description="Precision of its logit response, 3 by default: a number, distribution or expression."
    )
    choice: Literal["logit", "probit", "private"] = Field(
        "logit",
        description="How it errs: `logit` responses, `probit` responses, or `private` shocks to each way for play to "
        "end, which it alone knows.",
    )


Numbers = Annotated[
    Annotated[dict[Summand, Formula], Field(min_length=1, max_length=MAX_SUMMANDS), Tag(tag("priors"))]
    | Annotated[Formula, Tag(tag("number"))],
    Discriminator(lambda value: tag("priors" if isinstance(value, dict) else "number")),
]


class InputPart(Described, Reasoned):
    """An uncertain number."""

    distribution: Numbers = Field(
        alias="is",
        description="A number, or uniform, normal, lognormal, beta, triangular, pert or percentiles(p10=, p50=, p90=); "
        "with `linear` also a mapping, the prior of each coefficient.",
    )
    unit: Text | None = Field(None, description="What it is measured in.")
    column: Formula | None = Field(
        None, description="Its value in each recorded case: an expression over the columns of the table of cases."
    )
    levels: Annotated[list[Level], Field(min_length=1, max_length=MAX_OPTIONS)] | None = Field(
        None, description="Of a column of text: its words that are inputs of their own, NAME.WORD, each 1 or 0."
    )
    estimate: Flag | None = Field(
        None, description="`yes` if a fit estimates it from recorded cases; `is` is its prior."
    )
    linear: Annotated[list[Summand], Field(min_length=1, max_length=MAX_SUMMANDS)] | None = Field(
        None, description="A sum of columns times coefficients NAME.COLUMN; 1 is a constant, NAME.1. `is`: their prior."
    )


class CorrelationPart(Reasoned):
    """A correlation of two inputs, by a Gaussian copula."""

    of: list[InputName] = Field(description="Two inputs.", min_length=2, max_length=2)
    rho: Formula = Field(description="Correlation of the two normal scores, between -1 and 1.")


class StepPart(Reasoned):
    """Base of every step."""

    condition: Formula | None = Field(
        None, alias="if", description="It happens only if this holds; otherwise its value is `skipped`."
    )


class OptionPart(Described, Reasoned):
    """An option of a step."""

    value: Formula | None = Field(None, description="Its number, which `value(STEP)` gives if it is taken.")


Option = Annotated[
    Annotated[OptionPart, Tag(tag("option"))] | Annotated[Text, Tag(tag("text"))],
    Discriminator(lambda value: tag("option" if isinstance(value, dict) else "text")),
]


def describes_options(value: object) -> bool:
    """Whether a value is a mapping that says something of each option, other than yes or no."""
    return isinstance(value, dict) and all(
        not isinstance(entry, Scalar) or entry.quoted or (is_written(entry) and not is_flag(entry))
        for entry in value.values()
    )


OptionParts = Annotated[dict[Name, Option], Field(min_length=1, max_length=MAX_OPTIONS)]
Options = Annotated[
    Annotated[list[Name], Field(min_length=1, max_length=MAX_OPTIONS), Tag(tag("list"))]
    | Annotated[OptionParts, Tag(tag("mapping"))],
    Discriminator(lambda value: tag("mapping" if describes_options(value) else "list")),
]


class ChancePart(Described, StepPart):
    """A chance step: nature picks a value."""

    chance: Name = Field(description="The step's key.")
    options: OptionParts | None = Field(
        None,
        description="Its values, if they have names or numbers: a text is the value's name, an unquoted number its "
        "number, a mapping says more.",
    )
    odds: Odds | None = Field(
        None,
        description="Probability of each value, one may be `rest`; or rows: the first row whose `if` holds applies.",
    )
    weights: Odds | None = Field(None, description="Instead of odds: numbers that are normalised to odds.")
    grid: Formula | None = Field(
        None,
        description="Instead of odds: a distribution, of which the step has equally likely points with their numbers.",
    )
    points: PointCount | None = Field(None, description="How many points a grid has; their keys are p1, p2, ...")
    seen_by: list[Name] | None = Field(None, description="Who sees the value; everybody by default, [] for nobody.")
    believed_by: dict[Name, Odds] | None = Field(None, description="An actor's own odds, in the form of the step's.")


class MovePart(Described, StepPart):
    """A move: an actor chooses an option."""

    move: Name = Field(description="The step's key.")
    by: Name = Field(description="The actor who chooses.")
    options: Options = Field(
        description="What it can choose: a list, or a mapping: a text is the option's name, an unquoted number its "
        "number, a mapping says more."
    )
    closed: list[Name] | None = Field(
        None, description="Options that are available only if a pulled lever allows them."
    )
    only_if: dict[Name, Formula] | None = Field(
        None, description="Options that are available only under a condition, which the actor must be able to see."
    )
    seen_by: list[Name] | None = Field(
        None, description="Who sees the choice; everybody by default. The mover always does."
    )


class TellPart(StepPart):
    """A tell: some actors learn an earlier step's value."""

    tell: Name = Field(description="The earlier step.")
    to: list[Name] = Field(description="The actors who learn its value.", min_length=1)


class StatePart(Described, StepPart):
    """A state: a number that changes during play."""

    state: Name = Field(description="The state's key.")
    start: Formula = Field(description="Its value until this entry is first reached.")
    becomes: Formula = Field(description="Its new value, each time this entry is reached.")
    seen_by: list[Name] | None = Field(
        None, description="Who sees it; by default those who see everything that it names."
    )


NamedPart = ChancePart | MovePart | TellPart | StatePart


def step_tag(value: object) -> str | None:
    """The tag of a step's kind, by its key; None if it has no kind."""
    return next((tag(key) for key in value if key in STEP_KINDS), None) if isinstance(value, dict) else None


_ChanceStep = Annotated[ChancePart, Tag(tag("chance"))]
_MoveStep = Annotated[MovePart, Tag(tag("move"))]
_TellStep = Annotated[TellPart, Tag(tag("tell"))]
_StateStep = Annotated[StatePart, Tag(tag("state"))]

SiblingStep = Annotated[_ChanceStep | _MoveStep, Discriminator(step_tag)]


class TogetherPart(SchemaPart):
    """Steps made at the same time: none is seen until all are made."""

    together: list[SiblingStep] = Field(description="Chance steps and moves, at most one move per actor.", min_length=1)
    condition: Formula | None = Field(None, alias="if", description="They happen only if this holds.")


_TogetherStep = Annotated[TogetherPart, Tag(tag("together"))]
RoundStep = Annotated[_ChanceStep | _MoveStep | _TellStep | _StateStep | _TogetherStep, Discriminator(step_tag)]


class RoundsPart(SchemaPart):
    """Steps that repeat."""

    rounds: Count = Field(description="The maximum number of rounds.")
    until: Formula | None = Field(
        None, description="Checked after each round: no further round if it holds. Names only what everyone sees."
    )
    steps: list[RoundStep] = Field(description="The steps of a round.", min_length=1)
    lasts: Length | None = Field(
        None, description="How long a round lasts: `2 weeks`, or days or months; it gives every round its dates."
    )
    start: Date | None = Field(
        None, alias="from", description="The day on which the first round begins; by default `as_of`."
    )
    condition: Formula | None = Field(None, alias="if", description="Rounds are played only if this holds.")


_RoundsStep = Annotated[RoundsPart, Tag(tag("rounds"))]
Step = Annotated[
    _ChanceStep | _MoveStep | _TellStep | _StateStep | _TogetherStep | _RoundsStep, Discriminator(step_tag)
]


class TermPart(Described, Reasoned):
    """A payoff term with its time."""

    pays: Formula = Field(description="The payment.")
    when: Literal["each_round", "end"] | None = Field(
        None, description="`each_round` or `end`; needed if it names anything inside rounds."
    )


Term = Annotated[
    Annotated[TermPart, Tag(tag("term"))] | Annotated[Formula, Tag(tag("expression"))],
    Discriminator(lambda value: tag("term" if isinstance(value, dict) else "expression")),
]


class MeasurePart(Described, Reasoned):
    """A quantity of interest, which is nobody's payoff."""

    amount: Formula = Field(alias="is", description="Its amount.")
    when: Literal["each_round", "end"] | None = Field(
        None, description="`each_round` or `end`; needed if it names anything inside rounds."
    )
    unit: Text | None = Field(None, description="What it is measured in.")


Measure = Annotated[
    Annotated[MeasurePart, Tag(tag("measure"))] | Annotated[Formula, Tag(tag("expression"))],
    Discriminator(lambda value: tag("measure" if isinstance(value, dict) else "expression")),
]


class EndingPart(Described, Reasoned):
    """An ending that has a name or a reason, or that is to be avoided."""

    condition: Formula = Field(alias="if", description="It is reached if this holds; the last may be `otherwise`.")
    avoid: Flag | None = Field(None, description="`yes` if it is to be kept from happening.")


Ending = Annotated[
    Annotated[EndingPart, Tag(tag("ending"))] | Annotated[Formula, Tag(tag("expression"))],
    Discriminator(lambda value: tag("ending" if isinstance(value, dict) else "expression")),
]


class LeverPart(Described, Reasoned):
    """A named intervention."""

    set: dict[InputName, Formula] | None = Field(
        None, description="Inputs and their new values, which may name the old values."
    )
    forbid: dict[Name, list[Name]] | None = Field(None, description="Moves, and their options that are forbidden.")
    allow: dict[Name, list[Name]] | None = Field(None, description="Moves, and their closed options that are opened.")
    commit: dict[Name, Name] | None = Field(
        None, description="Moves, and the option to which the actor is committed wherever it is available."
    )
    cost: Formula | None = Field(None, description="Its cost, a number.")


Record = Annotated[dict[Word, Observed], Field(max_length=MAX_OPTIONS)]


class CasesPart(SchemaPart):
    """What each row of a table of past crises records."""

    observed: (
        Annotated[
            dict[Word, Annotated[dict[Word, Record], Field(min_length=1, max_length=MAX_OPTIONS)]],
            Field(min_length=1, max_length=MAX_CASE_COLUMNS),
        ]
        | None
    ) = Field(
        None,
        description="Columns, and what each of their cells says of play: steps (STEP@ROUND inside rounds) and their "
        "values, or `ending`. An empty cell says nothing.",
    )
    counts: Annotated[dict[Word, Record], Field(min_length=1, max_length=MAX_CASE_COLUMNS)] | None = Field(
        None, description="Instead of `observed`: columns that count how often something was seen, and what it was."
    )
    cluster: Text | None = Field(None, description="The column whose equal cells mark cases that belong together.")
    time: Text | None = Field(None, description="The column with the time of each case, such as the year.")
    count: Text | None = Field(None, description="The column that says how often each row was seen.")


class CrisisPart(SchemaPart):
    """A crisis: who acts, what each can do, sees and wants, and which numbers are uncertain."""

    format: Version = Field(description="The version of this format: 1.")
    title: Text = Field(description="The crisis in a few words.")
    as_of: Date | None = Field(None, description="The date up to which the file knows what happened.")
    summary: Text | None = Field(None, description="What happened, in a sentence or two.")
    sources: dict[SourceKey, SourcePart] = Field(default_factory=dict, description="The documents it rests on.")
    actors: dict[Name, ActorPart] = Field(description="The players.", min_length=1, max_length=MAX_ACTORS)
    inputs: dict[Name, InputPart] = Field(default_factory=dict, description="The uncertain numbers.")
    correlations: list[CorrelationPart] = Field(default_factory=list, description="Correlated inputs.")
    let: dict[Name, Formula] = Field(default_factory=dict, description="Names for expressions used more than once.")
    timeline: list[Step] = Field(description="The steps, in order.", min_length=1)
    payoffs: dict[Name, dict[Name, Term]] = Field(
        default_factory=dict, description="What each actor gains and loses, by named terms."
    )
    measures: dict[Name, Measure] = Field(default_factory=dict, description="Quantities of interest.")
    endings: dict[Name, Ending] = Field(
        description="Classes of outcomes: the first whose condition holds applies; the last may be `otherwise`.",
        min_length=1,
    )
    levers: dict[Name, LeverPart] = Field(default_factory=dict, description="Interventions to try.")
    observed: list[Annotated[dict[Word, Observed], WithJsonSchema(_OBSERVED)]] = Field(
        default_factory=list, description="What has happened since then, with dates."
    )
    cases: CasesPart | None = Field(None, description="What each row of a table of past crises records.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a crisis file."""
    schema: dict[str, Any] = CrisisPart.model_json_schema(by_alias=True)
    parts = [schema, *schema["$defs"].values()]
    for properties in [part["properties"] for part in parts]:
        for name, field in properties.items():
            properties[name] = _without_null(field)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Offramp crisis"}


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field without null: a key can be left out, but not empty."""
    choices: list[dict[str, Any]] = [choice for choice in field.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) != 1:
        return field
    return choices[0] | {key: value for key, value in field.items() if key not in ("anyOf", "default")}


@cache
def all_keys() -> frozenset[str]:
    """Every key of the language."""
    pending: list[type[SchemaPart]] = [SchemaPart]
    keys: set[str] = set()
    while pending:
        part = pending.pop()
        keys |= {field.alias or name for name, field in part.model_fields.items()}
        pending += part.__subclasses__()
    return frozenset(keys)
