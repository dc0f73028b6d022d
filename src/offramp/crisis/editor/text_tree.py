"""The tree of a text that is being typed: words, mappings and lists, and where they stand (in characters)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FOLD = re.compile(r"[ \t]*+(?:\r\n?|\n)\s*+")
_DOUBLE_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


@dataclass(slots=True)
class Word:
    """A scalar; `start` and `end` hold its quotes as well, `style` is its first mark, empty where it has none."""

    text: str
    start: int
    end: int
    style: str = ""


@dataclass(slots=True)
class TextEntry:
    """A key and its value; `bare` where no colon follows the key."""

    key: Word
    value: Node | None
    bare: bool = False


@dataclass(slots=True)
class Mapping:
    """A mapping, in file order, keys that stand twice included."""

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
    """A list; an item None is a dash with nothing behind it."""

    start: int
    end: int
    items: list[Node | None]
    flow: bool = False


Node = Word | Mapping | Listing


def words(node: Node | None) -> Iterator[Word]:
    """Every scalar of a tree, keys too, in file order."""
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
    """The scalar between two offsets, its quotes and escapes undone, its lines put into one."""
    raw = text[start:end].rstrip()
    style = raw[:1] if raw[:1] in ("'", '"') else ""
    inner = raw[1 : -1 if len(raw) > 1 and raw[-1] == style else None] if style else raw
    return Word(_unescaped(folded(inner), style), start, start + len(raw), style)


def folded(text: str) -> str:
    """Lines put into one."""
    return _FOLD.sub(" ", text).strip() if "\n" in text or "\r" in text else text


def _unescaped(text: str, style: str) -> str:
    if style == "'":
        return text.replace("''", "'")
    if style != '"' or "\\" not in text:
        return text

    def meant(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 else "\ufffd"
        return _ESCAPES.get(found[4], found[4])

    return _DOUBLE_ESCAPE.sub(meant, text)
