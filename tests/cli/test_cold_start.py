"""A command loads what it needs and nothing else, so that it answers soon in a new process."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import offramp.cli
from offramp.cli.frame import MODULES
from offramp.cli.frame import main as group
from offramp.common.garbage import COLLECTED_AFTER
from offramp.crisis.templates import STARTER, template_text
from tests.shipped import CRISES

SLOW = ("numpy", "scipy", "yaml", "pydantic", "rich", "pandas", "pyarrow", "duckdb", "xarray", "altair")
"""Packages that take long to load."""
RUN = """
import sys
from offramp.cli import main
try:
    main({words!r})
except SystemExit as done:
    assert not done.code, done.code
print("loaded:", *sorted(sys.modules))
"""


def loaded_by(*words: str) -> set[str]:
    """Which modules a command loads in a new process."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", RUN.format(words=list(words))], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def packages_of(modules: set[str]) -> set[str]:
    """Which of the slow packages are among the modules."""
    return {name.split(".")[0] for name in modules} & set(SLOW)


def test_help_loads_nothing_that_computes() -> None:
    assert not packages_of(loaded_by("--help"))
    assert not packages_of(loaded_by("forecast", "--help"))


def test_every_command_is_listed_with_its_module() -> None:
    for module in pkgutil.iter_modules(offramp.cli.__path__):
        importlib.import_module(f"offramp.cli.{module.name}")
    assert set(group.commands) == set(MODULES)
    for name, command in group.commands.items():
        assert command.callback is not None
        assert command.callback.__module__ == f"offramp.cli.{MODULES[name]}"


def test_a_check_loads_no_library_of_tables_charts_or_shapes(tmp_path: Path) -> None:
    crisis = tmp_path / "crisis.yaml"
    crisis.write_text(template_text(STARTER), encoding="utf-8")
    assert packages_of(loaded_by("check", str(crisis))) <= {"numpy", "yaml", "scipy"}
    assert packages_of(loaded_by("solve", str(crisis))) <= {"numpy", "yaml", "scipy", "rich"}


def test_a_check_loads_only_what_a_sound_file_needs() -> None:
    crisis = str(CRISES / "tehran-2024" / "first.yaml")
    mistakes = {"offramp.crisis.text.yaml_mistakes", "offramp.crisis.checks.misquotes", "difflib"}
    elsewhere = {"offramp.equilibrium.branch.principal", "offramp.equilibrium.as_of_now", "offramp.runs.result"}
    assert not (mistakes | elsewhere) & loaded_by("check", crisis)
    assert not (mistakes | {"hashlib_of_files", "offramp.runs.result", "tempfile"}) & loaded_by("solve", crisis)


def test_reading_and_draws_of_ordinary_distributions_need_no_scipy() -> None:
    code = f"""
import sys
import numpy as np
from offramp.crisis.reading import read
from offramp.runs.sampling import inputs_at
crisis = read({str(CRISES / "tehran-2024" / "crisis.yaml")!r})
assert {{"beta", "pert", "lognormal"}} <= {{entry.distribution.kind for entry in crisis.inputs.values()}}
assert crisis.correlations
inputs_at(crisis, crisis.uncertain, np.full((2, len(crisis.uncertain)), 0.4))
assert not {{"scipy", "pydantic"}} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


def test_a_command_seldom_looks_for_garbage_and_never_at_its_end() -> None:
    code = """
import atexit, gc
atexit.register(lambda: print("left alone:", gc.get_freeze_count() > len(gc.get_objects())))
import offramp.cli
print("after objects:", gc.get_threshold()[0])
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"after objects: {COLLECTED_AFTER}", "left alone: True"]


def test_a_library_that_counts_what_is_left_at_the_end_has_nothing_to_say() -> None:
    code = "import offramp.cli, duckdb; duckdb.sql('select 1')"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
