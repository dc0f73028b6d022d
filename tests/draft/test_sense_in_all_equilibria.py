"""What a look at choices says of a game with several equilibria holds in all of them, or says that it does not."""

from __future__ import annotations

import pytest

import offramp
from offramp.draft.brief_records import DraftBrief
from offramp.draft.redteam.best_options import solving
from offramp.draft.sense import signs_of
from offramp.gambit.opening import compile_game
from offramp.study.degenerate import always_best, draws_for, examined, hardly_reached, in_all, never_chosen
from tests.crises import crisis_of

GAME = """
format: 1
title: Two at once
actors: {{north: {{name: North, rationality: 8}}, south: {{name: South, rationality: 8}}}}
inputs: {{x: {{is: "uniform(0.8, 1.2)", because: Ours}}}}
timeline:
  - {{chance: mood, odds: {{bold: 0.4, meek: rest}}, seen_by: [south]}}
  - together: [{{move: n, by: north, options: [one, other]}}, {{move: s, by: south, options: [one, other]}}]
payoffs:
  north: {{p: {north}}}
  south: {{p: {south}}}
endings: {{both: n == one and s == one, north: n == one, south: s == one, neither: otherwise}}
"""
ENDINGS = ("both", "north", "south", "neither")
CHICKEN = GAME.format(
    north="-4 * x * (n == one) * (s == one) + (n == one) * (s == other)",
    south="-2 * (n == one) * (s == one) + x * (s == one) * (n == other)",
)
STAG_HUNT = GAME.format(
    north="3 * x * (n == one) * (s == one) + 2 * (n == other)", south="3 * (n == one) * (s == one) + 2 * (s == other)"
)
DOMINANT = GAME.format(north="x * (n == other)", south="(s == one) * (1 + (n == one))")


@pytest.mark.parametrize("text", [CHICKEN, STAG_HUNT], ids=["chicken", "stag hunt"])
def test_what_one_equilibrium_shows_and_another_denies_is_not_said(text: str) -> None:
    crisis = crisis_of(text)
    game = compile_game(crisis)
    odds = {key: [one.solution.endings[key] for one in offramp.equilibria(crisis, 60)] for key in ENDINGS}
    assert sum(max(of_ending) > 0.9 for of_ending in odds.values()) >= 2, "two equilibria are far apart"
    equilibria, _ = examined(game, draws_for(game))
    usual, together = equilibria[0], in_all(equilibria)
    assert any(best is not None for _, best in always_best(game, usual)), "one equilibrium alone would be told of"
    assert all(best is None for _, best in always_best(game, together))
    assert not any(idle for _, idle in never_chosen(game, together))
    assert all(max(odds[ending.key]) < 0.01 for ending, _ in hardly_reached(game, together))
    said = [point.about for point in solving(game).points if point.kind == "best option"]
    assert all(about.endswith(".seen") for about in said), "that the mood matters to nobody is so everywhere"
    assert signs_of(DraftBrief(), game) == ()


def test_what_holds_in_every_equilibrium_is_said() -> None:
    game = compile_game(crisis_of(DOMINANT))
    assert any("best option" in point.kind for point in solving(game).points)
    assert any("is the best option in every situation" in sign.message for sign in signs_of(DraftBrief(), game))
