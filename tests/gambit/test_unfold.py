"""Trees of crises and their files equal the naive walker's tree to the last digit, and pass through Gambit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pygambit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.model import Crisis
from offramp.gambit.efg import read_efg
from offramp.gambit.efg_text import number_text, write_efg
from offramp.gambit.labels import with_gambit_labels
from offramp.gambit.opening import compile_game
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Outcome, Tree, TreeSet
from offramp.gambit.unfold import unfold
from offramp.game.game import described_sees
from tests import walker
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.gambit.peer import peer_nodes, shares_of
from tests.walker import growing

RANDOM = crisis_texts().map(crisis_of)
LEVERS = RANDOM.map(lambda crisis: crisis.with_levers("calm", "calm"))
PLAIN = crisis_texts(most_histories=60, plain=True).map(crisis_of)
STARTER = offramp.read(Path(offramp.__file__).parent / "starter.yaml")


def at_medians(crisis: Crisis, max_nodes: int | None = None) -> Tree:
    values = {name: value.item() for name, value in resolved_inputs(crisis, medians(crisis)).items()}
    return unfold(crisis, values, setting="at the medians", max_nodes=max_nodes)


def walked(crisis: Crisis) -> walker.Node:
    """The walker's tree with inputs as fractions, so that everything is exact."""
    inputs = {name: Fraction(repr(value.item())) for name, value in resolved_inputs(crisis, medians(crisis)).items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "with_pulled", lambda _crisis, values, *_levers: values)
        return walker.tree(crisis, inputs)


def preorder(node: walker.Node) -> Iterator[walker.Node]:
    yield node
    if not isinstance(node, walker.Terminal):
        for branch in node.branches.values():
            yield from preorder(branch)


@settings(max_examples=examples(150), deadline=None)
@given(st.one_of(RANDOM, LEVERS, st.just(STARTER)))
def test_the_tree_is_that_of_the_walk_to_the_last_digit(crisis: Crisis) -> None:
    tree, nodes = at_medians(crisis), list(preorder(walked(crisis)))
    assert tree.players == tuple(crisis.actors)
    assert tree.nodes == len(nodes) == len(tree.node_label)
    keys: dict[int, walker.Key] = {}
    for node, number, paid in zip(nodes, tree.node_set.tolist(), tree.node_outcome.tolist(), strict=True):
        assert (paid == NONE) == (number != NONE)
        if isinstance(node, walker.Terminal):
            totals = (sum(x for (whose, _), x in node.paid.items() if whose == actor) for actor in crisis.actors)
            assert tree.outcomes[paid].payoffs == tuple(totals)
            assert tree.outcomes[paid].label.split(" ")[0] == node.ending
            continue
        entry = tree.sets[number]
        assert entry.actions == tuple(node.branches)
        if isinstance(node, walker.ChanceNode):
            odds = node.odds[walker.ANALYST]
            assert (entry.player, entry.odds) == (CHANCE_PLAYER, tuple(Fraction(odds[a]) for a in entry.actions))
            assert entry.label.split(" ")[0] in (node.step, "")
        else:
            assert (tree.players[entry.player], entry.odds) == (node.actor, None)
            assert keys.setdefault(number, node.key) == node.key
            assert entry.label.split(":")[0] == node.key[0]
    assert len(set(keys.values())) == len(keys) == sum(entry.odds is None for entry in tree.sets)


@settings(max_examples=examples(60), deadline=None)
@given(RANDOM)
def test_odds_add_up_exactly_and_labels_differ(crisis: Crisis) -> None:
    tree = at_medians(crisis)
    assert all(sum(entry.odds) == 1 for entry in tree.sets if entry.odds is not None)
    labels = [(entry.player, entry.label) for entry in tree.sets if entry.label]
    assert sum(entry.odds is None for entry in tree.sets) == sum(player != CHANCE_PLAYER for player, _ in labels)
    assert len(set(labels)) == len(labels)
    assert len({outcome.label for outcome in tree.outcomes}) == len(tree.outcomes)
    endings = [(outcome.label.split(" ")[0], outcome.payoffs) for outcome in tree.outcomes]
    assert len(set(endings)) == len(endings)


def content(tree: Tree) -> list[object]:
    """A tree's content without the file that it was read from."""
    places = tree.node_set.tolist(), tree.node_outcome.tolist(), tree.node_label
    return [tree.title, tree.comment, tree.players, tree.sets, tree.outcomes, *places]


