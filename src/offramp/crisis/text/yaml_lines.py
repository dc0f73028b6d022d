"""Places, lines and tokens of a YAML text, up to where libyaml stops reading it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from offramp.crisis.faults import Location
from offramp.crisis.text.document import PROPERTIES

BREAK = re.compile(r"\r\n|\r|\n")


def line_of(text: str, index: int) -> int:
    """The number of the line that contains a character, counted from 0."""
    return len(BREAK.findall(text, 0, index))


def line_start(text: str, index: int) -> int:
    """The offset of the first character of the line that contains a character."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def line_end(text: str, index: int) -> int:
    """The offset after the last character of the line that contains a character."""
    end = BREAK.search(text, index)
    return end.start() if end else len(text)


def line_at(text: str, index: int) -> str:
    """The whole line that contains a character."""
    return text[line_start(text, index) : line_end(text, index)]


def place_at(text: str, index: int) -> Location:
    """The place of a character."""
    return Location(line_of(text, index) + 1, index - line_start(text, index) + 1)


def seen_from(text: str, index: int, other: int) -> str:
    """The place of a character in words, for a message at the place of another one: its line only if that differs."""
    place, here = place_at(text, index), place_at(text, other)
    line = "" if place.line == here.line else f"line {place.line}, "
    return f"{line}column {place.column}"


def tokens_before(text: str, index: int) -> Iterator[yaml.Token]:
    """The tokens that begin before a character, and the ends of blocks there, until libyaml stops."""
    try:
        for token in yaml.scan(text, Loader=yaml.CBaseLoader):
            if token.start_mark.index >= index and not isinstance(token, yaml.BlockEndToken):
                return
            yield token
    except yaml.MarkedYAMLError:
        return


def flow_opened(text: str) -> list[int]:
    """The offsets of the braces and brackets that are open where libyaml stops reading, outermost first."""
    opened: list[tuple[int, bool]] = []
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.CollectionStartEvent) and event.start_mark:
                opened.append((event.start_mark.index, bool(event.flow_style)))
            elif isinstance(event, yaml.CollectionEndEvent):
                opened.pop()
    except yaml.MarkedYAMLError:
        pass
    found = (_bracket_from(text, index) for index, flow in opened if flow)
    return [index for index in found if text[index : index + 1] in ("[", "{")]


def _bracket_from(text: str, index: int) -> int:
    """The offset of the bracket that begins a list or mapping; anchors and tags may precede it.

    The single pair of `[key: value]` is a mapping without a bracket.
    """
    properties = PROPERTIES.match(text, index)
    after = properties.end() if properties else index
    brackets = (place for place in range(index, after) if text[place] in "[{")
    return after if text[after : after + 1] in ("[", "{") else next(brackets, after)
