"""A run that is solved in parts, each in a folder of its own, becomes the run that was solved at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.runs.chunk import parse_chunks
from offramp.runs.execution import Execution
from offramp.runs.executors import processes
from offramp.runs.merging import merge
from offramp.runs.running import resume, run_into, solve_part
from offramp.runs.sampling import CHUNK
from offramp.runs.store.layout import seal_of
from tests.crises import crisis_of
from tests.runs.folders import SHORT, bytes_of, short
from tests.runs.test_evidence import RAID

DRAWS = 3 * CHUNK + 300


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def whole(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts") / "run"
    return run_into(crisis, folder, draws=DRAWS, keep="strategies", execution=SHORT).folder


def chunks_in(folder: Path) -> list[int]:
    return [number for number in range(9) if (folder / seal_of(number)).is_file()]


def test_parts_that_were_solved_apart_are_merged_to_the_run_solved_at_once(
    crisis: Crisis, whole: Path, tmp_path: Path
) -> None:
    asked = {"draws": DRAWS, "keep": "strategies"}
    with processes(2) as pool:
        found = solve_part(
            crisis,
            tmp_path / "0",
            range(1),
            **asked,
            execution=Execution(executor=pool, page=short),  # type: ignore[arg-type]
        )
        assert found == (CHUNK, DRAWS, False)
    with ThreadPoolExecutor(2) as threads:
        solve_part(crisis, tmp_path / "1", range(1, 3), **asked, execution=Execution(executor=threads, page=short))  # type: ignore[arg-type]
    assert solve_part(crisis, tmp_path / "2", range(3, 4), **asked, execution=Execution(page=short)).done == 300  # type: ignore[arg-type]
    parts = [tmp_path / name for name in "012"]
    assert [chunks_in(part) for part in parts] == [[0], [1, 2], [3]]
    manifest = (whole / "manifest.json").read_bytes()
    for part in parts:
        assert (part / "manifest.json").read_bytes() == manifest
        assert not {"finished.json", "moves.parquet", "report.html"} & {path.name for path in part.iterdir()}
    assert merge(parts, tmp_path / "merged", page=short).finished
    assert bytes_of(tmp_path / "merged") == bytes_of(whole)


@pytest.mark.parametrize("order", [[range(2), range(2, 4)], [range(3, 4), range(1, 3), range(1)]])
def test_parts_can_be_solved_into_one_folder_and_the_last_one_finishes_the_run(
    crisis: Crisis, whole: Path, tmp_path: Path, order: list[range]
) -> None:
    folder, reported = tmp_path / "run", list[int]()
    found = solve_part(crisis, folder, order[0], draws=DRAWS, keep="strategies", execution=SHORT)
    assert not found.finished
    assert solve_part(None, folder, order[0]) == found  # once more: nothing is left to do
    for chunks in order[1:]:
        found = solve_part(None, folder, chunks, execution=Execution(page=short, progress=reported.append))
    assert found == (DRAWS, DRAWS, True)
    assert sum(reported) == sum((CHUNK, CHUNK, CHUNK, 300)[number] for chunks in order[1:] for number in chunks)
    assert bytes_of(folder) == bytes_of(whole)
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.*")}
    assert solve_part(crisis, folder, range(2), execution=SHORT) == (DRAWS, DRAWS, True)
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.*")} == before


def test_the_rest_is_solved_by_the_run_itself_and_a_part_may_extend_it(
    crisis: Crisis, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    run_into(crisis, folder, draws=CHUNK + 5, keep="strategies")
    assert solve_part(crisis, folder, range(2, 3), draws=DRAWS) == (2 * CHUNK, DRAWS, False)
    assert chunks_in(folder) == [0, 2]
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(whole)


def test_a_part_that_is_stopped_keeps_its_chunks(crisis: Crisis, whole: Path, tmp_path: Path) -> None:
    done = 0

    def stop(more: int) -> None:
        nonlocal done
        done += more
        if done > CHUNK:
            raise KeyboardInterrupt

    asked = {"draws": DRAWS, "keep": "strategies"}
    with pytest.raises(KeyboardInterrupt):
        solve_part(crisis, tmp_path / "run", range(1, 3), **asked, execution=Execution(block=100, progress=stop))  # type: ignore[arg-type]
    assert chunks_in(tmp_path / "run") == [1]
    solve_part(None, tmp_path / "run", range(4), execution=SHORT)
    assert bytes_of(tmp_path / "run") == bytes_of(whole)


def test_chunks_that_a_run_does_not_have_are_refused_and_nothing_is_written(crisis: Crisis, tmp_path: Path) -> None:
    has = r"^a run of 3,372 draws has chunks 0 to 3 \(1,024 draws each\), found "
    for chunks, found in ((range(2, 5), "2 to 4"), (range(4, 5), "4"), (range(0), "none"), (range(-1, 2), "-1 to 1")):
        with pytest.raises(offramp.UsageError, match=f"{has}{found}$"):
            solve_part(crisis, tmp_path / "run", chunks, draws=DRAWS)
    with pytest.raises(offramp.UsageError, match=r"^a run of 8 draws has only chunk 0 .*, found 1$"):
        solve_part(crisis, tmp_path / "run", range(1, 2), draws=8)
    assert not list(tmp_path.iterdir())


def test_a_run_that_ends_by_its_error_is_not_solved_in_parts(crisis: Crisis, tmp_path: Path) -> None:
    folder = run_into(crisis, tmp_path / "run", draws=2 * CHUNK, until=0.4).folder
    before = bytes_of(folder)
    with pytest.raises(offramp.UsageError, match=r"is a run until 0\.4: whether it may end is asked of all chunks bef"):
        solve_part(crisis, folder, range(1, 2))
    assert bytes_of(folder) == before


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "1-2-3", "1,2", "1.5", "٣", "0-9999999999", "2-1", "1 2"])
def test_what_names_no_chunks_is_refused(text: str) -> None:
    with pytest.raises(offramp.UsageError, match=f"^--chunks takes .*, found '{text}'"):
        parse_chunks(text)
