"""Why an actor chooses as it does, against a walk through every history."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.equilibrium.solution import Solution
from offramp.study.explanation.explaining import why
from offramp.study.explanation.motives import Belief, Motive, averages, beliefs, is_reached, motives
from offramp.study.explanation.preference import LEAST_SHARE, MOST_TERMS, preference
from offramp.study.histories.plays import solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.game.test_against_walker import by_key, key_of
from tests.plays import plays
from tests.shipped import tehran
from tests.study.observed_histories import Histories
from tests.walker import ANALYST

RANDOM = crisis_texts(most_histories=120).map(crisis_of)
PAYOFFS = st.floats(-9.0, 9.0)


def some_set(data: st.DataObject, solution: Solution) -> int:
    reached = [held for held in range(len(solution.game.situations)) if solution.reached[held] > 1e-9]
    assume(reached)
    return data.draw(st.sampled_from(reached))


@settings(max_examples=examples(30), deadline=None)
@given(RANDOM)
def test_terms_add_up_to_the_option_s_value(crisis: Crisis) -> None:
    block, solution = solved(crisis)
    game = block.game
    for held, situation in enumerate(game.situations[:40]):
        if is_reached(solution, held):
            values = dict(zip(situation.options, solution.option_values[situation.slots], strict=True))
            for motive in motives(block, solution, held):
                assert motive.value == values[motive.option]
                assert sum(motive.terms.values()) == pytest.approx(motive.value, rel=1e-12, abs=1e-12)


@settings(max_examples=examples(30), deadline=None)
@given(RANDOM, st.data())
def test_terms_and_endings_of_an_option_are_those_of_the_histories_that_take_it(
    crisis: Crisis, data: st.DataObject
) -> None:
    block, solution = solved(crisis)
    game = block.game
    held = some_set(data, solution)
    situation = game.situations[held]
    plays = [play for play in Histories(solution).found if key_of(situation) in play.taken]
    means: dict[str, dict[str, float]] = {}
    for motive in motives(block, solution, held):
        taking = [play for play in plays if play.taken[key_of(situation)] == motive.option]
        for who, endings in ((situation.actor, motive.endings), (ANALYST, motive.endings_for_analyst)):
            total = sum(play.odds[who] for play in taking)
            for name, share in endings.items():
                weight = sum(play.odds[who] for play in taking if play.terminal.ending == name)
                assert share == pytest.approx(weight / total, abs=1e-9)
        total = sum(play.odds[situation.actor] for play in taking)
        means[motive.option] = {
            term: sum(play.odds[situation.actor] * play.terminal.paid[situation.actor, term] for play in taking) / total
            - paid
            for term, paid in motive.terms.items()
        }
    first, *others = means.values()  # what was paid before does not depend on the option
    for other in others:
        assert other == pytest.approx(first, abs=1e-9)


@settings(max_examples=examples(30), deadline=None)
@given(RANDOM, st.data())
def test_beliefs_are_bayes_rule_over_the_histories(crisis: Crisis, data: st.DataObject) -> None:
    block, solution = solved(crisis)
    game = block.game
    held = some_set(data, solution)
    situation = game.situations[held]
    everything = Histories(solution).found
    through = [play for play in everything if key_of(situation) in play.taken]
    for belief in beliefs(block, solution, held):
        assert situation.actor not in crisis.named[belief.step].seen_by or belief.round == situation.round
        if belief.round == 0:
            for plays, share in ((everything, belief.before), (through, belief.now)):
                if belief.value == "skipped":
                    counted = plays
                    assert 0.0 < share < 1.0
                else:
                    counted = [play for play in plays if play.value(belief.step) != "skipped"]
                total = sum(play.odds[situation.actor] for play in counted)
                weight = sum(play.odds[situation.actor] for play in counted if play.value(belief.step) == belief.value)
                assert share == pytest.approx(weight / total, abs=1e-9)


PATROL = """
format: 1
title: Patrol
actors: {north: {name: North}, south: {name: South}}
timeline:
  - {chance: spy, odds: {there: 0.5, gone: rest}, seen_by: []}
  - {chance: leak, if: spy == there, odds: {plan: 0.25, noise: rest}, seen_by: []}
  - {chance: alarm, odds: [{if: leak == plan, rings: 0.9, silent: rest}, {rings: 0.3, silent: rest}]}
  - rounds: 2
    until: sail == stay
    steps:
      - {chance: fog, odds: {thick: 0.4, thin: rest}, seen_by: [north]}
      - {move: sail, by: north, options: [go, stay]}
      - {move: watch, by: south, if: sail == go, options: [follow, wait]}
