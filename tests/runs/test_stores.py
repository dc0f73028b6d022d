"""A run is the same in a folder and at a URL: one life is led in both, by the same calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.runs.execution import Execution
from offramp.runs.listing import list_runs
from offramp.runs.merging import merge
from offramp.runs.running import resume, run_into, solve_part
from offramp.runs.sampling import CHUNK
from offramp.runs.store.store import store_at
from offramp.runs.verifying import verify
from tests.crises import crisis_of
from tests.runs.folders import SHORT, bytes_of, short
from tests.runs.test_evidence import RAID

pytest.importorskip("fsspec")

DRAWS = CHUNK + 10


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def undisturbed(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("elsewhere") / "run"
    run_into(crisis, folder, draws=DRAWS, execution=SHORT)
    return without_lock(bytes_of(folder))


@pytest.fixture(params=["folder", "URL"])
def places(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A directory for runs, with a slash at its end: a folder, or the same as a URL."""
    monkeypatch.setenv("OFFRAMP_CACHE_DIR", str(tmp_path / "cache"))
    return f"{'file://' if request.param == 'URL' else ''}{tmp_path}/runs/"


def without_lock(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in found.items() if name != ".lock"}


def test_parts_are_merged_listed_verified_and_read_in_every_store(
    crisis: Crisis, undisturbed: dict[str, bytes], places: str, tmp_path: Path
) -> None:
    for number, name in enumerate(("first", "second")):
        done, asked, finished = solve_part(crisis, places + name, range(number, number + 1), draws=DRAWS)
        assert (done, asked, finished) == ((CHUNK, 10)[number], DRAWS, False)
    merged = merge([places + "first", places + "second"], places + "whole", page=short)
    assert (str(merged.folder), merged.finished) == (places + "whole", True)
    assert without_lock(bytes_of(tmp_path / "runs" / "whole")) == undisturbed
    states = {str(run.place): run.state for run in list_runs(places)}
    assert states == {places + "first": "unfinished", places + "second": "unfinished", places + "whole": "finished"}
    assert verify(places + "whole", draws=1).sound
    assert str(offramp.open_run(places + "whole").folder) == places + "whole"
    with pytest.raises(offramp.UsageError, match=rf"^{places}first is not finished: .* `offramp run {places}first` "):
        offramp.open_run(places + "first")


def test_workers_repair_and_extend_a_run_in_every_store(
    crisis: Crisis, undisturbed: dict[str, bytes], places: str, tmp_path: Path
) -> None:
    lines: list[str] = []
    with ThreadPoolExecutor(1) as crew:
        how = Execution(crew, page=short, say=lines.append)
        run_into(crisis, places + "run", draws=CHUNK, execution=how)
        run_into(crisis, places + "run", draws=DRAWS, execution=how)
        damaged = tmp_path / "runs" / "run" / "chunk-00000.parquet"
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
        run = resume(places + "run", execution=how)
    assert without_lock(bytes_of(tmp_path / "runs" / "run")) == undisturbed
    assert (str(run.folder), run.draws) == (places + "run", DRAWS)
    assert [line.startswith(f"resuming {places}run: ") for line in lines] == [True, True]
    assert "damaged, to be solved again: chunk-00000.parquet" in lines[1]
    assert offramp.open_run(places + "run").endings.tobytes() == run.endings.tobytes()  # the copy is repaired, too


def test_a_file_is_added_to_a_run_in_every_store(places: str, tmp_path: Path) -> None:
    (tmp_path / "runs" / "run").mkdir(parents=True)
    with store_at(places + "run").adding() as folder:
        (folder / "report.html").write_text("page")
    assert (tmp_path / "runs" / "run" / "report.html").read_text() == "page"
    assert store_at(places + "run").sizes() == {"report.html": 4}
