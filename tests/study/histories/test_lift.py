"""What sets an ending apart is the share of each choice on the plays to it, as an enumeration counts them."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.study.histories.lift import APART, telling_choices
from offramp.study.histories.plays import solved
from tests.crises import crisis_of
from tests.examples import examples
from tests.game.test_against_walker import by_key
from tests.plays import Play, plays
from tests.runs.test_evidence import CRISES, close

COINS = """
format: 1
title: Coins
actors: {north: {name: Northland, rationality: 1}}
timeline:
  - rounds: 3
    until: toss == tails
    steps:
      - {move: bet, by: north, options: [low, high]}
      - {chance: toss, odds: [{if: bet == high, heads: 0.2, tails: rest}, {heads: 0.8, tails: rest}]}
endings: {lost: toss == tails and bet == high, other: otherwise}
"""


@settings(max_examples=examples(40), deadline=None)
@given(st.data(), CRISES)
def test_shares_on_plays_to_an_ending_and_on_all_are_those_of_an_enumeration(
    data: st.DataObject, crisis: offramp.Crisis
) -> None:
    block, solution = solved(crisis)
    profile = by_key(solution.game, solution.choice)
    everything = plays(crisis, lambda key, _: profile[key])
    ending = data.draw(st.sampled_from(crisis.endings)).key
    there = [play for play in everything if play.ending == ending]

    def share(among: list[Play], at: tuple[str, int], value: str) -> float:
        whole = math.fsum(play.probability for play in among)
        part = math.fsum(play.probability for play in among if play.happened.get(at, "skipped") == value)
        return part / whole

    found = telling_choices(block, solution.choice, ending)
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
    for one in found:
        at = one.step, one.round
        assert one.within == close(share(there, at, one.value))
        assert one.overall == close(share(everything, at, one.value))
        assert one.lift > 1.0
    told = {(one.step, one.round, one.value) for one in found}
    if math.fsum(play.probability for play in there) > 1e-9:
        for layer in solution.game.layers:
            at = layer.step, layer.round
            for value in crisis.options_of(layer.step):
                if (*at, value) not in told:
                    assert share(there, at, value) - share(everything, at, value) < APART + 1e-9


def test_the_sentence_on_an_ending_leads_with_what_sets_it_apart() -> None:
    found = offramp.paths(crisis_of(COINS), to="lost")
    (sentence,) = found.answer
    assert sentence.startswith("What sets lost apart: Northland chooses high at bet in round 1 in ")
    assert "% of all); toss in round 1: tails in " in sentence
    assert ". Lost (" in sentence
    assert [table.name for table in found.tables] == ["apart_lost", "paths_lost"]
    first = found.table("apart_lost").to_dicts()[0]
    assert first["lift"] == close(float(first["within"]) / float(first["overall"]))  # type: ignore[arg-type]


def test_an_ending_that_no_play_leads_to_is_not_set_apart() -> None:
    crisis = crisis_of(
        COINS.replace("lost: toss == tails and bet == high", "lost: toss == tails and bet == high and 1 > 2")
    )
    (sentence,) = offramp.paths(crisis, to="lost").answer
    assert sentence == "No path leads to lost."
