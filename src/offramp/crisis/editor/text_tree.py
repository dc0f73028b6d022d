"""The tree of a text being typed: words, mappings and lists, with their spans in characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FOLD = re.compile(r"[ \t]*+(?:\r\n?|\n)\s*+")
_DOUBLE_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


@dataclass(slots=True)
class Word:
    """A scalar; `start` and `end` include the quotes; `style` is the quote or block character, or ''."""

    text: str
    start: int
    end: int
    style: str = ""


@dataclass(slots=True)
class TextEntry:
    """A key and its value; `bare` if no colon follows the key."""

    key: Word
    value: Node | None
    bare: bool = False


@dataclass(slots=True)
class Mapping:
    """A mapping in file order, including duplicate keys."""

    start: int
    end: int
    entries: list[TextEntry]
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)

    def keys(self) -> list[str]:
        return [entry.key.text for entry in self.entries]


@dataclass(slots=True)
class Listing:
    """A list; an item None is a dash with nothing after it."""

    start: int
    end: int
    items: list[Node | None]
    flow: bool = False


Node = Word | Mapping | Listing


def words(node: Node | None) -> Iterator[Word]:
    """Every scalar of a tree, including keys, in file order."""
    if isinstance(node, Word):
        yield node
    elif isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key
            yield from words(entry.value)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from words(item)


def word_of(text: str, start: int, end: int) -> Word:
    """The scalar between two offsets, without quotes and escapes, its lines joined."""
    raw = text[start:end].rstrip()
    style = raw[:1] if raw[:1] in ("'", '"') else ""
    inner = raw[1 : -1 if len(raw) > 1 and raw[-1] == style else None] if style else raw
    return Word(_unescaped(folded(inner), style), start, start + len(raw), style)


def folded(text: str) -> str:
    """The lines of a text joined by spaces."""
    return _FOLD.sub(" ", text).strip() if "\n" in text or "\r" in text else text


def _unescaped(text: str, style: str) -> str:
    if style == "'":
        return text.replace("''", "'")
    if style != '"' or "\\" not in text:
        return text

    def unescape(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 else "\ufffd"
        return _ESCAPES.get(match[4], match[4])

    return _DOUBLE_ESCAPE.sub(unescape, text)
