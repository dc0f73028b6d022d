"""An account is read back as it was written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.checks import sources
from offramp.draft.documents import account
from offramp.draft.documents.account import account_text
from tests.draft.documents.reading import read
from tests.examples import examples

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.lists(ANY | st.text(" \n\r\t\v\f\x1c\x85\u2028\u2029 a¶", max_size=20), max_size=8))
@settings(max_examples=examples(600), deadline=None)
def test_an_account_is_read_back_as_it_was_written(paragraphs: list[str]) -> None:
    written = account_text(paragraphs).encode()
    kept = [" ".join(paragraph.split()) for paragraph in paragraphs]
    assert sources.paragraphs(written.decode()) == [paragraph for paragraph in kept if paragraph]


@given(st.text(max_size=9) | ANY)
@settings(max_examples=examples(300), deadline=None)
def test_paragraphs_that_were_read_are_read_back_as_they_are(text: str) -> None:
    paragraphs = read("text", f"{500 * 'words '}\n\n{text}".encode(errors="replace")).paragraphs
    assert sources.paragraphs(account_text(paragraphs)) == paragraphs


def test_the_bound_of_an_account_is_that_of_a_source() -> None:
    assert account.MAX_BYTES == sources.MAX_BYTES
