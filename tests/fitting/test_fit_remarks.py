"""A fit says what is doubtful about its standard errors: few clusters, and replications without a maximum."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from offramp.common.errors import UsageError
from offramp.crisis.reading import read_text
from offramp.fitting.bootstrap import resampled_weights
from offramp.fitting.fit import Errors, fit
from offramp.fitting.fit_finding import Fit
from tests.runs.test_ensemble import EAGER

ATTACKS = """
format: 1
title: Attacks
actors: {north: {name: North, rationality: 1}}
inputs:
  near: {is: 0.5, column: near}
  want: {linear: [1, near], is: "normal(0, 5)"}
timeline: [{move: attack, by: north, options: [hold, strike]}]
payoffs: {north: {prize: want * (attack == strike)}}
cases: {observed: {struck: {0: {attack: hold}, 1: {attack: strike}}}, cluster: dyad}
endings: {attack: attack == strike, peace: otherwise}
"""


def attacks(clusters: int, errors: Errors, rows: int = 120, replications: int = 20) -> Fit:
    random = np.random.default_rng(2)
    near = np.round(random.normal(size=rows), 2)
    struck = (random.random(rows) < 1.0 / (1.0 + np.exp(-near))).astype(float)
    table = {"near": near, "struck": struck, "dyad": np.arange(rows) % clusters}
    return fit(read_text(ATTACKS.encode(), "a.yaml"), table, errors=errors, starts=0, replications=replications)


@pytest.mark.parametrize("errors", ["clustered", "bootstrap"])
def test_one_cluster_has_no_errors_by_cluster(errors: Errors) -> None:
    with pytest.raises(UsageError, match="all 120 cases are in one cluster \\('dyad' is 0 in all of them\\)"):
        attacks(1, errors)
    assert attacks(1, "sandwich").remarks == ()


def test_few_clusters_are_told_with_the_wider_interval() -> None:
    for errors in ("clustered", "bootstrap"):
        (remark,) = attacks(12, errors).remarks
        assert remark.startswith("There are only 12 clusters.")
        assert "Cameron & Miller 2015" in remark
        assert f"±{t.ppf(0.975, 11):.2f} standard errors in place of ±1.96" in remark
    assert attacks(30, "clustered").remarks == ()
    assert attacks(12, "sandwich").remarks == ()


def test_clusters_not_more_than_the_coefficients_make_the_covariance_singular() -> None:
    found = attacks(2, "clustered")
    (remark,) = found.remarks
    assert remark.startswith("There are 2 clusters and 2 coefficients, so the clustered covariance is singular")
    assert re.search("rank of at most 1. Do not report", remark)
    with pytest.raises(UsageError, match="covariance of full rank"):
        found.wald("want.1", "want.near")
    assert not attacks(3, "clustered").remarks[0].startswith("There are 3 clusters and")


def test_replications_that_are_separated_are_left_out_and_counted() -> None:
    near = np.array([-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, -0.2, 0.2])
    struck = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    crisis = read_text(ATTACKS.replace(", cluster: dyad", "").encode(), "a.yaml")
    found = fit(crisis, {"near": near, "struck": struck}, errors="bootstrap", starts=0, replications=30)
    replicated = found.bootstrap
    assert replicated is not None
    # a resample has a finite maximum if some who struck were farther than some who did not
    draws = [*resampled_weights(found.cases, 30, 1)]
    near_of, struck_of = found.cases.columns["near"][found.cases.entry_case], found.cases.record[found.cases.entry_case]
    overlap = 0
    for weight in draws:
        here = weight > 0.0
        zero, one = (near_of[here & (struck_of == record)] for record in (0, 1))
        overlap += bool(len(zero) and len(one) and one.min() < zero.max() and zero.min() < one.max())
    assert len(replicated.values) == overlap
    assert replicated.endless == 30 - overlap > 5
    (remark,) = (one for one in found.remarks if "bootstrap" in one)
    assert remark.startswith(f"{30 - overlap} of 30 bootstrap replications have no finite maximum")
    assert "are left out" in remark


def test_cases_that_sweeps_put_on_another_branch_than_the_principal_one_are_counted() -> None:
    """The likelihood takes what sweeps find, in a small game too: Ann yields on the principal branch, not in sweeps."""
    text = EAGER.decode().replace(
        'crash: {is: "uniform(4, 6)", because: test}', 'crash: {linear: [1], is: "normal(5, 0.01)", because: test}'
    )
    text += "cases: {observed: {outcome: {ann: {first: drive, second: swerve}, bob: {first: swerve, second: drive}}}}\n"
    rows = [("ann",)] * 40
    found = fit(read_text(text.encode(), "eager.yaml"), pd.DataFrame(rows, columns=["outcome"]), starts=0)
    (remark,) = (one for one in found.remarks if "several equilibria at the estimates" in one)
    assert "of 1 cases that were traced, other branch in 1." in remark
