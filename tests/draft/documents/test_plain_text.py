"""Plain text: blank lines tell paragraphs apart; without them the lines do, wrapped or not."""

from __future__ import annotations

from textwrap import fill

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.draft.documents.plain_text import BLANK_LINES, EACH_LINE, WRAPPED, text_paragraphs
from tests.accounts.scoring import accounts, expected_of
from tests.draft.documents.reading import read
from tests.examples import examples

PARAGRAPHS = [
    "On the third night the frigate crossed the line that both navies had agreed to keep, and the coast guard fired "
    "two shots across its bow, which hit nothing.",
    "Nobody was hurt. The admiral said that he would cross again.",
    "The ministry has three ways to answer: it may protest, it may board the next ship, or it may close the strait to "
    "all traffic for a week. None of them is cheap, and the second has been tried before.",
    "What the fleet wants is not known.",
]


def test_blank_lines_tell_paragraphs_apart() -> None:
    text = "\n \n".join(fill(paragraph, 70) for paragraph in PARAGRAPHS)
    assert text_paragraphs(text) == (PARAGRAPHS, BLANK_LINES)


def test_a_line_is_a_paragraph_if_there_are_no_blank_lines_and_no_wrapping() -> None:
    assert text_paragraphs("\n".join(PARAGRAPHS)) == (PARAGRAPHS, EACH_LINE)


@pytest.mark.parametrize("width", [64, 70, 76, 90])
def test_wrapped_lines_without_blank_lines_are_joined_and_parted_after_short_lines(width: int) -> None:
    paragraphs, rule = text_paragraphs("\n".join(fill(paragraph, width) for paragraph in PARAGRAPHS))
    assert rule == WRAPPED
    assert paragraphs == PARAGRAPHS


def test_wrapped_lines_are_parted_by_indents() -> None:
    text = "\n".join(fill(paragraph, 70, initial_indent="   ") for paragraph in PARAGRAPHS)
    assert text_paragraphs(text) == (PARAGRAPHS, WRAPPED)


def test_an_indent_parts_paragraphs_that_end_in_full_lines() -> None:
    lines = [
        "   The fleet turned back in the night, and nobody on the shore",
        "knew why it had, or would say so, even if all of it were known.",
    ]
    assert text_paragraphs("\n".join(lines * 6))[0] == [" ".join(" ".join(lines).split())] * 6


def test_few_lines_under_a_title_are_one_paragraph() -> None:
    text = "Night at the strait\n\nThe fleet turned back.\nNobody knew why.\nIt was late."
    assert text_paragraphs(text) == (
        ["Night at the strait", "The fleet turned back. Nobody knew why. It was late."],
        BLANK_LINES,
    )


def test_a_title_over_wrapped_lines_does_not_make_them_one_paragraph() -> None:
    text = "Night at the strait\n\n" + "\n".join(fill(paragraph, 70) for paragraph in PARAGRAPHS * 2)
    assert text_paragraphs(text) == (["Night at the strait", *PARAGRAPHS * 2], WRAPPED)


def test_items_of_a_list_are_paragraphs_of_wrapped_lines() -> None:
    items = [f"{number}. {paragraph}" for number, paragraph in enumerate(PARAGRAPHS, 1)]
    text = "\n".join(fill(item, 70, subsequent_indent="   ") for item in items)
    assert text_paragraphs(text)[0] == items


@pytest.mark.parametrize("account", [name for name in accounts() if expected_of(name).document.suffix == ".txt"])
def test_the_accounts_keep_their_paragraphs_without_blank_lines(account: str) -> None:
    whole = text_paragraphs(expected_of(account).document.read_text(encoding="utf-8"))[0]
    assert text_paragraphs("\n".join(whole)) == (whole, EACH_LINE)
    wrapped, rule = text_paragraphs("\n".join(fill(paragraph, 72, break_on_hyphens=False) for paragraph in whole))
    assert rule == WRAPPED
    assert len(set(wrapped) & set(whole)) >= 0.75 * len(
        whole
    )  # one that ends in a full line cannot be told from the next


def test_a_hyphen_at_the_end_of_a_line_goes_only_if_the_whole_word_is_in_the_text() -> None:
    text = "The international\nlaw says nothing. An inter-\nnational court and an anti-\nship missile.\n\nEnd\n\nEnd"
    assert text_paragraphs(text)[0][0] == (
        "The international law says nothing. An international court and an anti-ship missile."
    )


def test_a_hyphen_stays_if_the_compound_is_in_the_text_too() -> None:
    text = "An antiship missile, or an anti-ship missile: an anti-\nship missile.\n\nEnd\n\nEnd"
    assert text_paragraphs(text)[0][0].endswith("an anti-ship missile.")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße aus Köln – «so»".encode("utf-16"), "Grüße aus Köln – «so»"),
        (b"\xef\xbb\xbf" + "Köln".encode(), "Köln"),
        ("The “red line” – Köln’s".encode("cp1252"), "The “red line” – Köln’s"),
        ("die Straße, die Brücke, die Mühe, der Fluß".encode() + b" \xff",
         "die Straße, die Brücke, die Mühe, der Fluß \ufffd"),
        (b"one\r\rtwo\r\r\nthree", "one"),
        (b"a\x00b" + 20 * b"cdefg", "ab" + 20 * "cdefg"),
    ],
)  # fmt: skip
def test_text_is_decoded_by_its_mark_as_utf_8_or_as_windows_1252(content: bytes, text: str) -> None:
    assert read("text", content).paragraphs[0] == text


def test_characters_that_show_nothing_are_dropped_and_counted() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    found = read("text", f"The flee\u00adt{tags} tur\u202ened \u200bback.\x07" + " It is late." * 20)
    assert found.paragraphs[0].startswith("The fleet turned back. It")
    assert found.dropped == ("1 control character", "9 invisible characters")


def test_marks_piled_on_one_letter_are_dropped_and_counted() -> None:
    found = read("text", "The fle" + "\u0301\u0327" * 40_000 + "et turned back.")
    assert found.paragraphs == ["The fle" + "\u0301\u0327" * 15 + "et turned back."]
    assert found.dropped == ("79,970 marks piled on a letter",)
    assert read("text", "Ȩ̃́̄ và ố").dropped == ()


def test_joiners_that_change_letters_stay() -> None:
    assert read("text", "می‌خواهم").paragraphs == ["می‌خواهم"]


@given(st.binary(max_size=400))
@settings(max_examples=examples(400), deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    from offramp.common.errors import UsageError

    try:
        found = read("text", content)
    except UsageError:
        return
    assert all(paragraph == " ".join(paragraph.split()) and paragraph for paragraph in found.paragraphs)
