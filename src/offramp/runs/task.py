"""A chunk as a piece of work: what is asked of whoever solves it, in any process on any machine, and what comes back.

The work reads the run's crisis, solves the chunk, writes its tables and its seal into the run's folder, and gives back
only the seal: whoever asked holds no results. A chunk that is asked for twice is written twice, with the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
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
from offramp.runs.store.layout import CRISIS, seal, seal_of, tables_of
from offramp.runs.store.manifest import machine, sha256_of_crisis
from offramp.runs.store.whole_files import clear_errors, write_parquet
from offramp.runs.strategies import strategies_frame
from offramp.runs.until import Moments, moments_of
from offramp.runs.worker import check_machine, compiled_once, game_of, recipe_of, worker_name


@dataclass(frozen=True)
class ChunkTask:
    """A chunk that is to be solved: everything that its bytes depend on, and where they go.

    `folder`: the run's, as every worker sees it, which holds the crisis; else `recipe`, that of the game, and for a
    chunk that is not to stay in memory the `url` of a run elsewhere. `path`: what messages call the crisis file.
    `machine`: what the run was begun on. `threads`: on how many the worker solves the chunk. `keep`: what the chunk
    holds besides.
    """

    number: int
    draws: int
    sha256: str
    levers: tuple[str, ...]
    seed: int
    max_nodes: int | None
    path: str
    machine: Mapping[str, Mapping[str, str]]
    folder: str = ""
    url: str | None = None
    recipe: bytes | None = None
    threads: int = 1
    block: int | None = None
    keep: Keep | None = None


@dataclass(frozen=True)
class ChunkSeal:
    """A chunk that is done: by table its SHA-256, the moments of its endings, and who has solved it."""

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
        Where some draw's odds or payoffs are impossible.
    UsageError
        Where this worker does not see the run's folder, or would compute other bits.
    OfframpError
        Where the folder cannot be written.
    """
    chunk, game = _solved(task)
    if task.url is None:
        with clear_errors(Path(task.folder), ""):
            return write_chunk(Path(task.folder), chunk, game, vars(task))
    from offramp.runs.store.object_store import Store

    with TemporaryDirectory(prefix="offramp-") as passing:
        with clear_errors(Path(passing), ""):
            done = write_chunk(Path(passing), chunk, game, vars(task))
        Store(task.url).put(Path(passing), [*done.sums, seal_of(done.number)])
    return done


def chunk_in_memory(task: ChunkTask) -> Chunk:
    """Solve a chunk and give it back, its evidence without the game, which the caller has; raises as `solve_chunk`."""
    chunk, _ = _solved(task)
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
    """Have the chunks of an ensemble solved in memory, and give them in the order in which they are wanted.

    `game`: the compiled crisis, which the workers compile for themselves, however large. Raises as `solve_chunk`.
    """
    crisis, order = game.crisis, deque[int]()
    given: Any = {"sha256": sha256_of_crisis(crisis), "levers": crisis.pulled, "seed": seed, "path": crisis.path}
    given |= {"max_nodes": None, "machine": machine(), "recipe": recipe_of(game), "block": block}

    def tasks() -> Iterator[ChunkTask]:
        for number, draws in wanted:
            order.append(number)
            yield ChunkTask(number, draws, **given)

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
    """Write a chunk's tables, and its seal last; `run` as in `facts_of_chunk`, with what it keeps."""
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
    """What a chunk's tables say of whose they are; `run` has the run's `sha256`, `levers` and `seed`."""
    asked = {"sha256": run["sha256"], "levers": list(run["levers"]), "seed": run["seed"]}
    return {"offramp": json.dumps(asked | {"chunk": number, "draws": draws})}


def _solved(task: ChunkTask) -> tuple[Chunk, Game]:
    check_machine(task.machine)
    how: Any = {"seed": task.seed, "workers": task.threads, "block": task.block, "keep": task.keep}
    try:
        if task.recipe is None:
            game = _compiled(task.folder, task.sha256, task.levers, task.max_nodes)
        else:
            game = game_of(task.recipe)
        with closing(solve_chunks(game.crisis, game, [(task.number, task.draws)], **how)) as solving:
            return next(solving), game
    except CrisisError as error:
        raise CrisisError(task.path, error.faults) from None


@compiled_once
def _compiled(folder: str, sha256: str, levers: tuple[str, ...], max_nodes: int | None) -> Game:
    from offramp.crisis.reading import read_text

    content = _crisis_in(Path(folder))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UsageError(f"the worker {worker_name()} finds another crisis in {folder} than the run's")
    return compile_game(read_text(content, str(Path(folder) / CRISIS)).with_levers(*levers), max_nodes)


def _crisis_in(folder: Path) -> bytes:
    try:
        return (folder / CRISIS).read_bytes()
    except OSError as error:
        raise UsageError(
            f"the worker {worker_name()} does not find the run in {folder} ({error.strerror or error}):"
            " every worker must see the run's folder under the same path"
        ) from None
