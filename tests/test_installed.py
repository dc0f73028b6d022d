"""`pip install '.[app]'` in an empty environment, and a first hour with what it has installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def installed(folder: Path) -> Path:
    """The folder of the commands of an environment with Offramp, the workbench's packages, and nothing else.

    uv builds and installs as pip does, of the versions that are locked, and has them on disk.
    """
    venv.create(folder, with_pip=False)
    commands = folder / "bin"
    locked = "--constraint", "locks/dev.txt", "--build-constraint", "locks/dev.txt"
    command = [UV, "pip", "install", "--quiet", "--python", commands / "python", *locked, ".[app]"]
    subprocess.run(command, cwd=ROOT, check=True)
    return commands


def test_an_installed_package_writes_checks_solves_runs_and_serves_a_crisis(tmp_path: Path) -> None:
    commands = installed(tmp_path / "environment")
    alone = {"PATH": str(commands), "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}  # no compiler, no Node

    def said(*arguments: str) -> str:
        command = [commands / "offramp", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=True)
        assert not done.stderr
        return done.stdout

    assert said("new", "harbour").startswith("wrote harbour/crisis.yaml")
    assert "no errors, 0 warnings" in said("check", "harbour/crisis.yaml")
    assert said("new", "gulf", "--from", "broker").startswith("wrote gulf/crisis.yaml")
    assert "PRINCIPAL" in said("solve", "harbour/crisis.yaml")
    assert "run:    runs/harbour-1" in said("run", "harbour/crisis.yaml", "--draws", "16")
    said("report", "runs/harbour-1")
    assert (tmp_path / "runs" / "harbour-1" / "report.html").is_file()
    command = [commands / "offramp", "app", "harbour", "--no-open", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=alone, stdout=subprocess.PIPE, text=True) as workbench:
        assert workbench.stdout is not None
        url, _, token = workbench.stdout.readline().strip().partition("/#token=")
        try:
            with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
                assert "<script" in client.get("/").text
                assert client.get("/api/hello").json()["opened"] == "crisis.yaml"
        finally:
            workbench.terminate()
    package = next((tmp_path / "environment").glob("lib/*/site-packages/offramp"))
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "crises").rglob("crisis.yaml")}
    assert {path.relative_to(package).as_posix() for path in (package / "crises").rglob("crisis.yaml")} == shipped
    assert os.listdir(package / "app" / "page")
