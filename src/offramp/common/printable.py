"""Text that is safe to show: characters that steer a terminal or reorder text are escaped.

Names, titles and sources come from files that strangers may have written. All text shown from them passes through
here: output to the terminal (`offramp.cli.screen`), and text in pages, pictures and tables.
"""

from __future__ import annotations

import re

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""C0 except tab and line feed, delete and C1 (ECMA-48); line separators; marks that change the direction of text
(Boucher and Anderson 2021, "Trojan Source"); surrogates, which stand for bytes of a file name that are not UTF-8; and
the two characters besides them that no XML file may hold (XML 1.0, section 2.2), such as a picture or a document.
"""


def printable(text: str) -> str:
    r"""The text with every control character escaped as in JSON, so that a JSON text keeps its value.

    Examples
    --------
    >>> print(printable("\x1b[31mred\u202e"))
    \u001b[31mred\u202e
    """
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