payoffs: {north: {gain: {pays: (sail == go) - 0.5 * (watch == follow), when: each_round}}}
endings: {met: watch == follow, calm: otherwise}
"""


def told_of(rows: tuple[Belief, ...], step: str, number: int) -> dict[str, tuple[float, float]]:
    return {b.value: (b.before, b.now) for b in rows if (b.step, b.round) == (step, number)}


def test_that_play_has_come_to_a_step_is_no_news_of_its_value() -> None:
    """The fog of round 2 is as thick there as it was held to be at the outset, when round 2 was not yet sure."""
    crisis = crisis_of(PATROL)
    found = why(crisis, "watch@2")
    profile = by_key(solved(crisis)[1].game, solved(crisis)[1].choice)
    everything = plays(crisis, lambda key, _: profile[key])
    here = [
        play
        for play in everything
        if play.happened.get(("watch", 2), "skipped") != "skipped"
        and play.happened["alarm", 0] == found.situation.sees["alarm"]
        and play.happened["watch", 1] == found.situation.sees["watch@1"]
    ]
    for number in (1, 2):
        fog = told_of(found.beliefs, "fog", number)
        assert set(fog) == {"thick", "thin"}
        for place, among in enumerate((everything, here)):
            made = [play for play in among if ("fog", number) in play.happened]
            thick = sum(play.probability for play in made if play.happened["fog", number] == "thick")
            assert fog["thick"][place] == pytest.approx(thick / sum(play.probability for play in made), abs=1e-9)
    assert told_of(found.beliefs, "fog", 2)["thick"][0] == pytest.approx(0.4)


def test_whether_a_step_is_made_at_all_is_told_apart_from_its_value() -> None:
    found = why(crisis_of(PATROL), "watch@1", sees={"alarm": "rings"})
    rings = 0.5 * (0.25 * 0.9 + 0.75 * 0.3) + 0.5 * 0.3
    there = 0.5 * (0.25 * 0.9 + 0.75 * 0.3) / rings
    leak = told_of(found.beliefs, "leak", 0)
    assert leak["plan"] == pytest.approx((0.25, 0.25 * 0.9 / (0.25 * 0.9 + 0.75 * 0.3)))
    assert sum(now for value, (_, now) in leak.items() if value != "skipped") == pytest.approx(1.0)
    assert leak["skipped"] == pytest.approx((0.5, 1.0 - there))
    text = " ".join(found.answer)
    assert "changed its mind most about leak: it now gives noise 50.0%, after 75.0% at the outset." in text
    assert f"It gives {there:.1%} to the case that leak arises at all, after 50.0% at the outset." in text
    assert "each value given that the step occurs" in found.table("beliefs").caption


@settings(max_examples=examples(30), deadline=None)
@given(RANDOM)
def test_averages_are_means_of_the_situations_weighted_with_reach(crisis: Crisis) -> None:
    block, solution = solved(crisis)
    game = block.game
    move = game.situations[0].move if game.situations else assume(False)
    sets = [held for held, situation in enumerate(game.situations) if situation.move == move]
    sums: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for held in sets:
        if is_reached(solution, held):
            for motive in motives(block, solution, held):
                total = sums[game.situations[held].round, motive.option]
                reached = float(solution.reached[held])
                total["reached"] += reached
                total["chosen"] += reached * motive.chosen
                for term, paid in motive.terms.items():
                    total[term] += reached * paid
    found = averages(block, solution, sets)
    assert {(average.round, average.option) for average in found} == set(sums)
    for average in found:
        total = sums[average.round, average.option]
        assert average.chosen == pytest.approx(total["chosen"] / total["reached"], abs=1e-9)
        for term, paid in average.terms.items():
            assert paid == pytest.approx(total[term] / total["reached"], abs=1e-9)


@given(st.lists(st.tuples(PAYOFFS, PAYOFFS), min_size=1, max_size=6))
def test_the_sentence_says_the_numbers_of_the_table(pairs: list[tuple[float, float]]) -> None:
    better = pairs if sum(b for b, _ in pairs) >= sum(o for _, o in pairs) else [(o, b) for b, o in pairs]
    best, other = (
        Motive(name, 0.5, sum(pair[side] for pair in better), {f"t_{k}": p[side] for k, p in enumerate(better)}, {}, {})
        for side, name in enumerate(["one_way", "another"])
    )
    terms = {term: term.replace("_", " ") for term in best.terms}
    sentence = preference("North", best, other, {"one_way": "one way", "another": "another"}, terms)
    by = re.search(r"prefers one way to another by ([\d.]+)", sentence)
    assert (float(by[1]) if by else 0.0) == pytest.approx(best.value - other.value, abs=0.0051)
    added = 0.0
    named = set()
    amounts = r"((?:[\d.]+ (?:more )?in (?:t \d|the rest)(?:, | and )?)+)"
    for verb, parts in re.findall(rf"(pays|gives up|spares itself|gains) {amounts}", sentence):
        for size, term in re.findall(r"([\d.]+) (?:more )?in (?:t (\d)|the rest)", parts):
            signed = -float(size) if verb in ("pays", "gives up") else float(size)
            added += signed
            if term:
                named.add(f"t_{term}")
                paid = best.terms[f"t_{term}"]
                assert signed == pytest.approx(paid - other.terms[f"t_{term}"], abs=0.0051)
                assert (verb == "spares itself") == (signed > 0 and paid <= 0)
                assert (verb == "pays") == (signed < 0 and paid < 0)
    assert added == pytest.approx(best.value - other.value, abs=0.005 * (len(named) + 2))
    size = {term: abs(best.terms[term] - other.terms[term]) for term in best.terms}
    for term in set(size) - named:
        assert len(named) == MOST_TERMS or size[term] <= max(0.005, LEAST_SHARE * max(size.values()))
        assert all(size[term] <= size[other] for other in named)


def test_facts_select_the_likeliest_situation_that_has_them() -> None:
    solution = solved(tehran())[1]
    facts = {"reading": "as_escalation", "relay": "pass_on"}
    found = why(tehran(), "reply@1", sees=facts)
    having = [
        move.reached
        for move in solution.moves
        if (move.situation.move, move.situation.round) == ("reply", 1) and facts.items() <= move.situation.sees.items()
    ]
    assert found.matching == len(having)
    assert found.reached == max(having)
    assert facts.items() <= found.situation.sees.items()
    assert found.answer[0].startswith("Israel decides at Israel's reply in round 1, in the likeliest of ")


@pytest.mark.parametrize(
    ("move", "sees", "message"),
    [
        ("repli", {}, "unknown move 'repli'; did you mean 'reply'?"),
        ("reply@3", {}, "'reply' has no round '3': it is made in round 1 and 2"),
        ("relay@1", {}, "'relay' has no round '1': it is not made in rounds"),
        ("reply", {"iran_answer": "salvo"}, "Israel does not see 'iran_answer' at reply (it sees round, war"),
        ("reply", {"readin": "salvo"}, "did you mean 'reading'? (it sees"),
        ("reply", {"reading": "clear"}, "'reading' is never 'clear' at reply; it is "),
    ],
)
def test_a_request_that_does_not_fit_is_told_what_fits(move: str, sees: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        why(tehran(), move, sees=sees)
    assert message in str(caught.value)


def test_an_actor_with_odds_of_its_own_is_told_apart_from_the_analyst() -> None:
    crisis = tehran()
    found = why(crisis, "hezbollah_choice@1")
    assert found.own_odds
    assert found.table("endings_for_analyst").rows != found.table("endings").rows
    low = next(b for b in found.beliefs if (b.step, b.value) == ("israel_red_line", "low"))
    of_us = next(b for b in why(crisis, "relay").beliefs if (b.step, b.value) == ("israel_red_line", "low"))
    discount = why(crisis, "hezbollah_choice@1", given={"ally_discount": 1.0}).beliefs
    assert low.before < of_us.before
    shared = next(b for b in discount if (b.step, b.value) == ("israel_red_line", "low"))
    assert shared.before == pytest.approx(of_us.before, abs=1e-12)


@pytest.mark.parametrize(("steps", "left"), [(3, "(1 more is rarer)"), (4, "(9 more are rarer)")])
def test_situations_that_are_not_shown_are_counted(steps: int, left: str) -> None:
    chance = "".join(f"  - {{chance: c{step}, odds: {{a: 0.6, b: rest}}}}\n" for step in range(steps))
    crisis = crisis_of(
        "format: 1\ntitle: T\nactors: {north: {name: Northland}}\ntimeline:\n"
        + chance
        + "  - {move: answer, by: north, options: [wait, act]}\n"
        + "endings: {acted: answer == act, waited: otherwise}\n"
    )
    assert left in why(crisis, "answer").table("others").caption
