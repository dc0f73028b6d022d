"""A crisis begins from a document in the browser: by copying prompts and pasting the answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.drafts import ACCOUNT, ANSWERS, MARKUP, answered, begun, drafted, reviewed
from tests.app.page.opened import emptied, guarded, until, workbench
from tests.app.served import SMALL, Served, serving
from tests.replay.loopback import Reply, loopback
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]
SOLVING = 120_000.0
"""Milliseconds for the answer after which the crisis is compiled and solved, by a process that starts for it."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench on a folder of its own, with a small crisis."""
    folder = tmp_path_factory.mktemp("drafting")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as running:
        yield running


def use(page: Page, answer: str) -> None:
    """Copy the prompt, and paste an answer."""
    page.get_by_role("button", name="Copy (").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Tolm Pass" in copied
    page.get_by_label("2. Paste the answer").fill(answer)
    page.get_by_role("button", name="Use the answer").click()
    expect(page.get_by_label("2. Paste the answer")).to_have_value("")


def planted(own: Served, name: str) -> None:
    """A small crisis that is a draft, of which a part is read."""
    folder = own.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "crisis.yaml").write_text(SMALL, encoding="utf-8")
    standing = {"standing": {"model": MARKUP[:40], "read": 12, "total": 61}}
    (folder / "crisis.draft.json").write_text(json.dumps(standing), encoding="utf-8")


def test_a_draft_is_made_by_copying_prompts_and_a_reload_loses_nothing(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="From a document").click()
        page.get_by_label("Or paste its text").fill(ACCOUNT)
        until(page, "location.hash.includes('part=draft')")
        page.reload()
        expect(page.get_by_label("Or paste its text")).to_have_value(ACCOUNT)
        page.get_by_role("button", name="Read the text").click()
        expect(page.get_by_role("heading", name="5 paragraphs")).to_be_focused()
        expect(page.get_by_role("region", name="The numbered paragraphs")).to_contain_text("¶2 Verrin's council says")
        page.get_by_role("textbox", name="Folder").fill("tolm")
        page.get_by_label("As of", exact=True).fill("2031-05-09")
        assert serious(page) == []
        page.get_by_role("button", name="Begin", exact=True).click()
        stage = page.locator(".stages [aria-current=step]")
        expect(stage).to_contain_text("Who acts")
        page.get_by_label("2. Paste the answer").fill("I am afraid that I cannot.")
        until(page, "location.hash.includes('draft=tolm')")
        page.reload()
        expect(page.get_by_label("2. Paste the answer")).to_have_value("I am afraid that I cannot.")
        page.get_by_role("button", name="Use the answer").click()
        expect(page.get_by_role("region", name="The last answer")).to_contain_text("no JSON object")
        use(page, f"Here it is:\n```json\n{ANSWERS[0]}\n```")
        expect(stage).to_contain_text("The order of play")
        assert serious(page) == []
        page.reload()
        use(page, ANSWERS[1])
        expect(stage).to_contain_text("Numbers and payoffs")
        page.get_by_label("2. Paste the answer").fill(ANSWERS[2])
        page.get_by_role("button", name="Use the answer").click()
        expect(page.locator(".record")).to_be_focused(timeout=SOLVING)
    crisis = (own.folder / "tolm" / "crisis.yaml").read_text(encoding="utf-8")
    assert "The closing of the Tolm Pass" in crisis


def test_a_file_is_dropped_and_what_is_left_out_is_said_on_a_narrow_screen(
    browser: Browser, own: Served, tmp_path: Path
) -> None:
    document = tmp_path / "pass.html"
    document.write_text(
        f"<title>A pass</title><p>{MARKUP.replace('<', '&lt;')} was shut.</p><p hidden>Secret orders.</p>", "utf-8"
    )
    with workbench(browser, own, "#part=draft", width=390, height=844, expects=[422]) as page:
        page.get_by_label("Drop a file here, or choose one").set_input_files(document)
        expect(page.get_by_text("Left out")).to_be_visible()
        expect(page.get_by_role("region", name="The numbered paragraphs")).to_contain_text(MARKUP)
        expect(page.get_by_role("textbox", name="Folder")).to_have_value("a-pass")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious(page) == []
        page.get_by_label("Drop a file here, or choose one").set_input_files(
            {"name": "a.docx", "mimeType": "application/zip", "buffer": b"PK\3\4"}
        )
        expect(page.get_by_role("alert")).to_contain_text("an archive or an office document")


