"""The first use after installation: a fresh copy of the package, with nothing compiled and no folder of caches."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from row import Row, bounded

import offramp

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
SECONDS = 10.0


def endings() -> Row:
    """`offramp solve` of the Tehran crisis by the copy: processor seconds, and how much the second use takes."""
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place, "site")
        package = Path(offramp.__file__).parent
        shutil.copytree(package, kept / "offramp", ignore=shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc"))
        names = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        surroundings = {name: value for name, value in os.environ.items() if name not in names}
        surroundings |= {"PYTHONPATH": str(kept), "HOME": place, "XDG_CACHE_HOME": str(Path(place, "cache"))}
        (first, waited), (second, _) = (_used(surroundings) for _ in range(2))
    detail = f"{waited:.1f} s on the clock; the second use {second:.2g} s"
    what = "`offramp solve` on the Tehran crisis, first use after installation: processor time"
    return bounded(what, first, SECONDS, "s", detail)


def _used(surroundings: dict[str, str]) -> tuple[float, float]:
    """Processor seconds of a solve, and seconds on the clock."""
    command = [sys.executable, "-m", "offramp", "solve", str(CRISIS)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=surroundings, cwd=surroundings["HOME"])
    after, taken = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, taken


if __name__ == "__main__":
    print(endings())
