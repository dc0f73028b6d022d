"""Descriptions of the names of a file: an input and its numbers, a step and who sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from offramp.common.words import listed
from offramp.crisis.checks.cites import first_cited_words
from offramp.crisis.distribution import Distribution, from_expression
from offramp.crisis.editor.declared_names import DeclaredNames, Named, has_key, kind_of
from offramp.crisis.editor.text_tree import Mapping, Node, Word, words
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.parts import DEFAULT_RATIONALITY
from offramp.crisis.scalars import is_set

_STEP_WORDS = {"chance": "chance step", "move": "move", "state": "state"}
Description = tuple[str, list[str]]
"""A title and paragraphs."""


def describe(
    name: str, names: DeclaredNames, folder: Path | None = None, *, numbers: bool = False
) -> Description | None:
    """The description of a name of the file, or None if the name is not declared.

    With `numbers`, it has the quantiles of a distribution; with a `folder`, the words of cited passages.
    """
    if name in names.steps:
        return _step(names.steps[name], names, folder)
    if name in names.inputs:
        return _input(name, names.inputs[name], names, folder, numbers)
    if name in names.made:
        return _made(name, names.made[name], names, folder, numbers)
    if name in names.let:
        return f"{name}: a let", [text_of(names.let[name])]
    if name in names.actors:
        return _actor(name, names.actors[name], names, folder, numbers)
    if name in names.sources:
        return describe_source(name, names.sources[name])
    return None


def text_of(node: Node | None, key: str | None = None) -> str:
    """The text of a scalar, or of the scalar under a key of a mapping; '' if there is none."""
    if key is not None:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node.text if isinstance(node, Word) else ""


def naming(part: Node | None) -> list[str]:
    """The name of a part and the line that says what it is, as a paragraph; none if the file gives neither."""
    name, says = text_of(part, "name"), text_of(part, "says")
    return [": ".join(filter(None, (f"“{name}”" if name else "", says)))] if name or says else []


def option_entry(step: Mapping, option: str) -> Node | None:
    """What a step's mapping of options says of an option; None if there is none."""
    options = step.get("options")
    return options.get(option) if isinstance(options, Mapping) else None


def option_naming(step: Mapping, option: str) -> list[str]:
    """The name of an option and what it is: a text in place of a mapping is its name."""
    entry = option_entry(step, option)
    if isinstance(entry, Word):
        return [f"“{entry.text}”"] if entry.text and distribution_of(entry.text) is None else []
    return naming(entry)


def reasons(part: Node | None, names: DeclaredNames, folder: Path | None) -> list[str]:
    """The reason and the cites of a part, as paragraphs."""
    because, written = text_of(part, "because"), part.get("cite") if isinstance(part, Mapping) else None
    cites = [word.text for word in words(written) if word.text]
    return [*([because] if because else []), *(describe_cite(cite, names, folder) for cite in cites)]


def describe_cite(cite: str, names: DeclaredNames, folder: Path | None) -> str:
    """A cite, with the first words of the passage if the source's text is available."""
    key = cite.split(maxsplit=1)[0] if cite.split() else ""
    file = text_of(names.sources.get(key), "file")
    first_words = first_cited_words(cite, folder, file) if folder is not None and file else None
    return f"Cites {cite}: {first_words}" if first_words else f"Cites {cite}"


def distribution_of(text: str) -> Distribution | None:
    """The distribution that a text describes, or None."""
    try:
        return from_expression(parse(text))
    except ExpressionError:
        return None


def numbers_of(distribution: Distribution) -> str:
    """The median and the central 90 % interval, in words."""
    low, middle, high = map(float, distribution.quantile(np.array([0.05, 0.5, 0.95])))
    return f"Median {middle:.3g}; nine draws in ten lie between {low:.3g} and {high:.3g}."


def describe_source(name: str, part: Node | None) -> Description:
    title, author, date = (text_of(part, key) for key in ("title", "author", "date"))
    by = ", ".join(word for word in (author, date) if word)
    return f"{name}: a source", [word for word in (title, by) if word]


