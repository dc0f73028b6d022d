"""Writing a crisis on the page: mistakes where the checker puts them, help, saving, and nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import offramp
from offramp.game.checks.text_checks import check_text
from offramp.study.file_check import check_file
from tests.app.page.opened import emptied, guarded, solved, until, workbench
from tests.app.served import SMALL, Served, serving
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

WRONG = SMALL.replace("reply == retaliate, quiet", "replay == retaliate, quiet")
EDITOR = ".cm-content"
SHIPPED = "shipped:deterrence-egame"
"""The crisis of the gallery that is solved soonest."""
DRAFT = "Object.keys(localStorage).some(key => key.includes('draft.yaml'))"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench whose files a test may change."""
    with serving(tmp_path_factory.mktemp("own")) as running:
        yield running


def kept(own: Served, name: str, text: str = SMALL) -> Path:
    path = own.folder / name
    path.write_bytes(text.encode())
    return path


def to_end(page: Page) -> None:
    page.locator(EDITOR).click()
    page.keyboard.press("Control+End")


def text_of(page: Page) -> str:
    lines = page.locator(".cm-line").all_inner_texts()
    return "\n".join(line.removesuffix("\n") for line in lines)


def leave(page: Page) -> None:
    """Leave as a person would who lets go of what is not saved."""
    page.on("dialog", lambda dialog: dialog.accept())


def test_a_mistake_is_underlined_exactly_where_the_checker_puts_it(browser: Browser, own: Served) -> None:
    text = WRONG.replace("A round guess", "A round 𝔤uess") + "  𝔤: 1\n"
    faults: Any = check_text(text, kept(own, "wrong.yaml", text)).to_dict()["faults"]
    marked = text.encode("utf-16-le")
    with workbench(browser, own, "#file=wrong.yaml", expects=[422]) as page:
        expect(page.get_by_text("2 mistakes")).to_be_visible()
        found = page.locator(".cm-lintRange-error").all_inner_texts()
        errors = [fault for fault in faults if fault["severity"] == "error"]
        assert found == [marked[2 * fault["from"] : 2 * fault["to"]].decode("utf-16-le") for fault in errors]
        assert "replay" in found
        expect(page.locator(".endings")).to_contain_text("the endings appear once it has none")
        expect(page.locator(".cm-lint-marker-error")).to_have_count(len(errors))


def test_mistakes_are_listed_and_each_leads_to_its_place(browser: Browser, own: Served) -> None:
    kept(own, "listed.yaml", WRONG)
    with workbench(browser, own, "#file=listed.yaml", expects=[422]) as page:
        expect(page.get_by_text("1 mistake", exact=True)).to_be_visible()
        page.get_by_role("list", name="Mistakes and warnings").get_by_role("button").first.press("Enter")
        expect(page.locator(EDITOR)).to_be_focused()
        page.keyboard.insert_text("reply")
        expect(page.get_by_text("No mistakes")).to_be_visible()
        assert text_of(page) == SMALL
        page.keyboard.press("Control+z")
        expect(page.get_by_text("1 mistake", exact=True)).to_be_visible()
        page.keyboard.press("Control+Home")
        page.keyboard.press("F8")
        page.keyboard.type("reply")
        expect(page.get_by_text("No mistakes")).to_be_visible()
        leave(page)


def test_signs_of_a_degenerate_crisis_come_after_its_endings_as_the_command_line_warns_of_them(
    browser: Browser, own: Served
) -> None:
    text = SMALL.replace("prize: gain *", "prize: (40 + gain) *")
    path = kept(own, "lopsided.yaml", text)
    warnings = check_file(offramp.read(path)).warnings
    assert [warning for warning in warnings if "the best option of 'answer' is 'strike'" in warning.message]
    with workbench(browser, own, "#file=lopsided.yaml") as page:
        listed = page.get_by_role("list", name="Mistakes and warnings").get_by_role("button")
        expect(page.locator(".problems summary")).to_contain_text(f"No mistakes, {len(warnings)} warnings")
        expect(listed).to_have_count(0)
        page.locator(".problems summary").click()
        for line, warning in zip(listed.all_inner_texts(), warnings, strict=True):
            assert line == f"Warning line {warning.place.line} {warning.message}"
        assert page.locator(".cm-lintRange-warning").all_inner_texts() == ["south", "answer"]
        to_end(page)
        page.keyboard.insert_text("# a change of the text")
        expect(listed).to_have_count(0)
        expect(listed).to_have_count(len(warnings))
        leave(page)


