"""Writes distributions with their reasons and cites into the inputs of a crisis file, and what comes with them.

These are the source of the cites and the correlations of the inputs. Every byte of the file that says something else
stays as it is.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

import yaml

from offramp.common.errors import UsageError
from offramp.common.words import nearest
from offramp.crisis.editor.correlating import CorrelatedPair, correlations_after, correlations_edits
from offramp.crisis.editor.file_change import read_to_change
from offramp.crisis.editor.new_crisis_text import quoted_text
from offramp.crisis.editor.rewriting import child_of, content_of, end_of, tree_of, uses_of
from offramp.crisis.editor.text_edits import TextEdit, edited, new_lines
from offramp.crisis.faults import CrisisError
from offramp.crisis.reading import read_text

_BEFORE_SOURCES = ("format", "title", "as_of", "summary")


@dataclass(frozen=True)
class Grounding:
    """An input with its new distribution, why it has it, and the cite that supports it.

    The distribution of a sum is that of each of its coefficients, by entry.
    """

    input: str
    distribution: str | Mapping[str, str]
    because: str
    cite: str


@dataclass(frozen=True)
class NewSource:
    """A source that is added to the file: its key, its title, and its file, relative to the crisis file, if any."""

    key: str
    title: str
    file: str | None = None

    @property
    def fields(self) -> dict[str, object]:
        """The fields of its entry."""
        file: dict[str, object] = {} if self.file is None else {"file": self.file}
        return {"title": self.title, **file}


def free_key(key: str, taken: Container[str]) -> str:
    """A key that no source has: this one, or with a number.

    Examples
    --------
    >>> free_key("cases", {"cases", "cases-2"})
    'cases-3'
    """
    numbered = (f"{key}-{number}" for number in count(2))
    return next(one for one in chain([key], numbered) if one not in taken)


def ground_inputs(
    text: str,
    path: str,
    groundings: Sequence[Grounding],
    source: NewSource | None = None,
    correlations: Sequence[CorrelatedPair] | None = None,
) -> str:
    """The text of a crisis file with new distributions of inputs; `because` and `cite` of these are replaced too.

    Parameters
    ----------
    text, path
        The file's text, and its path, beside which its sources are.
    groundings
        What each input gets.
    source
        A source to add, unless the file names it already.
    correlations
        All correlations of these inputs with each other: they replace those that the file has. If None, these stay.

    Raises
    ------
    UsageError
        If the file has mistakes, if an input is unknown or written in a way that cannot be changed, or if the new file
        would have mistakes, such as a cite that its source does not contain.
    """
    read_to_change(text.encode("utf-8", "surrogatepass"), path)
    tree, shift = tree_of(text)
    expected_content = content_of(text)
    edits: list[TextEdit] = []
    for grounding in groundings:
        edits += _edits_of(text, tree, shift, grounding)
        fields = _mapping(expected_content["inputs"])[grounding.input]
        fields |= _values(grounding)
    if source is not None:
        edits.append(_source_edit(text, tree, shift, source))
        expected_content["sources"] = _mapping(expected_content.get("sources")) | {source.key: source.fields}
    if correlations is not None:
        grounded = {grounding.input for grounding in groundings}
        edits += correlations_edits(text, tree, shift, grounded, correlations)
        if (pairs := correlations_after(expected_content.get("correlations"), grounded, correlations)) is not None:
            expected_content["correlations"] = pairs
    after = edited(text, edits)
    try:
        read_text(after.encode("utf-8", "surrogatepass"), path)
    except CrisisError as error:
        raise UsageError(f"this was not written: {error.faults[0].message}") from None
    if content_of(after) != expected_content:
        what = "the inputs, sources or correlations are"
        raise UsageError(f"{what} written in a way that cannot be changed; write these by hand")
    return after


def _values(grounding: Grounding) -> dict[str, object]:
    """The fields that an input gets."""
    distribution = grounding.distribution
    is_ = distribution if isinstance(distribution, str) else dict(distribution)
    return {"is": is_, "because": grounding.because, "cite": grounding.cite}


def _written(value: object) -> str:
    """A field's value as YAML: a text in quotes, or a mapping of texts in braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {quoted_text(str(part))}" for key, part in value.items()) + "}"
    return quoted_text(str(value))


def _edits_of(text: str, tree: yaml.Node | None, shift: int, grounding: Grounding) -> Iterator[TextEdit]:
    """The changes to the entry of one input."""
    inputs = child_of(tree, "inputs")
    known = [str(key.value) for key, _ in inputs.value] if isinstance(inputs, yaml.MappingNode) else []
    if grounding.input not in known:
        raise UsageError(f"the file has no input '{grounding.input}'{nearest(grounding.input, known)}")
    entry = child_of(inputs, grounding.input)
    uses = uses_of(tree)
    assert inputs is not None
    if not isinstance(entry, yaml.MappingNode) or any(uses[id(node)] > 1 for node in (inputs, entry)):
        raise UsageError(f"'{grounding.input}' is written with an anchor that an alias repeats; write it out first")
    values = _values(grounding)
    old = {str(key.value): (key, value) for key, value in entry.value}
    anchor = max((old[field] for field in values if field in old), key=lambda pair: pair[1].start_mark.index)
    missing: list[tuple[str, str]] = []
    for field, value in values.items():
        if field not in old:
            missing.append((field, _written(value)))
            continue
        key, node = old[field]
        if any(uses[id(part)] > 1 for part in _parts(node)):
            where = f"'{field}' of '{grounding.input}'"
            raise UsageError(f"{where} has an anchor that an alias repeats; write it out first")
        start = key.end_mark.index + shift
        yield TextEdit(start, end_of(text, node, shift), f": {_written(value)}")
    if not missing:
        return
    behind = end_of(text, anchor[1], shift)
    if entry.flow_style:
        yield TextEdit(behind, behind, "".join(f", {field}: {value}" for field, value in missing))
        return
    indent = " " * anchor[0].start_mark.column
    yield new_lines(text, behind, [f"{indent}{field}: {value}" for field, value in missing])


def _parts(node: yaml.Node) -> list[yaml.Node]:
    """A node and the entries of its list."""
    return [node, *(node.value if isinstance(node, yaml.SequenceNode) else ())]


def _source_edit(text: str, tree: yaml.Node | None, shift: int, source: NewSource) -> TextEdit:
    """Where and how the source is added: as the last of the sources, or as a new section before what needs them."""
    entry = _written(source.fields)
    sources = child_of(tree, "sources")
    if isinstance(sources, yaml.MappingNode) and sources.value and uses_of(tree)[id(sources)] == 1:
        end = end_of(text, sources.value[-1][1], shift)
        if sources.flow_style:
            return TextEdit(end, end, f", {source.key}: {entry}")
        return new_lines(text, end, [f"{' ' * sources.value[0][0].start_mark.column}{source.key}: {entry}"])
    if sources is None and isinstance(tree, yaml.MappingNode) and not tree.flow_style:
        heads = [value for key, value in tree.value if key.value in _BEFORE_SOURCES]
        last = max(heads, key=lambda node: node.start_mark.index)
        indent = " " * tree.start_mark.column
        lines = [f"{indent}sources:", f"{indent}  {source.key}: {entry}"]
        return new_lines(text, end_of(text, last, shift), lines)
    lines_by_hand = f"`{source.key}: {entry}`"
    raise UsageError(f"`sources` is written in a way that cannot be added to; add {lines_by_hand} by hand")


def _mapping(value: object) -> dict[str, dict[str, object]]:
    return value if isinstance(value, dict) else {}