def test_a_draft_that_is_not_read_says_so_first_and_hides_its_endings(browser: Browser, own: Served) -> None:
    planted(own, "planted")
    with workbench(browser, own, "#file=planted/crisis.yaml") as page:
        said = page.get_by_role("complementary", name="This crisis is a draft")
        expect(said).to_contain_text(f"Draft by {MARKUP[:40]}, 12 of 61 assumptions read.")
        expect(page.get_by_role("heading", name="The endings are hidden")).to_be_visible()
        expect(page.locator(".ending")).to_have_count(0)
        for part in ("Runs", "Score"):
            page.get_by_role("button", name=part, exact=True).click()
            expect(said).to_be_visible()
        assert serious(page) == []
        page.get_by_role("button", name="See", exact=True).click()
        page.get_by_role("button", name="Show the endings now").click()
        expect(page.locator(".ending .number").first).not_to_be_empty()
        until(page, "!location.hash.includes('part=')")
        page.reload()
        expect(page.locator(".ending .number").first).not_to_be_empty()
        page.goto(f"{own.url}/#file=small.yaml")
        expect(page.locator(".ending .number").first).not_to_be_empty()
        expect(said).to_have_count(0)


def test_the_tour_does_not_open_over_hidden_endings_and_gives_way_to_a_draft(browser: Browser, own: Served) -> None:
    planted(own, "untoured")
    tour = "[role=dialog][aria-label^=Tour]"
    with emptied(browser, own, tour=True) as context, guarded(context, own) as page:
        with page.expect_response(lambda response: response.url.endswith("/api/spread")):  # it comes after the solve
            page.goto(f"{own.url}/#token={own.token}&file=untoured/crisis.yaml")
        page.wait_for_timeout(500)
        expect(page.get_by_role("heading", name="The endings are hidden")).to_be_visible()
        expect(page.locator(tour)).to_have_count(0)
    with workbench(browser, own, "#file=small.yaml", tour=True) as page:
        expect(page.locator(tour)).to_be_visible()
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="From a document").press("Enter")
        expect(page.get_by_label("Or paste its text")).to_be_visible()
        expect(page.locator(tour)).to_have_count(0)


def test_a_draft_is_reviewed_by_keyboard_and_its_endings_come_last(browser: Browser, own: Served) -> None:
    drafted(own, "read")
    with workbench(browser, own, "#file=read/crisis.yaml&part=draft&draft=read", expects=[422]) as page:
        record, said = page.locator(".record"), page.locator("p.sr[role=status]").last
        expect(record).to_be_focused(timeout=SOLVING)
        total = len(reviewed(own, "read")["records"])
        page.keyboard.press("a")
        expect(page.get_by_label("Your name")).to_be_focused()
        page.keyboard.type("Ada")
        record.focus()
        first = claim(page)
        page.keyboard.press("a")
        expect(said).to_have_text(f"Accepted. 1 of {total} read.")
        expect(record).to_be_focused()
        second = claim(page)
        assert second != first
        page.keyboard.press("s")
        assert claim(page) != second
        page.keyboard.press("b")
        expect(page.locator("#claim-heading")).to_have_text(second)
        page.keyboard.press("c")
        expect(page.get_by_role("form", name="Change: ").get_by_label("Claim")).to_be_focused()
        form = page.get_by_role("form", name="Change: ")
        form.get_by_label("Claim").fill("x" * 401)
        form.get_by_role("button", name="Change it").click()
        expect(page.get_by_role("alert").filter(has_text="at most 400")).to_be_visible()
        expect(form.get_by_label("Claim")).to_have_value("x" * 401)
        form.get_by_label("Claim").fill(MARKUP)
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Change it").press("Enter")
        expect(said).to_have_text(f"Changed. 2 of {total} read.")
        page.keyboard.press("u")
        expect(said).to_have_text(f"Taken back. 1 of {total} read.")
        expect(page.locator("#claim-heading")).to_have_text(second)
        page.get_by_text("All records").click()
        page.get_by_role("button", name="Actor: ").first.click()
        expect(page.locator(".passage mark")).not_to_be_empty()
        expect(record).to_be_focused()
        page.keyboard.press("r")
        expect(page.get_by_role("alertdialog", name="What else falls")).to_contain_text("fall too")
        expect(page.get_by_role("alertdialog")).to_be_focused()
        assert serious(page) == []
        page.keyboard.press("Escape")
        expect(record).to_be_focused()
        page.keyboard.press("n")
        expect(said).to_have_text(f"Now ours: the quote does not say it. 2 of {total} read.")
        page.reload()
        expect(page.get_by_text(f"2 of {total} read", exact=True)).to_be_visible(timeout=SOLVING)
        for each in reviewed(own, "read")["records"]:
            if each["decision"] is None:
                decision = {"folder": "read", "record": each["id"], "seen": each["seen"], "by": "Ben"}
                own.client.post("/api/draft/decide", json=decision | {"verdict": "accepted"}).raise_for_status()
        page.get_by_role("button", name="See", exact=True).click()
        expect(page.locator(".ending").first).to_be_visible()
        expect(page.get_by_role("complementary", name="This crisis is a draft")).to_have_count(0)


