"""Runs that were solved in several folders, merged, are the run that was solved in one."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.runs.merging import merge
from offramp.runs.running import resume, run_into
from offramp.runs.store.layout import seal, seal_of, tables_of
from offramp.runs.store.parquet import facts_of
from offramp.runs.store.whole_files import write_parquet
from tests.crises import crisis_of
from tests.runs.folders import DRAWS, SHORT, bytes_of, short
from tests.runs.test_evidence import RAID


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def whole(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_into(crisis, tmp_path_factory.mktemp("merge") / "run", draws=DRAWS, execution=SHORT).folder


def part(whole: Path, folder: Path, *chunks: int) -> Path:
    """The run as it stood in a folder where only these chunks were solved."""
    shutil.copytree(whole, folder)
    for name in ("finished.json", "moves.parquet", "report.html", ".lock"):
        (folder / name).unlink(missing_ok=True)
    for number in {0, 1, 2} - set(chunks):
        for name in (*tables_of({}, number), seal_of(number)):
            (folder / name).unlink()
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in bytes_of(folder).items() if name != ".lock"}


@pytest.mark.parametrize("parts", [[(0,), (1, 2)], [(2,), (1,), (0,)], [(0, 1), (1, 2)], [(), (0, 1, 2)]])
def test_runs_that_complement_each_other_become_the_undisturbed_run(
    whole: Path, tmp_path: Path, parts: list[tuple[int, ...]]
) -> None:
    folders = [part(whole, tmp_path / f"part-{number}", *chunks) for number, chunks in enumerate(parts)]
    before = [files(folder) for folder in folders]
    found = merge(folders, tmp_path / "merged", page=short)
    assert (found.finished, found.done, found.asked, found.left_out) == (True, DRAWS, DRAWS, ())
    assert files(tmp_path / "merged") == files(whole)
    assert [files(folder) for folder in folders] == before


def test_what_is_not_complete_goes_on(whole: Path, tmp_path: Path) -> None:
    folders = [part(whole, tmp_path / "one", 0), part(whole, tmp_path / "two", 2)]
    found = merge(folders, tmp_path / "merged")
    assert (found.finished, found.done) == (False, DRAWS - 1024)
    resume(tmp_path / "merged", execution=SHORT)
    assert files(tmp_path / "merged") == files(whole)


def test_a_merge_that_was_killed_names_the_command_that_goes_on(whole: Path, tmp_path: Path) -> None:
    folders = [part(whole, tmp_path / "one", 0), part(whole, tmp_path / "two", 1, 2)]
    merged = part(whole, tmp_path / "merged", 0, 1, 2)
    for resumed, words in (
        (False, rf"{DRAWS:,} draws are done; `offramp run \S+merged` resumes it"),
        (True, "finished"),
    ):
        with pytest.raises(offramp.UsageError, match=words):
            merge(folders, merged)
        assert (merged / "finished.json").exists() == resumed
        resume(merged, execution=SHORT)
    assert files(merged) == files(whole)


def test_a_finished_run_can_be_one_of_them(whole: Path, tmp_path: Path) -> None:
    assert merge([whole, part(whole, tmp_path / "part", 1)], tmp_path / "merged", page=short).finished
    assert files(tmp_path / "merged") == files(whole)


def test_a_damaged_chunk_is_taken_from_where_it_is_whole_or_left_out(whole: Path, tmp_path: Path) -> None:
    broken, other = part(whole, tmp_path / "broken", 0, 1), part(whole, tmp_path / "other", 1, 2)
    for name in ("chunk-00001.parquet", "situations-00000.parquet"):
        (broken / name).write_bytes((broken / name).read_bytes()[:-1])
    found = merge([broken, other], tmp_path / "merged")
    assert (found.finished, found.done, found.left_out) == (False, DRAWS - 1024, (broken / "chunk-00000.parquet",))


def test_two_that_differ_in_a_chunk_are_refused_by_its_name(whole: Path, tmp_path: Path) -> None:
    one, swapped = part(whole, tmp_path / "one", 0, 1), part(whole, tmp_path / "swapped", 1, 2)
    with duckdb.connect() as connection:
        facts = facts_of(connection, swapped / "chunk-00001.parquet")
        frame = connection.execute("SELECT * FROM read_parquet(?)", [str(swapped / "chunk-00001.parquet")]).df()
    frame.loc[5, "ending.struck"] = 0.125
    write_parquet(frame, swapped / "chunk-00001.parquet", facts)
    seal(swapped, {}, 1)
    with pytest.raises(offramp.UsageError, match=r"hold different bytes for chunk 1 \(chunk-00001\.parquet\)"):
        merge([one, swapped], tmp_path / "refused")
    assert not (tmp_path / "refused").exists()


def test_runs_that_are_not_the_same_are_refused_with_what_differs(whole: Path, crisis: Crisis, tmp_path: Path) -> None:
    def refused(**asked: int) -> str:
        name = "-".join(map(str, asked.values()))
        with pytest.raises(offramp.UsageError) as caught:
            merge([whole, run_into(crisis, tmp_path / name, **asked).folder], tmp_path / "merged")  # type: ignore[arg-type]
        return str(caught.value)

    assert "are not the same run: they differ in the seed (then 1, now 2)" in refused(draws=8, seed=2)
    assert "they differ in the draws (2,348 and 16; `offramp run " in refused(draws=16)
    changed = run_into(crisis_of(RAID.replace("title: Raid", "title: Ried")), tmp_path / "changed", draws=DRAWS)
    with pytest.raises(offramp.UsageError, match=r"they differ in the crisis file \(title\)"):
        merge([whole, changed.folder], tmp_path / "merged")
    with pytest.raises(offramp.UsageError, match="takes two or more runs"):
        merge([whole, whole], tmp_path / "merged")
    with pytest.raises(
        offramp.UsageError, match="holds a run already, which is finished; to merge again, choose another --out"
    ):
        merge([whole, changed.folder], whole)
