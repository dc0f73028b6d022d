"""Cooke's classical model: published cases to the digits given, closed forms, and an independent computation."""

from __future__ import annotations

import math
import random
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from offramp.crisis.faults import CrisisError
from offramp.elicitation.classical_model import (
    PerformanceWeights,
    Pooling,
    Score,
    asked_seeds,
    calibration,
    equal_weights,
    expert_scores,
    performance_weights,
    scored,
)
from offramp.elicitation.estimates import estimates_of
from offramp.elicitation.minimal_information import asked, expert_curves, intrinsic_range
from offramp.elicitation.panel import Panel, PanelQuestion
from offramp.elicitation.panel_file import read_panel
from tests.elicitation.panels import OFFICERS, PUBLISHED, made_panels, panel, panel_text
from tests.examples import examples

EXCALIBUR = {
    "arkansas": ("0.39 0.20 0.08", "0.50 0.34 0.17", "0.50 0.34 0.17", "0.50 0.52 0.26", "0.07 0.41 0.03"),
    "daniela": ("0.53 0.17 0.09", "0.68 0.23 0.16", "0.55 0.63 0.35", "0.55 0.63 0.35", "0.55 0.63 0.35"),
    "fcep": ("0.22 0.10 0.02", "0.14 0.39 0.06", "0.66 0.57 0.38", "0.66 0.57 0.38", "0.66 0.57 0.38"),
    "tobacco": ("0.20 0.45 0.09", "0.66 0.53 0.35", "0.69 1.06 0.73", "0.69 1.06 0.73", "0.69 1.06 0.73"),
}
"""Calibration, information and their product of: equal weights; global weights without a cut-off; global and item
weights with the best cut-off; the best expert. EXCALIBUR's, to two decimals, from test/data/Excalibur.csv of
github.com/grongen/anduryl at commit 3bc86ba8a77f (rows Arkansas, Daniela, FCEP and Tobacco)."""


def shown(score: Score | None) -> str:
    assert score is not None
    return f"{score.calibration:.2f} {score.information:.2f} {score.combined:.2f}"


def without_cutoff(of: Panel) -> Score | None:
    """The score of the pool with global weights, all experts above the cut-off."""
    scores = expert_scores(of, asked_seeds(of))
    total = math.fsum(score.combined for score in scores.values())
    weights = {expert: score.combined / total for expert, score in scores.items()}
    weighed = PerformanceWeights("global", weights, 0.0, None)
    answers = {key: weighed.pool(seed) for key, seed in asked_seeds(of).items()}
    percentiles = {key: pool.quantile(of.probabilities).tolist() for key, pool in answers.items() if pool}
    return scored(percentiles, asked_seeds(of), of.probabilities, len(of.seeds))


@pytest.mark.parametrize("case", EXCALIBUR)
def test_published_cases_score_as_in_excalibur(case: str) -> None:
    of = read_panel(PUBLISHED / f"{case}.yaml")
    scores = expert_scores(of, asked_seeds(of))
    found = (
        equal_weights(of, asked_seeds(of)).score,
        without_cutoff(of),
        performance_weights(of, asked_seeds(of), scores, "global").score,
        performance_weights(of, asked_seeds(of), scores, "item").score,
        max(scores.values(), key=lambda score: score.combined),
    )
    assert tuple(map(shown, found)) == EXCALIBUR[case]


def test_the_pool_of_one_expert_with_all_weight_is_that_expert_in_a_published_case() -> None:
    of = read_panel(PUBLISHED / "daniela.yaml")
    estimates = estimates_of(of)
    assert estimates.used.weights == {"Exp1": 1.0, "Exp2": 0.0, "Exp3": 0.0, "Exp4": 0.0}
    used = estimates.estimates[1].used
    assert used is not None
    assert used.quantile(of.probabilities) == pytest.approx(of.questions["q10"].answers["Exp1"], rel=1e-12)


def test_an_expert_who_hits_as_often_as_it_says_is_perfectly_calibrated() -> None:
    assert calibration((5, 45, 45, 5), (0.05, 0.5, 0.95), 100) == 1.0


def test_calibration_of_all_values_in_one_tail_is_that_of_the_closed_form() -> None:
    statistic = 2.0 * 10 * math.log(1.0 / 0.05)  # all the mass of s on a bin of 5 %
    assert calibration((10, 0, 0, 0), (0.05, 0.5, 0.95), 10) == pytest.approx(stats.chi2.sf(statistic, 3), rel=1e-12)


