"""Processes that are forked to be killed, the commands that they carry out, and what must hold of a run afterwards."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

CRISIS = """
format: 1
title: Raid
actors: {north: {name: North, memory: state}, south: {name: South, memory: state}}
inputs:
  chance_low: {is: "beta(2, 3)", because: for the test}
  prize: {is: "uniform(0, 1)", because: for the test}
timeline:
  - {chance: line, odds: {low: chance_low, high: rest}, seen_by: [south]}
  - rounds: 3
    until: raid == quiet
    steps:
      - {move: raid, by: north, options: [raid_, quiet]}
      - {chance: alarm, if: raid == raid_, odds: {rings: 0.5, silent: rest}, seen_by: [south]}
      - {move: reply, by: south, if: raid == raid_, options: [absorb, strike]}
payoffs:
  north: {gain: {pays: prize * (raid == raid_) - (reply == strike), when: each_round}}
  south: {line: {pays: (line == low) * (reply == strike) - 0.5 * (reply == strike), when: each_round}}
endings: {struck: reply == strike, calm: otherwise}
observed: [{date: 2031-03-02, round: 1, raid: raid_}]
"""

DRAWS = 6 * 1024 + 300

COMMAND = (sys.executable, "-m", "offramp")

RUN = ("run", "raid.yaml", "--draws", str(DRAWS))


class Outcome(NamedTuple):
    """What was done to what, how often, what was seen, and what is wrong."""

    what: str
    times: int
    seen: str
    wrong: list[str]


def load_programs() -> None:
    """Import what the commands need before any process is forked."""
    import duckdb  # noqa: F401
    import pandas  # noqa: F401
    from scipy.stats import qmc  # noqa: F401

    import offramp.play.debrief
    import offramp.play.saves
    import offramp.study.forecasting.forecasts
    import offramp.study.forecasting.ledger  # noqa: F401

    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "raid.yaml").write_text(CRISIS, encoding="utf-8")
        subprocess.run([*COMMAND, "run", "raid.yaml", "--draws", "64", "--out", "first"], cwd=place, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip


def command(folder: Path, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """Carry out a command in this process: its exit code, and what it prints."""
    from offramp.cli import main as offramp

    out, said = io.StringIO(), io.StringIO()
    os.chdir(folder)
    before, sys.stdin = sys.stdin, io.StringIO(typed)
    try:
        with redirect_stdout(out), redirect_stderr(said):
            offramp(list(arguments), prog_name="offramp")
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), said.getvalue()
    finally:
        sys.stdin = before
    return 0, out.getvalue(), said.getvalue()


class Child(NamedTuple):
    """A process that was forked."""

    pid: int

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def forked(work: Callable[[], int]) -> Child:
    """Begin work in a copy of this process."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return Child(pid)
    code = 70
    try:
        code = work()
    finally:
        os._exit(code)


def done(folder: Path, *arguments: str, typed: str = "", first: Callable[[], None] | None = None) -> tuple[int, str]:
    """Carry out a command in a copy of this process, which has no threads; its exit code, and what it says of errors.

    `first` is done there before it.
    """
    reading, writing = os.pipe()

    def work() -> int:
        if first is not None:
            first()
        code, _, said = command(folder, *arguments, typed=typed)
        os.write(writing, said.encode()[-60_000:])
        return code

    child = forked(work)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    return child.wait(), said.strip()


def killed_in(work: Callable[[Callable[[str], object]], None], seconds: float) -> str:
    """Begin work in a copy of this process, kill it so long after its first word, and give what it had said by then."""
    reading, writing = os.pipe()

    def doing() -> int:
        os.close(reading)
        work(lambda word: os.write(writing, word.encode()))
        return 0

    child = forked(doing)
    os.close(writing)
    said = os.read(reading, 1).decode()
    time.sleep(seconds)
    child.kill()
    code = child.wait()
    with os.fdopen(reading) as pipe:
        said += pipe.read()
    if code != -signal.SIGKILL:
        raise AssertionError(f"the work ended by itself with {code}, after {said!r}")
    return said


def bytes_of(folder: Path) -> dict[str, bytes]:
    """By name what the files of a run hold, but for the log, which alone knows of time, and the lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in ("log.jsonl", ".lock")}


def undisturbed(folder: Path) -> tuple[dict[str, bytes], float]:
    """What a run holds that nobody disturbed, and the seconds it took."""
    begun = time.perf_counter()
    code, said = done(folder, *RUN, "--out", "undisturbed")
    assert code == 0, said
    return bytes_of(folder / "undisturbed"), time.perf_counter() - begun


def unsound(run: Path) -> Iterator[str]:
    """What of a killed run's folder is not whole: every file with its final name must be."""
    from offramp.common.errors import OfframpError
    from offramp.runs.store.layout import MANIFEST, read_finished, read_seal, seal_of
    from offramp.runs.store.manifest import read_manifest
    from offramp.runs.store.whole_files import sha256_of

    try:
        if (run / MANIFEST).exists():
            read_manifest(run)
            read_finished(run)
    except OfframpError as error:
        yield str(error)
    for number in range(-(-DRAWS // 1024)):
        if (run / seal_of(number)).exists():
            said = read_seal(run, {}, number)
            if said is None or any(sha256_of(run / name) != digest for name, digest in said.items()):
                yield f"chunk {number} is sealed and not whole"


def in_words(seen: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in seen.most_common())
