"""The texts of sources: which files a crisis may name as such, and how they are read.

A crisis may come from a stranger, and what it cites is shown. So a source lies in the folder of the crisis file, or
below it, wherever links lead; a crisis is read with `allow_outside` where its reader trusts it with any other file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from offramp.common.bounded import read_bounded, sha256_bounded
from offramp.common.words import quoted
from offramp.crisis.faults import Fault
from offramp.crisis.model import Source

MAX_BYTES = 5_000_000
"""Cites of a longer text are not checked."""
MAX_HASHED = 500_000_000
"""A larger file, such as a film, has no SHA-256 in a run's manifest."""


def paragraphs(text: str) -> list[str]:
    r"""Blocks of text between blank lines, white space folded.

    Examples
    --------
    >>> paragraphs("A title\n\nFirst line,\nsecond line.\n")
    ['A title', 'First line, second line.']
    """
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]


def paragraphs_of(folder: Path, file: str, allow_outside: bool = False) -> list[str] | None:
    """The paragraphs of a source's file, or None where its text is not at hand."""
    path = _place(folder, file, allow_outside)
    try:
        content = None if path is None else read_bounded(path, MAX_BYTES, follow=False)
    except OSError:
        return None
    return None if content is None else paragraphs(content.decode(errors="replace"))


def sha256_of_source(folder: Path, file: str, allow_outside: bool = False) -> str | None:
    """The SHA-256 of a source's file, or None where that is not at hand."""
    path = _place(folder, file, allow_outside)
    try:
        return None if path is None else sha256_bounded(path, MAX_HASHED, follow=False)
    except OSError:
        return None


def outside(folder: Path, sources: Iterable[Source]) -> Iterator[Fault]:
    """A warning for each source whose file is outside the crisis's folder."""
    for source in sources:
        if source.file is not None and _place(folder, source.file, allow_outside=False) is None:
            yield Fault(
                source.place,
                f"the file of source '{source.key}' is outside the crisis's folder ({quoted(source.file)}), so it is "
                "neither quoted nor hashed; copy it into the folder, or say --allow-outside",
            )


def _place(folder: Path, file: str, allow_outside: bool) -> Path | None:
    """The file of a source, its links followed; None where it may not be read."""
    try:
        path = (folder / file).resolve()
        return path if allow_outside or path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError):  # a ring of links, or no path at all
        return None
