"""An account as a file, which `offramp.crisis.checks.sources` reads back."""

from __future__ import annotations

from collections.abc import Iterable

MAX_BYTES = 5_000_000
"""Maximum bytes of an account's text: the bound of `offramp.crisis.checks.sources`, whose import takes longer."""


def account_text(paragraphs: Iterable[str]) -> str:
    r"""The text of an account's file: `paragraphs` of `offramp.crisis.checks.sources` gives the same paragraphs back.

    White space inside a paragraph becomes one space. Paragraphs without text are left out.

    Examples
    --------
    >>> account_text(["A title", "First line,\nsecond line."])
    'A title\n\nFirst line, second line.\n'
    """
    texts = [" ".join(paragraph.split()) for paragraph in paragraphs]
    return "".join(f"{text}\n\n" for text in texts if text)[:-1]
