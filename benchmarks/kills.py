"""Runs, ledgers and saved matches under kill -9 at random moments, a full disk, a read-only folder, one that vanishes.

`python benchmarks/kills.py` takes some minutes and prints a table; `--kills N` and `--only NAME` make it shorter. It
exits with 1 where anything is lost or differs. A process that is to be killed is forked from one that has loaded the
programs, so that the kill falls into its work; every tenth run is a new `offramp run` from its start. The disk and the
read-only folder are a tmpfs that is mounted for it, which needs root; without, a limit on the size of files and
permissions stand for them.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from disks import full_disk, gone, read_only

from processes import (
    COMMAND,
    CRISIS,
    RUN,
    Outcome,
    bytes_of,
    command,
    done,
    forked,
    in_words,
    killed_in,
    load_programs,
    undisturbed,
    unsound,
)

FROM_NOTHING = 10
"""One of so many runs that are killed is a new process."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=TRIALS, action="append")
    asked = parser.parse_args()
    load_programs()
    failed = 0
    for name in asked.only or TRIALS:
        with tempfile.TemporaryDirectory(prefix="offramp-kills-") as place:
            folder = Path(place)
            (folder / "raid.yaml").write_text(CRISIS, encoding="utf-8")
            begun = time.perf_counter()
            outcome = TRIALS[name](folder, asked.kills, random.Random(asked.seed))
            failed += bool(outcome.wrong)
            verdict = "sound" if not outcome.wrong else f"WRONG: {'; '.join(outcome.wrong[:3])}"
            seconds = time.perf_counter() - begun
            print(
                f"| {name} | {outcome.what} | {outcome.times} | {outcome.seen} | {verdict} | {seconds:.0f} s |",
                flush=True,
            )
    return 1 if failed else 0


