"""Runs as a person has them: started, watched, stopped, gone on with, asked, reported, exported, compared."""

from __future__ import annotations

import re
import time
import zipfile
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.page.opened import held, workbench
from tests.app.served import Served
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

STRAIT = files("offramp").joinpath("starter.yaml").read_text(encoding="utf-8")
QUESTIONS = {
    "Which assumptions carry it?": "which assumptions carry",
    "What opens a way out?": "what opens a way out",
    "What is it worth to find out?": "what is it worth",
    "Who will do what?": "who will do what",
    "By which paths?": "by which paths",
    "Why would they?": "why would Tessia choose",
    "Where does it tip?": "over the odds of a firm Marland and the odds that a drone is stopped",
    "What do the events since say?": "what changes",
}


@pytest.fixture(scope="module")
def strait(served: Served) -> Served:
    (served.folder / "strait.yaml").write_text(STRAIT, encoding="utf-8")
    return served


@pytest.fixture(scope="module")
def finished(strait: Served) -> str:
    """The name of a run that is finished."""
    return run_of(strait, "strait.yaml")


def run_of(served: Served, path: str) -> str:
    run = served.client.post("/api/runs", json={"path": path, "draws": 64, "seed": 1, "levers": []}).json()["run"]
    for _ in range(600):
        if any(
            row["run"] == run and row["state"] == "finished" for row in served.client.get("/api/runs").json()["runs"]
        ):
            return str(run).split("/")[1]
        time.sleep(0.1)
    raise AssertionError(f"{run} did not finish")


def start(page: Page, draws: int, seed: int = 1) -> str:
    """Start a run by its form; the name that it got."""
    form = page.get_by_role("form", name="Start a run")
    form.get_by_label("Draws").fill(str(draws))
    form.get_by_label("Seed").fill(str(seed))
    form.get_by_role("button", name="Run", exact=True).click()
    said = page.get_by_text("has started.")
    expect(said).to_be_visible()
    name = said.inner_text().split(" has started")[0].strip()
    page.get_by_role("button", name="Close this message").click()
    return name


def line(page: Page, name: str) -> Locator:
    return page.locator(".run-list > li").filter(has=page.get_by_role("heading", name=name, exact=True))


