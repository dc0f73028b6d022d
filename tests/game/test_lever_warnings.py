"""A lever that makes a crisis impossible is warned of where it stands, and only such a lever."""

from __future__ import annotations

import pytest

import offramp
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.crises import crisis_of

BASE = """
format: 1
title: Advice
actors: {north: {name: North, rationality: zeal}}
inputs:
  luck: {is: "uniform(0.1, 0.4)", because: test}
  cost: {is: "uniform(0, 1)", because: test}
  zeal: {is: "uniform(2, 4)", because: test}
timeline:
  - {move: answer, by: north, options: [hold, strike, wait], closed: [wait]}
  - chance: reply
    odds:
      - {if: answer == strike, fight: 2 * luck, yield: rest}
      - {if: answer == wait, fight: 3 * luck - 0.3, yield: rest}
      - {fight: 0.1, yield: rest}
payoffs: {north: {harm: -cost * (reply == fight), gain: 0.3 * (answer == strike) + 0.1 * (answer == wait)}}
endings: {clash: {if: reply == fight, avoid: yes}, calm: otherwise}
levers:
  first: {FIRST}
  tried: {LEVER}
"""


def advice(lever: str, first: str = "allow: {answer: [wait]}") -> Crisis:
    """The base crisis with a second lever, and perhaps another first one."""
    return crisis_of(BASE.replace("FIRST", first).replace("LEVER", lever))


def warned(crisis: Crisis) -> list[str]:
    """The warnings that name the second lever."""
    return [said.located("a.yaml") for said in warnings_of(compile_game(crisis)) if "'tried'" in said.message]


@pytest.mark.parametrize(
    ("lever", "warning"),
    [
        (
            "set: {luck: 2 * luck}",
            "with lever 'tried' pulled, odds of 'reply', row 1, add up to 1.5988 where answer = strike; "
            "nothing is left for the rest, yield (with luck at its 99.9 % quantile: luck = 0.7994)",
        ),
        (
            "set: {luck: luck + 0.35}",
            "with lever 'tried' pulled, odds of 'reply', row 1, add up to 1.2 where answer = strike; "
            "nothing is left for the rest, yield (at the medians of the inputs: luck = 0.6)",
        ),
        (
            "set: {luck: luck - 1}",
            "with lever 'tried' pulled, odds of 'reply', row 1, give fight -1.5 where answer = strike; "
            "odds cannot be negative (at the medians of the inputs: luck = -0.75)",
        ),
        (
            "set: {cost: cost / 0}",
            "lever 'tried' sets 'cost' to a value that is not a finite number "
            "(at the medians of the inputs: cost = 0.5)",
        ),
        (
            "set: {cost: log(cost - 1)}",
            "lever 'tried' sets 'cost' to a value that is not a finite number "
            "(at the medians of the inputs: cost = 0.5)",
        ),
        (
            "set: {cost: log(cost - 0.01)}",
            "lever 'tried' sets 'cost' to a value that is not a finite number "
            "(with cost at its 0.1 % quantile: cost = 0.001)",
        ),
        (
            "set: {cost: 1e308}",
            "with lever 'tried' pulled, payoff term 'harm' of north is computed from numbers beyond the limit "
            "of 1e+100 where reply = fight (at the medians of the inputs: cost = 1e+308)",
        ),
        (
            "set: {zeal: zeal - 5}",
            "with lever 'tried' pulled, the rationality of north is -2; it cannot be negative "
            "(at the medians of the inputs: zeal = -2)",
        ),
        (
            "allow: {answer: [wait]}, set: {luck: luck / 2}",
            "with lever 'tried' pulled, odds of 'reply', row 2, give fight -0.14955 where answer = wait; "
            "odds cannot be negative (with luck at its 0.1 % quantile: luck = 0.05015)",
        ),
    ],
)
def test_what_a_lever_makes_impossible_is_told_at_its_line_and_refused_when_it_is_pulled(
    lever: str, warning: str
) -> None:
    crisis = advice(lever)
    left_out = "; if a draw comes to this, the lever is left out of the ranking of levers"
    assert warned(crisis) == [f"a.yaml:20:3: {warning}{left_out}"]
    with pytest.raises(CrisisError):
        offramp.run(crisis.with_levers("tried"), draws=4096)


@pytest.mark.parametrize(
    "lever",
    [
        "set: {luck: 1.2 * luck}",
        "set: {luck: 2 * luck}, forbid: {answer: [strike]}",
        "set: {luck: 2 * luck}, commit: {answer: hold}",
        "set: {luck: luck / 2}",
        "set: {cost: 1e99, zeal: 0}",
        "forbid: {answer: [strike]}",
    ],
)
def test_a_lever_that_leaves_the_crisis_possible_is_not_warned_of(lever: str) -> None:
    crisis = advice(lever)
    assert warned(crisis) == []
    offramp.run(crisis.with_levers("tried"), draws=1024)


def test_a_lever_is_tried_on_top_of_those_pulled() -> None:
    crisis = advice("set: {luck: 1.2 * luck}", first="set: {luck: luck + 0.02}")
    assert warned(crisis) == []
    assert "add up to 1.00728" in warned(crisis.with_levers("first"))[0]
