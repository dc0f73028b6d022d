"""Completion, hover and names of what a crisis file says of recorded cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.crisis.editor.completion import complete
from offramp.crisis.editor.hovering import hover
from offramp.game.checks.text_checks import check_text
from tests.crisis.recorded import RECORDED


def at_cursor(old: str, new: str) -> tuple[str, int]:
    """The text with a passage replaced, and the offset of `|` in it."""
    assert RECORDED.count(old) == 1
    marked = RECORDED.replace(old, new)
    return marked.replace("|", ""), marked.index("|")


PAYS = "pays: (resolve + regime.full"
RESOLVE = ["resolve.1", "resolve.balance", "resolve.regime.full", "resolve.regime.mixed"]


@pytest.mark.parametrize(
    ("old", "new", "typed", "offered"),
    [
        (
            PAYS,
            "pays: (resolve + regime.|",
            "regime.",
            ["regime.full", "regime.mixed", *RESOLVE[2:], "hope.regime.full"],
        ),
        (PAYS, "pays: (resolve + resolve.b|", "resolve.b", ["resolve.balance"]),
        ("of: [resolve.1, hope", "of: [resolve.|, hope", "resolve.", RESOLVE),
        ("of: [resolve.1, hope", "of: [south.|, hope", "south.", ["south.rationality"]),
        ("{set: {resolve.1:", "{set: {hope|:", "hope", ["hope.balance", "hope.regime.full"]),
        ("linear: [1, balance, regime]", "linear: [|]", "", ["1", "balance", "regime", "regime.full", "regime.mixed"]),
        ("linear: [1, balance, regime]", "linear: [1, reg|]", "reg", ["regime", "regime.full", "regime.mixed"]),
        ("is: {balance:", "is: {bal|:", "bal", ["balance"]),
        ("is: mixed, column", "is: |, column", "", ["full", "mixed"]),
        ("{war: {ending: war}", "{war: {|}", "", ["mood: ", "answer@1: ", "reply@1: ", "ending: "]),
        ("{war: {ending: war}", "{war: {ending: |}", "", ["war", "absorbed", "quiet"]),
        ("0: {answer@1: wait}", "0: {answer@1: |}", "", ["wait", "volley", "skipped"]),
        ("choice: probit", "choice: |", "", ["logit", "probit", "private"]),
        ("  count: times", "  c|", "c", ["count: "]),
    ],
)
def test_what_is_offered(old: str, new: str, typed: str, offered: list[str]) -> None:
    text, offset = at_cursor(old, new)
    found = complete(text, offset)
    assert text[found.start : found.end].strip() == typed
    assert [item.insert or item.label for item in found.items] == offered


def test_a_rationality_that_is_computed_is_no_input() -> None:
    text, offset = at_cursor("of: [resolve.1, hope", "of: [north.|, hope")
    found = complete(text.replace("rationality: 1}", "rationality: 1 / sqrt(2)}"), offset + len(" / sqrt(2)"))
    assert found.items == ()


@pytest.mark.parametrize(
    ("old", "new", "word", "title", "paragraph"),
    [
        (
            PAYS,
            "pays: (res|olve + regime.full",
            "resolve",
            "resolve: a sum",
            "The prior of each coefficient: normal(0, 5).",
        ),
        (
            PAYS,
            "pays: (resolve + regime.fu|ll",
            "regime.full",
            "regime.full: a level of regime",
            "1 if it is full, 0 if not.",
        ),
        (
            "of: [resolve.1, hope.balance]",
            "of: [resolve.1, hope.bal|ance]",
            "hope.balance",
            "hope.balance: a coefficient, normal(1, 2)",
            "Part of hope, times balance.",
        ),
        (
            "  balance: {",
            "  bal|ance: {",
            "balance",
            "balance: a column, 0.2",
            "In recorded cases: log(troops1 / troops2).",
        ),
        (
            "  regime: {",
            "  reg|ime: {",
            "regime",
            "regime: a column of text, mixed",
            "Its inputs: regime.full and regime.mixed.",
        ),
        (
            "1: {answer@1: volley}",
            "1: {answ|er@1: volley}",
            "answer@1",
            "answer: a move of north, inside `rounds`",
            "Seen by everybody.",
        ),
        ("{war: {ending: war}", "{war: {ending: w|ar}", "war", "war: an ending", "reply == all_out"),
        (
            "full, south.rationality]",
            "full, south.r|ationality]",
            "south.rationality",
            "Southland: an actor",
            "Moves: reply.",
        ),
    ],
)
def test_help_on_a_word(old: str, new: str, word: str, title: str, paragraph: str) -> None:
    text, offset = at_cursor(old, new)
    found = hover(text, offset)
    assert found is not None
    assert (text[found.start : found.end], found.title) == (word, title)
    assert paragraph in found.paragraphs


def test_a_mistake_underlines_a_name_with_its_dots() -> None:
    text = RECORDED.replace("(resolve + regime.full", "(resolve + regime.ful")
    [fault] = check_text(text, Path("crisis.yaml")).faults
    assert text[fault.start : fault.end] == "regime.ful"
