"""Main program of the process that reads one document, within bounds on memory and time.

The document comes from standard input, its kind is an argument, and the answer is JSON on standard output. The
libraries that read pages and PDFs have limits of their own, but not against every document that was made to stop them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import warnings

from offramp.common.errors import UsageError
from offramp.draft.documents.account import MAX_BYTES, account_text
from offramp.draft.documents.decoding import decoded, without_invisible
from offramp.draft.documents.dropped import Dropped
from offramp.draft.documents.suspicion import suspicious

MAX_PARAGRAPHS = 10_000
LONGEST_TITLE = 200
"""Characters; a longer title is cut."""


def main() -> None:
    """Read the document, answer, end."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output that a library prints must not mix with the answer
    logging.disable()
    warnings.simplefilter("ignore")
    _limit(*map(int, sys.argv[2:]))
    answer: dict[str, object]
    try:
        answer = answered(sys.argv[1], sys.stdin.buffer.read())
    except UsageError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "it needs too much memory to be read: give a part of it"}
    except Exception as error:  # what a library raises for a broken document is of no particular kind
        answer = {"error": f"it is broken, and cannot be read ({type(error).__name__})"}
    answers.write(json.dumps(answer, ensure_ascii=False).encode(errors="replace"))
    answers.flush()


def answered(kind: str, content: bytes) -> dict[str, object]:
    """Title, paragraphs, what was dropped, the rule for paragraphs and the suspicious ones, as in `Document`.

    Raises
    ------
    UsageError
        If the document cannot be read, holds no text, or more of it than a crisis may cite.
    """
    dropped = Dropped()
    title, blocks, rule = _parsed(kind, content, dropped)
    paragraphs = [" ".join(without_invisible(block, dropped).split()) for block in blocks]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    if not paragraphs:
        raise UsageError("it holds no text that a reader sees")
    if len(paragraphs) > MAX_PARAGRAPHS:
        raise UsageError(f"it has more than {MAX_PARAGRAPHS:,} paragraphs: give the part that tells of the crisis")
    if len(account_text(paragraphs).encode()) > MAX_BYTES:
        raise UsageError(f"its text is longer than {MAX_BYTES:,} bytes: give the part that tells of the crisis")
    title = " ".join(without_invisible(title or "", Dropped()).split())[:LONGEST_TITLE]
    return {
        "title": title or None,
        "paragraphs": paragraphs,
        "dropped": dropped.sentences(),
        "rule": rule,
        "suspicious": suspicious(paragraphs),
    }


def _parsed(kind: str, content: bytes, dropped: Dropped) -> tuple[str | None, list[str], str]:
    """The title, the paragraphs and the rule that told them apart; each kind loads only its own library."""
    if kind == "pdf":
        from offramp.draft.documents.pdf_text import pdf_paragraphs

        return pdf_paragraphs(content, dropped)
    text = decoded(content, dropped, page=kind == "html")
    if kind == "html":
        from offramp.draft.documents.page_text import page_paragraphs

        return page_paragraphs(text, dropped)
    if kind == "markdown":
        from offramp.draft.documents.markdown_text import markdown_paragraphs

        return markdown_paragraphs(text, dropped)
    from offramp.draft.documents.plain_text import plain_title, text_paragraphs

    paragraphs, rule = text_paragraphs(text)
    return plain_title(paragraphs), paragraphs, rule


def _limit(seconds: int, memory: int) -> None:
    """Bound memory and processor time, on systems that have such limits."""
    if sys.platform != "win32":
        import resource

        for name, most in (("RLIMIT_DATA", memory), ("RLIMIT_CPU", seconds), ("RLIMIT_CORE", 0)):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(getattr(resource, name), (most, most))


if __name__ == "__main__":
    main()
