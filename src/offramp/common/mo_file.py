"""A compiled catalogue of texts, a `.mo` file of gettext, which a stranger may have written.

Nothing is read twice, so a small file cannot fill the memory; texts come out safe to show; and the language's rule of
plurals is tried for every count before it is used.

The format: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from gettext import c2py

from offramp.common.printable import printable

MAGIC = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}
"""The first bytes of a file, and the order of bytes of its numbers."""
ENGLISH_FORMS = "nplurals=2; plural=n != 1"
COUNTS = 200
"""Number of counts whose plural form is kept; that of a larger count is the form of 100 plus its last two digits."""
_FORMS = re.compile(r"\s*nplurals\s*=\s*([1-9])\s*;\s*plural\s*=([^;]+);?\s*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Catalogue:
    """A translation: its texts by their English wording, a tuple of the plural forms for one with a count; the form of
    each count below `COUNTS`; its language (RFC 5646), or `und`; and the SHA-256 of its file, empty for English.
    """

    texts: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    forms: tuple[int, ...] = tuple(int(count != 1) for count in range(COUNTS))
    language: str = "en"
    sha256: str = ""


def read_mo(content: bytes) -> Catalogue:
    """The translation in the content of a `.mo` file.

    Raises
    ------
    ValueError
        If it is no such file, its texts are not in UTF-8, or its rule of plurals gives no form for some count.
    """
    import hashlib  # with it OpenSSL is loaded, and English has no file

    header: dict[str, str] = {}
    texts: dict[str, str | tuple[str, ...]] = {}
    for message, translation in _pairs(content):
        if not message:
            lines = (line.partition(":") for line in translation.splitlines())
            header = {name.strip().lower(): value.strip() for name, _, value in lines}
        elif translation.strip("\0"):
            one, *many = message.split("\0")
            forms = tuple(printable(form) for form in translation.split("\0"))
            texts[one] = forms if many else forms[0]
    language = _LANGUAGE.match(header.get("language", ""))
    forms_of_counts = _forms(header.get("plural-forms") or ENGLISH_FORMS)
    called = language[0].replace("_", "-") if language else "und"
    return Catalogue(texts, forms_of_counts, called, hashlib.sha256(content).hexdigest())


def _pairs(content: bytes) -> Iterator[tuple[str, str]]:
    """Each message of the file with its translation; ValueError if there are none, or if texts share their bytes."""
    try:
        sign = MAGIC[content[:4]]
        _, count, messages, translations = struct.unpack_from(f"{sign}4I", content, 4)
        left = len(content)
        for row in range(count):
            pair = []
            for table in (messages, translations):
                length, place = struct.unpack_from(f"{sign}2I", content, table + 8 * row)
                left -= 8 + length
                if left < 0 or place + length > len(content):
                    raise ValueError
                pair.append(content[place : place + length])
            yield pair[0].decode(), pair[1].decode()
    except UnicodeDecodeError:
        raise ValueError("has texts that are not in UTF-8") from None
    except (KeyError, ValueError, struct.error):
        raise ValueError("is no compiled catalogue: expected a .mo file, as Poedit and msgfmt write it") from None


def _forms(rule: str) -> tuple[int, ...]:
    """The form that a rule of plurals, a header `Plural-Forms`, gives to each count below `COUNTS`."""
    try:
        written = _FORMS.fullmatch(rule)
        if written is None:
            raise ValueError
        form_of = c2py(written[2])
        forms = tuple(form_of(count) for count in range(COUNTS))
        if not all(0 <= form < int(written[1]) for form in forms):
            raise ValueError
    except (ValueError, ArithmeticError, SyntaxError, MemoryError):
        raise ValueError(f"has a header Plural-Forms that gives no form for a count: {printable(rule[:80])}") from None
    return forms
