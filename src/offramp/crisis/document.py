"""A YAML text as plain mappings, lists and strings that remember where they stand.

Every scalar is a string: `no`, `012` and `12:30` are what they look like, and the crisis language
itself decides what is a number. libyaml reads the text; what is bounded here is what a hostile file
could make large: its size, its nesting, and what its aliases expand to.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

import yaml

from offramp.crisis.faults import Faults, Place, quoted

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_VALUES = 30_000

Value = Any  # Scalar | Block | Items; recursive, so left open

_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)+")
_BLOCK_HEADER = re.compile(r"[|>].*\n")
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)", re.DOTALL)
_WHITE_ESCAPES = frozenset({"\\n", "\\r", "\\t", "\\v", "\\f", "\\ ", "\\N", "\\_", "\\L", "\\P", "\\\n"})
_IN_WORDS = {
    "a flow mapping": "braces",
    "a flow sequence": "brackets",
    "a block mapping": "a mapping",
    "a block collection": "a list",
}


class Scalar(str):
    """A string of the file, with its place; `quoted` when the file puts quotes around it."""

    place: Place
    quoted: bool
    raw: str | None
    """As the file writes it, where that is more than the string and quotes around it."""

    def at(self, offset: int) -> Place:
        """The place of the character at `offset`."""
        if self.raw is None:
            return Place(self.place.line, self.place.column + offset + self.quoted)
        before = self.raw[: _raw_offset(self.raw, self, offset)]
        fresh = before.rfind("\n")
        if fresh < 0:
            return Place(self.place.line, self.place.column + len(before))
        return Place(self.place.line + before.count("\n"), len(before) - fresh)


class Block(dict[Scalar, Value]):
    """A mapping of the file."""

    place: Place

    def key(self, word: str) -> Scalar:
        """The key as the file writes it."""
        return next(key for key in self if key == word)


class Items(list[Value]):
    """A list of the file."""

    place: Place


def scalar_at(place: Place, text: str) -> Scalar:
    """A string that stands for one at this place of the file."""
    scalar = Scalar(text)
    scalar.place, scalar.quoted, scalar.raw = place, False, None
    return scalar


def load(data: bytes, faults: Faults) -> Value | None:
    """Read a YAML document.

    Returns
    -------
    The root value, or None where there is none. What is not YAML, duplicate keys, tags and what is beyond
    the bounds are faults.
    """
    text = _decoded(data, faults)
    if text is None:
        return None
    try:
        if not _within_bounds(text, faults):
            return None
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        faults.add(*_described(error, text))
        return None
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="replace")
        faults.add(_end_of(before), f"not valid YAML: {error.reason}")
        return None
    if root is None:
        faults.add(Place(1, 1), "the file is empty; expected a crisis (start one with `offramp new`)")
        return None
    try:
        return _Reader(text, faults).value(root, 0)
    except _TooLargeError:
        message = f"anchors and aliases expand to more than {MAX_VALUES:,} values, {MAX_DEPTH} levels"
        faults.add(_place(root), f"{message} or {2 * MAX_BYTES:,} characters")
        return None


def _decoded(data: bytes, faults: Faults) -> str | None:
    if len(data) > MAX_BYTES:
        faults.add(Place(1, 1), f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        faults.add(_end_of(data[: error.start].decode()), "this is not UTF-8 text")
        return None
    for mark in re.finditer("[\x85\u2028\u2029]", text):
        name = f"U+{ord(mark[0]):04X}"
        faults.add(
            _end_of(text[: mark.start()]), f"{name} ends a line in YAML, but not in editors; write a plain new line"
        )
        return None
    return text


def _end_of(before: str) -> Place:
    """The place that follows a text from the beginning of the file."""
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _within_bounds(text: str, faults: Faults) -> bool:
    """Bound nesting and length on the stream of events, before anything recursive sees the document."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            faults.add(_place(event), f"nested more than {MAX_DEPTH} deep")
            return False
        if count > MAX_VALUES:
            faults.add(_place(event), f"more than {MAX_VALUES:,} values in one file")
            return False
    return True


def _described(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str]:
    """What libyaml could not read: where, since which line, and how it can be mended."""
    mark, since = error.problem_mark or error.context_mark, error.context_mark
    problem = str(error.problem)
    if mark is None:
        return Place(1, 1), f"not valid YAML: {problem}"
    hint = _hint(problem, text[: mark.index], since is not None and since.line == mark.line)
    if error.context:
        context = error.context
        for jargon, words in _IN_WORDS.items():
            context = context.replace(jargon, words)
        if since and since.line != mark.line and context.startswith("while"):
            context += f" from line {since.line + 1} on"
        problem = f"{context}, {problem}"
    return Place(mark.line + 1, mark.column + 1), f"not valid YAML: {problem}{hint}"


