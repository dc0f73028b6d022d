"""Equilibria of crises that can be solved by hand or by one equation in one unknown."""

from __future__ import annotations

from itertools import pairwise
from math import exp

import pytest
from scipy.optimize import brentq

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from tests.crises import crisis_of

Choices = dict[tuple[str, frozenset[tuple[str, str | float]]], list[float]]

BLOCKADE = """
format: 1
title: A blockade and its answer
actors:
  north: {name: Northland, rationality: 1.5}
  south: {name: Southland, rationality: 2}
timeline:
  - move: order
    by: north
    options: [wait, blockade]
  - chance: weather
    odds:
      - {if: order == blockade, calm: 0.25, storm: rest}
      - {calm: 0.75, storm: rest}
  - move: answer
    by: south
    options: [yield_, talk, fight]
    only_if: {fight: order == blockade}
payoffs:
  north:
    prize: 2 * (answer == yield_)
    war: -3 * (answer == fight)
  south:
    face: -1 * (answer == yield_)
    talks: 0.5 * (answer == talk) * (weather == calm)
    war: (0.75 if weather == storm else -2) * (answer == fight)
endings: {war: answer == fight, peace: otherwise}
"""

SIGNAL = """
format: 1
title: A warning that may be a bluff
actors:
  north: {name: Northland, rationality: 2.5}
  south: {name: Southland, rationality: 4}
timeline:
  - chance: resolve
    odds: {firm: 0.375, bluffing: rest}
    seen_by: [north]
  - move: warning
    by: north
    options: [silent, mobilise]
  - move: answer
    by: south
    if: warning == mobilise
    options: [back_down, resist]
payoffs:
  north:
    prize: 2 * (answer == back_down)
    clash: (0.5 if resolve == firm else -1.5) * (answer == resist)
    effort: -0.25 * (warning == mobilise)
  south:
    loss: -1 * (answer == back_down)
    clash: (0.5 if resolve == bluffing else -2) * (answer == resist)
endings: {clash: answer == resist, calm: otherwise}
"""


def logit(precision: float, *values: float) -> list[float]:
    weights = [exp(precision * value) for value in values]
    return [weight / sum(weights) for weight in weights]


def solved(crisis: Crisis) -> tuple[offramp.Solution, Choices]:
    """The solution, and its choice probabilities by move and by what the mover has seen."""
    game = compile_game(crisis)
    solution = offramp.solve(game)
    assert solution.converged
    choices = {(s.move, frozenset(s.sees.items())): list(solution.choice[s.slots]) for s in game.situations}
    return solution, choices


def test_with_perfect_information_the_equilibrium_is_backward_induction_with_logit_replies() -> None:
    solution, choices = solved(crisis_of(BLOCKADE))
    replies = {
        ("wait", "calm"): logit(2.0, -1.0, 0.5),
        ("wait", "storm"): logit(2.0, -1.0, 0.0),
        ("blockade", "calm"): logit(2.0, -1.0, 0.5, -2.0),
        ("blockade", "storm"): logit(2.0, -1.0, 0.0, 0.75),
    }
    calm = {"wait": 0.75, "blockade": 0.25}
    odds = {(order, sky): calm[order] if sky == "calm" else 1 - calm[order] for order, sky in replies}
    worth = dict.fromkeys(calm, 0.0)
    for (order, sky), (yielding, _, *fighting) in replies.items():
        worth[order] += odds[order, sky] * (2 * yielding - 3 * sum(fighting))
    orders = logit(1.5, worth["wait"], worth["blockade"])
    war = orders[1] * sum(odds["blockade", sky] * replies["blockade", sky][2] for sky in ("calm", "storm"))

    assert choices.pop(("order", frozenset())) == pytest.approx(orders, abs=1e-10)
    for (order, sky), reply in replies.items():
        seen = frozenset({("order", order), ("weather", sky)})
        assert choices.pop(("answer", seen)) == pytest.approx(reply, abs=1e-10)
    assert not choices
    assert solution.endings == pytest.approx({"war": war, "peace": 1 - war}, abs=1e-10)


def test_a_signal_is_believed_as_far_as_one_equation_in_the_answer_says() -> None:
    prior = 0.375

    def mobilising(yielding: float) -> tuple[float, float]:
        """How often the firm and the bluffing mobilise, if the answer yields with this probability."""
        firm, bluffing = (2 * yielding + clash * (1 - yielding) - 0.25 for clash in (0.5, -1.5))
        return logit(2.5, 0.0, firm)[1], logit(2.5, 0.0, bluffing)[1]

    def answering(yielding: float) -> float:
        """How often the answer yields, after a warning sent with the probabilities `mobilising`."""
        firm, bluffing = mobilising(yielding)
        belief = prior * firm / (prior * firm + (1 - prior) * bluffing)
        return logit(4.0, -1.0, 0.5 * (1 - belief) - 2 * belief)[0]

    grid = [k / 1000 for k in range(1001)]
    signs = [answering(y) > y for y in grid]
    assert sum(left != right for left, right in pairwise(signs)) == 1, "the root must be the only one"
    yielding = brentq(lambda y: answering(y) - y, 0.0, 1.0, xtol=1e-14)
    firm, bluffing = mobilising(yielding)

    solution, choices = solved(crisis_of(SIGNAL))
    assert choices["warning", frozenset({("resolve", "firm")})][1] == pytest.approx(firm, abs=1e-8)
    assert choices["warning", frozenset({("resolve", "bluffing")})][1] == pytest.approx(bluffing, abs=1e-8)
    assert choices["answer", frozenset({("warning", "mobilise")})][0] == pytest.approx(yielding, abs=1e-8)
    clash = (prior * firm + (1 - prior) * bluffing) * (1 - yielding)
    assert solution.endings["clash"] == pytest.approx(clash, abs=1e-8)
