"""Endings are told with what the inputs leave open, and apart from it with what more draws would take away."""

from __future__ import annotations

import numpy as np
import pytest

import offramp
from offramp.study.outlook.endings import endings, monte_carlo_error
from offramp.study.outlook.moves import moves_over_draws
from tests.crises import crisis_of
from tests.report.harbour import harbour, with_unconverged

COIN = """
format: 1
title: Coin
actors: {ann: {name: Ann}}
inputs: {bias: {is: "uniform(0, 1)", because: test}}
timeline: [{chance: coin, odds: {heads: bias, tails: rest}}, {move: go, by: ann, options: [left, right]}]
payoffs: {ann: {gain: go == left}}
endings: {won: coin == heads, lost: otherwise}
"""


def test_the_likeliest_ending_comes_first_with_its_share_of_draws() -> None:
    ensemble = harbour(draws=64)
    found = endings(ensemble)
    means = [ending.interval.mean for ending in found.endings]
    assert means == sorted(means, reverse=True)
    likeliest = ensemble.endings.argmax(axis=0)
    names = [ending.key for ending in ensemble.crisis.endings]
    for ending in found.endings:
        assert ending.likeliest == pytest.approx(float(np.mean(likeliest == names.index(ending.name))))
    assert sum(means) == pytest.approx(1.0)


def test_in_a_tie_no_ending_is_the_likeliest() -> None:
    two = COIN.replace("{heads: bias, tails: rest}", "{heads: 1/2, tails: rest}")
    three = two.replace(
        "{won: coin == heads, lost: otherwise}",
        "{won: coin == heads and go == left, right: coin == heads, also_won: go == left, lost: otherwise}",
    )
    found = endings(offramp.run(crisis_of(two), draws=32, seed=1))
    assert found.answer == (
        "No ending is the likeliest. These are equally likely (roughly even chance, 50.0% on average over the "
        "uncertain inputs): won and lost.",
    )
    assert [ending.likeliest for ending in found.endings] == [0.0, 0.0]
    some = endings(offramp.run(crisis_of(three), draws=32, seed=1))
    assert [ending.name for ending in some.leading] == ["won", "also_won"]
    assert "): won and also won." in some.answer[0]


def test_an_ending_that_no_history_reaches_is_not_only_called_unlikely() -> None:
    text = COIN.replace(
        "{won: coin == heads, lost: otherwise}",
        "{won: coin == heads, again: coin == heads and go == left, both: coin == heads and coin == tails, "
        "lost: otherwise}",
    )
    answer = endings(offramp.run(crisis_of(text), draws=32, seed=1)).answer
    assert "Both: No history of this game ends so." in answer
    assert "Again: It can never be the first to hold: an earlier ending always holds too." in answer
    assert not any(sentence.startswith(("Won:", "Lost:")) for sentence in answer)
    assert not endings(offramp.run(crisis_of(COIN.replace("uniform(0, 1)", "0")), draws=32, seed=1)).unreached


def test_the_monte_carlo_error_is_that_of_independent_draws_and_shrinks_as_they_grow() -> None:
    rng = np.random.default_rng(1)
    errors = [
        [monte_carlo_error(rng.normal(size=size), np.ones(size, dtype=bool)) for _ in range(200)]
        for size in (256, 4096)
    ]
    few, many = (float(np.mean(found)) for found in errors)
    assert few == pytest.approx(1 / 16, rel=0.05)
    assert many == pytest.approx(1 / 64, rel=0.05)


def test_draws_of_a_sobol_sequence_are_nearer_to_the_truth_than_the_error_says() -> None:
    found = endings(offramp.run(crisis_of(COIN), draws=1024, seed=5)).endings[0]
    assert abs(found.interval.mean - 0.5) <= found.error <= 0.01


def test_draws_that_did_not_converge_are_counted_and_left_out() -> None:
    ensemble = harbour(draws=64)
    doubtful = with_unconverged(ensemble, 3, 17)
    found = endings(doubtful)
    kept = np.delete(ensemble.endings, [3, 17], axis=1).mean(axis=1)
    assert sorted(ending.interval.mean for ending in found.endings) == pytest.approx(sorted(kept))
    assert "2 of 64 draws did not converge" in " ".join(found.answer)


def test_a_run_in_which_nothing_converged_has_no_numbers() -> None:
    found = endings(with_unconverged(harbour(draws=8), *range(8)))
    assert found.answer == ("No draw converged: there are no numbers.",)
    assert {row["mean"] for row in found.to_dict()["endings"]} == {None}
    assert moves_over_draws(with_unconverged(harbour(draws=8), *range(8))).answer == found.answer


def test_situations_come_by_how_often_play_gets_there_and_their_shares_add_up() -> None:
    table = moves_over_draws(harbour()).to_pandas("situations")
    assert table["reached"].is_monotonic_decreasing
    sums = table.groupby(["move", "round", "sees", "reached"], dropna=False)["share"].sum()
    assert np.allclose(sums, 1.0)


def test_moves_have_the_spread_over_draws() -> None:
    ensemble = harbour(draws=64)
    found = moves_over_draws(ensemble)
    for move, summary in zip(found.moves, ensemble.moves, strict=False):
        assert move == summary
    deviations = ensemble.situations.deviation
    assert (deviations >= 0).all()
    assert deviations.max() > 0.01


def test_a_choice_that_is_the_same_in_every_draw_has_no_spread() -> None:
    steady = """
format: 1
title: Steady
actors: {bank: {name: Bank, rationality: 4}}
inputs: {loss: {is: "uniform(0, 1)", because: Ours}}
timeline:
  - {chance: flood, odds: {yes_: loss, no_: rest}}
  - {move: credit, by: bank, options: [keep, freeze]}
payoffs: {bank: {charter: -0.3 * (credit == freeze)}}
endings: {frozen: credit == freeze, kept: otherwise}
"""
    ensemble = offramp.run(crisis_of(steady), draws=512)
    assert ensemble.situations.choice.min() > 0.2
    assert ensemble.situations.deviation.tolist() == [0.0] * 4


def test_the_sentence_names_the_likeliest_option_first() -> None:
    found = moves_over_draws(harbour())
    for move, sentence in zip(found.moves, found.answer, strict=True):
        best = max(move.options, key=lambda option: move.options[option].mean)
        assert sentence.split(" chooses ")[1].startswith(best.replace("_", " "))