def _input(name: str, part: Node | None, names: DeclaredNames, folder: Path | None, numbers: bool) -> Description:
    written, column, unit = (text_of(part, key) for key in ("is", "column", "unit"))
    made = names.made_by(name)
    more = [f"In {unit}."] if unit else []
    more += [f"In recorded cases: {column}."] if column else []
    more += [f"Its inputs: {listed(made, 20)}."] if made else []
    if has_key(part, "linear"):
        title = f"{name}: a sum"
        more += [f"The prior of each coefficient: {written}."] if written else []
    else:
        title = f"{name}: {_role(part)}, {written}" if written else f"{name}: {_role(part)}"
        more += _quantile_words(written, numbers)
    return title, [*naming(part), *more, *reasons(part, names, folder)]


def _role(part: Node | None) -> str:
    """What an input with a value of its own is to recorded cases."""
    if has_key(part, "levels"):
        return "a column of text"
    if text_of(part, "column"):
        return "a column"
    return "a coefficient" if is_set(text_of(part, "estimate")) else "an input"


def _made(name: str, key: str, names: DeclaredNames, folder: Path | None, numbers: bool) -> Description:
    """An input that an actor, a column of text or a sum makes."""
    if key in names.actors:
        return _actor(key, names.actors[key], names, folder, numbers)
    part, last = names.inputs[key], name.removeprefix(f"{key}.")
    if name in names.levels_of(key):
        return f"{name}: a level of {key}", [f"1 if it is {last}, 0 if not.", *naming(part)]
    prior = part.get("is") if isinstance(part, Mapping) else None
    written = text_of(prior, last) if isinstance(prior, Mapping) else text_of(prior)
    times = "" if last == "1" else f", times {last}"
    return f"{name}: a coefficient, {written}", [f"Part of {key}{times}.", *_quantile_words(written, numbers)]


def _quantile_words(text: str, numbers: bool) -> list[str]:
    """A sentence with the quantiles of an uncertain distribution, if `numbers` are wanted."""
    distribution = distribution_of(text) if numbers else None
    return [numbers_of(distribution)] if distribution is not None and distribution.kind != "constant" else []


def _actor(name: str, part: Node | None, names: DeclaredNames, folder: Path | None, numbers: bool) -> Description:
    written = text_of(part, "rationality") or f"{DEFAULT_RATIONALITY:g}, the default"
    memory = "only the states of earlier rounds" if text_of(part, "memory") == "state" else "all that it has seen"
    moves = [step.name for step in names.of_kind("move") if text_of(step.part, "by") == name]
    quantiles = _quantile_words(written, numbers)
    makes = [f"Moves: {listed(moves, 20)}."] if moves else []
    lines = [f"Rationality {written}.", *quantiles, f"Remembers {memory}.", *makes, *reasons(part, names, folder)]
    return f"{text_of(part, 'name') or name}: an actor", lines


def _step(step: Named, names: DeclaredNames, folder: Path | None) -> Description:
    part = step.part
    by = f" of {text_of(part, 'by')}" if step.kind == "move" and text_of(part, "by") else ""
    lines = [f"Options: {listed(step.options, 30)}."] if step.options else []
    if step.kind == "state":
        lines.append(f"Starts at {text_of(part, 'start')}, becomes {text_of(part, 'becomes')}.")
    condition = text_of(part, "if")
    if condition:
        lines.append(f"Happens only if {condition}.")
    lines.append(f"Seen by {_seen_by(step)}.")
    inside = [kind_of(block) for block in step.inside]
    where = f", {' and '.join(f'inside `{kind}`' for kind in inside)}" if inside else ""
    return f"{step.name}: a {_STEP_WORDS[step.kind]}{by}{where}", [*naming(part), *lines, *reasons(part, names, folder)]


def _seen_by(step: Named) -> str:
    given = step.part.get("seen_by")
    if given is None:
        return "those who see everything it names" if step.kind == "state" else "everybody"
    mover = [text_of(step.part, "by")] if step.kind == "move" and text_of(step.part, "by") else []
    seen = list(dict.fromkeys([*mover, *(word.text for word in words(given))]))
    return f"{listed(seen, 20)} only" if seen else "nobody"
