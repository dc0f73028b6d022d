"""Promises of kept findings: one is computed once, depends on all that it follows from, and no run can bring one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import offramp
from offramp.common import user_cache
from offramp.common.errors import UsageError
from offramp.runs.result import Run
from offramp.runs.store.layout import FINISHED, as_marker, read_finished
from offramp.runs.store.whole_files import sha256_of
from offramp.study import kept_findings
from offramp.study.brief import brief
from offramp.study.sensitivity.weigh import weigh
from offramp.study.updating.update import update
from offramp.study.value_of_information.worth import worth
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW
from tests.runs.folders import SHORT


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "raid"
    offramp.run(crisis_of(RAID_NOW), draws=256, seed=1, out=folder, execution=SHORT)
    return folder


@pytest.fixture
def folder(solved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with nothing kept of it."""
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path / "cache"))
    return Path(shutil.copytree(solved, tmp_path / "raid"))


def files(folder: Path) -> dict[str, int]:
    """What is kept: each file with its inode, which is another if it is written again."""
    kept = folder.parent / "cache" / "kept"
    return {path.name: path.stat().st_ino for path in kept.iterdir()} if kept.exists() else {}


def asked(run: Run, question: str) -> dict[str, Any]:
    match question:
        case "weigh":
            return weigh(run).to_dict()
        case "weigh one":
            return weigh(run, "war").to_dict()
        case "update":
            return update(run).to_dict()
        case "worth":
            return worth(run, draws=256).to_dict()
    found = brief(run)
    assert found.levers
    return found.levers.to_dict() | {"paths": found.paths.to_dict(), "why": [why.to_dict() for why in found.whys]}


QUESTIONS = ("weigh", "weigh one", "update", "worth", "brief")


def test_each_answer_is_computed_once_and_read_by_whoever_opens_the_same_run(folder: Path, tmp_path: Path) -> None:
    run = offramp.open_run(folder)
    answers = {question: asked(run, question) for question in QUESTIONS}
    written = files(folder)
    assert len(written) == len(QUESTIONS)
    copy = offramp.open_run(shutil.copytree(folder, tmp_path / "copied"))
    assert {question: asked(copy, question) for question in QUESTIONS} == answers
    assert files(folder) == written


def test_a_report_and_the_commands_share_what_they_ask_alike(folder: Path) -> None:
    run = offramp.open_run(folder)
    weigh(run)
    update(run)
    before = files(folder)
    brief(run)
    assert before.items() < files(folder).items()


@pytest.mark.parametrize("damage", ["cut", "another form", "of another question"])
def test_a_damaged_one_is_ignored_and_computed_again(folder: Path, damage: str) -> None:
    run = offramp.open_run(folder)
    answer = asked(run, "weigh")
    (path,) = (folder.parent / "cache" / "kept").iterdir()
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "another form":
        key, _ = json.loads(content[user_cache.SEAL :])
        user_cache.keep(key, [1, 2, 3])
        assert path.read_bytes() != content
    else:
        asked(run, "weigh one")
        (other,) = {*path.parent.iterdir()} - {path}
        path.write_bytes(other.read_bytes())
    assert asked(run, "weigh") == answer
    assert path.read_bytes() == content


def test_other_draws_another_text_and_other_code_are_other_findings(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asked(offramp.open_run(folder), "weigh")
    offramp.run(crisis_of(RAID_NOW), draws=256, seed=2, out=tmp_path / "seed", execution=SHORT)
    offramp.run(crisis_of(RAID_NOW + "# more\n"), draws=256, seed=1, out=tmp_path / "text", execution=SHORT)
    assert asked(offramp.open_run(tmp_path / "seed"), "weigh") != answer
    assert asked(offramp.open_run(tmp_path / "text"), "weigh") == answer
    assert len(files(folder)) == 3
    monkeypatch.setattr(kept_findings, "code_stamp", lambda: "of another version")
    assert asked(offramp.open_run(folder), "weigh") == answer
    assert len(files(folder)) == 4


def test_a_chunk_with_other_numbers_has_none_of_the_findings_however_well_it_is_sealed(
    folder: Path, tmp_path: Path
) -> None:
    answer = asked(offramp.open_run(folder), "weigh")
    offramp.run(crisis_of(RAID_NOW), draws=256, seed=2, out=tmp_path / "seed", execution=SHORT)
    name = "chunk-00000.parquet"
    shutil.copyfile(tmp_path / "seed" / name, folder / name)
    with pytest.raises(UsageError, match=r"chunk-00000.parquet is damaged"):
        offramp.open_run(folder)
    finished = read_finished(folder)
    assert finished
    finished["sha256"][name] = sha256_of(folder / name)
    (folder / FINISHED).write_bytes(as_marker(finished))
    assert asked(offramp.open_run(folder), "weigh") != answer


def test_a_run_in_memory_and_a_changed_copy_of_a_run_keep_nothing(folder: Path) -> None:
    opened = offramp.open_run(folder)
    for run in (offramp.run(crisis_of(RAID_NOW), draws=256, seed=1), replace(opened, seed=7)):
        assert run.fingerprint is None
        asked(run, "weigh")
    assert files(folder) == {}


def test_what_cannot_be_answered_is_not_kept(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(UsageError, match="unknown ending"):
            weigh(offramp.open_run(folder), "no such ending")
    assert files(folder) == {}


def test_any_change_of_the_code_is_another_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_findings, "PACKAGE_FOLDER", str(tmp_path))
    stamp = kept_findings.code_stamp.__wrapped__
    stamps = {stamp()}
    module = tmp_path / "study" / "deep" / "part.py"
    module.parent.mkdir(parents=True)
    for text in ("A = 1\n", "A = 2\n"):
        module.write_text(text, encoding="utf-8")
        stamps.add(stamp())
    module.rename(module.with_name("other.py"))
    stamps.add(stamp())
    assert len(stamps) == 4
    (module.parent / "__pycache__").mkdir()
    (module.parent / "__pycache__" / "other.pyc").write_bytes(b"compiled")
    assert stamp() in stamps
