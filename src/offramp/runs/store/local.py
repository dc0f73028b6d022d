"""A run in a folder of this machine, which is read and written where it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from os.path import isfile
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.nearby_paths import nearest_path
from offramp.runs.store.layout import MANIFEST, is_running
from offramp.runs.store.whole_files import check_free


@dataclass(frozen=True)
class LocalStore:
    """A folder of this machine; its methods as in `Store`."""

    folder: Path

    @property
    def place(self) -> Path:
        return self.folder

    @property
    def address(self) -> str:
        return str(self.folder.resolve())

    def runs(self) -> list[LocalStore]:
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder} is no folder{nearest_path(self.folder)}")
        try:
            paths = list(self.folder.iterdir())
        except OSError as error:
            raise UsageError(f"{self.folder} cannot be read: {error.strerror or error}") from None
        return [LocalStore(path) for path in paths if isfile(path / MANIFEST)]

    def sizes(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in self.folder.iterdir() if path.is_file()}

    def is_running(self) -> bool:
        return is_running(self.folder)

    def reading(self) -> AbstractContextManager[Path]:
        return nullcontext(self.folder)

    def fresh(self, *names: str) -> AbstractContextManager[Path]:
        return nullcontext(self.folder)

    def writing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def adding(self) -> AbstractContextManager[Path]:
        return nullcontext(self.folder)

    @contextmanager
    def building(self) -> Iterator[Path]:
        check_free(self.folder)
        yield self.folder

    def put(self, *names: str) -> None:
        """The files are where they belong."""

    def remove(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def fetch(self, *names: str) -> None:
        """The files are where they belong."""
