"""`make release`: build, check and try a release; `python -m release --help`."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from release.building import ROOT, SYSTEMS, build_all, unpacked
from release.contents import faults
from release.materials import write_materials
from release.trying import interpreters, try_wheel, version_of

RUN = "linux-x86_64"
"""The system whose wheel is installed and tried. The others are built and checked, and no command of them is run."""


def main() -> None:
    """Build everything into `dist/`, and try it."""
    parser = argparse.ArgumentParser(prog="python -m release", description="Build, check and try a release.")
    parser.add_argument("--pythons", nargs="+", metavar="VERSION", required=True, help="versions of Python to try")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS, help="systems to build a wheel for")
    parser.add_argument("--uv", type=Path, required=True, help="the command uv")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="a folder that is emptied first [dist]")
    arguments = parser.parse_args()
    pythons = interpreters(arguments.pythons)
    for python in pythons.values():
        print(f"found Python {version_of(python)}: {python}", flush=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    out = arguments.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="offramp-release-") as folder:
        work = Path(folder)
        archive, wheels = build_all(work, out, arguments.uv.absolute(), tuple(arguments.systems))
        wrong = [fault for system, wheel in wheels.items() for fault in faults(wheel, system, version)]
        if wrong:
            sys.exit("\n".join(wrong))
        files = [archive, *wheels.values()]
        subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)
        files += write_materials(out, arguments.uv.absolute(), next(iter(wheels.values())), version)
        sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
        (out / "SHA256SUMS").write_text(sums, encoding="utf-8")
        if RUN not in wheels:
            sys.exit(f"built, and nothing was tried: no wheel for {RUN} was asked for")
        tests = unpacked(archive, work / "tests") / "tests" / "installed"
        for name, python in pythons.items():
            (work / name).mkdir()
            print(f"Python {name}: {try_wheel(python, wheels[RUN], tests, work / name)}", flush=True)
        untried = [system for system in wheels if system != RUN]
        if untried:
            print(f"built and checked, not run: the wheels for {', '.join(untried)}")


if __name__ == "__main__":
    main()
