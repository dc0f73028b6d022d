"""A game compiled from a Gambit file has the file's terminal nodes, payoffs and equilibria."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pygambit
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.cli import main
from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.faults import CrisisError
from offramp.equilibrium.evaluation import evaluate_profile
from offramp.gambit.efg import read_efg
from offramp.gambit.nfg import read_nfg
from offramp.gambit.opening import compile_game
from offramp.gambit.part_names import names_of
from offramp.gambit.recall import recall_of
from offramp.gambit.timing import timing_of
from offramp.gambit.tree import NONE, Tree
from offramp.game.game import CHANCE, Game
from tests.examples import examples
from tests.gambit.gametrees import game_texts, walked
from tests.gambit.peer import efg_of_gambit, shares_of

POKER = """EFG 2 R "A simple poker game" { "Fred" "Alice" }
c "" 1 "" { "red" 1/2 "black" 1/2 } 0
p "" 1 1 "" { "raise" "fold" } 0
p "" 2 1 "reply" { "meet" "pass" } 0
t "" 1 "win big" { 2, -2 }
t "" 2 "win" { 1, -1 }
t "" 2
p "" 1 2 "" { "raise" "fold" } 0
p "" 2 1 0
t "" 3 "lose big" { -2, 2 }
t "" 2
t "" 4 "lose" { -1, 1 }
"""
HORSE = """EFG 2 R "Selten's horse" { "1" "2" "3" }
p "" 1 1 "" { "R" "L" } 0
p "" 2 1 "" { "R" "L" } 0
t "" 1 "" { 1 1 1 }
p "" 3 1 "" { "R" "L" } 0
t "" 2 "" { 4 4 0 }
t "" 3 "" { 0 0 1 }
p "" 3 1 0
t "" 4 "" { 3 2 2 }
t "" 5 "" { 0 0 0 }
"""
TOLL = """EFG 2 R "A toll on the way" { "A" "B" }
p "" 1 1 "go" { "in" "out" } 0
p "" 2 1 "answer" { "fight" "yield" } 1 "toll" { -1/2 1/4 }
t "" 2 "war" { -1 -1 }
p "" 1 2 "more" { "yes" "no" } 1
t "" 3 "deal" { 3 2 }
t "" 4 "stay" { 1 1 }
t "" 0
"""
UNTIMED = """EFG 2 R "Who came first" { "A" "B" }
c "" 1 "" { "A first" 1/2 "B first" 1/2 } 0
p "" 1 1 "a" { "l" "r" } 0
p "" 2 1 "b" { "l" "r" } 0 t "" 1 "both" { 3 1 } t "" 2 "one" { 0 0 }
p "" 2 1 0 t "" 2 t "" 3 "other" { 1 3 }
p "" 2 1 0
p "" 1 1 0 t "" 1 t "" 2
t "" 3
"""
FORGETFUL = """EFG 2 R "Forgets" { "A" }
p "" 1 1 "first" { "l" "r" } 0
p "" 1 2 "second" { "l" "r" } 0 t "" 1 "hit" { 1 } t "" 2 "miss" { 0 }
p "" 1 2 0 t "" 2 t "" 1
"""
DRIVER = """EFG 2 R "The absent-minded driver" { "A" }
p "" 1 1 "exit" { "on" "off" } 0
p "" 1 1 0
t "" 1 "far" { 1 } t "" 2 "home" { 4 }
t "" 3 "early" { 0 }
"""


def tree_of(text: str) -> Tree:
    return read_efg(text, "g.efg")


def profile_of(game: Game, tree: Tree, choice: dict[int, list[float]]) -> np.ndarray:
    """A choice at each set of the tree as a profile of the game."""
    sets = names_of(tree).sets
    profile = np.full(game.slots, np.nan)
    for situation in game.situations:
        profile[situation.slots] = choice[sets.index(situation.move)]
    return profile


@settings(deadline=None, max_examples=examples(80))
@given(text=game_texts(), seed=st.integers(0, 1000))
def test_endings_and_payoffs_are_those_of_a_walk_through_the_tree(text: str, seed: int) -> None:
    tree = tree_of(text)
    game = compile_game(tree)
    rng = np.random.default_rng(seed)
    choice = {
        place: rng.dirichlet(np.ones(len(one.actions))).tolist() for place, one in enumerate(tree.sets) if not one.odds
    }
    evaluation = evaluate_profile(game, profile_of(game, tree, choice))
    ends, totals = walked(tree, choice)
    names = names_of(tree)
    assert evaluation.endings == pytest.approx({names.endings[names.ending_of[end]]: p for end, p in ends.items()})
    assert [sum(terms.values()) for terms in evaluation.payoffs.values()] == pytest.approx(totals, abs=1e-12)


@settings(deadline=None, max_examples=examples(80))
@given(text=game_texts())
def test_children_lie_in_later_layers_and_every_set_stands_once(text: str) -> None:
    tree = tree_of(text)
    game = compile_game(tree)
    level = timing_of(tree).level
    inner = np.flatnonzero(tree.node_set != NONE)
    later = inner[tree.parent[inner] != NONE]
    assert (level[later] > level[tree.parent[later]]).all()
    assert [situation.slots.start for situation in game.situations] == sorted(
        {int(game.group_slot[layer.first_group]) for layer in game.layers if layer.actor != CHANCE}
    )
    assert len(game.situations) == game.size.information_sets == sum(one.odds is None for one in tree.sets)
    layer_of = np.repeat(np.arange(len(game.layers)), np.diff(game.group_node)) if game.layers else np.zeros(0, int)
    parents = np.repeat(np.arange(game.nodes), np.repeat(game.group_options, np.diff(game.group_node)))
    onward = game.edge_child < game.nodes
    assert (layer_of[game.edge_child[onward]] > layer_of[parents[onward]]).all()
    for place in set(range(len(tree.sets))) - set(timing_of(tree).untimed):
        if tree.sets[place].odds is None:
            assert len(set(level[tree.node_set == place].tolist())) == 1


@settings(deadline=None, max_examples=examples(80))
@given(text=game_texts(shares_chance=False))  # Gambit judges the recall of chance too
def test_recall_is_judged_as_gambit_judges_it(text: str) -> None:
    peer = efg_of_gambit(text)
    recall = recall_of(tree_of(text))
    assert recall.twice == NONE
    assert (not recall.forgotten) == peer.is_perfect_recall


@pytest.mark.parametrize("text", [POKER, HORSE, TOLL, UNTIMED], ids=["poker", "horse", "toll", "untimed"])
@pytest.mark.parametrize("rationality", [0.5, 2.0])
def test_equilibria_are_those_of_gambit(text: str, rationality: float) -> None:
    tree = tree_of(text)
    solution = offramp.solve(compile_game(tree), rationality=rationality)
    assert solution.converged
    peer = efg_of_gambit(text)
    (equilibrium,) = pygambit.qre.logit_solve_lambda(peer, rationality)
    theirs = shares_of(tree, peer, equilibrium.profile)
    sets = names_of(tree).sets
    for situation, move in zip(solution.game.situations, solution.moves, strict=True):
        shares = theirs[sets.index(situation.move)]
        assert list(move.options.values()) == pytest.approx(list(shares.values()), abs=1e-6)


def test_simultaneous_choices_are_solved_as_gambit_solves_them() -> None:
    text = 'NFG 1 R "Asymmetric pennies" { "A" "B" } { { "h" "t" } { "h" "t" } } 9 0 0 1 0 1 1 0'
    solution = offramp.solve(compile_game(read_nfg(text, "g.nfg")), rationality=0.7)
    (equilibrium,) = pygambit.qre.logit_solve_lambda(pygambit.read_nfg(io.BytesIO(text.encode())), 0.7)
    profile = equilibrium.profile
    theirs = [share for player in profile.game.players for _, share in profile[player]]
    assert solution.choice.tolist() == pytest.approx(theirs, abs=1e-6)


def test_a_mover_sees_its_own_earlier_choices_where_it_forgets_none() -> None:
    assert [dict(situation.sees) for situation in compile_game(tree_of(TOLL)).situations] == [{}, {}, {"go": "in"}]
    assert [dict(situation.sees) for situation in compile_game(tree_of(FORGETFUL)).situations] == [{}, {}]


def test_a_game_that_is_one_end_is_solved() -> None:
    solution = offramp.solve(compile_game(tree_of('EFG 2 R "g" { "A" } t "" 1 "all" { 3/4 }')))
    assert (solution.endings, solution.total("A")) == ({"all": 1.0}, 0.75)
    assert offramp.solve(compile_game(tree_of('EFG 2 R "g" { } t "" 0'))).endings == {"no outcome": 1.0}


def test_imperfect_recall_is_solved_and_noted() -> None:
    game = compile_game(tree_of(FORGETFUL))
    assert [warning.message for warning in game.crisis.warnings] == [
        "A forgets at 'second' what it did before: solved as under `memory: state`, where the plays of a set are "
        "weighed by their whole reach, own choices included"
    ]
    assert offramp.solve(game).endings["hit"] == pytest.approx(0.5)


def test_games_that_are_not_timeable_are_noted() -> None:
    (note,) = compile_game(tree_of(UNTIMED)).crisis.warnings
    message = "not timeable: each of 'a' and 'b' comes before another of them on some play; solved all the same"
    assert note.message == message


def test_only_sets_that_come_before_each_other_are_split() -> None:
    tree = tree_of(
        """EFG 2 R "Some in circles" { "A" "B" "C" }
        c "" 1 "" { "A" 1/3 "B" 1/3 "C" 1/3 } 0
        p "" 1 1 "a" { "l" "r" } 0 p "" 2 1 "b" { "l" } 0 t "" 0 p "" 3 1 "late" { "x" } 0 t "" 0
        p "" 2 1 0 p "" 1 1 0 t "" 0 p "" 3 1 0 t "" 0
        p "" 3 1 0 t "" 0"""
    )
    timing = timing_of(tree)
    assert [tree.sets[place].label for place in timing.untimed] == ["a", "b"]
    assert timing.level.tolist() == [0, 1, 2, NONE, 3, NONE, 1, 2, NONE, 3, NONE, 3, NONE]


def test_absent_minded_games_are_refused_by_name() -> None:
    with pytest.raises(CrisisError) as caught:
        compile_game(tree_of(DRIVER))
    assert str(caught.value) == (
        "g.efg:1:1: 'A' is absent-minded: the play exit = on passes the information set 'exit' twice, "
        "and such games are not solved"
    )


def test_a_game_beyond_the_limit_is_refused() -> None:
    with pytest.raises(CrisisError, match=r"the game has 9 nodes, more than 8; raise --max-nodes"):
        compile_game(tree_of(HORSE), 8)


@pytest.fixture
def poker(tmp_path: Path) -> Path:
    path = tmp_path / "poker.efg"
    path.write_text(POKER, encoding="utf-8")
    return path


def shown(arguments: Sequence[str]) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_files_are_known_by_ending_or_by_first_word(poker: Path, tmp_path: Path) -> None:
    other = tmp_path / "poker.txt"
    other.write_bytes(b"\xef\xbb\xbf\n" + POKER.encode())
    for path in (poker, other):
        found = offramp.read(path)
        assert isinstance(found, offramp.Tree)
        assert found.title == "A simple poker game"
    empty = tmp_path / "empty.nfg"
    empty.write_text("")
    with pytest.raises(CrisisError, match="expected NFG, found the end of the file"):
        offramp.read(empty)
    with pytest.raises(OfframpError, match="cannot read"):
        offramp.read(tmp_path / "none.efg")


def test_check_shows_sizes_recall_and_notes(poker: Path, tmp_path: Path) -> None:
    code, output = shown(["check", str(poker)])
    assert (code, output.splitlines()) == (
        0,
        [
            f"{poker}: no errors, 0 notes",
            "  6 plays with 4 endings; 11 nodes",
            "  3 information sets (Fred 2, Alice 1), perfect recall",
        ],
    )
    code, output = shown(["check", str(poker), "--json"])
    assert code == 0
    assert '"perfect_recall": {\n    "Fred": true,\n    "Alice": true\n  }' in output
    driver = tmp_path / "driver.efg"
    driver.write_text(DRIVER)
    code, output = shown(["check", str(driver), "--json"])
    assert code == 2
    assert "absent-minded" in output


def test_nothing_in_a_gambit_file_is_uncertain_or_pulled(poker: Path) -> None:
    tree = offramp.read(poker)
    with pytest.raises(UsageError, match=r"nothing in .*poker.efg is uncertain.*use `offramp solve`"):
        offramp.run(tree)
    code, output = shown(["run", str(poker), "--out", str(poker.parent / "run")])
    assert (code, "is uncertain" in output, (poker.parent / "run").exists()) == (2, True, False)
    assert shown(["solve", str(poker), "--lever", "x"]) == (2, f"unknown lever 'x' ({poker} has no levers)\n")
    assert shown(["solve", str(poker), "--set", "x=1"]) == (2, f"unknown input 'x' ({poker} has no inputs)\n")


def test_solve_shows_every_move_on_a_line(poker: Path, tmp_path: Path) -> None:
    code, output = shown(["solve", str(poker), "--rationality", "1"])
    assert code == 0
    assert "A simple poker game: one solve with rationality 1 for all actors\n" in output
    assert "Fred:1 (Fred)" in output, output
    assert "imperfect" not in output
    forgetful = tmp_path / "forgetful.efg"
    forgetful.write_text(FORGETFUL)
    assert "imperfect recall: `offramp check` shows who forgets what" in shown(["solve", str(forgetful)])[1]


def test_of_many_endings_and_moves_the_likeliest_are_shown(tmp_path: Path) -> None:
    deep = tmp_path / "deep.efg"
    nodes = [f'p "" 1 {number} "" {{ "on" "off" }} 0 t "" {number} "stop" {{ 0 }}' for number in range(1, 41)]
    deep.write_text('EFG 2 R "Deep" { "[bold]A[/x]" }\n' + "\n".join(nodes) + '\nt "" 0')
    code, output = shown(["solve", str(deep)])
    assert code == 0
    assert "29 more; --json lists all" in output
    assert "16 more moves, at most 0.0000060%; --json lists all" in output
    assert "[bold]A[/x]" in output
