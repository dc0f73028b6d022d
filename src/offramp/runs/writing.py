"""A run as it is being written by the one process that holds its lock: solved, finished.

Whoever solves a chunk writes it; here is only counted what is done.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from offramp.common.atomic import whole_file, write_whole
from offramp.common.errors import OfframpError
from offramp.game.game import Game
from offramp.runs.chunk_tables import moves_frame
from offramp.runs.execution import Execution, Page
from offramp.runs.executors import WorkerLostError, submit_all
from offramp.runs.opened import collect, open_run
from offramp.runs.result import Run
from offramp.runs.run_files import Files
from offramp.runs.sampling import chunk_sizes
from offramp.runs.solve_draws import solve_chunks
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
    progress_of,
    read_seal,
    seal_of,
    seconds_of,
    tables_of,
    to_go_on,
)
from offramp.runs.store.manifest import as_bytes, machine, stopped_at
from offramp.runs.store.object_store import StoreError
from offramp.runs.store.remote import complete
from offramp.runs.store.whole_files import clear_errors, sweep, write_parquet
from offramp.runs.task import ChunkSeal, ChunkTask, solve_chunk, write_chunk
from offramp.runs.until import Moments, Watch, read_moments
from offramp.runs.worker import recipe_of

PATIENCE = 60.0
"""Seconds for which a file that another machine has written may not be seen here: a network's file system is lazy."""


