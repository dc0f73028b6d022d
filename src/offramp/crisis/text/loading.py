"""Read a YAML text as a `document`, with libyaml.

A hostile file cannot make the document large: size, nesting and the expansion of aliases are bounded. If libyaml stops,
the unreadable part is blanked out and the text read again, so that all mistakes of a file are found at once.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from typing import Any

import yaml

from offramp.common.lookalikes import plain_hint
from offramp.common.words import quoted
from offramp.crisis import schema
from offramp.crisis.faults import Faults, Location
from offramp.crisis.text.document import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    PROPERTIES,
    Items,
    Scalar,
    Value,
    YamlMapping,
)

CRISIS = "a crisis (start one with `offramp new`)"
FENCES = ("```", "~~~")
"""Marks with which Markdown fences a text."""
MAX_REREAD = 2_000_000
"""Maximum number of characters read again, in total, to find the mistakes after the first one."""


def load(data: bytes, faults: Faults, what: str = CRISIS) -> Value | None:
    """Read a YAML document; `what` it should hold, for the message if it is empty.

    Returns
    -------
    The root value, or None if there is none. Invalid YAML, duplicate keys, tags and exceeded bounds are faults.
    """
    text = _decoded(data, faults)
    if text is None:
        return None
    if any(mark in text for mark in FENCES):
        from offramp.crisis.text.unreadable import without_fence

        text = without_fence(text, faults)
    reread = 0
    lines: set[int] = set()
    while True:
        try:
            if not _within_bounds(text, faults):
                return None
            root = yaml.compose(text, Loader=yaml.CBaseLoader)
            break
        except yaml.MarkedYAMLError as error:
            # only a file that cannot be read loads what looks for its mistakes
            from offramp.crisis.text.unreadable import blanked
            from offramp.crisis.text.yaml_lines import line_of
            from offramp.crisis.text.yaml_mistakes import mistake_of

            mistake = mistake_of(error, text)
            line = None if mistake.part is None else line_of(text, mistake.part.start)
            if not lines or (line is not None and line not in lines):
                faults.add(mistake.place, mistake.message)
            blanked_text = text if mistake.part is None else blanked(text, mistake.part, mistake.is_value)
            reread += len(text)
            if line is None or blanked_text == text:
                return None
            if reread > MAX_REREAD:
                faults.add(mistake.place, "the file is read no further; mend what is found above, then check it again")
                return None
            lines.add(line)
            text = blanked_text
        except yaml.reader.ReaderError as error:
            before = text.encode()[: error.position].decode(errors="replace")
            faults.add(_end_of(before), f"not valid YAML: {error.reason}")
            return None
    if root is None:
        faults.add(Location(1, 1), f"the file is empty; expected {what}")
        return None
    try:
        value = _Reader(text, faults).value(root, 0)
        return None if lines else value
    except _TooLargeError:
        message = f"anchors and aliases expand to more than {MAX_VALUES:,} values, {MAX_DEPTH} levels"
        faults.add(_place(root), f"{message} or {2 * MAX_BYTES:,} characters")
        return None


def _decoded(data: bytes, faults: Faults) -> str | None:
    if len(data) > MAX_BYTES:
        faults.add(Location(1, 1), f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        faults.add(_end_of(data[: error.start].decode()), "this is not UTF-8 text; save the file as UTF-8")
        return None
    if text.startswith("\ufeff"):
        faults.add(Location(1, 1), f"more than one byte order mark begins the file{plain_hint(text[0])}")
        return None
    for mark in re.finditer("[\x85\u2028\u2029]", text):
        name = f"U+{ord(mark[0]):04X}"
        faults.add(
            _end_of(text[: mark.start()]), f"{name} ends a line in YAML, but not in editors; write a plain new line"
        )
        return None
    return text


def _end_of(before: str) -> Location:
    """The place after a text that begins at the start of the file."""
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return Location(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _within_bounds(text: str, faults: Faults) -> bool:
    """Check nesting and length on the stream of events, before any recursive function reads the document."""
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


def _place(marked: Any) -> Location:
    return Location(marked.start_mark.line + 1, marked.start_mark.column + 1)


class _TooLargeError(Exception):
    """The expanded aliases of a document exceed the bounds."""


class _Reader:
    """Turns composed nodes into values and counts them with aliases expanded."""

    def __init__(self, text: str, faults: Faults) -> None:
        self.text = text
        self.faults = faults
        self.count = 0
        self.characters = 0

    def value(self, node: yaml.Node, depth: int) -> Value:
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH or self.characters > 2 * MAX_BYTES:
            raise _TooLargeError
        properties = PROPERTIES.match(self.text, node.start_mark.index)
        if properties is not None and "!" in properties[0]:
            if isinstance(node, yaml.ScalarNode) and not node.style and re.match(r"!\w", properties[0]):
                written = self.text[node.start_mark.index : node.end_mark.index]
                return self.scalar_of(node, " ".join(written.split()), node.end_mark)  # `!x` is "not" elsewhere
            self.faults.add(_place(node), f"tags such as {quoted(properties[0].strip())} are not part of a crisis file")
        if isinstance(node, yaml.MappingNode):
            return self.block(node, depth)
        if isinstance(node, yaml.SequenceNode):
            items = Items(self.value(part, depth + 1) for child in node.value for part in self.steps(child))
            items.place = _place(node)
            return items
        return self.scalar(node)

    def steps(self, node: yaml.Node) -> list[yaml.Node]:
        """An entry of a list; if it has the keys of two steps, the steps, of which all but one lack their own dash."""
        if not isinstance(node, yaml.MappingNode):
            return [node]
        words = [key.value if isinstance(key, yaml.ScalarNode) else "" for key, _ in node.value]
        kinds = [place for place, word in enumerate(words) if word in schema.STEP_KINDS]
        begins = [0]
        for first, place in pairwise(kinds):
            if place and set(words[place:]) & set(words[begins[-1] : place]):
                key, kind = node.value[place][0], words[place]
                if kind == words[first]:
                    line = _place(node.value[first][0]).line
                    message = f"a second `{kind}` in the step of line {line}; begin each step with its own dash"
                else:
                    message = f"one step is both `{words[first]}` and `{kind}`; begin each step with its own dash"
                self.faults.add(_place(key), message)
                begins.append(place)
        if len(begins) == 1:
            return [node]
        parts = [node.value[begin:end] for begin, end in zip(begins, [*begins[1:], None], strict=True)]
        return [yaml.MappingNode(node.tag, part, part[0][0].start_mark, part[-1][1].end_mark) for part in parts]

    def block(self, node: yaml.MappingNode, depth: int) -> YamlMapping:
        block = YamlMapping()
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
                where = f"it first appears at line {first.line}, column {first.column}"
                self.faults.add(key.place, f"duplicate key {quoted(key)}; {where}")
            elif key == "<<" and not key.quoted:
                self.faults.add(key.place, "merge keys ('<<') are not part of a crisis file")
                merged = self.value(child, depth + 1)
                block.update(merged if isinstance(merged, YamlMapping) else {})
            else:
                block[key] = self.value(child, depth + 1)
                last = key, child
        return block

    def cut_by_comma(self, block: YamlMapping, last: tuple[Scalar, yaml.Node] | None, node: yaml.Node) -> None:
        """Handle a word without a colon inside braces: it belongs to the value before it, which contains a comma."""
        word = quoted(node.value)
        if last is None or not isinstance(last[1], yaml.ScalarNode) or last[1].style:
            self.faults.add(_place(node), f"expected `key: value` inside braces, found {word}")
            return
        key, value = last
        message = f"unexpected {word}: inside braces a comma ends a value; put quotes around the whole value of"
        self.faults.add(_place(node), f"{message} {quoted(key)}")
        block[key] = self.scalar_of(value, self.text[value.start_mark.index : node.end_mark.index], node.end_mark)

    def scalar(self, node: yaml.Node) -> Scalar:
        return self.scalar_of(node, node.value, node.end_mark)

    def scalar_of(self, node: Any, text: str, end: yaml.Mark) -> Scalar:
        """The string `text`, written in the file from the node's start to the mark `end`."""
        self.characters += len(text)
        scalar = Scalar(text)
        scalar.place = _place(node)
        scalar.quoted = node.style in ("'", '"')
        raw = self.text[node.start_mark.index : end.index].rstrip()
        scalar.raw = None if raw == (f"{node.style}{text}{node.style}" if scalar.quoted else text) else raw
        return scalar
