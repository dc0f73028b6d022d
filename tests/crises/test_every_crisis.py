"""What every crisis of the gallery promises alike; that none is degenerate is in tests/study/test_degenerate.py."""

from __future__ import annotations

import pytest

import offramp
from offramp.crisis.model import Crisis
from tests.examples import THOROUGH
from tests.shipped import CRISES

DRAWS = {"coal-strike-1902": 256, "cuba-1962": 64, "gas-2009": 256, "july-1914": 256}
"""How many draws of a crisis are solved here, all of them in `make thorough`, a quarter in `make test`."""
ENDINGS = {
    "cuba-1962": ["war", "struck", "traded", "pledged", "stays"],
    "july-1914": ["general_war", "local_war", "submission", "settlement"],
}
TWO_VERSIONS = sorted(file.parent.name for file in CRISES.glob("*/first.yaml"))


def version(name: str, file: str) -> Crisis:
    found = offramp.read(CRISES / name / file)
    assert isinstance(found, Crisis)
    return found


@pytest.mark.parametrize("name", DRAWS)
def test_all_draws_are_solved(name: str) -> None:
    draws = DRAWS[name] if THOROUGH else DRAWS[name] // 4
    run = offramp.run(version(name, "crisis.yaml"), draws=draws, seed=1)
    assert offramp.endings(run).converged == draws


@pytest.mark.parametrize("name", TWO_VERSIONS)
def test_the_first_version_has_the_same_endings_and_the_same_events(name: str) -> None:
    crisis, first = version(name, "crisis.yaml"), version(name, "first.yaml")
    keys = [ending.key for ending in crisis.endings]
    assert [ending.key for ending in first.endings] == keys == ENDINGS.get(name, keys)
    assert [event.values for event in first.observed] == [event.values for event in crisis.observed]
