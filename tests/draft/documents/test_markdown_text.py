"""Markdown: a paragraph is a block, and HTML in it hides nothing from a person who reads what was dropped."""

from __future__ import annotations

from tests.draft.documents.reading import read


def test_headings_paragraphs_items_quotations_rows_and_code_are_paragraphs() -> None:
    found = read(
        "markdown",
        "Night\n=====\n\nThe *fleet* turned\nback, [it says](http://a.b).\n\n"
        "1. first\n   more\n2. second\n   - deep\n\n"
        "> said\n> so\n\n| who | what |\n|---|---|\n| fleet | turns |\n\n    code\n",
    )
    assert found.title == "Night"
    assert found.paragraphs == [
        "Night", "The fleet turned back, it says.", "first more", "second", "deep", "said so", "who | what",
        "fleet | turns", "code",
    ]  # fmt: skip
    assert found.dropped == ()


def test_what_a_reader_of_the_rendered_text_does_not_see_is_dropped_and_reported() -> None:
    found = read(
        "markdown",
        "---\nsecret: yes\n---\n# Night\n\n"
        'seen <span hidden>secret</span><!-- secret -->![secret](a.png "secret") end\n\n'
        "<div style='display:none'>\n\nsecret *words*\n\n</div>\n\n[//]: # (secret comment)\n",
    )
    assert found.paragraphs == ["Night", "seen end"]
    assert found.dropped == (
        "1 line of front matter",
        "1 title of a link (2 words)",
        "2 hidden elements (3 words)",
        "1 comment (1 word)",
        "1 description of a picture (alt) (1 word)",
        "1 title attribute (1 word)",
    )


def test_html_that_a_reader_sees_stays() -> None:
    assert read("markdown", "seen <b>too</b>\n\n<div>and this</div>\n").paragraphs == ["seen too", "and this"]
