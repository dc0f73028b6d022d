"""The oracle itself, against numbers and labels worked out by hand."""

import pytest

from offramp.crisis.model import Crisis
from tests.crises import crisis_of
from tests.walker import Key, Value, Walk, logit_response, walk

RUMOUR = """
format: 1
title: Rumour
actors:
  north: {name: North}
  south: {name: South}
timeline:
  - chance: fleet
    odds: {out: 0.25, home: rest}
    seen_by: []
    believed_by: {south: {out: 0.5, home: rest}}
  - move: order
    by: south
    options: [wait, fire]
  - move: answer
    by: north
    if: order == fire
    options: [yield, resist]
payoffs:
  north: {cost: -1 * (answer == resist)}
  south: {prize: 2 * (order == fire) * (fleet == out), price: -3 * (answer == resist)}
endings: {clash: answer == resist, calm: otherwise}
"""

MEMORIES = """
format: 1
title: Memories
actors:
  north: {name: North, memory: recall}
  south: {name: South, memory: state}
  east:  {name: East, memory: state}
timeline:
  - chance: omen
    odds: {good: 0.5, bad: 0.5}
    seen_by: [north]
  - tell: omen
    to: [south]
    if: omen == bad
  - rounds: 2
    until: stop == 1
    steps:
      - together:
        - {move: probe, by: north, options: [yes_, no_], seen_by: []}
        - {move: guard, by: south, options: [up, down]}
      - {tell: probe, to: [south, north]}
      - {move: shout, by: east, options: [loud], if: probe == yes_}
      - {state: heat, start: omen == bad, becomes: heat + 1, seen_by: [north, south]}
      - {state: stop, start: 0, becomes: guard == up}
  - {move: verdict, by: south, options: [war, peace]}
  - {move: last, by: north, options: [war, peace]}
endings: {end: otherwise}
"""


def uniform(_key: Key, options: tuple[str, ...]) -> dict[str, float]:
    return dict.fromkeys(options, 1 / len(options))


def sights(crisis: Crisis, move: str, round_number: int = 0) -> list[dict[str, Value]]:
    return [dict(seen) for name, at, seen in walk(crisis, uniform).reached if (name, at) == (move, round_number)]


@pytest.fixture(scope="module")
def rumour() -> Walk:
    return walk(crisis_of(RUMOUR), uniform)


def test_endings_and_payoffs_follow_the_analysts_odds(rumour: Walk) -> None:
    assert rumour.endings == pytest.approx({"clash": 0.25, "calm": 0.75})
    assert rumour.payoffs["south"] == pytest.approx({"prize": 0.25, "price": -0.75})
    assert rumour.payoffs["north"] == pytest.approx({"cost": -0.25})


def test_own_eyes_follow_the_actors_own_odds(rumour: Walk) -> None:
    assert rumour.own_eyes == pytest.approx({"north": -0.25, "south": 0.5 - 0.75})


def test_option_values_weigh_histories_with_the_movers_own_odds(rumour: Walk) -> None:
    order: Key = ("order", 0, frozenset())
    answer: Key = ("answer", 0, frozenset({("order", "fire")}))
    assert rumour.option_values == {
        order: pytest.approx({"wait": 0.0, "fire": 1.0 - 1.5}),
        answer: pytest.approx({"yield": 0.0, "resist": -1.0}),
    }
    assert rumour.reached == {order: 1.0, answer: 0.5}


def test_a_skipped_step_is_no_node(rumour: Walk) -> None:
    assert rumour.histories == 2 * (1 + 2)
    assert rumour.nodes_tree == 1 + 2 + 2 + 6


def test_odds_of_zero_branch_but_leave_no_support() -> None:
    text = RUMOUR.replace("0.25", "0").replace("0.5, home", "0, home").replace("[]", "[south]")
    found = walk(crisis_of(text), uniform)
    blind: Key = ("order", 0, frozenset({("fleet", "out")}))
    assert found.histories == 6
    assert found.reached[blind] == 0.0
    assert blind not in found.support
    assert blind not in found.option_values


def test_perfect_recall_keeps_every_round_and_every_value_of_a_state() -> None:
    crisis = crisis_of(MEMORIES)
    first = {"omen": "good", "round": 1.0, "heat": 0.0, "stop": 0.0}
    second = {
        "omen": "good", "round": 2.0, "probe@1": "yes_", "probe (told 1)@1": "yes_", "guard@1": "down",
        "shout@1": "loud", "heat@start": 0.0, "heat": 1.0, "stop": 0.0,
    }  # fmt: skip
    last = second | {
        "probe@2": "no_", "probe (told 1)@2": "no_", "guard@2": "up", "shout@2": "skipped",
        "heat@1": 1.0, "heat": 2.0, "stop@1": 0.0, "stop": 1.0, "verdict": "war",
    }  # fmt: skip
    assert first in sights(crisis, "probe", 1)
    assert second in sights(crisis, "probe", 2)
    assert last in sights(crisis, "last")


def test_state_memory_keeps_states_and_what_was_seen_outside_the_rounds() -> None:
    crisis = crisis_of(MEMORIES)
    assert sights(crisis, "guard", 1) == [
        {"round": 1.0, "heat": 0.0, "stop": 0.0},
        {"round": 1.0, "heat": 1.0, "stop": 0.0, "omen": "bad"},
    ]
    assert sights(crisis, "guard", 2) == [
        {"round": 2.0, "heat": 1.0, "stop": 0.0},
        {"round": 2.0, "heat": 2.0, "stop": 0.0, "omen": "bad"},
    ]
    assert sights(crisis, "shout", 1) == [
        {"round": 1.0, "guard": "up", "stop": 0.0},
        {"round": 1.0, "guard": "down", "stop": 0.0},
    ]
    after = {"round": 2.0, "heat": 2.0, "stop": 0.0, "guard": "down", "probe": "no_", "shout": "skipped"}
    assert after in sights(crisis, "verdict")


def test_rounds_that_are_not_played_leave_skipped_steps_to_state_memory_only() -> None:
    crisis = crisis_of(MEMORIES.replace("until: stop == 1", "until: stop == 1\n    if: omen == skipped"))
    assert sights(crisis, "verdict")[0] == {
        "round": 0.0, "heat": 0.0, "stop": 0.0, "guard": "skipped", "shout": "skipped",
    }  # fmt: skip
    assert sights(crisis, "last")[0] == {"round": 0.0, "heat": 0.0, "stop": 0.0, "omen": "good", "verdict": "war"}


def test_logit_response_is_the_textbooks() -> None:
    assert logit_response({"a": 1.0, "b": 0.0}, 3.0)["a"] == pytest.approx(1 / (1 + 2.718281828459045**-3))
