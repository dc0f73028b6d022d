"""The paper cites what its bibliography lists, and every article there has a DOI."""

from __future__ import annotations

import re
from pathlib import Path

PAPER = Path(__file__).parents[2] / "paper"
TEXT = (PAPER / "paper.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", (PAPER / "paper.bib").read_text(encoding="utf-8"), re.M | re.S))


def test_each_reference_is_cited_and_each_citation_is_listed() -> None:
    assert set(re.findall(r"@([a-z]+\d*)\b", TEXT)) == set(ENTRIES)


def test_every_article_has_a_doi_and_no_two_the_same() -> None:
    dois = re.findall(r"^  doi += \{(10\.\d{4,5}/\S+)\}$", "".join(ENTRIES.values()), re.M)
    articles = [key for key, entry in ENTRIES.items() if "journal" in entry]
    assert len(dois) == len(set(dois)) == len(articles)


def test_the_paper_is_as_long_as_such_papers_are_and_has_their_sections() -> None:
    assert 700 <= len(TEXT.split()) <= 1_100
    assert {"Summary", "Statement of need", "References"} <= set(re.findall(r"^# (.+)$", TEXT, re.M))
