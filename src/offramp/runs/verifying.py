"""A run verified: every file compared with its SHA-256, and draws solved anew and compared with what the run holds.

Whoever made the files and their hashes, a number that the crisis does not give is found.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError, UsageError
from offramp.gambit.opening import compile_game
from offramp.runs.chunk import Chunk
from offramp.runs.chunk_tables import draws_frame, moves_frame, sums_frame
from offramp.runs.opened import collect, crisis_of_run
from offramp.runs.sampling import chunk_sizes
from offramp.runs.solve_draws import solve_chunks, solve_only
from offramp.runs.store.layout import CRISIS, FINISHED, MANIFEST, MOVES, read_finished, read_seal, seal_of, tables_of
from offramp.runs.store.manifest import machine_differences, manifest_of, read_manifest, stopped_at
from offramp.runs.store.parquet import facts_of, read_table
from offramp.runs.store.remote import read_from, url_of
from offramp.runs.store.whole_files import sha256_of
from offramp.runs.strategies import read_strategies
from offramp.runs.task import facts_of_chunk
from offramp.runs.verified import SHOWN, Problem, Verified

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from offramp.crisis.model import Crisis
    from offramp.game.game import Game

SAMPLE = 32
TOLERANCE = 1e-12
"""What numbers may differ by that another processor, or other versions, have computed; times the number, above 1."""
ELSEWHERE = ("sweeps",)
"""What may differ on another processor though the numbers agree: the last sweep may be needed there or not."""


def verify(
    folder: str | Path,
    *,
    draws: int | None = SAMPLE,
    seed: int = 1,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verified:
    """Compare the files of a run with their SHA-256, and a random sample of its draws with what its crisis gives.

    Parameters
    ----------
    folder
        A run, finished or not, or the URL of one; of one that is not finished, what is there.
    draws
        How many draws to solve anew, spread over the run; all of them, with the sums of every chunk, for None.
    seed
        Another seed picks other draws.
    workers
        Threads; by default one a core.
    progress
        Called with the number of draws done since the last call.

    Raises
    ------
    UsageError
        Where the folder holds no run, or a number asked for makes no sense.
    """
    if draws is not None and draws < 0:
        raise UsageError(f"a sample has no fewer than 0 draws, found {draws}")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0 up, found {seed}")
    with read_from(folder, anew=True) as here:
        if not (here / MANIFEST).is_file():
            read_manifest(here)  # says that there is none
        found = _Verifying(here).verified(draws, seed, workers, progress)
    return replace(found, folder=url_of(folder) or here)


class _Verifying:
    """A run that is being verified, and what has been found so far; `sums`: by file its SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = {}
        self.sums: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.files = self.differing = self.recomputed = 0
        self.elsewhere: tuple[str, ...] = ()
        self.largest = 0.0

    def verified(
        self, draws: int | None, seed: int, workers: int | None, progress: Callable[[int], None] | None
    ) -> Verified:
        finished, whole, asked = None, list[int](), 0
        try:
            self.manifest = read_manifest(self.folder)
            asked = self.manifest["draws"]
            finished = self.marker()
            crisis = crisis_of_run(self.folder, self.manifest)
            game = compile_game(crisis, self.manifest["max_nodes"])
        except OfframpError as error:
            self.problems.append(Problem(MANIFEST if not self.manifest else CRISIS, _alone(error, self.folder)))
        else:
            self.asked_alike(crisis, game)
            whole = self.chunks(finished is not None)
            self.draws(crisis, game, whole, draws, seed, workers, progress)
            if finished is not None and not self.problems:
                self.summary(crisis, game, finished)
        sizes = chunk_sizes(asked) if asked else []
        return Verified(
            folder=self.folder,
            files=self.files,
            draws=sum(sizes[number] for number in whole),
            asked=asked,
            finished=finished is not None,
            recomputed=self.recomputed,
            differing=self.differing,
            elsewhere=self.elsewhere,
            largest=self.largest,
            problems=tuple(self.problems),
        )

    def marker(self) -> dict[str, Any] | None:
        """What came of the run, its files but the chunks compared; None where it is not finished."""
        finished = None
        if (self.folder / FINISHED).exists():
            try:
                finished = read_finished(self.folder)
            except UsageError as error:
                self.problems.append(Problem(FINISHED, _alone(error, self.folder)))
        if finished is None:
            return None
        numbers = range(len(chunk_sizes(self.manifest["draws"])))
        names = {name for number in numbers for name in tables_of(self.manifest, number)}
        if set(finished["sha256"]) != {MANIFEST, CRISIS, MOVES} | names:
            self.problems.append(Problem(FINISHED, "is not of this run: it names other files"))
        for name in (MANIFEST, CRISIS, MOVES):
            self.compared(name, finished["sha256"].get(name))
        self.sums = finished["sha256"]
        return finished

    def compared(self, name: str, digest: str | None) -> bool:
        """Whether a file has its SHA-256."""
        self.files += 1
        try:
            if sha256_of(self.folder / name) == digest:
                return True
            says = "is not as it was written"
        except FileNotFoundError:
            says = "is missing"
        except OSError as error:
            says = f"cannot be read: {error.strerror or error}"
        self.problems.append(Problem(name, says))
        return False

    def asked_alike(self, crisis: Crisis, game: Game) -> None:
        """Compare what the manifest says with what the crisis in the folder gives."""
        held, most = self.manifest, self.manifest.get("most", self.manifest["draws"])
        asked = {"draws": most, "seed": held["seed"], "max_nodes": held["max_nodes"], "until": held.get("until")}
        asked["keep"] = held.get("keep")
        new = stopped_at(manifest_of(crisis, game, **asked), held["draws"])
        self.elsewhere = tuple(machine_differences(held, new))
        told = ("title", "levers", "inputs", "size")  # the sources are not in the folder
        command = new["command"].split()[3:] == str(held.get("command")).split()[3:] or " " in held["crisis"]
        wrong = [name for name in told if json.loads(json.dumps(new[name])) != held.get(name)]
        if wrong or not command:
            self.problems.append(Problem(MANIFEST, f"does not fit crisis.yaml: {', '.join(wrong) or 'command'}"))

    def chunks(self, finished: bool) -> list[int]:
        """Compare the tables of every chunk with its seal and the marker; the chunks that are there and whole."""
        import duckdb

        whole = []
        with duckdb.connect(config={"threads": 1}) as connection:
            for number, size in enumerate(chunk_sizes(self.manifest["draws"])):
                if self.chunk(number, size, finished, connection):
                    whole.append(number)
        return whole

    def chunk(self, number: int, size: int, finished: bool, connection: duckdb.DuckDBPyConnection) -> bool:

        if not finished and not (self.folder / seal_of(number)).exists():
            return False
        said, before = read_seal(self.folder, self.manifest, number), len(self.problems)
        self.files += 1
        if said is None:
            there = (self.folder / seal_of(number)).exists()
            self.problems.append(Problem(seal_of(number), "is damaged" if there else "is missing", number))
        elif finished and any(self.sums.get(name) != digest for name, digest in said.items()):
            self.problems.append(Problem(seal_of(number), "is not of this run", number))
        for name in tables_of(self.manifest, number):
            if not self.compared(name, (said or self.sums).get(name)):
                continue
            try:
                own = facts_of(connection, self.folder / name) == facts_of_chunk(self.manifest, number, size)
            except ValueError:
                own = False
            if not own:
                self.problems.append(Problem(name, "is not of this run, or another chunk of it", number))
        return len(self.problems) == before

    def draws(
        self,
        crisis: Crisis,
        game: Game,
        whole: list[int],
        draws: int | None,
        seed: int,
        workers: int | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        """Solve draws anew and compare them."""
        sizes = chunk_sizes(self.manifest["draws"])
        asked: Any = {"seed": self.manifest["seed"], "workers": workers, "keep": self.manifest.get("keep")}
        if draws is None:
            for chunk in solve_chunks(crisis, game, [(number, sizes[number]) for number in whole], **asked):
                self.rows(chunk.number, draws_frame(chunk, game), np.arange(chunk.draws))
                self.strategies(chunk, np.arange(chunk.draws))
                name = tables_of(self.manifest, chunk.number)[1]
                self.table(name, sums_frame(chunk, game), self.read(name, game.slots), chunk.number)
                if progress:
                    progress(chunk.draws)
            return
        for number, places in _spread([(number, sizes[number]) for number in whole], draws, seed):
            chunk = solve_only(crisis, game, number, places, **asked)
            frame = draws_frame(chunk, game)
            frame["draw"] = chunk.start + places
            self.rows(number, frame, places)
            self.strategies(chunk, places)
            if progress:
                progress(len(places))

    def rows(self, number: int, frame: pd.DataFrame, places: NDArray[np.int64]) -> None:
        """Compare draws of a chunk, by their places in it, with its table."""
        name = tables_of(self.manifest, number)[0]
        size = chunk_sizes(self.manifest["draws"])[number]
        held = self.read(name, size)
        self.recomputed += len(places)
        if held is not None and len(held) != size:
            count = f"{len(held):,}" if len(held) < size else f"more than {size:,}"
            self.problems.append(Problem(name, f"has {count} draws", number))
            return
        self.table(name, frame, None if held is None else held.iloc[places], number, frame["draw"].to_numpy())

    def strategies(self, chunk: Chunk, places: NDArray[np.int64]) -> None:
        """Compare the profiles of a chunk's draws, by their places in it, with what the run keeps, if it does."""
        import duckdb
        import pandas as pd

        if chunk.strategies is None:
            return
        name = tables_of(self.manifest, chunk.number)[2]
        slots, draws = range(len(chunk.strategies)), range(chunk.start, chunk.start + int(places.max(initial=0)) + 1)
        try:
            with duckdb.connect(config={"threads": 1}) as connection:
                held = read_strategies(connection, self.folder / name, slots, draws)[:, places]
        except ValueError:
            self.problems.append(Problem(name, "does not hold the strategies of this crisis", chunk.number))
            return
        named = [f"slot {slot}" for slot in slots]
        solved, kept = (pd.DataFrame(profiles.T, columns=named) for profiles in (chunk.strategies, held))
        self.table(name, solved, kept, chunk.number, chunk.start + places)

    def read(self, name: str, rows: int) -> pd.DataFrame | None:
        """A table of so many rows as it stands in its file; None, and a problem, where it is none."""
        import duckdb

        try:
            with duckdb.connect(config={"threads": 1}) as connection:
                return read_table(connection, self.folder / name, rows)
        except ValueError:
            self.problems.append(Problem(name, "is no table"))
            return None

    def table(
        self,
        name: str,
        solved: pd.DataFrame,
        held: pd.DataFrame | None,
        chunk: int | None = None,
        draws: NDArray[np.int64] | None = None,
    ) -> None:
        """Compare a table, column for column, by place: DuckDB gives names that differ in capitals only a number."""
        if held is None:
            return
        if held.shape != solved.shape:
            self.problems.append(Problem(name, "does not have the rows and columns of this crisis", chunk))
            return
        for place, column in enumerate(solved.columns):
            if self.elsewhere and column in ELSEWHERE:
                continue
            of_crisis, in_file = solved.iloc[:, place].to_numpy(), held.iloc[:, place].to_numpy()
            for row in self.unlike(of_crisis, in_file):
                self.differing += 1
                if self.differing <= SHOWN:
                    draw = None if draws is None else int(draws[row])
                    two = _plain(in_file[row]), _plain(of_crisis[row])
                    where = f"row {row}" if draw is None else f"draw {draw}"
                    says = f"{where}, {column}: holds {two[0]!r}, the crisis gives {two[1]!r}"
                    self.problems.append(Problem(name, says, chunk, draw, str(column), *two))

    def unlike(self, solved: NDArray[Any], held: NDArray[Any]) -> list[int]:
        """The rows in which two columns differ: in any bit, or elsewhere by more than `TOLERANCE`."""
        if solved.dtype.kind != "f" or held.dtype.kind != "f":
            return [int(row) for row in np.flatnonzero(solved != held)]
        same = (solved.view(np.int64) == held.view(np.int64)) | (np.isnan(solved) & np.isnan(held))
        gap = np.where(same, 0.0, np.abs(solved - held))
        gap = np.where(np.isnan(gap), math.inf, gap)
        self.largest = max(self.largest, float(gap.max(initial=0.0)))
        if self.elsewhere:
            scale = np.maximum(1.0, np.fmax(np.abs(solved), np.abs(held)))
            same |= gap <= TOLERANCE * np.where(np.isnan(scale), 1.0, scale)
        return [int(row) for row in np.flatnonzero(~same)]

    def summary(self, crisis: Crisis, game: Game, finished: Mapping[str, Any]) -> None:
        """Compare what the marker and the table of moves say with what the chunks hold."""
        ensemble = collect(crisis, game, self.folder, self.manifest, self.sums, 0.0)
        for name, value in json.loads(json.dumps(ensemble.to_dict())).items():
            if (
                name != "seconds"
                and finished.get(name) != value
                and not (self.elsewhere and _near(finished[name], value))
            ):
                self.problems.append(Problem(FINISHED, f"its {name} are not those of the chunks"))
        self.table(MOVES, moves_frame(ensemble), self.read(MOVES, game.slots))


def _near(held: Any, found: Any) -> bool:
    """Whether two summaries agree, numbers within `TOLERANCE`."""
    if isinstance(held, dict) and isinstance(found, dict):
        return held.keys() == found.keys() and all(_near(held[name], found[name]) for name in held)
    if isinstance(held, float) and isinstance(found, float):
        return abs(held - found) <= TOLERANCE * max(1.0, abs(found))
    return bool(held == found)


def _spread(chunks: list[tuple[int, int]], draws: int, seed: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Random draws, spread evenly over chunks, by chunk their places in it."""
    ends = np.cumsum([size for _, size in chunks])
    total = int(ends[-1]) if chunks else 0
    draws = min(draws, total)
    chance = np.random.default_rng(seed).random(draws)
    # one draw in each of as many equal stretches: every draw is as likely as any other
    picked = np.minimum((np.arange(draws) + chance) * total / max(draws, 1), total - 1).astype(np.int64)
    if draws == total:
        picked = np.arange(total)
    owner = np.searchsorted(ends, picked, side="right")
    for place, (number, size) in enumerate(chunks):
        mine = np.unique(picked[owner == place]) - (ends[place] - size)
        if len(mine):
            yield number, mine


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _alone(error: OfframpError, folder: Path) -> str:
    """A message without the file that it begins with."""
    text = str(error)
    for name in (MANIFEST, CRISIS, FINISHED):
        text = text.removeprefix(f"{folder / name} ")
    return text
