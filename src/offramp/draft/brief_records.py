"""A brief: what a reader, a person or a language model, found in a document, as lists of flat records.

Each record says what it claims, and gives the words of the document that it rests on or says that it is ours.
`offramp.draft.brief_text` writes the crisis file of a brief.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from offramp.common.printable import printable
from offramp.common.texts import shown_later
from offramp.crisis.editor.new_keys import fits_as_key
from offramp.crisis.scalars import MAX_NAME, MAX_ROUNDS

MAX_TITLE, MAX_LABEL, MAX_SAYS, MAX_QUOTE, MAX_EXPRESSION = 160, 120, 400, 1_000, 2_000
FEW, SOME, MANY = 24, 80, 300
"""Maximum number of actors or endings; of moves, steps or inputs; of options, odds or payoff terms."""
MAX_PARAGRAPH = 1_000_000


def _line(value: object) -> object:
    """A text on one line without control characters; a number as text; anything else as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return " ".join(printable(value).split()) if isinstance(value, str) else value


def _key(value: str) -> str:
    if not fits_as_key(value):
        message = "a key has letters, digits and _, no digit first, and is no word of the language"
        raise PydanticCustomError("key", message)
    return value


_LINE = BeforeValidator(_line)
Label = Annotated[str, _LINE, StringConstraints(min_length=1, max_length=MAX_LABEL)]
Claim = Annotated[str, _LINE, StringConstraints(min_length=1, max_length=MAX_SAYS)]
Quoted = Annotated[str, _LINE, StringConstraints(max_length=MAX_QUOTE)]
Expr = Annotated[str, _LINE, StringConstraints(min_length=1, max_length=MAX_EXPRESSION)]
OptionalExpr = Annotated[str, _LINE, StringConstraints(max_length=MAX_EXPRESSION)]
Key = Annotated[str, _LINE, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(_key)]
Keys = Annotated[tuple[Key, ...], Field(max_length=FEW)]

EVERYONE = "everyone"
"""In `seen_by`: every actor sees it."""


class BriefPart(BaseModel):
    """Base of all parts of a brief: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Record(BriefPart):
    """What is claimed, and the words of the document that it rests on; without a quote it is `ours`."""

    says: Claim = Field(description=shown_later("The claim, in one plain line."))
    quote: Quoted = Field("", description="The words of the document that say so, copied letter by letter.")
    para: int | None = Field(None, ge=1, le=MAX_PARAGRAPH, description="The number of the paragraph with the quote.")
    ours: bool = Field(False, description="true if no words of the document say so.")

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.ours == bool(self.quote):
            message = "give the words of the document in `quote`, with `para`, or say `ours: true`; not both"
            raise PydanticCustomError("support", message)
        if self.quote and self.para is None:
            raise PydanticCustomError("support", "`para` is the number of the paragraph with the quote")
        return self

    @property
    def id(self) -> str:
        """The record's name within its list."""
        return str(getattr(self, "key"))  # noqa: B009  (every kind has a key, or a property of its own)


class ActorRecord(Record):
    """Who acts."""

    key: Key
    name: Label
    wants: Annotated[str, _LINE, StringConstraints(max_length=MAX_SAYS)] = Field(
        "", description=shown_later("What it wants.")
    )


class MoveRecord(Record):
    """A choice that an actor has to make."""

    key: Key
    name: Label
    by: Key = Field(description=shown_later("The key of the actor."))


class UnknownRecord(Record):
    """What nobody chooses: a fact that some do not know, or a chance event."""

    key: Key
    name: Label


class OptionRecord(Record):
    """An option of a move, or a value of an unknown."""

    of: Key = Field(description="The key of the move or of the unknown.")
    key: Key
    name: Label
    value: OptionalExpr = Field("", description=shown_later("Its number, if it has one, such as a price."))

    @property
    def id(self) -> str:
        return f"{self.of}.{self.key}"


class StepRecord(Record):
    """An entry of the timeline, in the order of play."""

    kind: Literal["move", "chance", "tell", "state"]
    key: Key = Field(description="The move, the unknown, or a new key for a tell or a state.")
    of: Annotated[str, _LINE, StringConstraints(max_length=MAX_NAME)] = Field(
        "", description=shown_later("tell: the step told.")
    )
    to: Keys = Field((), description=shown_later("tell: the actors who learn it."))
    happens_if: OptionalExpr = Field("", description=shown_later("The condition; empty: always."))
    seen_by: Keys = Field((EVERYONE,), description=shown_later('["everyone"], a list of actors, or [] for nobody.'))
    together: Annotated[str, _LINE, StringConstraints(max_length=MAX_NAME)] = Field(
        "", description=shown_later("The same word on neighbouring steps that are made at the same time.")
    )
    in_rounds: bool = Field(
        False, description=shown_later("true if it repeats in each round; these steps are neighbours.")
    )
    name: Annotated[str, _LINE, StringConstraints(max_length=MAX_LABEL)] = Field(
        "", description=shown_later("state: its name.")
    )
    start: OptionalExpr = Field("", description=shown_later("state: its value at the start."))
    becomes: OptionalExpr = Field("", description=shown_later("state: its new value."))


class RestrictionRecord(Record):
    """An option of a move that is not always available."""

    of: Key = Field(description="The move.")
    option: Key
    only_if: OptionalExpr = Field("", description=shown_later("The condition under which it is available."))
    closed: bool = Field(False, description=shown_later("true if it is available only after a lever allows it."))

    @property
    def id(self) -> str:
        return f"{self.of}.{self.option}"


