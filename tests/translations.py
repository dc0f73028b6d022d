"""Translations for tests: catalogues compiled as Poedit would compile them, and one that marks every text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from translation.template import messages

from offramp.common.texts import TRANSLATION


def marking(path: Path, end: str = "⟧") -> Path:
    """A catalogue at `path` that puts every text between ⟦ and ⟧, or another end, but not the values in it.

    What stands outside the marks went past the catalogue, or is a value: a name, a number, a date.
    """
    asked: dict[str, str | tuple[str, str]] = {}
    for message, _ in messages():
        one = message if isinstance(message, str) else message[0]
        assert asked.setdefault(one, message) == message, f"asked for in two ways, which a catalogue cannot tell: {one}"
    return compiled(
        path,
        {
            message: marked(message, end) if isinstance(message, str) else tuple(marked(form, end) for form in message)
            for message in asked.values()
        },
    )


def marked(text: str, end: str = "⟧") -> str:
    """A text between marks, its values outside them."""
    return re.sub(r"(\{\w+\})", rf"{end}\1⟦", f"⟦{text}{end}").replace(f"⟦{end}", "")


def compiled(path: Path, texts: Mapping[str | tuple[str, str], str | tuple[str, ...]], language: str = "de") -> Path:
    """A compiled catalogue at `path`; a text with plural forms has a pair as its key."""
    catalogue = Catalog(locale=language)
    for message, translation in texts.items():
        catalogue.add(message, translation)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    return path


def speaking(path: Path) -> dict[str, str]:
    """The environment of a process that speaks by the catalogue at `path`."""
    return {**os.environ, TRANSLATION: str(path)}
