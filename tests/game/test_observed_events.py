"""A check finds exactly the observations that no history agrees with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Observation
from offramp.crisis.reading import read_text
from offramp.crisis.steps import Chance, Move
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.checks.observed_events import impossible_observations
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.plays import plays as plays_of
from tests.walker import medians

TEXT = """
format: 1
title: What cannot have happened
actors: {{a: {{name: A}}, b: {{name: B}}}}
timeline:
  - {{move: call, by: a, options: [calm, threat]}}
  - chance: leak
    odds:
      - {{if: call == calm, none: 1, some: 0}}
      - {{none: 0.5, some: rest}}
  - {{move: gift, by: a, options: [give, keep], only_if: {{give: call == calm}}}}
  - rounds: 3
    until: answer == war
    steps:
      - {{move: answer, by: b, options: [wait, war], if: call == threat}}
payoffs: {{a: {{x: {{pays: -1 * (answer == war), when: end}}}}}}
endings: {{war: answer == war, peace: otherwise}}
observed:
{observed}
"""


@pytest.mark.parametrize(
    ("observed", "fault"),
    [
        (["call: calm", "gift: give"], None),
        (["call: calm", "round: 1, answer: skipped"], None),
        (["call: threat", "round: 2, answer: wait"], None),
        (["call: threat", "round: 1, answer: war", "round: 2, answer: skipped"], None),
        (["call: threat", "gift: give"], "20:6: observed 'gift' = give {after}: no history has it"),
        (["call: calm", "leak: some"], "20:6: observed 'leak' = some {after}: its odds are zero there"),
        (
            ["call: calm", "round: 1, answer: war"],
            "20:6: observed 'answer' in round 1 = war {after}: no history has it",
        ),
        (
            ["call: threat", "round: 1, answer: war", "round: 2, answer: wait"],
            "21:6: observed 'answer' in round 2 = wait {after}: no history has it",
        ),
        (
            ["call: threat", "gift: [give, skipped]"],
            "20:6: observed 'gift' = give or skipped {after}: no history has it",
        ),
        (["call: threat", "gift: skipped"], "20:6: observed 'gift' = skipped {after}: no history has it"),
    ],
)
def test_the_first_observation_that_cannot_have_happened_is_named(observed: list[str], fault: str | None) -> None:
    lines = "\n".join(f"  - {{date: 2031-03-0{day}, {what}}}" for day, what in enumerate(observed, start=1))
    game = compile_game(read_text(TEXT.format(observed=lines).encode(), "a.yaml"))
    if fault is None:
        warnings_of(game)
        return
    with pytest.raises(offramp.CrisisError) as found:
        warnings_of(game)
    assert str(found.value) == "a.yaml:" + fault.format(after="cannot have happened after what was observed before it")


@settings(max_examples=examples(150), deadline=None)
@given(crisis_texts(most_histories=150).map(crisis_of), st.data())
def test_observations_are_impossible_exactly_where_no_play_agrees(crisis: Crisis, data: st.DataObject) -> None:
    plays = plays_of(crisis, lambda _, options: dict.fromkeys(options, 1 / len(options)))
    places = sorted({at for play in plays for at in play.happened})
    assume(places)
    known = {}
    for step, number in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
        entry = crisis.named[step]
        assert isinstance(entry, Chance | Move)
        values = st.lists(st.sampled_from([*entry.options, "skipped"]), min_size=1, max_size=2, unique=True)
        known[step, number] = tuple(data.draw(values))
    observed = tuple(
        Observation("2031-03-02", number or None, {step: values}, entry.place)
        for (step, number), values in known.items()
        for entry in [crisis.named[step]]
    )
    game = compile_game(replace(crisis, observed=observed))
    values = {name: np.array([value]) for name, value in medians(crisis).items()}
    odds = tabulate(game, Draws(values, ["at the medians"])).odds[0]
    impossible = list(impossible_observations(game, (odds > 0.0).any(axis=1)))
    assert bool(impossible) == (not any(play.probability > 0 and play.agrees(known) for play in plays))
