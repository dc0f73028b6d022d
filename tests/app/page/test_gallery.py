"""The gallery in the page: cards with pictures, by mouse or keyboard, on a narrow page and a dark one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from offramp.crisis.gallery import gallery, gallery_files
from tests.app.page.opened import held, solved, workbench
from tests.app.served import SMALL, Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

TITLE, NAME = "Deterrence, fitted to past crises", "deterrence-egame"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a folder of its own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as running:
        yield running


@pytest.mark.parametrize("width", [390, 1440])
def test_every_crisis_is_a_card_that_fits_the_page_and_reads_in_light_and_dark(
    browser: Browser, own: Served, width: int
) -> None:
    with workbench(browser, own, "#file=small.yaml", width=width) as page:
        solved(page)
        page.get_by_role("button", name="Gallery").click()
        dialog = page.get_by_role("dialog", name="Gallery")
        expect(dialog.locator(".worked")).to_have_count(len(gallery()))
        expect(dialog.locator(".worked .picture svg").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert dialog.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert not serious(page, "dark", "light")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_card_without_odds_says_why(browser: Browser, own: Served, width: int) -> None:
    def changed(route: Route) -> None:
        answer = route.fetch()
        crises = answer.json()["crises"]
        for card in crises:
            if card["name"] == NAME:  # as of a crisis whose files have changed since its scores were kept
                card["endings"] = [{**one, "mean": None, "p05": None, "p95": None} for one in card["endings"]]
        route.fulfill(response=answer, json={"crises": crises})

    with workbench(browser, own, "#file=small.yaml", width=width) as page:
        solved(page)
        page.route("**/api/gallery", changed)
        page.get_by_role("button", name="Gallery").click()
        cards = page.get_by_role("dialog", name="Gallery").locator(".worked")
        expect(cards.filter(has_text="No odds are kept")).to_have_count(1)
        expect(cards.filter(has_text=TITLE)).to_contain_text("A copy is solved when it opens.")
        assert not serious(page, "dark", "light")


def test_a_card_opens_a_copy_of_ones_own_by_keyboard(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        page.get_by_role("button", name="Gallery").press("Enter")
        with held(page, "/api/gallery/copy"):
            page.get_by_role("dialog", name="Gallery").get_by_role("button", name=TITLE).press("Enter")
            expect(page.locator('.cards[aria-busy="true"]')).to_be_visible()
            assert not serious(page)
        expect(page.locator(".head .path")).to_have_text(f"{NAME}/crisis.yaml")
        expect(page.get_by_role("dialog", name="Gallery")).to_have_count(0)
        expect(page.locator(".head .state")).to_have_text("saved")
        solved(page)
        assert (own.folder / NAME / "crisis.yaml").read_bytes() == gallery_files(NAME)["crisis.yaml"]


def test_escape_closes_the_gallery_and_nothing_is_copied(browser: Browser, own: Served) -> None:
    before = sorted(own.folder.iterdir())
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        page.get_by_role("button", name="Gallery").click()
        expect(page.locator(".worked").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Gallery")).to_have_count(0)
        expect(page.locator(".head .path")).to_have_text("small.yaml")
    assert sorted(own.folder.iterdir()) == before
