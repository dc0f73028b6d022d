"""Cites are checked against the text of their sources."""

from __future__ import annotations

from pathlib import Path

import pytest

import offramp

CRISIS = """format: 1
title: Cited
sources:
  cable: {title: The cable, file: sources/cable.txt}
actors: {north: {name: North}}
inputs:
  luck: {is: 0.5, because: test, cite: CITE}
timeline: [{chance: weather, odds: {fair: luck, foul: rest}}]
endings: {all: otherwise}
"""
TEXT = "A title\n\nA boat was sunk\nat night.\n   \nNobody saw it happen.\n"


def read(folder: Path, cite: str, text: str | None = TEXT) -> offramp.Crisis:
    if text is not None:
        (folder / "sources").mkdir()
        (folder / "sources" / "cable.txt").write_text(text, encoding="utf-8")
    path = folder / "crisis.yaml"
    path.write_text(CRISIS.replace("CITE", cite), encoding="utf-8")
    return offramp.read(path)


@pytest.mark.parametrize(
    ("cite", "first_words"),
    [
        ("cable ¶1", "A title"),
        ("cable ¶2", "A boat was sunk at night."),
        ("cable ¶3", "Nobody saw it happen."),
        ("'cable \"sunk at night\"'", "sunk at night."),
    ],
)
def test_a_cite_shows_the_first_words_of_its_passage(tmp_path: Path, cite: str, first_words: str) -> None:
    (cited,) = read(tmp_path, cite).cites
    assert cited.first_words == first_words


@pytest.mark.parametrize(
    ("cite", "message"),
    [
        ("cable ¶4", "source 'cable' has paragraphs ¶1 to ¶3"),
        ("'cable \"seen by all\"'", "source 'cable' does not contain the phrase"),
        ("cabel ¶1", "unknown source 'cabel' in a cite; did you mean 'cable'?"),
        ("cable 1", "expected a cite such as"),
    ],
)
def test_a_cite_of_a_missing_passage_is_a_fault(tmp_path: Path, cite: str, message: str) -> None:
    with pytest.raises(offramp.CrisisError) as caught:
        read(tmp_path, cite)
    assert message in str(caught.value)


def test_a_cite_is_accepted_unchecked_if_the_text_is_not_available(tmp_path: Path) -> None:
    (cited,) = read(tmp_path, "cable ¶99", text=None).cites
    assert cited.first_words is None
