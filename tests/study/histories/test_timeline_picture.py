"""The picture of the timeline: markup that a strict page admits, bands as wide as they are likely."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
import vl_convert
from hypothesis import given, settings

from offramp.common.printable import printable
from offramp.crisis.model import Crisis
from offramp.study.histories.flows import Flows, flows
from offramp.study.histories.timeline_picture import MOST_STAGES, THINNEST, drawn_timeline, timeline_svg
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.report.harbour import CRISIS
from tests.shipped import tehran

RANDOM = crisis_texts(most_histories=60).map(crisis_of)
WIDTHS = (320, 720, 1440)
HOSTILE = ("<script>alert(1)</script>", "</text></svg><img src=x onerror=alert(1)>", "a & b ]]> \" ' \u202e\x07 end")
ATTRIBUTES = {
    *("viewBox", "role", "aria-labelledby", "class", "id", "font-family", "font-size", "font-weight", "text-anchor"),
    *("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-linejoin", "paint-order"),
    *("d", "x", "y", "width", "height", "x1", "y1", "x2", "y2"),
}


def harbour_flows(text: str = "Plain words.") -> Flows:
    return flows(crisis_of(CRISIS.replace("TEXT", json.dumps(text)).replace("CITE", "cable-7 ¶1")))


def shape(root: Element) -> list[tuple[str, list[str]]]:
    return [(element.tag, sorted(element.attrib)) for element in root.iter()]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_text_and_nothing_else(text: str, width: float) -> None:
    root = ElementTree.fromstring(drawn_timeline(harbour_flows(text), "timeline", width))
    assert {element.tag for element in root.iter()} <= {"svg", "g", "path", "rect", "line", "text", "title", "desc"}
    assert {name for element in root.iter() for name in element.attrib} <= ATTRIBUTES
    spoken = root.findtext("title") or ""
    shown = printable(text)
    assert spoken == f"{shown}: the timeline, and how play flows along it"
    assert any(shown[:3] in (element.text or "") for element in root.iter("text"))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_finds_the_picture_named_and_told_in_words(width: float) -> None:
    root = ElementTree.fromstring(drawn_timeline(flows(tehran()), "timeline", width))
    assert root.attrib["role"] == "img"
    ids = {element.attrib["id"]: element.text or "" for element in root.iter() if "id" in element.attrib}
    assert set(ids) == set(root.attrib["aria-labelledby"].split())
    told = ids["timeline-description"]
    answer = "no answer 5.0%, a staged answer 37.9%, a salvo 53.2%, a broad strike 3.9%"
    assert f"Iran's answer in round 1 (2024-07-31 to 2024-10-30): {answer}" in told
    assert "It ends in: a regional war 3.9%, an ally's crossing 17.8%, a joint answer 69.9%, a stand-down 8.3%." in told


@settings(max_examples=examples(25), deadline=None)
@given(RANDOM)
def test_bands_between_two_steps_are_as_wide_as_play_is_likely_and_stay_inside(crisis: Crisis) -> None:
    found = flows(crisis)
    for width in WIDTHS:
        root = ElementTree.fromstring(drawn_timeline(found, "timeline", width))
        wide, high = map(float, root.attrib["viewBox"].split()[2:])
        thickness: dict[str, list[float]] = {}
        for band in root.iter("path"):
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", band.attrib["d"])]
            sideways = "V" in band.attrib["d"]
            start = numbers[0] if sideways else numbers[1]
            assert all(-0.05 <= number <= max(wide, high) for number in numbers)
            thick = numbers[8] - numbers[7] if sideways else numbers[8] - numbers[6]
            thickness.setdefault(f"{start:.1f}", []).append(thick)
        assert len(thickness) == len(found.stages)
        sums = [(sum(parts), 0.06 * len(parts)) for parts in thickness.values()]
        scale = max((total for total, _ in sums), default=0.0)
        for total, rounding in sums:
            assert total == pytest.approx(scale, abs=rounding + 0.06 * 40 + THINNEST * 10)


def test_every_word_stays_inside_the_picture() -> None:
    for width in WIDTHS:
        root = ElementTree.fromstring(drawn_timeline(flows(tehran()), "timeline", width))
        wide, high = map(float, root.attrib["viewBox"].split()[2:])
        for text in root.iter("text"):
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            assert 0 <= x <= wide
            assert 10 <= y <= high
            assert text.text


def test_a_long_timeline_is_cut_and_a_file_of_its_own_is_drawn() -> None:
    steps = "".join(f"  - {{chance: c_{k}, odds: {{a: 0.5, b: rest}}}}\n" for k in range(MOST_STAGES + 2))
    crisis = crisis_of(
        f"format: 1\ntitle: Long\nactors: {{north: {{name: North}}}}\ntimeline:\n{steps}"
        "endings: {one: c_1 == a, other: otherwise}\n"
    )
    found = flows(crisis)
    assert len(found.stages) == MOST_STAGES + 2
    svg = timeline_svg(found, 320)
    assert svg.count("c 27") == 1
    assert "c 28" not in svg
    assert vl_convert.svg_to_png(svg).startswith(b"\x89PNG")


def test_rounds_with_dates_show_their_days_and_others_look_as_before() -> None:
    text = """
format: 1
title: Siege
as_of: 2031-01-31
actors: {north: {name: Northland}, south: {name: Southland}}
timeline:
  - rounds: 2
    lasts: 1 month
    steps:
      - {move: answer, by: north, options: [wait, press, storm]}
      - {move: reply, by: south, options: [hold, leave]}
payoffs: {north: {gain: {pays: answer == press, when: end}}, south: {pain: {pays: reply == hold, when: end}}}
endings: {held: reply == hold, left: otherwise}
"""
    timed = drawn_timeline(flows(crisis_of(text)), "timeline", 1440)
    assert "round 1, 2031-01-31 to 2031-02-27" in timed
    assert "answer in round 2 (2031-02-28 to 2031-03-30): " in timed
    plain = drawn_timeline(flows(crisis_of(text.replace("    lasts: 1 month\n", ""))), "timeline", 1440)
    for days in (", 2031-01-31 to 2031-02-27", ", 2031-02-28 to 2031-03-30"):
        timed = timed.replace(days, "").replace(f" ({days[2:]})", "")
    assert timed == plain
