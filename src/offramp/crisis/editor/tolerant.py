"""A YAML parser for text being typed: makes a tree of any text, however broken.

`offramp.crisis.text.loading` reads a file or says what is wrong with it. An editor needs to know the context of the
cursor while a line is half written, so this parser never refuses a text; it goes by indentation and brackets. An
unclosed bracket or quote ends where the indentation of its neighbours requires it; a word without a colon is a key
without a value. For a valid file the tree is the same as libyaml's. The time is linear in the length of the text.
"""

from __future__ import annotations

import re

from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.editor.text_tree import Listing, Mapping, Node, TextEntry, Word, folded, word_of

MAX_DEPTH = 40
MAX_GAPS = 120_000
"""Maximum number of gaps between words that are read: enough for the maximum number of values of a crisis file."""

_GAP = re.compile(r"(?:[\s\ufeff]|(?<![^\s\ufeff])\#[^\r\n]*)*+")
_INLINE_GAP = re.compile(r"(?:[ \t]|(?<!\S)\#[^\r\n]*)*+")
_KEY = re.compile(
    r"""(?P<key>"(?:[^"\\\r\n]|\\[^\r\n])*+"[ \t]*+|'(?:[^'\r\n]|'')*+'[ \t]*+"""
    r"""|(?:[^-\s"'\#{}\[\],&*!|>%@`]|-(?=\S))(?:[^\r\n\#:]|:(?!\s|\Z)|(?<!\s)\#)*+):(?=\s|\Z)"""
)
_PLAIN = re.compile(r"(?:[^\r\n\#]|(?<!\s)\#)++")
_FLOW_PLAIN = re.compile(r"(?:[^\r\n\#:,\[\]{}]|:(?![\s,\[\]{}]|\Z)|(?<!\s)\#)++")
_PROPERTIES = re.compile(r"(?:[&!]\S*+[ \t]*+)++")
_HEADER = re.compile(r"[|>][-+0-9]*+[ \t]*+(?:\#[^\r\n]*+)?(?=\r|\n|\Z)")
_CLOSING = {'"': re.compile(r'(?:[^"\\\r\n]|\\[^\r\n]|\\(?=[\r\n]))*+'), "'": re.compile(r"(?:[^'\r\n]|'')*+")}
_SPACES = re.compile(r"[ \t]*+")


def tree_of(text: str, offsets: Offsets | None = None) -> Node | None:
    r"""The tree of a text, or None if the text is empty.

    Examples
    --------
    >>> tree = tree_of("inputs:\n  a: {is: 0.3, be\nlet:")
    >>> [(entry.key.text, entry.value is None) for entry in tree.entries]
    [('inputs', False), ('let', True)]
    >>> [(entry.key.text, entry.bare) for entry in tree.get("inputs").get("a").entries]
    [('is', False), ('be', True)]
    """
    return _Reader(text, offsets or Offsets(text)).root()


