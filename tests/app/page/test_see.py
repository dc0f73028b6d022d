"""Seeing a crisis on the page: its endings, its timeline, why a move is made, what an input rests on; and the tour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from offramp.study.wording import odds_word
from tests.app.page.opened import held, solved, workbench
from tests.app.served import SMALL, Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

CITED = """\
format: 1
title: Cited
sources: {report: {title: The report, author: A. Writer, file: report.txt}}
actors: {north: {name: North}, south: {name: South}}
inputs:
  gain:
    is: "uniform(0, 2)"
    because: The report says so
    cite: report "second block"
  harm: {is: "uniform(1, 2)", because: Another}
timeline:
  - chance: fog
    odds: {thick: 0.3, thin: rest}
    because: Weather
  - move: answer
    by: north
    options: [hold, strike]
    because: The report names both
    cite: report ¶1
  - {move: reply, by: south, options: [absorb, retaliate], seen_by: [north, south], because: Ours}
payoffs:
  north: {prize: {pays: gain * (answer == strike) * (1 + (fog == thick)), because: Ours}}
  south: {face: {pays: (answer == strike) * (reply == retaliate) - harm * (reply == retaliate), because: Ours}}
endings: {war: answer == strike and reply == retaliate, quiet: otherwise}
levers:
  hotline: {set: {gain: gain / 2}, cost: 1, because: A tested line}
"""
SEVERAL = (
    CITED.replace('cite: report "second block"', 'cite: [report "second block", report ¶3]')
    .replace("cite: report ¶1", "cite: [report ¶1, report ¶2]")
    .replace("quiet: otherwise", "quiet: {if: otherwise, because: Nothing happens, cite: [report ¶3, report ¶2]}")
    .replace(
        "[hold, strike]", "{hold: no answer, strike: {because: It has struck before, cite: [report ¶3, report ¶1]}}"
    )
)
REPORT = "The first block.\n\nThis is the second block of it.\n\nThe third block.\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a crisis whose source is at hand."""
    folder = tmp_path_factory.mktemp("cited")
    (folder / "cited.yaml").write_text(CITED, encoding="utf-8")
    (folder / "several.yaml").write_text(SEVERAL, encoding="utf-8")
    (folder / "report.txt").write_text(REPORT, encoding="utf-8")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as running:
        yield running


