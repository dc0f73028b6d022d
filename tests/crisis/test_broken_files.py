"""The exact messages about broken crisis files, for every rule of the language.

The tables in `broken/` edit the valid `broken/crisis.yaml`. A case begins with `= NAME`; lines with `- ` are a text
that occurs once in the file, lines with `+ ` replace it (without any, the lines are deleted), `&` begins another edit;
the other lines are the messages, in this order. The file is read and compiled, and its numbers are computed at the
medians of its inputs, so that every kind of fault is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.reading import read_text
from offramp.game.compiler import compile_crisis
from offramp.game.tables import Draws, tabulate

FOLDER = Path(__file__).parent / "broken"
REMEMBERED = "counting all rounds; the maximum is 1,000 (`memory: state` forgets the steps of earlier rounds)"
BASE = (FOLDER / "crisis.yaml").read_text(encoding="utf-8")


def faults_of(data: bytes, max_nodes: int = 2_000_000) -> list[str]:
    """All messages about a file crisis.yaml in `broken/`."""
    try:
        crisis = read_text(data, str(FOLDER / "crisis.yaml"))
        game = compile_crisis(crisis, max_nodes=max_nodes)
        tabulate(game, Draws(resolved_inputs(crisis, medians(crisis)), ["at the medians"]))
    except CrisisError as error:
        return str(error).replace(f"{FOLDER}/", "").splitlines()
    return []


def edited(*edits: tuple[str, str]) -> str:
    """The base with some texts replaced; each must occur once."""
    text = BASE
    for old, new in edits:
        assert BASE.count(old) == 1, old
        text = text.replace(old, new)
    return text


def cases(table: Path) -> Iterator[object]:
    """The cases of a table: the broken text and its messages."""
    for block in f"\n{table.read_text(encoding='utf-8')}".split("\n= ")[1:]:
        name, *lines = block.splitlines()
        edits: list[tuple[str, str]] = []
        for edit in "\n".join(lines).split("\n&\n"):
            old = [line[2:] for line in edit.splitlines() if line.startswith("- ")]
            new = [line[2:] for line in edit.splitlines() if line.startswith("+ ")]
            edits.append(("\n".join(old) + "\n" * (not new), "\n".join(new)))
        faults = [line for line in lines if line.startswith("crisis.yaml:")]
        yield pytest.param(edited(*edits), faults, id=f"{table.stem}: {name}")


ALL_CASES = [case for table in sorted(FOLDER.glob("*.txt")) if table.stem != "cable" for case in cases(table)]


def test_the_base_has_no_fault() -> None:
    assert faults_of(BASE.encode()) == []


@pytest.mark.parametrize(("text", "faults"), ALL_CASES)
def test_a_mistake_gets_exactly_its_message(text: str, faults: list[str]) -> None:
    assert faults_of(text.encode()) == faults


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "1:1: the file is empty; expected a crisis (start one with `offramp new`)"),
        (b"# nothing but words\n", "1:1: the file is empty; expected a crisis (start one with `offramp new`)"),
        (b"- format: 1\n", "1:1: expected a crisis, a mapping that begins with `format: 1`"),
        (b"Harbour incident\n", "1:1: expected a crisis, a mapping that begins with `format: 1`"),
        ("format: 1\ntitle: Hafen, später".encode("latin-1"), "2:17: this is not UTF-8 text; save the file as UTF-8"),
        ("format: 1\n".encode("utf-16"), "1:1: this is not UTF-8 text; save the file as UTF-8"),
        (
            "\ufeff\ufeffformat: 1\n".encode(),
            "1:1: more than one byte order mark begins the file; remove U+FEFF ZERO WIDTH NO-BREAK SPACE, "
            "which cannot be seen",
        ),
        (b"&a [", "1:4: not valid YAML: the '[' that opens here is not closed in the file; close it with ']'"),
        (b"[a: b", "1:1: not valid YAML: the '[' that opens here is not closed in the file; close it with ']'"),
        (b"format: 1\n" + b"#" * 2_000_000, "1:1: the file has 2,000,010 bytes; at most 2,000,000 are read"),
        ("title: Übung\x07".encode(), "1:13: not valid YAML: control characters are not allowed"),
        ("title: a\u2028b".encode(), "1:9: U+2028 ends a line in YAML, but not in editors; write a plain new line"),
        (b"title: " + b"[" * 10_000, "1:47: nested more than 40 deep"),
        (b"[" + b"a, " * 40_000 + b"]", "1:89996: more than 30,000 values in one file"),
        (
            b"a: &a [*a, *a]",
            "1:1: anchors and aliases expand to more than 30,000 values, 40 levels or 4,000,000 characters",
        ),
        (
            b"a:\n\t- b",
            "2:1: not valid YAML: found a tab; indent with spaces, not tabs",
        ),
    ],
)
def test_a_file_that_is_not_a_crisis_is_refused_as_a_whole(data: bytes, fault: str) -> None:
    assert faults_of(data) == [f"crisis.yaml:{fault}"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("war: war == 1", f"war: war == {'1' * 400}", f"60:15: the number '{'1' * 60}...' is too large"),
        ("war: war == 1", f"war: {'war + ' * 200}1", "60:8: operations nested more than 150 deep"),
        ("war: war == 1", f"war: {'(' * 60}war{')' * 60}", "60:48: nested more than 40 deep"),
        (
            "war: war == 1",
            f"war: {'war + ' * 3000}1",
            "60:8: the expression has 18,001 characters; the maximum is 5,000",
        ),
        ("chance: line", f"chance: {'l' * 65}", "18:13: expected a name of at most 64 characters, found 65"),
        (
            "title: Harbour incident",
            f"title: {'t' * 501}",
            "2:8: expected text of at most 500 characters in 'title', found 501",
        ),
        (
            "[absorb, all_out]",
            f"[absorb, all_out, {', '.join(f'option_{n}' for n in range(1000))}]",
            "45:18: expected at most 1,000 in 'options', found 1,002",
        ),
        ("rounds: 2", "rounds: 251", f"29:13: actors remember 1,007 steps up to here, {REMEMBERED}"),
    ],
)
def test_a_part_that_is_too_large_is_reported_with_its_limit(old: str, new: str, fault: str) -> None:
    assert faults_of(edited((old, new)).encode()) == [f"crisis.yaml:{fault}"]


def test_a_game_that_is_too_large_is_reported_at_its_step() -> None:
    assert faults_of(BASE.encode(), max_nodes=100) == [
        "crisis.yaml:33:19: 'answer' in round 2 makes the game too large: 49 nodes so far and 52 ways on, "
        "more than 100; raise --max-nodes, or let north and south forget earlier rounds (`memory: state`)"
    ]


def test_at_most_a_hundred_mistakes_are_listed() -> None:
    inputs = "".join(f"  input_{number}: {{is: none}}\n" for number in range(200))
    faults = faults_of(edited(("  nerve: {", f"{inputs}  nerve: {{")).encode())
    assert faults[0] == "crisis.yaml:1:1: more than 100 mistakes; only the first ones found are listed"
    assert faults[1] == "crisis.yaml:12:17: an input takes numbers only; found 'none'"
    assert len(faults) == 101


def test_a_payoff_paid_each_round_needs_rounds() -> None:
    text = b"""
