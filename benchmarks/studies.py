"""How long an analyst waits for each question's answer: the Tehran crisis, a run of 10,000 draws, from a cold shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from row import Row, bounded

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
DRAWS = 10_000
RUN_SECONDS, QUESTION_SECONDS, AGAIN_SECONDS = 15.0, 5.0, 2.0
FOLDER = tempfile.TemporaryDirectory()

DUE = ("--due", "2031-01-01", "--rule", "as agreed", "--ledger", "LEDGER")
QUESTIONS: dict[str, tuple[str, ...]] = {
    "endings": ("endings", "RUN"),
    "moves": ("moves", "RUN"),
    "why": ("why", "FILE", "iran_answer"),
    "paths": ("paths", "FILE"),
    "weigh": ("weigh", "RUN"),
    "levers": ("levers", "FILE"),
    "levers-now": ("levers", "FILE", "--now"),
    "map": ("map", "FILE", "--x", "face_saved", "--y", "exposure", "--move", "iran_answer"),
    "update": ("update", "RUN"),
    "worth": ("worth", "RUN"),
    "compare": ("compare", "FILE", "OTHER"),
    "report": ("report", "RUN", "--out", "PAGE"),
    "forecast": ("forecast", "add", "RUN", "--ending", "war", *DUE),
}


def run() -> Row:
    """`offramp run`: the seconds after start, which a run of one draw takes, and all of them."""
    started = _timed("run", str(CRISIS), "--draws", "1", "--out", str(Path(FOLDER.name) / "one"))
    taken = _run()[1]
    what = f"Tehran crisis, `offramp run` of {DRAWS:,} draws after start"
    return bounded(what, taken - started, RUN_SECONDS, "s", f"{taken:.1f} s in all")


def question(name: str) -> Row:
    """One of the other commands, on that run or on the crisis file."""
    folder = Path(FOLDER.name)
    other = folder / "other.yaml"
    text = CRISIS.read_text(encoding="utf-8")
    changed = text.replace('"beta(4, 6)"', '"beta(5, 5)"').replace('"uniform(0.3, 1)"', '"uniform(0.5, 1)"')
    other.write_text(changed, encoding="utf-8")
    places = {
        "RUN": str(_run()[0]),
        "FILE": str(CRISIS),
        "OTHER": str(other),
        "PAGE": str(folder / "page.html"),
        "LEDGER": str(folder / "forecasts.sqlite"),
    }
    arguments = [places.get(word, word) for word in QUESTIONS[name]]
    taken = _timed(*arguments)
    return bounded(
        f"Tehran crisis, `offramp {name.replace('-', ' --')}`, {DRAWS:,} draws in the run", taken, QUESTION_SECONDS, "s"
    )


def first_report(draws: int, most: float) -> Row:
    """`offramp report` of a run of which nothing is kept."""
    folder = Path(FOLDER.name) / f"reported-{draws}"
    _timed("run", str(CRISIS), "--draws", str(draws), "--out", str(folder))
    taken = _timed("report", str(folder), "--out", str(folder.with_suffix(".html")), kept=f"kept-{draws}")
    return bounded(f"Tehran crisis, the first `offramp report` of {draws:,} draws", taken, most, "s")


def second_report() -> Row:
    """The report of the run of 10,000 draws once more."""
    first, second = (str(Path(FOLDER.name) / f"{name}.html") for name in ("once", "again"))
    _timed("report", str(_run()[0]), "--out", first)
    taken = _timed("report", str(_run()[0]), "--out", second)
    return bounded(f"Tehran crisis, a second `offramp report` of {DRAWS:,} draws", taken, AGAIN_SECONDS, "s")


@cache
def _run() -> tuple[Path, float]:
    """A run, and how long it took."""
    folder = Path(FOLDER.name) / "run"
    return folder, _timed("run", str(CRISIS), "--draws", str(DRAWS), "--out", str(folder))


def _timed(*arguments: str, kept: str = "kept") -> float:
    """Seconds of a command that keeps its findings in a folder of that name."""
    command = [str(Path(sys.executable).with_name("offramp")), *arguments]
    # a user's Python keeps compiled modules
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["OFFRAMP_CACHE_DIR"] = str(Path(FOLDER.name) / kept)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    taken = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{json.dumps(command)}: {done.stderr}")
    return taken
