"""Where a run is kept: a folder of this machine, or a URL. The callers need not know which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from offramp.common.errors import UsageError
from offramp.runs.store.local import LocalStore
from offramp.runs.store.remote import RemoteStore

URL = re.compile(r"([A-Za-z][\w+.-]+):/(/?)(.+)", re.DOTALL)


class Store(Protocol):
    """Where a run is kept, or a directory of runs.

    The files are read and written in `folder`. For a run at a URL this is a copy on this machine, and `put`, `remove`
    and `fetch` keep the copy and the URL equal; for a local run it is the run's own folder. What a URL cannot do raises
    StoreError.
    """

    @property
    def place(self) -> Path | str:
        """The folder or the URL, as messages name it."""

    @property
    def address(self) -> str:
        """What another process opens the store by, in any folder."""

    @property
    def folder(self) -> Path:
        """The folder in which this machine reads and writes the files."""

    def runs(self) -> Sequence[Store]:
        """The runs in a directory of runs; UsageError if there is no such folder."""

    def sizes(self) -> Mapping[str, int]:
        """The size in bytes by file of a run."""

    def is_running(self) -> bool:
        """Whether a process is writing the run."""

    def reading(self) -> AbstractContextManager[Path]:
        """The up-to-date folder of a run; UsageError if there is none. Errors within name the place, not the copy."""

    def fresh(self, *names: str) -> AbstractContextManager[Path]:
        """A folder with these files of a run as they are stored now, or with all; otherwise like `reading`."""

    def writing(self) -> AbstractContextManager[None]:
        """Bring `folder` up to date and write the run; errors within name the place.

        At a URL this holds a lease, so that no other process writes the run. A local run has its lock for that.
        """

    def adding(self) -> AbstractContextManager[Path]:
        """A folder whose files a process that does not write the whole run adds to it, seals last."""

    def building(self) -> AbstractContextManager[Path]:
        """A folder in which to make a new run, which is then stored; UsageError if the place is not free."""

    def put(self, *names: str) -> None:
        """Store files that were written to `folder`."""

    def remove(self, *names: str) -> None:
        """Delete files, if they exist."""

    def fetch(self, *names: str) -> None:
        """Bring files that other processes have stored to `folder`, if they exist; without names, all of them."""


def store_at(place: str | Path) -> Store:
    """The store at a folder or a URL."""
    url = url_of(place)
    return LocalStore(Path(place)) if url is None else RemoteStore(url)


def url_of(place: str | Path) -> str | None:
    """The URL, if `place` is one; also a URL that was turned into a `Path`, which keeps only one slash."""
    if not isinstance(place, str | Path):
        raise UsageError(f"expected a folder or a URL, found {type(place).__name__}")
    match = URL.fullmatch(str(place))
    if match is None or (isinstance(place, str) and not match[2]):
        return None
    return f"{match[1].lower()}://{match[3].rstrip('/')}"


def local_path(place: str | Path, argument: str) -> Path:
    """A path of this machine; UsageError, which names the command's argument, if it is a URL."""
    if url := url_of(place):
        raise UsageError(f"{argument} must be a folder or file of this machine, found {url}")
    return Path(place)