def opened(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Open {name}", exact=True).click()
    expect(page.locator(".opened-run .room .finding")).to_be_visible()


def ask(page: Page, words: str) -> Locator:
    """Open a question, ask it as its form stands, and give where it is answered."""
    page.get_by_role("button", name=words, exact=True).click()
    question = page.locator("li.question").filter(has=page.get_by_role("button", name=words, exact=True))
    submit = question.get_by_role("button", name="Ask", exact=True)
    if question.locator("form").count():
        expect(submit).to_be_enabled()
        submit.click()
    return question


def test_a_run_is_started_watched_and_answers_every_question(browser: Browser, strait: Served) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs") as page:
        name = start(page, 64)
        expect(line(page, name)).to_contain_text("finished")
        expect(line(page, name)).to_contain_text("64 draws")
        expect(line(page, name).locator(".stack-names li")).to_have_count(4)
        opened(page, name)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_focused()
        for words, said in QUESTIONS.items():
            finding = ask(page, words).locator(".finding")
            expect(finding).to_contain_text(said)
            page.get_by_role("button", name=words, exact=True).click()
            expect(finding).to_be_hidden()
        page.get_by_text("How this run was made").click()
        expect(page.locator(".manifest")).to_contain_text("beta(a=4.0, b=6.0)")
        assert serious(page) == []


def test_the_newest_run_stands_first(browser: Browser, strait: Served, finished: str) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs") as page:
        name = start(page, 64, 3)
        expect(page.locator(".run-list h4").first).to_have_text(name)
        assert finished in page.locator(".run-list h4").all_inner_texts()[1:]
        expect(line(page, name)).to_contain_text("finished")


def test_a_question_takes_its_choices_and_says_what_it_cannot_take(
    browser: Browser, strait: Served, finished: str
) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs", expects=[422]) as page:
        opened(page, finished)
        page.get_by_role("button", name="Why would they?").click()
        form = page.get_by_role("form", name="Why would they?")
        form.get_by_label("Move", exact=True).select_option("reply")
        form.get_by_label("What the actor knows there").fill("resolve=firm, answer=strike")
        form.get_by_role("button", name="Ask").click()
        expect(page.locator("#question-why .finding")).to_contain_text("why would Marland choose")
        form.get_by_label("What the actor knows there").fill("resolve=frm")
        form.get_by_role("button", name="Ask").click()
        expect(page.locator("#question-why").get_by_role("alert")).to_contain_text("firm")


MEASURED = "\nmeasures: {struck: {is: answer == strike, name: strikes at Marland, unit: strikes}}\n"
OBSERVED = "observed: [{date: 2031-05-13, answer: strike}]\n"


def test_questions_are_answered_as_of_what_is_supposed_or_observed_and_for_a_measure(
    browser: Browser, strait: Served
) -> None:
    (strait.folder / "struck.yaml").write_text(STRAIT + MEASURED + OBSERVED, encoding="utf-8")
    name = run_of(strait, "struck.yaml")
    with workbench(browser, strait, "#file=struck.yaml&part=runs") as page:
        opened(page, name)
        assert page.get_by_label("Answered as of").input_value() == ""
        asked = ask(page, "By which paths?")
        expect(asked.locator(".finding")).not_to_contain_text("As of")
        page.get_by_label("Answered as of").select_option("now")
        asked.get_by_role("button", name="Ask", exact=True).click()
        expect(asked.locator(".finding")).to_contain_text("As of 2031-05-13")
        page.get_by_label("Answered as of").select_option("")
        page.get_by_label("Suppose", exact=True).fill("answer=staged|strike")
        asked.get_by_role("button", name="Ask", exact=True).click()
        expect(asked.locator(".finding")).to_contain_text("a staged answer or a strike")
        page.get_by_label("Suppose", exact=True).fill("")
        weighed = page.locator("#question-weigh")
        page.get_by_role("button", name="Which assumptions carry it?").click()
        weighed.get_by_label("Of what").select_option("measure:struck")
        weighed.get_by_role("button", name="Ask", exact=True).click()
        expect(weighed.locator(".finding")).to_contain_text("which assumptions carry strikes at Marland?")


def test_a_run_is_stopped_and_gone_on_with_to_its_end(browser: Browser, strait: Served) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs") as page:
        name = start(page, 65536, 2)
        expect(line(page, name).get_by_role("progressbar")).to_be_visible()
        expect(line(page, name)).to_contain_text(re.compile(r"[1-9][\d,]* of 65,536 draws"))
        page.get_by_role("button", name=f"Stop {name}", exact=True).click()
        expect(line(page, name)).to_contain_text("stopped")
        expect(line(page, name)).to_contain_text("of 65,536 draws")
        page.get_by_role("button", name=f"Go on with {name}", exact=True).click()
        expect(line(page, name)).to_contain_text("running")
        expect(line(page, name)).to_contain_text("finished", timeout=120_000)


def test_unsaved_changes_are_saved_before_the_run(browser: Browser, strait: Served) -> None:
    (strait.folder / "changed.yaml").write_text(STRAIT, encoding="utf-8")
    with workbench(browser, strait, "#file=changed.yaml&part=runs") as page:
        expect(page.get_by_role("heading", name="Start a run of A drone over the strait")).to_be_visible()
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type("# a word\n")
        save = page.get_by_role("button", name="Save and run")
        expect(save).to_be_enabled()
        expect(page.get_by_text("has changes that are not saved")).to_be_visible()
        save.click()
        expect(line(page, "changed-1")).to_be_visible()
    assert (strait.folder / "changed.yaml").read_text(encoding="utf-8").endswith("# a word\n")


def test_the_report_opens_as_it_is_meant_to_look_and_an_export_is_a_zip(
    browser: Browser, strait: Served, finished: str
) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs") as page:
        opened(page, finished)
        with held(page, "/api/report?*"), page.expect_popup() as popup:
            page.get_by_role("button", name="The report", exact=True).click()
            expect(popup.value.get_by_text(f"Writing the report of {finished}")).to_be_visible()
            expect(popup.value.get_by_role("progressbar")).to_be_visible()
        report = popup.value
        expect(report.get_by_role("heading", level=1)).to_be_visible()
        assert report.evaluate("getComputedStyle(document.body).paddingBottom") == "48px"  # its style is admitted
        report.close()
        with page.expect_download() as kept:
            page.get_by_role("button", name="Download the report").click()
        assert kept.value.suggested_filename == f"{finished}-report.html"
        finding = ask(page, "Which assumptions carry it?")
        with page.expect_download() as packed:
            finding.get_by_role("button", name="Export").click()
        names = zipfile.ZipFile(packed.value.path()).namelist()
        assert {name.rsplit(".", 1)[1] for name in names} >= {"csv", "parquet", "svg", "png"}


def test_two_runs_are_compared(browser: Browser, strait: Served, finished: str) -> None:
    dearer = STRAIT.replace("p10=4, p50=6, p90=9", "p10=8, p50=12, p90=18")
    (strait.folder / "dearer.yaml").write_text(dearer, encoding="utf-8")
    other = run_of(strait, "dearer.yaml")
    with workbench(browser, strait, "#file=strait.yaml&part=runs") as page:
        opened(page, finished)
        page.get_by_role("button", name="Where does it differ from another run?").click()
        page.get_by_role("form", name="Compare two runs").get_by_label("Other run").select_option(f"runs/{other}")
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.locator("#question-compare .finding")).to_contain_text("what war costs")
        with page.expect_download() as packed:
            page.locator("#question-compare").get_by_role("button", name="Export").click()
        assert zipfile.is_zipfile(packed.value.path())


def test_a_question_that_takes_long_is_given_up(browser: Browser, strait: Served, finished: str) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs") as page:
        opened(page, finished)
        page.get_by_role("button", name="What opens a way out?").click()
        form = page.get_by_role("form", name="What opens a way out?")
        form.get_by_label("Draws").fill("4096")
        form.get_by_role("button", name="Ask").click()
        page.locator("#question-levers").get_by_role("button", name="Cancel").click()
        expect(form.get_by_role("button", name="Ask")).to_be_enabled()
        expect(page.locator("#question-levers .finding")).to_have_count(0)
        expect(page.locator("#question-levers .refused")).to_have_count(0)
        expect(ask(page, "Who will do what?").locator(".finding")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1024, "light")])
def test_runs_fit_their_window_and_axe_finds_nothing(
    browser: Browser, strait: Served, finished: str, width: int, scheme: str
) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=runs", width=width, scheme=scheme) as page:
        expect(line(page, finished)).to_be_visible()
        assert serious(page) == []
        opened(page, finished)
        name = page.get_by_role("cell", name="an answer let pass").first.locator("span")
        assert name.evaluate(
            "name => name.getClientRects()[0].height < 2 * parseFloat(getComputedStyle(name).fontSize)"
        )
        expect(ask(page, "Where does it tip?").locator(".finding")).to_be_visible()
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".pane.shown").evaluate("pane => pane.scrollWidth <= pane.clientWidth")
