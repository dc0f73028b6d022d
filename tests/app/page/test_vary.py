"""Varying a crisis on the page: the endings follow the slider, the file's own answer stays in view, nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from offramp.common import numerals
from tests.app.page.opened import emptied, guarded, held, solved, until, workbench
from tests.app.served import SMALL, Served, serving
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

STRAIT = files("offramp").joinpath("starter.yaml").read_text(encoding="utf-8")
ENDINGS = "[...document.querySelectorAll('.ending .number')].map(each => each.textContent).join()"
STEPS = "performance.getEntriesByName('step').length"
MARKS = "performance.getEntriesByName('slider').length"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench whose files a test may change."""
    folder = tmp_path_factory.mktemp("varied")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "strait.yaml").write_text(STRAIT, encoding="utf-8")
    with serving(folder) as running:
        yield running


def numbers(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".ending .number").all_inner_texts()]


def said(own: Served, text: str, path: str, **varied: Any) -> list[str]:
    """The endings as the server solves them: means over draws."""
    answer = own.client.post("/api/spread", json=own.setting(text, path, draws=256, **varied)).json()
    return [percent(band["mean"]) for band in answer["endings"].values()]


def percent(share: float) -> str:
    """As the terminal and the report have it, but for the space."""
    return numerals.percent(share).replace("%", " %")


def fragment(page: Page, wanted: str) -> None:
    until(page, f"decodeURIComponent(location.hash).includes({wanted!r})")


def test_endings_follow_a_slider_that_is_dragged_and_end_at_its_last_value(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=strait.yaml") as page:
        solved(page)
        before = numbers(page)
        under_way, most = 0, 0
        asked: list[dict[str, Any]] = []

        def begins(request: Request) -> None:
            nonlocal under_way, most
            if request.url.endswith("/api/solve"):
                under_way += 1
                most = max(most, under_way)
                asked.append(request.post_data_json or {})

        def ends(request: Request) -> None:
            nonlocal under_way
            under_way -= request.url.endswith("/api/solve")

        page.on("request", begins)
        page.on("requestfinished", ends)
        slider = page.get_by_role("slider", name="what war costs (lost rounds)", exact=True)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.4, middle)
        page.mouse.down()
        for part in range(41, 91):
            shown = page.evaluate(ENDINGS)
            page.mouse.move(box["x"] + box["width"] * part / 100, middle)
            if part % 10 == 0:
                until(page, f"{ENDINGS} !== {json.dumps(shown)}")
        page.mouse.up()
        value = float(page.get_by_label("what war costs (lost rounds): value").input_value())
        assert value > 0.8 * float(slider.get_attribute("max") or "nan")
        solved(page)
        assert most == 1
        assert page.evaluate(STEPS) == page.evaluate(MARKS) > 10
        exact = asked[-1]["given"]["war_cost"]
        assert exact == pytest.approx(value, rel=5e-3)
        assert numbers(page) == said(own, STRAIT, "strait.yaml", given={"war_cost": exact}) != before
        assert own.folder.joinpath("strait.yaml").read_text(encoding="utf-8") == STRAIT


