"""Completion at the cursor of a text being typed: keys, names, options and distributions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from offramp.crisis import schema
from offramp.crisis.editor import vocabulary
from offramp.crisis.editor.declared_names import DeclaredNames, names_of
from offramp.crisis.editor.descriptions import describe, option_naming
from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.editor.purpose import Purpose, own_name, purpose_of, siblings_of
from offramp.crisis.editor.spot import STEP_PARTS, Spot, slots, spot_at, wants_list
from offramp.crisis.editor.text_tree import Listing
from offramp.crisis.editor.tolerant import tree_of
from offramp.crisis.expressions.expression import FUNCTIONS, OPERATOR_WORDS, SKIPPED, VALUE
from offramp.crisis.input_parts import CasesPart, InputPart
from offramp.crisis.text.document import MAX_BYTES

MAX_ITEMS = 200
_CURSOR = "\ue000"
"""A private-use character that marks the word at the cursor."""
_WORD = re.compile(r"\w*")
_DOTTED = re.compile(r"[\w.]*")
_SOURCE = re.compile(r"[\w.-]*")
_COMPARED = re.compile(r"(?P<step>[^\W\d]\w*)\s*(?:==|!=)\s*\w*\Z")
_LISTED = re.compile(r"(?P<step>[^\W\d]\w*)\s+(?:not\s+)?in\s*\[(?P<before>[^\[\]]*)\Z")
_VALUE = re.compile(r"\bvalue\(\s*\w*\Z")
_OPERAND = re.compile(r"(?:\w|\))\s+\w*\Z")
_LOOK_BACK = 500
_PATTERNS = {"source": _SOURCE, **dict.fromkeys(("expression", "rationality", "input", "summand"), _DOTTED)}
"""The words that are completed, by the purpose of the place."""


@dataclass(frozen=True)
class Item:
    """One completion: `insert` is the text to insert, `snippet` the same with placeholders."""

    label: str
    kind: str
    detail: str = ""
    info: str = ""
    insert: str = ""
    snippet: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        fields = {"label": self.label, "kind": self.kind, "detail": self.detail, "info": self.info}
        return {**fields, "insert": self.insert or self.label, "snippet": self.snippet}


@dataclass(frozen=True)
class Completions:
    """Completions for the text from `start` to `end`, in UTF-16 units, the likeliest first."""

    start: int
    end: int
    items: tuple[Item, ...]

    def to_dict(self) -> dict[str, object]:
        return {"from": self.start, "to": self.end, "items": [item.to_dict() for item in self.items]}


def complete(text: str, offset: int) -> Completions:
    r"""The completions at `offset` (UTF-16 units) of a text, even if the text is broken.

    Examples
    --------
    >>> [item.label for item in complete("actors:\n  north: {me", 21).items]
    ['memory', 'name']
    """
    offsets = Offsets(text)
    cursor = offsets.characters(offset)
    nothing = Completions(offsets.units(cursor), offsets.units(cursor), ())
    if len(text) > MAX_BYTES:
        return nothing
    marked = f"{text[:cursor].replace(_CURSOR, ' ')}{_CURSOR}{text[cursor:].replace(_CURSOR, ' ')}"
    tree = tree_of(marked)
    spot = spot_at(tree, cursor)
    if spot is None or not spot.word.start <= cursor < spot.word.end:
        return nothing
    names = names_of(tree)
    purpose = purpose_of(spot, names)
    pattern = _PATTERNS.get(purpose.kind, _WORD)
    line = max(offsets.starts[offsets.line(cursor)], cursor - _LOOK_BACK)
    start = cursor - len(_partial_word(pattern, text[line:cursor]))
    rest_of_word = pattern.match(text, cursor)
    end = rest_of_word.end() if rest_of_word else cursor
    before = text[max(spot.word.start, cursor - _LOOK_BACK) : cursor]
    items = ranked(_items(spot, purpose, names, before), text[start:cursor])
    if spot.role == "value" and wants_list(spot):
        items = [replace(item, insert=f"[{item.insert or item.label}]") for item in items]
    elif isinstance(spot.owner, Listing) and not spot.owner.flow and not text[line:start].strip():
        items = [replace(item, insert=f"- {item.insert or item.label}") for item in items]
    return Completions(offsets.units(start), offsets.units(end), tuple(items[:MAX_ITEMS]))


def _partial_word(pattern: re.Pattern[str], before: str) -> str:
    """The partial word at the end of a text."""
    characters = pattern.pattern.removesuffix("*")
    match = re.search(rf"(?<!{characters}){characters}*\Z", before)
    return match[0] if match else ""


def ranked(items: Iterable[Item], typed: str) -> list[Item]:
    """The items that match the typed text: first those that begin with it, then those that contain it."""
    low = typed.lower()
    unique = list({item.label: item for item in items if _CURSOR not in item.label}.values())
    beginning = [item for item in unique if item.label.lower().startswith(low)]
    containing = [item for item in unique if item not in beginning and low in item.label.lower()]
    return beginning + containing


def _items(spot: Spot, purpose: Purpose, names: DeclaredNames, before: str) -> Iterator[Item]:
    used = siblings_of(spot)
    colon = ": " if spot.role == "key" and not spot.written else ""

    def named(words: Iterable[str], kind: str) -> Iterator[Item]:
        for word in words:
            if word not in used:
                yield _named(word, kind, names, colon)

    match purpose.kind:
        case "key":
            yield from _keys(spot, used)
        case "actor":
            yield from named(names.actors, "actor")
        case "input":
            yield from named(names.drawn, "input")
        case "summand":
            yield from _words([word for word in ("1",) if word not in used], colon)
            yield from named(names.columns, "input")
        case "ending":
            yield from named(names.endings, "ending")
        case "record":
            steps = names.of_kind("chance", "move")
            yield from named([step.name + "@1" * step.repeats for step in steps], "step")
            yield from _words([word for word in purpose.words if word not in used], colon)
        case "move":
            moves = [step.name for step in names.of_kind("move") if spot.field != "allow" or names.closed_of(step.name)]
            yield from named(moves, "step")
        case "step":
            yield from named(purpose.facts, "step")
        case "option" if spot.field == "allow":
            step = purpose.step or ""
            yield from _options(step, names, used | set(names.options_of(step)) - set(names.closed_of(step)))
        case "option":
            also = (SKIPPED,) if spot.field in ("observed", "counts") else ()
            yield from _options(purpose.step, names, used, colon, also)
        case "row":
            yield from _words([word for word in purpose.words if word not in used], colon)
            yield from _options(purpose.step, names, used, colon)
        case "observed":
            yield from _words([word for word in purpose.words if word not in used], colon)
            yield from named([step.name for step in names.of_kind("chance", "move")], "step")
        case "source" if not re.search(r"\s", before.lstrip("\"' ")):
            yield from (_named(word, "source", names, " ¶") for word in names.sources)
        case "source" if not re.search(r'[¶"].*\S', before.lstrip("\"' ")):
            yield from _words(["¶"], "")
        case "distribution":
            yield from _distributions(before)
        case "rationality":
            yield from _distributions(before)
            yield from _expression(spot, purpose, names, before)
        case "expression":
            yield from _expression(spot, purpose, names, before)
        case "literal":
            yield from _words(purpose.words, "")


def _keys(spot: Spot, used: set[str]) -> Iterator[Item]:
    """The keys of a part that are not used yet; the kinds of step if a step has no kind yet."""
    tail = "" if spot.written else ": "
    parts = spot.parts
    dash = "- " if wants_list(spot) else ""
    if len(parts) > 1:
        for kind, part in STEP_PARTS.items():
            if part in parts and kind not in used:
                yield Item(kind, "key", "kind of step", part.__doc__ or "", f"{dash}{kind}{tail}")
        return
    if parts[0] is schema.ChancePart and used & {"odds", "weights", "grid"}:
        used = used | {"odds", "weights", "grid", "options" if "grid" in used else "points"}
    if parts[0] is InputPart:
        used = used | _ruled_out(used)
    if parts[0] is CasesPart and used & {"observed", "counts"}:
        used = used | ({"observed", "counts", "count"} if "counts" in used else {"counts"})
    for key, slot in slots(parts[0]).items():
        if key not in used:
            yield Item(key, "key", "needed" if slot.required else "", slot.description, f"{dash}{key}{tail}")


def _ruled_out(used: set[str]) -> set[str]:
    """The keys that an input with some keys cannot have: it is a column, a coefficient or a sum, and one of them."""
    roles = {"column", "estimate", "linear"}
    return (roles if roles & used else set()) | (set() if "column" in used else {"levels"})


def _named(word: str, kind: str, names: DeclaredNames, tail: str = "") -> Item:
    description = describe(word, names)
    detail, info = (description[0], " ".join(description[1][:1])) if description else ("", "")
    return Item(word, kind, detail, info, word + tail)


def _words(words: Iterable[str], tail: str) -> Iterator[Item]:
    for word in words:
        yield Item(word, "word", "", vocabulary.WORDS.get(word, ""), word + tail)


def _options(
    step: str | None, names: DeclaredNames, used: set[str], tail: str = "", also: tuple[str, ...] = ()
) -> Iterator[Item]:
    for option in names.options_of(step or ""):
        if option not in used:
            called = option_naming(names.steps[step or ""].part, option)
            yield Item(option, "option", called[0] if called else f"option of {step}", "", option + tail)
    yield from _words([word for word in also if word not in used], tail)


def _distributions(before: str) -> Iterator[Item]:
    if re.fullmatch(r"[\"']?\s*\w*", before):
        unquoted = not before.startswith(("'", '"'))
        for name, meaning in vocabulary.DISTRIBUTIONS.items():
            quote = '"' if unquoted else ""
            insert = f"{quote}{vocabulary.EXAMPLES[name]}{quote}"
            template = f"{quote}{vocabulary.snippet(name)}{quote}"
            yield Item(name, "distribution", vocabulary.signature(name), meaning, insert, template)


def _expression(spot: Spot, purpose: Purpose, names: DeclaredNames, before: str) -> Iterator[Item]:
    compared, in_list = _COMPARED.search(before), _LISTED.search(before)
    if in_list and in_list["step"] in names.steps:
        listed = set(re.findall(r"\w+(?=\s*,)", in_list["before"]))
        yield from _options(in_list["step"], names, listed, also=(SKIPPED,))
        return
    if compared and names.options_of(compared["step"]):
        yield from _options(compared["step"], names, set(), also=(SKIPPED,))
        return
    if _OPERAND.search(before) and re.split(r"\W+", before.rstrip("\ue000"))[-2:-1] and not _after_operator(before):
        step = _previous_word(before)
        words = ["==", "!=", "in"] if names.options_of(step) else ["and", "or", "if", "else", "in"]
        yield from (Item(word, "word", "", vocabulary.WORDS.get(word, ""), f"{word} ") for word in words)
        return
    if _VALUE.search(before):
        steps = [step.name for step in names.of_kind("chance", "move") if step.name in purpose.facts]
        yield from (_named(name, "step", names) for name in steps)
        return
    own = own_name(spot)
    lets = [name for name in names.let if not (spot.field == "let" and name in spot.below)]
    yield from (_named(name, _fact_kind(name, names), names) for name in purpose.facts)
    yield from (_named(name, "let", names) for name in lets if purpose.facts)
    if purpose.inputs:
        yield from (_named(name, "input", names) for name in names.numbers if name != own)
    yield from _words([*(["round"] if purpose.round else []), *purpose.words], "")
    for name in FUNCTIONS:
        written, meaning = vocabulary.FUNCTIONS[name]
        argument = "STEP" if name == VALUE else "x"
        yield Item(name, "function", written, meaning, f"{name}(", f"{name}(${{{argument}}})")


def _previous_word(before: str) -> str:
    """The word before the one at the cursor."""
    match = re.search(r"(\w+)\s+\w*\Z", before)
    return match[1] if match else ""


def _after_operator(before: str) -> bool:
    return _previous_word(before) in OPERATOR_WORDS and not before.rstrip().endswith(")")


def _fact_kind(name: str, names: DeclaredNames) -> str:
    return "state" if names.steps[name].kind == "state" else "step"
