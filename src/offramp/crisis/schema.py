"""The shape of a crisis file: its keys, and the type of each value.

`shapes` checks a document against these parts, and `json_schema` writes them as the JSON Schema that editors use;
`reading` checks what names and expressions mean.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from offramp.crisis.input_parts import CasesPart, CorrelationPart, InputPart, Observed
from offramp.crisis.reasoned_parts import Described, Reasoned
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
    Label,
    Length,
    Name,
    PointCount,
    SourceKey,
    Text,
    Version,
    Word,
    is_flag,
    is_written,
)
from offramp.crisis.shapes import OneOf, SchemaPart, Sizes, Tag, Written, key, tag
from offramp.crisis.text.document import Scalar

STEP_KINDS = ("chance", "move", "tell", "state", "together", "rounds")
MAX_ACTORS = 100

_ROW = {"type": "object", "minProperties": 1, "additionalProperties": FORMULA_SCHEMA}
_OBSERVED = {
    "type": "object",
    "properties": {"date": DATE_SCHEMA, "round": COUNT_SCHEMA},
    "required": ["date"],
    "additionalProperties": {"oneOf": [FORMULA_SCHEMA, {"type": "array", "minItems": 1, "items": FORMULA_SCHEMA}]},
}

OddsRow = Annotated[dict[Word, Formula], Sizes(1, MAX_OPTIONS)]
Odds = Annotated[
    Annotated[OddsRow, Tag(tag("row"))] | Annotated[list[OddsRow], Sizes(1), Tag(tag("rows"))],
    OneOf(lambda value: tag("rows" if isinstance(value, list) else "row")),
    Written({"oneOf": [_ROW, {"type": "array", "minItems": 1, "items": _ROW}]}),
]


class SourcePart(SchemaPart):
    """A document that the crisis rests on."""

    title: Label = key("Its title.")
    author: Text | None = key("Who wrote it.", default=None)
    date: Date | None = key("When it was published.", default=None)
    file: Text | None = key(
        "The file with its text, relative to the crisis file; cites are checked against it.", default=None
    )
    url: Text | None = key("Its web address.", default=None)


class ActorPart(Reasoned):
    """A player."""

    name: Label = key("The name to show.")
    says: Text | None = key("What it wants, in one line.", default=None)
    memory: Literal["recall", "state"] = key(
        "`recall`: remembers all it has seen; `state`: forgets the steps of earlier rounds.", default="recall"
    )
    rationality: Formula | None = key(
        "Precision of its logit response, 3 by default: a number, distribution or expression.", default=None
    )
    choice: Literal["logit", "probit", "private"] = key(
        "How it errs: `logit` responses, `probit` responses, or `private` shocks to each way for play to "
        "end, which it alone knows.",
        default="logit",
    )


class StepPart(Reasoned):
    """Base of every step."""

    condition: Formula | None = key(
        "It happens only if this holds; otherwise its value is `skipped`.", default=None, word="if"
    )


class OptionPart(Described, Reasoned):
    """An option of a step."""

    value: Formula | None = key("Its number, which `value(STEP)` gives if it is taken.", default=None)


Option = Annotated[
    Annotated[OptionPart, Tag(tag("option"))] | Annotated[Label, Tag(tag("text"))],
    OneOf(lambda value: tag("option" if isinstance(value, dict) else "text")),
]


def describes_options(value: object) -> bool:
    """Whether a value is a mapping that says something of each option, other than yes or no."""
    return isinstance(value, dict) and all(
        not isinstance(entry, Scalar) or entry.quoted or (is_written(entry) and not is_flag(entry))
        for entry in value.values()
    )


OptionParts = Annotated[dict[Name, Option], Sizes(1, MAX_OPTIONS)]
Options = Annotated[
    Annotated[list[Name], Sizes(1, MAX_OPTIONS), Tag(tag("list"))] | Annotated[OptionParts, Tag(tag("mapping"))],
    OneOf(lambda value: tag("mapping" if describes_options(value) else "list")),
]


class ChancePart(Described, StepPart):
    """A chance step: nature picks a value."""

    chance: Name = key("The step's key.")
    options: OptionParts | None = key(
        "Its values, if they have names or numbers: a text is the value's name, an unquoted number its "
        "number, a mapping says more.",
        default=None,
    )
    odds: Odds | None = key(
        "Probability of each value, one may be `rest`; or rows: the first row whose `if` holds applies.", default=None
    )
    weights: Odds | None = key("Instead of odds: numbers that are normalised to odds.", default=None)
    grid: Formula | None = key(
        "Instead of odds: a distribution, of which the step has equally likely points with their numbers.", default=None
    )
    points: PointCount | None = key("How many points a grid has; their keys are p1, p2, ...", default=None)
    seen_by: list[Name] | None = key("Who sees the value; everybody by default, [] for nobody.", default=None)
    believed_by: dict[Name, Odds] | None = key("An actor's own odds, in the form of the step's.", default=None)


class MovePart(Described, StepPart):
    """A move: an actor chooses an option."""

    move: Name = key("The step's key.")
    by: Name = key("The actor who chooses.")
    options: Options = key(
        "What it can choose: a list, or a mapping: a text is the option's name, an unquoted number its "
        "number, a mapping says more."
    )
    closed: list[Name] | None = key("Options that are available only if a pulled lever allows them.", default=None)
    only_if: dict[Name, Formula] | None = key(
        "Options that are available only under a condition, which the actor must be able to see.", default=None
    )
    seen_by: list[Name] | None = key("Who sees the choice; everybody by default. The mover always does.", default=None)


class TellPart(StepPart):
    """A tell: some actors learn an earlier step's value."""

    tell: Name = key("The earlier step.")
    to: Annotated[list[Name], Sizes(1)] = key("The actors who learn its value.")


