"""What a run refuses or cannot do is said clearly, and nothing that was done is lost by it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.runs.execution import Execution
from offramp.runs.listing import list_runs
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.store.layout import locked
from tests.copies import ran
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


def test_fewer_draws_are_refused(crisis: Crisis, undisturbed: Path) -> None:
    with pytest.raises(offramp.UsageError, match=r"run of 2,348 draws, which cannot become fewer .*\(100\)"):
        run_into(crisis, undisturbed, draws=100)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("uniform(0, 1)", "uniform(0, 2)"), r"differs in the crisis file \(inputs prize\)"),
        (("0.5 * (reply", "0.6 * (reply"), r"the crisis file \(payoffs south\)"),
        (("struck: reply == strike, calm", "calm"), r"the crisis file \(endings struck\)"),
        (("title: Raid", "title: A raid"), r"the crisis file \(title\)"),
        (("title: Raid", "# noted\ntitle: Raid"), r"the order of its entries, its comments or its spacing"),
    ],
)
def test_a_changed_crisis_is_refused_with_what_changed(
    crisis: Crisis, undisturbed: Path, change: tuple[str, str], message: str
) -> None:
    before = bytes_of(undisturbed)
    with pytest.raises(offramp.UsageError, match=message):
        run_into(crisis_of(RAID.replace(*change)), undisturbed)
    assert bytes_of(undisturbed) == before


def test_another_seed_other_levers_and_other_source_texts_are_refused(tmp_path: Path) -> None:
    levers = "levers: {calm: {forbid: {raid: [raid_]}}}\n"
    text = "sources: {memo: {title: A memo, file: memo.txt}}\n" + levers
    (tmp_path / "memo.txt").write_text("One.\n")
    (tmp_path / "raid.yaml").write_text(RAID.partition("observed:")[0] + text)
    crisis = offramp.read(tmp_path / "raid.yaml")
    folder = run_into(crisis, tmp_path / "run", draws=8).folder
    with pytest.raises(offramp.UsageError, match=r"differs in the seed \(then 1, now 2\)"):
        run_into(crisis, folder, seed=2)
    with pytest.raises(offramp.UsageError, match=r"differs in the levers \(then none, now calm\)"):
        run_into(crisis.with_levers("calm"), folder)
    (tmp_path / "memo.txt").write_text("Two.\n")
    with pytest.raises(offramp.UsageError, match="differs in the text of source memo"):
        run_into(crisis, folder)
    assert resume(folder).draws == 8


def test_a_run_begun_with_another_version_or_processor_is_refused(crisis: Crisis, tmp_path: Path) -> None:
    stopped(crisis, tmp_path / "run", CHUNK + 1)
    path = tmp_path / "run" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["versions"]["numpy"], manifest["host"]["instructions"] = "1.0", "abacus"
    path.write_text(json.dumps(manifest))
    with pytest.raises(offramp.UsageError, match=r"in numpy \(then 1\.0, now .*\); instructions \(then abacus, now "):
        resume(tmp_path / "run")


def test_a_run_begun_before_there_was_a_core_is_read_and_not_resumed(crisis: Crisis, tmp_path: Path) -> None:
    stopped(crisis, tmp_path / "run", CHUNK + 1)
    path = tmp_path / "run" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["versions"]["core"]
    manifest["versions"] |= {"llvmlite": "0.49.0", "numba": "0.67.0"}
    manifest["host"] = {"system": "Linux", "machine": "x86_64", "processor": "znver3", "features": "+avx2,+fma"}
    path.write_text(json.dumps(manifest))
    differs = r"in the solver's core; instructions \(then not told, now \w+\); the processor's features"
    with pytest.raises(offramp.UsageError, match=differs):
        resume(tmp_path / "run")


@pytest.mark.parametrize("damage", ["a bit", "cut short", "gone", "of another seed", "its seal"])
@pytest.mark.parametrize("finished", [True, False])
def test_a_damaged_chunk_is_solved_again(
    crisis: Crisis, undisturbed: Path, tmp_path: Path, damage: str, finished: bool
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder)
    if not finished:
        for name in ("finished.json", "moves.parquet", "report.html"):
            (folder / name).unlink()
    chunk, seal = folder / "chunk-00001.parquet", folder / "chunk-00001.sha256"
    content = bytearray(chunk.read_bytes())
    match damage:
        case "a bit":
            content[1000] ^= 1
            chunk.write_bytes(content)
        case "cut short":
            chunk.write_bytes(content[:-1])
        case "gone":
            chunk.unlink()
        case "of another seed":
            other = run_into(crisis, tmp_path / "other", draws=2 * CHUNK, seed=2).folder
            for name in ("chunk-00001.parquet", "situations-00001.parquet", "chunk-00001.sha256"):
                shutil.copy(other / name, folder / name)
        case "its seal":
            seal.write_bytes(b"\xff")
    said: list[str] = []
    resume(folder, execution=Execution(page=short, say=said.append))
    broken = {"gone": "chunk-00001.parquet (missing)", "its seal": "chunk-00001.sha256"}.get(
        damage, "chunk-00001.parquet"
    )
    assert said[0].endswith(f"1,324 of 2,348 draws are done; damaged, to be solved again: {broken}")
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_manifest_that_was_edited_does_not_lead_to_other_chunks(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder)
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"seed": 1,', '"seed": 2,'))
    before = bytes_of(folder)
    with pytest.raises(offramp.UsageError, match=r"manifest\.json is damaged"):
        resume(folder)
    assert bytes_of(folder) == before


def test_a_run_in_use_is_refused(crisis: Crisis, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    stopped(crisis, folder, CHUNK + 1)
    with locked(folder):
        assert [run.state for run in list_runs(tmp_path)] == ["running"]
        with pytest.raises(offramp.UsageError, match="run is in use: another process is writing this run"):
            run_into(crisis, folder)
    assert [run.state for run in list_runs(tmp_path)] == ["unfinished"]


def test_what_a_folder_holds_that_is_no_run_is_left_alone(crisis: Crisis, tmp_path: Path) -> None:
    (tmp_path / "crisis.yaml").write_text("mine")
    with pytest.raises(offramp.UsageError, match="exists already; nothing is overwritten"):
        run_into(crisis, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["crisis.yaml"]


def test_a_crisis_that_fails_in_its_first_chunk_leaves_nothing_behind(tmp_path: Path) -> None:
    crisis = crisis_of(RAID.replace("odds: {low: chance_low,", "odds: {low: 3 * chance_low,"))
    with pytest.raises(offramp.CrisisError, match="draw "):
        run_into(crisis, tmp_path / "runs" / "raid-1")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that everybody may read and only its owner write."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_cannot_be_written_gets_a_clear_error_and_stays_as_it_is(crisis: Crisis, readable: Path) -> None:
    folder = readable / "run"
    stopped(crisis, folder, CHUNK + 1)
    for path in (folder, readable):
        path.chmod(0o555)
    before, user = bytes_of(folder), os.geteuid()
    if not user:
        os.seteuid(65534)  # root may write everywhere
    try:
        for place in (folder, readable / "other"):
            with pytest.raises(offramp.OfframpError, match=f"^cannot write {place}: Permission denied"):
                run_into(crisis, place, draws=DRAWS)
        assert [run.state for run in list_runs(readable)] == ["unfinished"]
    finally:
        if not user:
            os.seteuid(0)
        for path in (folder, readable):
            path.chmod(0o755)
    assert bytes_of(folder) == before


LIMITS = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))"
LIMITED = CHILD.replace("compile_game(crisis)", f"compile_game(crisis)\n{LIMITS}")


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_where_no_more_can_be_written_the_error_is_clear_and_what_was_done_is_kept(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    assert (undisturbed / "chunk-00001.parquet").stat().st_size > 40_000

    def limited() -> str:
        found = ran([sys.executable, "-c", LIMITED, str(folder)])
        assert found.returncode == 1
        return found.stderr.splitlines()[-1]

    assert limited().endswith(f"OfframpError: cannot write {folder}: File too large")
    assert not folder.exists()
    stopped(crisis, folder, CHUNK + 1)
    before = bytes_of(folder)
    kept = f"1,024 of 2,348 draws are kept, `offramp run {folder}` resumes from them"
    assert limited().endswith(f"cannot write {folder}: File too large; {kept}")
    assert bytes_of(folder) == before
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_folder_that_vanishes_is_said_and_not_made_again(crisis: Crisis, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def vanish(done: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    with pytest.raises(offramp.OfframpError, match=r"^cannot write .*run: the folder is gone$"):
        run_into(crisis, folder, draws=DRAWS, execution=Execution(progress=vanish))
    assert not folder.exists()
