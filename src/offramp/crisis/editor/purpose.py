"""The purpose of the words at a spot: keys, actors, options of a step, an expression over some of the names.

The schema says which key a spot belongs to (`spot`). The rules of the language for the words there are here, for
completion and hover.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from offramp.crisis.editor.declared_names import DeclaredNames, Named, has_key, kind_of
from offramp.crisis.editor.spot import Spot
from offramp.crisis.editor.text_tree import Mapping, Word, words
from offramp.crisis.input_parts import CasesPart, InputPart
from offramp.crisis.text.document import MAX_DEPTH

Kind = Literal[
    "key", "actor", "step", "move", "input", "option", "row", "observed", "source", "distribution", "rationality",
    "expression", "literal", "summand", "record", "ending", "new", "text",
]  # fmt: skip


@dataclass(frozen=True)
class Purpose:
    """The purpose of the words at a spot.

    `step` is the step whose options they are; `words` are the allowed words of the language; `facts` the steps and
    states that an expression may name; `inputs` and `round` say whether it may name those too.
    """

    kind: Kind
    step: str | None = None
    words: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    inputs: bool = False
    round: bool = False


NEW = Purpose("new")
TEXT = Purpose("text")
_ACTORS, _INPUTS, _SOURCES = Purpose("actor"), Purpose("input"), Purpose("source")
_BY_FIELD: dict[tuple[str, str], Purpose] = {
    ("MovePart", "by"): _ACTORS,
    ("MovePart", "seen_by"): _ACTORS,
    ("ChancePart", "seen_by"): _ACTORS,
    ("StatePart", "seen_by"): _ACTORS,
    ("TellPart", "to"): _ACTORS,
    ("CorrelationPart", "of"): _INPUTS,
    ("InputPart", "is"): Purpose("distribution"),
    ("InputPart", "column"): Purpose("expression"),
    ("InputPart", "linear"): Purpose("summand"),
    ("ChancePart", "grid"): Purpose("distribution"),
    ("ActorPart", "rationality"): Purpose("rationality", inputs=True),
    ("CrisisPart", "format"): Purpose("literal", words=("1",)),
}


_RECORD_DEPTH = {"observed": 2, "counts": 1}
"""How many keys lie between a key of `cases` and those of a record."""


def purpose_of(spot: Spot, names: DeclaredNames) -> Purpose:
    """The purpose of the words at a spot."""
    if spot.field is None:
        return Purpose("key")
    if spot.field == "cite":
        return _SOURCES
    if spot.role == "key":
        return _of_key(spot)
    if spot.part is InputPart and spot.field == "is" and has_key(spot.at, "levels"):
        assert spot.at is not None
        return Purpose("literal", words=tuple(word.text for word in words(spot.at.get("levels"))))
    return _BY_FIELD.get((spot.part.__name__, spot.field)) or _of_literal(spot.types) or _of_value(spot, names)


def _of_literal(types: tuple[Any, ...]) -> Purpose | None:
    literal = next((kind for kind in types if get_origin(kind) is Literal), None)
    return None if literal is None else Purpose("literal", words=get_args(literal))


def _of_key(spot: Spot) -> Purpose:
    depth = len([key for key in spot.below if key is not None])
    if spot.part is CasesPart:
        return Purpose("record", words=("ending",)) if depth == _RECORD_DEPTH.get(spot.field or "") else TEXT
    match spot.field, depth:
        case "is", 0:
            return Purpose("summand")
        case (("odds" | "weights"), 0):
            return Purpose("row", step=own_name(spot), words=_row_words(spot))
        case "believed_by", 0:
            return _ACTORS
        case "believed_by", 1:
            return Purpose("row", step=own_name(spot), words=_row_words(spot))
        case "only_if", 0:
            return Purpose("option", step=own_name(spot))
        case "set", 0:
            return _INPUTS
        case (("forbid" | "allow" | "commit"), 0):
            return Purpose("move")
        case "payoffs", 0:
            return _ACTORS
        case "observed", 0:
            return Purpose("observed", words=("date", "round"))
    return NEW


def _row_words(spot: Spot) -> tuple[str, ...]:
    """The words allowed in a row of odds: `if` in a list of rows."""
    return ("if",) if None in spot.below else ()


def _of_value(spot: Spot, names: DeclaredNames) -> Purpose:
    below = [key for key in spot.below if key is not None]
    everything, rounds = tuple(names.steps), bool(names.blocks)
    if spot.part is CasesPart:
        if len(below) <= _RECORD_DEPTH.get(spot.field or "", MAX_DEPTH):
            return TEXT
        return Purpose("ending") if below[-1] == "ending" else Purpose("option", step=below[-1].partition("@")[0])
    match spot.field:
        case "tell":
            return Purpose("step", facts=_known(spot, names))
        case "if" | "until" | "becomes" | "start" | "only_if":
            facts, started = _known(spot, names), spot.field == "start"
            return Purpose("expression", facts=facts, round=rounds and not started)
        case "odds" | "weights" | "believed_by":
            if below[-1:] == ["if"]:
                return Purpose("expression", facts=_known(spot, names), round=rounds)
            weighted = isinstance(spot.at, Mapping) and "weights" in spot.at.keys()  # noqa: SIM118
            rest = () if weighted or spot.field == "weights" else ("rest",)
            return Purpose("expression", facts=_known(spot, names), inputs=True, round=rounds, words=rest)
        case "set":
            return Purpose("expression", inputs=True)
        case "closed":
            return Purpose("option", step=own_name(spot))
        case "forbid" | "allow" | "commit":
            return Purpose("option", step=below[0]) if below else NEW
        case "pays" | "payoffs" | "let" | "measures" | "is":
            return Purpose("expression", facts=everything, inputs=True, round=rounds)
        case "endings":
            return Purpose("expression", facts=everything, round=rounds, words=("otherwise",))
        case "observed":
            return Purpose("option", step=below[0]) if below and below[0] in names.steps else TEXT
        case "options" | "chance" | "move" | "state":
            return NEW
    return TEXT


def own_name(spot: Spot) -> str | None:
    """The name of the step that a spot belongs to."""
    kind = kind_of(spot.step) if spot.step is not None else None
    word = spot.step.get(kind) if spot.step is not None and kind else None
    return word.text if isinstance(word, Word) else None


def _known(spot: Spot, names: DeclaredNames) -> tuple[str, ...]:
    """The steps and states that have a value at the spot: earlier ones, and states whose start names no step."""
    here = spot.step
    if here is None:
        return tuple(names.steps)
    own = own_name(spot)
    limit = here.end if spot.field == "until" else here.start
    containers = next((step.inside for step in names.steps.values() if step.part is here), ())
    rounds_start = next((block.start for block in containers if kind_of(block) == "rounds"), None)

    def has_value(step: Named) -> bool:
        if step.name == own:
            return spot.field == "becomes"
        if spot.field == "start":
            return step.part.start < (limit if rounds_start is None else rounds_start)
        together = step.inside[-1] if step.inside and kind_of(step.inside[-1]) == "together" else None
        before = step.part.start < limit and together not in containers
        return before or (step.kind == "state" and not _start_names_step(step, names))

    return tuple(step.name for step in names.steps.values() if has_value(step))


def _start_names_step(state: Named, names: DeclaredNames) -> bool:
    """Whether the `start` of a state names a step or let, so that the state may have no value yet."""
    start = " ".join(word.text for word in words(state.part.get("start")))
    return any(name in names.steps or name in names.let for name in re.findall(r"\w+", start))


def siblings_of(spot: Spot) -> set[str]:
    """The other words in the same list or mapping."""
    if isinstance(spot.owner, Mapping):
        return {entry.key.text for entry in spot.owner.entries if entry.key is not spot.word}
    items = spot.owner.items if spot.owner is not None else []
    return {item.text for item in items if isinstance(item, Word) and item is not spot.word}
