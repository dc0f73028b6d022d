"""The files of a run, as the one process that writes it keeps them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.common.atomic import write_whole
from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.runs.opened import check_file
from offramp.runs.sampling import chunk_sizes
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
    tables_of,
)
from offramp.runs.store.manifest import as_bytes
from offramp.runs.store.parquet import facts_of
from offramp.runs.store.remote import RunPlace
from offramp.runs.store.whole_files import sha256_of, sweep
from offramp.runs.task import facts_of_chunk

if TYPE_CHECKING:
    import duckdb


def read_finished_or_none(folder: Path) -> dict[str, Any] | None:
    """What came of a run; None where it is not finished, or its marker is damaged, which is made anew."""
    try:
        return read_finished(folder)
    except UsageError:
        return None


@dataclass
class Files:
    """The files of a run, kept by the one process that holds its lock; `done` counts the draws in whole chunks.

    What is written to the folder, or taken from it, is so in the store as well of which it is the copy, if it is one.
    """

    place: RunPlace
    manifest: dict[str, Any]
    crisis: Crisis
    done: int = 0
    missing: Sequence[tuple[int, int]] = ()
    damaged: Sequence[int] = ()

    @property
    def folder(self) -> Path:
        """The run's folder, or the copy of one elsewhere."""
        return self.place.folder

    def write(self, name: str, content: bytes) -> None:
        """Write a file."""
        write_whole(self.folder / name, content)
        self.put(name)

    def put(self, *names: str) -> None:
        """Have files, as they stand in the folder, in the store as well."""
        if self.place.store:
            self.place.store.put(self.folder, names)

    def drop(self, *names: str) -> None:
        """Take files away, those that are there."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        if self.place.store:
            self.place.store.remove(names)

    def log(self, event: str, seconds: float) -> None:
        """Add a line to the log."""
        log(self.folder, event, self.done, seconds)
        self.put(LOG)

    def found(self, old: Mapping[str, Any]) -> str:
        """In one line, what is there of a run that was begun before."""
        draws, were = self.manifest["draws"], old["draws"]
        most = "at most " if draws == self.manifest.get("most") else ""
        if self.is_finished():
            return f"{self.folder} is finished: all its {draws:,} draws are there"
        damaged = listed(tables_of(self.manifest, number)[0] for number in self.damaged)
        again = f"; damaged and solved again: {damaged}" if damaged else ""
        more = f" (extended from {were:,})" if draws > were else ""
        return f"going on with {self.folder}: {self.done:,} of {most}{draws:,} draws{more} are there{again}"

    def prepare(self, old: Mapping[str, Any] | None) -> None:
        """Put the folder in order: nothing in it that is half written, out of date, or damaged."""
        import duckdb

        folder, draws = self.folder, self.manifest["draws"]
        if finished := read_finished_or_none(folder):  # it is taken away before a manifest is changed
            check_file(folder, MANIFEST, finished["sha256"])
        sweep(folder)
        sizes = chunk_sizes(draws)
        if old and self.manifest != old:
            self.withdraw()
        if old and draws > old["draws"]:
            *_, (last, size) = enumerate(chunk_sizes(old["draws"]))
            if size < sizes[last]:
                self.drop(seal_of(last))
        for name, content in ((MANIFEST, as_bytes(self.manifest)), (CRISIS, self.crisis.text.encode("utf-8"))):
            if not (folder / name).is_file() or (folder / name).read_bytes() != content:
                self.write(name, content)
        with duckdb.connect(config={"threads": 1}) as connection:
            self.missing = [(number, size) for number, size in enumerate(sizes) if not self.stands(number, connection)]
        self.damaged = [number for number, _ in self.missing if (folder / seal_of(number)).exists()]
        self.drop(*map(seal_of, self.damaged))
        self.drop_beyond()
        self.done = draws - sum(size for _, size in self.missing)
        if self.missing or not self.is_marked():
            self.withdraw()

    def withdraw(self) -> None:
        """Take away what says that the run is finished, and what was made from all of it."""
        self.drop(FINISHED, MOVES, REPORT)

    def drop_beyond(self) -> None:
        """Take away chunks that are not the run's, since it stopped before them."""
        chunks = len(chunk_sizes(self.manifest["draws"]))
        names = {path.name for path in self.folder.glob("*-*.*")}
        if self.place.store:  # which has what workers have written
            names |= self.place.store.listing().keys()
        self.drop(*(name for name in sorted(names, key=_seals_first) if _number_of(name) >= chunks))

    def is_finished(self) -> bool:
        """Whether all draws are there, and the marker; asked once the folder is in order."""
        return self.done == self.manifest["draws"] and (self.folder / FINISHED).is_file()

    def is_marked(self) -> bool:
        """Whether the marker of a finished run is there and true of all files but the chunks."""
        finished = read_finished_or_none(self.folder)
        try:
            return finished is not None and finished["sha256"] == self.sums()
        except FileNotFoundError:
            return False

    def sums(self) -> dict[str, str]:
        """By file the SHA-256 that it must have, once every chunk has its seal."""
        sums = {name: sha256_of(self.folder / name) for name in (MANIFEST, CRISIS, MOVES)}
        for number in range(len(chunk_sizes(self.manifest["draws"]))):
            sums |= read_seal(self.folder, self.manifest, number) or {}
        return sums

    def facts(self, number: int) -> dict[str, str]:
        """What a chunk's tables say of whose they are."""
        return facts_of_chunk(self.manifest, number, chunk_sizes(self.manifest["draws"])[number])

    def stands(self, number: int, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether a chunk is there, as it was written, and is one of this run."""
        said = read_seal(self.folder, self.manifest, number)
        try:
            if said is None or any(sha256_of(self.folder / name) != digest for name, digest in said.items()):
                return False
            return all(facts_of(connection, self.folder / name) == self.facts(number) for name in said)
        except (OSError, ValueError):
            return False


def _seals_first(name: str) -> bool:
    return not name.endswith(SEAL)


def _number_of(name: str) -> int:
    """The number of the chunk whose file is so called; -1 of another file."""
    kind, _, number = name.partition(".")[0].partition("-")
    return int(number) if kind in TABLES and number.isdecimal() else -1
