"""What holds in one of several equilibria is no weak point of a crisis."""

from __future__ import annotations

from offramp.draft.redteam.best_options import solving
from offramp.gambit.opening import compile_game
from tests.crises import crisis_of
from tests.study.test_degenerate import CHICKEN


def kinds(text: str) -> set[str]:
    return {point.kind for point in solving(compile_game(crisis_of(text))).points}


def test_choices_and_endings_of_one_equilibrium_are_no_weak_points() -> None:
    assert kinds(CHICKEN) == set()
    assert {"best option", "ending"} <= kinds(CHICKEN.replace("x * (m == h)", "(9 + x) * (m == h)"))
