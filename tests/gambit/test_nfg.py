"""Simultaneous choices become a tree in which nobody sees an earlier choice, with every profile's payoffs in place."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pygambit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.faults import CrisisError
from offramp.gambit.nfg import read_nfg
from offramp.gambit.opening import read
from offramp.gambit.tree import NONE, Tree
from tests.examples import examples
from tests.reference_data import DATA, needs_data

HEAD = 'NFG 1 R "g" { "A" "B" } '


def payoffs_of(tree: Tree) -> dict[tuple[int, ...], list[Fraction]]:
    """Payoffs by profile, in the order of the tree's terminal nodes."""
    profiles = product(*(range(len(one.actions)) for one in tree.sets))
    ends = tree.node_outcome[tree.node_set == NONE].tolist()
    nothing = [Fraction(0)] * len(tree.players)
    return {
        profile: nothing if outcome == NONE else list(tree.outcomes[outcome].payoffs)
        for profile, outcome in zip(profiles, ends, strict=True)
    }


def peers_payoffs(game: Any) -> dict[tuple[int, ...], list[Fraction]]:
    strategies = {player: game.get_strategies(player) for player in game.players}
    found = {}
    for profile in product(*(range(len(labels)) for labels in strategies.values())):
        chosen = {player: strategies[player][place] for player, place in zip(strategies, profile, strict=True)}
        paid = dict(game.get_payoffs(chosen))
        found[profile] = [Fraction(str(paid[player])) for player in strategies]
    return found


def fault(text: str) -> str:
    with pytest.raises(CrisisError) as caught:
        read_nfg(text, "g.nfg")
    return str(caught.value)


@st.composite
def nfg_texts(draw: st.DrawFn) -> str:
    counts = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    numbers = st.sampled_from(["0", "1", "-3", "1/3", ".5", "2e1"])
    players = " ".join(f'"P{number}"' for number in range(len(counts)))
    labels = " ".join("{ " + " ".join(f'"s{number}"' for number in range(count)) + " }" for count in counts)
    listed = draw(st.booleans())
    strategies = labels if listed else " ".join(map(str, counts))
    comment = draw(st.sampled_from(["", '"a comment"\n']))
    head = f'NFG 1 R "random" {{ {players} }} {{ {strategies} }}\n{comment}'
    profiles = int(np.prod(counts))
    if not listed or draw(st.booleans()):
        return head + " ".join(draw(numbers) for _ in range(profiles * len(counts)))
    many = draw(st.integers(1, 4))
    outcomes = [f'{{ "o{number}" {", ".join(draw(numbers) for _ in counts)} }}' for number in range(many)]
    chosen = " ".join(str(draw(st.integers(0, many))) for _ in range(profiles))
    return head + "{\n" + "\n".join(outcomes) + "\n}\n" + chosen


@settings(deadline=None, max_examples=examples(60))
@given(text=nfg_texts())
def test_random_games_are_read_as_gambit_reads_them(text: str) -> None:
    game = pygambit.read_nfg(io.BytesIO(text.encode()))
    tree = read_nfg(text, "g.nfg")
    assert payoffs_of(tree) == peers_payoffs(game)
    assert [one.actions for one in tree.sets] == [tuple(game.get_strategies(player)) for player in game.players]


def test_the_first_players_strategies_come_fastest() -> None:
    tree = read_nfg(HEAD + "{ 2 3 } 1 1 2 2 3 3 4 4 5 5 6 6", "g.nfg")
    assert {profile: int(payoffs[0]) for profile, payoffs in payoffs_of(tree).items()} == {
        (0, 0): 1,
        (1, 0): 2,
        (0, 1): 3,
        (1, 1): 4,
        (0, 2): 5,
        (1, 2): 6,
    }


def test_later_players_do_not_see_earlier_choices() -> None:
    tree = read_nfg(HEAD + "{ 2 2 } 0 0 0 0 0 0 0 0", "g.nfg")
    assert [(one.player, one.label, one.actions) for one in tree.sets] == [(0, "A", ("1", "2")), (1, "B", ("1", "2"))]
    assert tree.node_set.tolist() == [0, 1, NONE, NONE, 1, NONE, NONE]


def test_profiles_without_outcome_pay_nothing_and_outcomes_are_shared() -> None:
    tree = read_nfg(HEAD + '{ { "t" "b" } { "l" "r" } } "c" { { "win" 1, 2 } { "" 3 4 } } 1 0 1 2', "g.nfg")
    assert [outcome.label for outcome in tree.outcomes] == ["win", ""]
    assert tree.node_outcome.tolist() == [NONE, NONE, 0, 0, NONE, NONE, 1]
    assert tree.comment == "c"


def test_profiles_of_a_payoff_list_are_labelled_by_their_strategies() -> None:
    tree = read_nfg(HEAD + '{ { "top" } { "left" "right" } } 1 1 2 2', "g.nfg")
    assert [outcome.label for outcome in tree.outcomes] == ["top, left", "top, right"]


def test_labels_of_several_strategies_are_noted() -> None:
    assert read_nfg(HEAD + '{ { "t" "t" } { "l" } } 1 1 2 2', "g.nfg").notes == (
        "the same label for several strategies of player 1: 't'",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('NFG 1 R "g" { } { }', "g.nfg:1:15: a strategic game needs at least one player"),
        (HEAD + "{ 2 }", "g.nfg:1:29: expected strategies for 2 players, found 1"),
        (HEAD + "{ 2 0 }", "g.nfg:1:29: a player needs at least one strategy"),
        (HEAD + "{ 2 { } }", "g.nfg:1:29: a player needs at least one strategy"),
        (HEAD + "{ 2 x }", "g.nfg:1:29: expected a number of strategies, or '{' and their labels, found 'x'"),
        (HEAD + "{ 2 { 3 } }", "g.nfg:1:31: expected a strategy in quotes, found '3'"),
        (HEAD + "2 2", "g.nfg:1:25: expected '{' and the strategies of every player, found '2'"),
        (HEAD + "{ 999999999 9 }", "g.nfg:1:27: with these strategies the game's tree has more than 10,000,000 nodes"),
        (
            HEAD + "{ 1 1 } 1e300 2",
            "g.nfg:1:33: '1e300' is too large; numbers are 0, or from 1e-300 to 1e100 in size",
        ),
        (
            HEAD + "{ 2 1 } 1 2 3",
            "g.nfg:1:38: expected payoffs of 2 players for each of 2 profiles, found the end of the file",
        ),
        (HEAD + "{ 2 1 } 1 2 3 4 5", "g.nfg:1:41: expected the end of the file, found '5'"),
        (HEAD + '{ 1 1 } { { "o" 1 2 } } 2', "g.nfg:1:49: there is no outcome 2; there are 1, and 0 for none"),
        (
            HEAD + '{ 1 1 } { { "o" 1 2 } } x',
            "g.nfg:1:49: expected the number of an outcome for each of 1 profiles, found 'x'",
        ),
        (HEAD + '{ 1 1 } { "o" 1 2 } 1', "g.nfg:1:35: expected '{' and an outcome, found the text 'o'"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    assert fault(text) == message


@needs_data
def test_every_strategic_game_of_the_collections_is_read_as_gambit_reads_it() -> None:
    for path in sorted([*DATA.glob("games/**/*.nfg"), *DATA.glob("gambit_case_games/*.nfg")]):
        tree = read(path)
        assert isinstance(tree, Tree)
        assert payoffs_of(tree) == peers_payoffs(pygambit.read_nfg(path)), path.name
