"""The compiled core gives the same bits as its loops in plain Python."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.reading import read_text
from offramp.equilibrium import core
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import CONVERGE, CONVERGED, MAX_SWEEPS, Block, block_of, swept
from offramp.gambit.opening import compile_game
from offramp.game.tables import Draws, tabulate
from offramp.runs.sampling import sample_draws
from tests.crises import crisis_texts
from tests.equilibrium.oracle import kernel
from tests.equilibrium.oracle.lanes import EIGHT
from tests.examples import examples

ROOT = Path(__file__).parents[2]


def drawn_block(text: str, draws: int) -> Block:
    """The first draws of a crisis file, ready for sweeps."""
    crisis = read_text(text.encode(), "made.yaml")
    game = compile_game(crisis)
    return block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, draws), [""] * draws)))


def test_the_library_is_made_of_the_sources_that_are_there() -> None:
    made = importlib.util.spec_from_file_location("build_core", ROOT / "core" / "build.py")
    assert made is not None
    assert made.loader is not None
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    stamp = core.LIBRARY.core_stamp
    stamp.restype = ctypes.c_char_p
    assert stamp().decode() == module.stamp(), "the core is out of date: run `make core`"


def test_a_core_that_other_sources_were_compiled_to_is_refused(tmp_path: Path) -> None:
    """Else its functions take other arguments than they are given, and crash."""
    shutil.copytree(ROOT / "core", tmp_path / "core")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("page", "__pycache__", "crises"))
    source = tmp_path / "core" / "sweeps.cpp"

    def loaded() -> subprocess.CompletedProcess[str]:
        code = f"import sys; sys.path.insert(0, {str(tmp_path / 'src')!r}); import offramp.equilibrium.core"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    os.utime(source)  # newer, and the same
    assert loaded().returncode == 0
    source.write_text(source.read_text(encoding="utf-8") + "// changed\n", encoding="utf-8")
    assert core.OLD in loaded().stderr


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(ctypes.ArgumentError):
        core.function("add_payments", core.INTS, core.INTS, core.WHOLE, core.WHOLE, core.FLOATS)(
            np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int32), 1, 1, np.zeros((1, 1))
        )


@given(crisis_texts(), st.integers(1, 10))
@settings(max_examples=examples(15), deadline=None)
def test_sweeps_of_what_play_can_change_give_the_bits_of_sweeps_of_the_whole_game(text: str, draws: int) -> None:
    block = drawn_block(text, draws)
    structure = block.structure
    choice, logit = np.zeros((2, structure.slots, draws))
    sweeps = np.zeros(draws, dtype=np.int64)
    converged, lost = np.zeros((2, draws), dtype=bool)
    start = np.exp(log_probabilities(structure, np.zeros(structure.slots)))
    with np.errstate(all="ignore"):
        kernel.converge(
            structure.graph, kernel.Numbers(*block.numbers), draws, start, MAX_SWEEPS, choice, logit, sweeps,
            converged, lost, EIGHT,
        )  # fmt: skip
    found = swept(block)
    kept = ~lost
    assert np.array_equal(found.choice[:, kept], choice[:, kept])
    assert np.array_equal(found.logit[:, kept], logit[:, kept])
    assert np.array_equal(found.sweeps[kept], sweeps[kept])
    assert np.array_equal(found.converged[kept], converged[kept])


@given(crisis_texts(), st.integers(1, 20))
@settings(max_examples=examples(5), deadline=None)
def test_every_instruction_set_gives_the_same_bits(text: str, draws: int) -> None:
    block = drawn_block(text, draws)
    structure = block.structure
    start = np.exp(log_probabilities(structure, np.zeros(structure.slots)))
    found = []
    for path in core.usable_cores():
        converge = ctypes.CDLL(str(path)).converge_by_sweeps
        converge.argtypes = CONVERGE
        choice, logit = np.zeros((2, structure.slots, draws))
        sweeps, flags = np.zeros(draws, dtype=np.int64), np.zeros((2, draws), dtype=bool)
        converge(
            structure.play, structure.plan, *block.numbers, len(block.pay), draws, start, 1, CONVERGED, MAX_SWEEPS,
            choice, logit, sweeps, *flags,
        )  # fmt: skip
        found.append([part.tobytes() for part in (choice, logit, sweeps, flags)])
    assert all(bits == found[0] for bits in found)


def test_ctrl_c_while_an_argument_is_checked_stays_ctrl_c() -> None:
    class Pressed:
        @classmethod
        def from_param(cls, values: object) -> object:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        core.function("length_of_vector", Pressed, core.WHOLE, core.FLOATS)(np.zeros(2), 2, np.zeros(1))
