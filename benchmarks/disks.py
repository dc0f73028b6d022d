"""A run on a disk that is full or read-only, or whose folder vanishes: a clear error, and nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from processes import RUN, Outcome, bytes_of, command, done, forked, in_words, undisturbed, unsound


def full_disk(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Run on disks that are full at different sizes; then there is room, and the run goes on."""
    whole, _ = undisturbed(folder)
    size = sum(map(len, whole.values()))
    wrong, said = list[str](), Counter[str]()
    sizes = [int(size * share) for share in (0.02, 0.15, 0.3, 0.5, 0.7, 0.9, 0.97)]
    for limit in sizes:
        with small_disk(folder / "disk", limit) as grow:
            run = folder / "disk" / "run"
            outcome = reported(folder, run, None if grow else limit // 8)
            wrong += outcome.wrong
            said[outcome.seen] += 1
            wrong += list(unsound(run))
            if grow:
                grow()
            code, error = done(folder, *RUN, "--out", str(run))
            if code or bytes_of(run) != whole:
                wrong.append(f"the run does not go on after a full disk of {limit:,} bytes: {error}")
    return Outcome("a full disk", len(sizes), in_words(said), wrong)


def read_only(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Go on with a run in a folder that has become read-only, and begin one there."""
    whole, _ = undisturbed(folder)
    with small_disk(folder / "disk", 4 * sum(map(len, whole.values()))) as grow:
        run = folder / "disk" / "run"
        child = forked(lambda: command(folder, *RUN, "--out", str(run))[0])
        while not list(run.glob("*.sha256")):
            time.sleep(0.005)
        child.kill()
        child.wait()
        before = bytes_of(run)
        if grow:
            remount(folder / "disk", "ro")
        else:
            run.chmod(0o555)
            run.parent.chmod(0o555)
        outcomes = [reported(folder, place, None, as_nobody=grow is None) for place in (run, folder / "disk" / "other")]
        wrong = [problem for outcome in outcomes for problem in outcome.wrong]
        wrong += [] if bytes_of(run) == before else ["the read-only folder has changed"]
        if grow:
            remount(folder / "disk", "rw")
        else:
            run.parent.chmod(0o755)
            run.chmod(0o755)
        code, error = done(folder, *RUN, "--out", str(run))
        if code or bytes_of(run) != whole:
            wrong.append(f"the run does not go on afterwards: {error}")
    return Outcome("a read-only folder", 2, in_words(Counter(outcome.seen for outcome in outcomes)), wrong)


def gone(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Take the folder of a run away while it is solved, at random moments."""
    _, seconds = undisturbed(folder)
    wrong, said = list[str](), Counter[str]()
    times = max(kills // 20, 1)
    for trial in range(times):
        run = folder / f"run-{trial}"
        said_by = folder / f"said-{trial}"

        def work(run: Path = run, said_by: Path = said_by) -> int:
            code, _, error = command(folder, *RUN, "--out", str(run))
            said_by.write_text(error, encoding="utf-8")
            return code

        child = forked(work)
        while not (run / "manifest.json").exists():
            time.sleep(0.002)
        time.sleep(chance.uniform(0.0, 0.6 * seconds))
        os.rename(run, folder / f"away-{trial}")
        code = child.wait()
        error = said_by.read_text(encoding="utf-8")
        clear = code == 2 and error.count("\n") <= 2 and "cannot write" in error
        if not clear and code != 0:  # 0: it had come to its end before
            wrong.append(f"exit {code}, {error!r}")
        if run.exists() and any(run.iterdir()):
            wrong.append(f"the folder was made again: {[path.name for path in run.iterdir()]}")
        wrong += list(unsound(folder / f"away-{trial}"))
        said[error.strip().replace(str(run), "RUN") if code else "it had finished before"] += 1
    return Outcome("a folder that vanishes", times, in_words(said), wrong)


def reported(folder: Path, run: Path, limit: int | None, *, as_nobody: bool = False) -> Outcome:
    """Run where that must fail, in a process of its own, with a limit on the size of files if there is one."""

    def first() -> None:
        if limit is not None:
            import resource

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        if as_nobody and os.geteuid() == 0:
            os.seteuid(65534)  # root may write everywhere

    code, error = done(folder, *RUN, "--out", str(run), first=first)
    error = error.replace(str(run), "RUN")
    clear = code == 2 and "cannot write" in error and error.count("\n") <= 1
    last = error.splitlines()[-1] if error else ""
    return Outcome("", 1, last.partition(";")[0], [] if clear else [f"exit {code}: {error}"])


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Callable[[], None] | None]:
    """A disk of a size mounted at a place, and a way to make it larger; a plain folder, and None, where not allowed."""
    place.mkdir()
    if not can_mount():
        yield None
        shutil.rmtree(place)
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
    try:
        yield lambda: remount(place, "size=64m")
    finally:
        os.chdir(place.parent)
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def remount(place: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(place)], check=True)


@cache
def can_mount() -> bool:
    """Whether a disk can be mounted here; root in a container often cannot."""
    with tempfile.TemporaryDirectory() as place:
        tried = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place]
        try:
            subprocess.run(tried, check=True, capture_output=True)
            subprocess.run(["umount", place], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return False
    return True
