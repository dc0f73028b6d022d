"""Settings solved from the medians are what a full solve finds, and the inputs that matter are first."""

from __future__ import annotations

import numpy as np
import pytest

import offramp
from offramp.notebook.slider_steps import explored, solve_setting, swings
from tests.raid_now import raid_now
from tests.shipped import tehran

HELD = {name: tehran().inputs[name].distribution.median * 1.1 for name in tehran().uncertain[:3]}
LEVERS = [*tehran().levers][1::-1]


def test_a_step_is_the_full_solve_within_the_tolerance_and_at_rest_to_the_bit() -> None:
    crisis = tehran()
    settings = explored(crisis)
    right = offramp.solve(crisis.with_levers(*LEVERS), given=HELD)
    step, rest = (solve_setting(settings, HELD, LEVERS, traced=traced) for traced in (False, True))
    assert (step.status, rest.status) == ("not traced", "principal")
    np.testing.assert_allclose([*step.endings.values()], [*right.endings.values()], atol=1e-7)
    assert rest.endings == right.endings


def test_the_reference_is_the_crisis_at_its_medians() -> None:
    crisis = tehran()
    settings = explored(crisis)
    assert settings.reference.endings == offramp.solve(crisis).endings
    assert solve_setting(settings, {}, [], traced=False) is settings.reference
    with_levers = solve_setting(settings, {}, LEVERS, traced=False)
    assert solve_setting(settings, {}, LEVERS, traced=False) is with_levers


def test_inputs_are_in_the_order_of_what_each_moves_alone() -> None:
    crisis = tehran()
    found = swings(offramp.compile_game(crisis))
    assert {*found} == {*crisis.effective_inputs}
    assert [*found.values()] == sorted(found.values(), reverse=True)
    for name in [*found][:2]:
        low, high = crisis.inputs[name].distribution.quantile(np.array([0.1, 0.9]))
        a, b = (offramp.solve(crisis, given={name: float(value)}).endings for value in (low, high))
        assert found[name] == pytest.approx(max(abs(a[key] - b[key]) for key in a), abs=1e-7)


def test_as_of_now_a_setting_acts_on_what_is_ahead() -> None:
    crisis = raid_now()
    settings = explored(crisis)
    held = {"q": 0.5}
    rest = solve_setting(settings, held, [], traced=True)
    assert rest.endings == offramp.solve(crisis, given=held).endings
    assert {*swings(settings.game)} == {*crisis.effective_inputs}