class _Reader:
    """Recursive-descent parser of bounded depth; every loop consumes at least one character."""

    def __init__(self, text: str, offsets: Offsets) -> None:
        self.text = text
        self.size = len(text)
        self.offsets = offsets
        self.at = 0
        self.gaps = 0

    def root(self) -> Node | None:
        self.skip()
        return self.block(-1, 0) if self.at < self.size else None

    # -- position --------------------------------------------------------------------------------------

    def skip(self) -> None:
        """Skip white space, line breaks and comments; go to the end of the text after `MAX_GAPS` gaps."""
        self.gaps += 1
        self.at = self._end(_GAP, self.at) if self.gaps < MAX_GAPS else self.size

    def _end(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self.text, at)
        return match.end() if match else at

    def column(self, at: int | None = None) -> int:
        return self.offsets.column(self.at if at is None else at)

    def line(self, at: int | None = None) -> int:
        return self.offsets.line(self.at if at is None else at)

    def is_dash(self) -> bool:
        text, at = self.text, self.at
        return at < self.size and text[at] == "-" and (at + 1 == self.size or text[at + 1].isspace())

    # -- block style -----------------------------------------------------------------------------------

    def block(self, parent: int, depth: int) -> Node:
        """The node at the current position, which is to the right of the column `parent`."""
        column = self.column()
        if depth > MAX_DEPTH:
            return self.plain(parent)
        if self.is_dash():
            return self.listing(column, parent, depth)
        self.at = self._end(_PROPERTIES, self.at)
        if self.at >= self.offsets.line_end(self.at):
            empty = Word("", self.at, self.at)
            self.skip()
            return self.block(parent, depth + 1) if self.at < self.size and self.column() > parent else empty
        if _KEY.match(self.text, self.at):
            return self.mapping(column, parent, depth)
        begin = self.at
        node = self.scalar(parent, depth)
        end = self.at
        self.skip()
        if (
            isinstance(node, Word)
            and self.at < self.size
            and self.column() == column > parent
            and _KEY.match(self.text, self.at)
        ):
            self.at = begin
            return self.mapping(column, parent, depth)
        self.at = end
        return node

    def listing(self, column: int, parent: int, depth: int) -> Listing:
        items: list[Node | None] = []
        start = end = self.at
        while True:
            self.skip()
            here = self.column()
            if self.at >= self.size or not ((self.is_dash() and here == column) or here > parent):
                break
            if self.is_dash():
                line = self.line()
                self.at += 1
                end = self.at
                items.append(self.item_after_dash(here, line, depth))
            elif _KEY.match(self.text, self.at):
                items.append(self.mapping(here, parent, depth + 1) if depth < MAX_DEPTH else self.plain(parent))
            else:
                items.append(self.one_line())
            last = items[-1]
            end = last.end if last is not None else end
        return Listing(start, end, items)

    def item_after_dash(self, column: int, line: int, depth: int) -> Node | None:
        self.skip()
        if self.at >= self.size or (self.line() != line and self.column() <= column):
            return None
        return self.block(column, depth + 1)

    def mapping(self, column: int, parent: int, depth: int) -> Mapping:
        entries: list[TextEntry] = []
        start = end = self.at
        while True:
            self.skip()
            here = self.column()
            if self.at >= self.size or (entries and here <= parent):
                break
            if entries and self.is_dash():
                node = self.listing(here, max(parent, here - 1), depth + 1) if depth < MAX_DEPTH else self.one_line()
                if entries[-1].value is None:
                    entries[-1].value = node
                end = node.end
                continue
            key_match = _KEY.match(self.text, self.at)
            if key_match is None:
                word = self.one_line()
                end = word.end
                if word.text not in ("---", "..."):
                    entries.append(TextEntry(word, None, bare=True))
                continue
            key = self.word(self.at, self.at + len(key_match["key"].rstrip()))
            end = self.at = key_match.end()
            value = self.value_after_colon(here, self.line(key_match.start()), depth)
            entries.append(TextEntry(key, value))
            if value is not None:
                end = value.end
                self.drop_rest_of_line(end)
        return Mapping(start, end, entries)

    def value_after_colon(self, column: int, line: int, depth: int) -> Node | None:
        self.skip()
        if self.at >= self.size:
            return None
        if self.line() == line:
            self.at = self._end(_PROPERTIES, self.at)
            self.at = self._end(_INLINE_GAP, self.at)
            if self.at < self.offsets.line_end(self.at):
                return self.scalar(column, depth + 1)
            self.skip()
            if self.at >= self.size:
                return None
        here = self.column()
        if here > column:
            return self.block(column, depth + 1)
        if here == column and self.is_dash() and depth < MAX_DEPTH:
            return self.listing(here, here, depth + 1)
        return None

    def drop_rest_of_line(self, end: int) -> None:
        """Skip text after a value on the same line, which belongs to no value."""
        self.at = max(self.at, end)
        self.skip()
        if self.at < self.size and self.line() == self.line(max(end - 1, 0)):
            self.at = self.offsets.line_end(self.at)

    # -- scalars ---------------------------------------------------------------------------------------

    def scalar(self, parent: int, depth: int) -> Node:
        """A value that is not a block collection; a plain scalar takes the rest of its line, including colons."""
        mark = self.text[self.at]
        if mark in "{[" and depth <= MAX_DEPTH:
            return self.flow(parent, depth, "")
        if mark in "\"'":
            return self.quoted(parent)
        header = _HEADER.match(self.text, self.at) if mark in "|>" else None
        return self.literal(parent, header.end()) if header else self.plain(parent)

    def one_line(self) -> Word:
        start = self.at
        if self.text[start] in "\"'":
            return self.quoted(1 << 30)
        self.at = max(self._end(_PLAIN, start), start + 1)
        return self.word(start, self.at)

    def word(self, start: int, end: int) -> Word:
        return word_of(self.text, start, end)

    def plain(self, parent: int) -> Word:
        start = self.at
        end = max(self._end(_PLAIN, start), start + 1)
        while True:
            self.at = end
            self.skip()
            comment = "#" in self.text[end : self.at] if self.at - end < 1_000 else True
            if self.at >= self.size or comment or self.column() <= parent or _KEY.match(self.text, self.at):
                break
            end = max(self._end(_PLAIN, self.at), self.at + 1)
        self.at = end
        return self.word(start, end)

    def quoted(self, parent: int) -> Word:
        """A scalar in quotes; if no quote closes it before the indentation ends, it ends with its line."""
        start, mark = self.at, self.text[self.at]
        at = start + 1
        while True:
            at = self._end(_CLOSING[mark], at)
            if at < self.size and self.text[at] == mark:
                self.at = at + 1
                return self.word(start, self.at)
            line = self.offsets.line(at) + 1
            while line < len(self.offsets.starts):
                begin = self.offsets.starts[line]
                at = self._end(_SPACES, begin)
                if at < self.offsets.ends[line]:
                    break
                line += 1
            if line >= len(self.offsets.starts) or at - begin <= parent:
                break
        self.at = self.offsets.line_end(start)
        return self.word(start, self.at)

    def literal(self, parent: int, end: int) -> Word:
        """A block scalar: the lines indented more than `parent`."""
        start = self.at
        line = self.offsets.line(start) + 1
        begin = end
        while line < len(self.offsets.starts):
            first = self._end(_SPACES, self.offsets.starts[line])
            if first < self.offsets.ends[line]:
                if first - self.offsets.starts[line] <= parent:
                    break
                end = self.offsets.ends[line]
            line += 1
        self.at = end
        content = self.text[begin:end]
        text = folded(content) if self.text[start] == ">" else "\n".join(map(str.strip, content.split("\n"))).strip()
        return Word(text, start, end, self.text[start])

    # -- flow style ------------------------------------------------------------------------------------

    def flow(self, parent: int, depth: int, around: str) -> Node:
        """A mapping in braces or list in brackets; `around` are the marks that close the enclosing ones."""
        start = self.at
        close = "}" if self.text[start] == "{" else "]"
        around += close
        self.at += 1
        entries: list[TextEntry] = []
        items: list[Node | None] = []
        end = self.at
        while True:
            line = self.line(max(self.at - 1, 0))
            self.skip()
            if self.at >= self.size:
                break
            mark = self.text[self.at]
            if mark == close:
                end = self.at = self.at + 1
                break
            if self.line() != line and self.column() <= parent:
                break
            if mark in "}]":
                if mark in around:
                    break
                self.at += 1
                continue
            if mark == ",":
                end = self.at = self.at + 1
                continue
            entry, node = self.flow_entry(parent, depth, around)
            end = max(end, self.at)
            if close == "}":
                entries.append(entry if entry else TextEntry(_as_word(node), None, bare=True))
            else:
                items.append(Mapping(entry.key.start, self.at, [entry], flow=True) if entry else node)
        self.at = end
        return Mapping(start, end, entries, flow=True) if close == "}" else Listing(start, end, items, flow=True)

    def flow_entry(self, parent: int, depth: int, around: str) -> tuple[TextEntry | None, Node]:
        node = self.flow_node(parent, depth, around)
        end = self.at
        self.skip()
        colon = self.at < self.size and self.text[self.at] == ":"
        after = self.text[self.at + 1 : self.at + 2]
        if not (colon and isinstance(node, Word) and (not after or after in ",[]{}" or after.isspace() or node.style)):
            self.at = end
            if colon and end == self.at and self.at < self.size and self.text[self.at] == ":":
                self.at += 1
            return None, node
        self.at += 1
        end = self.at
        line = self.line()
        self.skip()
        if (
            self.at >= self.size
            or self.text[self.at] in ",}]"
            or (self.line() != line and (self.column() <= parent or _KEY.match(self.text, self.at)))
        ):
            self.at = end
            return TextEntry(node, None), node
        return TextEntry(node, self.flow_node(parent, depth, around)), node

    def flow_node(self, parent: int, depth: int, around: str) -> Node:
        self.at = self._end(_PROPERTIES, self.at)
        start = self.at
        if start >= self.size:
            return Word("", start, start)
        mark = self.text[start]
        if mark in "{[" and depth < MAX_DEPTH:
            return self.flow(parent, depth + 1, around)
        if mark in "\"'":
            return self.quoted(parent)
        end = max(self._end(_FLOW_PLAIN, start), start + 1)
        while True:
            self.at = end
            self.skip()
            here = self.at
            if (
                here >= self.size
                or self.line() == self.line(end)
                or self.text[here] in ",:[]{}"
                or self.column() <= parent
                or "#" in self.text[end : min(here, end + 1_000)]
                or _KEY.match(self.text, here)
            ):
                break
            end = max(self._end(_FLOW_PLAIN, here), here + 1)
        self.at = end
        return self.word(start, end)


def _as_word(node: Node) -> Word:
    return node if isinstance(node, Word) else Word("", node.start, node.end)
