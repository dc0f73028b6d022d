"""The compiled certificate gives what its loops in plain Python give."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from offramp.crisis.reading import read_text
from offramp.equilibrium.audit import log_reach_of, reach_of, values_of
from offramp.equilibrium.logit import beliefs_of, judged
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import Block, block_of
from offramp.gambit.opening import compile_game
from offramp.game.tables import Draws, tabulate
from offramp.runs.sampling import sample_draws
from tests.crises import crisis_texts
from tests.equilibrium.oracle import audit, rule_audit
from tests.examples import examples

Array = NDArray[np.float64]


@given(crisis_texts(most_histories=150), st.integers(1, 10), st.integers(0, 1000))
@settings(max_examples=examples(15), deadline=None)
def test_a_certificate_gives_the_bits_of_its_loops_in_python(text: str, draws: int, seed: int) -> None:
    crisis = read_text(text.encode(), "made.yaml")
    game = compile_game(crisis)
    block = block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, draws), [""] * draws)))
    logit = np.random.default_rng(seed).normal(0.0, 1.0, (block.structure.slots, draws))
    logit[:, 0] *= 500.0  # probabilities underflow
    with np.errstate(all="ignore"):
        _compare(block, logit)


def _compare(block: Block, logit: Array) -> None:
    structure, odds, pay, draws = block.structure, block.tables.odds, block.pay, block.draws
    graph, log_choice = structure.graph, log_probabilities(structure, logit)
    choice = np.exp(log_choice)
    nodes, actors, slots = graph.nodes + 1, graph.actors, structure.slots
    reach = np.empty((graph.systems, nodes, draws))
    audit.reach_of(graph, odds, choice, reach)
    assert np.array_equal(reach_of(graph, odds, choice), reach)
    audit.log_reach_of(graph, odds, log_choice, rare := np.empty(reach.shape))
    np.testing.assert_allclose(log_reach_of(graph, odds, log_choice), rare, rtol=1e-12, atol=1e-12)
    belief, mass = np.empty((graph.nodes, draws)), np.empty((graph.sets, draws))
    audit.beliefs_of(graph, reach, False, belief, mass)
    lost = ((mass < 1e-280) & (block.supported > 0.0)).any(axis=0)
    audit.beliefs_of(graph, rare, True, in_limit := np.empty(belief.shape), high := np.empty(mass.shape))
    belief[:, lost], mass[:, lost] = in_limit[:, lost], (high > -np.inf)[:, lost]
    found = beliefs_of(block, choice, logit)
    assert np.array_equal(found[:, ~lost], belief[:, ~lost])
    np.testing.assert_allclose(found, belief, rtol=1e-9, atol=1e-300)
    value, worth = np.empty((nodes, actors, draws)), np.empty((slots, draws))
    audit.values_of(graph, odds, pay, choice, found, value, worth)
    for ours, theirs in zip(values_of(graph, odds, pay, choice, found), (value, worth), strict=True):
        assert np.array_equal(ours, theirs)
    nothing = np.zeros(draws, dtype=np.int64)
    solved = judged(block, choice, logit, nothing, nothing.astype(np.int8))
    assert np.array_equal(solved.option_value, worth)
    assert np.array_equal(solved.own_eyes, value[graph.root] + pay[graph.root_pay])
    flow = np.empty((block.game.payoff_count, draws))
    payoffs = structure.edge_payoff, structure.payoff_left, structure.payoff_right, structure.root_payoff
    audit.flows_of(graph, *payoffs, odds, choice, reach, flow)
    terms = np.zeros(solved.terms.shape)
    endings = np.zeros(solved.endings.shape)
    for position, entries in enumerate(block.game.payoff_entries):
        if (contexts := getattr(entries, "contexts", None)) is not None:
            paid = flow[entries.first : entries.first + contexts.count]
            if entries.term is None:
                endings += paid
            else:
                audit.add_up(paid, block.tables.amounts[position], terms[entries.term])
    assert np.array_equal(solved.terms, terms)
    assert np.array_equal(solved.endings, endings)
    audit.reached_of(graph, reach[0], reached := np.empty(mass.shape))
    assert np.array_equal(solved.reached, reached)
    by_rule = rule_audit.responses(
        structure, worth, block.tables.played, rule_audit.deviations(structure, odds, choice), np.zeros(worth.shape)
    )
    residual, spread, once = np.empty(draws), np.empty(draws), np.empty((actors, draws))
    audit.violations_of(
        structure.movers, structure.first_slots, structure.options, structure.rules, choice, worth,
        block.tables.played, mass, by_rule, residual, spread, once,
    )  # fmt: skip
    np.testing.assert_allclose(solved.residual, residual, rtol=1e-12, atol=1e-14)
    assert np.array_equal(solved.regret_once, once)
    _compare_regret(block, choice, solved.regret, solved.own_eyes)


def _compare_regret(block: Block, choice: Array, regret: Array, own_eyes: Array) -> None:
    structure, draws = block.structure, block.draws
    graph, best = structure.graph, np.empty(draws)
    at_nodes, value = np.empty((2, graph.nodes + 1, draws))
    worth, chosen = np.empty((structure.slots, draws)), np.empty((graph.sets, draws), dtype=np.int64)
    for number, actor in enumerate(block.game.crisis.actors.values()):
        if actor.memory != "recall":
            assert np.isnan(regret[number]).all()
            continue
        audit.best_response(graph, block.tables.odds, block.pay, choice, number, at_nodes, value, worth, chosen, best)
        size = 1.0 + np.abs(block.pay).max(axis=0) * len(block.game.layers)
        gain = np.maximum(best - own_eyes[number], 0.0)
        assert (np.abs(regret[number] - gain) <= 1e-12 * size).all()