def test_words_are_completed_as_the_checker_knows_them(browser: Browser, own: Served) -> None:
    kept(own, "completed.yaml", SMALL.replace("by: south", "by: "))
    with workbench(browser, own, "#file=completed.yaml", expects=[422]) as page:
        solved_or_faulty(page)
        page.locator(".cm-line", has_text="move: reply").click()
        page.keyboard.press("Home")  # to where the words begin
        page.keyboard.press("Home")
        for _ in range(len("  - {move: reply, by: ")):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Control+Space")
        offered = page.get_by_role("listbox")
        expect(offered.get_by_role("option", name="south")).to_be_visible()
        expect(offered.get_by_role("option", name="north")).to_be_visible()
        page.keyboard.type("so")
        expect(offered.get_by_role("option")).to_have_count(1)
        page.wait_for_timeout(150)  # the editor takes no word in the first 75 ms that a list is open
        page.keyboard.press("Enter")
        expect(page.get_by_text("No mistakes")).to_be_visible()
        assert text_of(page) == SMALL
        leave(page)


def test_help_for_a_word_comes_by_mouse_and_by_key(browser: Browser, own: Served) -> None:
    kept(own, "helped.yaml")
    with workbench(browser, own, "#file=helped.yaml") as page:
        solved_or_faulty(page)
        word = page.locator(".cm-line span", has_text=re.compile("^rationality$")).first
        word.hover()
        expect(page.locator(".meaning")).to_contain_text("rationality")
        page.mouse.move(5, 5)
        expect(page.locator(".meaning")).to_have_count(0)
        word.click()
        page.mouse.move(5, 5)
        page.keyboard.press("F1")
        expect(page.locator(".meaning")).to_contain_text("rationality")
        page.keyboard.press("Escape")
        expect(page.locator(".meaning")).to_have_count(0)


def test_saving_by_key_writes_the_file_and_keeps_its_line_ends(browser: Browser, own: Served) -> None:
    path = kept(own, "ends.yaml", SMALL.replace("\n", "\r\n"))
    with workbench(browser, own, "#file=ends.yaml") as page:
        solved_or_faulty(page)
        to_end(page)
        page.keyboard.insert_text("# more")  # one step for undo, however slow the machine is
        expect(page.locator(".head .state")).to_have_text("not saved")
        page.keyboard.press("Control+s")
        expect(page.locator(".head .state")).to_have_text("saved")
        assert path.read_bytes() == (SMALL + "# more").replace("\n", "\r\n").encode()
        page.keyboard.press("Control+z")
        expect(page.locator(".head .state")).to_have_text("not saved")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".head .state")).to_have_text("saved")
        assert path.read_bytes() == SMALL.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("choice", ["Keep mine", "Take the disk's"])
def test_a_file_that_changed_on_disk_is_noticed_and_never_overwritten_unasked(
    browser: Browser, own: Served, choice: str
) -> None:
    path = kept(own, "shared.yaml")
    theirs = SMALL.replace("One choice", "Their choice")
    with workbench(browser, own, "#file=shared.yaml", expects=[409]) as page:
        solved_or_faulty(page)
        to_end(page)
        page.keyboard.type("# mine")
        path.write_text(theirs, encoding="utf-8")
        page.keyboard.press("Control+s")
        decision = page.get_by_role("region", name="The file has changed on disk")
        expect(decision).to_be_visible()
        expect(page.locator(".notice.error")).to_be_hidden()
        assert path.read_text(encoding="utf-8") == theirs
        decision.get_by_role("button", name="Show both").click()
        expect(decision.get_by_label("On disk, the lines that differ")).to_contain_text("Their choice")
        expect(decision.get_by_label("Here, the lines that differ")).to_contain_text("One choice")
        decision.get_by_role("button", name=choice).click()
        expect(decision).to_have_count(0)
        expect(page.locator(".head .state")).to_have_text("saved")
        wanted = SMALL + "# mine" if choice == "Keep mine" else theirs
        assert text_of(page) == wanted
        assert path.read_text(encoding="utf-8") == wanted


def test_a_change_on_disk_is_said_without_saving(browser: Browser, own: Served) -> None:
    path = kept(own, "watched.yaml")
    with workbench(browser, own, "#file=watched.yaml") as page:
        solved_or_faulty(page)
        path.write_text(SMALL.replace("One choice", "Another"), encoding="utf-8")
        expect(page.get_by_role("alert").filter(has_text="has been changed on disk")).to_be_visible()
        page.get_by_role("button", name="Take the disk's").click()
        expect(page.locator(".endings h2")).to_have_text("Another")


def test_what_was_not_saved_is_offered_again(browser: Browser, own: Served) -> None:
    path = kept(own, "draft.yaml")
    with emptied(browser, own) as context:
        link = f"{own.url}/#token={own.token}&file=draft.yaml"
        with guarded(context, own) as page:
            page.goto(link)
            solved_or_faulty(page)
            to_end(page)
            page.keyboard.type("# not saved")
            until(page, DRAFT)
            page.close()  # as when a browser is ended: nothing is asked
        with guarded(context, own) as page:
            page.goto(link)
            offered = page.get_by_role("region", name="A draft was found")
            expect(offered).to_be_visible()
            assert path.read_text(encoding="utf-8") == SMALL
            offered.get_by_role("button", name="Take the draft").click()
            expect(page.locator(EDITOR)).to_contain_text("# not saved")
            page.keyboard.press("Control+s")
            expect(page.locator(".head .state")).to_have_text("saved")
            assert path.read_text(encoding="utf-8") == SMALL + "# not saved"
            assert not page.evaluate(DRAFT)