def test_what_the_same_key_would_set_next_is_solved_before_it_is_pressed(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=strait.yaml") as page:
        solved(page)
        slider = page.get_by_role("slider", name="what war costs (lost rounds)", exact=True)
        asked: list[float] = []

        def note(request: Request) -> None:
            if request.url.endswith("/api/solve"):
                asked.append((request.post_data_json or {})["given"]["war_cost"])

        def press(key: str, steps: int) -> float:
            slider.press(key)
            until(page, f"{STEPS} === {steps}")
            return float(slider.input_value())

        press("ArrowRight", 1)
        page.on("request", note)
        with page.expect_response(lambda response: len(asked) == 2):
            first = press("ArrowRight", 2)
        with held(page, "/api/solve"):  # so that only what is known already can be shown
            second = press("ArrowRight", 3)
            assert press("ArrowLeft", 4) == first
            assert press("ArrowRight", 5) == second
            shown = numbers(page)
        assert asked[:2] == [first, second]
        solved(page)
        assert numbers(page) == said(own, STRAIT, "strait.yaml", given={"war_cost": second}) != shown
        most = press("End", 6)
        asked.clear()
        slider.press("ArrowRight")
        solved(page)
        assert (most, asked) == (pytest.approx(float(slider.get_attribute("max") or "nan"), rel=1e-3), [])


def test_the_answer_of_the_file_stays_in_view(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        before = numbers(page)
        places = page.locator(".ending .dot").evaluate_all("dots => dots.map(dot => dot.style.left)")
        expect(page.locator(".was")).to_have_count(0)
        page.get_by_role("slider", name="gain", exact=True).press("End")
        expect(page.locator(".ending .points").first).to_contain_text("points")
        solved(page)
        assert page.locator(".was").evaluate_all("ticks => ticks.map(tick => tick.style.left)") == places
        for text, was, now in zip(
            page.locator(".ending .points").all_inner_texts(), before, numbers(page), strict=True
        ):
            moved = float(text.split()[0].replace("−", "-"))
            assert moved == pytest.approx(float(now.strip(" %<>")) - float(was.strip(" %<>")), abs=0.11)
        page.get_by_role("button", name="Reset all").click()
        expect(page.locator(".was")).to_have_count(0)
        solved(page)
        assert numbers(page) == before


def test_until_the_draws_are_solved_the_numbers_are_marked_as_a_preview(browser: Browser, own: Served) -> None:
    def medians(**given: float) -> dict[str, float]:
        asked = own.setting(SMALL, "small.yaml", width=400, given=given)
        return dict(own.client.post("/api/settle", json=asked).json()["endings"])

    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        drawn = own.client.post("/api/spread", json=own.setting(SMALL, "small.yaml", draws=256)).json()["endings"]
        slider, number = page.get_by_role("slider", name="gain", exact=True), page.get_by_label("gain: value")
        with held(page, "/api/spread"):
            slider.press("PageUp")
            expect(number).to_have_value("1.2")
            expect(page.locator(".status")).to_contain_text("preview")
            was, now = medians(), medians(gain=1.2)
            for name, band in drawn.items():
                row = page.locator(".ending").filter(has=page.get_by_text(name, exact=True))
                expect(row.locator(".number")).to_have_text(f"≈ {percent(band['mean'] + now[name] - was[name])}")
                expect(row.get_by_role("button", name=f"Forecast {name}")).to_be_disabled()
        solved(page)
        assert numbers(page) == said(own, SMALL, "small.yaml", given={"gain": 1.2})
        expect(page.get_by_role("button", name="Forecast war")).to_be_enabled()


def test_a_slider_is_moved_by_keys_and_by_its_number(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        slider = page.get_by_role("slider", name="gain", exact=True)
        number = page.get_by_label("gain: value")
        expect(number).to_have_value("1")
        for key, value in (
            ("ArrowRight", "1.02"),
            ("PageDown", "0.82"),
            ("Home", "0"),
            ("End", "2"),
            ("ArrowDown", "1.98"),
        ):
            slider.press(key)
            expect(number).to_have_value(value)
        slider.press("Delete")
        expect(number).to_have_value("1")
        number.fill("0.25")
        number.press("Enter")
        expect(slider).to_have_value("0.25")
        solved(page)
        assert numbers(page) == said(own, SMALL, "small.yaml", given={"gain": 0.25})
        page.get_by_role("button", name="Reset gain").press("Enter")
        expect(number).to_have_value("1")


def test_levers_and_one_rationality_for_all_are_solved_as_set(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        page.get_by_role("switch", name="hotline").press("Space")
        expect(page.locator(".varied")).to_contain_text("hotline")
        solved(page)
        assert numbers(page) == said(own, SMALL, "small.yaml", levers=["hotline"])
        page.get_by_role("button", name="About hotline").click()
        about = page.get_by_role("group", name="About hotline")
        expect(about).to_contain_text("gain = gain / 2")
        expect(about).to_contain_text("A tested line")
        expect(page.locator(".lever")).to_contain_text("costs 1")
        page.get_by_role("slider", name="One rationality for all actors").press("PageUp")
        expect(page.locator(".varied")).to_contain_text("rationality 4.5 for all")
        solved(page)
        assert numbers(page) == said(own, SMALL, "small.yaml", levers=["hotline"], rationality=4.5)


def test_a_value_goes_into_the_file_and_changes_nothing_else(browser: Browser, own: Served) -> None:
    (own.folder / "written.yaml").write_text(SMALL, encoding="utf-8")
    with workbench(browser, own, "#file=written.yaml") as page:
        solved(page)
        page.get_by_role("slider", name="gain", exact=True).press("PageUp")
        page.get_by_role("button", name="Write gain into the file").click()
        expect(page.locator(".head .state")).to_have_text("not saved")
        expect(page.locator(".varied")).to_contain_text("As in the file")
        page.keyboard.press("Control+s")
        expect(page.locator(".head .state")).to_have_text("saved")
        written = (own.folder / "written.yaml").read_text(encoding="utf-8")
        assert re.sub(r'gain: \{is: "?1\.2"?,', 'gain: {is: "uniform(0, 2)",', written) == SMALL != written
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+z")
        expect(page.locator(".head .state")).to_have_text("not saved")
        page.keyboard.press("Control+s")
        expect(page.locator(".head .state")).to_have_text("saved")
        assert (own.folder / "written.yaml").read_text(encoding="utf-8") == SMALL


def test_a_link_brings_back_what_was_varied(browser: Browser, own: Served) -> None:
    with emptied(browser, own) as context:
        with guarded(context, own) as page:
            page.goto(f"{own.url}/#token={own.token}&file=small.yaml")
            solved(page)
            page.get_by_role("slider", name="gain", exact=True).press("PageDown")
            page.get_by_role("switch", name="hotline").click()
            page.get_by_role("slider", name="One rationality for all actors").press("PageUp")
            solved(page)
            endings = numbers(page)
            fragment(page, "given=gain:0.8")
            assert "token" not in page.url
            page.get_by_role("button", name="Link", exact=True).click()
            assert own.token not in page.get_by_label("The link", exact=True).input_value()
            page.get_by_label("Include the key to this workbench").check()
            page.get_by_role("button", name="Copy link").click()
            expect(page.get_by_text("The link is copied")).to_be_visible()
            link = str(page.evaluate("navigator.clipboard.readText()"))
        with guarded(context, own) as page:
            page.goto(link)
            solved(page)
            assert own.token not in page.url
            assert numbers(page) == endings
            expect(page.get_by_label("gain: value")).to_have_value("0.8")
            expect(page.get_by_role("switch", name="hotline")).to_be_checked()
            page.reload()
            solved(page)
            assert numbers(page) == endings


def test_an_input_is_found_among_many(browser: Browser, own: Served) -> None:
    days = "".join(f'  rain_{day}: {{is: "uniform(0, 1)", because: Weather}}\n' for day in range(12))
    (own.folder / "many.yaml").write_text(SMALL.replace("timeline:\n", f"{days}timeline:\n"), encoding="utf-8")
    with workbench(browser, own, "#file=many.yaml") as page:
        solved(page)
        page.get_by_label("Find an input").fill("Rain 1")
        expect(page.get_by_role("slider", name="rain 10", exact=True)).to_be_visible()
        expect(page.get_by_role("slider", name="rain 2", exact=True)).to_have_count(0)
        expect(page.get_by_role("slider", name="gain", exact=True)).to_have_count(0)


def test_a_setting_that_cannot_be_played_is_said_and_the_next_one_is_solved(browser: Browser, own: Served) -> None:
    text = SMALL.replace(
        "timeline:\n", "timeline:\n  - {chance: fog, odds: {thick: gain / 2, thin: rest}, because: x}\n"
    )
    (own.folder / "odds.yaml").write_text(text, encoding="utf-8")
    with workbench(browser, own, "#file=odds.yaml", expects=[422]) as page:
        solved(page)
        page.get_by_label("gain: value").fill("3")
        page.get_by_label("gain: value").press("Enter")
        expect(page.locator(".endings-foot .warn")).to_contain_text("gain")
        page.get_by_role("slider", name="gain", exact=True).press("Home")
        expect(page.locator(".endings-foot .warn")).to_have_count(0)
        solved(page)
        assert numbers(page) == said(own, text, "odds.yaml", given={"gain": 0})