class StatePart(Described, StepPart):
    """A state: a number that changes during play."""

    state: Name = key("The state's key.")
    start: Formula = key("Its value until this entry is first reached.")
    becomes: Formula = key("Its new value, each time this entry is reached.")
    seen_by: list[Name] | None = key("Who sees it; by default those who see everything that it names.", default=None)


NamedPart = ChancePart | MovePart | TellPart | StatePart


def step_tag(value: object) -> str | None:
    """The tag of a step's kind, by its key; None if it has no kind."""
    return next((tag(key) for key in value if key in STEP_KINDS), None) if isinstance(value, dict) else None


_ChanceStep = Annotated[ChancePart, Tag(tag("chance"))]
_MoveStep = Annotated[MovePart, Tag(tag("move"))]
_TellStep = Annotated[TellPart, Tag(tag("tell"))]
_StateStep = Annotated[StatePart, Tag(tag("state"))]

SiblingStep = Annotated[_ChanceStep | _MoveStep, OneOf(step_tag)]


class TogetherPart(SchemaPart):
    """Steps made at the same time: none is seen until all are made."""

    together: Annotated[list[SiblingStep], Sizes(1)] = key("Chance steps and moves, at most one move per actor.")
    condition: Formula | None = key("They happen only if this holds.", default=None, word="if")


_TogetherStep = Annotated[TogetherPart, Tag(tag("together"))]
RoundStep = Annotated[_ChanceStep | _MoveStep | _TellStep | _StateStep | _TogetherStep, OneOf(step_tag)]


class RoundsPart(SchemaPart):
    """Steps that repeat."""

    rounds: Count = key("The maximum number of rounds.")
    until: Formula | None = key(
        "Checked after each round: no further round if it holds. Names only what everyone sees.", default=None
    )
    steps: Annotated[list[RoundStep], Sizes(1)] = key("The steps of a round.")
    lasts: Length | None = key(
        "How long a round lasts: `2 weeks`, or days or months; it gives every round its dates.", default=None
    )
    start: Date | None = key("The day on which the first round begins; by default `as_of`.", default=None, word="from")
    condition: Formula | None = key("Rounds are played only if this holds.", default=None, word="if")


_RoundsStep = Annotated[RoundsPart, Tag(tag("rounds"))]
Step = Annotated[_ChanceStep | _MoveStep | _TellStep | _StateStep | _TogetherStep | _RoundsStep, OneOf(step_tag)]