def runs(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill a run again and again; whenever it has come to its end it must be the undisturbed one, and begins anew."""
    whole, seconds = undisturbed(folder)
    seen, wrong, killed = Counter[str](), list[str](), 0
    run = folder / "run"
    while killed < kills:
        fresh = killed % FROM_NOTHING == 0
        if fresh:
            process = subprocess.Popen([*COMMAND, *RUN, "--out", "run"], cwd=folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)  # fmt: skip
            time.sleep(chance.uniform(0.0, seconds + 2.0))
            process.kill()
            code = process.wait()
        else:
            child = forked(lambda: command(folder, *RUN, "--out", "run")[0])
            time.sleep(chance.uniform(0.0, 0.5 * seconds))
            child.kill()
            code = child.wait()
        if code == -signal.SIGKILL:
            killed += 1
            seen[moment(run)] += 1
            wrong += [f"kill {killed}: {problem}" for problem in unsound(run)]
        elif code:
            wrong.append(f"after kill {killed} the run ends with {code}")
            shutil.rmtree(run, ignore_errors=True)
        if code == 0 or (run / "finished.json").exists():
            wrong += [] if bytes_of(run) == whole else [f"after kill {killed} the finished run differs"]
            seen["finished and compared"] += 1
            shutil.rmtree(run)
    code, said = done(folder, *RUN, "--out", "run")
    if code or bytes_of(run) != whole:
        wrong.append(f"the last run differs: {said}")
    seen["finished and compared"] += 1
    return Outcome("kill -9 of `offramp run`", killed, in_words(seen), wrong)


def moment(run: Path) -> str:
    """How far a run was when it was killed."""
    names = {path.name for path in run.iterdir()} if run.is_dir() else set()
    if any(name.endswith(".partial") for name in names):
        return "in writing a file"
    if "manifest.json" not in names:
        return "before the manifest"
    if "finished.json" in names:
        return "finished"
    return "between files" if any(name.endswith(".sha256") for name in names) else "before the first chunk"


def ledgers(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill a process that adds and resolves forecasts; what it was told is entered must be there, and no more than one
    entry that it was not told of."""
    wrong, acknowledged, unsaid, forecasts = list[str](), 0, 0, 0
    ledger = str(folder / "ledger.sqlite")
    for kill in range(1, kills + 1):
        said = killed_in(partial(enter, folder, ledger, kill), chance.uniform(0.0, 0.4))
        acknowledged += len(said)
        code, error = done(folder, "forecast", "list", "--ledger", ledger, "--json")
        if code and (said or acknowledged):
            wrong.append(f"kill {kill}: the ledger does not open: {error}")
            continue
        forecasts, outcomes = (held(ledger, table) for table in ("forecasts", "outcomes")) if code == 0 else (0, 0)
        extra = forecasts + outcomes - acknowledged - unsaid
        if extra not in (0, 1):
            wrong.append(f"kill {kill}: {acknowledged + unsaid} entries should be there, {extra:+d} are")
        unsaid += extra
    seen = f"{acknowledged} entries acknowledged and there, {unsaid} there of which the kill kept the word back"
    return Outcome("kill -9 of `offramp forecast add` and `resolve`", kills, seen, wrong)


def enter(folder: Path, ledger: str, kill: int, say: Callable[[str], object]) -> None:
    """Add forecasts and resolve every one, until killed."""
    number = 0
    while True:
        number += 1
        words = (
            "--probability",
            "0.25",
            "--due",
            "2099-01-01",
            "--rule",
            "By the record.",
            "--ledger",
            ledger,
            "--json",
        )
        code, _, error = command(folder, "forecast", "add", "--claim", f"Kill {kill}, claim {number}", *words)
        if code:
            raise AssertionError(error)
        say("a")
        entered = str(newest(ledger))
        code, _, error = command(folder, "forecast", "resolve", entered, "yes", "--ledger", ledger)
        if code:
            raise AssertionError(error)
        say("r")


def newest(ledger: str) -> int:
    return held(ledger, "forecasts")


def held(ledger: str, table: str) -> int:
    """How many entries a ledger has; they are numbered without a gap."""
    import sqlite3

    with sqlite3.connect(ledger) as connection:
        count, last = connection.execute(f"SELECT count(*), coalesce(max(id), 0) FROM {table}").fetchone()
    assert count == last, f"a gap in {table}"
    connection.close()
    return int(count)


def matches(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill a process that plays and keeps matches; each file must be a whole match that goes on."""
    wrong, seen = list[str](), Counter[str]()
    for kill in range(1, kills + 1):
        place = folder / f"kill-{kill}"
        place.mkdir()
        said = killed_in(partial(play, place), chance.uniform(0.0, 0.4))
        files = sorted(place.glob("match-*.json"), key=lambda path: int(path.stem.partition("-")[2]))
        if len(files) < len(said):
            wrong.append(f"kill {kill}: {len(said)} matches were kept, {len(files)} are there")
        for path in files[-2:]:
            over = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size else None
            code, error = done(place, "play", str(path), typed="1\n" * 20)
            if code or over is None:
                wrong.append(f"kill {kill}: {path.name} does not go on: {error}")
        seen["kept"] += len(files)
        seen["left in writing"] += sum(not path.name.startswith("match-") for path in place.iterdir())
        shutil.rmtree(place)
    return Outcome("kill -9 of `offramp play --save`", kills, in_words(seen), wrong)


def play(place: Path, say: Callable[[str], object]) -> None:
    """Play one match after another, each kept in its file, until killed."""
    number = 0
    while True:
        number += 1
        words = ("--as", "north", "--seed", str(number), "--save", f"match-{number}.json")
        code, _, error = command(place, "play", "../raid.yaml", *words, typed="1\n" * 20)
        if code:
            raise AssertionError(error)
        say("m")


TRIALS: dict[str, Callable[[Path, int, random.Random], Outcome]] = {
    "runs": runs,
    "ledgers": ledgers,
    "matches": matches,
    "full-disk": full_disk,
    "read-only": read_only,
    "gone": gone,
}

if __name__ == "__main__":
    sys.exit(main())
