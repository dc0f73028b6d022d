"""As of now, what was played stays, and what is ahead is solved again with beliefs through what was played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.equilibrium.solution import Solution
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW, raid_now


def odds_at(solution: Solution, move: str, **sees: str) -> dict[str, float]:
    """The options of a move where these facts are known."""
    (found,) = (
        entry.options
        for entry in solution.moves
        if entry.situation.move == move and sees.items() <= entry.situation.sees.items()
    )
    return dict(found)


def logistic(difference: float) -> float:
    return 1.0 / (1.0 + np.exp(-difference))


def expected(base: Solution, p: float, q: float, prize: float, *, strike: bool = True) -> dict[str, float]:
    """War and what is said of it, from how South spoke in `base`, by hand."""
    speak = {line: odds_at(base, "warn", line=line)["speak"] for line in ("low", "high")}
    likelihood = p * speak["low"] + (1 - p) * speak["high"]
    low = p * speak["low"] / likelihood
    strikes = {"low": logistic(3 * 1.0) if strike else 0.0, "high": logistic(0.0) if strike else 0.0}
    struck = low * strikes["low"] + (1 - low) * strikes["high"]
    go = logistic(2 * (prize - 3 * q * struck))
    return {"likelihood": likelihood, "go": go, "war": go * struck * q}


@pytest.mark.parametrize(
    ("levers", "changed"), [((), {}), (("hotline",), {"q": 0.5}), (("restraint",), {"strike": False})]
)
def test_moves_ahead_answer_to_what_was_played(levers: tuple[str, ...], changed: dict[str, float]) -> None:
    base = offramp.solve(crisis_of(RAID_NOW))
    inputs = {name: float(entry.distribution.quantile(np.array([0.5]))[0]) for name, entry in raid_now().inputs.items()}
    q = inputs["q"] * changed.get("q", 1.0)
    found = offramp.solve(raid_now().with_levers(*levers))
    wanted = expected(base, inputs["p"], q, inputs["prize"], strike=bool(changed.get("strike", True)))
    assert found.likelihood == pytest.approx(wanted["likelihood"], abs=1e-9)
    assert odds_at(found, "raid", warn="speak")["go"] == pytest.approx(wanted["go"], abs=1e-9)
    assert found.endings["war"] == pytest.approx(wanted["war"], abs=1e-9)
    assert found.payoffs["north"]["war"] == pytest.approx(-3 * wanted["war"], abs=1e-9)


def test_if_nothing_is_pulled_play_is_that_of_the_outset_bit_for_bit() -> None:
    outset, now = offramp.solve(crisis_of(RAID_NOW)), offramp.solve(raid_now())
    assert now.choice.tobytes() == outset.choice.tobytes()
    assert now.option_values.tobytes() == outset.option_values.tobytes()


@pytest.mark.parametrize("lever", ["silence", "doubt"])
def test_a_lever_on_what_is_past_changes_nothing(lever: str) -> None:
    before, after = offramp.solve(raid_now()), offramp.solve(raid_now().with_levers(lever))
    assert after.choice.tobytes() == before.choice.tobytes()
    assert (after.endings, after.payoffs) == (before.endings, before.payoffs)


def test_a_lever_pulled_before_now_was_there_when_the_past_was_played() -> None:
    before = crisis_of(RAID_NOW).with_levers("doubt")
    pulled, later = offramp.solve(before.now()), offramp.solve(raid_now().with_levers("doubt"))
    assert pulled.choice.tobytes() == offramp.solve(before).choice.tobytes()
    assert pulled.likelihood != later.likelihood


@pytest.mark.parametrize("levers", [(), ("hotline",), ("restraint",)])
def test_what_an_actor_has_not_seen_changes_none_of_its_choices(levers: tuple[str, ...]) -> None:
    known = raid_now().supposing({"line": "low"}).with_levers(*levers)
    without, given = offramp.solve(raid_now().with_levers(*levers)), offramp.solve(known)
    assert given.choice.tobytes() == without.choice.tobytes()
    assert given.endings["war"] != without.endings["war"] or "restraint" in levers


def test_a_supposition_of_several_values_weighs_them_by_their_odds() -> None:
    both = offramp.solve(crisis_of(RAID_NOW).supposing({"raid": ["go", "stay"]}))
    each = [offramp.solve(crisis_of(RAID_NOW).supposing({"raid": raid})) for raid in ("go", "stay")]
    total = sum(one.likelihood for one in each)
    assert both.likelihood == pytest.approx(total)
    war = sum(one.likelihood * one.endings["war"] for one in each) / total
    assert both.endings["war"] == pytest.approx(war)
    assert both.endings["war"] == pytest.approx(offramp.solve(raid_now()).endings["war"])


ROUNDS = """
format: 1
title: Rounds
actors: {north: {name: North}, south: {name: South}}
timeline:
  - rounds: 3
    steps: [{move: answer, by: north, options: [hold, strike]}, {move: reply, by: south, options: [hold, strike]}]
