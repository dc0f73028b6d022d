"""What a name of the file stands for, in words: an input and its numbers, a step and who sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from offramp.common.words import listed
from offramp.crisis.checks.cites import first_cited_words
from offramp.crisis.distribution import Distribution, from_expression
from offramp.crisis.editor.declared_names import DeclaredNames, Named, kind_of
from offramp.crisis.editor.text_tree import Mapping, Node, Word, words
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.model import DEFAULT_RATIONALITY

_STEP_WORDS = {"chance": "chance step", "move": "move", "state": "state"}
Told = tuple[str, list[str]]


def told_of(name: str, names: DeclaredNames, folder: Path | None = None, *, numbers: bool = False) -> Told | None:
    """A title and paragraphs on a name of the file, or None where nothing is called so.

    With `numbers`, those of a distribution are worked out; with a `folder`, cites are looked up there.
    """
    if name in names.steps:
        return _step(names.steps[name], names, folder)
    if name in names.inputs:
        return _input(name, names.inputs[name], names, folder, numbers)
    if name in names.let:
        return f"{name}: a let", [text_of(names.let[name])]
    if name in names.actors:
        return _actor(name, names.actors[name], names, folder, numbers)
    if name in names.sources:
        return source_told(name, names.sources[name])
    return None


def text_of(node: Node | None, key: str | None = None) -> str:
    """The text of a scalar, or of that under a key of a mapping; empty where there is none."""
    if key is not None:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node.text if isinstance(node, Word) else ""


def reasons(part: Node | None, names: DeclaredNames, folder: Path | None) -> list[str]:
    """Why a part is assumed, and what its cite is found to say."""
    because, cite = text_of(part, "because"), text_of(part, "cite")
    return [*([because] if because else []), *([cite_told(cite, names, folder)] if cite else [])]


def cite_told(cite: str, names: DeclaredNames, folder: Path | None) -> str:
    """A cite, with the first words found where the source's text is at hand."""
    key = cite.split(maxsplit=1)[0] if cite.split() else ""
    file = text_of(names.sources.get(key), "file")
    found = first_cited_words(cite, folder, file) if folder is not None and file else None
    return f"Cites {cite}: {found}" if found else f"Cites {cite}"


def distribution_of(text: str) -> Distribution | None:
    """The distribution that a text writes, or None."""
    try:
        return from_expression(parse(text))
    except ExpressionError:
        return None


def numbers_of(distribution: Distribution) -> str:
    """The median and where nine draws in ten lie."""
    low, middle, high = map(float, distribution.quantile(np.array([0.05, 0.5, 0.95])))
    return f"Median {middle:.3g}; nine draws in ten lie between {low:.3g} and {high:.3g}."


def source_told(name: str, part: Node | None) -> Told:
    title, author, date = (text_of(part, key) for key in ("title", "author", "date"))
    by = ", ".join(word for word in (author, date) if word)
    return f"{name}: a source", [word for word in (title, by) if word]


def _input(name: str, part: Node | None, names: DeclaredNames, folder: Path | None, numbers: bool) -> Told:
    written = text_of(part, "is")
    distribution = distribution_of(written) if numbers else None
    told = [numbers_of(distribution)] if distribution is not None and distribution.kind != "constant" else []
    return f"{name}: an input, {written}" if written else f"{name}: an input", [*told, *reasons(part, names, folder)]


def _actor(name: str, part: Node | None, names: DeclaredNames, folder: Path | None, numbers: bool) -> Told:
    written = text_of(part, "rationality") or f"{DEFAULT_RATIONALITY:g}, as nothing else is said"
    memory = "the states of earlier rounds only" if text_of(part, "memory") == "state" else "all that it has seen"
    moves = [step.name for step in names.of_kind("move") if text_of(step.part, "by") == name]
    distribution = distribution_of(written) if numbers else None
    told = [numbers_of(distribution)] if distribution is not None and distribution.kind != "constant" else []
    does = [f"Moves: {listed(moves, 20)}."] if moves else []
    lines = [f"Rationality {written}.", *told, f"Remembers {memory}.", *does, *reasons(part, names, folder)]
    return f"{text_of(part, 'name') or name}: an actor", lines


def _step(step: Named, names: DeclaredNames, folder: Path | None) -> Told:
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
    return f"{step.name}: a {_STEP_WORDS[step.kind]}{by}{where}", [*lines, *reasons(part, names, folder)]


def _seen_by(step: Named) -> str:
    given = step.part.get("seen_by")
    if given is None:
        return "those who see everything it names" if step.kind == "state" else "everybody"
    mover = [text_of(step.part, "by")] if step.kind == "move" and text_of(step.part, "by") else []
    seen = list(dict.fromkeys([*mover, *(word.text for word in words(given))]))
    return f"{listed(seen, 20)} only" if seen else "nobody"
