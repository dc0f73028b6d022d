"""Solves with extreme numbers: zero odds, underflow, rationality 0, given inputs, levers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.equilibrium.evaluation import evaluate_profile
from offramp.gambit.opening import compile_game
from tests.shipped import tehran

HIDDEN_KIND = """
format: 1
title: A hidden kind
actors: {north: {name: North, rationality: 1}, south: {name: South, rationality: 1}}
inputs: {cost: {is: 1000, because: test}, common: {is: 0.5, because: test}}
timeline:
  - {chance: kind, odds: {mild: common, harsh: rest}, seen_by: [north]}
  - {move: answer, by: north, options: [hold, strike]}
  - {move: reply, by: south, if: answer == strike, options: [absorb, fight]}
payoffs:
  north: {cost: -(cost + (kind == harsh)) * (answer == strike)}
  south: {gain: (2 * (kind == mild) - (kind == harsh)) * (reply == fight)}
endings: {clash: reply == fight, calm: otherwise}
levers: {cheap: {set: {cost: cost / 1000}}, truce: {forbid: {answer: [strike]}}}
"""


def hidden_kind() -> Crisis:
    return read_text(HIDDEN_KIND.encode(), "kind.yaml")


@pytest.mark.parametrize("cost", [1.0, 100.0, 800.0, 5000.0])
def test_beliefs_after_a_choice_too_unlikely_for_a_float_are_those_of_bayes(cost: float) -> None:
    """Striking has probability expit(-cost): at 800 it underflows, but its ratio between the two kinds is e."""
    solution = offramp.solve(compile_game(hidden_kind()), given={"cost": cost})
    mild, harsh = expit(-cost), expit(-cost - 1)
    belief = mild / (mild + harsh) if mild > 0 else expit(1.0)
    (reply,) = [move for move in solution.moves if move.situation.move == "reply"]
    assert reply.options["fight"] == pytest.approx(expit(2 * belief - (1 - belief)), abs=1e-9)
    assert solution.converged


def test_a_set_that_zero_odds_leave_unreached_holds_a_placeholder_and_no_nan() -> None:
    text = HIDDEN_KIND.replace("answer == strike, options", "answer == strike and kind == mild, options")
    crisis = read_text(text.encode(), "kind.yaml")
    solution = offramp.solve(compile_game(crisis), given={"common": 0.0, "cost": 1.0})
    (reply,) = [move for move in solution.moves if move.situation.move == "reply"]
    assert reply.reached == 0.0
    assert reply.options == {"absorb": 0.5, "fight": 0.5}
    assert solution.converged
    assert np.isfinite(solution.option_values).all()


def test_rationality_0_makes_every_option_equally_likely() -> None:
    solution = offramp.solve(compile_game(tehran()), rationality=0)
    for move in solution.moves:
        assert move.options == pytest.approx(dict.fromkeys(move.options, 1 / len(move.options)), abs=1e-15)


def test_perfect_information_needs_one_sweep_and_one_that_verifies() -> None:
    text = HIDDEN_KIND.replace(", seen_by: [north]", "")
    assert offramp.solve(compile_game(read_text(text.encode(), "kind.yaml")), given={"cost": 1.0}).sweeps == 2


def test_a_profile_that_is_no_equilibrium_has_the_residual_that_it_has() -> None:
    game = compile_game(hidden_kind())
    evaluation = evaluate_profile(game, np.full(game.slots, 0.5), {"cost": 2.0})
    assert evaluation.residual == pytest.approx(0.5 - expit(-3.0), abs=1e-12)


def test_levers_apply_to_the_values_given_and_take_options_away() -> None:
    crisis = hidden_kind()
    pulled = offramp.solve(compile_game(crisis.with_levers("cheap")), given={"cost": 2000.0})
    plain = offramp.solve(compile_game(crisis), given={"cost": 2.0})
    assert pulled.endings == plain.endings
    truce = offramp.solve(compile_game(crisis.with_levers("truce")))
    assert truce.endings == {"clash": 0.0, "calm": 1.0}


@pytest.mark.parametrize(
    ("request_made", "message"),
    [
        ({"given": {"cots": 1.0}}, "unknown input 'cots'; did you mean 'cost'? (inputs: cost and common)"),
        ({"given": {"cost": float("nan")}}, "input 'cost' must be a finite number, found nan"),
        ({"rationality": -1.0}, "rationality must be a number from 0 up, found -1.0"),
    ],
)
def test_a_request_that_makes_no_sense_says_what_would(request_made: dict[str, float], message: str) -> None:
    with pytest.raises(offramp.UsageError) as caught:
        offramp.solve(compile_game(hidden_kind()), **request_made)
    assert str(caught.value) == message


def test_an_unknown_lever_names_the_nearest() -> None:
    with pytest.raises(offramp.UsageError) as caught:
        hidden_kind().with_levers("truse")
    assert str(caught.value) == "unknown lever 'truse'; did you mean 'truce'? (levers: cheap and truce)"


def test_payoffs_of_all_terms_add_up_and_own_eyes_differ_only_by_own_odds() -> None:
    solution = offramp.solve(compile_game(tehran()))
    assert set(solution.own_eyes) == {"iran", "hezbollah", "hamas"}
    shown = solution.to_dict()["payoffs"]
    for actor, payoff in shown.items():
        assert payoff["total"] == pytest.approx(sum(payoff["terms"].values()), abs=1e-12)
        assert ("in_own_eyes" in payoff) == (actor in solution.own_eyes)


def test_labels_come_along_to_pandas_and_xarray() -> None:
    solution = offramp.solve(compile_game(hidden_kind()), given={"cost": 1.0})
    frame = solution.to_pandas()
    assert list(frame["option"]) == ["hold", "strike", "hold", "strike", "absorb", "fight"]
    assert list(frame["probability"]) == list(solution.choice)
    assert float(solution.to_xarray().endings.sel(ending="clash")) == solution.endings["clash"]
    assert "converged" in repr(solution)
    assert "<table>" in solution._repr_html_()