def test_information_of_the_background_itself_is_zero() -> None:
    """An expert whose percentiles lie where the uniform background has them says nothing."""
    question = panel(panel_text({"a": {"x": (5.0, 50.0, 95.0), "y": (5.0, 50.0, 95.0)}}, {})).questions["a"]
    low, high = intrinsic_range(question)
    assert (low, high) == (-4.0, 104.0)  # a tenth of 90 more on both sides
    at = tuple(low + (high - low) * p for p in (0.05, 0.5, 0.95))
    assert asked(question, (0.05, 0.5, 0.95)).information_of(at) == pytest.approx(0.0, abs=1e-12)


def test_information_on_a_logarithmic_scale_is_that_of_the_logarithms() -> None:
    plain = panel(panel_text({"a": {"x": (1.0, 2.0, 4.0), "y": (2.0, 3.0, 5.0)}}, {})).questions["a"]
    answers = {who: tuple(map(math.exp, answer)) for who, answer in plain.answers.items()}
    logged = panel(panel_text({"a": answers}, {}, log=True)).questions["a"]
    for who in ("x", "y"):
        found = asked(logged, (0.05, 0.5, 0.95)).information[who]
        assert found == pytest.approx(asked(plain, (0.05, 0.5, 0.95)).information[who], rel=1e-9)


def test_natural_bounds_cut_the_intrinsic_range() -> None:
    bounds = "    low: 0\n    high: 100"
    question = panel(panel_text({"a": {"x": (1.0, 50.0, 99.0)}}, {}, bounds=bounds)).questions["a"]
    assert intrinsic_range(question) == (0.0, 100.0)


def test_experts_with_unequal_numbers_of_seeds_have_the_power_of_the_smallest() -> None:
    answers = {f"s{n}": {"x": (1.0, 2.0, 3.0), **({"y": (1.0, 2.0, 3.0)} if n < 2 else {})} for n in range(4)}
    of = panel(panel_text(answers, {"s0": 0.5, "s1": 2.5, "s2": 0.5, "s3": 2.5}))
    scores = expert_scores(of, asked_seeds(of))
    assert (scores["x"].seeds, scores["y"].seeds) == (4, 2)
    assert scores["x"].calibration == pytest.approx(scores["y"].calibration)
    half = 0.5 * math.log(0.5 / 0.05) + 0.5 * math.log(0.5 / 0.45)
    assert scores["x"].calibration == pytest.approx(stats.chi2.sf(2 * 2 * half, 3))


def test_a_true_value_on_a_percentile_lies_below_it() -> None:
    of = panel(panel_text({"s": {"x": (1.0, 2.0, 3.0)}}, {"s": 2.0}))
    assert expert_scores(of, asked_seeds(of))["x"].hits == (0, 1, 0, 0)


