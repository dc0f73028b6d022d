"""The analyst's own words in a brief: a Markdown file that the analyst edits, and that no run replaces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError
from offramp.common.printable import printable
from offramp.common.texts import tr

MAX_NOTES = 200_000
"""Maximum bytes of a file of notes."""
BEGUN = f"# {tr('Judgement')}\n\n# {tr('What we do not know')}\n\n# {tr('What we recommend')}\n"
"""What a new file of notes holds; a heading without text below it is not shown."""


@dataclass(frozen=True)
class Phrase:
    """A piece of text in one style."""

    text: str
    style: Literal["plain", "strong", "em", "code"] = "plain"


@dataclass(frozen=True)
class Passage:
    """A heading, a paragraph or an item of a list, as phrases."""

    kind: Literal["heading", "paragraph", "item"]
    phrases: tuple[Phrase, ...]


def read_notes(path: Path) -> str:
    """The notes of a file, or an empty text if there is none.

    Raises
    ------
    OfframpError
        If the file cannot be read, is too large or is not text.
    """
    try:
        return read_bounded(path, MAX_NOTES).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise OfframpError(f"cannot read {path}: it is not text in UTF-8") from None
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def passages(notes: str) -> tuple[Passage, ...]:
    r"""The passages of notes in Markdown, without headings that have no text below them.

    Markup that is no heading, paragraph, list or emphasis is kept as text; HTML is text, and a link is its words.

    Examples
    --------
    >>> [(p.kind, p.phrases[0].text) for p in passages("# Empty\n# Judgement\nHold *back*.\n- a <b>")]
    [('heading', 'Judgement'), ('paragraph', 'Hold '), ('item', 'a <b>')]
    """
    found: list[Passage] = []
    kind: Literal["heading", "paragraph", "item"] = "paragraph"
    lists = 0
    for token in MarkdownIt("commonmark", {"html": False}).disable("image").parse(notes):
        lists += (token.type == "list_item_open") - (token.type == "list_item_close")
        if token.type == "heading_open":
            kind = "heading"
        elif token.type == "paragraph_open":
            kind = "item" if lists else "paragraph"
        elif token.type in ("fence", "code_block"):
            found.append(Passage("paragraph", (Phrase(printable(token.content.strip()), "code"),)))
        elif token.type == "inline":
            found.append(Passage(kind, tuple(_phrases(token.children or []))))
    return tuple(
        passage
        for place, passage in enumerate(found)
        if passage.kind != "heading" or (place + 1 < len(found) and found[place + 1].kind != "heading")
    )


def _phrases(tokens: list[Token]) -> list[Phrase]:
    phrases: list[Phrase] = []
    styles: list[Literal["plain", "strong", "em"]] = ["plain"]
    for token in tokens:
        if token.type in ("strong_open", "em_open"):
            styles.append("strong" if token.type == "strong_open" else "em")
        elif token.type in ("strong_close", "em_close"):
            styles.pop()
        elif token.type == "code_inline":
            phrases.append(Phrase(printable(token.content), "code"))
        elif token.type in ("softbreak", "hardbreak"):
            phrases.append(Phrase(" "))
        elif token.content:
            phrases.append(Phrase(printable(token.content), styles[-1]))
    return phrases
