"""Verify a run: compare every file with its SHA-256, solve draws again and compare them with the run.

This finds any wrong number in the draws solved again, even if the file's hash was changed to match.
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

from offramp.common.arguments import check_seed
from offramp.common.errors import OfframpError, UsageError
from offramp.gambit.opening import compile_game
from offramp.runs.chunk import Chunk
from offramp.runs.chunk_tables import draws_frame, moves_frame, sums_frame
from offramp.runs.chunk_task import facts_of_chunk
from offramp.runs.opened import crisis_of_run, load_run
from offramp.runs.sampling import chunk_sizes
from offramp.runs.solve_draws import solve_chunks, solve_only
from offramp.runs.store.database import connected
from offramp.runs.store.layout import (
    CRISIS,
    FINISHED,
    MANIFEST,
    MOVES,
    by_crisis,
    read_finished,
    read_seal,
    resume_command,
    seal_of,
    tables_of,
)
from offramp.runs.store.manifest import machine_differences, manifest_of, read_manifest, stopped_at
from offramp.runs.store.parquet import facts_of, kinds_of, read_table
from offramp.runs.store.recognising import LOST, READABLE, permitted
from offramp.runs.store.store import store_at
from offramp.runs.store.whole_files import sha256_of
from offramp.runs.strategies import read_strategies
from offramp.runs.verified import SHOWN, Problem, Verified

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from offramp.crisis.model import Crisis
    from offramp.game.game import Game

SAMPLE = 32
TOLERANCE = 1e-12
"""Allowed difference of numbers computed on another processor or by other versions; relative above 1, else absolute."""
NOT_COMPARED_ELSEWHERE = ("sweeps",)
"""Columns that may differ on another processor although the numbers agree: one more or one less sweep may be needed."""


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
        A run, finished or not, or the URL of one; of an unfinished run, the chunks that are done.
    draws
        Number of draws to solve again, spread over the run; None for all of them, with the sums of every chunk.
    seed
        Selects the sample; another seed picks other draws.
    workers
        Threads; by default one per core.
    progress
        Called with the number of draws done since the last call.

    Raises
    ------
    UsageError
        If the folder holds no run, or an argument is invalid.
    """
    if draws is not None and draws < 0:
        raise UsageError(f"a sample has 0 draws or more, found {draws}")
    check_seed(seed)
    if workers is not None and workers < 1:
        raise UsageError(f"`workers` must be 1 or more, found {workers}")
    store = store_at(folder)
    with store.fresh() as local:
        life = permitted(local, "verify")
        verified = _Verification(local).run(draws, seed, workers, progress)
        is_closed = life.remedy == READABLE
        told = "" if life.state.name == "unfinished" else life.remedy
        is_other = any(problem.file == CRISIS for problem in verified.problems)
        restores = told or (by_crisis(local) if is_other else f"{resume_command(local)} restores it")
        remedy = "" if verified.sound else (not is_closed and verified.remedy) or restores
    return replace(verified, folder=store.place, remedy=remedy.replace(str(local), str(store.place)))


