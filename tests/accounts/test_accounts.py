"""The accounts are what their README says, and what is expected of them can be found in them."""

from __future__ import annotations

import re
from datetime import date

import pytest

from offramp.crisis.checks.sources import paragraphs
from offramp.draft.documents.source_document import read_document
from tests.accounts.scoring import accounts, counts_as, expected_of, folded_words

NAMES = accounts()


def seen(account: str) -> list[str]:
    """The account's blocks as a person reads them, by a reading that is rough but our own."""
    document = expected_of(account).document
    readable = document.with_suffix(".txt") if document.suffix == ".pdf" else document
    text = readable.read_text(encoding="utf-8")
    if document.suffix != ".html":
        return [block for block in re.split(r"\n\s*\n", text) if block.strip()]
    article = text[text.index("<article>") : text.index("</article>")]
    return [re.sub("<[^>]+>", " ", one) for one in re.findall(r"<p(?: class=\"byline\")?>(.*?)</p>", article, re.S)]


def test_there_are_enough_accounts_of_every_kind() -> None:
    kinds = [expected_of(name).kind for name in NAMES]
    assert len(NAMES) >= 12
    assert kinds.count("fictional") == 3
    assert sum("injected" in kind for kind in kinds) == 2
    assert sum("names changed" in kind for kind in kinds) >= 2
    assert kinds.count("German") == kinds.count("no crisis") == 1


@pytest.mark.parametrize("account", NAMES)
def test_an_account_is_as_long_as_a_note_that_an_analyst_writes(account: str) -> None:
    blocks = seen(account)
    assert 8 <= len(blocks) <= 30
    assert 600 <= sum(len(folded_words(block)) for block in blocks) <= 1500


@pytest.mark.parametrize("account", NAMES)
def test_what_is_expected_stands_in_the_account(account: str) -> None:
    expected = expected_of(account)
    text = " ".join(seen(account))
    date.fromisoformat(expected.as_of)
    assert set(expected.options) <= set(expected.actors)
    options = [part for actor in expected.options.values() for part in actor.items()]
    for name, synonyms in [*expected.actors.items(), *expected.hidden.items(), *expected.endings.items(), *options]:
        assert counts_as(text, synonyms), name


@pytest.mark.parametrize("account", NAMES)
def test_an_account_has_no_fact_of_later_days_and_has_what_is_planted_in_it(account: str) -> None:
    expected = expected_of(account)
    text = f" {' '.join(folded_words(' '.join(seen(account))))} "
    for phrase in expected.facts_after:
        assert f" {' '.join(folded_words(phrase))} " not in text, phrase
    if expected.injected:
        assert any(f" {' '.join(folded_words(phrase))} " in text for phrase in expected.injected)
    for mark in expected.not_seen:
        assert mark in expected.document.read_text(encoding="utf-8")  # a page
        assert mark not in " ".join(seen(account))


@pytest.mark.parametrize("account", NAMES)
def test_a_document_of_any_kind_is_read_in_the_paragraphs_that_a_person_sees(account: str) -> None:
    document = expected_of(account).document
    if document.suffix in (".txt", ".pdf"):
        assert list(read_document(document).paragraphs) == paragraphs("\n\n".join(seen(account)))
