"""A change of a crisis file that is shown before it is written: its bytes before and after."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from offramp.common import atomic
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.nearby_paths import nearest_path
from offramp.common.words import cut, listed
from offramp.crisis.editor.rewriting import not_changed
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.crisis.text.document import MAX_BYTES


def file_bytes(path: Path) -> bytes:
    """The bytes of a file, no more than a crisis file may have; OfframpError if it cannot be read."""
    try:
        return read_bounded(path, MAX_BYTES)
    except FileNotFoundError:
        raise OfframpError(f"there is no file {path}{nearest_path(path)}") from None
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def read_to_change(data: bytes, path: str) -> Crisis:
    """The crisis of a file that is to be changed; UsageError, with the first mistake, if it has any."""
    try:
        return read_text(data, path)
    except CrisisError as error:
        raise not_changed(error.faults) from None


@dataclass(frozen=True)
class FileChange:
    """What becomes of a crisis file: the bytes before and after, and the inputs that change."""

    path: Path
    before: bytes
    after: bytes
    inputs: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What is changed, in a sentence."""
        names = listed((f"'{key}'" for key in self.inputs), 8)
        return cut(f"{self.path}: {'the input' if len(self.inputs) == 1 else 'the inputs'} {names}", 300)

    def lines(self) -> Iterator[str]:
        """The lines that go, with `-`, and those that come, with `+`, each group with its line number above."""
        old, new = (content.decode("utf-8-sig").splitlines() for content in (self.before, self.after))
        yield from islice(difflib.unified_diff(old, new, n=0, lineterm=""), 2, None)  # after the names of the files

    def write(self) -> None:
        """Write the file.

        Raises
        ------
        UsageError
            If it has changed since it was read.
        OfframpError
            If it cannot be written.
        """
        if file_bytes(self.path) != self.before:
            raise UsageError(f"{self.path} has changed in the meantime; nothing was written")
        try:
            atomic.write_whole(self.path, self.after, mode=self.path.stat().st_mode & 0o777)
        except OSError as error:
            raise OfframpError(f"cannot write {self.path}: {error.strerror or error}") from None
