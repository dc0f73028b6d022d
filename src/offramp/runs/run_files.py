"""The files of a run, as maintained by the one process that writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.common.atomic import write_whole
from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.runs.chunk_task import facts_of_chunk
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.database import connected
from offramp.runs.store.finished_files import check_file
from offramp.runs.store.layout import (
    CRISIS,
    FINISHED,
    LOG,
    MANIFEST,
    MOVES,
    REPORT,
    SEAL,
    TABLES,
    log,
    read_finished,
    read_seal,
    seal_of,
)
from offramp.runs.store.manifest import as_bytes
from offramp.runs.store.parquet import facts_of
from offramp.runs.store.store import Store
from offramp.runs.store.whole_files import sha256_of, sweep

if TYPE_CHECKING:
    import duckdb


def read_finished_or_none(folder: Path) -> dict[str, Any] | None:
    """The marker of a finished run; None if the run is not finished, or its marker is damaged and must be rewritten."""
    try:
        return read_finished(folder)
    except UsageError:
        return None


@dataclass
class RunFiles:
    """The files of a run, maintained by the process that holds its lock; `done` counts the draws in whole chunks.

    Every write and deletion is repeated in the store.
    """

    store: Store
    manifest: dict[str, Any]
    crisis: Crisis
    done: int = 0
    missing: Sequence[tuple[int, int]] = ()
    damaged: Sequence[str] = ()

    @property
    def folder(self) -> Path:
        """The folder in which the run is written."""
        return self.store.folder

    def write(self, name: str, content: bytes) -> None:
        """Write a file to the folder and the store."""
        write_whole(self.folder / name, content)
        self.store.put(name)

    def log(self, event: str, seconds: float) -> None:
        """Add a line to the log."""
        log(self.folder, event, self.done, seconds)
        self.store.put(LOG)

    def found(self, old: Mapping[str, Any]) -> str:
        """One line on what is done of a run that was begun before."""
        draws, old_draws = self.manifest["draws"], old["draws"]
        at_most = "at most " if draws == self.manifest.get("most") else ""
        if self.is_finished():
            return f"{self.store.place} is finished: all its {draws:,} draws are done"
        again = f"; damaged, to be solved again: {listed(self.damaged)}" if self.damaged else ""
        extended = f" (extended from {old_draws:,})" if draws > old_draws else ""
        return f"resuming {self.store.place}: {self.done:,} of {at_most}{draws:,} draws{extended} are done{again}"

    def prepare(self, old: Mapping[str, Any] | None) -> None:
        """Clean the folder of everything half written, out of date or damaged, and list the missing chunks."""
        folder, draws = self.folder, self.manifest["draws"]
        if finished := read_finished_or_none(folder):  # the marker is deleted before a manifest changes
            check_file(folder, MANIFEST, finished["sha256"])
        sweep(folder)
        sizes = chunk_sizes(draws)
        if old and self.manifest != old:
            self.withdraw()
        if old and draws > old["draws"]:
            *_, (last, size) = enumerate(chunk_sizes(old["draws"]))
            if size < sizes[last]:
                self.store.remove(seal_of(last))
        for name, content in ((MANIFEST, as_bytes(self.manifest)), (CRISIS, self.crisis.text.encode("utf-8"))):
            if not (folder / name).is_file() or (folder / name).read_bytes() != content:
                self.write(name, content)
        with connected() as connection:
            flaws = {number: self.flaw_in(number, connection) for number in range(len(sizes))}
        self.missing = [(number, size) for number, size in enumerate(sizes) if flaws[number]]
        sealed = [number for number, _ in self.missing if (folder / seal_of(number)).exists()]
        self.damaged = [flaws[number] for number in sealed]
        self.store.remove(*map(seal_of, sealed))
        self.delete_surplus()
        self.done = draws - sum(size for _, size in self.missing)
        if self.missing or not self.is_marked():
            self.withdraw()

    def withdraw(self) -> None:
        """Delete the marker of a finished run, and the files made from all chunks."""
        self.store.remove(FINISHED, MOVES, REPORT)

    def delete_surplus(self) -> None:
        """Delete chunks beyond the end of the run, which stopped before them."""
        chunks = len(chunk_sizes(self.manifest["draws"]))
        names = sorted(self.store.sizes(), key=_seals_first)
        self.store.remove(*(name for name in names if _chunk_number(name) >= chunks))

    def is_finished(self) -> bool:
        """Whether all draws and the marker are present; valid after `prepare`."""
        return self.done == self.manifest["draws"] and (self.folder / FINISHED).is_file()

    def is_marked(self) -> bool:
        """Whether the marker of a finished run is present and matches all files other than the chunks."""
        finished = read_finished_or_none(self.folder)
        try:
            return finished is not None and finished["sha256"] == self.sums()
        except OSError:
            return False

    def sums(self) -> dict[str, str]:
        """The expected SHA-256 by file name, once every chunk has its seal."""
        sums = {name: sha256_of(self.folder / name) for name in (MANIFEST, CRISIS, MOVES)}
        for number in range(len(chunk_sizes(self.manifest["draws"]))):
            sums |= read_seal(self.folder, self.manifest, number) or {}
        return sums

    def facts(self, number: int) -> dict[str, str]:
        """The expected metadata of a chunk's tables, which name the run and the chunk."""
        return facts_of_chunk(self.manifest, number, chunk_sizes(self.manifest["draws"])[number])

    def flaw_in(self, number: int, connection: duckdb.DuckDBPyConnection) -> str:
        """The first file of a chunk that is missing, was changed after it was written, or belongs to another run.

        Empty if the chunk is intact.
        """
        seal = read_seal(self.folder, self.manifest, number)
        if seal is None:
            return seal_of(number)
        for name, digest in seal.items():
            path = self.folder / name
            if not path.exists():
                return f"{name} (missing)"
            try:
                if sha256_of(path) != digest or facts_of(connection, path) != self.facts(number):
                    return name
            except (OSError, ValueError):
                return name
        return ""


def _seals_first(name: str) -> bool:
    return not name.endswith(SEAL)


def _chunk_number(name: str) -> int:
    """The chunk number in a file's name; -1 for any other file."""
    kind, _, number = name.partition(".")[0].partition("-")
    return int(number) if kind in TABLES and number.isdecimal() else -1