payoffs:
  north:
    each: {pays: -1 * (reply == strike), when: each_round}
    last: {pays: -2 * (answer == strike), when: end}
endings: {all: otherwise}
"""


@pytest.mark.parametrize(("known", "rounds"), [("answer@1", 3), ("reply@1", 2), ("answer@2", 2), ("reply@3", 0)])
def test_payoffs_are_those_of_which_something_is_still_open(known: str, rounds: int) -> None:
    crisis = crisis_of(ROUNDS).supposing({known: "strike"})
    found = offramp.solve(crisis).payoffs["north"]
    assert found["each"] == pytest.approx(-0.5 * rounds, abs=1e-9)  # South has no stake
    assert (found["last"] == 0.0) == (rounds == 0)


def test_inputs_given_act_ahead_only() -> None:
    found = offramp.solve(raid_now(), given={"p": 0.9, "toll": 5.0})
    assert found.endings == offramp.solve(raid_now()).endings
    assert offramp.solve(raid_now(), given={"prize": 0.9}).endings != found.endings


def test_a_solve_that_starts_from_another_does_not_solve_the_past_again() -> None:
    first = offramp.solve(raid_now(), given={"q": 0.6})
    again = offramp.solve(raid_now(), given={"q": 0.5}, start=first)
    assert again.so_far is first.so_far
    assert again.choice == pytest.approx(offramp.solve(raid_now(), given={"q": 0.5}).choice, abs=1e-8)


def test_without_facts_now_is_the_outset() -> None:
    crisis = replace(crisis_of(RAID_NOW), observed=())
    now = offramp.solve(crisis.now().with_levers("doubt"))
    assert now.choice.tobytes() == offramp.solve(crisis.with_levers("doubt")).choice.tobytes()


def test_now_lies_after_the_whole_of_what_is_done_together() -> None:
    text = """
format: 1
title: Together
actors: {north: {name: North}, south: {name: South}}
timeline:
  - together: [{move: answer, by: north, options: [hold, strike]}, {move: reply, by: south, options: [hold, strike]}]
  - {move: peace, by: north, options: [sign, leave]}
payoffs: {north: {peace: peace == sign}}
endings: {all: otherwise}
"""
    crisis: Crisis = crisis_of(text).supposing({"answer": "hold"})
    assert crisis.past == {("answer", 0), ("reply", 0)}
    assert offramp.compile_game(crisis).past == 2


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"raed": "go"}, "unknown step 'raed'; did you mean 'raid'?"),
        ({"raid": "goo"}, r"'goo' is not an option of 'raid' \(go and stay, or skipped\); did you mean 'go'?"),
        ({"raid@2": "go"}, "'raid' is not inside rounds"),
        ({"p": "go"}, "unknown step 'p'; only chance steps and moves are supposed"),
        ({"warn": "hush"}, "what is supposed, warn: hush, contradicts warn: speak"),
        ({"raid": []}, "nothing is supposed of 'raid'"),
        ({"raid": "stay", "reply": "strike"}, "what is supposed, reply: strike, cannot have happened after"),
    ],
)
def test_a_wrong_supposition_is_told_by_name(facts: dict[str, str], message: str) -> None:
    with pytest.raises(offramp.OfframpError, match=message):
        offramp.solve(crisis_of(RAID_NOW).supposing(facts))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"reply": "hold"}, "'reply' is inside rounds: give the round, such as reply@1"),
        ({"reply@4": "hold"}, "'reply' has no round '4'; there are rounds 1 to 3"),
    ],
)
def test_a_wrong_round_is_told_by_name(facts: dict[str, str], message: str) -> None:
    with pytest.raises(offramp.UsageError, match=message):
        crisis_of(ROUNDS).supposing(facts)


@pytest.mark.parametrize(
    "study",
    [
        lambda crisis: offramp.trace(crisis, to=1.0),
        lambda crisis: offramp.equilibria(crisis, 1),
        offramp.limit,
    ],
)
def test_what_takes_a_crisis_from_its_outset_only_says_so(study: Callable[[Crisis], object]) -> None:
    with pytest.raises(offramp.UsageError, match="from its outset, not as of now"):
        study(raid_now())
