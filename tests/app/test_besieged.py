"""A folder full of what is no file, has no end or no bounds: everybody is answered, and the server does not grow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from offramp.crisis.reading import read
from offramp.runs.running import run_into
from tests.app.served import SMALL, Served, serving

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of a POSIX system")

PIPES = ("log.jsonl", "finished.json", "crisis.yaml", "chunk-00000.sha256", "moves.parquet", "chunk-00000.parquet")
"""Files of a run in whose place a pipe is put, each in a run of its own."""
AGES = "title: a" + " " * 4_000 + "b\n"
"""A title that takes a pattern which goes back over its spaces millions of steps."""
RESIDENT = 400_000_000
"""Bytes that the server itself may have in memory; it has some 130 million."""


def named(pipe: str) -> str:
    """What a run is called in which a pipe lies in the place of a file."""
    return f"{pipe.replace('.', '-')}-2"


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("besieged")
    folder = base / "opened"
    (folder / "runs").mkdir(parents=True)
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    sound = folder / "runs" / "sound-1"
    run_into(read(folder / "small.yaml"), sound, draws=16, seed=1)
    for name in PIPES:
        run = shutil.copytree(sound, folder / "runs" / named(name))
        (run / name).unlink()
        os.mkfifo(run / name)
    manifest = json.loads((sound / "manifest.json").read_text())
    for name, content in (("draws-3", json.dumps(manifest | {"draws": 10**12})), ("nested-3", "[" * 200_000)):
        run = shutil.copytree(sound, folder / "runs" / name)
        (run / "manifest.json").write_text(content, encoding="utf-8")
    (folder / "runs" / "endless-3").mkdir()
    (folder / "runs" / "endless-3" / "manifest.json").symlink_to("/dev/zero")
    (folder / ".offramp" / "matches").mkdir(parents=True)
    for pipe in (".offramp/runs.json", ".offramp/matches/aaaaaaaa.json", "pipe.yaml", "forecasts.sqlite"):
        os.mkfifo(folder / pipe)
    for number in range(1_500):
        (folder / f"title-{number}.yaml").write_text(AGES, encoding="utf-8")
    with (base / "said").open("w+") as said, serving(folder, start=subprocess.Popen, said=said) as served:
        served.client.timeout = 45.0
        assert served.solve().status_code == 200
        yield served
        said.seek(0)
        assert said.read() == ""


@pytest.fixture(autouse=True)
def small(besieged: Served) -> Iterator[None]:
    """After each test the server answers at once, and has not grown."""
    yield
    assert besieged.client.get("/api/hello", timeout=5.0).status_code == 200
    pages = int(Path(f"/proc/{besieged.process.pid}/statm").read_text().split()[1])
    assert pages * os.sysconf("SC_PAGE_SIZE") < RESIDENT


def test_crisis_files_are_listed_whatever_their_titles(besieged: Served) -> None:
    files = besieged.client.get("/api/files", timeout=15.0).json()["files"]
    assert {"small.yaml", "title-1499.yaml"} <= {file["path"] for file in files}


def test_a_pipe_in_the_place_of_a_crisis_file_is_refused(besieged: Served) -> None:
    answer = besieged.client.get("/api/file", params={"path": "pipe.yaml"})
    assert (answer.status_code, answer.json()["error"]) == (403, "cannot read pipe.yaml: it is not a regular file")


def test_runs_are_listed_whatever_lies_among_them(besieged: Served) -> None:
    answer = besieged.client.get("/api/runs")
    assert answer.status_code == 200, answer.text
    states = {row["run"].removeprefix("runs/"): row["state"] for row in answer.json()["runs"]}
    assert states["sound-1"] == "finished"
    assert all(state in ("damaged", "unfinished", "finished") for state in states.values()), states
    assert {states[name] for name in ("draws-3", "nested-3")} == {"damaged"}


@pytest.mark.parametrize("name", [*map(named, PIPES), "draws-3", "nested-3", "endless-3"])
def test_a_run_that_is_none_is_looked_at_and_studied_in_a_sentence(besieged: Served, name: str) -> None:
    run, host = f"runs/{name}", str(besieged.folder.parent)
    answers = [
        besieged.client.get("/api/run", params={"run": run}),
        besieged.client.post("/api/study", json={"run": run, "study": "endings", "options": {}}),
        besieged.client.post("/api/report", json={"run": run}),
        besieged.client.post("/api/runs/go-on", json={"run": run}) if name == "endless-3" else None,
    ]
    for answer in filter(None, answers):
        assert answer.status_code in (200, 403, 404, 409, 422), answer.text
        assert host not in answer.text


def test_a_ledger_that_is_a_pipe_is_refused(besieged: Served) -> None:
    answer = besieged.client.get("/api/ledger")
    message = "cannot use forecasts.sqlite: it is not a regular file"
    assert (answer.status_code, answer.json()["error"]) == (422, message)


@pytest.mark.parametrize("path", ["/", "/api/hello", "/nowhere"])
def test_a_web_socket_is_refused(besieged: Served, path: str) -> None:
    """What is printed of it, nothing, is looked at when the workbench has ended."""
    asking = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    asking |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    answer = besieged.client.get(path, headers=asking)
    assert (answer.status_code, answer.json()) == (400, {"error": "web sockets are not supported: use plain HTTP"})
