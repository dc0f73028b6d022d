"""Reads the texts of sources, and checks which files a crisis may use as sources.

A crisis may come from a stranger, and the passages it cites are shown. So a source must be in the folder of the crisis
file or below it, after following links. With `allow_outside` the user trusts the crisis with any other file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from pathlib import Path

from offramp.common.bounded import open_regular, read_bounded, sha256_bounded
from offramp.common.words import did_you_mean, nearest_word, quoted
from offramp.crisis.faults import Fault
from offramp.crisis.parts import Source

MAX_BYTES = 5_000_000
"""Cites of a larger file are not checked."""
MAX_HASHED = 500_000_000
"""A larger file, such as a film, gets no SHA-256 in a run's manifest."""
MAX_LISTED = 1_000
"""At most so many entries of a folder are compared with the name of a missing file."""
_TEXTS = (".txt", ".md")
"""Endings of files that are likely the text of a source."""


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


def unread_sources(folder: Path, sources: Iterable[Source], allow_outside: bool = False) -> Iterator[Fault]:
    """A warning for each source whose file is outside the crisis's folder, cannot be read, or has likely another name.

    A file that is not there is no mistake, as texts are often not passed on; it is one if a file is near that no source
    names: of the same name in the crisis's folder or one level below, or of a close name in the same folder.
    """
    sources = tuple(sources)
    named = {_allowed_path(folder, source.file, allow_outside) for source in sources if source.file is not None}
    for source in sources:
        if source.file is None:
            continue
        why = _why_unread(folder, source.file, allow_outside)
        if why is not None:
            yield Fault(source.place, f"the file of source '{source.key}' {why}")
            continue
        near = _near_file(folder, source.file, allow_outside, named)
        if near is not None:
            missing = f"there is no file {quoted(source.file)} of source '{source.key}', so its cites are not checked"
            yield Fault(source.place, missing + did_you_mean(source.file, near))


def absent_sources(folder: Path, sources: Iterable[Source], allow_outside: bool = False) -> Iterator[Source]:
    """The sources whose file is not there, and of which `unread_sources` warns of nothing."""
    sources, absent = tuple(sources), []
    for source in sources:
        path = None if source.file is None else _allowed_path(folder, source.file, allow_outside)
        if path is not None and not path.exists():
            absent.append(source)
    if absent:  # files that are there are not opened again
        warned = {fault.place for fault in unread_sources(folder, sources, allow_outside)}
        yield from (source for source in absent if source.place not in warned)


def _why_unread(folder: Path, file: str, allow_outside: bool) -> str | None:
    """Why a source's file is not read, in words after its name; None if it is read, or there is none."""
    name = quoted(file)
    if "\0" in file:
        return f"has a null character in its name ({name}), which no file can have; write the name without it"
    try:
        path = (folder / file).resolve()
        if not allow_outside and not path.is_relative_to(folder.resolve()):
            hint = "copy it into the folder, or use --allow-outside"
            return f"is outside the crisis's folder ({name}), so it is neither quoted nor hashed; {hint}"
        with open_regular(path, follow=False) as opened:
            size = os.fstat(opened.fileno()).st_size
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        why = "it is a folder; name a file of text"
    except RuntimeError:
        why = "its links form a ring"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
    else:
        return f"has more than {MAX_BYTES:,} bytes ({name}), so its cites are not checked" if size > MAX_BYTES else None
    return f"cannot be read ({name}), so it is neither quoted nor hashed: {why}"


def _near_file(folder: Path, file: str, allow_outside: bool, named: Container[Path | None]) -> str | None:
    """The file that the name of a missing file is likely to mean, relative to the folder; None if there is none."""
    path = _allowed_path(folder, file, allow_outside)
    if path is None:
        return None
    try:
        if path.exists():
            return None
        home = folder.resolve()
        below = [home, *(Path(entry) for entry in _entries(home, folders=True))]
        twins = [place / path.name for place in below if place / path.name not in named]
        found = next((twin for twin in twins if twin.is_file() and not twin.is_symlink()), None)
        if found is not None:
            return found.relative_to(home).as_posix()
        kinds = (path.suffix.casefold(), *_TEXTS)
        beside = [Path(entry) for entry in _entries(path.parent, folders=False)]
        stems = {text.stem: text.name for text in beside if text not in named and text.suffix.casefold() in kinds}
        close = nearest_word(path.stem, stems)
        return None if close is None else Path(file).with_name(stems[close]).as_posix()
    except OSError:
        return None


def _entries(folder: Path, *, folders: bool) -> list[os.DirEntry[str]]:
    """The folders or the regular files in a folder, in the order of their names; links and hidden ones are left out."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as found:
        entries = [entry for entry in islice(found, MAX_LISTED) if not entry.name.startswith(".")]
    is_wanted = os.DirEntry.is_dir if folders else os.DirEntry.is_file
    return sorted((entry for entry in entries if is_wanted(entry, follow_symlinks=False)), key=lambda entry: entry.name)


def _allowed_path(folder: Path, file: str, allow_outside: bool) -> Path | None:
    """The file of a source with links followed; None if it may not be read."""
    try:
        path = (folder / file).resolve()
        return path if allow_outside or path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError):  # a cycle of links, or an invalid path
        return None
