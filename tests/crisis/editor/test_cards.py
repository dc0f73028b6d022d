"""Input cards: the distribution as numbers and as a curve, and the cited passage."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from offramp.crisis.editor.cards import InputCard, inputs_of
from offramp.crisis.editor.source_passages import passage
from offramp.crisis.editor.symbols import symbols
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from tests.crisis.editor.texts import TEXT, browser_slice
from tests.shipped import tehran

CRISIS = """\
format: 1
title: A test
sources:
  a: {title: The cable, author: A. Writer, date: 2031-03-01, file: a.txt}
  b: {title: No text}
  c: {title: Elsewhere, file: ../c.txt}
actors:
  north: {name: Northland, rationality: "normal(3, 0.1)"}
inputs:
  u: {is: "uniform(2, 4)", because: why, cite: a ¶2}
  t: {is: "triangular(0, 1, 4)"}
  b: {is: "beta(2, 2)"}
  n: {is: "normal(0, 1)"}
  k: {is: 0.5}
  p: {is: "percentiles(p10=1, p50=2, p90=4, low=0)"}
timeline:
  - {move: m, by: north, options: [x, y]}
payoffs: {north: {a: u + t + b + n + k + p}}
endings: {e: otherwise}
"""


def crisis(folder: Path) -> Crisis:
    (folder / "a.txt").write_text("A title\n\nSome 😀 words,\nfolded.\n\nLast.\n", encoding="utf-8")
    (folder.parent / "c.txt").write_text("Not to be shown", encoding="utf-8")
    return read_text(CRISIS.encode(), str(folder / "crisis.yaml"))


@pytest.fixture
def cards(tmp_path: Path) -> dict[str, InputCard]:
    return {card.name: card for card in inputs_of(crisis(tmp_path))}


def test_the_numbers_of_a_card(cards: dict[str, InputCard]) -> None:
    card = cards["u"].to_dict()
    assert card["quantiles"] == pytest.approx({"p05": 2.1, "p25": 2.5, "p50": 3.0, "p75": 3.5, "p95": 3.9})
    assert (card["median"], card["min"], card["max"], card["bounded"]) == (3.0, 2.0, 4.0, True)
    assert (card["because"], card["cites"], card["distribution"]) == ("why", ["a ¶2"], "uniform(low=2, high=4)")
    assert browser_slice(CRISIS, card["from"], card["to"]) == '"uniform(2, 4)"'  # type: ignore[arg-type]
    json.dumps(card, allow_nan=False)


def test_the_range_of_a_slider(cards: dict[str, InputCard]) -> None:
    assert (cards["b"].low, cards["b"].high, cards["b"].bounded) == (0.0, 1.0, True)
    assert (cards["n"].low, cards["n"].high) == pytest.approx((-3.0902, 3.0902), abs=1e-4)
    assert (cards["k"].low, cards["k"].high, cards["k"].density) == (0.0, 1.0, ())
    assert cards["p"].low == 0.0
    assert cards["p"].high > 4.0
    assert not cards["p"].bounded


def test_the_card_of_a_rationality(cards: dict[str, InputCard]) -> None:
    card = cards["north.rationality"]
    assert (card.label, card.of_actor) == ("the rationality of Northland", "north")
    assert browser_slice(CRISIS, card.start or 0, card.end or 0) == '"normal(3, 0.1)"'


@pytest.mark.parametrize(
    ("name", "density"),
    [
        ("u", lambda x: np.full_like(x, 0.5)),
        ("t", lambda x: np.where(x < 1, x / 2, (4 - x) / 6)),
        ("b", lambda x: 6 * x * (1 - x)),
        ("n", lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi)),
    ],
)
def test_the_curve_is_the_density(cards: dict[str, InputCard], name: str, density: object) -> None:
    points = np.array(cards[name].density)
    assert points.shape == (60, 2)
    assert points[:, 1] == pytest.approx(density(points[:, 0]), abs=0.012)  # type: ignore[operator]


def test_every_input_of_the_shipped_crisis_has_a_card() -> None:
    shipped = tehran()
    cards = inputs_of(shipped)
    assert [card.name for card in cards] == list(shipped.inputs)
    for card in cards:
        assert card.low <= card.quantiles["p05"] <= card.median <= card.quantiles["p95"] <= card.high
        written = browser_slice(TEXT, card.start or 0, card.end or 0).strip('"')
        if card.kind == "constant":
            assert float(written) == card.median
            continue
        assert written.startswith(card.kind)
        area = sum(y for _, y in card.density) * (card.high - card.low) / 60
        assert area == pytest.approx(1.0, abs=0.01)


def test_a_passage_has_all_paragraphs_and_the_number_of_its_own(tmp_path: Path) -> None:
    cited = passage(crisis(tmp_path), "a ¶2")
    assert cited.paragraphs == ("A title", "Some 😀 words, folded.", "Last.")
    assert (cited.title, cited.author, cited.date) == ("The cable", "A. Writer", "2031-03-01")
    assert (cited.number, cited.start, cited.end, cited.note) == (2, 0, 22, None)


def test_a_phrase_is_marked_in_its_paragraph(tmp_path: Path) -> None:
    cited = passage(crisis(tmp_path), 'a "words,  folded"')
    assert cited.number == 2
    assert browser_slice(cited.paragraphs[1], cited.start or 0, cited.end or 0) == "words, folded"


@pytest.mark.parametrize(
    ("cite", "note"),
    [
        ("a ¶9", "there is no ¶9; the source has 3 paragraphs"),
        ('a "other"', "the phrase 'other' is not in it"),
        ("b ¶1", "names no file with the text of 'b'"),
        ("c ¶1", "the text of 'c' is not available"),
        ("d ¶1", "unknown source 'd'"),
        ("nonsense", "this is not a cite"),
    ],
)
def test_why_no_passage_is_shown(tmp_path: Path, cite: str, note: str) -> None:
    cited = passage(crisis(tmp_path), cite)
    assert note in str(cited.note)
    assert cited.number is None
    assert "Not to be shown" not in json.dumps(cited.to_dict())


def test_the_missing_source_of_the_shipped_crisis_is_reported(tmp_path: Path) -> None:
    moved = dataclasses.replace(tehran(), path=str(tmp_path / "crisis.yaml"))
    assert "sources/five-takeaways.txt" in str(passage(moved, "korybko ¶7").note)


def test_the_outline_has_every_name_at_its_declaration() -> None:
    outline = symbols(TEXT)
    shipped = tehran()
    lines = TEXT.split("\n")
    for symbol in outline:
        assert symbol.name in lines[symbol.line - 1] + "together"
        assert browser_slice(TEXT, symbol.start, symbol.end) == symbol.name
    kinds = {kind: [symbol.name for symbol in outline if symbol.kind == kind] for kind in ("input", "actor", "lever")}
    assert kinds["input"] == [name for name in shipped.inputs if "." not in name]
    assert kinds["actor"] == list(shipped.actors)
    assert kinds["lever"] == list(shipped.levers)
    steps = [symbol.name for symbol in outline if symbol.kind in ("chance", "move", "state")]
    assert steps == list(shipped.named)
    assert [symbol.start for symbol in outline] == sorted(symbol.start for symbol in outline)