def _hint(problem: str, before: str, one_line: bool) -> str:
    """How what libyaml complains of is mended in a crisis file."""
    line = before.rsplit("\n", 1)[-1]
    if problem == "mapping values are not allowed in this context":
        if ": " in line:
            return "; put quotes around a text that holds ': '"
        return "; begin the line as far to the right as its neighbours"
    if problem.startswith("did not find expected ',' or"):
        if one_line:
            return "; put quotes around a text that holds one of [ ] { } : ,"
        return f"; close with {problem[-3:]}"
    if problem == "found undefined alias":
        return "; put quotes around a text that begins with *"
    if problem == "found character that cannot start any token":
        if line.isspace() or not line:
            return "; begin a line with spaces, not tabs"
        return "; put quotes around a text that begins so"
    return ""


def _place(marked: Any) -> Place:
    return Place(marked.start_mark.line + 1, marked.start_mark.column + 1)


class _TooLargeError(Exception):
    """What the aliases of a document stand for is beyond the bounds."""


class _Reader:
    """Turns composed nodes into values, counting what aliases expand to."""

    def __init__(self, text: str, faults: Faults) -> None:
        self.text = text
        self.faults = faults
        self.count = 0
        self.characters = 0

    def value(self, node: yaml.Node, depth: int) -> Value:
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH or self.characters > 2 * MAX_BYTES:
            raise _TooLargeError
        properties = _PROPERTIES.match(self.text, node.start_mark.index)
        if properties is not None and "!" in properties[0]:
            self.faults.add(_place(node), f"tags such as {quoted(properties[0].strip())} are not part of a crisis file")
        if isinstance(node, yaml.MappingNode):
            return self.block(node, depth)
        if isinstance(node, yaml.SequenceNode):
            items = Items(self.value(child, depth + 1) for child in node.value)
            items.place = _place(node)
            return items
        return self.scalar(node)

    def block(self, node: yaml.MappingNode, depth: int) -> Block:
        block = Block()
        block.place = _place(node)
        last: tuple[Scalar, yaml.Node] | None = None
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.add(_place(key_node), "a key must be a word; found a list or mapping")
                continue
            key = self.scalar(key_node)
            if child.end_mark.index == key_node.end_mark.index:
                self.cut_by_comma(block, last, key_node)
            elif key in block:
                first = block.key(key).place
                where = f"it stands first at line {first.line}, column {first.column}"
                self.faults.add(key.place, f"duplicate key {quoted(key)}; {where}")
            elif key == "<<" and not key.quoted:
                self.faults.add(key.place, "merge keys ('<<') are not part of a crisis file")
                merged = self.value(child, depth + 1)
                block.update(merged if isinstance(merged, Block) else {})
            else:
                block[key] = self.value(child, depth + 1)
                last = key, child
        return block

    def cut_by_comma(self, block: Block, last: tuple[Scalar, yaml.Node] | None, node: yaml.Node) -> None:
        """Braces hold a word without a colon: the end of the value before it, cut off by that value's own comma."""
        word = quoted(node.value)
        if last is None or not isinstance(last[1], yaml.ScalarNode) or last[1].style:
            self.faults.add(_place(node), f"expected `key: value` inside braces, found {word}")
            return
        key, value = last
        message = f"unexpected {word}: inside braces a comma ends a value; put quotes around the whole value of"
        self.faults.add(_place(node), f"{message} {quoted(key)}")
        block[key] = self.made(value, self.text[value.start_mark.index : node.end_mark.index], node.end_mark)

    def scalar(self, node: yaml.Node) -> Scalar:
        return self.made(node, node.value, node.end_mark)

    def made(self, node: Any, text: str, end: yaml.Mark) -> Scalar:
        """The string `text`, which the file writes from the node's start to the mark `end`."""
        self.characters += len(text)
        scalar = Scalar(text)
        scalar.place = _place(node)
        scalar.quoted = node.style in ("'", '"')
        raw = self.text[node.start_mark.index : end.index].rstrip()
        scalar.raw = None if raw == (f"{node.style}{text}{node.style}" if scalar.quoted else text) else raw
        return scalar


def _raw_offset(raw: str, text: str, offset: int) -> int:
    """Where in `raw` the character of `text` at `offset` stands: folding lines changes nothing but white space."""
    begin = _PROPERTIES.match(raw)
    at = begin.end() if begin else 0
    style = raw[at : at + 1]
    header = _BLOCK_HEADER.match(raw, at)
    at = header.end() if header else at + (style in ("'", '"'))
    before = sum(not character.isspace() for character in text[:offset])
    while at < len(raw):
        unit = raw[at]
        if style == '"' and unit == "\\":
            escape = _ESCAPE.match(raw, at)
            unit = escape[0] if escape else unit
        elif style == "'" and raw.startswith("''", at):
            unit = "''"
        if not (unit.isspace() or unit in _WHITE_ESCAPES):
            if not before:
                break
            before -= 1
        at += len(unit)
    return at
