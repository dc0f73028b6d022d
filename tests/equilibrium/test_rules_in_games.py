"""Games by probit and private choice: closed forms, plays of the shocks themselves, certificate, branch, runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

import offramp
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.logit import evaluate_block, solve_block
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import block_of, scaled, swept
from offramp.game.compiler import compile_crisis
from offramp.game.edges import edges_of
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of
from tests.equilibrium.games import with_rules
from tests.equilibrium.test_derivative import BELIEVED, OPEN

Array = NDArray[np.float64]

TWO_MOVES = """
format: 1
title: Two moves, as egame12 of R's package games
actors: {one: {name: One, rationality: 1.3}, two: {name: Two, rationality: 0.8}}
timeline:
  - {move: attack, by: one, options: [stay, strike]}
  - {move: reply, by: two, if: attack == strike, options: [give, resist]}
payoffs:
  one: {quiet: 0.4 * (attack == stay), gain: 1.5 * (reply == give), loss: -0.5 * (reply == resist)}
  two: {fight: 0.9 * (reply == resist), gave: -0.7 * (reply == give)}
endings: {peace: attack == stay, given: reply == give, war: otherwise}
"""

MERGED = """
format: 1
title: Ways that merge before they end
actors: {north: {name: North, rationality: 1.1}, south: {name: South, rationality: 0.9}, east: {name: East}}
timeline:
  - {move: push, by: north, options: [hold, press]}
  - {chance: storm, odds: {calm: 0.3, rough: 0.5, wild: rest}, seen_by: []}
  - {move: join, by: south, if: push == press, options: [aside, in_], seen_by: []}
  - {move: talk, by: east, options: [open_, shut, feign], seen_by: []}
payoffs:
  north:
    wet: -0.3 * (storm == wild)
    gain: (join == in_) - 0.4 * (push == press) + 0.5 * (talk == open_) * (push == hold)
  south: {gain: 0.8 * (join == in_) - 0.5 * (talk == shut)}
  east: {gain: 0.5 * (talk == open_) + 0.4 * (talk == feign)}
