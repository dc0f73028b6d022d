"""The brief as one HTML page that prints on two sheets of A4 and needs nothing but itself."""

from __future__ import annotations

from offramp.report.brief_document import BriefDocument
from offramp.report.filled_page import filled_page
from offramp.report.own_words import passages


def brief_page(document: BriefDocument) -> str:
    """The page; every text is escaped, and the page's own policy forbids scripts and all requests."""
    return filled_page("brief.html", "brief.css", {"document": document, "passages": passages(document.own_words)})
