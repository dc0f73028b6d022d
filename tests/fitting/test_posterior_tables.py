"""The sentences and tables of a posterior say what it is worth, and what the cases say nothing about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from offramp.fitting.posterior import Posterior, posterior_of
from offramp.fitting.posterior_tables import posterior_sentences, posterior_table, posterior_tables
from tests.fitting.likelihoods import Array, Counts, Logistic, OneAtATime, logistic, priors


@pytest.fixture(scope="module")
def with_idle() -> Posterior:
    regression = logistic(200, [0.5, 1.0], seed=3)
    columns = np.column_stack([regression.columns, np.zeros((200, 1))])
    return posterior_of(Logistic(columns, regression.happened), priors(["normal(0, 2)"] * 3), draws=1024)


def test_the_first_sentence_says_how_far_to_trust_it(with_idle: Posterior) -> None:
    first = posterior_sentences(with_idle)[0]
    assert first.startswith("The posterior is from 1,024 weighted draws, worth ")
    assert first.endswith("(up to 0.7 is good).")


def test_each_reason_not_to_rely_on_weights_is_said(with_idle: Posterior) -> None:
    weighted = with_idle.weighted
    few = replace(weighted, points=weighted.points[:200], weights=np.full(200, 0.005), effective=90.0)
    assert few.pareto_k < 0.7
    said = posterior_sentences(replace(with_idle, weighted=few))[0]
    assert said.startswith("Do not rely on this posterior: it is from 200 weighted draws, worth 90 independent ones")
    assert "a tenth of the draws independent, 100 or more." in said
    missing = posterior_sentences(replace(with_idle, weighted=replace(weighted, missed=True)))[0]
    assert missing.startswith("Do not rely on this posterior")
    assert "and they miss a part that an earlier sample found;" in missing


def test_a_coefficient_that_keeps_its_prior_is_said(with_idle: Posterior) -> None:
    assert "The cases say nothing about b2: its posterior is its prior." in posterior_sentences(with_idle)


def test_the_table_has_a_row_a_coefficient_with_what_is_left_of_the_prior(with_idle: Posterior) -> None:
    rows = posterior_table(with_idle).to_dicts()
    assert [row["input"] for row in rows] == ["b0", "b1", "b2"]
    assert rows[1]["p05"] < rows[1]["p50"] < rows[1]["p95"]
    assert rows[1]["sd_left"] < 0.3
    assert rows[2]["sd_left"] == pytest.approx(1.0, abs=0.03)
    assert max(map(len, posterior_table(with_idle).shown()[0])) <= 20


def test_the_evidence_is_said_with_its_error() -> None:
    posterior = posterior_of(Counts(7, 4), priors(["beta(2, 3)"]))
    assert any("of all records under the priors is −8.23" in sentence for sentence in posterior_sentences(posterior))


class TwoPeaks(OneAtATime):
    def total(self, values: Array) -> tuple[float, Array]:
        peaks = np.array([-((values[0] - centre) ** 2) / 0.02 for centre in (-2.0, 2.0)])
        slopes = np.array([-(values[0] - centre) / 0.01 for centre in (-2.0, 2.0)])
        top = np.logaddexp.reduce(peaks)
        return float(top), np.array([np.exp(peaks - top) @ slopes])


def test_several_modes_are_said_with_the_share_of_the_first() -> None:
    posterior = posterior_of(TwoPeaks(), priors(["normal(1, 2)"]), known=[np.array([-2.0]), np.array([2.0])])
    assert any(
        "has 2 modes" in sentence and "holds 73.1% of the mass" in sentence
        for sentence in posterior_sentences(posterior)
    )
    modes = posterior_tables(posterior)[1].to_dicts()
    assert [mode["starts"].split(", ")[0] for mode in modes] == ["optimum 2", "optimum 1"]
