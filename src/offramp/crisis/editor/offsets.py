"""Conversions between offsets in characters, offsets in UTF-16 code units, and lines and columns.

Python counts characters; an editor in a browser counts an astral character (such as an emoji) as two units. The public
functions of `offramp.crisis.editor` take and return offsets in UTF-16 units; internally offsets count characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
LINE_END = re.compile("\r\n|\r|\n")
BYTE_ORDER_MARK = "\ufeff"


class Offsets:
    r"""The positions of the characters of a text.

    Examples
    --------
    >>> offsets = Offsets("a😀b\nc")
    >>> offsets.units(2), offsets.characters(3), offsets.at(2, 1)
    (3, 2, 4)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        ends = [(match.start(), match.end()) for match in LINE_END.finditer(text)]
        self.starts = [0, *(end for _, end in ends)]
        self.ends = [*(start for start, _ in ends), len(text)]
        self.astral = [match.start() for match in _ASTRAL.finditer(text)]
        self._astral_units = [position + number for number, position in enumerate(self.astral)]

    def units(self, character: int) -> int:
        """The offset in UTF-16 units of a character."""
        return character + bisect_left(self.astral, character)

    def characters(self, unit: int) -> int:
        """The offset in characters of a UTF-16 unit, clipped to the text; half a character counts as the whole one."""
        return max(0, min(unit - bisect_left(self._astral_units, unit), len(self.text)))

    def line(self, character: int) -> int:
        """The number of a character's line, from 0."""
        return bisect_right(self.starts, character) - 1

    def column(self, character: int) -> int:
        """The number of characters before a character on its line."""
        return character - self.starts[self.line(character)]

    def at(self, line: int, column: int) -> int:
        """The offset in characters of a line and column (from 1), clipped to that line."""
        number = max(0, min(line - 1, len(self.starts) - 1))
        start = self.starts[number]
        if number == 0 and self.text.startswith(BYTE_ORDER_MARK):
            start += 1
        return max(start, min(start + column - 1, self.ends[number]))

    def line_end(self, character: int) -> int:
        """The end of a character's line, before its line break."""
        return self.ends[self.line(character)]

    def position(self, character: int) -> tuple[int, int]:
        """The line and column of a character, both from 1, the column in UTF-16 units."""
        start = self.starts[self.line(character)]
        return self.line(character) + 1, self.units(character) - self.units(start) + 1
