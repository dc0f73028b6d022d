"""Translations for tests: a catalogue that marks every text, compiled as Poedit would compile it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from offramp.common.texts import TRANSLATION


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
