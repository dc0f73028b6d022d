"""Quotes are verified by machine: what stands in the document is found with its own words, and nothing else is."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offramp.draft.brief_records import DraftBrief
from offramp.draft.quotes import (
    SHORTEST,
    QuoteCheck,
    because_of,
    invented,
    speaks_of_quantity,
    verified,
    verified_brief,
)
from tests.examples import examples

LETTERS = "aábcdeéilnorst ABC.,'’“”–-ﬁﬀ…ßΣς한글\u0301\u1112\u1161\u11ab\u00ad０１２½Å"
BLOCK = (
    st.text(LETTERS, min_size=20, max_size=80)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: len(text) > 15)
)


def folded(text: str) -> str:
    """The folding as its description says it, on a whole text."""
    plain = re.sub('["`´‘’‚‛“”„«»]', "'", unicodedata.normalize("NFKC", text))
    plain = re.sub("[‐‑–—−]", "-", plain).casefold().replace("\u00ad", "")
    return re.sub(r"\s+", " ", plain)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[list[str], int, str]:
    """Paragraphs, the number of one of them, and a piece of it."""
    blocks = draw(st.lists(BLOCK, min_size=1, max_size=4))
    number = draw(st.integers(1, len(blocks)))
    block = blocks[number - 1]
    start = draw(st.integers(0, len(block) // 3))
    end = draw(st.integers(2 * len(block) // 3, len(block)))
    return blocks, number, block[start:end].strip()


@settings(max_examples=examples(300), deadline=None)
@given(pieces())
def test_a_piece_of_its_paragraph_is_exact_and_its_span_is_the_piece(given_piece: tuple[list[str], int, str]) -> None:
    blocks, number, piece = given_piece
    assume(len(folded(piece).strip()) > SHORTEST + 2)
    check = verified(piece, number, blocks)
    assert (check.state, check.paragraph, check.text) == ("exact", number, piece)
    assert blocks[number - 1][check.start : check.end] == piece


@settings(max_examples=examples(300), deadline=None)
@given(BLOCK, BLOCK, st.integers(0, 20), st.sampled_from(["swap", "upper", "spaces", "marks", "composed"]))
def test_a_quote_is_found_if_and_only_if_it_stands_there_folded(block: str, other: str, cut: int, change: str) -> None:
    quote = {
        "swap": other,
        "upper": block[cut:].upper(),
        "spaces": block[cut:].replace(" ", " \n "),
        "marks": block[cut:].replace("'", "“").replace("-", "—"),
        "composed": unicodedata.normalize("NFD", block[cut:]),
    }[change]
    wanted = folded(quote).strip()
    assume(len(wanted) >= SHORTEST and not unicodedata.combining(quote.strip()[0]))
    assume(folded(quote.strip()) == wanted)
    check = verified(quote, 1, [block])
    assert check.found == (wanted in folded(block))
    if check.found:
        assert folded(check.text).strip() == wanted or wanted in folded(check.text)
        assert check.text == block[check.start : check.end]


@pytest.mark.parametrize(
    ("quote", "para", "state", "paragraph", "text"),
    [
        ("the envoy left at once", 2, "exact", 2, "the envoy left at once"),
        ("The  Envoy left at once", 2, "folded", 2, "the envoy left at once"),
        ("the envoy left at once", 1, "elsewhere", 2, "the envoy left at once"),
        ("“it’s a dead-end” road", 3, "folded", 3, '"It\'s a dead–end" road'),
        ("the envoy never left at once", 2, "failed", None, ""),
        ("left at once", 9, "elsewhere", 2, "left at once"),
        ("envoy left", 2, "failed", None, ""),
        ("", None, "ours", None, ""),
    ],
)
def test_each_state(quote: str, para: int | None, state: str, paragraph: int | None, text: str) -> None:
    blocks = ["Nothing of the kind.", "And so the envoy left at once.", 'They said: "It\'s a dead–end" road.']
    check = verified(quote, para, blocks)
    assert (check.state, check.paragraph, check.text) == (state, paragraph, text)


@settings(max_examples=examples(100), deadline=None)
@given(pieces(), st.integers(0, 200))
def test_one_wrong_letter_fails(given_piece: tuple[list[str], int, str], at: int) -> None:
    blocks, number, piece = given_piece
    assume(len(folded(piece).strip()) > SHORTEST + 2)
    at %= len(piece)
    assert verified(piece[:at] + "ж" + piece[at + 1 :], number, blocks).state == "failed"


def test_a_number_rests_on_words_of_quantity_only() -> None:
    for quote in (
        "nine in ten",
        "about 40 boats",
        "³⁄₄ of it",
        "a dozen men",
        "Viele Schiffe",
        "la moitié",
        "most of it",
    ):
        assert speaks_of_quantity(quote), quote
    for quote in ("the envoy was angry", "an almostness of it", "someone sent word"):
        assert not speaks_of_quantity(quote), quote


def test_reasons_mark_what_is_ours_and_never_what_is_not() -> None:
    paragraphs = ["The envoy was angry, and nine in ten of the boats were lost at sea."]
    angry = {"quote": "The envoy was angry", "para": 1}
    lost = {"quote": "nine in ten of the boats", "para": 1}
    brief = DraftBrief.model_validate(
        {
            "actors": [{"key": "envoy", "name": "Envoy", "says": "He is angry.", **angry}],
            "inputs": [
                {"key": "anger", "name": "anger", "is": 2, "says": "He is angry.", **angry},
                {"key": "losses", "name": "losses", "is": 0.9, "says": "Most boats were lost", **lost},
                {"key": "cost", "name": "cost", "is": 1, "says": "Ours: a boat is the unit", "ours": True},
                {
                    "key": "lie",
                    "name": "a lie",
                    "is": 1,
                    "says": "He smiled",
                    "quote": "The envoy was smiling",
                    "para": 1,
                },
            ],
        }
    )
    checks = verified_brief(brief, paragraphs)
    assert invented(checks) == ("inputs.lie",)

    def because(*ids: str) -> str:
        kinds = {f"actors.{actor.id}": actor for actor in brief.actors} | {
            f"inputs.{one.id}": one for one in brief.inputs
        }
        return because_of((id_, kinds[id_], checks[id_]) for id_ in ids)

    assert because("actors.envoy") == "He is angry"
    assert because("inputs.anger") == "He is angry; the scale is ours"
    assert because("inputs.losses") == "Most boats were lost"
    assert because("inputs.cost") == "Ours: a boat is the unit"
    assert because("inputs.lie") == "Ours: He smiled"
    assert because("inputs.cost", "inputs.losses", "inputs.lie") == (
        "Most boats were lost. Ours: a boat is the unit; He smiled"
    )


def test_a_check_without_a_passage_is_not_found() -> None:
    assert not QuoteCheck("failed").found
    assert not QuoteCheck("ours").found
    assert QuoteCheck("exact", 1, 0, 12, "a" * 12).found


def test_a_pile_of_marks_is_looked_through_at_once() -> None:
    begin = time.process_time()
    assert verified("words that are not there", 1, ["e" + "\u0301" * 1_000_000]).state == "failed"
    assert time.process_time() - begin < 10


def test_quotes_are_looked_for_in_ten_thousand_paragraphs_without_reading_them_again() -> None:
    paragraphs = [f"Boat {number} left the harbour." for number in range(10_000)]
    assert verified("words that are not there", 1, paragraphs).state == "failed"
    begin = time.process_time()
    for number in range(20):
        assert verified(f"the boat of captain {number} was sunk", 1, paragraphs).state == "failed"
    assert time.process_time() - begin < 4
