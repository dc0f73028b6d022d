"""The ledger as a person keeps it: a forecast from an ending, from a run, of one's own; its outcome; its score."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.page.opened import solved, workbench
from tests.app.served import SMALL, Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=30)).isoformat()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a ledger of its own."""
    folder: Path = tmp_path_factory.mktemp("ledger")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as running:
        yield running


def enter(page: Page, due: str = SOON, rule: str = "two newspapers say so") -> None:
    form = page.get_by_role("form", name="New forecast")
    form.get_by_label("Due").fill(due)
    form.get_by_label("Rule").fill(rule)
    form.get_by_role("button", name="Enter the forecast").click()


def said(page: Page, text: str) -> None:
    expect(page.locator(".notice")).to_contain_text(text)


def test_a_claim_is_entered_resolved_scored_and_corrected(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml&part=score") as page:
        form = page.get_by_role("form", name="New forecast")
        form.get_by_label("Claim").fill("The talks resume")
        form.get_by_label("Probability, in percent").fill("70")
        enter(page, TODAY.isoformat())
        said(page, "Entered as forecast")
        item = page.get_by_role("listitem").filter(has_text="The talks resume").first
        expect(item).to_contain_text("70.0 %")
        item.get_by_role("button", name="How forecast").click()
        outcome = page.get_by_role("form", name="Outcome of forecast")
        outcome.get_by_label("it happened").check()
        outcome.get_by_label("Source").fill("The evening news")
        outcome.get_by_role("button", name="Enter the outcome").click()
        said(page, "it happened")
        expect(page.get_by_text("Brier").first).to_be_visible()
        expect(page.locator(".finding figure .drawing.wide svg").first).to_be_visible()
        page.get_by_text("Correct an outcome").click()
        again = page.get_by_role("form", name="Outcome of forecast")
        again.get_by_label("it did not").check()
        again.get_by_label("Source").fill("The morning news")
        again.get_by_role("button", name="Correct it").click()
        said(page, "it did not")
        expect(page.get_by_text("no, corrected")).to_be_visible()
        assert serious(page) == []


def test_an_ending_on_see_fills_the_form(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml&part=see") as page:
        solved(page)
        page.get_by_role("button", name="Forecast").first.click()
        form = page.get_by_role("form", name="New forecast")
        expect(form.get_by_label("Claim")).to_have_value("One choice: the ending is war")
        expect(form).to_contain_text("the mean of the 256 draws on See; no run of this folder has this text")
        assert 0 < float(form.get_by_label("Probability, in percent").input_value()) < 100
        enter(page)
        said(page, "Entered as forecast")


def test_an_ending_of_a_run_is_forecast_with_the_run_s_probability(browser: Browser, own: Served) -> None:
    run = own.client.post("/api/runs", json={"path": "small.yaml", "draws": 64, "seed": 1, "levers": []}).json()["run"]
    while not any(row["run"] == run and row["endings"] for row in own.client.get("/api/runs").json()["runs"]):
        time.sleep(0.1)
    name = run.split("/")[1]
    with workbench(browser, own, "#file=small.yaml&part=runs", width=390) as page:
        page.get_by_role("button", name=f"Open {name}", exact=True).click()
        page.get_by_role("button", name="Forecast from this run").click()
        chosen = page.get_by_role("form", name="Forecast from this run")
        chosen.get_by_label("Forecast", exact=True).select_option("ending:quiet")
        chosen.get_by_role("button", name="Go to the ledger").click()
        expect(page.get_by_role("heading", name="New forecast")).to_be_focused()
        enter(page)
        said(page, "Entered as forecast")
        expect(page.get_by_role("listitem").filter(has_text="the ending is quiet").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    (held,) = [each for each in own.client.get("/api/ledger").json()["open"] if "quiet" in each["claim"]]
    assert 0 < held["probability"] < 1


def test_an_ending_on_see_is_forecast_from_the_newest_run_of_its_settings_and_leads_back_to_it(
    browser: Browser, tmp_path: Path
) -> None:
    text = SMALL.replace("quiet: otherwise", "quiet: {if: otherwise, name: a quiet end}")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    with serving(tmp_path) as own:
        run = own.client.post("/api/runs", json={"path": "small.yaml", "draws": 64, "seed": 1, "levers": []}).json()[
            "run"
        ]
        while not (row := own.client.get("/api/runs").json()["runs"][0])["endings"]:
            time.sleep(0.1)
        mean = row["endings"]["quiet"]["mean"]
        with workbench(browser, own, "#file=small.yaml&part=see") as page:
            solved(page)
            page.get_by_role("button", name="Forecast a quiet end").click()
            form = page.get_by_role("form", name="New forecast")
            expect(form.get_by_label("What")).to_have_value("ending:quiet")
            expect(form.get_by_label("What")).to_contain_text("the ending is a quiet end")
            expect(form).to_contain_text(f"its probability is the run's, {100 * mean:.1f} %")
            enter(page)
            said(page, "Entered as forecast")
            (held,) = own.client.get("/api/ledger").json()["open"]
            assert (held["probability"], held["run"]) == (mean, run)
            page.get_by_role("listitem").get_by_role("button", name=run.split("/")[1], exact=True).click()
            expect(page.get_by_role("heading", name=run.split("/")[1])).to_be_visible()


def test_a_day_that_is_past_is_refused_in_words(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml&part=score", scheme="dark", expects=[422]) as page:
        form = page.get_by_role("form", name="New forecast")
        form.get_by_label("Claim").fill("It was so")
        form.get_by_label("Probability, in percent").fill("10")
        enter(page, "2020-01-01")
        expect(form.get_by_role("alert")).to_contain_text("2020-01-01")
        assert serious(page) == []
