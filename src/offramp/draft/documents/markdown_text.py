"""Paragraphs of Markdown: headings, paragraphs, items of lists, quotations and rows of tables.

Markdown may hold HTML, which can hide a text. So it is rendered as a page, and read as a page is.
"""

from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt

from offramp.common.texts import tr
from offramp.draft.documents.dropped import Dropped
from offramp.draft.documents.page_text import page_paragraphs

RULE = tr("a paragraph is a block of Markdown")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def markdown_paragraphs(text: str, dropped: Dropped) -> tuple[str | None, list[str], str]:
    """The title, the paragraphs and the rule of a text in Markdown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if matter := _FRONT_MATTER.match(text):
        dropped.add("matter", matter[1].count("\n"))
        text = text[matter.end() :]
    surroundings: dict[str, Any] = {}
    page = MarkdownIt("commonmark").enable("table").render(text, surroundings)
    for link in surroundings.get("references", {}).values():
        words = len(str(link.get("title", "")).split())
        if words:
            dropped.add("references", words=words)
    title, paragraphs, _ = page_paragraphs(page, dropped)
    return title, paragraphs, RULE