def opened(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "game.efg"
        path.write_text(text, encoding="utf-8")
        return pygambit.read_efg(str(path))


@settings(max_examples=examples(100), deadline=None)
@given(st.one_of(RANDOM, LEVERS, st.just(STARTER)))
def test_a_tree_written_and_read_is_the_same_and_gambit_keeps_it(crisis: Crisis) -> None:
    tree = at_medians(crisis)
    text = write_efg(tree)
    assert content(read_efg(text, "game.efg")) == content(tree)
    assert content(read_efg(opened(text).to_efg(), "game.efg")) == content(tree)


@settings(max_examples=examples(60), deadline=None)
@given(st.one_of(RANDOM, st.just(STARTER)))
def test_gambit_opens_the_same_players_sets_labels_odds_and_payoffs(crisis: Crisis) -> None:
    tree = at_medians(crisis)
    game = opened(write_efg(tree))
    assert (game.title, list(game.players)) == (tree.title, list(tree.players))
    places = tree.node_set.tolist()
    for place, paid, node in zip(places, tree.node_outcome.tolist(), peer_nodes(game), strict=True):
        if not node.actions:
            assert (place, node.outcome) == (NONE, tree.outcomes[paid].label)
            assert node.payoffs == tree.outcomes[paid].payoffs
            continue
        entry = tree.sets[place]
        assert (node.label, node.actions) == (entry.label, tuple(entry.actions))
        assert (node.number, node.members) == (entry.number, places.count(place))
        assert node.odds == entry.odds
        if entry.odds is None:
            assert node.player == tree.players[entry.player]


@settings(max_examples=examples(30), deadline=None)
@given(PLAIN)
def test_gambits_equilibrium_of_the_file_is_that_of_the_crisis(crisis: Crisis) -> None:
    tree, solution = at_medians(crisis), offramp.solve(compile_game(crisis), rationality=0.5)
    game = opened(write_efg(tree))
    if not solution.game.size.information_sets:
        return  # of which Gambit says that recall is not perfect
    assert game.is_perfect_recall
    (equilibrium,) = pygambit.qre.logit_solve_lambda(game, 0.5)
    shares = shares_of(tree, game, equilibrium.profile)
    chosen = {(tree.players[tree.sets[place].player], tree.sets[place].label): found for place, found in shares.items()}
    for move in solution.moves:
        situation = move.situation
        label = ": ".join(filter(None, (situation.move, described_sees(situation))))
        assert move.options == pytest.approx(chosen[situation.actor, label], abs=1e-6)


def crisis_with(timeline: str, payoffs: str = "", endings: str = "{all: otherwise}", inputs: str = "") -> Crisis:
    return crisis_of(
        "format: 1\ntitle: A case\nactors: {north: {name: North}, south: {name: South}}\n"
        f"inputs: {{{inputs}}}\ntimeline: [{timeline}]\npayoffs: {{{payoffs}}}\nendings: {endings}\n"
    )


COIN = "{chance: coin, odds: {heads: 0.5, tails: rest}}"
CALL = "{move: call, by: north, options: [hold, strike]}"


@pytest.mark.parametrize(
    ("odds", "exact"),
    [
        ("odds: {a: 0.1, b: 0.2, c: rest}", ["0.1", "0.2", "0.7"]),
        ("weights: {a: 1, b: 2, c: 0.5}", ["2/7", "4/7", "1/7"]),
        ("odds: {a: 0.3333333333, b: 0.3333333333, c: 0.3333333333}", ["1/3", "1/3", "1/3"]),
        ("odds: {a: 1 / 3, b: 2 / 3, c: rest}", ["1/3", "2/3", "0"]),
        ("odds: {a: 0.4, b: 0.6000000001, c: rest}", ["4000000000/10000000001", "6000000001/10000000001", "0"]),
        ("odds: {a: share, b: share / 4, c: rest}", ["0.3", "0.075", "0.625"]),
        ("odds: {a: 1 - 0.7 - share, b: 1, c: 0}", ["0", "1", "0"]),
        ("odds: {a: exp(0) / 8, b: 0, c: rest}", ["1/8", "0", "7/8"]),
    ],
)
def test_odds_are_those_written_and_add_up_to_one(odds: str, exact: list[str]) -> None:
    crisis = crisis_with(f"{{chance: event, {odds}}}", inputs="share: {is: 0.3}")
    (entry,) = at_medians(crisis).sets
    assert entry.odds == tuple(map(Fraction, exact))


def test_payoffs_are_added_up_exactly_and_stand_at_the_ends() -> None:
    payoffs = "north: {one: 0.1, two: 0.2 * (call == strike), three: (coin == heads) / 3}"
    tree = at_medians(crisis_with(f"{COIN}, {CALL}", payoffs))
    paid = {outcome.payoffs for outcome in tree.outcomes}
    assert paid == {(Fraction(text), Fraction(0)) for text in ("0.1", "0.3", "13/30", "19/30")}
    assert tree.node_outcome.tolist() == [NONE, NONE, 0, 1, NONE, 2, 3]


def test_plays_with_the_same_ending_and_payoffs_share_an_outcome() -> None:
    gain = "north: {gain: call == strike}"
    tree = at_medians(crisis_with(f"{COIN}, {CALL}", gain, "{struck: call == strike, calm: otherwise}"))
    found = [(outcome.label, *map(int, outcome.payoffs)) for outcome in tree.outcomes]
    assert found == [("calm", 0, 0), ("struck", 1, 0)]
    tree = at_medians(crisis_with(f"{COIN}, {CALL}", gain))
    assert [outcome.label for outcome in tree.outcomes] == ["all", "all (2)"]


def test_a_forced_move_and_a_sure_event_keep_their_nodes() -> None:
    sure = "{chance: dawn, odds: {comes: 1}}, {move: wait, by: south, options: [on]}"
    tree = at_medians(crisis_with(sure))
    assert (tree.nodes, [entry.actions for entry in tree.sets]) == (3, [("comes",), ("on",)])


def test_chance_shares_a_set_only_where_it_remembers_the_same_and_only_the_first_is_labelled() -> None:
    toss = "{chance: toss, odds: {up: 0.5, down: rest}, seen_by: []}"
    tree = at_medians(crisis_with(f"{COIN}, {CALL}, {toss}"))
    assert [entry.label for entry in tree.sets] == ["coin", "call: coin = heads", "toss", "call: coin = tails", ""]
    assert tree.node_set[tree.node_set != NONE].tolist() == [0, 1, 2, 2, 3, 4, 4]
    assert opened(write_efg(tree)).is_perfect_recall


def test_a_crisis_in_which_nothing_happens_is_an_end() -> None:
    tree = at_medians(crisis_with("{state: war, start: 1, becomes: 2}", "south: {cost: -0.5}"))
    assert write_efg(tree).splitlines()[-1] == 't "" 1 "all" { 0 -0.5 }'
    assert [node.actions for node in peer_nodes(opened(write_efg(tree)))] == [()]


def test_impossible_numbers_get_the_message_that_a_solve_gives() -> None:
    crisis = crisis_with("{chance: event, odds: {a: share, b: rest}}", inputs="share: {is: 1.5}")
    with pytest.raises(CrisisError) as solved:
        offramp.solve(compile_game(crisis))
    with pytest.raises(CrisisError) as unfolded:
        at_medians(crisis)
    assert str(unfolded.value) == str(solved.value).replace("as the file has it", "at the medians")
    crisis = crisis_with(COIN, "north: {gain: 1 / ((coin == heads) - 1)}")
    with pytest.raises(CrisisError, match="is not a finite number where coin = heads"):
        at_medians(crisis)


def test_a_tree_beyond_the_largest_is_refused_with_its_size() -> None:
    assert at_medians(STARTER, max_nodes=77).nodes == 77
    with pytest.raises(UsageError, match="has 77 nodes, more than 76; Gambit's format holds the whole tree"):
        at_medians(STARTER, max_nodes=76)


def test_the_comment_says_what_the_format_does_not_hold() -> None:
    comment = at_medians(STARTER.with_levers("hotline")).comment
    assert "from starter.yaml: at the medians.\nLevers: hotline.\n" in comment
    assert "Rationality (not part of the game): tessia 3.0, marland 3.0." in comment
    assert "stopped = 0.76" in comment
    (note,) = at_medians(STARTER).notes
    assert note in comment
    assert note.endswith("the analyst's stand for tessia at 'resolve'.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3", "3"),
        ("-2.50", "-2.5"),
        ("1/3", "1/3"),
        ("-1/1024", "-0.0009765625"),
        ("1e-40", f"0.{'0' * 39}1"),
        ("1e-41", f"1/1{'0' * 41}"),
        ("-7/6", "-7/6"),
        ("1e20", f"1{'0' * 20}"),
        ("0", "0"),
    ],
)
def test_a_number_is_written_as_a_decimal_where_it_is_a_short_one(value: str, text: str) -> None:
    assert number_text(Fraction(value)) == text
    assert Fraction(text) == Fraction(value)


