"""Write a run: solve the missing chunks and finish it, in the one process that holds its lock.

With an executor, the worker that solves a chunk also writes it; this process only counts what is done.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from offramp.common.atomic import whole_file
from offramp.common.errors import OfframpError
from offramp.game.game import Game
from offramp.runs.chunk_tables import moves_frame
from offramp.runs.chunk_task import ChunkSeal, ChunkTask, solve_chunk, write_chunk
from offramp.runs.execution import Execution, Page
from offramp.runs.executors import WorkerLostError, submit_all
from offramp.runs.opened import load_run, open_run
from offramp.runs.result import Run
from offramp.runs.run_files import RunFiles
from offramp.runs.sampling import chunk_sizes
from offramp.runs.solve_draws import solve_chunks
from offramp.runs.store.database import connected
from offramp.runs.store.layout import (
    CRISIS,
    FINISHED,
    LOG,
    MANIFEST,
    MOVES,
    REPORT,
    SEAL,
    Progress,
    as_marker,
    progress_in,
    read_seal,
    resume_command,
    seal_of,
    seconds_of,
    tables_of,
)
from offramp.runs.store.manifest import as_bytes, machine, stopped_at
from offramp.runs.store.object_store import StoreError
from offramp.runs.store.recognising import progress_of
from offramp.runs.store.whole_files import clear_errors, sweep, write_parquet
from offramp.runs.until import Moments, Watch, read_moments

PATIENCE = 60.0
"""How long, in seconds, to wait for a file written by another machine to appear: network file systems lag."""


@dataclass
class Writing(RunFiles):
    """A run being written."""

    game: Game = field(kw_only=True)

    def solve(self, begun: float, how: Execution) -> Run:
        """Solve the missing chunks, or as many as `until` requires, and finish the run."""
        if self.is_finished():
            return self.open(how.page)
        self.begin(how, self.done)
        watch = self.watch()
        if not (watch and watch.look()):
            self.solve_missing((chunk for chunk in self.missing if not (watch and watch.is_reached())), how, watch)
        if watch and watch.draws < self.manifest["draws"]:
            self.stop_at(watch.draws)
        return self.finish(begun, how.page, watch)

    def solve_part(self, begun: float, how: Execution, chunks: range) -> Progress:
        """Solve the missing chunks among `chunks`, and finish the run if all its chunks are then present."""
        if self.is_finished():
            self.open(how.page)
            return progress_of(self.folder)
        sizes = chunk_sizes(self.manifest["draws"])
        wanted = {number: size for number, size in self.missing if number in chunks}
        self.begin(how, sum(sizes[number] for number in chunks if number not in wanted))
        self.solve_missing(iter(wanted.items()), how)
        if self.done == self.manifest["draws"]:
            self.finish(begun, how.page, None)
        else:
            with self.clear_errors():
                self.log("stopped", time.perf_counter() - begun)
        return progress_of(self.folder)

    def begin(self, how: Execution, done_before: int) -> None:
        """Log that the run begins or is resumed, and report the draws done before as progress."""
        with self.clear_errors():
            self.log("goes on" if self.done else "begins", 0.0)
        if how.progress and done_before:
            how.progress(done_before)

    def solve_missing(self, wanted: Iterator[tuple[int, int]], how: Execution, watch: Watch | None = None) -> None:
        """Solve chunks and count them as they are done."""
        with closing(self.seals(wanted, how)) as seals:
            for seal in seals:
                self.done += seal.draws
                if watch:
                    watch.look(seal.number, seal.moments)

    def seals(self, wanted: Iterator[tuple[int, int]], how: Execution) -> Generator[ChunkSeal]:
        """Solve and write chunks, and yield their seals as they are done."""
        if how.executor is None:
            options: Any = {"seed": self.manifest["seed"], "workers": how.workers, "block": how.block}
            options |= {"keep": self.manifest.get("keep")}
            with closing(solve_chunks(self.crisis, self.game, wanted, **options, progress=how.progress)) as solving:
                for chunk in solving:
                    with self.clear_errors():
                        seal = write_chunk(self.folder, chunk, self.game, self.manifest)
                        self.store.put(*seal.sums, seal_of(seal.number))
                    yield seal
            return

        def say(line: str) -> None:
            if how.say:
                how.say(f"{line}; {self.done:,} of {self.manifest['draws']:,} draws are kept")

        tasks = (self.task(number, draws, how) for number, draws in wanted)
        try:
            with closing(submit_all(how.executor, solve_chunk, tasks, workers=how.workers, say=say)) as seals:
                for seal in seals:
                    self.wait_for(seal)
                    if how.progress:
                        how.progress(seal.draws)
                    yield seal
        except WorkerLostError as error:
            done = self.done
            with suppress(OSError, StoreError):  # workers may have written more than they have reported
                done = progress_in(self.manifest, self.store.sizes()).done
            raise WorkerLostError(f"{error}; {self.kept(done)}") from None
        except StoreError as error:
            raise StoreError(f"{error}; {self.kept(self.done)}") from None

    def kept(self, done: int) -> str:
        """How many draws are kept, and how to resume the run, for messages."""
        resume = resume_command(self.store.place)
        return f"{done:,} of {self.manifest['draws']:,} draws are kept, {resume} resumes from them"

    def task(self, number: int, draws: int, how: Execution) -> ChunkTask:
        """The task that a worker is given for a chunk."""
        return ChunkTask(
            number=number,
            draws=draws,
            sha256=self.manifest["sha256"],
            levers=tuple(self.manifest["levers"]),
            now=self.manifest.get("now"),
            seed=self.manifest["seed"],
            max_nodes=self.manifest["max_nodes"],
            path=self.crisis.path,
            machine=machine(),
            folder=self.store.address,
            threads=how.threads,
            block=how.block,
            keep=self.manifest.get("keep"),
        )

    def wait_for(self, seal: ChunkSeal) -> None:
        """Wait until the chunk that a worker has written appears here; raise OfframpError if it does not."""
        begun = time.monotonic()
        while self.fetched_seal(seal.number) != seal.sums:
            if time.monotonic() - begun > PATIENCE:
                raise OfframpError(
                    f"the worker {seal.worker} has written chunk {seal.number}, but it does not appear in"
                    f" {self.store.place} on this machine: every worker must write to the run's own folder"
                )
            time.sleep(0.1)

    def fetched_seal(self, number: int) -> dict[str, str] | None:
        """SHA-256 by table from a chunk's seal, as a worker has written it; the tables come in `finish`."""
        self.store.fetch(seal_of(number))
        return read_seal(self.folder, self.manifest, number)

    def watch(self) -> Watch | None:
        """The watch that decides whether the run may stop early; None if it may not."""
        if "until" not in self.manifest:
            return None
        sizes, missing = chunk_sizes(self.manifest["draws"]), {number for number, _ in self.missing}

        def read(number: int) -> Moments | None:
            return None if number in missing else self.moments(number)

        return Watch(self.manifest["until"], sizes, read)

    def moments(self, number: int) -> Moments:
        """The moments of a chunk that is present."""
        with connected() as connection:
            return read_moments(connection, self.folder / tables_of(self.manifest, number)[0], self.crisis)

    def stop_at(self, draws: int) -> None:
        """End the run after `draws` draws; delete the chunks beyond."""
        self.manifest = stopped_at(self.manifest, draws)
        with self.clear_errors():
            self.write(MANIFEST, as_bytes(self.manifest))
            self.delete_surplus()
        self.done = draws

    def finish(self, begun: float, page: Page | None, watch: Watch | None) -> Run:
        """Write the files made from all chunks, the marker last."""
        folder, manifest = self.folder, self.manifest
        with self.clear_errors():
            sweep(folder)  # a killed worker may have left a partial file
            self.store.fetch()  # what workers have written
            seconds = time.perf_counter() - begun
            sums = {name: digest for number in range(len(chunk_sizes(manifest["draws"])))
                    for name, digest in (read_seal(folder, manifest, number) or {}).items()}  # fmt: skip
            total_seconds = seconds_of(folder) + seconds
            run = load_run(self.crisis, self.game, folder, manifest, sums, total_seconds)
            with whole_file(folder / MOVES) as partial:
                write_parquet(moves_frame(run), partial)
            self.store.put(MOVES)
            if page:
                self.write(REPORT, page(run, manifest).encode("utf-8"))
            self.log("finished", seconds)
            summary = {name: value for name, value in run.to_dict().items() if name != "seconds"}
            if watch:
                summary["until"] = self.stopping_summary(watch)
            self.write(FINISHED, as_marker(summary | {"sha256": self.sums()}))
        return replace(run, folder=self.store.place, manifest=manifest)

    def stopping_summary(self, watch: Watch) -> dict[str, Any]:
        """Why the run ends where it does: the target error, and each ending's error."""
        names = [ending.key for ending in self.crisis.endings]
        errors = [error if isfinite(error) else None for error in watch.errors()]
        return {
            "asked": watch.until,
            "reached": watch.is_reached(),
            "most": self.manifest["most"],
            "errors": dict(zip(names, errors, strict=True)),
        }

    def open(self, page: Page | None) -> Run:
        """Open a run that was finished before; write its report if it is wanted and missing."""
        run = open_run(self.folder)
        if page and not (self.folder / REPORT).is_file():
            with self.clear_errors():
                self.write(REPORT, page(run, self.manifest).encode("utf-8"))
        return replace(run, folder=self.store.place)

    def undo(self) -> None:
        """Delete the files of a run in which nothing was solved."""
        with suppress(OSError, OfframpError):
            if any(self.folder.glob(f"*{SEAL}")):  # a worker has finished a chunk meanwhile
                return
            sweep(self.folder)
            self.store.remove(LOG, CRISIS, MANIFEST)

    @contextmanager
    def clear_errors(self) -> Iterator[None]:
        """Raise OfframpError for anything that goes wrong in writing, with how to resume the run."""
        try:
            with clear_errors(self.folder, f"; {self.kept(self.done)}" if self.done else ""):
                yield
        except StoreError as error:
            raise StoreError(f"{error}; {self.kept(self.done)}") from None
