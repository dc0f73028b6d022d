"""Edits of a text: spans that are replaced, and lines that are added; every other character stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from offramp.crisis.editor.offsets import LINE_END, Offsets
from offramp.crisis.editor.rewriting import break_after


@dataclass(frozen=True)
class TextEdit:
    """A text in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def new_lines(text: str, end: int, lines: Sequence[str]) -> TextEdit:
    """Lines of their own after the line with the offset `end`, with the line break that the file uses there."""
    found, line_break = LINE_END.search(text, end), break_after(text, end)
    if found is None:
        return TextEdit(len(text), len(text), "".join(f"{line_break}{line}" for line in lines))
    return TextEdit(found.end(), found.end(), "".join(f"{line}{line_break}" for line in lines))


def without_lines(text: str, start: int, end: int) -> TextEdit:
    """The lines from that of the offset `start` to that of the offset `end` are removed."""
    offsets, after = Offsets(text), LINE_END.search(text, end)
    return TextEdit(offsets.starts[offsets.line(start)], after.end() if after else len(text), "")


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with all edits; those at one place are inserted in their order.

    Examples
    --------
    >>> edited("one two", [TextEdit(4, 7, "2"), TextEdit(0, 3, "1")])
    '1 2'
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])
