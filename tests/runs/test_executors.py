"""Whoever solves the chunks, in whatever order, a run has the same bytes; a worker that dies loses nothing."""

from __future__ import annotations

import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.runs.chunk_task import ChunkTask, solve_chunk
from offramp.runs.execution import Execution
from offramp.runs.executors import WorkerLostError, processes, submit_all
from offramp.runs.run import run_in_memory
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.store.manifest import machine, sha256_of_crisis
from offramp.runs.store.recognising import progress_of
from tests.copies import Copy
from tests.crises import crisis_of
from tests.processes import is_running
from tests.runs.folders import CHILD, SHORT, bytes_of, short
from tests.runs.test_evidence import RAID

DRAWS = 5 * CHUNK + 300


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def undisturbed(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_into(crisis, tmp_path_factory.mktemp("executors") / "run", draws=DRAWS, execution=SHORT).folder


@pytest.fixture(scope="module")
def two() -> Iterator[ProcessPoolExecutor]:
    with processes(2) as pool:
        yield pool


class Backwards(ThreadPoolExecutor):
    """Threads that are the later done the earlier they were asked; `order`: the chunks as they were done."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.order: list[int] = []

    def submit(self, work: Any, task: ChunkTask) -> Future[Any]:  # type: ignore[override]
        def later() -> Any:
            time.sleep(max(0.0, 0.25 * (6 - task.number)))
            found = work(task)
            self.order.append(task.number)
            return found

        return super().submit(later)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_run_has_the_same_bytes_for_any_number_of_processes(
    crisis: Crisis, undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    with processes(workers) as pool:
        run_into(crisis, tmp_path / "run", draws=DRAWS, execution=Execution(executor=pool, page=short))
    assert bytes_of(tmp_path / "run") == bytes_of(undisturbed)


def test_processes_go_on_with_what_threads_began(
    crisis: Crisis, undisturbed: Path, tmp_path: Path, two: Executor
) -> None:
    folder = run_into(crisis, tmp_path / "run", draws=CHUNK + 5, execution=SHORT).folder
    reported: list[int] = []
    resume(
        folder,
        draws=DRAWS,
        execution=Execution(executor=two, threads=2, block=100, progress=reported.append, page=short),
    )
    assert (reported[0], sum(reported)) == (CHUNK, DRAWS)
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_chunks_that_are_done_in_another_order_make_the_same_run(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    with Backwards(6) as pool:
        run_into(crisis, tmp_path / "run", draws=DRAWS, execution=Execution(executor=pool, page=short))
    assert pool.order != sorted(pool.order)
    assert bytes_of(tmp_path / "run") == bytes_of(undisturbed)


def test_an_ensemble_in_memory_takes_an_executor_too(crisis: Crisis, two: Executor) -> None:
    alone, shared = (
        offramp.run(crisis, draws=DRAWS, execution=Execution(executor=executor)) for executor in (None, two)
    )
    assert shared.to_pandas().equals(alone.to_pandas())
    assert shared.situations.choice.tobytes() == alone.situations.choice.tobytes()
    assert alone.evidence is not None
    assert shared.evidence is not None
    assert shared.evidence.to_pandas().equals(alone.evidence.to_pandas())
    with Backwards(6) as pool:
        game = compile_game(crisis)
        backwards = run_in_memory(crisis, game, draws=DRAWS, seed=1, execution=Execution(executor=pool))
    assert pool.order != sorted(pool.order)
    assert backwards.situations.deviation.tobytes() == alone.situations.deviation.tobytes()


def test_a_worker_that_is_killed_is_told_of_and_what_was_done_is_kept(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with processes(2) as pool:

        def kill(done: int) -> None:
            os.kill(next(iter(pool._processes)), signal.SIGKILL)

        with pytest.raises(WorkerLostError) as caught:
            run_into(crisis, folder, draws=DRAWS, execution=Execution(executor=pool, progress=kill, page=short))
    done, asked, finished = progress_of(folder)
    assert CHUNK <= done < asked
    assert not finished
    told = r"^a worker has died, as when memory is short; [\d,]+ of 5,420 draws are kept, `offramp run .*` resumes"
    assert re.match(told, str(caught.value))
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(undisturbed)


ASKING = CHILD.replace(
    "run_into(crisis, Path(sys.argv[1]), draws=DRAWS, execution=SHORT)",
    """from offramp.runs.executors import processes
from offramp.runs.execution import Execution
if __name__ == "__main__":
    with processes(2) as pool:
        pids = list(pool._processes)
        tell = lambda done: print(*pids, flush=True)
        how = Execution(executor=pool, progress=tell, page=SHORT.page)
        run_into(crisis, Path(sys.argv[1]), draws=5420, execution=how)""",
)


@pytest.mark.skipif(os.name != "posix", reason="needs the command ps")
def test_the_workers_of_a_run_that_is_killed_end_with_it(crisis: Crisis, undisturbed: Path, tmp_path: Path) -> None:
    with Copy([sys.executable, "-c", ASKING, str(tmp_path / "run")], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        workers = [int(number) for number in child.stdout.readline().split()]
        child.kill()
    assert len(workers) == 2
    waited = time.monotonic()
    while any(map(is_running, workers)):
        assert time.monotonic() - waited < 20
        time.sleep(0.05)
    resume(tmp_path / "run", execution=SHORT)
    assert bytes_of(tmp_path / "run") == bytes_of(undisturbed)


def task_of(crisis: Crisis, folder: Path) -> ChunkTask:
    asked: Any = {"levers": (), "seed": 1, "max_nodes": None, "path": "raid.yaml", "machine": machine(), "now": None}
    return ChunkTask(0, 8, sha256_of_crisis(crisis), **asked, folder=str(folder))


def test_a_worker_on_another_machine_is_refused_by_name(crisis: Crisis, undisturbed: Path, two: Executor) -> None:
    before = bytes_of(undisturbed)
    other = {"versions": machine()["versions"] | {"numpy": "1.0"}, "host": machine()["host"] | {"features": "abacus"}}
    task = replace(task_of(crisis, undisturbed), machine=other)
    told = r"^the worker process \d+ on .* differs .* in numpy \(then 1\.0, now .*\); .* features: its results"
    with pytest.raises(offramp.UsageError, match=told):
        list(submit_all(two, solve_chunk, [task]))
    assert bytes_of(undisturbed) == before


def test_a_worker_that_does_not_see_the_folder_or_sees_another_is_refused(crisis: Crisis, tmp_path: Path) -> None:
    with pytest.raises(offramp.UsageError, match=r"does not find the run in .*nowhere \(No such file or directory\)"):
        solve_chunk(task_of(crisis, tmp_path / "nowhere"))
    (tmp_path / "crisis.yaml").write_text("title: Another")
    with pytest.raises(offramp.UsageError, match="finds a different crisis in "):
        solve_chunk(task_of(crisis, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["crisis.yaml"]


def test_a_crisis_that_fails_in_a_worker_says_where_and_leaves_nothing_behind(tmp_path: Path, two: Executor) -> None:
    crisis = crisis_of(RAID.replace("odds: {low: chance_low,", "odds: {low: 3 * chance_low,"))
    with pytest.raises(offramp.CrisisError, match=r"^crisis\.yaml:\d+:\d+: .*draw ") as caught:
        run_into(crisis, tmp_path / "runs" / "raid-1", draws=DRAWS, execution=Execution(executor=two))
    assert not list(tmp_path.iterdir())
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.faults) == (str(caught.value), caught.value.faults)


def test_processes_see_the_environment_as_it_is_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("first", "second"):
        monkeypatch.setenv("AWS_PROFILE", value)
        with processes(1) as pool:
            assert pool.submit(os.getenv, "AWS_PROFILE").result() == value
    monkeypatch.delenv("AWS_PROFILE")
    with processes(1) as pool:
        assert pool.submit(os.getenv, "AWS_PROFILE").result() is None


def test_a_crew_of_nobody_is_refused() -> None:
    with pytest.raises(offramp.UsageError, match="at least one worker, found 0"), processes(0):
        pass


@pytest.mark.skipif(os.name != "posix", reason="groups of processes as POSIX has them")
def test_ctrl_c_reaches_every_process_and_only_the_command_answers(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    (tmp_path / "raid.yaml").write_text(RAID)
    command = f"{Path(sys.executable).with_name('offramp')} run raid.yaml --draws 400000 --out run --workers 2"
    with subprocess.Popen(
        command.split(), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not (tmp_path / "run" / "chunk-00000.sha256").exists() and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        out, said = process.communicate()
    done, asked, _ = progress_of(tmp_path / "run")
    told = f"interrupted; {done:,} of {asked:,} draws are kept, `offramp run run` resumes from them\n"
    assert (process.returncode, out, said) == (130, "", told)
    assert not list((tmp_path / "run").glob(".*.partial"))
