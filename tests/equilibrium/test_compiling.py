"""Compiled loops are cached if possible and compiled again when out of date; a terminal shows a message meanwhile."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import offramp

PACKAGE = Path(offramp.__file__).parent
CALL = """\
import numpy as np
from offramp.equilibrium.kernel import add_payments
pay = np.ones((2, 1))
add_payments(np.array([0, 1]), np.array([0, 1]), pay)
assert pay[1, 0] == 2.0
print(sum(add_payments.stats.cache_hits.values()), add_payments.stats.cache_path)
"""
"""Calls the smallest loop; prints the number of cache hits and the cache folder."""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package without a cache."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "offramp", ignore=shutil.ignore_patterns("__pycache__", "page")))


def unwritable(installed: Path) -> None:
    """Make the package unwritable, also for root: a file takes the place of the cache folder."""
    (installed / "equilibrium" / "__pycache__").write_text("")


def called(installed: Path, home: Path) -> tuple[str, str, str]:
    """Call a loop in a new process: whether it was cached, in which folder, and the message at a terminal."""
    ours = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "PYTHONPATH": str(installed.parent)}
    others = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    leader, terminal = pty.openpty()
    done = subprocess.run([sys.executable, "-c", CALL], env=others | ours, stdout=subprocess.PIPE, stderr=terminal)
    os.write(terminal, b"\n")  # so that there is something to read
    os.close(terminal)
    said = os.read(leader, 10_000).decode()
    os.close(leader)
    assert done.returncode == 0, said
    found, _, place = done.stdout.decode().strip().partition(" ")
    return found, place, said.strip()


def test_loops_are_kept_beside_their_source_and_only_their_compilation_is_told_of(
    installed: Path, tmp_path: Path
) -> None:
    place = str(installed / "equilibrium" / "__pycache__")
    found, kept, said = called(installed, tmp_path)
    assert (found, kept) == ("0", place)
    assert re.match(
        r"compiling the solver's loops \(once, and keeping them in .*\); this takes up to half a minute", said
    )
    assert said.count("compiling") == 1
    assert called(installed, tmp_path) == ("1", place, "")


def test_a_change_in_any_file_of_loops_makes_what_was_kept_out_of_date(installed: Path, tmp_path: Path) -> None:
    called(installed, tmp_path)
    with (installed / "equilibrium" / "lanes.py").open("a") as file:
        file.write("# as after an upgrade\n")
    assert called(installed, tmp_path)[0] == "0"
    assert called(installed, tmp_path)[0] == "1"


def test_what_was_kept_serves_a_copy_of_the_package_whatever_the_time_of_its_files(
    installed: Path, tmp_path: Path
) -> None:
    called(installed, tmp_path)
    copied = shutil.copytree(installed, tmp_path / "copied" / "offramp", copy_function=shutil.copyfile)
    assert called(copied, tmp_path)[0] == "1"


def test_loops_of_a_package_that_cannot_be_written_are_kept_in_the_users_cache(installed: Path, tmp_path: Path) -> None:
    unwritable(installed)
    found, kept, _ = called(installed, tmp_path / "home")
    assert found == "0"
    assert Path(kept).is_relative_to(tmp_path / "home" / ".cache")
    assert called(installed, tmp_path / "home")[:2] == ("1", kept)
    assert called(installed, tmp_path / "another")[0] == "0"


def test_where_nothing_can_be_written_loops_are_compiled_all_the_same(installed: Path, tmp_path: Path) -> None:
    unwritable(installed)
    (tmp_path / "nobody").write_text("")
    found, kept, said = called(installed, tmp_path / "nobody")
    assert (found, kept) == ("0", "None")
    assert "which cannot be kept: set NUMBA_CACHE_DIR" in said


def test_every_module_of_the_solver_with_loops_is_looked_at() -> None:
    from offramp.equilibrium.compiling import CALLED

    solver = PACKAGE / "equilibrium"
    sources = {
        path.relative_to(solver).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in solver.rglob("*.py")
    }
    loops = {
        name for name, text in sources.items() if re.search(r"^from (numba|offramp.equilibrium.compiling)", text, re.M)
    }
    assert loops - {"compiling"} == set(CALLED)
