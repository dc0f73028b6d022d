"""The tests of Vuong and of Clarke give what their formulas give, counted by hand on few cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from offramp.fitting.rival_fits import RivalFits, clarke, model_names, vuong

FIRST = np.log([0.5, 0.7, 0.2, 0.9, 0.6])
SECOND = np.log([0.4, 0.8, 0.1, 0.5, 0.3])
ONCE = np.ones(5)


def test_vuong_divides_the_corrected_difference_by_its_spread() -> None:
    differences = FIRST - SECOND
    corrected = differences.sum() - (3 - 2) * math.log(5) / 2
    z = corrected / (math.sqrt(5) * differences.std())
    found = vuong(FIRST, SECOND, ONCE, (3, 2))
    assert (found.statistic, found.p) == (pytest.approx(z), pytest.approx(2 * norm.sf(abs(z))))


def test_clarke_counts_the_cases_that_one_model_makes_likelier() -> None:
    found = clarke(FIRST, SECOND, ONCE, (2, 2))
    assert (found.statistic, found.p) == (4.0, pytest.approx(binomtest(4, 5, 0.5).pvalue))
    corrected = clarke(FIRST, SECOND, ONCE, (5, 2))  # each difference must exceed 3 log(5) / 10 = 0.48
    assert corrected.statistic == 3.0


@pytest.mark.parametrize("test", [vuong, clarke])
def test_cases_seen_several_times_count_as_often(test: type[vuong]) -> None:
    weight = np.array([3.0, 1.0, 2.0, 1.0, 4.0])
    often = [np.repeat(part, weight.astype(int)) for part in (FIRST, SECOND)]
    one, other = test(FIRST, SECOND, weight, (2, 4)), test(*often, np.ones(11), (2, 4))
    assert (one.statistic, one.p) == (pytest.approx(other.statistic), pytest.approx(other.p))


def test_the_other_way_round_the_other_model_is_favoured() -> None:
    random = np.random.default_rng(1)
    first, second = random.normal(size=(2, 400)) * 0.1 + [[-1.0], [-1.1]]
    for test in (vuong, clarke):
        one, other = test(first, second, np.ones(400), (2, 2)), test(second, first, np.ones(400), (2, 2))
        assert (one.favours, other.favours) == (1, 2)
        assert one.p == pytest.approx(other.p)


def test_two_models_with_one_title_are_told_apart_by_their_order() -> None:
    tests = (vuong(FIRST, SECOND, ONCE, (2, 2)),)
    names = model_names("Bargaining", "Bargaining")
    assert (
        RivalFits(names, (-3.3, -4.0), (2, 2), 5, tests).answer[0].startswith("Vuong's test favours the first model (")
    )
    assert model_names("Bargaining", "Deterrence") == ("Bargaining", "Deterrence")


def test_equal_models_are_not_decided_between() -> None:
    assert vuong(FIRST, FIRST, ONCE, (2, 2)).favours is None
    assert clarke(FIRST, FIRST + np.array([1e-9, -1e-9, 1e-9, -1e-9, 1e-9]), ONCE, (2, 2)).favours is None


def test_cases_that_are_as_likely_in_both_models_do_not_count() -> None:
    second = SECOND.copy()
    second[[0, 1]] = FIRST[[0, 1]]
    found = clarke(FIRST, second, ONCE, (2, 2))
    assert (found.statistic, found.ties, found.p) == (3.0, 2.0, pytest.approx(binomtest(3, 3, 0.5).pvalue))
    nothing = clarke(FIRST, FIRST, ONCE, (2, 2))
    assert (nothing.statistic, nothing.ties, nothing.p, nothing.favours) == (0.0, 5.0, 1.0, None)
    answer = RivalFits(("A", "B"), (-3.3, -4.0), (2, 2), 5, (found,)).answer[0]
    assert "the first model makes 3 of 3 cases likelier, and 2 are as likely in both and do not count" in answer


def test_the_answer_says_which_model_in_words() -> None:
    tests = (vuong(FIRST, SECOND, ONCE, (2, 2)), clarke(FIRST, SECOND, ONCE, (2, 2)))
    found = RivalFits(("Bargaining", "Deterrence"), (-3.3, -4.0), (2, 2), 5, tests)
    assert found.answer[0].startswith("Vuong's test favours Bargaining (z = ")
    assert "does not decide between them (the first model makes 4 of 5 cases likelier" in found.answer[1]