def naive(of: Panel, pooling: Pooling) -> tuple[float, float]:
    """The best calibration times information of a pool, and the share of the first expert, without Offramp's code.

    Experts answer all questions; the pool's distribution function is evaluated on a fine grid.
    """
    probabilities = np.array(of.probabilities)
    edges = np.array([0.0, *probabilities, 1.0])
    mass = np.diff(edges)
    experts = list(of.experts)

    def scale(question: PanelQuestion, value: float) -> float:
        return math.log(value) if question.log else value

    def scaled(question: PanelQuestion) -> tuple[dict[str, list[float]], float, float, float]:
        given = {who: [scale(question, value) for value in answer] for who, answer in question.answers.items()}
        assert question.truth is not None
        truth = scale(question, question.truth)
        every = [value for answer in given.values() for value in answer] + [truth]
        span = max(every) - min(every)
        return given, truth, min(every) - 0.1 * span, max(every) + 0.1 * span

    def info(answer: list[float], low: float, high: float) -> float:
        widths = np.diff([low, *answer, high])
        return float(stats.entropy(mass, widths / widths.sum()))

    def p_value(hits: list[int]) -> float:
        shares = np.array(hits) / sum(hits)
        statistic = 2.0 * len(of.seeds) * sum(s * math.log(s / p) for s, p in zip(shares, mass, strict=True) if s > 0)
        return float(stats.chi2.sf(statistic, len(probabilities)))

    def place(answer: list[float], truth: float) -> int:
        return sum(value < truth for value in answer)

    def score(percentiles: list[list[float]]) -> float:
        hits, total = [0] * len(mass), 0.0
        for answer, (_, truth, low, high) in zip(percentiles, map(scaled, of.seeds.values()), strict=True):
            hits[place(answer, truth)] += 1
            total += info(answer, low, high) / len(of.seeds)
        return p_value(hits) * total

    single = {who: [scaled(seed)[0][who] for seed in of.seeds.values()] for who in experts}
    calibrations: dict[str, float] = {}
    informations: dict[str, float] = {}
    for who in experts:
        hits = [0] * len(mass)
        for answer, seed in zip(single[who], of.seeds.values(), strict=True):
            hits[place(answer, scaled(seed)[1])] += 1
        calibrations[who] = p_value(hits)
        informations[who] = score(single[who]) / calibrations[who] if calibrations[who] else 0.0
    best = (-1.0, 0.0)
    for cutoff in sorted(set(calibrations.values())) if pooling != "equal" else [0.0]:
        answers = []
        for seed in of.seeds.values():
            given, _, low, high = scaled(seed)
            weights = []
            for who in experts:
                by = 1.0 if pooling == "equal" else calibrations[who] * (calibrations[who] >= cutoff)
                if pooling != "equal":
                    by *= info(given[who], low, high) if pooling == "item" else informations[who]
                weights.append(by)
            grid = np.unique(np.concatenate([np.linspace(low, high, 2001), *given.values()]))
            pool = sum(
                weight / sum(weights) * np.interp(grid, [low, *given[who], high], edges)
                for weight, who in zip(weights, experts, strict=True)
            )
            answers.append([float(np.interp(p, pool, grid)) for p in probabilities])
        if score(answers) > best[0] * (1.0 + 1e-9):
            best = score(answers), cutoff
    return best


@pytest.mark.parametrize("case", EXCALIBUR)
@pytest.mark.parametrize("pooling", ["equal", "global", "item"])
def test_an_independent_computation_finds_the_same_score_and_cutoff(case: str, pooling: Pooling) -> None:
    of = read_panel(PUBLISHED / f"{case}.yaml")
    weights = (
        equal_weights(of, asked_seeds(of))
        if pooling == "equal"
        else performance_weights(of, asked_seeds(of), expert_scores(of, asked_seeds(of)), pooling)
    )
    score, cutoff = naive(of, pooling)
    assert weights.score is not None
    assert weights.score.combined == pytest.approx(score, rel=1e-9)
    assert (weights.cutoff or 0.0) == pytest.approx(cutoff, rel=1e-9)


def test_the_linear_pool_of_shelfs_example_is_that_of_the_closed_form() -> None:
    """Both experts of SHELF's example for `plinearpool`: quartiles 30, 40, 50 and 20, 25, 35, as histograms.

    SHELF's limits of 0 and 100 are natural bounds here; the intrinsic range is 17 to 53.
    """
    text = panel_text(
        {"a": {"one": (30.0, 40.0, 50.0), "two": (20.0, 25.0, 35.0)}}, {}, bounds="    low: 0\n    high: 100"
    )
    of = panel(text.replace("experts:", "percentiles: [25, 50, 75]\nexperts:"))
    question = asked(of.questions["a"], of.probabilities)
    at = np.array([18.5, 22.5, 32.0, 45.0, 51.5])
    one = np.array([0.25 * 1.5 / 13, 0.25 * 5.5 / 13, 0.30, 0.625, 0.875])
    two = np.array([0.125, 0.375, 0.5 + 0.25 * 0.7, 0.75 + 0.25 * 10 / 18, 0.75 + 0.25 * 16.5 / 18])
    equal, unequal = question.pool({"one": 1.0, "two": 1.0}), question.pool({"one": 0.7, "two": 0.3})
    assert equal is not None
    assert unequal is not None
    assert equal.cdf(at) == pytest.approx((one + two) / 2.0)
    assert unequal.cdf(at) == pytest.approx(0.7 * one + 0.3 * two)
    # between 30 and 35 both densities are 0.25 / 10, and F(30) = (0.25 + 0.625) / 2
    assert equal.quantile([0.45]) == pytest.approx([30.0 + (0.45 - 0.4375) / 0.025])


