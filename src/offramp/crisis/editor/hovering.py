"""Help on the word under the pointer: the purpose of a key, the meaning of a name, the step of an option."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from offramp.common.words import listed
from offramp.crisis.editor import vocabulary
from offramp.crisis.editor.declared_names import DeclaredNames, names_of
from offramp.crisis.editor.descriptions import (
    Description,
    describe,
    describe_cite,
    describe_source,
    distribution_of,
    naming,
    numbers_of,
    option_entry,
    option_naming,
    reasons,
    text_of,
)
from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.editor.purpose import Purpose, own_name, purpose_of
from offramp.crisis.editor.spot import Spot, slots, spot_at
from offramp.crisis.editor.text_tree import Mapping, Word
from offramp.crisis.editor.tolerant import tree_of
from offramp.crisis.expressions.grammar import DOTTED
from offramp.crisis.scalars import is_point_count
from offramp.crisis.text.document import MAX_BYTES

_WORDS = re.compile(rf"{DOTTED}|\w+|==|!=")
_NEAR = 200


@dataclass(frozen=True)
class Hover:
    """Help on the text from `start` to `end` (UTF-16 units): a title and plain paragraphs."""

    start: int
    end: int
    title: str
    paragraphs: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        return {"from": self.start, "to": self.end, "title": self.title, "paragraphs": list(self.paragraphs)}


def hover(text: str, offset: int, path: Path | None = None) -> Hover | None:
    r"""Help on the word at `offset` (UTF-16 units), or None; sources are read from the folder of the file `path`.

    Examples
    --------
    >>> hover("levers:\n  hotline: {cost: 1}", 22).paragraphs
    ('Its cost, a number.',)
    """
    if len(text) > MAX_BYTES:
        return None
    offsets = Offsets(text)
    at = offsets.characters(offset)
    tree = tree_of(text, offsets)
    spot = spot_at(tree, at)
    if spot is None:
        return None
    names = names_of(tree)
    purpose = purpose_of(spot, names)
    folder = None if path is None else path.parent
    word, start = _word_at(text, at, spot, purpose)
    description = _description(spot, purpose, word, text[max(spot.word.start, start - _NEAR) : start], names, folder)
    if description is None:
        return None
    title, paragraphs = description
    end = start + len(word)
    return Hover(offsets.units(start), offsets.units(end), title, tuple(paragraphs))


def _word_at(text: str, at: int, spot: Spot, purpose: Purpose) -> tuple[str, int]:
    """The word under the pointer and its start: a word of an expression, or the whole scalar."""
    whole = text[spot.word.start : spot.word.end]
    if spot.role == "value" and purpose.kind in ("expression", "distribution", "rationality"):
        low, high = max(spot.word.start, at - _NEAR), min(spot.word.end, at + _NEAR)
        for match in _WORDS.finditer(text[low:high]):
            if low + match.start() <= at <= low + match.end():
                return match[0], low + match.start()
        return "", at
    lines = whole.splitlines() or [""]
    return lines[0].rstrip(), spot.word.start


def _description(
    spot: Spot, purpose: Purpose, word: str, before: str, names: DeclaredNames, folder: Path | None
) -> Description | None:
    name = spot.word.text
    match purpose.kind:
        case "key":
            return _key(spot, name)
        case "actor" | "input" | "move" | "step" | "summand":
            return describe(name, names, folder, numbers=True)
        case "ending":
            return _ending(name, names, folder)
        case "record" if name in purpose.words:
            return name, [vocabulary.WORDS[name]]
        case "record":
            return describe(name.partition("@")[0], names, folder)
        case "option":
            return _option(name, purpose.step, names, folder)
        case "row" if name in purpose.words:
            return name, [vocabulary.WORDS[name]]
        case "row":
            return _option(name, purpose.step, names, folder)
        case "observed" if name in purpose.words:
            return name, [vocabulary.WORDS.get(name, "")]
        case "observed":
            return describe(name, names, folder)
        case "source":
            return _cite(name, names, folder)
        case "literal":
            return (name, [vocabulary.WORDS[name]]) if name in vocabulary.WORDS else None
        case "new":
            return _declaration(spot, name, names, folder)
        case "distribution" | "rationality" | "expression":
            return _in_expression(spot, word, before, names, folder)
    return None


def _key(spot: Spot, key: str) -> Description | None:
    for part in spot.parts:
        slot = slots(part).get(key)
        if slot is not None:
            own = key in ("chance", "move", "tell", "state", "together", "rounds")
            return key, [*([part.__doc__ or ""] if own else []), slot.description]
    return None


def _option(option: str, step: str | None, names: DeclaredNames, folder: Path | None) -> Description | None:
    if option == "skipped":
        return option, [vocabulary.WORDS[option]]
    if step is None or option not in names.options_of(step):
        return None
    by = text_of(names.steps[step].part, "by")
    others = [other for other in names.options_of(step) if other != option]
    only = names.steps[step].part.get("only_if")
    condition = text_of(only, option) if isinstance(only, Mapping) else ""
    number = _number_of(names.steps[step].part, option)
    numbers = [f"Its number is {number}."] if number else []
    open_if = [f"Available only if {condition}."] if condition else []
    if option in names.closed_of(step):
        open_if.append("Closed: available only if a lever allows it.")
    other_options = [f"Other options: {listed(others, 20)}."] if others else []
    return f"{option}: an option of {step}{f', a move of {by}' if by else ''}", [
        *option_naming(names.steps[step].part, option),
        *numbers,
        *open_if,
        *other_options,
        *reasons(option_entry(names.steps[step].part, option), names, folder),
    ]


def _number_of(step: Mapping, option: str) -> str:
    """The number of an option, or of a point of a grid, as a text; '' if it has none."""
    grid, points = distribution_of(text_of(step, "grid")), text_of(step, "points")
    if grid is not None and is_point_count(points):
        level = (int(option.removeprefix("p")) - 0.5) / int(points)
        return f"{float(grid.quantile(np.array(level))):.12g}"
    entry = option_entry(step, option)
    if not isinstance(entry, Word):
        return text_of(entry, "value")
    return entry.text if not entry.style and distribution_of(entry.text) is not None else ""


def _cite(cite: str, names: DeclaredNames, folder: Path | None) -> Description | None:
    key = cite.split(maxsplit=1)[0] if cite.split() else ""
    if key not in names.sources:
        return None
    title, lines = describe_source(key, names.sources[key])
    return title, [*lines, describe_cite(cite, names, folder)]


def _declaration(spot: Spot, name: str, names: DeclaredNames, folder: Path | None) -> Description | None:
    """The description of a name at its own declaration."""
    match spot.field, len(spot.below):
        case ("levers", 0):
            part = names.levers.get(name)
            return f"{name}: a lever", [*naming(part), *reasons(part, names, folder)]
        case ("endings", 0):
            return _ending(name, names, folder)
        case ("measures", 0):
            measure = names.measures.get(name)
            amount = measure.text if isinstance(measure, Word) else text_of(measure, "is")
            return f"{name}: a measure", [*naming(measure), amount, *reasons(measure, names, folder)]
        case ("payoffs", 1):
            actor = str(spot.below[0])
            part = names.payoffs.get(actor)
            term = part.get(name) if isinstance(part, Mapping) else None
            pays = term.text if isinstance(term, Word) else text_of(term, "pays")
            return f"{name}: a payoff term of {actor}", [*naming(term), pays, *reasons(term, names, folder)]
        case ("options", _):
            return _option(name, own_name(spot), names, folder)
    return describe(name, names, folder, numbers=True)


def _ending(name: str, names: DeclaredNames, folder: Path | None) -> Description | None:
    if name not in names.endings:
        return None
    ending = names.endings[name]
    condition = text_of(ending) or text_of(ending, "if")
    return f"{name}: an ending", [*naming(ending), condition, *reasons(ending, names, folder)]


def _in_expression(spot: Spot, word: str, before: str, names: DeclaredNames, folder: Path | None) -> Description | None:
    if not word:
        return None
    if word in vocabulary.DISTRIBUTIONS and spot.field in ("is", "rationality", "grid"):
        distribution = distribution_of(spot.word.text)
        numbers = [numbers_of(distribution)] if distribution is not None else []
        return vocabulary.signature(word), [vocabulary.DISTRIBUTIONS[word], *numbers]
    compared = re.search(r"(\w+)\s*(?:==|!=|\s(?:not\s+)?in\s*\[[^\]]*)\s*\Z", before)
    option = _option(word, compared[1], names, folder) if compared else None
    description = option or describe(word, names, folder, numbers=True)
    if description is not None:
        return description
    if word in vocabulary.FUNCTIONS:
        return vocabulary.FUNCTIONS[word][0], [vocabulary.FUNCTIONS[word][1]]
    return (word, [vocabulary.WORDS[word]]) if word in vocabulary.WORDS else None