@dataclass
class Writing(Files):
    """A run that is being written."""

    game: Game = field(kw_only=True)

    def solve(self, begun: float, how: Execution) -> Run:
        """Solve the chunks that are missing, or as many as it takes, and finish the run."""
        if self.is_finished():
            return self.opened(how.page)
        self.begin(how, self.done)
        watch = self.watch()
        if not (watch and watch.look()):
            self.fill((one for one in self.missing if not (watch and watch.is_reached())), how, watch)
        if watch and watch.draws < self.manifest["draws"]:
            self.stop_at(watch.draws)
        return self.finish(begun, how.page, watch)

    def solve_part(self, begun: float, how: Execution, chunks: range) -> Progress:
        """Solve those of some chunks that are missing, and finish the run where all are there then."""
        if self.is_finished():
            self.opened(how.page)
            return progress_of(self.folder)
        sizes = chunk_sizes(self.manifest["draws"])
        wanted = {number: size for number, size in self.missing if number in chunks}
        self.begin(how, sum(sizes[number] for number in chunks if number not in wanted))
        self.fill(iter(wanted.items()), how)
        if self.done == self.manifest["draws"]:
            self.finish(begun, how.page, None)
        else:
            with self.clear_errors():
                self.log("stopped", time.perf_counter() - begun)
        return progress_of(self.folder)

    def begin(self, how: Execution, there: int) -> None:
        """Say that the run begins or goes on, and that so many of the draws wanted are there."""
        with self.clear_errors():
            self.log("goes on" if self.done else "begins", 0.0)
        if how.progress and there:
            how.progress(there)

    def fill(self, wanted: Iterator[tuple[int, int]], how: Execution, watch: Watch | None = None) -> None:
        """Have chunks solved, and count them as they are done."""
        with closing(self.sealed(wanted, how)) as sealing:
            for seal in sealing:
                self.done += seal.draws
                if watch:
                    watch.look(seal.number, seal.moments)

    def sealed(self, wanted: Iterator[tuple[int, int]], how: Execution) -> Generator[ChunkSeal]:
        """Have chunks solved and written, and give their seals as they are done."""
        if how.executor is None:
            asked: Any = {"seed": self.manifest["seed"], "workers": how.workers, "block": how.block}
            asked |= {"keep": self.manifest.get("keep")}
            with closing(solve_chunks(self.crisis, self.game, wanted, **asked, progress=how.progress)) as solving:
                for chunk in solving:
                    with self.clear_errors():
                        seal = write_chunk(self.folder, chunk, self.game, self.manifest)
                        self.put(*seal.sums, seal_of(seal.number))
                    yield seal
            return

        def say(line: str) -> None:
            if how.say:
                how.say(f"{line}; {self.done:,} of {self.manifest['draws']:,} draws are kept")

        tasks = (self.task(number, draws, how) for number, draws in wanted)
        try:
            with closing(submit_all(how.executor, solve_chunk, tasks, workers=how.workers, say=say)) as sealing:
                for seal in sealing:
                    self.check_seen(seal)
                    if how.progress:
                        how.progress(seal.draws)
                    yield seal
        except (WorkerLostError, StoreError) as error:
            raise type(error)(f"{error}; {self.kept()}") from None

    def kept(self) -> str:
        """In words, what there is by now, and how the run goes on."""
        done = self.done if self.place.store else progress_of(self.folder).done  # workers may be ahead of what is heard
        return f"{done:,} of {self.manifest['draws']:,} draws are kept, {to_go_on(self.folder)} goes on with them"

    def task(self, number: int, draws: int, how: Execution) -> ChunkTask:
        """A chunk, as it is handed to a worker."""
        return ChunkTask(
            number=number,
            draws=draws,
            sha256=self.manifest["sha256"],
            levers=tuple(self.manifest["levers"]),
            seed=self.manifest["seed"],
            max_nodes=self.manifest["max_nodes"],
            path=self.crisis.path,
            machine=machine(),
            folder=str(self.folder.resolve()),
            url=self.place.store.url if self.place.store else None,
            recipe=recipe_of(self.game) if self.place.store else None,
            threads=how.threads,
            block=how.block,
            keep=self.manifest.get("keep"),
        )

    def check_seen(self, seal: ChunkSeal) -> None:
        """Raise OfframpError where what a worker has written does not come to be seen here."""
        begun = time.monotonic()
        while self.seal(seal.number) != seal.sums:
            if time.monotonic() - begun > PATIENCE:
                raise OfframpError(
                    f"the worker {seal.worker} has written chunk {seal.number}, which is not in {self.folder} as seen"
                    " from here: every worker must write to the run's own folder"
                )
            time.sleep(0.1)

    def seal(self, number: int) -> dict[str, str] | None:
        """By table the SHA-256 that a chunk's seal says, where the workers write it."""
        if self.place.store and (content := self.place.store.read(seal_of(number))) is not None:
            write_whole(self.folder / seal_of(number), content)
            for name in tables_of(
                self.manifest, number
            ):  # what was here, and damaged; the worker's are brought when all are done
                (self.folder / name).unlink(missing_ok=True)
        return read_seal(self.folder, self.manifest, number)

    def watch(self) -> Watch | None:
        """What tells whether the run may stop, where it may before its last draw."""
        if "until" not in self.manifest:
            return None
        sizes, missing = chunk_sizes(self.manifest["draws"]), {number for number, _ in self.missing}

        def read(number: int) -> Moments | None:
            return None if number in missing else self.moments(number)

        return Watch(self.manifest["until"], sizes, read)

    def moments(self, number: int) -> Moments:
        """The moments of a chunk that is there."""
        import duckdb

        with duckdb.connect(config={"threads": 1}) as connection:
            return read_moments(connection, self.folder / tables_of(self.manifest, number)[0], self.crisis)

    def stop_at(self, draws: int) -> None:
        """Make the run one of so many draws; those beyond are dropped."""
        self.manifest = stopped_at(self.manifest, draws)
        with self.clear_errors():
            self.write(MANIFEST, as_bytes(self.manifest))
            self.drop_beyond()
        self.done = draws

    def finish(self, begun: float, page: Page | None, watch: Watch | None) -> Run:
        """Make what is made from all chunks, the marker last."""
        folder, manifest = self.folder, self.manifest
        with self.clear_errors():
            sweep(folder)  # a worker that was killed may have left something
            if self.place.store:  # workers elsewhere have written to it
                complete(self.place.store, folder)
            seconds = time.perf_counter() - begun
            sums = {name: digest for number in range(len(chunk_sizes(manifest["draws"])))
                    for name, digest in (read_seal(folder, manifest, number) or {}).items()}  # fmt: skip
            total = seconds_of(folder) + seconds
            ensemble = collect(self.crisis, self.game, folder, manifest, sums, total)
            with whole_file(folder / MOVES) as partial:
                write_parquet(moves_frame(ensemble), partial)
            self.put(MOVES)
            if page:
                self.write(REPORT, page(ensemble, manifest).encode("utf-8"))
            self.log("finished", seconds)
            summary = {name: value for name, value in ensemble.to_dict().items() if name != "seconds"}
            if watch:
                summary["until"] = self.why(watch)
            self.write(FINISHED, as_marker(summary | {"sha256": self.sums()}))
        return replace(ensemble, folder=self.place.name, manifest=manifest)

    def why(self, watch: Watch) -> dict[str, Any]:
        """Why the run ends where it does: the error asked for, and each ending's."""
        names = [ending.name for ending in self.crisis.endings]
        errors = [error if isfinite(error) else None for error in watch.errors()]
        return {
            "asked": watch.until,
            "reached": watch.is_reached(),
            "most": self.manifest["most"],
            "errors": dict(zip(names, errors, strict=True)),
        }

    def opened(self, page: Page | None) -> Run:
        """The run, finished before, with its report if that is wanted and is not there."""
        run = open_run(self.folder)
        if page and not (self.folder / REPORT).is_file():
            with self.clear_errors():
                self.write(REPORT, page(run, self.manifest).encode("utf-8"))
        return replace(run, folder=self.place.name)

    def undo(self) -> None:
        """Leave nothing behind of a run of which nothing was solved."""
        with suppress(OSError, OfframpError):
            if any(self.folder.glob(f"*{SEAL}")):  # another worker was done
                return
            sweep(self.folder)
            self.drop(LOG, CRISIS, MANIFEST)

    @contextmanager
    def clear_errors(self) -> Iterator[None]:
        try:
            with clear_errors(self.folder, f"; {self.kept()}" if self.done else ""):
                yield
        except StoreError as error:
            raise StoreError(f"{error}; {self.kept()}") from None
