"""Hints about a phrase that a source does not contain: the nearest passage, and how it differs."""

from __future__ import annotations

import pytest

from offramp.crisis.checks.misquotes import mismatch_hint

BLOCKS = [
    "The minister’s words",
    "“We will answer,” she said – and the answer came … late, after nine days of waiting.",
    "Nobody was hurt. The Ambassador stayed.",
    "He left the next day.",
]


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("minister's words", "; ¶1 has it with a different apostrophe or quotation mark: 'minister’s words'"),
        ('"We will answer', "; ¶2 has it with a different apostrophe or quotation mark: '“We will answer'"),
        ("she said - and", "; ¶2 has it with a different dash: 'she said – and'"),
        ("the ambassador", "; ¶3 has it with different capital letters: 'The Ambassador'"),
        ("mínister’s", "; ¶1 has it with a different form of a letter: 'minister’s'"),
        ("came ... late", "; ¶2 has its parts with words between them: cite one unbroken piece, such as 'came'"),
        (
            "Nobody was hurt […] Ambassador",
            "; ¶3 has its parts with words between them: cite one unbroken piece, such as 'Nobody was hurt'",
        ),
        ("stayed. He left", "; it runs from ¶3 into ¶4: cite words of one paragraph"),
        ("The Ambassador stayed!", "; ¶3 has it with different punctuation at the end: 'The Ambassador stayed.'"),
        ("after ten days of waiting", "; the nearest is in ¶2: 'after nine days of waiting.'"),
        ("an entirely different sentence", ""),
    ],
)
def test_the_nearest_passage_is_shown_with_its_difference(phrase: str, why: str) -> None:
    assert mismatch_hint(phrase, BLOCKS) == why
