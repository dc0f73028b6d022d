"""Supposing on the page that something happened: everything then acts on what is still ahead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.page.opened import solved, workbench
from tests.app.page.test_vary import fragment, numbers, said
from tests.app.served import SMALL, Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

OBSERVED = SMALL + "observed: [{date: 2031-03-09, answer: strike}]\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a crisis of which something was observed, and one of which nothing was."""
    folder = tmp_path_factory.mktemp("supposed")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "observed.yaml").write_text(OBSERVED, encoding="utf-8")
    with serving(folder) as running:
        yield running


def suppose(page: Page, step: str, option: str) -> None:
    page.get_by_role("list", name=f"Options of {step}").get_by_role("button", name=option, exact=True).click()
    page.get_by_role("button", name="Suppose this happened").click()


def test_suppositions_add_up_and_are_taken_back(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        before = numbers(page)
        suppose(page, "answer", "strike")
        supposed = page.get_by_role("list", name="Supposed")
        expect(supposed).to_contain_text("Supposing answer: strike")
        solved(page)
        assert numbers(page) == said(own, SMALL, "small.yaml", supposed={"answer": "strike"}) != before
        expect(page.get_by_role("list", name="Options of answer")).to_contain_text("100.0 %")
        page.get_by_role("switch", name="hotline").click()
        solved(page)
        facts = {"answer": "strike"}
        assert numbers(page) == said(own, SMALL, "small.yaml", supposed=facts, levers=["hotline"])
        suppose(page, "reply", "retaliate")
        expect(supposed).to_contain_text("and reply: retaliate")
        solved(page)
        assert numbers(page) == ["100.0 %", "0.0 %"]
        assert serious(page) == []
        fragment(page, "supposed=answer:strike,reply:retaliate")
        page.reload()
        solved(page)
        assert numbers(page) == ["100.0 %", "0.0 %"]
        page.get_by_role("switch", name="hotline").click()
        page.get_by_role("button", name="Take back reply: retaliate").click()
        page.get_by_role("button", name="Take back answer: strike").click()
        expect(supposed).to_have_count(0)
        solved(page)
        assert numbers(page) == before


def test_a_crisis_is_shown_as_of_its_last_event_and_contradictions_are_said(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=observed.yaml", expects=[422]) as page:
        solved(page)
        assert numbers(page) == said(own, OBSERVED, "observed.yaml")
        page.get_by_role("switch", name="As of the last event").click()
        solved(page)
        assert numbers(page) == said(own, OBSERVED, "observed.yaml", now=True)
        suppose(page, "answer", "hold")
        expect(page.locator(".endings-foot .warn")).to_contain_text(
            "what is supposed, answer: hold, contradicts answer: strike"
        )
        page.get_by_role("button", name="Take back answer: hold").click()
        expect(page.locator(".endings-foot .warn")).to_have_count(0)
        solved(page)
        assert numbers(page) == said(own, OBSERVED, "observed.yaml", now=True)


def editor(page: Page) -> str:
    return "\n".join(page.locator(".cm-line").all_inner_texts())


def happened(page: Page, date: str, note: str = "") -> None:
    """Fill in the open form that says when something happened, and write it into the file."""
    page.get_by_label("This happened on").fill(date)
    page.get_by_label("Note (optional)").fill(note)
    page.get_by_role("button", name="Write into the file").click()


def test_what_happened_is_written_into_the_file_and_the_crisis_is_shown_as_of_it(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml", expects=[422]) as page:
        solved(page)
        page.get_by_role("list", name="Options of answer").get_by_role("button", name="strike", exact=True).click()
        page.get_by_role("button", name="This happened on …").click()
        today = page.evaluate("new Date().toLocaleDateString('sv')")
        expect(page.get_by_label("This happened on")).to_have_value(today)
        happened(page, "2031-03-09", "said at noon")
        event = "observed:\n  - {date: 2031-03-09, answer: strike}"
        expect(page.get_by_role("switch", name="As of the last event")).to_be_checked()
        figures = said(own, f"{SMALL}{event}\n", "small.yaml", now=True)
        expect(page.locator(".ending .number")).to_have_text(figures)
        assert f"{event}  # said at noon" in editor(page)
        expect(page.locator(".opened .state")).to_have_text("not saved")
        assert (own.folder / "small.yaml").read_text(encoding="utf-8") == SMALL
        suppose(page, "reply", "absorb")
        page.get_by_role("list", name="Supposed").get_by_role("button", name="It happened").click()
        happened(page, "2031-03-02")
        expect(page.get_by_role("alert")).to_contain_text("'answer' comes before it in the timeline")
        happened(page, "2031-03-12")
        expect(page.get_by_role("list", name="Supposed")).to_have_count(0)
        expect(page.get_by_role("switch", name="As of the last event")).to_be_checked()
        expect(page.locator(".ending .number")).to_have_text(["0.0 %", "100.0 %"])
        assert serious(page) == []
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".opened .state")).to_have_text("saved")
        written = f"{event}  # said at noon\n  - {{date: 2031-03-12, reply: absorb}}\n"
        assert (own.folder / "small.yaml").read_text(encoding="utf-8") == SMALL + written
        (own.folder / "small.yaml").write_text(SMALL, encoding="utf-8")