class InputRecord(Record):
    """A number that nobody knows well."""

    key: Key
    name: Label
    value: Expr = Field(alias="is", description=shown_later("A number or a distribution, such as triangular(4, 6, 9)."))
    unit: Annotated[str, _LINE, StringConstraints(max_length=MAX_LABEL)] = ""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class OddsRecord(Record):
    """The odds of one value of an unknown, under a condition or always."""

    key: Key = Field(description="A key of its own.")
    step: Key = Field(description=shown_later("The unknown."))
    option: Key
    odds: Expr = Field(description=shown_later("An expression over inputs and earlier steps, or rest."))
    when: OptionalExpr = Field("", description=shown_later("The condition of this row of odds; empty: otherwise."))
    believed_by: Annotated[str, _LINE, StringConstraints(max_length=MAX_NAME)] = Field(
        "", description=shown_later("The actor who believes in these odds; empty: the analyst's odds.")
    )


class StakeRecord(Record):
    """A payoff term: what an actor gains or loses."""

    actor: Key
    key: Key
    name: Label
    pays: Expr
    when: Literal["once", "each_round", "end"] = "once"

    @property
    def id(self) -> str:
        return f"{self.actor}.{self.key}"


class EndingRecord(Record):
    """A class of outcomes; the first whose condition holds counts."""

    key: Key
    name: Label
    condition: Expr = Field(alias="if", description=shown_later("The condition; otherwise for the last ending."))
    avoid: bool = Field(False, description=shown_later("true if it is to be kept from happening."))

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class LeverRecord(Record):
    """An intervention that could be tried."""

    key: Key
    name: Label
    cost: OptionalExpr = ""


class NamedExpression(BriefPart):
    """A name for an expression that is used more than once."""

    key: Key
    value: Expr = Field(alias="is")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @property
    def id(self) -> str:
        return self.key


class LeverAct(BriefPart):
    """What a lever does to one input or one move."""

    lever: Key
    act: Literal["set", "forbid", "allow", "commit"]
    on: Key = Field(description="The input that is set, or the move.")
    value: Expr = Field(description="set: the new value, which may name the old one; otherwise: an option.")

    @property
    def id(self) -> str:
        return f"{self.lever}.{self.act}.{self.on}.{self.value}"


class RepeatedSteps(BriefPart):
    """How often the steps with `in_rounds` are repeated at most."""

    count: int = Field(ge=1, le=MAX_ROUNDS)
    until: OptionalExpr = Field("", description="No further round if it holds.")


class LeftOutRecord(Record):
    """What the document says and the model leaves out."""

    key: Key


class Note(BriefPart):
    """A remark to the person who reviews."""

    says: Claim


class DraftBrief(BriefPart):
    """The records of a document, by kind."""

    title: Annotated[str, _LINE, StringConstraints(max_length=MAX_TITLE)] = ""
    summary: Annotated[str, _LINE, StringConstraints(max_length=MAX_SAYS)] = ""
    actors: tuple[ActorRecord, ...] = Field((), max_length=FEW)
    moves: tuple[MoveRecord, ...] = Field((), max_length=SOME)
    unknowns: tuple[UnknownRecord, ...] = Field((), max_length=SOME)
    options: tuple[OptionRecord, ...] = Field((), max_length=MANY)
    steps: tuple[StepRecord, ...] = Field((), max_length=SOME)
    rounds: RepeatedSteps | None = None
    restrictions: tuple[RestrictionRecord, ...] = Field((), max_length=SOME)
    inputs: tuple[InputRecord, ...] = Field((), max_length=SOME)
    odds: tuple[OddsRecord, ...] = Field((), max_length=MANY)
    lets: tuple[NamedExpression, ...] = Field((), max_length=SOME)
    stakes: tuple[StakeRecord, ...] = Field((), max_length=MANY)
    endings: tuple[EndingRecord, ...] = Field((), max_length=FEW)
    levers: tuple[LeverRecord, ...] = Field((), max_length=FEW)
    lever_acts: tuple[LeverAct, ...] = Field((), max_length=SOME)
    left_out: tuple[LeftOutRecord, ...] = Field((), max_length=SOME)
    notes: tuple[Note, ...] = Field((), max_length=SOME)


KINDS = tuple(name for name, field in DraftBrief.model_fields.items() if name not in ("title", "summary", "rounds"))
"""The kinds of records, which are the names of the lists of a brief."""
WITH_NUMBERS = frozenset({"inputs", "odds"})
"""The kinds of records whose numbers a document may give."""
ON_OUR_SCALE = frozenset({"stakes", "levers"})
"""The kinds of records whose numbers are on the scale of the payoffs, which is the analyst's."""
CHOSEN = ("move", "chance")
"""The kinds of steps that have a move or an unknown."""
PLAYED = frozenset({"moves", "unknowns", "options", "steps", "restrictions", "odds"})
"""The kinds of records that make up what is played."""


def entries_of(brief: DraftBrief, kinds: Iterable[str] = KINDS) -> Iterator[tuple[str, BriefPart]]:
    """Every entry of the lists of these kinds with its id, such as `options.answer.staged`; a note has its number."""
    for kind in kinds:
        for number, entry in enumerate(getattr(brief, kind), start=1):
            yield f"{kind}.{number if isinstance(entry, Note) else entry.id}", entry


def claims_of(brief: DraftBrief) -> dict[str, Record]:
    """The records that claim something, which a person reads, by id."""
    return {id_: entry for id_, entry in entries_of(brief) if isinstance(entry, Record)}


def kind_of(id_: str) -> str:
    """The kind of record of an id."""
    return id_.partition(".")[0]
