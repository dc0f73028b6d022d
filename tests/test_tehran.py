"""The Tehran crisis: its file is in order, and its solution is one by a walk through every history."""

from __future__ import annotations

import pytest

import offramp
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.game.test_against_walker import by_key
from tests.shipped import tehran
from tests.walker import logit_response, rationality, walk


def test_it_has_no_warnings_and_every_number_has_its_reason_and_says_whose_it_is() -> None:
    crisis = tehran()
    assert warnings_of(compile_game(crisis)) == ()
    for entry in crisis.inputs.values():
        if entry.of_actor is None:
            assert entry.reason.because
            assert entry.reason.cites or entry.reason.because.startswith("Ours: ")


def test_the_solution_at_the_medians_is_a_fixed_point_of_the_logit_response_of_a_naive_walk() -> None:
    crisis = tehran()
    solution = offramp.solve(compile_game(crisis))
    profile = by_key(solution.game, solution.choice)
    found = walk(crisis, lambda key, _: profile[key])
    assert solution.endings == pytest.approx(found.endings, abs=1e-10)
    for actor, total in solution.own_eyes.items():
        assert total == pytest.approx(found.own_eyes[actor], abs=1e-10)
    precision = rationality(crisis)
    for key in profile:
        response = logit_response(found.option_values[key], precision[found.actors[key]])
        assert profile[key] == pytest.approx(response, abs=1e-8)
