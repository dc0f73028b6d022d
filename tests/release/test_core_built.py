"""A wheel takes the core that is there only if it was compiled from the sources as they are, for every processor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hatch_build import CORE, built

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("core", CORE):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_a_core_of_the_present_sources_is_taken(checkout: Path) -> None:
    assert built(checkout) == built(ROOT) is not None


def test_a_core_of_other_sources_is_not(checkout: Path) -> None:
    with (checkout / "core" / "processor.cpp").open("a") as source:
        source.write("// other\n")
    assert built(checkout) is None


def test_a_core_of_which_a_part_is_missing_is_not(checkout: Path) -> None:
    min((checkout / CORE).glob("core-*")).unlink()
    assert built(checkout) is None


def test_where_nothing_is_compiled_nothing_is_taken(checkout: Path) -> None:
    shutil.rmtree(checkout / CORE)
    assert built(checkout) is None