def test_the_pool_of_smooth_experts_is_the_weighted_sum_of_their_distributions() -> None:
    """As in SHELF's test of its linear pool: gamma(10, 4), normal(3, 2) and lognormal(log 3, 2), weights 1, 2, 3."""
    experts = {
        "gamma": stats.gamma(10, scale=1 / 4),
        "normal": stats.norm(3, 2),
        "lognormal": stats.lognorm(2, scale=3),
    }
    levels = tuple(np.linspace(0.0, 1.0, 20_001)[1:-1].tolist())
    answers = {name: tuple(one.ppf(levels).tolist()) for name, one in experts.items()}
    pool = asked(replace(panel(OFFICERS).questions["war_cost"], low=None, answers=answers), levels).pool(
        {"gamma": 1.0, "normal": 2.0, "lognormal": 3.0}
    )
    assert pool is not None

    def exact(x: float) -> float:
        return float(sum(w * experts[name].cdf(x) for name, w in zip(experts, (1 / 6, 2 / 6, 3 / 6), strict=True)))

    assert pool.cdf(np.array([1.5]))[0] == pytest.approx(exact(1.5), abs=1e-4)
    assert exact(pool.quantile([0.95])[0]) == pytest.approx(0.95, abs=1e-4)


@settings(max_examples=examples(60), deadline=None)
@given(made_panels())
def test_weights_sum_to_one_and_do_not_depend_on_the_order_of_the_experts(text: str) -> None:
    of = panel(text)
    names = list(of.experts)
    random.Random(1).shuffle(names)
    other = panel(text.replace(f"experts: [{', '.join(of.experts)}]", f"experts: [{', '.join(names)}]"))
    for pooling in ("equal", "global", "item"):
        first, second = estimates_of(of, pooling), estimates_of(other, pooling)
        assert math.fsum(first.used.weights.values()) == pytest.approx(1.0)
        assert math.fsum(first.used.on(asked(of.questions["asked"], of.probabilities)).values()) == pytest.approx(1.0)
        assert second.used.weights == pytest.approx(first.used.weights)
        one, two = first.estimates[0].used, second.estimates[0].used
        assert one is not None
        assert two is not None
        assert two.quantile((0.1, 0.5, 0.9)) == pytest.approx(one.quantile((0.1, 0.5, 0.9)), rel=1e-9)


@settings(max_examples=examples(150), deadline=None)
@given(made_panels(seeds=3, any_size=True))
def test_numbers_of_any_size_have_finite_scores_and_percentiles_in_order(text: str) -> None:
    try:
        of = panel(text)
    except CrisisError:
        return  # two neighbouring percentiles are too close
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for pooling in ("equal", "global", "item"):
            estimates = estimates_of(of, pooling)
            score = estimates.used.score
            assert score is not None
            assert math.isfinite(score.combined)
            assert math.fsum(estimates.used.weights.values()) == pytest.approx(1.0)
            pool = estimates.estimates[0].used
            assert pool is not None
            found = pool.quantile(np.linspace(0.0, 1.0, 101))
            assert np.isfinite(found).all()
            assert (np.diff(found) >= 0.0).all()


@settings(max_examples=examples(60), deadline=None)
@given(made_panels(seeds=2))
def test_an_experts_distribution_has_its_percentiles_and_the_pool_of_equal_experts_is_the_expert(text: str) -> None:
    of = panel(text)
    question = of.questions["asked"]
    for expert, curve in expert_curves(question, of.probabilities).items():
        assert curve.quantile(of.probabilities) == pytest.approx(question.answers[expert], rel=1e-9)
    same = question.answers["e0"]
    alike = panel(panel_text({"a": dict.fromkeys(of.experts, same)}, {}, log=question.log))
    (estimate,) = estimates_of(alike).estimates
    assert estimate.used is not None
    assert estimate.used.quantile(of.probabilities) == pytest.approx(same, rel=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(made_panels())
def test_no_other_cutoff_gives_the_pool_a_better_score(text: str) -> None:
    of = panel(text)
    scores = expert_scores(of, asked_seeds(of))
    best = performance_weights(of, asked_seeds(of), scores, "global").score
    assert best is not None
    for cutoff in {score.calibration for score in scores.values()}:
        kept = {who: score for who, score in scores.items() if score.calibration >= cutoff}
        other = performance_weights(of, asked_seeds(of), {who: kept[who] for who in kept}, "global").score
        assert other is None or other.combined <= best.combined * (1.0 + 1e-6)


def test_a_panel_without_seeds_has_equal_weights() -> None:
    estimates = estimates_of(panel(OFFICERS))
    assert estimates.pooling == "equal"
    assert estimates.used.weights == {"amber": 1 / 3, "birch": 1 / 3, "cedar": 1 / 3}
