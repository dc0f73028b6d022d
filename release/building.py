"""The source archive and a wheel for each system, from what is committed and nothing else.

`python -m build` makes an environment of its own for each artifact, with the versions of the lock files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SYSTEMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64", "windows-x86_64")
"""The systems that get a wheel; the names are those of `TARGETS` in core/build.py."""


def committed(folder: Path) -> Path:
    """A copy of what is committed in this checkout, in a new folder."""
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "--extract", "--directory", folder], input=archive, check=True)
    return folder


def environment(uv: Path) -> dict[str, str]:
    """Variables for a build: the locked versions, no compiler flags of this machine, the time of the commit."""
    commit = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    kept = {name: value for name, value in os.environ.items() if name not in ("CC", "CXX", "CFLAGS", "CXXFLAGS")}
    locks = " ".join(str(ROOT / "locks" / name) for name in ("run.txt", "page.txt"))
    path = os.pathsep.join((str(uv.parent), kept["PATH"]))
    return {**kept, "UV_CONSTRAINT": locks, "SOURCE_DATE_EPOCH": commit, "PATH": path}


def build(kind: str, source: Path, out: Path, variables: dict[str, str]) -> Path:
    """Build one artifact, `sdist` or `wheel`, from a folder of source; the file."""
    before = set(out.iterdir()) if out.is_dir() else set()
    command = [sys.executable, "-m", "build", "--installer", "uv", f"--{kind}", "--outdir", str(out), str(source)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    (made,) = set(out.iterdir()) - before
    return made


def unpacked(archive: Path, folder: Path) -> Path:
    """The source of an archive, in a new folder."""
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


def build_all(work: Path, out: Path, uv: Path, systems: tuple[str, ...]) -> tuple[Path, dict[str, Path]]:
    """The source archive, and by system the wheel that the archive builds."""
    variables = environment(uv)
    archive = build("sdist", committed(work / "committed"), out, variables)
    print(f"built {archive.name}", flush=True)
    source = unpacked(archive, work / "unpacked")
    wheels = {}
    for system in systems:
        wheels[system] = build("wheel", source, out, {**variables, "OFFRAMP_SYSTEM": system})
        print(f"built {wheels[system].name}", flush=True)
    return archive, wheels
