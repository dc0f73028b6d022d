"""From bytes to the characters that a reader sees."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

from offramp.common.errors import UsageError
from offramp.draft.documents.dropped import Dropped

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(rb"<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
"""The encoding that a page names: HTML, "Determining the character encoding"."""
NO_PAGE = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode"}
"""Encodings that Python knows and no browser reads: in them a page could hold words that nobody sees."""
HEAD = 4_096
"""Bytes of a page in which it names its encoding."""
MOST_CONTROLS = 0.02
"""Share of control characters above which a file is not text."""
MOST_MARKS = 30
"""Marks on one letter; more are dropped, as the time to normalise them grows with the square of their number (Unicode
Standard Annex 15, Stream-Safe Text Format)."""

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    r"\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that show nothing: soft hyphens, fillers, marks of direction, and tags, which can spell out a hidden text
(Unicode 16, Default_Ignorable_Code_Point). Joiners and the selectors of emoji change what is shown, so they stay.
"""


def decoded(content: bytes, dropped: Dropped, *, page: bool = False) -> str:
    """The text of a file: by its byte order mark, by what a `page` declares, as UTF-8, or as Windows-1252.

    Raises
    ------
    UsageError
        If it is not text.
    """
    mark, encoding = next(((mark, name) for mark, name in BOMS if content.startswith(mark)), (b"", None))
    content = content[len(mark) :]
    declared = DECLARED.search(content[:HEAD]) if page and encoding is None else None
    text = content.decode(encoding, "replace") if encoding else _undeclared(content, declared, dropped)
    if len(_CONTROLS.findall(text[:100_000])) > MOST_CONTROLS * len(text[:100_000]):
        raise UsageError("it is not text")
    return text


def without_invisible(text: str, dropped: Dropped) -> str:
    r"""The text without the characters that show nothing, which are counted.

    Examples
    --------
    >>> dropped = Dropped()
    >>> without_invisible("an\u202eswer\x07", dropped), dropped.sentences()
    ('answer', ('1 control character', '1 invisible character'))
    """
    for kind, pattern in (("controls", _CONTROLS), ("blanks", _INVISIBLE)):
        text, count = pattern.subn("", text)
        if count:
            dropped.add(kind, count)
    if text.isascii():
        return text
    kept = "".join(_without_piles(text))
    if count := len(text) - len(kept):
        dropped.add("piles", count)
    return kept


def _without_piles(text: str) -> Iterator[str]:
    """The characters of a text without marks beyond `MOST_MARKS` in a row."""
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            yield letter


def _undeclared(content: bytes, declared: re.Match[bytes] | None, dropped: Dropped) -> str:
    """The text of bytes without a byte order mark."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    text = content.decode(errors="replace")
    broken = text.count("\ufffd")
    foreign = sum(character > "\x7f" for character in text) - broken
    if foreign > 3 * broken:  # UTF-8 that was damaged: in another encoding hardly any byte happens to be valid
        dropped.add("bytes", broken)
        return text
    name = _text_encoding(declared[1].decode("ascii")) if declared else None
    return content.decode(name or "cp1252", "replace")


def _text_encoding(name: str) -> str | None:
    """The name of an encoding that Python and browsers know, or None; browsers read latin-1 as Windows-1252."""
    try:
        "".encode(name)
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if known in NO_PAGE or known in ("utf-8", "ascii", "iso8859-1") or known.startswith(("utf-16", "utf-32")):
        return None
    return known
