"""A new crisis by a form: filled in by keyboard alone, kept over a reload, and written as a file that is solved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from offramp.crisis.reading import read_text
from tests.app.page.opened import solved, workbench
from tests.app.served import SMALL, Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

FOCUSED = """() => {
  const field = document.activeElement
  const own = field.getAttribute('aria-label') || field.labels?.[0]?.innerText || field.innerText || ''
  const group = field.closest('[role=group]')?.getAttribute('aria-label')
  const around = group || field.closest('fieldset')?.querySelector('legend')?.innerText || ''
  return `${around} / ${own}`.replace(/\\s+/g, ' ')
}"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a folder of its own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as running:
        yield running


def tab_to(page: Page, *words: str, key: str = "Tab") -> None:
    """Press Tab until the focus is on the field or button with these words in its label or in that of its group."""
    for _ in range(120):
        page.keyboard.press(key)
        said = page.evaluate(FOCUSED)
        if all(word in said for word in words):
            return
    pytest.fail(f"no field {words}; the last was {said}")


def fill(page: Page, text: str, *words: str) -> None:
    tab_to(page, *words)
    page.keyboard.type(text)


def press(page: Page, *words: str, key: str = "Tab") -> None:
    tab_to(page, *words, key=key)
    page.keyboard.press("Enter")


def add(page: Page, button: str, title: str) -> None:
    """Press a button that adds a row, whose first field gets the focus."""
    press(page, button)
    expect(page.get_by_role("group", name=title, exact=True).get_by_label("Name")).to_be_focused()


def choose(page: Page, option: str, *words: str, key: str = "Tab") -> None:
    """Choose in a list with the arrow keys."""
    tab_to(page, *words, key=key)
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.selectedOptions[0].innerText") == option:
            return
    pytest.fail(f"no option {option}")


def open_form(page: Page) -> None:
    page.get_by_role("button", name="File", exact=True).press("Enter")
    expect(page.get_by_label("New file")).to_be_visible()
    press(page, "Answer a few questions")
    expect(page.get_by_role("dialog", name="A new crisis")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_focused()


def test_a_form_filled_by_keyboard_ends_with_a_solved_crisis(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        open_form(page)
        page.keyboard.type("The rig: on the reef")
        fill(page, "Northland", "Actor 1", "/ Name")
        fill(page, "The reef, without shots", "Northland", "What it wants")
        fill(page, "Southland", "Actor 2", "/ Name")
        fill(page, "south", "Southland", "Key in the file")
        fill(page, "Northland's answer", "1. Move", "/ Name")
        fill(page, "a protest", "Option 1")
        fill(page, "a blockade", "Option 2")
        add(page, "Add a move", "2. Move")
        page.keyboard.type("Southland's reply")
        fill(page, "withdrawing the rig", "Option 1")
        fill(page, "sending the navy", "Option 2")
        press(page, "It happens only if …")
        choose(page, "Northland's answer: a blockade", "It happens only if", "A step and its option", key="Shift+Tab")
        add(page, "Add a chance step", "3. Chance step")
        page.keyboard.type("an accident")
        fill(page, "shots", "Value 1")
        fill(page, "0.1", "The odds of shots", "from")
        fill(page, "0.3", "The odds of shots", "best guess")
        fill(page, "0.6", "The odds of shots", "/ to")
        fill(page, "no shots", "Value 2")
        press(page, "It happens only if …")
        navy = "Southland's reply: sending the navy"
        choose(page, navy, "It happens only if", "A step and its option", key="Shift+Tab")
        fill(page, "a clash", "1. Ending", "/ Name")
        choose(page, "an accident: shots", "It ends so if", "A step and its option")
        fill(page, "an end without a clash", "2. Ending", "/ Name")
        fill(page, "-3", "What a clash is worth to Northland", "best guess")
        fill(page, "One chance in four", "What a clash is worth to Northland", "why")
        fill(page, "-2", "What a clash is worth to Southland", "best guess")
        press(page, "Write the file")
        expect(page.get_by_role("dialog")).to_have_count(0)
        solved(page)
        expect(page.locator(".head .path")).to_have_text("the-rig-on-the-reef.yaml")
        expect(page.locator(".head .state")).to_have_text("saved")
        expect(page.locator(".endings h2")).to_have_text("The rig: on the reef")
        expect(page.locator(".ending").first).to_contain_text("clash")
        expect(page.get_by_text("No mistakes")).to_be_visible()
    crisis = read_text((own.folder / "the-rig-on-the-reef.yaml").read_bytes(), "new.yaml")
    assert [actor.name for actor in crisis.actors.values()] == ["Northland", "Southland"]
    assert [*crisis.actors] == ["northland", "south"]
    assert [step.name for step in crisis.named.values()] == ["Northland's answer", "Southland's reply", "an accident"]
    assert [ending.name for ending in crisis.endings] == ["a clash", "an end without a clash"]
    assert [entry.distribution.kind for entry in crisis.inputs.values()] == ["triangular", "constant", "constant"]


def test_answers_survive_a_reload_and_faults_are_said_at_their_fields(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml", width=390, height=844, expects=[409]) as page:
        solved(page)
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="Answer a few questions").click()
        form = page.get_by_role("dialog", name="A new crisis")
        assert serious(page) == []
        assert form.evaluate("form => form.scrollWidth <= form.clientWidth")
        form.get_by_label("Title").fill("Kept")
        form.get_by_label("Key in the file").first.fill("2nd")
        expect(form.get_by_text("Letters, digits and _")).to_be_visible()
        expect(form.get_by_text("Give it a name.")).to_have_count(0)
        form.get_by_role("button", name="Write the file").click()
        expect(form.get_by_text("Give it a name.").first).to_be_visible()
        expect(form.get_by_label("Name", exact=True).first).to_be_focused()
        assert form.get_by_label("Name", exact=True).first.get_attribute("aria-invalid") == "true"
        expect(form.get_by_text("Choose an option.")).to_be_visible()
        expect(form.get_by_role("alert")).to_contain_text("answers are missing or wrong")
        assert serious(page) == []
        page.reload()
        solved(page)
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="Answer a few questions").click()
        expect(form.get_by_label("Title")).to_have_value("Kept")
        fill_small(page)
        form.get_by_label("File", exact=True).fill("small.yaml")
        form.get_by_role("button", name="Write the file").click()
        expect(form.get_by_role("alert")).to_contain_text("There is a file small.yaml already")
        assert (own.folder / "small.yaml").read_text(encoding="utf-8") == SMALL
        form.get_by_label("File", exact=True).fill("kept")
        form.get_by_role("button", name="Write the file").click()
        expect(form).to_have_count(0)
        solved(page)
        assert (own.folder / "kept.yaml").exists()
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="Answer a few questions").click()
        expect(form.get_by_label("Title")).to_have_value("")
        page.keyboard.press("Escape")
        expect(form).to_have_count(0)