endings: {pressed: push == press, calm: otherwise}
"""


def profile(game: Game, rules: tuple[str, ...]) -> Array:
    """The choices by these rules, of a solve that its certificate confirms."""
    solved = solve_block(draw_of(with_rules(game, *rules)))
    assert solved.converged.all()
    assert float(solved.residual[0]) < 1e-11
    return np.asarray(solved.choice[:, 0])


def test_two_moves_are_those_of_the_closed_forms() -> None:
    game = compile_crisis(crisis_of(TWO_MOVES))
    fights = norm.cdf(0.8 * 1.6 / math.sqrt(2.0))
    worth = 0.4 - (1.5 * (1.0 - fights) - 0.5 * fights)
    for rule, variance in (("probit", 2.0), ("private", 1.0 + fights**2 + (1.0 - fights) ** 2)):
        stays = norm.cdf(1.3 * worth / math.sqrt(variance))
        assert profile(game, (rule,)) == pytest.approx([stays, 1.0 - stays, 1.0 - fights, fights], rel=1e-13)


def test_probit_at_rationality_one_over_the_root_of_two_is_near_logit_of_the_same_scale() -> None:
    """The rules differ in the shape of the shocks alone: with equal options they agree, and in order."""
    game = compile_crisis(crisis_of(OPEN))
    found = {rule: profile(game, (rule,)) for rule in ("logit", "probit")}
    assert np.abs(found["logit"] - found["probit"]).max() < 0.15
    assert (found["logit"] != found["probit"]).all()


def ends_after(game: Game, choice: Array, odds: Array, paid: Array, edge: int) -> list[tuple[float, float]]:
    """Probability and payoff of each way for play to end after an edge of the tree."""
    edges = edges_of(game)
    node = int(edges.child[edge])
    if node == game.nodes:
        return [(1.0, float(paid[edge]))]
    found = []
    for way in range(int(edges.first[node]), int(edges.first[node + 1])):
        slot = int(edges.slot[way])
        share = float(choice[slot] if edges.info_set[way] >= 0 else odds[slot])
        found += [(share * p, paid[edge] + amount) for p, amount in ends_after(game, choice, odds, paid, way)]
    return found


@pytest.mark.parametrize(
    ("text", "rules"), [(OPEN, ("private", "private", "probit")), (MERGED, ("private", "logit", "probit"))]
)
def test_private_choices_are_those_of_actors_that_know_the_shock_of_every_end(
    text: str, rules: tuple[str, ...]
) -> None:
    crisis = crisis_of(text)
    merged, tree = compile_crisis(crisis), with_rules(compile_crisis(crisis, merge=False), *rules)
    assert text is OPEN or merged.nodes < tree.nodes
    block = draw_of(tree)
    solved = solve_block(block)
    choice, edges, plays = solved.choice[:, 0], edges_of(tree), 100_000
    whole = solve_block(draw_of(with_rules(merged, *rules)))
    assert whole.choice == pytest.approx(solved.choice, rel=1e-12)
    assert whole.endings == pytest.approx(solved.endings, rel=1e-12)
    random, graph, checked = np.random.default_rng(11), block.structure.graph, 0
    for number, (actor, rule) in enumerate(zip(tree.actors, rules, strict=True)):
        if rule != "private":
            continue
        odds = block.tables.odds[graph.belief_of[number], :, 0]
        paid = block.pay[graph.edge_pay[:, number], 0]
        rationality = float(block.tables.played[number, 0])
        for situation in (situation for situation in tree.situations if situation.actor == actor):
            worth = np.zeros((2, plays))
            for option in range(2):
                (edge,) = np.flatnonzero((edges.info_set >= 0) & (edges.slot == situation.slots.start + option))
                for probability, amount in ends_after(tree, choice, odds, paid, int(edge)):
                    worth[option] += probability * (amount + random.normal(size=plays) / rationality)
            first = float((worth[0] > worth[1]).mean())
            assert first == pytest.approx(choice[situation.slots.start], abs=4.0 * 0.5 / math.sqrt(plays)), situation
            checked += 1
    assert checked


@pytest.mark.parametrize("rules", [("probit",), ("private", "probit"), ("logit", "probit")])
def test_hidden_types_are_solved_swept_and_traced_alike(rules: tuple[str, ...]) -> None:
    game = compile_crisis(crisis_of(BELIEVED.replace("rounds: 2", "rounds: 1")))
    if rules[0] == "private":
        game = compile_crisis(with_rules(game, *rules).crisis)
    game = with_rules(game, *rules)
    swept = solve_block(draw_of(game))
    traced = solve_block(draw_of(game), np.ones(1, dtype=bool))
    assert swept.converged.all()
    assert offramp.solve(game).status == "principal"
    assert traced.status.tolist() == [0]
    assert traced.choice == pytest.approx(swept.choice, abs=1e-9)


@pytest.mark.parametrize("rule", ["probit", "private"])
def test_the_branch_begins_at_uniform_play_and_ends_at_the_solution(rule: str) -> None:
    game = with_rules(compile_crisis(crisis_of(TWO_MOVES)), rule)
    branch = offramp.trace(game)
    assert branch.reached
    assert branch.residual.max() < 1e-9
    assert branch.choice[0] == pytest.approx(np.full(4, 0.5), abs=1e-12)
    assert branch.choice[-1] == pytest.approx(profile(game, (rule,)), abs=1e-9)
    middle = len(branch.scale) // 2
    part = solve_block(scaled(draw_of(game), branch.scale[middle : middle + 1]))
    assert branch.choice[middle] == pytest.approx(part.choice[:, 0], abs=1e-9)
    assert offramp.limit(game).regret < 1e-3


@pytest.mark.parametrize("rule", ["probit", "private"])
def test_a_wrong_profile_is_not_certified(rule: str) -> None:
    game = with_rules(compile_crisis(crisis_of(TWO_MOVES)), rule)
    block = draw_of(game)
    other = solve_block(draw_of(with_rules(game, "logit"))).choice
    assert float(evaluate_block(block, other).residual[0]) > 0.01
    assert float(evaluate_block(block, solve_block(block).choice).residual[0]) < 1e-14


def test_large_payoffs_are_doubted_as_far_as_rounding_goes() -> None:
    text = TWO_MOVES.replace("0.9 * (reply == resist)", "1e12 * (attack == strike) + 1e-4 * (reply == resist)")
    for rule in ("probit", "private"):
        solved = solve_block(draw_of(with_rules(compile_crisis(crisis_of(text)), rule)))
        assert float(solved.rounding[0]) > 1e-6
        assert not solved.converged.any()


def test_the_rule_of_every_actor_is_in_the_structure() -> None:
    game = with_rules(compile_crisis(crisis_of(OPEN)), "private", "probit", "logit")
    assert structure_of(game).rules.tolist() == [2, 1, 0]


def test_every_draw_of_a_run_is_that_of_the_closed_form() -> None:
    crisis = crisis_of(TWO_MOVES.replace("rationality: 1.3", "rationality: 'uniform(0.5, 3)', choice: private"))
    run = offramp.run(compile_crisis(crisis), draws=32, seed=2)
    assert run.converged.all()
    gives = 1.0 / (1.0 + math.exp(0.8 * 1.6))
    worth = 0.4 - (1.5 * gives - 0.5 * (1.0 - gives))
    stays = norm.cdf(run.inputs["one.rationality"] * worth / math.sqrt(1.0 + gives**2 + (1.0 - gives) ** 2))
    assert np.asarray(run.endings)[0] == pytest.approx(stays, rel=1e-12)


@pytest.mark.parametrize("options", [3, 6, 25])
def test_the_certificate_of_several_options_agrees_with_the_solver(options: int) -> None:
    names = [f"o{number}" for number in range(options)]
    paid = " + ".join(f"{0.9 * math.sin(3.0 * number):.3f} * (pick == {name})" for number, name in enumerate(names))
    crisis = crisis_of(f"""
