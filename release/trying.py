"""A wheel as a user gets it: installed for each Python, without compiler and Node, and tried.

The tests are those of tests/installed in the source archive; they need pytest and what the wheel comes with.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def version_of(python: Path) -> str | None:
    """The version of an interpreter, as `3.12`; None if it does not run."""
    try:
        done = subprocess.run([python, "-c", VERSION], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def interpreter(version: str) -> Path | None:
    """A Python of a version: the one on the path, or one that pyenv keeps."""
    found = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    places = [Path(found)] if found else []
    places += sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True)
    return next((place for place in places if version_of(place) == version), None)


def interpreters(versions: list[str]) -> dict[str, Path]:
    """By version an interpreter; a version without one ends the release."""
    found = {version: interpreter(version) for version in versions}
    missing = [version for version, python in found.items() if python is None]
    if missing:
        fewer = " ".join(version for version in versions if version not in missing)
        sys.exit(
            f"no Python {', '.join(missing)} on the path or in pyenv: install it, or try fewer versions with"
            f' `make release PYTHONS="{fewer}"`'
        )
    return {version: python for version, python in found.items() if python is not None}


def try_wheel(python: Path, wheel: Path, tests: Path, work: Path) -> str:
    """Install a wheel from the index and run the tests; the last line that pytest prints."""
    subprocess.run([python, "-m", "venv", work / "environment"], check=True)
    commands = work / "environment" / ("Scripts" if os.name == "nt" else "bin")
    pip = [commands / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--only-binary", ":all:", f"{wheel}[app,mcp]", "pytest"], check=True)
    shutil.copytree(tests, work / "tests")  # away from the source, so that only what is installed can be imported
    (work / "home").mkdir()
    alone = {"PATH": str(commands), "HOME": str(work / "home"), "TMPDIR": str(work), "LANG": "C.UTF-8"}
    command = [commands / "python", "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"]
    done = subprocess.run(command, cwd=work, env=alone, capture_output=True, text=True, check=False)
    if done.returncode or "skipped" in done.stdout:
        sys.exit(f"the tests of the installed package failed with {python}:\n{done.stdout[-8000:]}{done.stderr}")
    return done.stdout.strip().splitlines()[-1]
