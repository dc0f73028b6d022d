"""The likelihood of recorded cases, against walks over all histories of each case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import Cases, cases_of
from offramp.fitting.likelihood import Likelihood
from offramp.gambit.opening import compile_game

CRISIS = Path(__file__).with_name("deterrence_with_an_ally.yaml")
VALUES = {
    "firm.1": 0.3,
    "firm.dem": -0.5,
    "worth.1": 0.2,
    "worth.balance": 0.4,
    "strength": 1.2,
    "cost_bluff": 0.8,
    "tie": 0.3,
}
ROWS = [
    {"dem": 1, "cap1": 2.0, "cap2": 1.0, "threatened": "1", "ally": "joined", "result": "war"},
    {"dem": 0, "cap1": 0.5, "cap2": 1.5, "threatened": None, "ally": "not joined", "result": "peace"},
    {"dem": 0, "cap1": 0.5, "cap2": 0.7, "threatened": "0", "ally": "not joined", "result": "surrender"},
    {"dem": 1, "cap1": 1.0, "cap2": 1.0, "threatened": "1", "ally": "not joined", "result": None},
    {"dem": 1, "cap1": 1.0, "cap2": 3.0, "threatened": None, "ally": None, "result": "war"},
    {"dem": 1, "cap1": 2.0, "cap2": 1.0, "threatened": "1", "ally": "joined", "result": "war"},
]


@pytest.fixture(scope="module")
def likelihood() -> Likelihood:
    game = compile_game(offramp.read(CRISIS))
    return Likelihood(game, cases_of(game, table_of({name: [row[name] for row in ROWS] for name in ROWS[0]})))


def values_of(cases: Cases) -> np.ndarray:
    return np.array([VALUES[name] for name in cases.parameters])


def histories(dem: float, balance: float) -> Iterator[tuple[dict[str, str], float]]:
    """Every history with its probability, at `VALUES`: the choices are those of `offramp.solve`."""
    crisis = offramp.read(CRISIS)
    solution = offramp.solve(crisis, given={**VALUES, "dem": dem, "balance": balance})
    choices = [(move.situation, move.options) for move in solution.moves]
    firm = np.exp(VALUES["firm.1"] + VALUES["firm.dem"] * dem)

    def walk(steps: list[str], history: dict[str, str], probability: float) -> Iterator[tuple[dict[str, str], float]]:
        if not steps:
            yield history, probability
            return
        step, rest = steps[0], steps[1:]
        skipped = (step == "support" and history["threat"] == "quiet") or (
            step == "fight" and history["attack"] == "hold"
        )
        if skipped:
            yield from walk(rest, {**history, step: "skipped"}, probability)
            return
        (options,) = [
            options
            for situation, options in choices
            if situation.move == step and all(history[name] == seen for name, seen in situation.sees.items())
        ]
        for option, odds in options.items():
            yield from walk(rest, {**history, step: option}, probability * odds)

    for resolve, odds in (("strong", firm / (firm + 1.0)), ("weak", 1.0 / (firm + 1.0))):
        yield from walk(["threat", "support", "attack", "fight"], {"resolve": resolve}, odds)


def agrees(history: dict[str, str], row: dict[str, object]) -> bool:
    """Whether a history is what the row records, after the crisis file."""
    threatened = {"0": ["quiet"], "1": ["threaten"]}.get(str(row["threatened"]))
    ally = {"joined": ["join"], "not joined": ["aloof", "skipped"]}.get(str(row["ally"]))
    result = {"peace": ("attack", "hold"), "war": ("fight", "resist"), "surrender": ("fight", "give_way")}.get(
        str(row["result"])
    )
    return (
        (threatened is None or history["threat"] in threatened)
        and (ally is None or history["support"] in ally)
        and (result is None or history[result[0]] == result[1])
    )


def test_a_cases_probability_is_the_sum_over_the_histories_that_agree_with_its_row(likelihood: Likelihood) -> None:
    """What is not recorded, a hidden type above all, is summed over."""
    cases = likelihood.cases
    here = likelihood.at(values_of(cases))
    assert here.settled.all()
    assert sorted(cases.weight.tolist()) == [1.0, 1.0, 1.0, 1.0, 2.0]  # two rows are equal
    for entry, case in enumerate(cases.entry_case):
        row = ROWS[cases.entry_row[entry]]
        balance = float(np.log(row["cap1"] / row["cap2"]))  # type: ignore[operator]
        expected = sum(odds for history, odds in histories(float(row["dem"]), balance) if agrees(history, row))  # type: ignore[arg-type]
        assert np.exp(here.log_probability[case]) == pytest.approx(expected, rel=1e-8)


def test_scores_are_the_derivatives_of_the_log_probabilities(likelihood: Likelihood) -> None:
    values = values_of(likelihood.cases)
    score = likelihood.at(values).score
    for place in range(len(values)):
        step = 1e-5 * (np.arange(len(values)) == place)
        ends = [likelihood.at(values + side * step).log_probability for side in (1.0, -1.0)]
        assert score[:, place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5, abs=1e-8)


def test_the_total_counts_equal_cases_as_often_as_they_are_recorded(likelihood: Likelihood) -> None:
    values, weight = values_of(likelihood.cases), likelihood.cases.weight
    here = likelihood.at(values)
    total, gradient = likelihood.total(values)
    assert total == pytest.approx(weight @ here.log_probability, rel=1e-12)
    assert gradient == pytest.approx(weight @ here.score, rel=1e-10, abs=1e-12)


def test_values_at_which_the_crisis_has_no_odds_are_impossible_not_an_error(likelihood: Likelihood) -> None:
    values = values_of(likelihood.cases)
    values[likelihood.parameters.index("firm.1")] = 1e4  # exp overflows
    here = likelihood.at(values)
    assert not here.settled.any()
    assert (here.log_probability == -np.inf).all()


def test_the_odds_of_all_records_are_those_of_each_case(likelihood: Likelihood) -> None:
    cases, values = likelihood.cases, values_of(likelihood.cases)
    odds = likelihood.odds(values)
    own = odds[np.arange(len(cases.record)), cases.record]
    assert own == pytest.approx(np.exp(likelihood.at(values).log_probability), rel=1e-10)


def test_the_size_of_blocks_changes_no_case(likelihood: Likelihood, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are solved side by side; each is as it would be alone."""
    values = values_of(likelihood.cases)
    whole = likelihood.at(values)
    monkeypatch.setattr("offramp.fitting.likelihood.BLOCK_NUMBERS", 1)
    monkeypatch.setattr("offramp.fitting.likelihood.SMALLEST_BLOCK", 1)
    parted = Likelihood(likelihood.game, likelihood.cases).at(values)
    assert parted.log_probability == pytest.approx(whole.log_probability, rel=1e-12)
    assert parted.score == pytest.approx(whole.score, rel=1e-9, abs=1e-12)


def test_many_points_have_the_likelihood_of_each(likelihood: Likelihood) -> None:
    near = values_of(likelihood.cases) + np.random.default_rng(1).normal(0.0, 0.3, (70, 7))
    impossible = near[3].copy()
    impossible[0] = 1e6  # odds of a weight that is no number
    points = np.vstack([near, impossible])
    one_at_a_time = [likelihood.total(point)[0] for point in points]
    np.testing.assert_allclose(likelihood.totals(points), one_at_a_time, rtol=1e-12)
    assert likelihood.totals(points)[-1] == -np.inf


def test_values_at_which_play_never_comes_to_a_move_can_be_evaluated(likelihood: Likelihood) -> None:
    far = np.array([{"cost_bluff": 1.9, "strength": 5e3}.get(name, -3e3) for name in likelihood.parameters])
    found = likelihood.at(far)
    assert not np.isnan(found.log_probability).any()
    assert np.isfinite(found.score[np.isfinite(found.log_probability)]).all()
