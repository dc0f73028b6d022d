"""The page is kind: it reads on a phone and on a wall, by keyboard and by ear, light and dark, and nothing jumps."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.app.page.opened import HEIGHT, solved, workbench
from tests.app.served import Served
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

SHIFTS = """() => new Promise(done => {
  const found = []
  new PerformanceObserver(list => found.push(...list.getEntries())).observe({type: 'layout-shift', buffered: true})
  setTimeout(() => done(found.filter(entry => !entry.hadRecentInput).reduce((sum, entry) => sum + entry.value, 0)), 50)
})"""
NAMED = "(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || '').trim()"
WEIGHT = 1_500_000


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious_wherever_one_looks_in_light_or_dark(
    browser: Browser, served: Served, width: int
) -> None:
    with workbench(browser, served, "#file=small.yaml", width=width, expects=[422]) as page:
        solved(page)
        page.get_by_role("slider", name="gain", exact=True).press("PageUp")
        page.get_by_role("button", name="gain", exact=True).click()
        solved(page)
        assert serious(page, "dark", "light") == []
        for name in ("File", "Link", "Help"):
            page.get_by_role("button", name=name, exact=True).click()
            assert serious(page, "dark", "light") == [], name
            page.keyboard.press("Escape")
        if width == 390:
            page.get_by_role("button", name="Timeline", exact=True).click()
            assert serious(page, "dark", "light") == []
        page.get_by_role("button", name="Why: answer").first.click()
        expect(page.locator(".drawer .finding")).to_be_visible()
        assert serious(page, "dark", "light") == []
        page.get_by_role("button", name="Close", exact=True).click()
        if width == 390:
            page.get_by_role("button", name="Write", exact=True).click()
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type("nonsense: 1")
        expect(page.get_by_text("1 mistake", exact=True)).to_be_visible()
        assert serious(page, "dark", "light") == []
        page.on("dialog", lambda dialog: dialog.accept())


def test_the_longest_page_fits_its_window_and_on_a_phone_the_endings_stay_in_sight_of_every_slider(
    browser: Browser, served: Served
) -> None:
    with workbench(browser, served, "#file=crisis.yaml", width=390, height=844) as page:
        solved(page)
        for name in (
            "the weight of a lapse",
            "the pull of the patron (lost rounds of face)",
            "One rationality for all actors",
        ):
            slider = page.get_by_role("slider", name=name, exact=True)
            slider.focus()
            slider.press("PageUp")
            expect(slider).to_be_in_viewport(ratio=1)
            box = slider.bounding_box()
            for row in page.locator(".ending").all():
                expect(row).to_be_in_viewport(ratio=1)
                edge = row.bounding_box()
                assert box
                assert edge
                assert edge["y"] + edge["height"] <= box["y"]
        for width in (390, 768, 1024, 1440, 2560):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            small = page.evaluate(
                "[...document.querySelectorAll('button, input, select, summary')].filter(e => e.checkVisibility())"
                ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
                ".filter(([, box]) => box.height < 24 && box.width > 0).map(([html]) => html)"
            )
            # a tick box stands in a label, which is what one presses
            named = [html for html in small if 'type="checkbox"' not in html and 'type="radio"' not in html]
            assert named == [], width


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_jumps_when_answers_arrive(browser: Browser, served: Served, width: int) -> None:
    with workbench(browser, served, "#file=crisis.yaml", width=width) as page:
        solved(page)
        page.get_by_role("switch", name="hotline").focus()
        where = page.get_by_role("switch", name="hotline").bounding_box()
        page.keyboard.press("Space")
        solved(page)
        expect(page.locator(".was").first).to_be_visible()
        assert page.get_by_role("switch", name="hotline").bounding_box() == where
        assert page.evaluate(SHIFTS) < 0.1


def test_everything_is_reached_by_keyboard_alone(browser: Browser, served: Served) -> None:
    with workbench(browser, served, "#file=small.yaml") as page:
        solved(page)
        wanted = {"File", "Help", "Runs", "The computation is sound.", "Reset all", "gain", "About hotline", "Why?"}
        reached: set[str] = set()
        for _ in range(80):
            page.keyboard.press("Tab")
            reached.add(page.evaluate(NAMED))
            seen = page.evaluate(
                "document.activeElement === document.body || document.activeElement.classList.contains('editor')"
                " || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            )
            assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert {name for name in wanted if name not in reached and f"Why: {name}" not in reached} <= {
            "Reset all",
            "Why?",
        }
        assert any(name.startswith("Why: ") for name in reached)


def test_colours_are_chosen_and_kept(browser: Browser, served: Served) -> None:
    with workbench(browser, served, "#file=small.yaml") as page:
        solved(page)
        paper = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(paper)
        page.get_by_role("button", name="Help", exact=True).click()
        page.get_by_role("radio", name="dark").check()
        dark = page.evaluate(paper)
        assert dark != light
        page.reload()
        solved(page)
        assert page.evaluate(paper) == dark
        page.get_by_role("button", name="Help", exact=True).click()
        page.get_by_role("radio", name="as the system").check()
        assert page.evaluate(paper) == light


def test_the_editor_can_be_put_away(browser: Browser, served: Served) -> None:
    with workbench(browser, served, "#file=small.yaml") as page:
        solved(page)
        page.get_by_role("button", name="Hide the editor").click()
        expect(page.locator(".cm-content")).to_be_hidden()
        page.get_by_role("button", name="Show answer in the file").click()
        expect(page.locator(".cm-content")).to_be_focused()


def test_the_page_is_light(served: Served) -> None:
    page = served.client.get("/").text
    names = [part.split('"')[0] for part in page.split("page/")[1:]]
    assert len(names) >= 2
    weight = len(page) + sum(len(served.client.get(f"/page/{name}").content) for name in names)
    assert weight < WEIGHT
