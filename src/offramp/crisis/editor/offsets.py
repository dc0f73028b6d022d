"""Places in a text as an editor in a browser counts them: UTF-16 code units, and lines and columns.

Python counts characters; a browser counts an astral character (an emoji, say) as two units. Every function of
`offramp.crisis.editor` that is given or gives an offset means UTF-16 units; inside, offsets count characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n|\r|\n")
BYTE_ORDER_MARK = "\ufeff"


class Offsets:
    r"""Where the characters of a text stand.

    Examples
    --------
    >>> offsets = Offsets("a😀b\nc")
    >>> offsets.units(2), offsets.characters(3), offsets.at(2, 1)
    (3, 2, 4)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        ends = [(found.start(), found.end()) for found in _LINE_END.finditer(text)]
        self.starts = [0, *(end for _, end in ends)]
        self.ends = [*(start for start, _ in ends), len(text)]
        self.astral = [found.start() for found in _ASTRAL.finditer(text)]
        self._astral_units = [position + number for number, position in enumerate(self.astral)]

    def units(self, character: int) -> int:
        """The offset in UTF-16 units of a character."""
        return character + bisect_left(self.astral, character)

    def characters(self, unit: int) -> int:
        """The offset in characters of a UTF-16 unit, kept inside the text; half a character stands for all of it."""
        return max(0, min(unit - bisect_left(self._astral_units, unit), len(self.text)))

    def line(self, character: int) -> int:
        """The number of the line, from 0, on which a character stands."""
        return bisect_right(self.starts, character) - 1

    def column(self, character: int) -> int:
        """How many characters stand before a character on its line."""
        return character - self.starts[self.line(character)]

    def at(self, line: int, column: int) -> int:
        """The offset in characters of a line and a column that count from 1, kept on that line."""
        number = max(0, min(line - 1, len(self.starts) - 1))
        start = self.starts[number]
        if number == 0 and self.text.startswith(BYTE_ORDER_MARK):
            start += 1
        return max(start, min(start + column - 1, self.ends[number]))

    def line_end(self, character: int) -> int:
        """Where the line of a character ends, before the characters that end it."""
        return self.ends[self.line(character)]

    def position(self, character: int) -> tuple[int, int]:
        """The line and the column of a character, both from 1, the column in UTF-16 units."""
        start = self.starts[self.line(character)]
        return self.line(character) + 1, self.units(character) - self.units(start) + 1
