"""The report in a real browser: it asks for nothing, fits its window, reads in light, dark and print, and by ear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import offramp
from offramp.runs.result import Run
from offramp.study.brief import Brief
from tests.crises import crisis_of
from tests.report.axe import serious
from tests.report.browser import needs_browser, opened
from tests.report.reports import hostile_report, written

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

LONG_NAMES = """
format: 1
title: Long names
actors: {north: {name: Northland}}
inputs:
  cost: {is: "uniform(0, 2)", name: what a strike costs the side that strikes and its allies, because: "Ours"}
timeline:
  - {move: answer, by: north, options: [wait, strike]}
payoffs:
  north: {cost: -cost * (answer == strike), face: -1 * (answer == wait)}
endings:
  strike: {if: answer == strike, name: a strike on the dam which nobody in either capital wanted, avoid: yes}
  quiet: otherwise
levers:
  dear: {set: {cost: cost + 1}, name: a promise of the neighbours to close every road and port after a strike}
"""

TWO_WEEKS = """
format: 1
title: Rounds with days
as_of: 2031-05-03
actors: {north: {name: Northland}}
inputs: {cost: {is: "uniform(0, 2)", because: "Ours"}}
timeline:
  - rounds: 3
    lasts: 2 weeks
    until: answer == strike
    steps: [{move: answer, by: north, options: [wait, strike]}]
payoffs: {north: {cost: {pays: -cost * (answer == strike), when: end}}}
endings: {strike: answer == strike, quiet: otherwise}
"""


@pytest.fixture(scope="module")
def tehran(tehran_summed_up: tuple[Run, Brief], tmp_path_factory: pytest.TempPathFactory) -> Path:
    run, found = tehran_summed_up
    return written(run, tmp_path_factory.mktemp("tehran"), found)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_report(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_asks_for_nothing_and_fits_its_window(browser: Browser, tehran: Path, width: int) -> None:
    with opened(browser, tehran, width) as (page, asked):
        assert asked == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").is_visible()


def test_no_word_of_a_chart_is_cut_off_however_long_the_names_are(browser: Browser, tmp_path: Path) -> None:
    inside = """svg => [...svg.querySelectorAll('text')].filter(text => {
        const [box, room] = [text.getBoundingClientRect(), svg.getBoundingClientRect()]
        return box.left < room.left - 1 || box.right > room.right + 1 || text.textContent.includes('…')
    }).map(text => text.textContent)"""
    path = written(offramp.run(crisis_of(LONG_NAMES), draws=128, seed=1), tmp_path)
    for width in (390, 1440):
        with opened(browser, path, width) as (page, _):
            found = page.locator(", ".join(f"svg[class^='chart {name}']" for name in ("endings", "weights", "levers")))
            charts = [chart for chart in found.all() if chart.is_visible()]
            assert len(charts) == 3, width
            assert [chart.evaluate(inside) for chart in charts] == [[], [], []], width
            words = re.sub(r"<[^>]*>|\s+", " ", charts[0].inner_html())
            assert re.search(r"which *nobody *in *either *capital *wanted: *\d", words), width


def test_the_days_of_a_last_round_stand_beside_its_numbers_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    path = written(offramp.run(crisis_of(TWO_WEEKS), draws=64, seed=1), tmp_path)
    tops = "row => [...row.children].slice(1).map(cell => Math.round(cell.getBoundingClientRect().top))"
    wide = "cell => cell.scrollWidth > cell.clientWidth"
    with opened(browser, path, 390) as (page, _):
        rows = page.locator("table:has(caption:text-matches('The last round played')) tbody tr")
        assert rows.count() > 1
        for row in rows.all():
            assert len(set(row.evaluate(tops))) == 1
            assert not any(cell.evaluate(wide) for cell in row.locator("td").all())


def test_axe_finds_nothing_serious_on_a_phone_or_a_screen_light_or_dark(browser: Browser, tehran: Path) -> None:
    with opened(browser, tehran) as (page, _):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert serious(page, "dark", "light") == [], width


def test_every_link_of_the_page_leads_somewhere_on_it(browser: Browser, tehran: Path) -> None:
    with opened(browser, tehran) as (page, _):
        broken = page.evaluate(
            "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
            ".filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1)))"
        )
        assert broken == []


def test_the_contents_are_reached_by_keyboard_and_lead_to_their_sections(browser: Browser, tehran: Path) -> None:
    with opened(browser, tehran) as (page, _):
        found = []
        while "#endings" not in found[-1:]:
            page.keyboard.press("Tab")
            found.append(page.evaluate("document.activeElement.getAttribute('href')"))
            assert len(found) < 9
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#endings"


def test_text_of_the_crisis_file_never_runs_and_never_becomes_markup(browser: Browser, hostile: Path) -> None:
    with opened(browser, hostile) as (page, asked):
        assert asked == []
        assert (
            page.evaluate("document.querySelectorAll('script, iframe, img, object, embed, foreignObject').length") == 0
        )
        assert page.evaluate("document.querySelectorAll('style').length") == 1
        assert (
            page.evaluate(
                "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
                ".filter(a => a.name.startsWith('on')).length"
            )
            == 0
        )
        assert "<script>alert(1)</script>" in page.inner_text("body")


def test_the_report_prints_on_a4_with_nothing_cut_off(browser: Browser, tehran: Path) -> None:
    with opened(browser, tehran, 718) as (page, _):  # the width of an A4 page less its margins
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        assert page.pdf(format="A4").startswith(b"%PDF")
