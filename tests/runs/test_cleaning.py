"""Cleaning takes away what runs have left behind, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import offramp
from offramp.runs.cleaning import clean, leftovers
from offramp.runs.running import run_into
from offramp.runs.store.layout import locked
from tests.crises import crisis_of
from tests.runs.folders import SHORT, bytes_of
from tests.runs.test_evidence import RAID


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_into(crisis_of(RAID), tmp_path_factory.mktemp("clean") / "run", draws=24, execution=SHORT).folder


@pytest.fixture
def runs(whole: Path, tmp_path: Path) -> Path:
    """A finished, an unfinished and a damaged run, and things that are none."""
    runs = tmp_path / "runs"
    for name in ("finished", "unfinished", "torn"):
        shutil.copytree(whole, runs / name)
    (runs / "unfinished" / "finished.json").unlink()
    (runs / "torn" / "chunk-00000.parquet").unlink()
    (runs / "notes").mkdir()
    (runs / "notes" / "chunk-00000.parquet").write_text("mine")
    (runs / "strange").mkdir()
    (runs / "strange" / "manifest.json").write_text("{}")
    return runs


def found(runs: Path, **how: float) -> dict[str, str]:
    return {one.folder.name: one.why for one in leftovers(runs, **how)}


def test_unfinished_and_damaged_runs_go_and_no_other(runs: Path) -> None:
    kept = {name: bytes_of(runs / name) for name in ("finished", "notes", "strange")}
    assert found(runs) == {"torn": "damaged", "unfinished": "unfinished"}
    size = sum(path.stat().st_size for name in ("torn", "unfinished") for path in (runs / name).iterdir())
    assert sum(one.bytes for one in leftovers(runs)) == size
    assert clean(leftovers(runs)).bytes == size
    assert {path.name: bytes_of(path) for path in runs.iterdir()} == kept
    assert leftovers(runs) == ()


def test_finished_runs_go_only_where_they_are_old(runs: Path) -> None:
    log = runs / "finished" / "log.jsonl"
    assert "finished" not in found(runs, older_than=1)
    log.write_text('{"at": "2020-01-01T00:00:00+00:00", "event": "finished", "seconds": 1.0}\n')
    assert "finished" not in found(runs)
    assert found(runs, older_than=1)["finished"] == "old"
    with pytest.raises(offramp.UsageError, match="days from 0 up to 100,000, found -1"):
        leftovers(runs, older_than=-1)


def test_half_written_files_go_and_the_run_stays(runs: Path) -> None:
    before = bytes_of(runs / "finished")
    (runs / "finished" / ".chunk-00000.parquet-0a1b2c3d.partial").write_bytes(b"PAR1")
    (one,) = (one for one in leftovers(runs) if one.folder.name == "finished")
    assert (one.why, one.bytes) == ("half written", 4)
    clean([one])
    assert bytes_of(runs / "finished") == before


def test_a_run_in_use_is_not_touched(runs: Path) -> None:
    listed = leftovers(runs)
    with locked(runs / "unfinished"):
        (runs / "unfinished" / ".chunk-00001.parquet-0a1b2c3d.partial").write_bytes(b"PAR1")
        assert "unfinished" not in found(runs)
        before = bytes_of(runs / "unfinished")
        cleaned = clean(listed)
        assert bytes_of(runs / "unfinished") == before
    assert [(one.folder.name, reason) for one, reason in cleaned.kept] == [
        ("unfinished", "another process is writing this run")
    ]
    assert [one.folder.name for one in cleaned.gone] == ["torn"]


def test_what_a_run_did_not_write_stays_where_it_is(runs: Path) -> None:
    for name in ("notes.txt", "chunk-1.parquet", "crisis.yaml.bak"):
        (runs / "unfinished" / name).write_text("mine")
    (runs / "unfinished" / "pictures").mkdir()
    clean(leftovers(runs))
    left = {path.name for path in (runs / "unfinished").iterdir()}
    assert left == {"notes.txt", "chunk-1.parquet", "crisis.yaml.bak", "pictures"}


def test_links_are_not_followed(runs: Path, tmp_path: Path) -> None:
    shutil.move(runs / "unfinished", tmp_path / "elsewhere")
    (runs / "unfinished").symlink_to(tmp_path / "elsewhere")
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (runs / "torn" / "chunk-00000.parquet").symlink_to(precious)
    (runs / "torn" / "moves.parquet").unlink()
    assert found(runs) == {"torn": "damaged"}
    before = bytes_of(tmp_path / "elsewhere")
    clean(leftovers(runs))
    assert bytes_of(tmp_path / "elsewhere") == before
    assert precious.read_text() == "mine"
    assert not (runs / "torn").exists()
