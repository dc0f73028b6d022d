"""Saved matches: read back equal, whole or not at all, and refused where anything was changed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError
from offramp.crisis.model import Crisis
from offramp.play.board import Board, board_of, set_up
from offramp.play.match import Match, awaiting, begin, choose, leave_to_offramp, questions
from offramp.play.saves import match_of, read_match, record_of, write_match
from offramp.study.histories.plays import solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.play.small import SIDES, played

RANDOM = crisis_texts(most_histories=60).map(crisis_of)


@cache
def board() -> Board:
    return set_up(crisis_of(SIDES), rationality=2.0)


def open_together() -> Match:
    """A match in the middle of a `together`, after a choice that was left to Offramp."""
    match = leave_to_offramp(begin(board(), ("north", "east"), 11), "north")
    return choose(match, "east", "press")


@settings(max_examples=examples(25), deadline=None)
@given(RANDOM, st.integers(0, 2**64 - 1), st.integers(0, 99))
def test_a_match_is_read_back_equal_at_every_point(crisis: Crisis, seed: int, whim: int) -> None:
    block, solution = solved(crisis)
    if not solution.converged:
        return
    table = board_of(block, solution)
    match = begin(table, table.movers, seed)
    while not match.finished:
        record = json.loads(json.dumps(record_of(match)))
        assert match_of(record, board=table) == match
        actor = awaiting(match)[-1]
        match = choose(match, actor, questions(match)[actor].options[whim % len(questions(match)[actor].options)])
    record = json.loads(json.dumps(record_of(match)))
    assert match_of(record) == match
    assert record_of(match_of(record)) == record


def test_numbers_and_levers_are_kept(tmp_path: Path) -> None:
    crisis = crisis_of(SIDES.replace("endings:", "inputs: {x: {is: 'uniform(0, 1)'}}\nendings:"))
    crisis = crisis_of(crisis.text.replace("0.5 * (north_acts == press)", "x * (north_acts == press)"))
    table = set_up(crisis.with_levers("calm"), given={"x": 0.25}, rationality=1.5)
    match = begin(table, ("north",), 5)
    write_match(match, tmp_path / "deep" / "match.json")
    again = read_match(tmp_path / "deep" / "match.json")
    assert again == match
    assert again.board is not table
    assert again.board.crisis.pulled == ("calm",)
    assert (again.board.given, again.board.rationality) == ({"x": 0.25}, 1.5)
    assert (again.board.solution.choice == table.solution.choice).all()
    assert read_match(tmp_path / "deep" / "match.json", board=table).board is table
    assert read_match(tmp_path / "deep" / "match.json", board=board()).board is not board()


def test_an_open_together_goes_on_as_it_was(tmp_path: Path) -> None:
    match = open_together()
    assert match.pending
    assert match.entries[1].by == "offramp"
    write_match(match, tmp_path / "match.json")
    again = read_match(tmp_path / "match.json", board=board())
    assert choose(again, "north", "hold") == choose(match, "north", "hold")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "match.json"
    write_match(open_together(), target)
    write_match(played(board(), ("north",), 1, 1), target)
    assert read_match(target, board=board()).finished
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OfframpError, match="cannot write"):
        write_match(open_together(), tmp_path / "file" / "match.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "match.json"]


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "match.json"
    write_match(open_together(), target)
    whole = target.read_bytes()
    for length in range(0, len(whole) - 1, 37):
        target.write_bytes(whole[:length])
        with pytest.raises(OfframpError, match=r"match.json: this is no saved match"):
            read_match(target)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "this is no saved match of Offramp"),
        (b'{"kind": "something else"}', "this is no saved match of Offramp"),
        (b'{"kind": "offramp match", "format": 99}', "this match has format 99; this version of Offramp reads 1"),
        (b'{"kind": "offramp match", "format": 1, "seed": 1}', "the saved match is damaged: missing `file`"),
        (b"[" * 100_000, "this is no saved match of Offramp, or it is damaged: it is nested too deeply"),
        (b"\xff\xfe\x00", "this is no saved match of Offramp, or it is damaged: it is not UTF-8 text"),
    ],
)
def test_a_foreign_file_is_named_and_refused(tmp_path: Path, content: bytes, message: str) -> None:
    target = tmp_path / "match.json"
    target.write_bytes(content)
    with pytest.raises(OfframpError) as caught:
        read_match(target)
    assert str(caught.value) == f"{target}: {message}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OfframpError, match=r"cannot read .*nothing.json"):
        read_match(tmp_path / "nothing.json")


def changed(**parts: Any) -> dict[str, Any]:
    return json.loads(json.dumps(record_of(open_together()))) | parts  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "parts",
    [
        {"seed": 12},
        {"seats": ["east"]},
        {"seats": ["nobody"]},
        {"entries": []},
        {"ending": "hot"},
        {"pending": [{"step": "east_acts", "round": 0, "option": "strike", "actor": "east", "by": "person"}]},
    ],
)
def test_a_changed_match_does_not_come_out_again(parts: dict[str, Any]) -> None:
    with pytest.raises(OfframpError, match="does not come out again as it was recorded"):
        match_of(changed(**parts), board=board())


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"levers": ["clam"]}, "unknown lever 'clam'; did you mean 'calm'"),
        ({"given": {"x": 1.0}}, "unknown input 'x'"),
        ({"rationality": -1.0}, "rationality must be a number from 0 up"),
        ({"crisis": "format: 1"}, "title"),
        ({"seed": "11"}, "the saved match is damaged: seed: "),
        ({"surplus": 1}, "the saved match is damaged: unknown key 'surplus'"),
        ({"seats": "east"}, "the saved match is damaged: seats: "),
    ],
)
def test_numbers_that_cannot_be_are_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(OfframpError, match=message):
        match_of(changed(**parts), board=board())
