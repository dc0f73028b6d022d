"""Properties of the compiler besides agreeing with a walk: merging, the size of rounds, budgets."""

from __future__ import annotations

import numpy as np
import pytest

import offramp
from offramp.crisis.reading import read_text
from offramp.equilibrium.evaluation import evaluate_profile
from offramp.game.compiler import compile_crisis
from offramp.game.operations import StepOperation
from offramp.game.plan import plan_of
from tests.shipped import CRISES, tehran


def test_merging_shrinks_the_tehran_crisis_and_changes_no_number() -> None:
    crisis = tehran()
    merged, tree = compile_crisis(crisis), compile_crisis(crisis, merge=False)
    assert merged.size.nodes < merged.size.nodes_tree / 10
    assert tree.size.nodes == tree.size.nodes_tree == merged.size.nodes_tree
    assert [s.sees for s in merged.situations] == [s.sees for s in tree.situations]
    rng = np.random.default_rng(0)
    choice = np.concatenate([rng.dirichlet(np.ones(len(s.options))) for s in merged.situations])
    one, other = evaluate_profile(merged, choice), evaluate_profile(tree, choice)
    for actor, terms in one.payoffs.items():
        assert terms == pytest.approx(other.payoffs[actor], abs=1e-12)
    assert one.endings == pytest.approx(other.endings, abs=1e-12)
    assert one.own_eyes == pytest.approx(other.own_eyes, abs=1e-12)
    np.testing.assert_allclose(one.option_values, other.option_values, rtol=0, atol=1e-12)
    np.testing.assert_allclose(one.reached, other.reached, rtol=0, atol=1e-12)


def test_with_state_memory_nodes_grow_with_the_rounds_and_not_faster() -> None:
    text = (CRISES / "tehran-2024" / "crisis.yaml").read_text(encoding="utf-8")
    assert text.count("- rounds: 2\n") == 1
    nodes = {}
    for rounds in (4, 32):
        crisis = read_text(text.replace("- rounds: 2\n", f"- rounds: {rounds}\n").encode(), "tehran.yaml")
        nodes[rounds] = compile_crisis(crisis).size.nodes
    assert nodes[32] <= 10 * nodes[4]


GROWING = """
format: 1
title: Growing
actors: {{north: {{name: North}}, south: {{name: South}}}}
timeline:
  - rounds: {rounds}
    steps:
      - {{move: call, by: north, options: [a, b, c]}}
      - {{move: answer, by: south, options: [x, y]}}
payoffs: {{north: {{gain: {{pays: (call == a) * (answer == x), when: each_round}}}}}}
endings: {{all: otherwise}}
"""


def test_a_game_beyond_the_budget_stops_with_the_step_that_broke_it() -> None:
    crisis = read_text(GROWING.format(rounds=16).encode(), "growing.yaml")  # 2.8e12 histories
    with pytest.raises(offramp.CrisisError) as caught:
        compile_crisis(crisis, max_nodes=10_000)
    message = str(caught.value)
    assert message.startswith(
        "growing.yaml:9:16: 'answer' in round 5 makes the game too large: 6,220 nodes so far and 7,776"
    )
    assert (
        "more than 10,000; raise --max-nodes, or let north and south forget earlier rounds (`memory: state`)" in message
    )


def test_a_budget_that_suffices_is_not_in_the_way() -> None:
    crisis = read_text(GROWING.format(rounds=3).encode(), "growing.yaml")
    size = compile_crisis(crisis, max_nodes=600).size
    assert size.histories == 6**3


def test_a_column_is_read_by_nobody_after_its_last_reader() -> None:
    """A plan drops a state after the rounds if nothing needs it there."""
    crisis = read_text(GROWING.format(rounds=2).encode(), "growing.yaml")
    operations = plan_of(crisis).operations
    last_move = max(index for index, operation in enumerate(operations) if isinstance(operation, StepOperation))
    columns = [operation.column for operation in operations if isinstance(operation, StepOperation)]
    assert max(column.last_read for column in columns) <= last_move + 1


def test_a_crisis_without_any_branching_has_one_history() -> None:
    text = "format: 1\ntitle: Still\nactors: {north: {name: North}}\ntimeline: [{state: s, start: 0, becomes: s + 1}]\n"
    text += "payoffs: {north: {gain: 2 * s}}\nendings: {quiet: s == 1, war: otherwise}\n"
    solution = offramp.solve(compile_crisis(read_text(text.encode(), "still.yaml")))
    assert solution.endings == {"quiet": 1.0, "war": 0.0}
    assert solution.payoffs == {"north": {"gain": 2.0}}
    assert solution.game.size.histories == solution.game.size.nodes == 1


def test_an_ending_that_covers_nothing_is_named_with_the_path_that_leads_there() -> None:
    text = GROWING.format(rounds=1).replace("{all: otherwise}", "{won: call == a and answer == x}")
    with pytest.raises(offramp.CrisisError, match=r"no ending holds after call = a in round 1, answer = y in round 1"):
        compile_crisis(read_text(text.encode(), "growing.yaml"))


def test_more_histories_than_a_float_holds_are_counted_as_many_as_it_holds() -> None:
    text = (
        GROWING.format(rounds=800).replace("North}", "North, memory: state}").replace("South}", "South, memory: state}")
    )
    size = compile_crisis(read_text(text.encode(), "growing.yaml")).size
    assert 1e308 < size.histories <= size.nodes_tree
    assert size.nodes == 800 * 4 + 1