def test_rows_are_moved_and_taken_out_by_keyboard_and_the_focus_stays(browser: Browser, own: Served) -> None:
    with workbench(browser, own, "#file=small.yaml") as page:
        solved(page)
        page.get_by_role("button", name="File", exact=True).click()
        page.get_by_role("button", name="Answer a few questions").click()
        form = page.get_by_role("dialog", name="A new crisis")
        fill_small(page)
        form.get_by_role("button", name="Add an ending").press("Enter")
        expect(form.get_by_role("group", name="2. Ending").get_by_label("Name")).to_be_focused()
        page.keyboard.type("a draw")
        up = form.get_by_role("button", name="Move a draw up")
        up.press("Enter")
        expect(form.get_by_role("group", name="1. a draw")).to_be_visible()
        expect(up).to_be_focused()
        form.get_by_role("button", name="Take out a draw").press("Enter")
        expect(form.get_by_role("group", name="1. war")).to_be_visible()
        expect(form.get_by_role("button", name="Add an ending")).to_be_focused()
        form.get_by_text("The file so far").click()
        expect(form.get_by_label("The file so far", exact=True)).to_contain_text(
            "war: {if: war, name: war, avoid: yes}"
        )
        page.on("dialog", lambda dialog: dialog.accept())
        form.get_by_role("button", name="Start over").click()
        expect(form.get_by_role("group", name="1. Ending")).to_be_visible()


def fill_small(page: Page) -> None:
    """Fill in the form as it begins."""
    form = page.get_by_role("dialog", name="A new crisis")
    form.get_by_label("Title").fill("Kept")
    for key in form.get_by_label("Key in the file").all():
        key.fill("")
    for field, text in zip(
        form.get_by_label("Name", exact=True).all(), ("North", "South", "the answer", "war", "peace"), strict=True
    ):
        field.fill(text)
    form.get_by_label("Option 1", exact=True).fill("force")
    form.get_by_label("Option 2", exact=True).fill("talks")
    form.get_by_label("A step and its option").select_option("the answer: force")
    form.get_by_role("group", name="What war is worth to North").get_by_label("best guess").fill("-1")
