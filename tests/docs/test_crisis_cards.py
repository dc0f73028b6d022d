"""The cards of the site's gallery."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from offramp.study.known_outcomes.gallery_listing import GalleryEntry, gallery_entry

SITE = Path(__file__).parents[2] / "docs" / "site"
IMAGE = "<img src=x onerror=alert(1)>"


def test_html_in_the_words_of_a_crisis_is_only_text_on_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SITE))
    import crisis_cards  # type: ignore[import-not-found, unused-ignore]

    entry = gallery_entry("gas-2009")
    about = entry.about
    endings = tuple(replace(ending, name=IMAGE) for ending in about.crisis.endings)
    hostile = replace(about, crisis=replace(about.crisis, title=IMAGE, endings=endings))
    told = GalleryEntry(hostile, (f"Read {IMAGE} on.",), {})
    monkeypatch.setattr(crisis_cards, "gallery_entry", lambda _: told)
    card = "\n".join(crisis_cards.card(hostile))
    assert "<img" not in card
    assert card.count("&lt;img src=x") >= 3
    sys.modules.pop("crisis_cards")
