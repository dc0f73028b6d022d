"""An account as a file and on screen: numbered paragraphs, which `offramp.crisis.checks.sources` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from offramp.common.printable import printable

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


def numbered(paragraphs: Sequence[str], width: int | None = None) -> str:
    r"""The paragraphs with their numbers, which start at 1: one line each, or wrapped at `width` columns.

    Examples
    --------
    >>> print(numbered(["A title", "The staged answer is a salvo that is announced."], width=30))
    ¶1 A title
    <BLANKLINE>
    ¶2 The staged answer is a
       salvo that is announced.
    """
    if width is None:
        return "\n".join(f"¶{number} {text}" for number, text in enumerate(paragraphs, 1))
    return "\n\n".join(_wrapped(f"¶{number} ", printable(text), width) for number, text in enumerate(paragraphs, 1))


def _wrapped(label: str, text: str, width: int) -> str:
    """A text in lines of at most `width` columns, the second and later ones indented as far as the label."""
    from rich.cells import cell_len, chop_cells

    room = max(width - len(label), 10)
    lines = [""]
    for word in text.split():
        for piece in chop_cells(word, room) if cell_len(word) > room else [word]:
            if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(piece) > room:
                lines.append(piece)
            else:
                lines[-1] = f"{lines[-1]} {piece}".lstrip()
    return label + ("\n" + " " * len(label)).join(lines)
