"""Gambit's extensive-form files are read exactly, or refused with the location of the fault."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest
from hypothesis import given, settings

from offramp.crisis.faults import CrisisError
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import read
from offramp.gambit.part_names import names_of, unique
from offramp.gambit.recall import recall_of
from offramp.gambit.tokens import decoded
from offramp.gambit.tree import NONE, Tree
from tests.examples import examples
from tests.gambit.gametrees import children, game_texts
from tests.gambit.peer import efg_of_gambit, peer_nodes
from tests.reference_data import DATA, needs_data

HEAD = 'EFG 2 R "g" { "A" "B" }\n'
CHOICE = 'p "" 1 1 "s" { "x" "y" } 0\n'


def tree(body: str, head: str = HEAD) -> Tree:
    return read_efg(head + body, "g.efg")


def fault(text: str) -> str:
    with pytest.raises(CrisisError) as caught:
        read_efg(text, "g.efg")
    return str(caught.value)


def test_numbers_are_exact() -> None:
    read_numbers = tree('t "" 1 "o" { 1/3, -.5 }').outcomes[0].payoffs
    assert read_numbers == (Fraction(1, 3), Fraction(-1, 2))
    numbers = [
        ("+2", 2),
        ("5.", 5),
        ("1e2", 100),
        ("25E-1", Fraction(5, 2)),
        ("-4/6", Fraction(-2, 3)),
        ("0.1", Fraction(1, 10)),
    ]
    for text, value in numbers:
        assert tree(f't "" 1 "o" {{ {text} 0 }}').outcomes[0].payoffs[0] == value


def test_commas_and_blanks_are_as_one_likes() -> None:
    one = tree(CHOICE + 't "" 1 "o" { 1, 2 } t "" 2 "u" { 3, 4 }')
    two = tree('p""1 1"s"{"x""y"}0 t""1"o"{1 2,}\n\n\tt "" 2 "u"{3 ,4}')
    assert (one.sets, one.outcomes, one.node_set.tolist()) == (two.sets, two.outcomes, two.node_set.tolist())


def test_texts_keep_quotes_and_line_breaks() -> None:
    text = 'EFG 2 D "a \\"g\\" \\\\ b" { "A \\"x\\"" }\n"two\nlines" t "end" 0'
    found = read_efg(text, "g.efg")
    assert (found.title, found.players, found.comment, found.node_label) == (
        'a "g" \\ b',
        ('A "x"',),
        "two\nlines",
        ("end",),
    )


def test_sets_and_outcomes_are_defined_once_before_or_after() -> None:
    found = tree(CHOICE + 'p "" 2 7 0 t "" 3 t "" 0\n' + 'p "" 2 7 "late" { "l" "r" } 0 t "" 3 "o" { 1 2 } t "" 3 "o"')
    assert [(one.label, one.number) for one in found.sets] == [("s", 1), ("late", 7)]
    assert found.node_set.tolist() == [0, 1, NONE, NONE, 1, NONE, NONE]
    assert found.node_outcome.tolist() == [NONE, NONE, 0, NONE, NONE, 0, 0]
    assert found.notes == ()


def test_outcomes_may_stand_anywhere_and_without_a_label() -> None:
    found = tree('c "" 1 "" { "x" 1/4 "y" 3/4 } 1 "toll" { -1 -1 } t "" 2 { 5 6 } t "" 1')
    assert found.outcomes[1].payoffs == (5, 6)
    assert found.node_outcome.tolist() == [0, 1, 0]
    assert found.sets[0].odds == (Fraction(1, 4), Fraction(3, 4))


def test_odds_that_were_rounded_are_made_to_add_up() -> None:
    found = tree('c "" 1 "" { "x" 0.3333333333 "y" 0.6666666666 } 0 t "" 0 t "" 0')
    assert sum(found.sets[0].odds or ()) == 1
    assert found.notes == ("line 2: odds that are rounded: they were divided by their sum",)


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ('p "" 1 1 { "x" } 0 t "" 0', ["line 2: a set that is defined without a label"]),
        ('p "" 1 1 "s" { "x" "x" "" "" } 0 ' + 't "" 0 ' * 4, ["line 2: actions of one set with the same label"]),
        (CHOICE + 't "" 1 "o" { 1 1 } t "" 2 "o" { 2 2 }', ["the same label for several outcomes: 'o'"]),
        (CHOICE + 't "n" 0 t "n" 0', ["the same label for several nodes: 'n'"]),
        (
            CHOICE + 'p "" 1 2 "s" { "x" } 0 t "" 0 t "" 0',
            ["the same label for several information sets of player 1: 's'"],
        ),
        (
            'c "" 1 "d" { "x" 1 } 0 c "" 2 "d" { "x" 1 } 0 t "" 0',
            ["the same label for several chance events: 'd'"],
        ),
        (
            CHOICE + 'p "" 2 1 "u" { "l" } 0 t "" 0\np "" 2 1 "v" { "m" } 0 t "" 0',
            ["line 4: a set's labels are given again and differ: the first ones count"],
        ),
        (
            CHOICE + 't "" 1 "o" { 1 1 }\nt "" 1 "p" { 1 1 }',
            ["line 4: an outcome's label is given again and differs: the first one counts"],
        ),
    ],
)
def test_what_gambit_refuses_is_read_and_noted(body: str, notes: list[str]) -> None:
    assert list(tree(body).notes) == notes


def test_players_of_one_name_are_noted() -> None:
    assert tree('t "" 0', 'EFG 2 R "g" { "A" "A" }\n').notes == ("the same label for several players: 'A'",)


END = 't "" 0'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "g.efg:1:1: expected EFG, found the end of the file"),
        ("NFG 1 R", "g.efg:1:1: expected EFG, found 'NFG'"),
        ("EFG 1 R", "g.efg:1:5: expected version 2 of EFG files, found '1'"),
        ("EFG 2 Q", "g.efg:1:7: expected R or D, found 'Q'"),
        ("EFG 2 R title", "g.efg:1:9: expected the game's title in quotes, found 'title'"),
        ('EFG 2 R "t" "A"', "g.efg:1:13: expected '{' and the players, found the text 'A'"),
        ('EFG 2 R "t" { "A" 3', "g.efg:1:19: expected a player's name in quotes, found '3'"),
        ('EFG 2 R "t" { "A"', "g.efg:1:18: expected the players or '}', found the end of the file"),
        (HEAD, "g.efg:1:24: the game is incomplete: a node is missing at the end"),
        (HEAD + CHOICE, "g.efg:2:27: the game is incomplete: 2 nodes are missing at the end"),
        (HEAD + END + "\n" + END, "g.efg:3:1: the game is complete before this node"),
        (HEAD + END + " what", "g.efg:2:8: expected c or p or t, found 'what'"),
        (HEAD + 'x "" 0', "g.efg:2:1: expected c or p or t, found 'x'"),
        (HEAD + "t 0", "g.efg:2:3: expected the node's label in quotes, found '0'"),
        (HEAD + 't ""', "g.efg:2:5: expected the number of an outcome, or 0, found the end of the file"),
        (HEAD + 't "" 1.5', "g.efg:2:6: expected the number of an outcome, or 0, a whole number, found '1.5'"),
        (HEAD + 't "" -1', "g.efg:2:6: expected the number of an outcome, or 0, a whole number, found '-1'"),
        (
            HEAD + 't "" 0 "o" { 1 2 }',
            "g.efg:2:6: outcome 0 means no outcome and cannot have payoffs; give it another number",
        ),
        (HEAD + 't "" 4', "g.efg:2:6: outcome 4 is never defined: list its payoffs once"),
        (HEAD + 't "" 1 "o" { 1 }', "g.efg:2:16: expected a payoff for each of 2 players, found '}'"),
        (HEAD + 't "" 1 "o" { 1 2 3 }', "g.efg:2:18: expected '}' after 2 payoffs, found '3'"),
        (HEAD + 't "" 1 "o" { 1 x }', "g.efg:2:16: expected a payoff for each of 2 players, found 'x'"),
        (HEAD + 't "" 1 "o" { 1 1/0 }', "g.efg:2:16: '1/0' divides by zero"),
        (
            HEAD + 't "" 1 "o" { 1 1e999999999 }',
            "g.efg:2:16: '1e999999999' is too large; numbers are 0, or from 1e-300 to 1e100 in size",
        ),
        (
            HEAD + 't "" 1 "o" { 1 2e100 }',
            "g.efg:2:16: '2e100' is too large; numbers are 0, or from 1e-300 to 1e100 in size",
        ),
        (
            HEAD + 't "" 1 "o" { 1 -1e-999999999 }',
            "g.efg:2:16: '-1e-999999999' is too near to 0; numbers are 0, or from 1e-300 to 1e100 in size",
        ),
        (
            HEAD + f't "" 1 "o" {{ 1 {"9" * 400} }}',
            f"g.efg:2:16: '{'9' * 60}...' has 400 characters; a number has up to 300",
        ),
        (
            HEAD + CHOICE + 't "" 1 "o" { 1 2 }\nt "" 1 "o" { 2 1 }',
            "g.efg:4:6: outcome 1 has other payoffs than in line 3",
        ),
        (HEAD + 'p "" 3 1 "" { "x" } 0', "g.efg:2:6: there is no player 3; there are players 1 to 2"),
        (HEAD + 'p "" 0 1 "" { "x" } 0', "g.efg:2:6: there is no player 0; there are players 1 to 2"),
        (HEAD + 'p "" x', "g.efg:2:6: expected the number of a player, found 'x'"),
        (HEAD + 'p "" 1 x', "g.efg:2:8: expected the number of an information set, found 'x'"),
        (HEAD + 'p "" 1 1 "" { } 0', "g.efg:2:8: a set needs at least one action"),
        (HEAD + 'p "" 1 1 "" { x } 0', "g.efg:2:15: expected an action in quotes, found 'x'"),
        (HEAD + 'p "" 1 1 "" { "x"', "g.efg:2:18: expected an action in quotes or '}', found the end of the file"),
        (HEAD + 'p "" 1 1 0', "g.efg:2:8: information set 1 of player 1 is never defined: list its actions once"),
        (HEAD + 'c "" 2 0', "g.efg:2:6: information set 2 of chance is never defined: list its actions once"),
        (
            HEAD + CHOICE + 'p "" 2 1 "" { "x" } 0 t "" 0\np "" 2 1 "" { "x" "y" } 0 t "" 0 t "" 0',
            "g.efg:4:8: information set 1 of player 2 differs from its definition in line 3",
        ),
        (HEAD + 'c "" 1 "" { "x" "y" } 0', "g.efg:2:17: expected the odds of this action, found the text 'y'"),
        (HEAD + 'c "" 1 "" { "x" 1/2 "y" 1/3 } 0', "g.efg:2:6: odds must add up to 1, found 5/6"),
        (HEAD + 'c "" 1 "" { "x" 3/2 "y" -1/2 } 0', "g.efg:2:25: odds cannot be negative, found -1/2"),
        (HEAD + 't "never', 'g.efg:2:3: this " is never closed'),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    assert fault(text) == message


@pytest.mark.parametrize(
    "text", ['"' + '\\"' * 100_000, HEAD + "{" * 100_000, HEAD + CHOICE * 5000, "\x00" * 1000, HEAD + '"' * 99_999]
)
def test_hostile_files_end_in_a_message(text: str) -> None:
    assert fault(text).startswith("g.efg:")


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b'\xef\xbb\xbfEFG 2 R "D\xc3\xa9tente" { } t "" 0', "Détente"),
        (b'EFG 2 R "D\xe9tente" { } t "" 0', "Détente"),
        ('EFG 2 R "Détente" { } t "" 0'.encode("utf-16"), "Détente"),
    ],
)
def test_files_in_old_encodings_are_read(data: bytes, title: str) -> None:
    assert read_efg(decoded(data), "g.efg").title == title


def peer_form(text: str) -> list[object]:
    """The nodes in `peer_nodes`, as pygambit reads them."""
    found: list[object] = []
    for node in peer_nodes(efg_of_gambit(text)):
        payoffs = None if node.payoffs is None else list(node.payoffs)
        odds = None if node.odds is None else list(node.odds)
        found.append(((node.label, list(node.actions), odds) if node.actions else None, payoffs))
    return found


def our_form(found: Tree) -> list[object]:
    nodes: list[object] = []
    for place, outcome in zip(found.node_set, found.node_outcome, strict=True):
        payoffs = None if outcome == NONE else list(found.outcomes[outcome].payoffs)
        one = None if place == NONE else found.sets[place]
        nodes.append(
            (None if one is None else (one.label, list(one.actions), list(one.odds) if one.odds else None), payoffs)
        )
    return nodes


@settings(deadline=None, max_examples=examples(60))
@given(text=game_texts())
def test_random_games_are_read_as_gambit_reads_them(text: str) -> None:
    found = read_efg(text, "g.efg")
    assert our_form(found) == peer_form(text)
    after = children(found)
    assert [[node for node in range(found.nodes) if found.parent[node] == up] for up in range(found.nodes)] == after
    assert all(found.action[child] == number for row in after for number, child in enumerate(row))


@needs_data
def test_every_game_of_the_collections_is_read() -> None:
    with (DATA / "games_inventory.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    files = sorted(path for path in DATA.glob("games/**/*.?fg"))
    assert len(files) == len(rows) == 248
    for path in [*files, *DATA.glob("gambit_case_games/*.?fg")]:
        found = read(path)
        assert isinstance(found, Tree)
        row = rows.get(path.relative_to(DATA / "games").as_posix()) if path.is_relative_to(DATA / "games") else None
        if row is None or not row["nodes"] or path.suffix == ".nfg":
            continue
        recall = recall_of(found)
        absent_minded = recall.twice != NONE
        ours = (
            found.nodes,
            sum(one.odds is None for one in found.sets),
            absent_minded,
            not recall.forgotten and not absent_minded,
        )
        theirs = (
            int(row["nodes"]),
            int(row["infosets"]),
            row["absent_minded"] == "True",
            row["perfect_recall"] == "True",
        )
        assert ours == theirs, path.name


def test_names_are_labels_made_unique() -> None:
    found = tree(
        'c "" 4 "" { "x" 1/2 "" 1/2 } 0\n'
        'p "" 1 1 "s" { "x" "x" } 0 t "" 1 "o" { 1 1 } t "" 2 "o" { 2 2 }\n'
        'p "" 2 1 "s" { "l" } 0 p "" 2 9 "" { "m" "r" } 0 t "" 7 "" { 0 0 } t "" 0',
        'EFG 2 R "g" { "A" "" }\n',
    )
    names = names_of(found)
    assert names.players == ("A", "player 2")
    assert names.sets == ("chance:4", "s", "s (2)", "player 2:9")
    assert names.actions[:2] == (("x", "2"), ("x", "x (2)"))
    assert names.endings == ("o", "o (2)", "outcome 7", "no outcome")


def test_a_name_made_unique_is_no_other_label() -> None:
    assert unique(["a", "a (2)", "a", "a", "a (2)"]) == ("a", "a (2)", "a (3)", "a (4)", "a (2) (2)")
    assert unique(["a", "a", "a", "b (2)", "b", "b"]) == ("a", "a (2)", "a (3)", "b (2)", "b", "b (3)")
