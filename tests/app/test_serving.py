"""`offramp app` from the shell: where it serves, what it opens, how it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from click.testing import CliRunner

from offramp import app
from offramp.app.folder import Folder
from offramp.app.listening import listen
from offramp.app.login import Door
from offramp.cli import main
from tests.app.served import OWN, SMALL, Served, serving
from tests.processes import is_running

OFFRAMP = str(Path(sys.executable).with_name("offramp"))
PASSWORD = "correct horse battery"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def said(*arguments: str) -> str:
    """What `offramp app` says where it does not start."""
    result = CliRunner().invoke(main, ["app", "--no-open", *arguments])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.output


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_file_is_opened_with_its_folder_and_everything_ends_with_the_server(folder: Path, ending: int) -> None:
    with serving(folder / "small.yaml", start=subprocess.Popen) as served:
        assert served.url.startswith("http://127.0.0.1:")
        hello = served.client.get("/api/hello").json()
        assert (hello["folder"], hello["opened"]) == (folder.name, "small.yaml")
        assert served.solve().status_code == 200
        children = _descendants(served.process.pid)
        assert len(children) > 1
        idle = socket.create_connection(("127.0.0.1", served.port))
        served.process.send_signal(ending)
        served.process.wait(10)
        idle.close()
        assert not [child for child in children if is_running(child)]


def test_no_child_outlives_a_server_that_is_killed(folder: Path) -> None:
    with serving(folder, start=subprocess.Popen) as served:
        served.solve()
        children = _descendants(served.process.pid)
        served.process.kill()
        served.process.wait()
        deadline = time.monotonic() + 10
        while any(map(is_running, children)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_port_that_is_taken_is_passed_over_unless_it_was_asked_for(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = said(str(folder), "--port", str(port))
        assert f"port {port} is in use" in message
        found = listen("127.0.0.1", port, 50)
        found.socket.close()
        assert found.port > port


def test_a_folder_with_one_crisis_opens_that_one(tmp_path: Path) -> None:
    (tmp_path / "harbour").mkdir()
    (tmp_path / "harbour" / "crisis.yaml").write_text(SMALL, encoding="utf-8")
    with serving(tmp_path) as served:
        assert served.client.get("/api/hello").json()["opened"] == "harbour/crisis.yaml"


def test_of_several_crises_the_folder_s_own_is_opened_or_else_the_one_changed_last(tmp_path: Path) -> None:
    def written(name: str, day: int) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(SMALL, encoding="utf-8")
        os.utime(path, (86_400 * day, 86_400 * day))

    opened = Folder(tmp_path)
    assert opened.main_file() is None
    written("gulf/crisis.yaml", day=3)
    written("gulf/first.yaml", day=5)
    written("gulf/outcome.yaml", day=5)
    written("strait.yaml", day=2)
    assert opened.main_file() == "gulf/crisis.yaml"
    written("strait.yaml", day=4)
    assert opened.main_file() == "strait.yaml"
    written("crisis.yaml", day=1)
    with serving(tmp_path) as served:
        assert served.client.get("/api/hello").json()["opened"] == "crisis.yaml"


def test_with_a_login_nothing_that_is_printed_holds_the_key(folder: Path, tmp_path: Path) -> None:
    (folder / "password").write_text(PASSWORD)
    complaints = tmp_path / "said"
    with (
        complaints.open("w") as said_to,
        serving(folder, "--password-file", str(folder / "password"), said=said_to) as served,
    ):
        assert served.process.stdout is not None
        assert served.process.stdout.readline() == "Enter the password there.\n"
        assert served.solve().status_code == 200
        served.process.send_signal(signal.SIGTERM)
        rest = served.process.stdout.read() + complaints.read_text()
        assert served.token not in rest
        assert "token" not in rest


def test_what_cannot_be_opened_is_said_in_a_line(folder: Path) -> None:
    (folder / "notes.txt").write_text("x")
    assert "No such file" in said(str(folder / "none.yaml"))
    assert "no crisis file" in said(str(folder / "notes.txt"))


def test_other_machines_are_served_only_past_a_password_or_a_proxy(folder: Path) -> None:
    short = folder / "short"
    short.write_text("eleven char\n")
    for options in (("--host", "0.0.0.0"), ("--allow-host", "desk.example")):
        message = said(str(folder), *options)
        assert "--password-file" in message
        assert "--trusted-proxy-header" in message
    assert "at least 12 characters" in said(str(folder), "--host", "0.0.0.0", "--password-file", str(short))
    assert "cannot read" in said(str(folder), "--host", "0.0.0.0", "--password-file", str(folder / "none"))
    assert "--allow-host" in said(str(folder), "--trusted-proxy-header", "X-User")
    proxy = ("--trusted-proxy-header", "X-User", "--allow-host", "desk.example")
    assert "--trusted-proxy ADDRESS" in said(str(folder), "--host", "0.0.0.0", *proxy)


def test_the_password_gives_the_token_and_guessing_is_slowed_down(folder: Path) -> None:
    (folder / "password").write_text(PASSWORD + "\n")
    options = ("--host", "0.0.0.0", "--allow-host", "desk.example", "--password-file", str(folder / "password"))
    with serving(folder, *options) as served, served.anonymous(Host="desk.example") as client:
        assert client.get("/").status_code == 200
        assert client.get("/api/hello").status_code == 401
        assert client.post("/api/enter", json={}).status_code == 401
        entered = client.post("/api/enter", json={"password": PASSWORD})
        assert entered.json() == {"token": served.token}
        half = client.post(
            "/api/enter", content=b'{"password": "\\ud800"}', headers={"Content-Type": "application/json"}
        )
        assert (half.status_code, half.json()) == (401, {"error": "the password is wrong"})
        for _ in range(4):
            assert client.post("/api/enter", json={"password": PASSWORD + "?"}).status_code == 401
        refused = client.post("/api/enter", json={"password": PASSWORD})
        assert refused.status_code == 429
        assert "wait" in refused.json()["error"]
        assert served.client.get("/api/hello").status_code == 200


def test_a_proxy_that_has_let_somebody_in_gives_the_token(folder: Path) -> None:
    options = ("--trusted-proxy-header", "X-User", "--allow-host", "desk.example")
    with serving(folder, *options) as served, served.anonymous(Host="desk.example") as client:
        assert client.post("/api/enter", json={}).status_code == 401
        origin = {"Origin": "https://desk.example", "X-User": "ann"}
        assert client.post("/api/enter", json={}, headers=origin).json() == {"token": served.token}
    elsewhere = Door(header="X-User", proxies=frozenset({"192.0.2.1"}))
    assert elsewhere.opens(None, "192.0.2.1", "ann")
    assert not elsewhere.opens(None, "127.0.0.1", "ann")
    assert not elsewhere.opens(None, "192.0.2.1", None)


def test_on_the_machine_itself_nobody_enters_without_the_link(served: Served) -> None:
    with served.anonymous() as client:
        assert client.post("/api/enter", json={"password": PASSWORD}).status_code == 403
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://[::1]:{served.port}/")


@pytest.mark.skipif(os.name != "posix", reason="a script in the place of a browser, and modes of files")
def test_the_token_stands_on_no_command_line_where_the_browser_is_opened(folder: Path, tmp_path: Path) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f"#!/bin/sh\nprintf '%s' \"$*\" > '{seen}.part'\nmv '{seen}.part' '{seen}'\n", encoding="utf-8")
    browser.chmod(0o755)
    command = [OFFRAMP, "app", str(folder), "--port", "0"]
    surroundings = os.environ | OWN | {"BROWSER": f"{browser} %s", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings) as process:
        try:
            assert process.stdout is not None
            link = process.stdout.readline().strip()
            end = time.monotonic() + 30.0
            while not seen.exists() and time.monotonic() < end:
                time.sleep(0.05)
            opened = seen.read_text()
            assert link.partition("#token=")[2] not in opened
            page = Path(unquote(urlsplit(opened).path))
            assert [stat.S_IMODE(place.stat().st_mode) for place in (page, page.parent)] == [0o600, 0o700]
            assert f'content="0; url={link}"' in page.read_text()
        finally:
            process.send_signal(signal.SIGTERM)
    assert not page.exists()


def test_where_the_extra_is_missing_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "NEEDED", ("fastapi", "offramp_has_no_such_module"))
    assert "pip install 'offramp[app]'" in said(str(folder))


def test_a_folder_that_is_moved_away_is_no_fault_of_the_program(folder: Path) -> None:
    opened = folder / "opened"
    opened.mkdir()
    with serving(opened) as served:
        shutil.rmtree(opened)
        assert served.client.get("/api/files").json()["files"] == []
        saved = served.client.put("/api/file", json={"path": "a.yaml", "text": "x", "was": None})
        assert saved.status_code == 422
        assert served.solve().status_code == 200


def _descendants(process: int) -> list[int]:
    """The processes that a process has started, and those that these have started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    children = [int(line) for line in listed.stdout.split()]
    return children + [each for child in children for each in _descendants(child)]
