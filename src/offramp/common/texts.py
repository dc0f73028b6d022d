"""The catalogue of texts: what the pages and findings say, so that a translation is a file.

A text is looked up by its English wording, as with gettext. `OFFRAMP_TRANSLATION` names a compiled catalogue (`.mo`, as
Poedit and `msgfmt` write it); without it, texts are English. One catalogue holds for a whole process, so a constant of
a module may be a text.
"""

from __future__ import annotations

import gettext
import hashlib
import io
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from offramp.common.bounded import read_bounded
from offramp.common.errors import UsageError

TRANSLATION = "OFFRAMP_TRANSLATION"
MAX_BYTES = 8_000_000
_VALUE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Catalogue:
    """A translation: its texts, its language (RFC 5646), and the SHA-256 of its file, which is empty for English."""

    texts: gettext.NullTranslations
    language: str = "en"
    sha256: str = ""


def tr(message: str, /, **values: object) -> str:
    """A text in the language of the catalogue, with each `{name}` replaced by the value of that name.

    Examples
    --------
    >>> tr("After {event}: {changes}.", event="the strike", changes="war 20 % → 30 %")
    'After the strike: war 20 % → 30 %.'
    """
    return filled(translated(message), values)


def trn(one: str, many: str, count: int, /, **values: object) -> str:
    """A text that depends on a count, in the plural form that the language has for it; `{count}` is the count.

    Examples
    --------
    >>> trn("{count} draw", "{count} draws", 1), trn("{count} draw", "{count} draws", 2048)
    ('1 draw', '2,048 draws')
    """
    return filled(catalogue().texts.ngettext(one, many, count), {"count": f"{count:,}", **values})


def translated(message: str) -> str:
    """A text of the catalogue, its `{name}`s not replaced yet."""
    return catalogue().texts.gettext(message) if message else ""  # gettext answers "" with the file's header


def filled(message: str, values: Mapping[str, object]) -> str:
    """The message with each `{name}` replaced; a name without a value stays, and nothing else is evaluated."""
    return _VALUE.sub(lambda found: str(values.get(found[1], found[0])), message)


def entries() -> dict[str, str | list[str]]:
    """All texts of the catalogue by their English wording; a list has the plural forms. Empty for English."""
    found: dict[str, str | list[str]] = {}
    for key, text in getattr(catalogue().texts, "_catalog", {}).items():  # gettext has no other way to list them
        if isinstance(key, tuple):
            forms = found.setdefault(key[0], [])
            assert isinstance(forms, list)
            forms.append(text)  # in the order of the forms, as gettext keeps them
        elif key:
            found[key] = text
    return found


def plural_forms(most: int) -> list[int]:
    """The plural form that the language of the catalogue has for each count below `most`."""
    form = getattr(catalogue().texts, "plural", lambda count: int(count != 1))
    return [form(count) for count in range(most)]


@cache
def catalogue() -> Catalogue:
    """The catalogue that `OFFRAMP_TRANSLATION` names, or English.

    Raises
    ------
    UsageError
        If the file cannot be read or is no compiled catalogue.
    """
    name = os.environ.get(TRANSLATION, "")
    if not name:
        return Catalogue(gettext.NullTranslations())
    try:
        return catalogue_of(read_bounded(Path(name), MAX_BYTES))
    except OSError as error:
        raise UsageError(f"{TRANSLATION}: {name} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{TRANSLATION}: {name} {error}") from None


def catalogue_of(content: bytes) -> Catalogue:
    """The catalogue in the content of a `.mo` file; ValueError if there is none in it."""
    try:
        texts = gettext.GNUTranslations(io.BytesIO(content))
    except (OSError, ValueError, LookupError, struct.error):
        raise ValueError("is no compiled catalogue: expected a .mo file, as Poedit and msgfmt write it") from None
    language = texts.info().get("language", "").replace("_", "-")
    return Catalogue(texts, language or "und", hashlib.sha256(content).hexdigest())
