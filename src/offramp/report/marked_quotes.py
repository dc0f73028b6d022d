"""A paragraph in a terminal with a quote marked in it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from offramp.common.printable import printable

FEWEST, MOST = 400, 2_400
"""Characters of a paragraph that are shown at least and at most, around the quote."""


def marked(console: Console, heading: str, text: str, start: int, end: int, width: int) -> Text:
    """A paragraph below its heading, the characters from `start` to `end` marked; cut around them if it is long.

    `width`: the columns that it has.
    """
    before, quote, after = _around(text, start, end, max(FEWEST, min(MOST, (console.height - 14) * width)))
    plain = console.color_system is None  # nothing can be highlighted
    shown = Text(f"{printable(heading)}\n", "dim")
    shown.append(printable(before), "not dim")
    shown.append(f"»{printable(quote)}«" if plain else printable(quote), "not dim bold reverse")
    shown.append(printable(after), "not dim")
    return shown


def _around(text: str, start: int, end: int, most: int) -> tuple[str, str, str]:
    """What is before a quote, the quote, and what is after it; about `most` characters in all."""
    room = max(0, most - (end - start)) // 2
    first, last = max(0, start - room), min(len(text), end + room)
    before, after = text[first:start], text[end:last]
    return (
        f"… {before.partition(' ')[2]}" if first else before,
        text[start:end],
        f"{after.rpartition(' ')[0]} …" if last < len(text) else after,
    )