class _Verification:
    """A verification in progress, and the problems found so far; `sums`: SHA-256 by file.

    `is_lost`: whether a number is wrong although its file is what was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = {}
        self.sums: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.is_lost = False
        self.files = self.differing = self.recomputed = 0
        self.elsewhere: tuple[str, ...] = ()
        self.largest = 0.0

    def run(
        self, draws: int | None, seed: int, workers: int | None, progress: Callable[[int], None] | None
    ) -> Verified:
        finished, intact, asked = None, list[int](), 0
        try:
            self.manifest = read_manifest(self.folder)
            asked = self.manifest["draws"]
            finished = self.check_marker()
            crisis = crisis_of_run(self.folder, self.manifest)
            game = compile_game(crisis, self.manifest["max_nodes"])
        except OfframpError as error:
            self.problems.append(Problem(MANIFEST if not self.manifest else CRISIS, _without_file(error, self.folder)))
        else:
            self.check_manifest(crisis, game)
            intact = self.check_chunks(finished is not None)
            of_files = len(self.problems)
            self.check_draws(crisis, game, intact, draws, seed, workers, progress)
            if finished is not None and not self.problems:
                self.check_summary(crisis, game, finished)
            self.is_lost |= len(self.problems) > of_files
        self.is_lost |= any(problem.file == MANIFEST for problem in self.problems)
        sizes = chunk_sizes(asked) if asked else []
        return Verified(
            folder=self.folder,
            files=self.files,
            draws=sum(sizes[number] for number in intact),
            asked=asked,
            finished=finished is not None,
            recomputed=self.recomputed,
            differing=self.differing,
            elsewhere=self.elsewhere,
            largest=self.largest,
            problems=tuple(self.problems),
            remedy=LOST if self.is_lost else "",
        )

    def check_marker(self) -> dict[str, Any] | None:
        """Read the marker of a finished run and compare all files except the chunks; None if it is not finished."""
        finished = None
        if (self.folder / FINISHED).exists():
            try:
                finished = read_finished(self.folder)
            except UsageError as error:
                self.problems.append(Problem(FINISHED, _without_file(error, self.folder)))
        if finished is None:
            return None
        numbers = range(len(chunk_sizes(self.manifest["draws"])))
        names = {name for number in numbers for name in tables_of(self.manifest, number)}
        if set(finished["sha256"]) != {MANIFEST, CRISIS, MOVES} | names:
            self.problems.append(Problem(FINISHED, "belongs to another run: it names other files"))
        for name in (MANIFEST, MOVES):
            self.check_file(name, finished["sha256"].get(name))
        self.files += 1  # `crisis_of_run` compares it
        self.sums = finished["sha256"]
        return finished

    def check_file(self, name: str, digest: str | None) -> bool:
        """Whether a file has the expected SHA-256."""
        self.files += 1
        try:
            if sha256_of(self.folder / name) == digest:
                return True
            says = "has changed since it was written"
        except FileNotFoundError:
            says = "is missing"
        except OSError as error:
            says = f"cannot be read: {error.strerror or error}"
        self.problems.append(Problem(name, says))
        return False

    def check_manifest(self, crisis: Crisis, game: Game) -> None:
        """Compare the manifest with what the crisis in the folder gives."""
        manifest = self.manifest
        request = {name: manifest[name] for name in ("seed", "max_nodes")}
        request |= {name: manifest.get(name) for name in ("until", "keep")}
        request["draws"] = manifest.get("most", manifest["draws"])
        expected = stopped_at(manifest_of(crisis, game, **request), manifest["draws"])
        self.elsewhere = tuple(machine_differences(manifest, expected))
        compared = ("title", "levers", "inputs", "size")  # not the sources: their texts are not in the folder
        wrong = [name for name in compared if json.loads(json.dumps(expected[name])) != manifest.get(name)]
        options, expected_options = str(manifest.get("command")).split()[3:], expected["command"].split()[3:]
        same_command = options == expected_options or " " in manifest["crisis"]
        if wrong or not same_command:
            self.problems.append(Problem(MANIFEST, f"does not fit crisis.yaml: {', '.join(wrong) or 'command'}"))

    def check_chunks(self, finished: bool) -> list[int]:
        """Compare the tables of every chunk with its seal and the marker; give the chunks that are intact."""
        intact = []
        with connected() as connection:
            for number, size in enumerate(chunk_sizes(self.manifest["draws"])):
                if self.check_chunk(number, size, finished, connection):
                    intact.append(number)
        return intact

    def check_chunk(self, number: int, size: int, finished: bool, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether a chunk is present and intact; False without a problem if the run has not solved it yet."""
        has_seal = (self.folder / seal_of(number)).exists()
        if not finished and not has_seal:
            return False
        seal, before = read_seal(self.folder, self.manifest, number), len(self.problems)
        self.files += 1
        if seal is None:
            self.problems.append(Problem(seal_of(number), "is damaged" if has_seal else "is missing", number))
        elif finished and any(self.sums.get(name) != digest for name, digest in seal.items()):
            self.problems.append(Problem(seal_of(number), "belongs to another run", number))
            self.is_lost = True
        for name in tables_of(self.manifest, number):
            if not self.check_file(name, (seal or self.sums).get(name)):
                continue
            try:
                own = facts_of(connection, self.folder / name) == facts_of_chunk(self.manifest, number, size)
            except ValueError:
                own = False
            if not own:
                self.problems.append(Problem(name, "belongs to another run or to another chunk", number))
        return len(self.problems) == before

    def check_draws(
        self,
        crisis: Crisis,
        game: Game,
        intact: list[int],
        draws: int | None,
        seed: int,
        workers: int | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        """Solve draws again and compare them."""
        sizes = chunk_sizes(self.manifest["draws"])
        chunks = [(number, sizes[number]) for number in intact]
        options: Any = {"seed": self.manifest["seed"], "workers": workers, "keep": self.manifest.get("keep")}
        if draws is None:
            for chunk in solve_chunks(crisis, game, chunks, **options):
                self.check_rows(chunk.number, draws_frame(chunk, game), np.arange(chunk.draws))
                self.check_strategies(chunk, np.arange(chunk.draws))
                name = tables_of(self.manifest, chunk.number)[1]
                sums = sums_frame(chunk, game)
                self.check_table(name, sums, self.read(name, game.slots, sums), chunk.number)
                if progress:
                    progress(chunk.draws)
            return
        for number, places in _spread(chunks, draws, seed):
            chunk = solve_only(crisis, game, number, places, **options)
            frame = draws_frame(chunk, game)
            frame["draw"] = chunk.start + places
            self.check_rows(number, frame, places)
            self.check_strategies(chunk, places)
            if progress:
                progress(len(places))

    def check_rows(self, number: int, frame: pd.DataFrame, places: NDArray[np.int64]) -> None:
        """Compare the draws at `places` in a chunk with its table."""
        name = tables_of(self.manifest, number)[0]
        size = chunk_sizes(self.manifest["draws"])[number]
        held = self.read(name, size, frame)
        self.recomputed += len(places)
        if held is not None and len(held) != size:
            count = f"{len(held):,}" if len(held) < size else f"more than {size:,}"
            self.problems.append(Problem(name, f"has {count} draws", number))
            return
        self.check_table(name, frame, None if held is None else held.iloc[places], number, frame["draw"].to_numpy())

    def check_strategies(self, chunk: Chunk, places: NDArray[np.int64]) -> None:
        """Compare the profiles of the draws at `places` in a chunk with those that the run keeps, if it does."""
        import pandas as pd

        if chunk.strategies is None:
            return
        name = tables_of(self.manifest, chunk.number)[2]
        slots, draws = range(len(chunk.strategies)), range(chunk.start, chunk.start + int(places.max(initial=0)) + 1)
        try:
            with connected() as connection:
                held = read_strategies(connection, self.folder / name, slots, draws)[:, places]
        except ValueError:
            self.problems.append(Problem(name, "does not hold the strategies of this crisis", chunk.number))
            return
        columns = [f"slot {slot}" for slot in slots]
        solved, kept = (pd.DataFrame(profiles.T, columns=columns) for profiles in (chunk.strategies, held))
        self.check_table(name, solved, kept, chunk.number, chunk.start + places)

    def read(self, name: str, rows: int, solved: pd.DataFrame) -> pd.DataFrame | None:
        """Read a table of `rows` rows and the columns of `solved`; None, with a problem noted, if it is none."""
        try:
            with connected() as connection:
                return read_table(connection, self.folder / name, rows, kinds_of(solved))
        except ValueError:
            self.problems.append(Problem(name, "is no table"))
            return None

    def check_table(
        self,
        name: str,
        solved: pd.DataFrame,
        held: pd.DataFrame | None,
        chunk: int | None = None,
        draws: NDArray[np.int64] | None = None,
    ) -> None:
        """Compare a table by column number: DuckDB adds a number to names that differ only in capitals."""
        if held is None:
            return
        if held.shape != solved.shape:
            self.problems.append(Problem(name, "does not have the rows and columns of this crisis", chunk))
            return
        for place, column in enumerate(solved.columns):
            if self.elsewhere and column in NOT_COMPARED_ELSEWHERE:
                continue
            of_crisis, in_file = solved.iloc[:, place].to_numpy(), held.iloc[:, place].to_numpy()
            for row in self.differing_rows(of_crisis, in_file):
                self.differing += 1
                if self.differing <= SHOWN:
                    draw = None if draws is None else int(draws[row])
                    held_value, solved_value = _plain(in_file[row]), _plain(of_crisis[row])
                    position = f"row {row}" if draw is None else f"draw {draw}"
                    says = f"{position}, {column}: holds {held_value!r}, the crisis gives {solved_value!r}"
                    self.problems.append(Problem(name, says, chunk, draw, str(column), held_value, solved_value))

    def differing_rows(self, solved: NDArray[Any], held: NDArray[Any]) -> list[int]:
        """The rows in which two columns differ: in any bit, or on another machine by more than `TOLERANCE`."""
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

    def check_summary(self, crisis: Crisis, game: Game, finished: Mapping[str, Any]) -> None:
        """Compare the marker and the table of moves with what the chunks give."""
        run = load_run(crisis, game, self.folder, self.manifest, self.sums, 0.0)
        for name, value in json.loads(json.dumps(run.to_dict())).items():
            if (
                name != "seconds"
                and finished.get(name) != value
                and not (self.elsewhere and _near(finished[name], value))
            ):
                self.problems.append(Problem(FINISHED, f"its {name} differ from those of the chunks"))
        moves = moves_frame(run)
        self.check_table(MOVES, moves, self.read(MOVES, game.slots, moves))


def _near(held: Any, solved: Any) -> bool:
    """Whether two summaries agree, numbers within `TOLERANCE`."""
    if isinstance(held, dict) and isinstance(solved, dict):
        return held.keys() == solved.keys() and all(_near(held[name], solved[name]) for name in held)
    if isinstance(held, float) and isinstance(solved, float):
        return abs(held - solved) <= TOLERANCE * max(1.0, abs(solved))
    return bool(held == solved)


def _spread(chunks: list[tuple[int, int]], draws: int, seed: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Pick random draws, spread evenly over chunks (number, size); give their places in each chunk."""
    ends = np.cumsum([size for _, size in chunks])
    total = int(ends[-1]) if chunks else 0
    draws = min(draws, total)
    chance = np.random.default_rng(seed).random(draws)
    # one draw from each of `draws` equal intervals: every draw is equally likely
    picked = np.minimum((np.arange(draws) + chance) * total / max(draws, 1), total - 1).astype(np.int64)
    if draws == total:
        picked = np.arange(total)
    owner = np.searchsorted(ends, picked, side="right")
    for index, (number, size) in enumerate(chunks):
        places = np.unique(picked[owner == index]) - (ends[index] - size)
        if len(places):
            yield number, places


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _without_file(error: OfframpError, folder: Path) -> str:
    """An error's message without the path at its beginning."""
    text = str(error)
    for name in (MANIFEST, CRISIS, FINISHED):
        text = text.removeprefix(f"{folder / name} ")
    return text