def a_tree(player: str, label: str, actions: tuple[str, ...], outcome: str, title: str = "") -> Tree:
    sets = TreeSet(0, label, actions, number=7), TreeSet(0, label, actions, number=3)
    outcomes = Outcome(outcome, (Fraction(1),), 5), Outcome(outcome, (Fraction(2),), 2)
    places = np.array([0, 1, NONE, NONE, NONE], dtype=np.int32), np.array([0, NONE, 1, 0, NONE], dtype=np.int32)
    return Tree(
        "", "", title, 'a "comment"\nin\ttwo  lines', (player,), sets, outcomes, *places, ("", "top", "top", "", "")
    )


@pytest.mark.parametrize(
    "tree",
    [
        a_tree("north", "answer", ("hold", "strike"), "war"),
        a_tree('the "north"', "réponse", ("hold", "hold"), "война", "Détente – “now”"),
        a_tree(" n  o\\rth\n", "", (" a", "a", "a (2)")[:2], ""),
    ],
)
def test_gambit_opens_whatever_the_labels_are(tree: Tree) -> None:
    ready = with_gambit_labels(tree)
    found = content(read_efg(write_efg(ready), "game.efg"))
    assert found == content(ready)
    game = opened(write_efg(ready))
    assert game.description == ready.comment
    assert game.title == ready.title
    assert list(game.players) == list(ready.players)
    assert {node.label for node in peer_nodes(game) if node.actions} == {entry.label for entry in ready.sets}


def test_a_note_says_where_letters_had_to_change() -> None:
    assert with_gambit_labels(a_tree("north", "answer", ("hold", "strike"), "war")).notes == ()
    (note,) = with_gambit_labels(a_tree("north", "réponse", ("hold", "strike"), "война")).notes
    assert note.endswith("'réponse' was written as 'reponse', and 1 more.")
