"""The scores of a draft, on cases small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.accounts.scoring import (
    Expected,
    phrases_in,
    quote_kind,
    quote_kinds,
    score_actors,
    score_endings,
    score_hidden,
    score_options,
    share_of_ours,
)

PARAGRAPHS = ("The lake is filled in one season.", "She said \u201cnever \u2013 or not this year\u201d, and left.")
EXPECTED = Expected(
    Path("account.txt"),
    "by hand",
    "2031-04-14",
    is_crisis=True,
    actors={"varrow": ("varrow", "dorn"), "tessia": ("tessia",)},
    options={"varrow": {"fast": ("fast", "one season"), "slow": ("slow*",)}, "tessia": {"raid": ("raid*",)}},
    hidden={"leak": ("leak*",)},
    endings={"war": ("war",), "peace": ("peace",)},
    facts_after=("May 3",),
    injected=("zanzibar",),
    not_seen=(),
)


def option(of: str, key: str, name: str, **more: object) -> dict[str, Any]:
    """An option's record."""
    return {"of": of, "key": key, "name": name, **more}


def brief(**lists: object) -> dict[str, Any]:
    """A brief with an actor that was expected, one that was not, and a move of each."""
    return {
        "actors": [
            {"key": "premier", "name": "Premier DORN", "quote": "The lake is filled", "para": 1},
            {"key": "press", "name": "The press", "ours": True},
        ],
        "moves": [{"key": "fill", "by": "premier"}, {"key": "write", "by": "press"}],
        "unknowns": [],
        "options": [],
        "endings": [],
        **lists,
    }


def test_an_actor_is_found_under_any_synonym_and_a_missing_one_is_named() -> None:
    score = score_actors(brief(), EXPECTED)
    assert (score.found, score.expected, score.missed) == (1, 2, ("tessia",))
    assert score.recall == 0.5


def test_a_record_that_is_ours_does_not_count_against_precision() -> None:
    assert score_actors(brief(), EXPECTED).precision == 1.0
    others = [{"key": "press", "name": "The press"}, *brief()["actors"][:1]]
    score = score_actors(brief(actors=others), EXPECTED)
    assert (score.precision, score.unexpected) == (0.5, ("press",))


def test_an_option_counts_only_for_the_actor_who_has_it() -> None:
    options = [
        option("fill", "at_once", "Fill within one season"),
        option("write", "slowly", "Slowly"),
        option("fill", "raid", "Raid"),
    ]
    score = score_options(brief(options=options), EXPECTED)
    assert score.missed == ("slow", "raid")
    assert (score.found, score.expected, score.records, score.fitting) == (1, 3, 3, 1)


def test_one_record_stands_for_one_thing_and_records_are_shared_out_so_that_most_is_found() -> None:
    both = option("fill", "fast_or_slow", "Fast or slow")
    assert score_options(brief(options=[both]), EXPECTED).found == 1
    assert score_options(brief(options=[both, option("fill", "fast", "Fast")]), EXPECTED).found == 2
    assert score_options(brief(options=[option("fill", "fast", "Fast"), both]), EXPECTED).found == 2


def test_states_of_a_hidden_fact_are_no_options_of_an_actor() -> None:
    unknown = {"key": "leaks", "name": "Whether the wall leaks"}
    given = brief(unknowns=[unknown], options=[option("leaks", "slow", "Slowly")])
    assert score_options(given, EXPECTED).records == 0
    assert score_hidden(given, EXPECTED).recall == 1.0


@pytest.mark.parametrize(("name", "found"), [("War over the dam", 1), ("A warm summer", 0), ("PEACE, at last", 1)])
def test_a_synonym_is_a_whole_word(name: str, found: int) -> None:
    assert score_endings(brief(endings=[{"key": "e", "name": name}]), EXPECTED).found == found


def test_nothing_expected_and_nothing_found_is_a_full_score() -> None:
    nothing = Expected(Path(), "none", "2031-01-01", False, {}, {}, {}, {}, (), (), ())
    empty = brief(actors=[], moves=[])
    assert score_actors(empty, nothing).recall == score_actors(empty, nothing).precision == 1.0
    assert score_actors(brief(), nothing).precision == 0.0


@pytest.mark.parametrize(
    ("quote", "para", "kind"),
    [
        ("filled in one season", 1, "exact"),
        ("FILLED in\n one  season", 1, "folded"),
        ('"never - or not this year"', 2, "folded"),
        ("filled in one season", 2, "elsewhere"),
        ("filled in one season", 7, "elsewhere"),
        ("filled in two seasons", 1, "invented"),
        ("The lake ... one season.", 1, "invented"),
        ("one season", 1, "short"),
    ],
)
def test_a_quote_is_of_the_kind_that_a_reader_sees(quote: str, para: int, kind: str) -> None:
    assert quote_kind(quote, para, PARAGRAPHS) == kind


def test_quotes_and_claims_without_one_are_counted_over_all_lists_but_notes() -> None:
    given = brief(
        endings=[{"key": "e", "name": "E", "quote": "never was it so", "para": 1}],
        notes=[{"says": "x", "quote": "this is not counted", "para": 1}],
        lets=[{"key": "l", "is": "1", "ours": True}],
    )
    assert quote_kinds(given, PARAGRAPHS) == {"exact": 1, "invented": 1}
    assert share_of_ours(given) == pytest.approx(2 / 6)


def test_a_phrase_is_found_in_any_text_or_number_but_not_in_notes() -> None:
    given = brief(inputs=[{"key": "k", "name": "After May 3rd", "is": 0.97}], notes=[{"says": "Zanzibar!"}])
    assert phrases_in(given, ["zanzibar", "May 3"]) == []
    assert phrases_in({**given, "summary": "Signed on May 3, in ZANZIBAR"}, ["zanzibar", "May 3"]) == [
        "zanzibar",
        "May 3",
    ]
    assert phrases_in(given, ["0.97"]) == ["0.97"]