def test_the_first_page_shows_tehran_solved_and_a_tour_that_is_offered_once(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as own, workbench(browser, own, tour=True) as page:
        expect(page.locator(".head .path")).to_have_text("shipped:tehran-2024")
        tour = page.get_by_role("dialog", name="Tour, 1 of")
        expect(tour).to_be_focused()
        for row in page.locator(".ending").all():
            expect(row.locator(".number")).to_have_text(re.compile(r"^(≈ )?[\d.]+ %$"))
        page.keyboard.press("Escape")
        expect(tour).to_have_count(0)
        page.reload()
        solved(page)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Help", exact=True).click()
        page.get_by_role("button", name="Take the tour").click()
        expect(tour).to_be_visible()
        page.get_by_role("button", name="Skip").click()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_whoever_goes_to_another_part_has_left_the_tour(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=cited.yaml", tour=True) as page:
        runs, heading = (
            page.get_by_role("button", name="Runs", exact=True),
            page.get_by_role("heading", name="Runs", exact=True),
        )
        expect(page.get_by_role("dialog", name="Tour, 1 of")).to_be_visible()
        runs.click()
        expect(heading).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.reload()
        solved(page)
        expect(page.get_by_role("dialog")).to_have_count(0)
        runs.click()
        page.get_by_role("button", name="Help", exact=True).click()
        page.get_by_role("button", name="Take the tour").click()
        expect(page.get_by_role("dialog", name="Tour, 1 of")).to_be_visible()
        page.get_by_role("button", name="Skip").click()
        expect(heading).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_every_stop_of_the_tour_stands_beside_what_it_is_about(browser: Browser, own: Served, width: int) -> None:
    with workbench(browser, own, "#file=cited.yaml", width=width, tour=True) as page:
        titles = []
        while True:
            tour = page.get_by_role("dialog")
            expect(page.locator(".toured")).to_have_count(1)
            expect(page.locator(".toured")).to_be_in_viewport()
            expect(tour).to_be_in_viewport(ratio=1)
            titles.append(tour.get_by_role("heading").inner_text())
            last = tour.get_by_role("button", name="Done")
            if last.count():
                break
            tour.get_by_role("button", name="Next").press("Enter")
            expect(tour.get_by_role("heading")).not_to_have_text(titles[-1])
        assert 6 <= len(titles) <= 8
        last.click()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_endings_and_bands_are_what_the_server_solves(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=cited.yaml") as page:
        solved(page)
        said = own.client.post("/api/settle", json=own.setting(CITED, "cited.yaml", width=400)).json()
        spread = own.client.post("/api/spread", json=own.setting(CITED, "cited.yaml", draws=256)).json()
        assert spread["converged"] == 256
        for name, band in spread["endings"].items():
            row = page.locator(".ending").filter(has=page.get_by_text(name, exact=True))
            expect(row.locator(".number")).to_have_text(f"{100 * band['mean']:.1f} %")
            assert f"{100 * band['mean']:.1f}" != f"{100 * said['endings'][name]:.1f}"
            expect(row.locator(".ends")).to_have_text(f"{100 * band['p05']:.1f} % to {100 * band['p95']:.1f} %")
            expect(row.locator(".word")).to_have_text(odds_word(band["mean"]))
        expect(page.locator(".status")).to_have_text("A model's numbers: means of 256 draws")
        expect(page.get_by_text("principal branch")).to_be_hidden()
        page.get_by_text("The computation is sound.").click()
        expect(page.get_by_text("principal branch")).to_be_visible()
        expect(page.locator(".sure")).to_contain_text("Intelligence Community Directive 203")
        page.get_by_text("What each actor can expect").click()
        shown = page.get_by_role("row", name="North").get_by_role("cell").first.inner_text()
        assert float(shown.replace("−", "-")) == pytest.approx(spread["payoffs"]["north"], abs=0.006)


def test_the_paragraph_is_the_report_s_and_is_marked_while_a_preview_shows(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=cited.yaml") as page:
        solved(page)
        said = page.get_by_role("region", name="In short").locator(".lead-text")
        spread = own.client.post("/api/spread", json=own.setting(CITED, "cited.yaml", draws=256)).json()
        expect(said).to_contain_text(" ".join(spread["lead"]))
        expect(said).to_contain_text("The ending to avoid is war")
        expect(said).to_contain_text("The numbers for war depend most on")
        expect(said).to_contain_text("The lever that lowers war most is hotline")
        before = said.inner_text()
        with held(page, "/api/spread"):
            page.get_by_role("slider", name="gain", exact=True).press("End")
            expect(page.locator(".lead.behind")).to_contain_text("of the setting before")
            assert said.inner_text() == before
        solved(page)
        expect(page.locator(".lead.behind")).to_have_count(0)
        expect(said).to_contain_text("With gain at 2, the likeliest ending is")
        page.get_by_role("switch", name="hotline").click()
        solved(page)
        expect(said).to_contain_text("With gain at 2 and hotline in force, the likeliest ending is")
        expect(said).not_to_contain_text("The lever that")


SEE_THROUGH = """() => [...document.querySelectorAll('.seeing *')]
  .filter(one => one.checkVisibility() && getComputedStyle(one).opacity !== '1')
  .map(one => one.querySelector('text') ? 'text' : one.tagName)"""


def test_what_is_shown_of_the_setting_before_stays_readable_in_light_and_dark(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=cited.yaml") as page:
        solved(page)
        page.get_by_role("list", name="Moves").get_by_role("button", name="Why: reply").first.click()
        expect(page.locator(".drawer .finding")).to_be_visible()
        with held(page, "/api/spread"), held(page, "/api/settle"), held(page, "/api/why"):
            page.get_by_role("slider", name="gain", exact=True).press("End")
            for behind in (".range.behind", ".lead.behind", ".matters.behind", ".timeline-picture.behind", ".stale"):
                expect(page.locator(behind).first).to_be_visible()
            assert serious(page, "dark", "light") == []
            # no text is see-through; and each see-through part is a layer of its own, so they are few
            assert page.evaluate(SEE_THROUGH) == ["g", "g"]
        solved(page)
        with held(page, "/api/check"):
            page.locator(".cm-content").click()
            page.keyboard.press("Control+End")
            page.keyboard.insert_text("nonsense: 1")
            expect(page.locator(".problems .behind")).to_be_visible()
            assert serious(page, "dark", "light") == []
        expect(page.locator(".endings.stale")).to_be_visible()
        assert serious(page, "dark", "light") == []
        page.keyboard.press("Control+z")
        solved(page)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_bar_says_how_far_an_input_moves_an_ending_and_leads_to_its_card(
    browser: Browser, own: Served, width: int
) -> None:
    with workbench(browser, own, "#file=cited.yaml", width=width) as page:
        solved(page)
        found = own.client.post("/api/matters", json=own.setting(CITED, "cited.yaml", draws=256)).json()
        assert found["avoid"] == "war"
        widest = found["tornado"]["war"][0]
        bars = page.get_by_role("region", name="What matters most")
        first = bars.locator(".bars button").first
        expect(first).to_contain_text(widest["input"])
        expect(first).to_contain_text(f"{100 * widest['at_low']:.1f} % → {100 * widest['at_high']:.1f} %")
        bars.get_by_label("Ending").select_option("quiet")
        expect(first).to_contain_text(f"{100 * found['tornado']['quiet'][0]['at_low']:.1f} %")
        first.click()
        expect(page.get_by_role("group", name=f"About {widest['input']}")).to_be_in_viewport()
        expect(page.get_by_role("button", name=widest["input"], exact=True)).to_be_focused()


def test_a_move_leads_to_why_and_to_why_it_would_otherwise_from_the_list_and_from_the_picture(
    browser: Browser, own: Served
) -> None:
    with workbench(browser, own, "#file=cited.yaml") as page:
        solved(page)
        asked = page.get_by_role("list", name="Moves").get_by_role("button", name="Why: reply").first
        asked.press("Enter")
        why = page.get_by_role("dialog", name="Why: reply")
        expect(why.locator(".finding .answer")).to_contain_text("South decides at reply")
        knows = why.get_by_label("answer")
        expect(knows).to_be_visible()
        before = why.locator(".finding").inner_text()
        other = "strike" if "(hold)" in knows.inner_text() else "hold"
        knows.select_option(other)
        expect(why.locator(".finding .answer")).to_contain_text(f"answer: {other}")
        assert why.locator(".finding").inner_text() != before
        page.keyboard.press("Escape")
        expect(why).to_have_count(0)
        expect(asked).to_be_focused()
        expect(page.locator(".timeline .opens")).to_have_count(2)
        page.locator(".timeline .opens", has_text="answer").click()
        expect(page.get_by_role("dialog", name="Why: answer").locator(".finding")).to_contain_text("North")


def test_an_input_shows_its_reason_and_the_passage_it_cites_and_a_move_the_one_it_rests_on(
    browser: Browser, own: Served
) -> None:
    with workbench(browser, own, "#file=cited.yaml") as page:
        solved(page)
        page.get_by_role("button", name="gain", exact=True).press("Enter")
        card = page.get_by_role("group", name="About gain")
        expect(card).to_contain_text("uniform(low=0, high=2)")
        expect(card).to_contain_text("The report says so")
        for quantile in ("0.1", "0.5", "1", "1.5", "1.9"):
            expect(card.locator(".quantiles")).to_contain_text(quantile)
        card.get_by_role("button", name="The passage").press("Enter")
        drawer = page.get_by_role("dialog", name="The passage for gain")
        expect(drawer).to_contain_text("The first block.")
        expect(drawer.locator(".cited")).to_contain_text("This is the second block of it.")
        expect(drawer.locator("mark")).to_have_text("second block")
        expect(drawer.locator("mark")).to_be_in_viewport()
        expect(card).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        page.get_by_role("button", name="The passage for answer").click()
        expect(page.locator(".drawer .cited")).to_contain_text("The first block.")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_passage_of_an_input_a_move_an_ending_and_an_option_can_be_opened(
    browser: Browser, own: Served, width: int
) -> None:
    blocks = {1: "The first block.", 2: "This is the second block of it.", 3: "The third block."}

    def opens(button: str, title: str, number: int) -> None:
        page.get_by_role("button", name=button, exact=True).click()
        drawer = page.get_by_role("dialog", name=f"The passage for {title}")
        expect(drawer.locator(".cited")).to_have_text(f"¶{number} {blocks[number]}")
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)

    with workbench(browser, own, "#file=several.yaml", width=width) as page:
        solved(page)
        page.get_by_role("button", name="gain", exact=True).click()
        opens('The passage: report "second block" for gain', "gain", 2)
        opens("The passage: report ¶3 for gain", "gain", 3)
        if width == 390:
            page.get_by_role("button", name="Timeline", exact=True).click()
        opens("The passage: report ¶1 for answer", "answer", 1)
        opens("The passage: report ¶2 for answer", "answer", 2)
        ending = page.get_by_role("button", name="The passage for quiet")
        ending.click()
        drawer = page.get_by_role("dialog", name="The passage for quiet")
        expect(drawer).to_contain_text("Nothing happens")
        for number in (3, 2):
            drawer.get_by_role("button", name=f"report ¶{number}").click()
            expect(drawer.get_by_role("button", name=f"report ¶{number}")).to_have_attribute("aria-pressed", "true")
            expect(drawer.locator(".cited")).to_have_text(f"¶{number} {blocks[number]}")
        page.keyboard.press("Escape")
        expect(ending).to_be_focused()
        option = page.get_by_role("list", name="Options of answer").get_by_role("button", name="strike")
        for number in (3, 1):
            option.click()
            expect(page.get_by_role("group", name="strike")).to_contain_text("It has struck before")
            opens(f"The passage: report ¶{number} for answer: strike", "answer: strike", number)
            expect(option).to_be_focused()


@pytest.mark.parametrize("width", [390, 1440])
def test_what_is_seen_leads_to_its_place_in_the_file(browser: Browser, own: Served, width: int) -> None:
    with workbench(browser, own, "#file=cited.yaml", width=width) as page:
        solved(page)
        page.get_by_role("button", name="gain", exact=True).click()
        page.get_by_role("group", name="About gain").get_by_role("button", name="Show in the file").click()
        expect(page.locator(".cm-content")).to_be_focused()
        assert selected(page) == '"uniform(0, 2)"'
        if width == 390:
            page.get_by_role("button", name="See", exact=True).click()
            page.get_by_role("button", name="Timeline", exact=True).click()
        page.get_by_role("button", name="Show answer in the file").click()
        expect(page.locator(".cm-content")).to_be_focused()
        assert "move: answer" in selected(page)


def test_the_cursor_in_the_file_marks_its_card(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=cited.yaml") as page:
        solved(page)
        page.locator(".cm-line", has_text="The report says so").click()
        expect(page.locator(".input.at-cursor")).to_have_count(1)
        expect(page.locator(".input.at-cursor")).to_contain_text("gain")
        page.locator(".cm-line", has_text="A tested line").click()
        expect(page.locator(".lever.at-cursor")).to_contain_text("hotline")
        expect(page.locator(".input.at-cursor")).to_have_count(0)


def test_with_mistakes_in_the_file_the_last_answer_stays_and_says_so(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        before = page.locator(".ending .number").all_inner_texts()
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text("nonsense: 1")
        expect(page.get_by_text("The file has mistakes: this is the last version without")).to_be_visible()
        expect(page.locator(".endings.stale")).to_be_visible()
        assert page.locator(".ending .number").all_inner_texts() == before
        page.keyboard.press("Control+z")
        expect(page.locator(".endings.stale")).to_have_count(0)


def selected(page: Page) -> str:
    return str(page.evaluate("document.querySelector('.editor').shadowRoot.getSelection().toString()"))
