"""Text that is safe to show: what could steer a terminal, or turn the order of what is read, is written out.

Names, titles and sources come from files that strangers may have written. Whatever is shown of them passes here: what
goes to a terminal where it leaves (`offramp.cli.screen`), and what goes into pages, pictures and tables.
"""

from __future__ import annotations

import re

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 but tab and line feed, delete and C1 (ECMA-48), line separators, what turns the direction of letters (Boucher and
Anderson 2021, "Trojan Source"), and halves of characters, which stand for bytes of a file's name that are no UTF-8.
"""


def printable(text: str) -> str:
    r"""A text with every control character written out, as JSON writes it, so that JSON stays the same value.

    Examples
    --------
    >>> print(printable("\x1b[31mred\u202e"))
    \u001b[31mred\u202e
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
