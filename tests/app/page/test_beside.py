"""Named scenarios on the page: kept beside the file, loaded, renamed, deleted, and shown side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.page.opened import solved, workbench
from tests.app.page.test_vary import percent
from tests.app.served import SMALL, Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

MEASURED = SMALL + 'measures: {price: {is: "3 * (reply == retaliate)", unit: dollars}}\n'


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a crisis that has a measure, and one of which something was observed."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "small.yaml").write_text(MEASURED, encoding="utf-8")
    with serving(folder) as running:
        yield running


def menu(page: Page) -> Locator:
    """The menu of scenarios, opened."""
    page.get_by_role("button", name="Scenarios", exact=True).click()
    return page.get_by_role("group", name="Scenarios")


def keep(page: Page, name: str) -> None:
    panel = menu(page)
    panel.get_by_label("Keep what is set now as").fill(name)
    panel.get_by_role("button", name="Keep").click()
    expect(panel.get_by_role("list", name="Kept scenarios")).to_contain_text(name)
    page.keyboard.press("Escape")


def means(own: Served, text: str = MEASURED, **varied: Any) -> tuple[list[float], float]:
    """The endings and the price, over the same draws."""
    answer = own.client.post("/api/spread", json=own.setting(text, draws=256, **varied)).json()
    return [band["mean"] for band in answer["endings"].values()], answer["measures"]["price"]


def points(difference: float) -> str:
    return f"{'+' if difference > 0 else '−'}{abs(100 * difference):.1f}"


def test_scenarios_are_kept_renamed_loaded_and_compared_with_the_file(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        page.get_by_role("switch", name="hotline").click()
        solved(page)
        keep(page, "a line")
        page.get_by_role("button", name="Reset all").click()
        solved(page)
        page.get_by_role("list", name="Options of answer").get_by_role("button", name="strike", exact=True).click()
        page.get_by_role("button", name="Suppose this happened").click()
        solved(page)
        keep(page, "they strike")
        page.get_by_role("button", name="Take back").click()
        solved(page)
        panel = menu(page)
        panel.get_by_role("button", name="Rename a line").click()
        panel.get_by_label("New name of a line").fill("the hotline")
        panel.get_by_role("button", name="Rename", exact=True).click()
        expect(panel.get_by_role("button", name="the hotline", exact=True)).to_be_visible()
        panel.get_by_role("button", name="Side by side").click()
        table = page.get_by_role("region", name="Endings by scenario")
        expect(table).not_to_contain_text("…")
        expect(table.get_by_role("columnheader")).to_have_text(
            ["ending", "As it is in the file", "the hotline", "they strike"]
        )
        plain, price = means(own)
        lines, line_price = means(own, levers=["hotline"])
        strikes, strike_price = means(own, supposed={"answer": "strike"})
        for place, name in enumerate(("war", "quiet")):
            cells = table.get_by_role("row", name=name).get_by_role("cell")
            expected = [percent(plain[place])]
            expected += [percent(one[place]) + points(one[place] - plain[place]) for one in (lines, strikes)]
            expect(cells).to_have_text(expected)
        cells = table.get_by_role("row", name="price (dollars)").get_by_role("cell")
        expected = [price, line_price, strike_price]
        assert [text.split("\n")[0] for text in cells.all_inner_texts()] == [f"{one:.3g}" for one in expected]
        assert serious(page) == []
        page.get_by_role("button", name="Close", exact=True).click()

        menu(page).get_by_role("button", name="they strike", exact=True).click()
        expect(page.get_by_role("list", name="Supposed")).to_contain_text("answer: strike")
        page.on("dialog", lambda dialog: dialog.accept())
        panel = menu(page)
        panel.get_by_role("button", name="Delete they strike").click()
        expect(panel.get_by_role("button", name="they strike", exact=True)).to_have_count(0)
        kept = json.loads((own.folder / "small.scenarios.json").read_text(encoding="utf-8"))
        (one,) = kept["scenarios"]
        assert (one["name"], one["levers"], one["supposed"]) == ("the hotline", ["hotline"], {})


def test_scenarios_of_a_stranger_are_shown_as_text_and_what_is_gone_is_named(browser: Browser, own: Served) -> None:
    hostile = {"name": "<img src=x onerror=alert(1)>", "given": {"gain": 1.5, "toll": 2}, "levers": ["veto"]}
    text = MEASURED + "observed: [{date: 2031-03-09, answer: strike}]\n"
    (own.folder / "small.yaml").write_text(text, encoding="utf-8")
    as_of = {"name": "since then", "now": True, "levers": ["hotline"]}
    file = own.folder / "small.scenarios.json"
    file.write_text(json.dumps({"format": 1, "scenarios": [hostile, as_of]}), encoding="utf-8")
    with workbench(browser, own, "#file=small.yaml", width=390, height=844) as page:
        solved(page)
        panel = menu(page)
        expect(panel.get_by_role("list", name="Kept scenarios")).to_contain_text("No longer in the file: toll, veto")
        panel.get_by_role("button", name="Side by side").click()
        table = page.get_by_role("region", name="Endings by scenario")
        expect(table).not_to_contain_text("…")
        expect(table.get_by_role("columnheader").nth(3)).to_contain_text("<img src=x onerror=alert(1)>")
        expect(table.get_by_role("columnheader").nth(3)).to_contain_text("without toll, veto")
        (past, _), (later, _) = means(own, text, now=True), means(own, text, now=True, levers=["hotline"])
        cells = table.get_by_role("row", name="war").get_by_role("cell")
        expect(cells.nth(1)).to_have_text(percent(past[0]))
        expect(cells.nth(3)).to_have_text(percent(later[0]) + (points(later[0] - past[0]) if later != past else "0.0"))
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.get_by_role("button", name="Close", exact=True).click()
        menu(page).get_by_role("button", name="<img", exact=False).first.click()
        expect(page.locator(".notice")).to_contain_text("No longer in the file: toll, veto")
        expect(page.locator(".varied")).to_have_text("Varied: gain 1.5")


def test_side_by_side_follows_when_another_file_is_opened(browser: Browser, own: Served) -> None:
    (own.folder / "other.yaml").write_text(SMALL.replace("One choice", "Another"), encoding="utf-8")
    for file, name in (("small", "the first"), ("other", "the second")):
        kept = json.dumps({"format": 1, "scenarios": [{"name": name, "levers": ["hotline"]}]})
        (own.folder / f"{file}.scenarios.json").write_text(kept, encoding="utf-8")
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        menu(page).get_by_role("button", name="Side by side").click()
        headers = page.get_by_role("region", name="Endings by scenario").get_by_role("columnheader")
        expect(headers).to_have_text(["ending", "As it is in the file", "the first"])
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="Another other.yaml").click()
        expect(headers).to_have_text(["ending", "As it is in the file", "the second"])


def test_a_damaged_file_of_scenarios_is_reported_and_left_alone(browser: Browser, own: Served) -> None:
    file = own.folder / "small.scenarios.json"
    file.write_text('{"format": 1, "scenarios": [{}]}', encoding="utf-8")
    with workbench(browser, own, "#file=small.yaml", expects=[422]) as page:
        solved(page)
        panel = menu(page)
        expect(panel.get_by_role("alert")).to_contain_text("small.scenarios.json is no file of scenarios")
        expect(panel.get_by_label("Keep what is set now as")).to_have_count(0)
    assert file.read_text(encoding="utf-8") == '{"format": 1, "scenarios": [{}]}'
