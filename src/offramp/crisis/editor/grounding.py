"""Writes distributions with their reasons and cites into the inputs of a crisis file, and the source of the cites.

Every byte of the file that says something else stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from offramp.common.errors import UsageError
from offramp.common.words import nearest
from offramp.crisis.editor.new_crisis_text import quoted_text
from offramp.crisis.editor.offsets import LINE_END
from offramp.crisis.editor.rewriting import break_after, child_of, content_of, end_of, not_changed, tree_of, uses_of
from offramp.crisis.faults import CrisisError
from offramp.crisis.reading import read_text

_BEFORE_SOURCES = ("format", "title", "as_of", "summary")


@dataclass(frozen=True)
class Grounding:
    """An input with its new distribution, why it has it, and the cite that supports it."""

    input: str
    distribution: str
    because: str
    cite: str


@dataclass(frozen=True)
class NewSource:
    """A source that is added to the file: its key, its title, and its file, relative to the crisis file."""

    key: str
    title: str
    file: str


@dataclass(frozen=True)
class _Edit:
    """A text in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def ground_inputs(text: str, path: str, groundings: Sequence[Grounding], source: NewSource | None) -> str:
    """The text of a crisis file with new distributions of inputs; `because` and `cite` of these are replaced too.

    Parameters
    ----------
    text, path
        The file's text, and its path, beside which its sources are.
    groundings
        What each input gets.
    source
        A source to add, unless the file names it already.

    Raises
    ------
    UsageError
        If the file has mistakes, if an input is unknown or written in a way that cannot be changed, or if the new file
        would have mistakes, such as a cite that its source does not contain.
    """
    try:
        read_text(text.encode("utf-8", "surrogatepass"), path)
    except CrisisError as error:
        raise not_changed(error.faults) from None
    tree, shift = tree_of(text)
    expected_content = content_of(text)
    edits: list[_Edit] = []
    for grounding in groundings:
        edits += _edits_of(text, tree, shift, grounding)
        fields = _mapping(expected_content["inputs"])[grounding.input]
        fields |= {"is": grounding.distribution, "because": grounding.because, "cite": grounding.cite}
    if source is not None:
        edits.append(_source_edit(text, tree, shift, source))
        entry = {source.key: {"title": source.title, "file": source.file}}
        expected_content["sources"] = _mapping(expected_content.get("sources")) | entry
    after = _applied(text, edits)
    try:
        read_text(after.encode("utf-8", "surrogatepass"), path)
    except CrisisError as error:
        raise UsageError(f"this was not written: {error.faults[0].message}") from None
    if content_of(after) != expected_content:
        raise UsageError("the inputs or sources are written in a way that cannot be changed; write these by hand")
    return after


def _edits_of(text: str, tree: yaml.Node | None, shift: int, grounding: Grounding) -> Iterator[_Edit]:
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
    values = {"is": grounding.distribution, "because": grounding.because, "cite": grounding.cite}
    old = {str(key.value): (key, value) for key, value in entry.value}
    anchor = max((old[field] for field in values if field in old), key=lambda pair: pair[1].start_mark.index)
    missing: list[tuple[str, str]] = []
    for field, value in values.items():
        if field not in old:
            missing.append((field, quoted_text(value)))
            continue
        key, node = old[field]
        if any(uses[id(part)] > 1 for part in _parts(node)):
            where = f"'{field}' of '{grounding.input}'"
            raise UsageError(f"{where} has an anchor that an alias repeats; write it out first")
        start = key.end_mark.index + shift
        yield _Edit(start, end_of(text, node, shift), f": {quoted_text(value)}")
    if not missing:
        return
    behind = end_of(text, anchor[1], shift)
    if entry.flow_style:
        yield _Edit(behind, behind, "".join(f", {field}: {value}" for field, value in missing))
        return
    indent = " " * anchor[0].start_mark.column
    yield _new_lines(text, behind, [f"{indent}{field}: {value}" for field, value in missing])


def _parts(node: yaml.Node) -> list[yaml.Node]:
    """A node and the entries of its list."""
    return [node, *(node.value if isinstance(node, yaml.SequenceNode) else ())]


def _source_edit(text: str, tree: yaml.Node | None, shift: int, source: NewSource) -> _Edit:
    """Where and how the source is added: as the last of the sources, or as a new section before what needs them."""
    entry = f"{{title: {quoted_text(source.title)}, file: {quoted_text(source.file)}}}"
    sources = child_of(tree, "sources")
    if isinstance(sources, yaml.MappingNode) and sources.value and uses_of(tree)[id(sources)] == 1:
        end = end_of(text, sources.value[-1][1], shift)
        if sources.flow_style:
            return _Edit(end, end, f", {source.key}: {entry}")
        return _new_lines(text, end, [f"{' ' * sources.value[0][0].start_mark.column}{source.key}: {entry}"])
    if sources is None and isinstance(tree, yaml.MappingNode) and not tree.flow_style:
        heads = [value for key, value in tree.value if key.value in _BEFORE_SOURCES]
        last = max(heads, key=lambda node: node.start_mark.index)
        indent = " " * tree.start_mark.column
        lines = [f"{indent}sources:", f"{indent}  {source.key}: {entry}"]
        return _new_lines(text, end_of(text, last, shift), lines)
    lines_by_hand = f"`{source.key}: {entry}`"
    raise UsageError(f"`sources` is written in a way that cannot be added to; add {lines_by_hand} by hand")


def _new_lines(text: str, end: int, lines: Sequence[str]) -> _Edit:
    """Lines of their own after the line with the offset `end`, with the line break that the file uses there."""
    found, line_break = LINE_END.search(text, end), break_after(text, end)
    if found is None:
        return _Edit(len(text), len(text), "".join(f"{line_break}{line}" for line in lines))
    return _Edit(found.end(), found.end(), "".join(f"{line}{line_break}" for line in lines))


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    """The text with all edits; those at one place are inserted in their order."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def _mapping(value: object) -> dict[str, dict[str, object]]:
    return value if isinstance(value, dict) else {}