format: 1
title: A pick
actors: {{one: {{name: One, rationality: 1.7, choice: probit}}}}
timeline: [{{move: pick, by: one, options: [{", ".join(names)}]}}]
payoffs: {{one: {{paid: {paid}}}}}
endings: {{all: otherwise}}
""")
    solved = solve_block(draw_of(compile_crisis(crisis)))
    assert float(solved.residual[0]) < 1e-13
    assert solved.choice.sum() == pytest.approx(1.0, abs=1e-13)


def test_draws_side_by_side_are_those_alone_also_where_play_cannot_come() -> None:
    text = OPEN.replace("odds: {good: 0.5, bad: rest}", "odds: {good: p, bad: 1 - p}").replace(
        "{good: 0.125, bad: rest}", "{good: p, bad: 1 - p}"
    )
    crisis = crisis_of(text.replace("timeline:", "inputs: {p: {is: 'uniform(0, 1)'}}\ntimeline:"))
    game = with_rules(compile_crisis(crisis), "private", "private", "probit")
    values = np.array([0.0, 0.25, 1.0])
    together = swept(block_of(game, tabulate(game, Draws({"p": values}, ["", "", ""]))))
    assert together.converged.all()
    for number, value in enumerate(values):
        alone = swept(draw_of(game, given={"p": float(value)}))
        assert together.choice[:, number].tobytes() == alone.choice[:, 0].tobytes()
    impossible = [s.slots for s in game.situations if s.sees.get("luck") == "good"]
    for slots in impossible:
        assert together.choice[slots, 0] == pytest.approx(1.0 / (slots.stop - slots.start), abs=1e-14)
