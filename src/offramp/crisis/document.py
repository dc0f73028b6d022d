"""A YAML text as plain mappings, lists and strings that remember where they stand.

Every scalar is a string: `no`, `012` and `12:30` are what they look like, and the crisis language
itself decides what is a number. libyaml reads the text; what is bounded here is what a hostile file
could make large: its size, its nesting, and what its aliases expand to.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.resolver import BaseResolver

from offramp.crisis.faults import Fault, Place

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_VALUES = 100_000

Value = Any  # Scalar | Block | Items; recursive, so left open


class Scalar(str):
    """A string of the file, with its place; `quoted` when the file puts quotes around it."""

    place: Place
    quoted: bool
    one_line: bool

    def at(self, offset: int) -> Place:
        """The place of the character at `offset`, or of the whole where it spans lines."""
        if not self.one_line:
            return self.place
        return Place(self.place.line, self.place.column + offset + self.quoted)


class Block(dict[Scalar, Value]):
    """A mapping of the file; `flow` when written in braces."""

    place: Place
    flow: bool


class Items(list[Value]):
    """A list of the file."""

    place: Place


class _Composer(yaml.cyaml.CParser, BaseResolver):
    """libyaml's parser with no implicit types: every scalar stays a string."""

    def __init__(self, text: str) -> None:
        yaml.cyaml.CParser.__init__(self, text)
        BaseResolver.__init__(self)


def load(data: bytes) -> tuple[Value | None, list[Fault]]:
    """Read a YAML document.

    Returns
    -------
    The root value, or None where there is none, and the faults of its form: what is not YAML,
    duplicate keys, tags, and documents beyond the bounds.
    """
    if len(data) > MAX_BYTES:
        return None, [Fault(Place(1, 1), f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        return None, [Fault(Place(line, column), "this is not UTF-8 text")]
    try:
        too_deep = _nesting_fault(text)
        if too_deep:
            return None, [too_deep]
        composer = _Composer(text)
        root = composer.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        parts = [part for part in (error.context, error.problem) if part]
        return None, [Fault(place, "not valid YAML: " + ", ".join(parts))]
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return None, [Fault(place, f"not valid YAML: {error.reason}")]
    if root is None:
        return None, [Fault(Place(1, 1), "the file is empty; expected a crisis (start one with `offramp new`)")]
    reader = _Reader()
    value = reader.value(root, 0)
    return value, reader.faults


def _nesting_fault(text: str) -> Fault | None:
    """Bound the nesting on the event stream, before anything recursive sees the document."""
    depth = 0
    for event in yaml.parse(text, Loader=_Composer):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return Fault(_place(event), f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _place(marked: Any) -> Place:
    return Place(marked.start_mark.line + 1, marked.start_mark.column + 1)


class _Reader:
    """Turns composed nodes into values, counting what aliases expand to."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.count = 0

    def value(self, node: yaml.Node, depth: int) -> Value:
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH:
            message = f"anchors and aliases expand to more than {MAX_VALUES:,} values or {MAX_DEPTH} levels"
            if not any(fault.message == message for fault in self.faults):
                self.faults.append(Fault(_place(node), message))
            return self.scalar(node, "")
        if isinstance(node, yaml.ScalarNode):
            if node.tag != BaseResolver.DEFAULT_SCALAR_TAG and node.tag != "!":
                self.faults.append(Fault(_place(node), f"tags such as '{node.tag}' are not part of a crisis file"))
            return self.scalar(node, node.value)
        if isinstance(node, yaml.SequenceNode):
            items = Items(self.value(child, depth + 1) for child in node.value)
            items.place = _place(node)
            return items
        block = Block()
        block.place = _place(node)
        block.flow = bool(node.flow_style)
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(_place(key_node), "a key must be a word; found a list or mapping"))
                continue
            key = self.scalar(key_node, key_node.value)
            if key in block:
                first = next(known for known in block if known == key)
                where = f"line {first.place.line}, column {first.place.column}"
                self.faults.append(Fault(key.place, f"duplicate key '{key}'; it stands first at {where}"))
                continue
            block[key] = self.value(child, depth + 1)
        return block

    def scalar(self, node: yaml.Node, text: str) -> Scalar:
        scalar = Scalar(text)
        scalar.place = _place(node)
        scalar.quoted = getattr(node, "style", None) in ("'", '"')
        scalar.one_line = node.start_mark.line == node.end_mark.line
        return scalar
