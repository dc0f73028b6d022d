"""A chunk as a task for a worker, in any process on any machine, and the worker's answer.

A worker reads the run's crisis, solves the chunk, writes its tables and its seal into the run's folder, and returns
only the seal, so the main process holds no results. A chunk solved twice is written twice, with the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from offramp.common.atomic import whole_file
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.chunk import Chunk
from offramp.runs.chunk_tables import draws_frame, sums_frame
from offramp.runs.executors import submit_all
from offramp.runs.result import UNCONVERGED
from offramp.runs.sampling import Keep
from offramp.runs.solve_draws import solve_chunks
from offramp.runs.store.layout import CRISIS, seal, tables_of
from offramp.runs.store.manifest import Now, as_run, machine, now_of, sha256_of_crisis
from offramp.runs.store.store import Store, store_at
from offramp.runs.store.whole_files import clear_errors, write_parquet
from offramp.runs.strategies import strategies_frame
from offramp.runs.until import Moments, moments_of
from offramp.runs.worker import check_machine, compiled_once, game_of, recipe_of, worker_name


@dataclass(frozen=True)
class ChunkTask:
    """A chunk to solve: everything that its bytes depend on, and where to write them.

    `now`: as in the manifest. `folder`: the run's folder, which holds the crisis, under a path that every worker sees,
    or its URL; for a chunk that stays in memory `recipe`, the game's, instead. `path`: name of the crisis file in
    messages. `machine`: the machine on which the run began. `threads`: how many the worker uses. `keep`: what
    the chunk holds in addition.
    """

    number: int
    draws: int
    sha256: str
    levers: tuple[str, ...]
    now: Now | None
    seed: int
    max_nodes: int | None
    path: str
    machine: Mapping[str, Mapping[str, str]]
    folder: str = ""
    recipe: bytes | None = None
    threads: int = 1
    block: int | None = None
    keep: Keep | None = None


@dataclass(frozen=True)
class ChunkSeal:
    """A solved chunk: `sums`, SHA-256 by table; the moments of its endings; and the worker that solved it."""

    number: int
    draws: int
    sums: Mapping[str, str]
    moments: Moments
    worker: str


def solve_chunk(task: ChunkTask) -> ChunkSeal:
    """Solve a chunk and write it into the run's folder, whole or not at all.

    Raises
    ------
    CrisisError
        If some draw's odds or payoffs are impossible.
    UsageError
        If this worker does not see the run's folder, or would compute other bits.
    OfframpError
        If the folder cannot be written.
    """
    chunk, game = _solve(task)
    with _store_of(task.folder).adding() as folder, clear_errors(folder, ""):
        return write_chunk(folder, chunk, game, vars(task))


@lru_cache(maxsize=1)
def _store_of(folder: str) -> Store:
    """The store of a run, opened once by a worker, which solves many of its chunks."""
    return store_at(folder)


def chunk_in_memory(task: ChunkTask) -> Chunk:
    """Solve a chunk and return it; its evidence lacks the game, which the caller has. Raises as `solve_chunk`."""
    chunk, _ = _solve(task)
    evidence: Any = chunk.evidence and replace(chunk.evidence, game=None)  # type: ignore[arg-type]
    return replace(chunk, evidence=evidence)


def chunks_by(
    executor: Executor,
    game: Game,
    wanted: Iterable[tuple[int, int]],
    *,
    seed: int,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Generator[Chunk]:
    """Solve chunks by an executor, without files, and yield them in the order of `wanted`, as `solve_chunks`.

    `game`: the compiled crisis; the workers compile it themselves, whatever its size. Raises as `solve_chunk`.
    """
    crisis, order = game.crisis, deque[int]()
    common: Any = {"sha256": sha256_of_crisis(crisis), "levers": crisis.pulled, "seed": seed, "path": crisis.path}
    common |= {
        "now": now_of(crisis),
        "max_nodes": None,
        "machine": machine(),
        "recipe": recipe_of(game),
        "block": block,
    }

    def tasks() -> Iterator[ChunkTask]:
        for number, draws in wanted:
            order.append(number)
            yield ChunkTask(number, draws, **common)

    early: dict[int, Chunk] = {}
    with closing(submit_all(executor, chunk_in_memory, tasks(), workers=workers)) as solving:
        for chunk in solving:
            evidence = chunk.evidence and replace(chunk.evidence, game=game)
            early[chunk.number] = replace(chunk, evidence=evidence)
            if progress:
                progress(chunk.draws)
            while order and order[0] in early:
                yield early.pop(order.popleft())


def write_chunk(folder: Path, chunk: Chunk, game: Game, run: Mapping[str, Any]) -> ChunkSeal:
    """Write a chunk's tables, then its seal; `run` as in `facts_of_chunk` and, for `keep`, in `tables_of`."""
    moments = moments_of(list(chunk.endings), chunk.status != UNCONVERGED)
    facts = facts_of_chunk(run, chunk.number, chunk.draws)
    tables = [(draws_frame(chunk, game), "snappy"), (sums_frame(chunk, game), "snappy")]
    if chunk.strategies is not None:
        tables.append((strategies_frame(chunk.strategies, chunk.start), "zstd"))
    for name, (frame, compression) in zip(tables_of(run, chunk.number), tables, strict=True):
        with whole_file(folder / name) as partial:
            write_parquet(frame, partial, facts, compression=compression)
    return ChunkSeal(chunk.number, chunk.draws, seal(folder, run, chunk.number), moments, worker_name())


def facts_of_chunk(run: Mapping[str, Any], number: int, draws: int) -> dict[str, str]:
    """Metadata of a chunk's tables, which names the run and the chunk; `run` has `sha256`, `levers` and `seed`."""
    identity = {"sha256": run["sha256"], "levers": list(run["levers"]), "seed": run["seed"]}
    if (now := run.get("now")) is not None:
        identity["now"] = now
    return {"offramp": json.dumps(identity | {"chunk": number, "draws": draws})}


def _solve(task: ChunkTask) -> tuple[Chunk, Game]:
    check_machine(task.machine)
    options: Any = {"seed": task.seed, "workers": task.threads, "block": task.block, "keep": task.keep}
    try:
        if task.recipe is None:
            game = _compiled(task.folder, task.sha256, task.levers, json.dumps(task.now), task.max_nodes)
        else:
            game = game_of(task.recipe)
        with closing(solve_chunks(game.crisis, game, [(task.number, task.draws)], **options)) as solving:
            return next(solving), game
    except CrisisError as error:
        raise CrisisError(task.path, error.faults) from None


@compiled_once
def _compiled(folder: str, sha256: str, levers: tuple[str, ...], now: str, max_nodes: int | None) -> Game:
    from offramp.crisis.reading import read_text

    content = _crisis_in(folder)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UsageError(f"the worker {worker_name()} finds a different crisis in {folder} than the run's")
    crisis = read_text(content, str(Path(folder) / CRISIS))
    return compile_game(as_run(crisis, {"levers": levers, "now": json.loads(now)}), max_nodes)


def _crisis_in(place: str) -> bytes:
    try:
        with store_at(place).fresh(CRISIS) as folder:
            return (folder / CRISIS).read_bytes()
    except OSError as error:
        raise UsageError(
            f"the worker {worker_name()} does not find the run in {place} ({error.strerror or error}):"
            " every worker must see the run's folder under the same path"
        ) from None