def test_leaving_with_unsaved_text_is_asked_about(browser: Browser, own: Served) -> None:
    kept(own, "left.yaml")
    with workbench(browser, own, "#file=left.yaml") as page:
        solved_or_faulty(page)
        to_end(page)
        page.keyboard.type("# x")
        asked: list[str] = []

        def stay(dialog: object) -> None:
            asked.append(dialog.type)  # type: ignore[attr-defined]
            dialog.accept()  # type: ignore[attr-defined]

        page.on("dialog", stay)
        page.close(run_before_unload=True)
        page.wait_for_event("close")
        assert asked == ["beforeunload"]


def test_a_shipped_crisis_is_only_read_and_a_copy_is_ones_own(browser: Browser, own: Served) -> None:
    with workbench(browser, own, f"#file={SHIPPED}") as page:
        solved(page)
        expect(page.locator(".head .state")).to_have_text("read only")
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_label("Save a copy of your own as").fill("copy")
        page.get_by_role("button", name="Save as").click()
        expect(page.locator(".head .path")).to_have_text("copy.yaml")
        expect(page.locator(".head .state")).to_have_text("saved")
        copy = (own.folder / "copy.yaml").read_bytes().decode()
        shipped = own.client.get("/api/file", params={"path": SHIPPED}).json()["text"]
        assert shipped == "# yaml-language-server: $schema=../crisis.schema.json\n#\n" + copy
        assert "$schema" not in copy, "no schema is beside it"
        page.locator(EDITOR).click()
        page.keyboard.press("Control+End")
        page.keyboard.type("# mine")
        page.keyboard.press("Control+s")
        expect(page.locator(".head .state")).to_have_text("saved")
        assert (own.folder / "copy.yaml").read_text(encoding="utf-8") == copy + "# mine"


def test_a_crisis_is_begun_from_the_starter_or_another_template(browser: Browser, own: Served) -> None:
    with workbench(browser, own, f"#file={SHIPPED}") as page:
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_label("New file").fill("strait.yaml")
        page.get_by_role("button", name="New", exact=True).click()
        expect(page.locator(".endings h2")).to_have_text("A drone over the strait")
        assert not (own.folder / "strait.yaml").exists()
        page.keyboard.press("Control+s")
        expect(page.locator(".head .state")).to_have_text("saved")
        assert (own.folder / "strait.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_label("From the template").select_option("broker")
        expect(page.get_by_text("two sides that do not talk")).to_be_visible()
        page.get_by_role("button", name="New", exact=True).click()
        expect(page.locator(".endings h2")).to_have_text("Word across the gulf")


def test_a_new_file_is_not_saved_until_it_is_also_where_nothing_is_left_in_it(browser: Browser, own: Served) -> None:
    with workbench(browser, own, f"#file={SHIPPED}") as page:
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_label("New file").fill("emptied.yaml")
        page.get_by_role("button", name="New", exact=True).click()
        expect(page.locator(".head .path")).to_have_text("emptied.yaml")
        to_end(page)
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        expect(page.locator(EDITOR)).to_have_text("")
        expect(page.locator(".head .state")).to_have_text("not saved")
        assert not (own.folder / "emptied.yaml").exists()
        leave(page)


def test_tab_leaves_the_editor_until_control_m_makes_it_indent(browser: Browser, own: Served) -> None:
    kept(own, "tabs.yaml")
    with workbench(browser, own, "#file=tabs.yaml") as page:
        solved_or_faulty(page)
        to_end(page)
        before = page.locator(EDITOR).inner_text()
        page.keyboard.press("Tab")
        expect(page.locator(EDITOR)).not_to_be_focused()
        assert "Tab leaves the editor; Control M" in (page.locator(EDITOR).get_attribute("aria-label") or "")
        to_end(page)
        page.keyboard.press("Control+m")
        expect(page.get_by_text("Tab now indents.")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(EDITOR)).to_be_focused()
        assert page.locator(EDITOR).inner_text() != before
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        expect(page.locator(EDITOR)).not_to_be_focused()
        page.reload()
        solved_or_faulty(page)
        to_end(page)
        page.keyboard.press("Tab")
        expect(page.locator(EDITOR)).to_be_focused()
        page.keyboard.press("Control+m")
        page.keyboard.press("Tab")
        expect(page.locator(EDITOR)).not_to_be_focused()
        leave(page)


def solved_or_faulty(page: Page) -> None:
    """Wait until the checker has answered."""
    expect(page.locator(".problems summary")).not_to_contain_text("Checking")
