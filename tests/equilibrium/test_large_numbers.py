"""Numbers too large to compute with: results are right, refused with their location, or marked with the reason."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import expit

import offramp
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.equilibrium.logit import TRUSTED
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import compile_game
from offramp.study.standing import ROUNDED, drawn_standing, standing
from tests.crises import crisis_of
from tests.equilibrium.games import bimatrix

TEXT = """
format: 1
title: Large
actors: {{a: {{name: A, rationality: "{rationality}"}}, b: {{name: B}}}}
inputs: {{x: {{is: "{x}", because: test}}}}
timeline:
  - {{chance: h, weights: {weights}}}
  - {{move: m, by: a, options: [l, r]}}
  - {{move: n, by: b, options: [l, r], seen_by: []}}
payoffs:
  a: {{t: "{pays}"}}
  b: {{t: 0.5 * (n == l)}}
endings: {{l: m == l, r: otherwise}}
levers: {{raise_: {{set: {{x: x * 1e308 * 10}}}}}}
"""


def large(
    pays: str = "m == l", rationality: str = "3", x: str = "uniform(0, 1)", weights: str = "{u: 1, v: 1}"
) -> Crisis:
    """A crisis in which A chooses l or r."""
    return crisis_of(TEXT.format(pays=pays, rationality=rationality, x=x, weights=weights))


@pytest.mark.parametrize(
    ("pays", "rationality", "chosen"),
    [
        ("1e10 * (m == l)", "1e300", 1.0),
        ("1e10 * (m == l)", "1e308", 1.0),
        ("1e99 * (m == l)", "3", 1.0),
        ("1e17 * (m == l) + 3", "3", 1.0),
        ("-1e12 * (m == l) * (n == l) + 0.3 * (m == r)", "3", 0.0),
        ("min(1e90, 2) * (m == l)", "0.5", expit(1.0)),
        ("1e8 + (m == l)", "1", expit(1.0)),
        ("1e-300 * (m == l)", "1e300", expit(1.0)),
        ("1e-5 * (m == l)", "1e300", 1.0),
        ("0", "1e308", 0.5),
    ],
)
def test_what_rounding_leaves_alone_is_right(pays: str, rationality: str, chosen: float) -> None:
    crisis = large(pays, rationality)
    solution = offramp.solve(compile_game(crisis))
    assert solution.status == "principal"
    assert solution.endings["l"] == pytest.approx(chosen, abs=TRUSTED)
    assert solution.rationality["a"] == float(rationality)
    ensemble = offramp.run(crisis, draws=8, seed=1)
    assert ensemble.converged.all()
    assert ensemble.endings[0] == pytest.approx(chosen, abs=TRUSTED)


@pytest.mark.parametrize("pays", ["1e17 + (m == l)", "1e17 + (m == l) - 1e17", "1e13 + x * (m == l)"])
def test_what_rounding_takes_away_is_marked_with_the_reason(pays: str) -> None:
    crisis = large(pays)
    solution = offramp.solve(compile_game(crisis))
    assert not solution.converged
    assert solution.status == "unconverged"
    assert solution.to_dict()["certificate"]["residual"] is None
    assert standing(solution) == [f"Nothing can be said: {ROUNDED}"]
    ensemble = offramp.run(crisis, draws=8, seed=1)
    assert ensemble.rounded == ensemble.unconverged == list(range(8))
    assert drawn_standing(ensemble)[1] == f"Nothing can be said of 8 draws: {ROUNDED}"


def test_only_the_draws_that_rounding_spoils_are_left_out() -> None:
    ensemble = offramp.run(large("x + (m == l)", x="lognormal(median=1e10, sigma=6)"), draws=64, seed=1)
    spoilt = 3 * np.finfo(float).eps * ensemble.inputs["x"]
    assert set(np.flatnonzero(spoilt > 1e-4)) <= set(ensemble.rounded) <= set(np.flatnonzero(spoilt > 1e-7))
    assert 0 < len(ensemble.rounded) < 64
    assert ensemble.endings[0, ensemble.converged] == pytest.approx(expit(3.0), abs=1e-5)


@pytest.mark.parametrize("digits", [3, 17, 30, 60])
def test_long_integers_of_a_gambit_game_are_right_or_marked(digits: int) -> None:
    most = 10**digits
    text = f'EFG 2 R "Long" {{ "A" }} p "" 1 1 "m" {{ "x" "y" }} 0 t "" 1 "" {{ {most + 1} }} t "" 2 "" {{ {most} }}'
    solution = offramp.solve(compile_game(read_efg(text, "long.efg")), rationality=1.0)
    assert solution.converged == (digits == 3)
    if solution.converged:
        assert solution.choice[0] == pytest.approx(expit(1.0), abs=1e-9)
    sure = bimatrix(((Fraction(most), 0), (0, 0)), ((0, 0), (0, 0)))
    assert offramp.solve(sure, rationality=1e30).choice[:2] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(
    ("weights", "first"),
    [
        ("{u: 1e308, v: 1e308}", 0.5),
        ("{u: 1e308, v: 1e308, w: 1e308, z: 1e308}", 0.25),
        ("{u: 5e-324, v: 5e-324}", 0.5),
        ("{u: 3e-310, v: 1e-310}", 0.75),
        ("{u: 1e308, v: 1e-308}", 1.0),
    ],
)
def test_weights_of_any_size_are_in_proportion(weights: str, first: float) -> None:
    text = TEXT.replace("l: m == l, r: otherwise", "u: h == u, other: otherwise")
    crisis = crisis_of(text.format(pays="m == l", rationality="3", x="1", weights=weights))
    solution = offramp.solve(compile_game(crisis))
    assert solution.endings["u"] == pytest.approx(first, rel=1e-9)
    assert sum(solution.endings.values()) == pytest.approx(1.0)
    assert min(move.reached for move in solution.moves) > 0.0, "what has a weight is possible"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pays": "1e101 * (m == l)"}, "payoff term 't' of a is computed from numbers beyond the limit of 1e+100"),
        ({"pays": "1e300 * 1e300 * (m == l)"}, "payoff term 't' of a is not a finite number"),
        ({"rationality": "1e17 + 3 - 1e17"}, "the rationality of a is computed from numbers so large that rounding"),
        ({"weights": "{u: 1e17 + 1 - 1e17 + x, v: 3}"}, "weights of 'h' for u: it is computed from numbers so large"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_place(changed: dict[str, str], message: str) -> None:
    with pytest.raises(CrisisError) as refused:
        offramp.solve(compile_game(large(**changed)))
    (fault,) = refused.value.faults
    assert fault.message.startswith(message)
    assert fault.place.line > 1


def test_a_lever_sets_no_input_beyond_what_a_number_holds() -> None:
    with pytest.raises(
        CrisisError, match="lever 'raise_' sets 'x' to a value that is not a finite number \\(x = 0\\.5\\)"
    ):
        offramp.solve(compile_game(large().with_levers("raise_")))