def test_markup_in_a_draft_is_text_wherever_it_stands(browser: Browser, own: Served) -> None:
    """In the document, its name, and every free text of every record."""
    begun(own, "markup", f"{MARKUP}\n\n{ACCOUNT}", name=f"{MARKUP[:60]}.txt")
    for text in ANSWERS:
        answered(own, "markup", json.dumps(marked(json.loads(text))))
    while own.client.get("/api/draft", params={"folder": "markup"}).json()["prompt"]:
        answered(own, "markup", '{"notes": []}')
    with workbench(browser, own, "#file=small.yaml&part=draft&draft=markup") as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        expect(page.locator(".record")).to_be_focused(timeout=SOLVING)
        page.get_by_text("All records").click()
        for _ in reviewed(own, "markup")["records"]:
            expect(page.locator("#claim-heading")).to_contain_text(MARKUP)
            expect(page.locator(".claim")).to_contain_text(MARKUP)
            page.keyboard.press("s")
        page.locator(".record").focus()
        page.keyboard.press("c")
        assert page.locator("main img, main script").count() == 0
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Show the endings now").click()
        expect(page.locator(".ending").first).to_contain_text(MARKUP)
        assert page.locator("main img, main script").count() == 0


def marked(value: object) -> object:
    """An answer with markup before its free texts."""
    if isinstance(value, list):
        return [marked(one) for one in value]
    if isinstance(value, dict):
        return {
            key: f"{MARKUP} {text}" if key in ("says", "name", "wants", "title", "summary") else marked(text)
            for key, text in value.items()
        }
    return value


def test_a_provider_is_asked_after_the_page_has_said_what_is_sent_where(browser: Browser, own: Served) -> None:
    replies = iter([*ANSWERS, *['{"notes": []}'] * 9])
    begun(own, "asked")
    with (
        loopback(lambda request: Reply(next(replies))) as model,
        workbench(browser, own, "#part=draft&draft=asked") as page,
    ):
        page.get_by_role("button", name="Ask a provider").click()
        page.get_by_label("Base URL").fill(model.base_url)
        page.get_by_label("Model", exact=True).fill("m-7")
        page.get_by_role("button", name="What is sent?").click()
        said = page.get_by_role("region", name="What is sent where")
        expect(said).to_contain_text(model.base_url.split("/")[2])
        expect(said).to_contain_text("characters a call")
        send = said.get_by_role("button", name="Send it")
        expect(send).to_be_disabled()
        said.get_by_role("checkbox").check()
        assert (model.asked, serious(page)) == ([], [])
        send.click()
        expect(page.locator(".record")).to_be_focused(timeout=SOLVING)
        expect(page.get_by_text("model: m-7")).to_be_visible()


def claim(page: Page) -> str:
    return page.locator("#claim-heading").inner_text()
