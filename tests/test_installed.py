"""`pip install '.[app,mcp]'` in an empty environment, and the tests that ship for what is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def installed(folder: Path) -> Path:
    """The folder of the commands of an environment with Offramp, its extras `app` and `mcp`, and pytest.

    uv builds and installs as pip does, of the versions that are locked, and has them on disk.
    """
    venv.create(folder, with_pip=False)
    commands = folder / "bin"
    locked = "--constraint", "locks/dev.txt", "--build-constraint", "locks/dev.txt"
    command = [UV, "pip", "install", "--quiet", "--python", commands / "python", *locked, ".[app,mcp]", "pytest"]
    subprocess.run(command, cwd=ROOT, check=True)
    return commands


def test_an_installed_package_gives_a_first_hour_without_compiler_and_node(tmp_path: Path) -> None:
    commands = installed(tmp_path / "environment")
    shutil.copytree(ROOT / "tests" / "installed", tmp_path / "tests")  # nothing else of the checkout is there
    alone = {"PATH": str(commands), "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}
    command = [commands / "python", "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"]
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
    package = next((tmp_path / "environment").glob("lib/*/site-packages/offramp"))
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "crises").rglob("crisis.yaml")}
    assert {path.relative_to(package).as_posix() for path in (package / "crises").rglob("crisis.yaml")} == shipped
