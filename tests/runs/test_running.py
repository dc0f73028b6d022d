"""A run survives: killed, stopped, extended or damaged, it ends with the bytes of one that never was."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pytest

import offramp
from offramp.common.atomic import whole_file
from offramp.crisis.model import Crisis
from offramp.equilibrium.branch.traced import STATUSES
from offramp.gambit.opening import compile_game
from offramp.runs.chunk import Collected
from offramp.runs.chunk_tables import draws_frame, sums_frame
from offramp.runs.execution import Execution
from offramp.runs.listing import list_runs, names_of_run, unfinished_run
from offramp.runs.opened import open_run
from offramp.runs.run import run_in_memory
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.solve_draws import solve_chunks
from offramp.runs.store.layout import LOG
from offramp.runs.store.recognising import progress_of
from tests.copies import Copy
from tests.crises import crisis_of
from tests.runs.folders import CHILD, DRAWS, SHORT, bytes_of, short, stopped
from tests.runs.test_evidence import RAID


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def undisturbed(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("durable") / "run"
    return run_into(crisis, folder, draws=DRAWS, execution=SHORT).folder


def test_a_run_killed_at_any_moment_goes_on_to_the_bytes_of_an_undisturbed_one(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    folder, chance = tmp_path / "run", random.Random(2)
    survived = 0
    for _ in range(4):
        with Copy([sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.0, 0.9))
            child.kill()
        survived += child.returncode == -signal.SIGKILL
        (folder / "chunk-00001.parquet").unlink(missing_ok=True)  # there is always something left to be done
        (folder / "finished.json").unlink(missing_ok=True)
        assert not (folder / "manifest.json").is_file() or progress_of(folder).done <= DRAWS
    assert survived
    (folder / ".chunk-00002.parquet-0a1b2c3d.partial").write_bytes(b"PAR1")
    run_into(crisis, folder, draws=DRAWS, execution=SHORT)
    assert bytes_of(folder) == bytes_of(undisturbed)


@pytest.mark.parametrize("after", [0, 200, CHUNK + 1, 2 * CHUNK, DRAWS])
def test_a_run_that_is_interrupted_keeps_its_chunks_and_leaves_nothing_half_written(
    crisis: Crisis, undisturbed: Path, tmp_path: Path, after: int
) -> None:
    folder = tmp_path / "run"
    stopped(crisis, folder, after)
    assert not list(folder.glob("*.partial")) + list(folder.glob(".*.partial"))
    done, asked, finished = progress_of(folder)
    assert (done, asked, finished) == (max(after - 1, 0) // CHUNK * CHUNK, DRAWS, False)
    with pytest.raises(offramp.UsageError, match=f"not finished: {done:,} of {asked:,} draws are done; `offramp run "):
        open_run(folder)
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_chunk_has_the_same_bytes_whatever_the_workers_blocks_and_order(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    for workers, block in ((1, None), (2, 64), (4, 7)):
        folder = run_into(
            crisis, tmp_path / f"{workers}", draws=DRAWS, execution=Execution(workers=workers, block=block, page=short)
        )
        assert bytes_of(folder.folder) == bytes_of(undisturbed)
    game, order = compile_game(crisis), [(2, 300), (0, CHUNK), (1, CHUNK)]
    for chunk in solve_chunks(crisis, game, order, seed=1, workers=2):
        (alone,) = solve_chunks(crisis, game, [(chunk.number, chunk.draws)], seed=1, workers=1)
        assert draws_frame(chunk, game).equals(draws_frame(alone, game))
        assert sums_frame(chunk, game).equals(sums_frame(alone, game))


def test_a_run_in_a_folder_holds_what_one_in_memory_does(crisis: Crisis, undisturbed: Path) -> None:
    memory, opened = run_in_memory(crisis, compile_game(crisis), draws=DRAWS, seed=1), open_run(undisturbed)
    for name in ("endings", "terms", "own_eyes", "regret", "regret_once", "residual", "sweeps", "status"):
        assert np.array_equal(getattr(opened, name), getattr(memory, name), equal_nan=True), name
    for name in ("reached", "choice", "deviation"):
        assert np.array_equal(getattr(opened.situations, name), getattr(memory.situations, name)), name
    assert opened.to_pandas().equals(memory.to_pandas())
    assert np.flatnonzero(opened.status == STATUSES.index("principal")).tolist() == [*range(0, 2048, 128), 2048]
    with duckdb.connect() as connection:
        tables = str(undisturbed / "chunk-*.parquet")
        found = connection.execute("SELECT * FROM read_parquet(?) ORDER BY draw", [tables]).df()
    assert found["draw"].tolist() == list(range(DRAWS))
    assert np.array_equal(found["ending.struck"], memory.endings[0])


def test_sums_over_situations_do_not_depend_on_which_chunks_are_at_hand_together(crisis: Crisis) -> None:
    game = compile_game(crisis)
    collected = Collected(crisis, game, DRAWS)
    for number, size in ((0, CHUNK), (1, CHUNK), (2, 300)):
        for chunk in solve_chunks(crisis, game, [(number, size)], seed=1):
            collected.add(chunk)
    memory = run_in_memory(crisis, game, draws=DRAWS, seed=1)
    found, whole = collected.ensemble(1, 0.0).situations, memory.situations
    assert found.choice.tobytes() == whole.choice.tobytes()
    assert found.deviation.tobytes() == whole.deviation.tobytes()
    for move, taken in zip(memory.occurrences, memory.taken, strict=True):
        shares = np.zeros(len(move.options))
        for held, situation in enumerate(game.situations):
            if (situation.move, situation.round) == (move.move, move.round):
                shares += whole.reached[held] * whole.choice[situation.slots]
        assert shares == pytest.approx(taken.mean(axis=1), abs=1e-12)


def test_a_file_that_cannot_be_written_to_its_end_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")

    def break_off(error: type[BaseException]) -> None:
        with whole_file(tmp_path / "file") as partial:
            partial.write_text("ne")
            raise error

    for error in (OSError, KeyboardInterrupt):
        with pytest.raises(error):
            break_off(error)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "old")]


@pytest.mark.parametrize("first", [24, CHUNK, CHUNK + 5])
def test_a_run_that_is_extended_equals_one_of_that_size(
    crisis: Crisis, undisturbed: Path, tmp_path: Path, first: int
) -> None:
    folder = run_into(crisis, tmp_path / "run", draws=first, execution=SHORT).folder
    said: list[str] = []
    run = run_into(crisis, folder, draws=DRAWS, execution=Execution(page=short, say=said.append))
    kept = first // CHUNK * CHUNK
    assert said == [f"resuming {folder}: {kept:,} of 2,348 draws (extended from {first:,}) are done"]
    assert run.draws == DRAWS
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_run_that_is_extended_and_stopped_meanwhile_shows_no_old_number(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    folder = run_into(crisis, tmp_path / "run", draws=CHUNK + 5, execution=SHORT).folder
    stopped(crisis, folder, after=CHUNK + 1)
    assert not {"finished.json", "moves.parquet", "report.html"} & {path.name for path in folder.iterdir()}
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_finished_run_is_left_as_it_is(crisis: Crisis, undisturbed: Path) -> None:
    before, said = {path: path.stat().st_mtime_ns for path in undisturbed.glob("*.*")}, list[str]()
    run = run_into(crisis, undisturbed, execution=Execution(page=short, say=said.append))
    assert said == [f"{undisturbed} is finished: all its 2,348 draws are done"]
    assert run.draws == DRAWS
    assert {path: path.stat().st_mtime_ns for path in undisturbed.glob("*.*")} == before


def test_runs_are_listed_with_how_far_they_are(crisis: Crisis, undisturbed: Path, tmp_path: Path) -> None:
    shutil.copytree(undisturbed, tmp_path / "raid-10")
    stopped(crisis, tmp_path / "raid-9", CHUNK + 1)
    for name, lost in (("torn", "situations-00000.parquet"), ("unmarked", "moves.parquet")):
        shutil.copytree(undisturbed, tmp_path / name)
        (tmp_path / name / lost).unlink()
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "manifest.json").write_text("{}")
    (tmp_path / "notes").mkdir()
    log = tmp_path / "raid-9" / LOG
    log.write_text(re.sub(r'"at": ?"\d{4}', '"at": "2999', log.read_text()))
    found = {run.folder.name: run for run in list_runs(tmp_path)}
    assert list(found) == ["raid-9", "unmarked", "torn", "raid-10", "bare"]
    states = {
        "bare": "damaged",
        "raid-9": "unfinished",
        "raid-10": "finished",
        "torn": "damaged",
        "unmarked": "damaged",
    }
    assert {name: run.state for name, run in found.items()} == states
    whole, part = found["raid-10"], found["raid-9"]
    assert (whole.title, whole.done, whole.draws, whole.seed, whole.levers) == ("Raid", DRAWS, DRAWS, 1, ())
    assert whole.bytes == sum(path.stat().st_size for path in (tmp_path / "raid-10").iterdir())
    assert whole.endings is not None
    assert whole.endings["struck"]["mean"] == open_run(undisturbed).ending_intervals["struck"].mean
    assert (part.done, part.draws, part.endings) == (CHUNK, DRAWS, None)
    assert part.written is not None
    with pytest.raises(offramp.UsageError, match="nowhere is no folder"):
        list_runs(tmp_path / "nowhere")


def test_runs_of_the_same_text_have_their_names_read_once(undisturbed: Path, tmp_path: Path) -> None:
    again, other = (shutil.copytree(undisturbed, tmp_path / name) for name in ("again", "other"))
    text = (other / "crisis.yaml").read_text(encoding="utf-8")
    (other / "crisis.yaml").write_text(text + "# another text\n", encoding="utf-8")
    names = names_of_run(undisturbed)
    assert names is not None
    assert names_of_run(again) is names
    assert names_of_run(other) is not names
    assert names_of_run(tmp_path) is None


def test_the_latest_unfinished_run_of_the_same_is_found(crisis: Crisis, tmp_path: Path) -> None:
    for name in ("crisis.yaml-1", "elsewhere-3"):
        stopped(crisis, tmp_path / name, 1)
    name = Path(crisis.path).resolve().parent.name  # of crisis.yaml, its folder's
    assert unfinished_run(crisis, draws=DRAWS, seed=1, directory=tmp_path) is None
    for number in (2, 10):
        stopped(crisis, tmp_path / f"{name}-{number}", 1)
    assert unfinished_run(crisis, draws=DRAWS, seed=1, directory=tmp_path) == tmp_path / f"{name}-10"
    assert unfinished_run(crisis, draws=DRAWS + 1, seed=1, directory=tmp_path) is None
    assert unfinished_run(crisis, draws=DRAWS, seed=2, directory=tmp_path) is None
    assert unfinished_run(crisis_of("# other\n" + RAID), draws=DRAWS, seed=1, directory=tmp_path) is None
