"""How much likelier the events were than under play at random is what enumeration and a closed form say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.runs.evidence import events_of
from offramp.runs.random_play import likelihood_at_random
from offramp.study.updating.update import Update, update
from tests.crises import crisis_of
from tests.examples import examples
from tests.plays import plays
from tests.report.reports import written
from tests.runs.test_evidence import CRISES, close, scattered, total, with_observed
from tests.study.updating.test_update import HEADS, coin

CHOICE = """
format: 1
title: Choice
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 1}}
timeline:
  - {chance: fog, odds: {thick: 0.001, thin: rest}}
  - {move: first, by: north, options: [good, bad, worse]}
  - {move: second, by: south, options: [good, bad]}
  - {move: third, by: south, options: [good, bad]}
payoffs:
  north: {gain: (first == good) - (first == worse)}
  south: {gain: (second == good) + 2 * (third == good)}
endings: {won: third == good, lost: otherwise}
observed:
"""


def even(_: object, options: tuple[str, ...]) -> Mapping[str, float]:
    return dict.fromkeys(options, 1.0 / len(options))


def chosen(*rows: str) -> Update:
    lines = (f"  - {{date: 2031-01-{day:02}, {row}}}\n" for day, row in enumerate(rows, start=1))
    return update(offramp.run(crisis_of(CHOICE + "".join(lines)), draws=128))


@settings(max_examples=examples(40), deadline=None)
@given(st.data(), CRISES)
def test_the_likelihood_at_random_is_the_sum_over_the_plays_that_agree_with_every_option_equally_likely(
    data: st.DataObject, crisis: offramp.Crisis
) -> None:
    happened = data.draw(st.sampled_from(plays(crisis, scattered))).happened
    steps = data.draw(st.lists(st.sampled_from(sorted(happened)), max_size=3, unique=True)) if happened else []
    crisis = with_observed(crisis, *({step: happened[step]} for step in steps))
    run = offramp.run(crisis, draws=3, seed=1)
    found = likelihood_at_random(run, events_of(crisis))
    for draw in range(3):
        inputs = {name: float(column[draw]) for name, column in run.inputs.items()}
        everything = plays(crisis, even, inputs)
        for number in range(len(steps)):
            known = {step: (happened[step],) for step in steps[: number + 1]}
            assert found[number, draw] == close(total([play for play in everything if play.agrees(known)]))


def test_each_event_and_all_together_compare_to_chance_as_the_closed_form_says() -> None:
    found = chosen("first: good", "second: bad", "third: good")
    first = 3.0 * math.exp(2) / (math.exp(2) + 1 + math.exp(-2))
    second, third = 2.0 / (1.0 + math.e), 2.0 / (1.0 + math.exp(-2))
    assert [stage.times for stage in found.stages] == pytest.approx([1.0, first, second, third], rel=1e-8)
    assert found.stages[-1].times_together == pytest.approx(first * second * third, rel=1e-8)
    text = "\n".join(found.answer)
    assert "2.6 times as likely as under play at random" in text
    assert "only 0.54 times as likely as under play at random" in text
    assert "All 3 events together were 2.5 times as likely as under play at random." in text
    assert [row["times"] for row in found.table("events").to_dicts()] == pytest.approx([first, second, third])
    assert found.alarm == ""
    assert [stage.event.date for stage in found.surprises if stage.event] == ["2031-01-02"]


def test_an_event_compares_over_the_draws_as_weighted_before_it_and_all_together_by_their_evidence() -> None:
    """A coin of unknown p, and a move whose payoff p sets: the draws that explain the first event weigh the second."""
    text = CHOICE.replace("timeline:", 'inputs: {p: {is: "uniform(0, 1)", because: test}}\ntimeline:')
    text = text.replace("thick: 0.001", "thick: p").replace("2 * (third", "4 * p * (third")
    rows = "  - {date: 2031-01-01, fog: thick}\n  - {date: 2031-01-02, third: bad}\n"
    run = offramp.run(crisis_of(text + rows), draws=2048)
    p = run.inputs["p"]
    bad = 1.0 / (1.0 + np.exp(4.0 * p))
    found = update(run)
    assert [stage.times for stage in found.stages] == pytest.approx([1, 1, 2 * (p * bad).sum() / p.sum()], rel=1e-8)
    assert found.stages[-1].times_together == pytest.approx((p * bad).mean() / (p / 2).mean(), rel=1e-8)
    assert found.alarm


def test_what_chance_decides_is_as_likely_at_random_and_raises_no_alarm() -> None:
    found = chosen("fog: thick")
    assert found.stages[-1].times == pytest.approx(1.0, rel=1e-12)
    assert "0.10% likely beforehand, as likely as under play at random" in found.answer[1]
    assert not found.alarm
    assert not update(coin(HEADS)).surprises


ROWS = ("first: bad", "second: bad", "third: good"), ("first: good", "second: bad", "third: good")


@pytest.mark.parametrize("facts", ROWS)
def test_the_alarm_is_the_same_however_the_events_are_divided_into_rows(facts: tuple[str, str, str]) -> None:
    one, two, three = facts
    split = chosen(one, two, three)
    for rows in ((f"{one}, {two}, {three}",), (f"{one}, {two}", three), (one, f"{two}, {three}")):
        bundled = chosen(*rows)
        assert bundled.stages[-1].times_together == pytest.approx(split.stages[-1].times_together, rel=1e-12)
        assert bool(bundled.alarm) == bool(split.alarm) == (facts == ROWS[0])


def test_a_model_that_explains_the_events_worse_than_chance_is_told_so_first(tmp_path: Path) -> None:
    found = chosen("first: worse", "second: good")
    assert found.answer[0] == found.alarm
    assert "were only 0.070 times as likely as under play at random" in found.alarm
    assert "It explains worst 2031-01-01 (first: worse): only 0.048 times as likely" in found.alarm
    text = CHOICE + "  - {date: 2031-01-01, first: worse}\n"
    shown = written(offramp.run(crisis_of(text), draws=128), tmp_path).read_text(encoding="utf-8")
    head = shown[: shown.index("</header>")]
    assert "WARNING: this model explains the observed events worse than play at random does" in head


def test_if_too_few_draws_fit_the_refusal_says_how_the_events_compare_to_chance() -> None:
    text = CHOICE.replace("timeline:", 'inputs: {p: {is: "uniform(0, 1)", because: test}}\ntimeline:')
    text = text.replace("thick: 0.001", "thick: p ** 60").replace("2 * (third", "9 * (third")
    rows = "  - {date: 2031-01-01, fog: thick, third: bad}\n"
    with pytest.raises(
        offramp.UsageError, match=r"--draws \d+\. What was observed until then was only 0\.00025 times as"
    ):
        update(offramp.run(crisis_of(text + rows), draws=256))
