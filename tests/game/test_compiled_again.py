"""A crisis as of another moment, or with levers that leave moves their options, has the graph that is there already."""

from __future__ import annotations

import numpy as np
import pytest

import offramp
from offramp.crisis.reading import read_text
from offramp.equilibrium.evaluation import Outset, solve_draw_now, solved_outset
from offramp.equilibrium.structure import share_structure, structure_of
from offramp.game.compiler import compile_crisis, compiled_again
from offramp.game.game import Game
from tests.shipped import CRISES

STAGED = b"""
format: 1
title: Two steps
actors: {north: {name: North}}
inputs: {cost: {is: "uniform(1, 3)", because: Ours}}
timeline:
  - {move: first, by: north, options: [hold, strike]}
  - {chance: hit, odds: {yes_: 0.5, no_: rest}}
  - {move: second, by: north, options: [stop, go]}
payoffs:
  north:
    early: -cost * (first == strike)
    late: (second == go) * (hit == yes_)
measures: {lost: {is: cost * (first == strike), because: Ours}}
endings: {war: first == strike and second == go, quiet: otherwise}
levers:
  cheaper: {set: {cost: cost / 2}, because: Ours}
  forbid: {forbid: {second: [go]}, because: Ours}
"""


@pytest.fixture(scope="module")
def outset() -> Outset:
    """The Tehran crisis, solved from its outset."""
    return solved_outset(compile_crisis(offramp.read(CRISES / "tehran-2024" / "crisis.yaml")))


def test_what_was_paid_up_to_now_is_what_names_only_steps_up_to_now() -> None:
    crisis = read_text(STAGED, "x.yaml")
    game = compile_crisis(crisis)

    def paid(now: Game) -> set[str]:
        entries = [now.payoff_entries[place] for place in now.paid]
        return {crisis.terms[entry.term].key for entry in entries}  # type: ignore[union-attr, index]

    for supposed, layers, terms in (
        ({"first": "strike"}, 1, {"early"}),
        ({"hit": "yes_"}, 2, {"early"}),
        ({"second": "go"}, 3, {"early", "late"}),
    ):
        now = compiled_again(game, crisis.supposing(supposed))
        assert now is not None
        assert (now.past, paid(now)) == (layers, terms)
        assert now.measured is not None
        assert now.measured.crisis.past == now.crisis.past
    assert (game.past, game.paid) == (0, frozenset())


def test_only_levers_that_change_the_options_ahead_need_another_graph() -> None:
    crisis = read_text(STAGED, "x.yaml")
    game = compile_crisis(crisis)
    assert compiled_again(game, crisis.with_levers("cheaper")) is not None
    assert compiled_again(game, crisis.with_levers("forbid")) is None
    past = crisis.supposing({"second": "go"}).with_levers("forbid")
    assert compiled_again(game, past) is not None  # the move is past, so the lever does not touch it


@pytest.mark.parametrize(
    ("supposed", "levers"),
    [
        ({}, ()),
        ({"israel_red_line": "low"}, ("hotline",)),
        ({"iran_answer@2": "broad"}, ()),
        ({"reply@2": "broad"}, ()),
    ],
)
def test_a_supposition_solved_from_the_outset_has_the_numbers_of_a_crisis_compiled_and_solved_anew(
    outset: Outset, supposed: dict[str, str], levers: tuple[str, ...]
) -> None:
    base = outset.block.game
    crisis = base.crisis.supposing(supposed).with_levers(*levers)
    game = compiled_again(base, crisis)
    assert game is not None
    share_structure(game, base)
    assert structure_of(game) is structure_of(base)
    found, anew = solve_draw_now(game, outset=outset)[1], offramp.solve(crisis)
    assert dict(found.endings) == dict(anew.endings)
    assert np.array_equal(found.choice, anew.choice)
    assert found.status == anew.status
