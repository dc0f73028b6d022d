"""The crises that the project ships, for tests."""

from collections.abc import Mapping
from pathlib import Path

import offramp

CRISES = Path(__file__).parents[1] / "crises"


def tehran() -> offramp.Crisis:
    """The Tehran crisis of 2024."""
    return offramp.read(CRISES / "tehran-2024" / "crisis.yaml")


def choices_at(solution: offramp.Solution, move: str, number: int, **facts: object) -> list[Mapping[str, float]]:
    """What the mover chooses at a move in a round, in every situation in which it sees the facts; at least one."""
    found = [
        odds.options
        for odds in solution.moves
        if (odds.situation.move, odds.situation.round) == (move, number)
        and facts.items() <= odds.situation.sees.items()
    ]
    assert found
    return found
