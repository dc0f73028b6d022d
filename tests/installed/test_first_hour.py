"""A first hour with an installed package. These tests need pytest and `offramp[app,mcp]`, and nothing of a checkout.

`make release` copies this folder away from the source and runs it for each version of Python, without compiler
and Node.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

import offramp

OFFRAMP = Path(sys.executable).with_name("offramp")
PACKAGE = Path(offramp.__file__).parent
PATIENCE = 120

pytestmark = pytest.mark.skipif(
    not PACKAGE.is_relative_to(sys.prefix), reason="nothing is installed here; tests/test_installed.py runs these tests"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a crisis of the starter, and a run of it."""
    folder = tmp_path_factory.mktemp("hour")
    assert said(folder, "new", "harbour").startswith("wrote harbour/crisis.yaml")
    assert "run:    runs/harbour-1" in said(folder, "run", "harbour/crisis.yaml", "--draws", "16")
    return folder


def said(folder: Path, *arguments: str) -> str:
    """What a command prints; it must end well, and print nothing to standard error."""
    done = subprocess.run([OFFRAMP, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_crisis_is_checked_and_solved_and_its_run_reported(folder: Path) -> None:
    assert "no errors, 0 warnings" in said(folder, "check", "harbour/crisis.yaml")
    assert "PRINCIPAL" in said(folder, "solve", "harbour/crisis.yaml")
    said(folder, "report", "runs/harbour-1")
    report = (folder / "runs" / "harbour-1" / "report.html").read_text(encoding="utf-8")
    assert report.startswith("<!doctype html>")
    assert "</html>" in report


def test_a_template_is_written_and_checked(folder: Path) -> None:
    assert said(folder, "new", "gulf", "--from", "broker").startswith("wrote gulf/crisis.yaml")
    assert "no errors" in said(folder, "check", "gulf/crisis.yaml")


def test_the_package_brings_its_page_its_core_and_its_crises() -> None:
    assert (PACKAGE / "crises" / "tehran-2024" / "crisis.yaml").is_file()
    page = PACKAGE / "app" / "page"
    assert {path.suffix for path in page.iterdir()} >= {".html", ".js", ".css"}
    assert list((PACKAGE / "equilibrium" / "built").glob("core-plain.*"))


def test_the_licence_of_everything_that_the_page_bundles_stands_beside_it() -> None:
    licences = (PACKAGE / "app" / "page" / "licenses.txt").read_text(encoding="utf-8")
    packages = json.loads((PACKAGE / "app" / "page" / "packages.json").read_text(encoding="utf-8"))
    assert {"preact", "@codemirror/view"} <= {package["name"] for package in packages}
    for package in packages:
        heading = "{name} {version} ({licence})\n".format(**package)
        assert f"\n{heading}" in f"\n{licences}"


def test_the_workbench_serves_its_page_and_the_first_endings(folder: Path) -> None:
    command = [OFFRAMP, "app", "harbour", "--no-open", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as workbench:
        assert workbench.stdout is not None
        url, _, token = workbench.stdout.readline().strip().partition("/#token=")

        def answer(path: str, body: dict[str, Any] | None = None) -> str:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Origin": url}
            data = None if body is None else json.dumps(body).encode()
            with urlopen(Request(url + path, data, headers), timeout=PATIENCE) as said:
                return str(said.read().decode())

        try:
            assert "<script" in answer("/")
            assert json.loads(answer("/api/hello"))["opened"] == "crisis.yaml"
            text = (folder / "harbour" / "crisis.yaml").read_text(encoding="utf-8")
            spread = json.loads(answer("/api/spread", {"path": "crisis.yaml", "text": text, "draws": 16}))
            assert sum(ending["mean"] for ending in spread["endings"].values()) == pytest.approx(1)
        finally:
            workbench.terminate()


def test_an_assistant_calls_a_tool(folder: Path) -> None:
    pipe = subprocess.PIPE
    command = [OFFRAMP, "mcp", "--root", "harbour"]
    with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def say(method: str, number: int | None = None, **params: Any) -> None:
            numbered = {} if number is None else {"id": number}
            message = {"jsonrpc": "2.0", "method": method, "params": params, **numbered}
            server.stdin.write(json.dumps(message) + "\n")
            server.stdin.flush()

        def heard(number: int) -> dict[str, Any]:
            message: dict[str, Any] = json.loads(server.stdout.readline())
            assert message["id"] == number
            return dict(message["result"])

        try:
            client = {"name": "test", "version": "1"}
            say("initialize", 1, protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
            assert heard(1)["serverInfo"]["name"] == "offramp"
            say("notifications/initialized")
            say("tools/call", 2, name="solve", arguments={"file": "crisis.yaml"})
            solved = json.loads(heard(2)["content"][0]["text"])
            assert solved["converged"]
            server.stdin.close()
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()
