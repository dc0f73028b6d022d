"""Promises of a report that is asked for again: the same bytes, nothing computed, and no damage passed over."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.app.tasks.study_tasks import report_with_lead
from offramp.cli import main
from offramp.common import user_cache
from offramp.report.report_page import QUESTIONS, report_page
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW
from tests.runs.folders import SHORT

AGAIN = """
import sys
from offramp.cli import main
main(["report", sys.argv[1]], standalone_mode=False)
"""
COMPUTING = "import sys; sys.modules.update(dict.fromkeys(['altair', 'offramp.gambit.opening', 'offramp.study.brief']))"
"""Makes the import of what draws, compiles and asks an error."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "raid"
    offramp.run(crisis_of(RAID_NOW), draws=256, seed=1, out=folder, execution=SHORT)
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is kept, which is not there yet."""
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "kept"


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_the_second_report_computes_draws_and_writes_nothing_but_the_page(place: Path, cache: Path) -> None:
    asked = [0]
    first = report_page(place, progress=lambda done: asked.append(done))
    assert sum(asked) == QUESTIONS
    written = files(cache)
    done = subprocess.run(
        [sys.executable, "-c", f"{COMPUTING}{AGAIN}", place], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (place / "report.html").read_text(encoding="utf-8") == first.html
    assert report_with_lead(place) == (first.html, first.lead)
    assert files(cache) == written


def test_without_what_is_kept_the_page_has_the_same_bytes(place: Path, cache: Path, tmp_path: Path) -> None:
    first = report_page(place)
    shutil.rmtree(cache)
    assert report_page(shutil.copytree(place, tmp_path / "copied"), apart=True) == first
    cache.with_name("elsewhere").mkdir()
    shutil.rmtree(cache)
    cache.write_text("in the way")
    assert report_page(place) == first


def test_a_chunk_damaged_since_is_still_noticed(place: Path, cache: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(place, tmp_path / "copied"))
    report_page(folder)
    table = folder / "situations-00000.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    result = CliRunner().invoke(main, ["report", str(folder)])
    assert (result.exit_code, f"{table} is damaged" in result.output) == (2, True)
