"""The bootstrap draws cases, or whole clusters, as often as they were seen; its covariance is of the replications."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.common.errors import OfframpError
from offramp.crisis.reading import read_text
from offramp.fitting.bootstrap import NoMaximum, bootstrap, resampled_weights
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import Cases, cases_of
from offramp.gambit.opening import compile_game
from tests.fitting.deterrence import TEXT, cases_drawn


@pytest.fixture(scope="module")
def clustered() -> Cases:
    return cases_of(compile_game(read_text(TEXT.encode(), "crisis.yaml")), table_of(cases_drawn(60)))


@pytest.fixture(scope="module")
def plain() -> Cases:
    text = TEXT.replace("  cluster: dyad\n", "")
    return cases_of(compile_game(read_text(text.encode(), "crisis.yaml")), table_of(cases_drawn(60)))


def test_cases_are_drawn_with_replacement_as_many_as_there_are(plain: Cases) -> None:
    weights = np.array([*resampled_weights(plain, 2000, 1)])
    assert set(weights.sum(axis=1)) == {60.0}
    np.testing.assert_allclose(weights.mean(axis=0), plain.entry_weight, atol=0.15)
    np.testing.assert_allclose(weights.var(axis=0), 1 - 1 / 60, atol=0.2)


def test_clusters_are_drawn_whole(clustered: Cases) -> None:
    assert clustered.cluster is not None
    for weight in resampled_weights(clustered, 50, 1):
        drawn = weight / clustered.entry_weight
        for cluster in np.unique(clustered.cluster):
            assert len(np.unique(drawn[clustered.cluster == cluster])) == 1


def test_the_same_seed_draws_the_same(plain: Cases) -> None:
    one, other = ([*resampled_weights(plain, 5, seed)] for seed in (7, 7))
    assert np.array(one).tobytes() == np.array(other).tobytes()
    assert np.array([*resampled_weights(plain, 5, 8)]).tobytes() != np.array(one).tobytes()


def test_the_covariance_of_a_mean_is_its_variance_over_the_cases(plain: Cases) -> None:
    def refit(cases: Cases) -> np.ndarray:
        return np.array([cases.weight @ cases.columns["balance"] / cases.weight.sum()])

    steps: list[int] = []
    found = bootstrap(plain, refit, 3000, 1, steps.append)
    variance = np.cov(plain.columns["balance"][plain.entry_case], aweights=plain.entry_weight, ddof=0) / 60
    assert found.covariance[0, 0] == pytest.approx(float(variance), rel=0.1)
    assert len(steps) == 3000


def test_replications_without_a_maximum_are_counted_and_too_many_are_an_error(plain: Cases) -> None:
    none, short = NoMaximum.NONE_FINITE, NoMaximum.NOT_REACHED
    answers = iter([np.array([1.0]), none, np.array([2.0]), short, none])
    found = bootstrap(plain, lambda cases: next(answers), 5, 1)
    assert (found.endless, found.failed, found.values[:, 0].tolist()) == (2, 1, [1.0, 2.0])
    with pytest.raises(OfframpError, match="4 of 4 bootstrap replications reach no finite maximum"):
        bootstrap(plain, lambda cases: none, 4, 1)