class TermPart(Described, Reasoned):
    """A payoff term with its time."""

    pays: Formula = key("The payment.")
    when: Literal["each_round", "end"] | None = key(
        "`each_round` or `end`; needed if it names anything inside rounds.", default=None
    )


Term = Annotated[
    Annotated[TermPart, Tag(tag("term"))] | Annotated[Formula, Tag(tag("expression"))],
    OneOf(lambda value: tag("term" if isinstance(value, dict) else "expression")),
]


class MeasurePart(Described, Reasoned):
    """A quantity of interest, which is nobody's payoff."""

    amount: Formula = key("Its amount.", word="is")
    when: Literal["each_round", "end"] | None = key(
        "`each_round` or `end`; needed if it names anything inside rounds.", default=None
    )
    unit: Label | None = key("What it is measured in.", default=None)


Measure = Annotated[
    Annotated[MeasurePart, Tag(tag("measure"))] | Annotated[Formula, Tag(tag("expression"))],
    OneOf(lambda value: tag("measure" if isinstance(value, dict) else "expression")),
]


class EndingPart(Described, Reasoned):
    """An ending that has a name or a reason, or that is to be avoided."""

    condition: Formula = key("It is reached if this holds; the last may be `otherwise`.", word="if")
    avoid: Flag | None = key("`yes` if it is to be kept from happening.", default=None)


Ending = Annotated[
    Annotated[EndingPart, Tag(tag("ending"))] | Annotated[Formula, Tag(tag("expression"))],
    OneOf(lambda value: tag("ending" if isinstance(value, dict) else "expression")),
]


class LeverPart(Described, Reasoned):
    """A named intervention."""

    set: dict[InputName, Formula] | None = key(
        "Inputs and their new values, which may name the old values.", default=None
    )
    forbid: dict[Name, list[Name]] | None = key("Moves, and their options that are forbidden.", default=None)
    allow: dict[Name, list[Name]] | None = key("Moves, and their closed options that are opened.", default=None)
    commit: dict[Name, Name] | None = key(
        "Moves, and the option to which the actor is committed wherever it is available.", default=None
    )
    cost: Formula | None = key("Its cost, a number.", default=None)


class CrisisPart(SchemaPart):
    """A crisis: who acts, what each can do, sees and wants, and which numbers are uncertain."""

    format: Version = key("The version of this format: 1.")
    title: Label = key("The crisis in a few words.")
    as_of: Date | None = key("The date up to which the file knows what happened.", default=None)
    summary: Text | None = key("What happened, in a sentence or two.", default=None)
    sources: dict[SourceKey, SourcePart] = key("The documents it rests on.", default_factory=dict)
    actors: Annotated[dict[Name, ActorPart], Sizes(1, MAX_ACTORS)] = key("The players.")
    inputs: dict[Name, InputPart] = key("The uncertain numbers.", default_factory=dict)
    correlations: list[CorrelationPart] = key("Correlated inputs.", default_factory=list)
    let: dict[Name, Formula] = key("Names for expressions used more than once.", default_factory=dict)
    timeline: Annotated[list[Step], Sizes(1)] = key("The steps, in order.")
    payoffs: dict[Name, dict[Name, Term]] = key(
        "What each actor gains and loses, by named terms.", default_factory=dict
    )
    measures: dict[Name, Measure] = key("Quantities of interest.", default_factory=dict)
    endings: Annotated[dict[Name, Ending], Sizes(1)] = key(
        "Classes of outcomes: the first whose condition holds applies; the last may be `otherwise`."
    )
    levers: dict[Name, LeverPart] = key("Interventions to try.", default_factory=dict)
    observed: list[Annotated[dict[Word, Observed], Written(_OBSERVED)]] = key(
        "What has happened since then, with dates.", default_factory=list
    )
    cases: CasesPart | None = key("What each row of a table of past crises records.", default=None)


@cache
def all_keys() -> frozenset[str]:
    """Every key of the language."""
    pending: list[type[SchemaPart]] = [SchemaPart]
    keys: set[str] = set()
    while pending:
        part = pending.pop()
        keys |= {one.word for one in part.keys}
        pending += part.__subclasses__()
    return frozenset(keys)
