"""Reads the texts of sources, and checks which files a crisis may use as sources.

A crisis may come from a stranger, and the passages it cites are shown. So a source must be in the folder of the crisis
file or below it, after following links. With `allow_outside` the user trusts the crisis with any other file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from offramp.common.bounded import read_bounded, sha256_bounded
from offramp.common.words import quoted
from offramp.crisis.faults import Fault
from offramp.crisis.parts import Source

MAX_BYTES = 5_000_000
"""Cites of a larger file are not checked."""
MAX_HASHED = 500_000_000
"""A larger file, such as a film, gets no SHA-256 in a run's manifest."""


def paragraphs(text: str) -> list[str]:
    r"""Blocks of text between blank lines, with runs of white space replaced by one space.

    Examples
    --------
    >>> paragraphs("A title\n\nFirst line,\nsecond line.\n")
    ['A title', 'First line, second line.']
    """
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]


def paragraphs_of(folder: Path, file: str, allow_outside: bool = False) -> list[str] | None:
    """The paragraphs of a source's file, or None if it cannot be read."""
    path = _allowed_path(folder, file, allow_outside)
    try:
        content = None if path is None else read_bounded(path, MAX_BYTES, follow=False)
    except OSError:
        return None
    return None if content is None else paragraphs(content.decode(errors="replace"))


def sha256_of_source(folder: Path, file: str, allow_outside: bool = False) -> str | None:
    """The SHA-256 of a source's file, or None if it cannot be read."""
    path = _allowed_path(folder, file, allow_outside)
    try:
        return None if path is None else sha256_bounded(path, MAX_HASHED, follow=False)
    except OSError:
        return None


def sources_outside(folder: Path, sources: Iterable[Source]) -> Iterator[Fault]:
    """A warning for each source whose file is outside the crisis's folder."""
    for source in sources:
        if source.file is not None and _allowed_path(folder, source.file, allow_outside=False) is None:
            yield Fault(
                source.place,
                f"the file of source '{source.key}' is outside the crisis's folder ({quoted(source.file)}), so it is "
                "neither quoted nor hashed; copy it into the folder, or use --allow-outside",
            )


def _allowed_path(folder: Path, file: str, allow_outside: bool) -> Path | None:
    """The file of a source with links followed; None if it may not be read."""
    try:
        path = (folder / file).resolve()
        return path if allow_outside or path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError):  # a cycle of links, or an invalid path
        return None
