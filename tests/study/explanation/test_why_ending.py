"""Why an ending is rare: the choices on which it turns are those of an enumeration, and tipping values solve."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.study.explanation.decisive import effects, turnings
from offramp.study.explanation.why_ending_finding import MOST_FACTS, WhyEnding
from offramp.study.histories.plays import solved
from tests.crises import crisis_of
from tests.examples import examples
from tests.game.test_against_walker import by_key
from tests.plays import plays
from tests.report.reports import written
from tests.runs.test_evidence import CRISES, close
from tests.walker import Key

STRIKE = """
format: 1
title: Strike
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 2}}
inputs:
  prize: {is: "uniform(LOW, HIGH)", because: test}
  idle: {is: "uniform(-1, 1)", because: test}
timeline:
  - {move: first, by: north, options: [hold, strike]}
  - {move: answer, by: south, if: first == strike, options: [yield_, fight]}
payoffs:
  north: {gain: prize * (first == strike), cost: -2 * (first == strike)}
  south: {pain: -1 * (answer == fight)}
endings: {war: first == strike, calm: otherwise}
levers: {halve: {set: {prize: prize / 2}}}
"""


def strike(low: float, high: float, *levers: str, ending: str = "war") -> WhyEnding:
    text = STRIKE.replace("LOW", str(low)).replace("HIGH", str(high))
    return offramp.why(crisis_of(text).with_levers(*levers), ending=ending)


@settings(max_examples=examples(40), deadline=None)
@given(st.data(), CRISES)
def test_an_ending_if_an_option_is_always_taken_is_that_of_an_enumeration(
    data: st.DataObject, crisis: offramp.Crisis
) -> None:
    block, solution = solved(crisis)
    game, profile = solution.game, by_key(solution.game, solution.choice)
    ending = data.draw(st.sampled_from(crisis.endings)).key
    found = effects(block, solution, ending)

    def likely(changed: Mapping[Key, str]) -> float:
        def choice(key: Key, options: tuple[str, ...]) -> Mapping[str, float]:
            return {option: float(option == changed[key]) for option in options} if key in changed else profile[key]

        return math.fsum(play.probability for play in plays(crisis, choice) if play.ending == ending)

    assert found.probability == close(likely({}))
    keys = list(profile)
    for held, situation in list(enumerate(game.situations))[:12]:
        for place, option in enumerate(situation.options):
            change = found.change[situation.slots.start + place]
            assert found.probability + change == close(likely({keys[held]: option}))
    for towards in (True, False):
        for one in turnings(found, solution, towards=towards):
            sets = [key for key in keys if key[:2] == (one.move, one.round)]
            open_ = {key: one.wanted for key in sets if one.wanted in profile[key]}
            assert one.always[one.wanted] == close(likely(open_))
            assert (one.always[one.wanted] > found.probability) == towards


@pytest.mark.parametrize(("low", "high", "within"), [(1.0, 2.5, True), (0.5, 1.5, False)])
def test_a_tipping_value_is_where_the_closed_form_puts_it(low: float, high: float, within: bool) -> None:
    found = strike(low, high)
    now = (low + high) / 2
    assert found.probability == pytest.approx(1 / (1 + math.exp(2 * (2 - now))), rel=1e-9)
    ending, choice = found.tipping
    for one, flips in ((ending, 0), (choice, 1)):
        assert (one.input, one.flips, one.above, one.is_within) == ("prize", flips, True, within)
        assert one.value == pytest.approx(2.0, abs=1e-3)
        assert one.now == pytest.approx(now)
    text = " ".join(found.answer)
    assert "prize would have to be above 2.00" in text
    assert ("beyond it" in text) != within
    assert f"why is war {'not likelier' if within else 'so rare'}?" in found.title


def test_a_lever_that_sets_the_input_applies_once_at_every_value() -> None:
    ending = strike(1.0, 3.0, "halve").tipping[0]
    assert ending.value == pytest.approx(4.0, abs=1e-3)
    assert ending.now == pytest.approx(2.0)


def test_no_value_of_any_input_is_said_to_be_enough_if_none_is() -> None:
    found = strike(0.01, 0.1)
    assert found.tipping == ()
    assert "For war to become as likely as not, no value of any one input is enough." in found.answer


def test_a_likely_ending_turns_on_the_choice_that_brings_it_about() -> None:
    found = strike(2.5, 4.0)
    assert "why is war so likely?" in found.title
    (choice,) = found.choices
    assert (choice.turning.wanted, choice.turning.always["hold"]) == ("hold", pytest.approx(0.0, abs=1e-12))
    text = " ".join(found.answer)
    assert "What brings it about most is North's choice at first (strike 92.4% and hold 7.6%)" in text
    assert "North prefers strike to hold by 1.25: it pays 2.00 more in cost, but gains 3.25 in gain." in text
    assert "prize would have to be below 2.00; it is 3.25 (2.52 to 3.98)" in text


@pytest.mark.parametrize("steps", [5, 6, 8])
def test_of_many_facts_the_latest_are_named_and_the_others_counted(steps: int) -> None:
    chances = "".join(f"  - {{chance: day{n}, odds: {{wet: 1/2, dry: rest}}}}\n" for n in range(1, steps + 1))
    wet = " and ".join(f"day{n} == wet" for n in range(1, steps + 1))
    text = STRIKE.replace("LOW", "1.0").replace("HIGH", "2.5").replace("timeline:\n", f"timeline:\n{chances}")
    text = text.replace("prize * (first == strike)", f"prize * (first == strike) * (2 if {wet} else 1)")
    found = offramp.why(crisis_of(text), ending="war")
    facts = list(found.choices[0].facts)
    assert len(facts) >= steps
    (said,) = re.findall(r"It matters most where North knows this: (.*?)\.", " ".join(found.answer))
    *named, counted = said.split("; ") if len(facts) > MOST_FACTS else [*said.split("; "), ""]
    assert [fact.partition(":")[0] for fact in named] == facts[-MOST_FACTS:]
    assert counted == (f"and {len(facts) - MOST_FACTS} more, from before" if len(facts) > MOST_FACTS else "")


def test_a_move_and_an_ending_together_or_neither_are_refused() -> None:
    crisis = crisis_of(STRIKE.replace("LOW", "1").replace("HIGH", "2"))
    for wrong in ({}, {"move": "first", "ending": "war"}):
        with pytest.raises(offramp.UsageError, match="name one of them"):
            offramp.why(crisis, **wrong)  # type: ignore[call-overload]
    with pytest.raises(offramp.UsageError, match="unknown ending 'wra'"):
        offramp.why(crisis, ending="wra")


def test_as_of_now_only_choices_ahead_count_and_the_ending_is_given_what_happened() -> None:
    text = STRIKE.replace("LOW", "1").replace("HIGH", "2").replace("war: first == strike", "war: answer == fight")
    found = offramp.why(crisis_of(text).supposing({"first": "strike"}), ending="war")
    fights = 1 / (1 + math.exp(2))
    assert found.probability == pytest.approx(fights)
    (turn,) = found.turns
    assert (turn.move, turn.always) == ("answer", pytest.approx({"yield_": 0.0, "fight": 1.0}))
    assert found.choices[0].motives[0].value == pytest.approx(0.0)
    assert found.tipping == ()
    assert found.basis.startswith("Supposing first: strike. One solve")
    assert "Each draw" not in " ".join(found.notes), "there is one"


def test_the_report_says_why_the_ending_to_avoid_is_rare(tmp_path: Path) -> None:
    run = offramp.run(crisis_of(STRIKE.replace("LOW", "1").replace("HIGH", "2")), draws=64)
    shown = written(run, tmp_path).read_text(encoding="utf-8")
    section = shown[shown.index("Why war is not likelier") :]
    assert "What keeps it away most is North&#39;s choice at first" in section
    assert "North prefers hold to strike by 0.50" in section
    assert "Tipping values" not in section
