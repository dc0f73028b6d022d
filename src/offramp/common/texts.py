"""The catalogue of texts: what the pages and findings say, so that a translation is a file.

A text is looked up by its English wording, as with gettext. `OFFRAMP_TRANSLATION` names a compiled catalogue (`.mo`, as
Poedit and `msgfmt` write it); without it, texts are English. One catalogue holds for a whole process, so a constant of
a module may be a text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from offramp.common.bounded import read_bounded
from offramp.common.errors import UsageError
from offramp.common.mo_file import COUNTS, Catalogue, read_mo

TRANSLATION = "OFFRAMP_TRANSLATION"
MAX_BYTES = 8_000_000
_VALUE = re.compile(r"\{(\w+)\}")


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
    return filled(_plural(one, many, count), {"count": f"{count:,}", **values})


def shown_later(message: str, /) -> str:
    """A text of the catalogue that stays English here, as a model reads it; `translated` gives it where it is shown."""
    return message


def _plural(one: str, many: str, count: int) -> str:
    forms = catalogue().texts.get(one)
    form = plural_form(count)
    if isinstance(forms, tuple) and form < len(forms) and forms[form]:
        return forms[form]
    return one if count == 1 else many


def plural_form(count: int) -> int:
    """The plural form that the language of the catalogue has for a count."""
    count = abs(count)
    return catalogue().forms[count if count < COUNTS else 100 + count % 100]


def translated(message: str) -> str:
    """A text of the catalogue, its `{name}`s not replaced yet."""
    found = catalogue().texts.get(message)
    return found if isinstance(found, str) else message


def filled(message: str, values: Mapping[str, object]) -> str:
    """The message with each `{name}` replaced; a name without a value stays, and nothing else is evaluated."""
    return _VALUE.sub(lambda found: str(values.get(found[1], found[0])), message)


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
        return Catalogue()
    try:
        return read_mo(read_bounded(Path(name), MAX_BYTES))
    except OSError as error:
        raise UsageError(f"{TRANSLATION}: {name} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{TRANSLATION}: {name} {error}") from None
