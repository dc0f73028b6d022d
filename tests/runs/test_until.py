"""A run that stops once it is sure enough stops at the same draw whoever solves it, and can go on from there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.runs.execution import Execution
from offramp.runs.listing import unfinished_run
from offramp.runs.merging import merge
from offramp.runs.opened import open_run
from offramp.runs.run import run_in_memory
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.store.manifest import as_bytes
from offramp.runs.store.recognising import progress_of
from offramp.runs.until import Watch, moments_of
from tests.crises import crisis_of
from tests.runs.folders import SHORT, bytes_of, short, stopped
from tests.runs.test_evidence import RAID
from tests.runs.test_executors import Backwards

MOST = 8 * CHUNK + 17


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def until(crisis: Crisis) -> float:
    """An error that is reached after four chunks, and not before."""
    whole = run_in_memory(crisis, compile_game(crisis), draws=4 * CHUNK, seed=1)
    after = [max(row[:draws].std(ddof=1) / draws**0.5 for row in whole.endings) for draws in (3 * CHUNK, 4 * CHUNK)]
    assert after[1] < after[0]
    return float(sum(after) / 2)


@pytest.fixture(scope="module")
def early(crisis: Crisis, until: float, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("until") / "run"
    return run_into(crisis, folder, draws=MOST, until=until, execution=SHORT).folder


def test_a_run_stops_after_the_first_chunk_that_makes_it_sure_enough(crisis: Crisis, until: float, early: Path) -> None:
    ensemble = open_run(early)
    assert ensemble.draws == 4 * CHUNK
    assert (
        ensemble.endings.tobytes()
        == run_in_memory(crisis, compile_game(crisis), draws=4 * CHUNK, seed=1).endings.tobytes()
    )
    found = json.loads((early / "finished.json").read_text())["until"]
    assert (found["asked"], found["reached"], found["most"]) == (until, True, MOST)
    errors = [row.std(ddof=1) / ensemble.draws**0.5 for row in np.asarray(ensemble.endings)]
    assert list(found["errors"].values()) == pytest.approx(errors, rel=1e-9)
    assert max(errors) < until
    assert list(found["errors"]) == [ending.key for ending in crisis.endings]
    manifest = json.loads((early / "manifest.json").read_text())
    assert (manifest["draws"], manifest["most"], manifest["until"]) == (4 * CHUNK, MOST, until)
    assert f"--draws {MOST} --seed 1 --until " in manifest["command"]
    assert progress_of(early) == (4 * CHUNK, 4 * CHUNK, True)


@pytest.mark.parametrize("workers", [2, 7])
def test_it_stops_there_whoever_is_done_first(
    crisis: Crisis, until: float, early: Path, tmp_path: Path, workers: int
) -> None:
    with Backwards(workers) as pool:
        run_into(crisis, tmp_path / "run", draws=MOST, until=until, execution=Execution(executor=pool, page=short))
    assert pool.order != sorted(pool.order)
    assert bytes_of(tmp_path / "run") == bytes_of(early)


@pytest.mark.parametrize("after", [CHUNK + 1, 4 * CHUNK])
def test_it_stops_there_however_often_it_was_stopped_before(
    crisis: Crisis, until: float, early: Path, tmp_path: Path, after: int
) -> None:
    folder = tmp_path / "run"
    stopped(crisis, folder, after, MOST, until)
    name = Path(crisis.path).resolve().parent.name
    folder = folder.rename(tmp_path / f"{name}-1")
    found = [unfinished_run(crisis, draws=MOST, seed=1, until=error, directory=tmp_path) for error in (until, None)]
    assert found == [folder, None]
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(early)
    (folder / "finished.json").unlink()
    (folder / "chunk-00004.parquet").write_bytes(b"")  # left from before the run was cut
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(early)


def test_the_same_question_again_changes_nothing(crisis: Crisis, until: float, early: Path) -> None:
    before, said = {path: path.stat().st_mtime_ns for path in early.glob("*.*")}, list[str]()
    run_into(crisis, early, draws=MOST, until=until, execution=Execution(page=short, say=said.append))
    resume(early, execution=Execution(page=short, say=said.append))
    assert said == [f"{early} is finished: all its 4,096 draws are done"] * 2
    assert {path: path.stat().st_mtime_ns for path in early.glob("*.*")} == before


def test_a_smaller_error_goes_on_and_one_that_is_not_reached_takes_every_draw(
    crisis: Crisis, until: float, tmp_path: Path
) -> None:
    asked: list[tuple[float, int, bool]] = [(0.9 * until, 5 * CHUNK, True), (1e-9, MOST, False)]
    folder = run_into(crisis, tmp_path / "run", draws=MOST, until=until, execution=SHORT).folder
    for number, (error, least, reached) in enumerate(asked):
        run = resume(folder, until=error, execution=SHORT)
        assert run.draws >= least
        fresh = run_into(crisis, tmp_path / f"{number}", draws=MOST, until=error, execution=SHORT).folder
        assert bytes_of(folder) == bytes_of(fresh)
        assert json.loads((folder / "finished.json").read_text())["until"]["reached"] is reached
    plain = run_into(crisis, tmp_path / "plain", draws=MOST, execution=SHORT).folder
    resume(folder, until=0, execution=SHORT)
    assert bytes_of(folder) == bytes_of(plain)


def lacking(folder: Path, place: Path, *chunks: int) -> Path:
    """The run as it stands where it has not ended yet, and these of its chunks are missing."""
    shutil.copytree(folder, place)
    manifest = json.loads((place / "manifest.json").read_text())
    (place / "manifest.json").write_bytes(as_bytes(manifest | {"draws": manifest["most"]}))
    for name in ("finished.json", "moves.parquet", "report.html", ".lock"):
        (place / name).unlink(missing_ok=True)
    for path in [path for number in chunks for path in place.glob(f"*-0000{number}.*")]:
        path.unlink()
    return place


def test_runs_that_end_by_their_error_are_merged_to_the_run_that_was_solved_at_once(
    crisis: Crisis, early: Path, tmp_path: Path
) -> None:
    parts = [lacking(early, tmp_path / "one", 0, 2), lacking(early, tmp_path / "two", 1, 3)]
    assert [progress_of(part) for part in parts] == [(2 * CHUNK, MOST, False)] * 2
    found = merge(parts, tmp_path / "merged", page=short)
    assert (found.done, found.asked, found.finished) == (4 * CHUNK, 4 * CHUNK, True)
    assert bytes_of(tmp_path / "merged") == bytes_of(early)
    assert merge([early, parts[0]], tmp_path / "ended", page=short).finished
    assert merge([parts[1], early], tmp_path / "ended too", page=short).finished
    assert bytes_of(tmp_path / "ended") == bytes_of(tmp_path / "ended too") == bytes_of(early)
    few = merge([parts[0], lacking(early, tmp_path / "three", 0, 3)], tmp_path / "few")
    assert (few.done, few.asked, few.finished) == (3 * CHUNK, MOST, False)
    resume(tmp_path / "few", execution=SHORT)
    assert bytes_of(tmp_path / "few") == bytes_of(early)


def test_runs_that_end_at_different_errors_are_not_merged(
    crisis: Crisis, until: float, early: Path, tmp_path: Path
) -> None:
    for name, asked in (("none", None), ("small", 0.5 * until)):
        other = run_into(crisis, tmp_path / name, draws=MOST, until=asked).folder
        with pytest.raises(
            offramp.UsageError, match=rf"in the error at which they end \({until} and {asked or 'none'}"
        ):
            merge([early, other], tmp_path / "merged")


def test_a_run_that_would_end_before_draws_that_it_has_is_refused(crisis: Crisis, until: float, early: Path) -> None:
    before = bytes_of(early)
    with pytest.raises(
        offramp.UsageError, match=rf"is a run until {until:g}, which cannot end earlier \(--until 0\.5\)"
    ):
        resume(early, until=0.5)
    with pytest.raises(offramp.UsageError, match=r"run of 4,096 draws, which cannot become fewer .*\(2,000\)"):
        run_into(crisis, early, draws=2000)
    assert bytes_of(early) == before


def test_draws_beyond_the_most_change_only_what_was_asked(
    crisis: Crisis, until: float, early: Path, tmp_path: Path
) -> None:
    folder = run_into(crisis, tmp_path / "run", draws=5 * CHUNK, until=until, execution=SHORT).folder
    assert bytes_of(folder) != bytes_of(early)
    resume(folder, draws=MOST, execution=SHORT)
    assert bytes_of(folder) == bytes_of(early)


@pytest.mark.parametrize("error", [-1.0, 1.0, float("nan")])
def test_an_error_that_makes_no_sense_is_refused(crisis: Crisis, tmp_path: Path, error: float) -> None:
    with pytest.raises(offramp.UsageError, match="lies between 0 and 1, found"):
        run_into(crisis, tmp_path / "run", until=error)
    assert not list(tmp_path.iterdir())


@given(st.data())
def test_errors_are_those_of_all_draws_so_far_and_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 20), min_size=1, max_size=6))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    until = data.draw(st.floats(0.01, 0.3))
    chunks = [(rng.random((2, size)), rng.random(size) < 0.8) for size in sizes]
    stops, so_far = len(sizes), list[float]()
    for count in range(1, len(sizes) + 1):
        kept = np.concatenate([rows[:, converged] for rows, converged in chunks[:count]], axis=1)
        n = kept.shape[1]
        so_far = [float(row.std(ddof=1)) / n**0.5 for row in kept] if n > 1 else [np.inf, np.inf]
        if max(so_far) < until:
            stops = count
            break
    watch = Watch(until, sizes, lambda number: None)
    for number in data.draw(st.permutations(range(len(sizes)))):
        watch.look(number, moments_of(list(chunks[number][0]), chunks[number][1]))
    assert (watch.chunks, watch.draws) == (stops, sum(sizes[:stops]))
    assert watch.errors() == pytest.approx(so_far, rel=1e-6, abs=1e-9)
    assert watch.is_reached() == (max(so_far) < until)
