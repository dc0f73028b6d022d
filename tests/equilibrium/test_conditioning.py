"""Play conditioned on known facts, against a naive walk through every history."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move
from offramp.equilibrium.conditioning import ConditionedPlay, condition_play, hidden_steps
from offramp.equilibrium.sweeps import block_of
from offramp.gambit.opening import compile_game
from offramp.game.agreement import consistent_edges, layer_of, on_open_plays
from offramp.game.game import CHANCE, Game
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.game.test_against_walker import choice_of, scattered
from tests.plays import Facts, Play, plays

CRISES = crisis_texts().map(crisis_of)
LEVERED = CRISES.map(lambda crisis: crisis.with_levers("calm"))


def conditioned(game: Game, known: Facts) -> ConditionedPlay | None:
    """Scattered play at the medians, conditioned on known facts; None if no play agrees with them."""
    draw = Draws(resolved_inputs(game.crisis, medians(game.crisis)), ["the medians"])
    open_edge = consistent_edges(game, known)
    if open_edge is None:
        return None
    return condition_play(block_of(game, tabulate(game, draw)), choice_of(game)[:, None], open_edge)


def total(agreeing_plays: Iterable[Play]) -> float:
    return math.fsum(play.probability for play in agreeing_plays)


def close(expected: float) -> Any:
    return pytest.approx(expected, rel=1e-10, abs=1e-12)


@st.composite
def facts(draw: Any, found: list[Play]) -> dict[tuple[str, int], tuple[str, ...]]:
    """Known facts: parts of one play, some of them partly known, and now and then a contradiction."""
    play = draw(st.sampled_from(found))
    steps = draw(st.lists(st.sampled_from(sorted(play.happened)), max_size=4, unique=True)) if play.happened else []
    known = {step: play.happened[step] for step in steps}
    if known and draw(st.integers(0, 3)) == 0:
        step = draw(st.sampled_from(sorted(known)))
        known[step] = draw(st.sampled_from(_values_of(step, found)))
    return {
        step: tuple({value, *draw(st.lists(st.sampled_from(_values_of(step, found)), max_size=2))})
        for step, value in known.items()
    }


def _values_of(step: tuple[str, int], found: list[Play]) -> list[str]:
    return sorted({play.happened.get(step, "skipped") for play in found})


@settings(max_examples=examples(100), deadline=None)
@given(st.data(), st.one_of(CRISES, LEVERED))
def test_likelihood_endings_and_options_are_those_of_the_plays_that_agree(data: Any, crisis: Crisis) -> None:
    found, game = plays(crisis, scattered), compile_game(crisis)
    known = data.draw(facts(found))
    agreed = [play for play in found if play.agrees(known)]
    play = conditioned(game, known)
    if play is None:
        assert not agreed
        return
    assert play.likelihood[0] == close(total(agreed))
    for ending, share in zip(crisis.endings, play.endings[:, 0], strict=True):
        assert share == close(total(play for play in agreed if play.ending == ending.key))
    for place, layer in enumerate(game.layers):
        for option, share in zip(crisis.options_of(layer.step), play.option_probabilities(place)[:, 0], strict=True):
            taking = (play for play in agreed if play.happened.get((layer.step, layer.round)) == option)
            assert share == close(total(taking))


@settings(max_examples=examples(60), deadline=None)
@given(st.data(), CRISES)
def test_edges_that_no_agreeing_play_takes_change_nothing_when_they_are_shut(data: Any, crisis: Crisis) -> None:
    game = compile_game(crisis)
    known = data.draw(facts(plays(crisis, scattered)))
    play, open_edge = conditioned(game, known), consistent_edges(game, known)
    if play is None or open_edge is None:
        return
    fewer = condition_play(play.block, play.choice, on_open_plays(game, open_edge))
    assert fewer.likelihood.tobytes() == play.likelihood.tobytes()
    assert fewer.endings.tobytes() == play.endings.tobytes()
    for place in range(len(game.layers)):
        assert fewer.option_probabilities(place).tobytes() == play.option_probabilities(place).tobytes()


SMALL = """
format: 1
title: Small
actors: {north: {name: North}, south: {name: South}}
timeline:
  - {chance: line, odds: {low: 0.25, high: rest}, seen_by: [south]}
  - rounds: 2
    until: raid == no_raid
    steps:
      - {move: raid, by: north, options: [raid_, no_raid]}
      - chance: alarm
        if: raid == raid_
        odds: [{if: line == low, rings: 0.8, silent: rest}, {rings: 0.2, silent: rest}]
payoffs: {north: {gain: {pays: raid == raid_, when: each_round}}}
endings: {rang: alarm == rings, quiet: otherwise}
"""


def test_what_is_known_of_an_effect_tells_of_its_hidden_cause_by_bayes_rule() -> None:
    game = compile_game(crisis_of(SMALL))
    play = conditioned(game, {("alarm", 1): ("rings",)})
    assert play is not None
    line = play.option_probabilities(layer_of(game, "line", 0) or 0)[:, 0] / play.likelihood[0]
    assert line == pytest.approx([0.25 * 0.8 / (0.25 * 0.8 + 0.75 * 0.2), 0.75 * 0.2 / (0.25 * 0.8 + 0.75 * 0.2)])


def test_nothing_agrees_with_a_step_in_a_round_that_is_not_played() -> None:
    game = compile_game(crisis_of(SMALL))
    play = conditioned(game, {("raid", 1): ("no_raid",), ("raid", 2): ("raid_",)})
    assert play is None or play.likelihood[0] == 0.0
    known = {("raid", 1): ("no_raid",), ("raid", 2): ("skipped",), ("alarm", 2): ("skipped", "rings")}
    play = conditioned(game, known)
    assert play is not None
    assert play.likelihood[0] > 0.0


@settings(max_examples=examples(40), deadline=None)
@given(CRISES)
def test_hidden_steps_are_the_chance_steps_that_somebody_does_not_see(crisis: Crisis) -> None:
    game = compile_game(crisis)
    hidden = {game.layers[place].step for place in hidden_steps(game)}
    for layer in game.layers:
        step = crisis.named[layer.step]
        assert isinstance(step, Chance | Move)
        unseen = bool(set(crisis.actors) - step.seen_by)
        assert (layer.step in hidden) == (layer.actor == CHANCE and unseen)


def test_likelihoods_of_all_options_add_up() -> None:
    game = compile_game(crisis_of(SMALL))
    parts = [conditioned(game, {("alarm", 2): option}) for option in ("rings", "silent", "skipped")]
    assert np.sum([part.likelihood[0] for part in parts if part is not None]) == pytest.approx(1.0, abs=1e-12)
