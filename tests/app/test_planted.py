"""A folder from a stranger is opened: nothing that it holds is run, and nothing in it is started before a click."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from offramp.app.private_dir import load, save
from offramp.runs.executors import COPIED
from tests.app.drafts import begun
from tests.app.jobs import finished, started, until
from tests.app.served import SMALL, Served, serving
from tests.planted import plant_modules

OFFRAMP = str(Path(sys.executable).with_name("offramp"))
LINES = "import sys\nwith open({seen!r}, 'a') as file:\n    file.write(f'{{sys.orig_argv}}\\n')\n"


@dataclass(frozen=True)
class Opened:
    """A workbench on a folder that somebody has filled, and the files that tell what was done there.

    `mark` is there once a planted module was run, `seen` has the commands
    of all processes, `precious` is a file elsewhere to which a link in the folder leads, `before` are the runs that
    were listed before any was asked for.
    """

    served: Served
    own: Path
    mark: Path
    seen: Path
    precious: Path
    before: list[dict[str, Any]]


def filled(place: Path) -> Path:
    place.mkdir()
    (place / "small.yaml").write_text(SMALL, encoding="utf-8")
    return place


def journal(folder: Path) -> list[dict[str, Any]]:
    """A journal of runs that were going when a workbench ended."""
    entry = {"draws": 64, "seed": 1, "levers": [], "state": "going", "message": None}
    paths = {"path": "small.yaml", "file": str(folder / "small.yaml")}
    return [{"run": f"runs/planted-{number}", **paths, **entry} for number in (1, 2)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A folder full of traps, opened from another one, with a path of modules that is relative to that."""
    base = tmp_path_factory.mktemp("planted")
    folder, own, mark = filled(base / "from a stranger"), base / "own", base / "mark"
    (own / "mine").mkdir(parents=True)
    (own / "mine" / "sitecustomize.py").write_text(LINES.format(seen=str(own / "seen")), encoding="utf-8")
    (folder / "mine").mkdir()
    for place in (folder, folder / "mine"):
        plant_modules(place, mark)
    (own / "precious").write_text("mine", encoding="utf-8")
    (folder / ".offramp" / "runs").mkdir(parents=True)
    if os.name == "posix":
        (folder / ".offramp" / "runs" / "small-1.log").symlink_to(own / "precious")
    (folder / ".offramp" / "runs.json").write_text(json.dumps(journal(folder)), encoding="utf-8")
    variables = {"PYTHONPATH": "mine", "XDG_CONFIG_HOME": str(own / "config")}
    with serving(folder, start=subprocess.Popen, cwd=own, **variables) as served:
        assert served.solve().status_code == 200
        time.sleep(1.0)
        before = served.client.get("/api/runs").json()["runs"]
        run = started(served, draws=64)
        until(served, run, finished)
        study = {"run": run, "study": "endings", "options": {}}
        assert served.client.post("/api/study", json=study).status_code == 200
        begun(served, "drafted", "<p>It is a page.</p>", name="page.html")
        yield Opened(served, own, mark, own / "seen", own / "precious", before)


def test_no_module_of_the_folder_is_run_by_a_workbench_or_by_its_runs(opened: Opened) -> None:
    assert not opened.mark.exists(), opened.mark.read_text()


def test_a_journal_that_comes_with_the_folder_starts_nothing(opened: Opened) -> None:
    assert opened.before == []
    assert not list((opened.served.folder / "runs").glob("planted-*"))


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_no_link_in_the_place_of_a_log_is_written_through(opened: Opened) -> None:
    assert opened.precious.read_text() == "mine"


def test_processes_find_modules_where_the_workbench_does_and_nowhere_else(opened: Opened) -> None:
    """A relative folder of PYTHONPATH is that of whoever started the workbench."""
    commands = opened.seen.read_text()
    modules = ("nursery_process" if COPIED else "pool_worker", "run_process")
    assert all(f"'offramp.app.workers.{module}'" in commands for module in modules)
    assert "'offramp.draft.documents.document_process'" in commands


def test_the_key_of_what_is_kept_is_its_owners_alone_and_not_in_the_folder(opened: Opened) -> None:
    (key,) = (opened.own / "config").rglob("key")
    assert (stat.S_IMODE(key.stat().st_mode), key.stat().st_size) == (0o600, 32)


def test_no_module_is_run_where_the_workbench_is_started_in_the_folder(tmp_path: Path) -> None:
    folder = filled(tmp_path / "from a stranger")
    plant_modules(folder, tmp_path / "mark")
    with serving(folder, start=subprocess.Popen, cwd=folder) as served:
        assert served.solve().status_code == 200
        until(served, started(served, draws=64), finished)
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()


def test_what_was_kept_in_another_folder_starts_nothing_and_lets_nobody_in(tmp_path: Path) -> None:
    folder = filled(tmp_path / "here")
    with serving(folder) as served:
        run = started(served, draws=500_000)
        until(served, run, lambda row: row["done"] > 0)
        asked = served.setting() | {"seats": {"north": "person"}, "seed": 1, "seconds": 5}
        match = served.client.post("/api/matches", json=asked).json()
        served.process.kill()
        served.process.wait()
    with serving(shutil.move(folder, tmp_path / "there")) as served:
        with served.anonymous(Authorization=f"Bearer {match['seats']['north']}") as player:
            assert player.get("/api/match").status_code == 401
        time.sleep(6.0)
        (row,) = served.client.get("/api/runs").json()["runs"]
        assert (row["run"], row["state"], row["ours"]) == (run, "unfinished", False)
        seen = served.client.get("/api/match", params={"match": match["match"]}).json()
        assert not [event for event in seen["timeline"] if event["step"] == "answer"]


def test_what_is_kept_is_ours_only_as_it_was_written_and_where(tmp_path: Path) -> None:
    value = [{"run": "runs/a-1", "draws": 1}]
    save(tmp_path / "a.json", value)
    assert (load(tmp_path / "a.json").value, load(tmp_path / "a.json").ours) == (value, True)
    found = json.loads((tmp_path / "a.json").read_text())
    for planted in (value, found | {"kept": []}, found | {"seal": "0" * 64}, found | {"seal": "é"}, 5, "[" * 100_000):
        text = planted if isinstance(planted, str) else json.dumps(planted)
        (tmp_path / "a.json").write_text(text, encoding="utf-8")
        assert not load(tmp_path / "a.json").ours
    (tmp_path / "b.json").write_text(json.dumps(found), encoding="utf-8")
    assert not load(tmp_path / "b.json").ours


@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["threads", "processes"])
def test_a_command_in_the_folder_runs_no_module_of_it(tmp_path: Path, workers: tuple[str, ...]) -> None:
    folder = filled(tmp_path / "from a stranger")
    plant_modules(folder, tmp_path / "mark")
    command = [OFFRAMP, "run", "small.yaml", "--draws", "2048", *workers]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()