format: 1
title: One choice
actors: {north: {name: North}}
timeline: [{move: answer, by: north, options: [hold, strike]}]
payoffs: {north: {gain: {pays: answer == hold, when: each_round}}}
endings: {all: otherwise}
"""
    assert faults_of(text) == [
        "crisis.yaml:6:19: payoff term 'gain' of north cannot be paid each_round: there are no rounds"
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("endings:\n", "\N{CYRILLIC SMALL LETTER IE}ndings", "unknown key '{0}'; did you mean 'endings'?"),
        ("move: channel", "m\N{CYRILLIC SMALL LETTER O}ve", "unknown kind of step '{0}'; did you mean 'move'?"),
    ],
)
def test_a_key_with_a_letter_that_looks_right_is_told_by_its_letter(right: str, wrong: str, message: str) -> None:
    text = edited((right, wrong + right[right.index(":") :]))
    found = [fault for fault in faults_of(text.encode()) if message.format(wrong) in fault]
    assert found
    assert " CYRILLIC SMALL LETTER " in found[0]


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("quiet: otherwise", "quiet: \N{CYRILLIC SMALL LETTER O}therwise", "CYRILLIC SMALL LETTER O"),
        ("high: rest}\n    seen", "high: r\N{CYRILLIC SMALL LETTER IE}st}\n    seen", "CYRILLIC SMALL LETTER IE"),
        ("lognormal(median=4", "lognormal(m\N{CYRILLIC SMALL LETTER IE}dian=4", "CYRILLIC SMALL LETTER IE"),
        ("max(war, reply", "m\N{GREEK SMALL LETTER ALPHA}x(war, reply", "GREEK SMALL LETTER ALPHA"),
        ("max(war, reply == all", "max(war, reply == a\N{CYRILLIC SMALL LETTER PALOCHKA}l", "PALOCHKA"),
        ("war: war == 1", "war: war \N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH EQUALS SIGN} 1", "FULLWIDTH EQUALS SIGN"),
        ("war: war == 1", "war: war == \N{FULLWIDTH DIGIT ONE}", "FULLWIDTH DIGIT ONE"),
        ("war: war == 1", "war: war\N{ZERO WIDTH SPACE} == 1", "ZERO WIDTH SPACE"),
        ("if: round == 1", "if: not round == 1 \N{GREEK SMALL LETTER OMICRON}r round == 2", "OMICRON"),
        ("round == 1", "r\N{CYRILLIC SMALL LETTER O}und == 1", "CYRILLIC SMALL LETTER O"),
        ("as_of: 2031-03-02", "as_of: 2031\N{EN DASH}03-02", "EN DASH"),
        ("rounds: 2", "rounds: \N{FULLWIDTH DIGIT TWO}", "FULLWIDTH DIGIT TWO"),
        ("as_of: 2", "as_of\N{FULLWIDTH COLON} 2", "FULLWIDTH COLON"),
        ("options: [sign, wait]", "options: \N{FULLWIDTH LEFT SQUARE BRACKET}sign, wait]", "LEFT SQUARE BRACKET"),
        ("options: [sign, wait]", "options: [sign\N{FULLWIDTH COMMA} wait]", "FULLWIDTH COMMA"),
        ("    options: [sign", "   \N{NO-BREAK SPACE}options: [sign", "NO-BREAK SPACE"),
        ("  grave:", "  gra\N{ZERO WIDTH SPACE}ve:", "ZERO WIDTH SPACE"),
    ],
)
def test_a_character_that_looks_like_the_right_one_is_named(right: str, wrong: str, name: str) -> None:
    found = [
        fault for fault in faults_of(edited((right, wrong)).encode()) if re.search(rf"U\+[0-9A-F]+ .*{name}", fault)
    ]
    assert len(found) == 1


def test_a_byte_order_mark_moves_no_place() -> None:
    text = edited(("endings:\n", "ending:\n")).encode("utf-8-sig").replace(b"\n", b"\r\n")
    assert faults_of(text) == ["crisis.yaml:59:1: unknown key 'ending'; did you mean 'endings'?"]
