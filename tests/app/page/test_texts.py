"""No word of the page goes past the catalogue: with every text between marks, none stands outside them.

The crisis is all in Greek letters, so Latin ones are the page's own. What may stay Latin is listed in `VERBATIM`.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import offramp
from offramp.study.forecasting.prediction import prediction
from tests.app.drafts import ACCOUNT, ANSWERS
from tests.app.page.opened import solved, workbench
from tests.app.served import Served, serving
from tests.report.browser import needs_browser
from tests.translations import marking

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

GREEK = (Path(__file__).parent / "greek.yaml").read_text(encoding="utf-8")
VERBATIM = {
    ".cm-content, .so-far pre, input[id$=key]": "the crisis file and its keys",
    "code, kbd": "commands, and keys of the keyboard",
    ".head .path, .entries small": "names of files",
    ".entries strong, .files select, .files label + .note": "crises and templates that came with Offramp, in English",
    ".worked": "worked cases, which are told in English",
    ".problems li": "what the checker says of a mistake",
    ".manifest": "how a run was made, by the keys of its manifest",
    ".prompt": "the prompt, to which a model answers in English",
}
SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
LATIN, LETTERS = "abcdefghijklmnopqrstuvwxyz", "αβκδεφγχιξκλμνοπθρστυβωχυζ"
IN_GREEK = str.maketrans(LATIN + LATIN.upper(), LETTERS + LETTERS.upper())
SOLVING = 120_000.0
"""Milliseconds for the answer after which a draft is compiled and solved."""
RUNNING = 120_000.0
"""Milliseconds for a run, by a process that starts for it."""
TOUR = 7
"""Stops of the tour."""
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(r"Offramp|\b[kM]B\b|\S+\.(yaml|txt)\b|/\S+|\bpasted\b|\.rationality\b|\w+\(((\w+=)?[\d.]+(, )?)+\)")
"""The product, files and folders, a document's name, and what stands so in the crisis file: keys and distributions."""
OUTSIDE = """verbatim => {
  const found = []
  let depth = 0
  const outside = text => {
    let out = ''
    for (const letter of text) {
      if (letter === '⟧') depth -= 1
      if (depth === 0) out += letter === '⟧' ? ' ' : letter === '⟦' ? '' : letter
      if (letter === '⟦') depth += 1
    }
    return out
  }
  const visit = node => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) {
        const parent = child.parentElement ?? child.parentNode.host
        const said = /^(option|title|desc)$/i.test(parent.tagName) // shown by what it belongs to
        const shown = said ? parent.parentElement.closest('select, svg *, svg') : parent
        const text = outside(child.data)
        if (child.data.endsWith('…')) depth = 0 // a label of a picture, cut with its mark
        if (shown?.checkVisibility({ visibilityProperty: true }) && !parent.closest(verbatim)) found.push(text)
      } else if (child.nodeType === Node.ELEMENT_NODE && !child.matches('script, style, noscript')) {
        visit(child)
        if (child.shadowRoot) visit(child.shadowRoot)
        if (!child.checkVisibility() || child.closest(verbatim)) continue
        for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'label']) {
          const inside = depth
          depth = 0
          found.push(outside(child.getAttribute(name) ?? ''))
          depth = inside
        }
      }
    }
  }
  visit(document.body)
  return depth === 0 ? found : [...found, 'the marks do not pair']
}"""


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench that speaks by a catalogue of marks, on a folder with the Greek crisis."""
    folder: Path = tmp_path_factory.mktemp("κρίσεις")
    (folder / "κρίση.yaml").write_text(GREEK, encoding="utf-8")
    catalogue = marking(tmp_path_factory.mktemp("catalogue") / "marks.mo")
    # a process of its own: a copy of one that has loaded Offramp would have its texts already
    with serving(folder, start=subprocess.Popen, OFFRAMP_TRANSLATION=str(catalogue)) as running:
        yield running


@contextmanager
def walk(
    browser: Browser, served: Served, part: str, token: str | None = None, expects: Collection[int] = ()
) -> Iterator[tuple[Page, Callable[[], None]]]:
    """The page of the Greek crisis at one of its parts, and a function that reads what the page shows at a stop.

    Leaving the block fails if anything that was read stands outside the marks.
    """
    past: set[str] = set()
    with workbench(browser, served, f"#file=κρίση.yaml&part={part}", token=token, expects=expects) as page:

        def read() -> None:
            said = (NAMES.sub("", text) for text in page.evaluate(OUTSIDE, ", ".join(VERBATIM)))
            past.update(text.strip() for text in said if WORD.search(text))

        yield page, read
    assert not past, "\n".join(sorted(past))


def unfold(page: Page, read: Callable[[], None]) -> None:
    """Open one by one whatever can be opened in the part that is shown, and read the page each time."""
    closed = page.locator(".pane.shown :is(details:not([open]) > summary, button[aria-expanded=false]):visible")
    opened: set[str] = set()
    while names := [name for name in closed.all_inner_texts() if name not in opened]:
        opened.add(names[0])
        closed.nth(closed.all_inner_texts().index(names[0])).click()
        expect(page.locator(".pane.shown .pulse")).to_have_count(0)
        read()
        page.keyboard.press("Escape")


def in_greek(text: str) -> str:
    """A text in Greek letters, letter by letter."""
    return text.translate(IN_GREEK)


def greek_answer(answer: str) -> str:
    """A model's answer with all that a reader reads in Greek letters."""
    read = ("title", "summary", "name", "wants", "says", "quote")
    return json.dumps(
        json.loads(
            answer,
            object_hook=lambda record: {
                key: in_greek(value) if key in read else value for key, value in record.items()
            },
        )
    )


def press(page: Page, name: str) -> None:
    """Press the first button of a name that the page gives."""
    page.get_by_role("button", name=f"⟦{name}⟧", exact=True).first.click()


def test_the_document_is_in_the_language_of_the_catalogue(marked: Served) -> None:
    document = marked.anonymous().get("/").text
    assert '<html lang="de">' in document
    assert ">⟦Opening the workbench …⟧<" in document
    assert "⟦The workbench needs JavaScript; ⟧<code>offramp --help</code>⟦ does without.⟧" in document


def test_the_frame(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "write", expects=[422]) as (page, read):
        solved(page)
        press(page, "File")
        expect(page.locator(".menu-panel select")).to_be_visible()
        read()
        page.keyboard.press("Escape")
        for name in ("Link", "Help"):
            press(page, name)
            read()
        press(page, "Take the tour")
        for stop in range(1, TOUR):
            expect(page.locator(".tour")).to_contain_text(f"{stop}⟦ of ⟧{TOUR}")
            read()
            press(page, "Next")
        expect(page.locator(".tour")).to_contain_text(f"{TOUR}⟦ of ⟧{TOUR}")
        read()
        press(page, "Done")
        page.locator(".cm-content").click()
        page.keyboard.press("Control+f")
        read()
        page.keyboard.press("Escape")
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.press("F1")
        expect(page.locator(".cm-tooltip")).to_be_visible()
        read()
        page.keyboard.type("χ")
        expect(page.locator(".problems .severity").first).to_be_visible()
        read()
        page.keyboard.press("Control+s")
        expect(page.locator(".notice")).to_be_visible()
        read()
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+s")


def test_longer_words_stay_whole_and_in_sight_on_a_narrow_screen(browser: Browser, marked: Served) -> None:
    lines = """button => {
      const words = document.createRange()
      words.selectNodeContents(button)
      return [...words.getClientRects()]
    }"""
    with workbench(browser, marked, "#file=κρίση.yaml&part=score", width=390) as page:
        buttons = page.locator(".head .actions button, .parts button:visible")
        expect(buttons).to_have_count(10)
        buttons.evaluate_all("all => all.forEach(button => { button.textContent = 'Sammlungen' })")
        for button in buttons.all():
            (line,) = button.evaluate(lines)
            assert 0 <= line["left"] <= line["right"] <= 390


def test_the_gallery(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "see") as (page, read):
        press(page, "Gallery")
        expect(page.locator(".worked").first).to_be_visible()
        read()


def test_a_new_crisis(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "see") as (page, read):
        press(page, "File")
        press(page, "Answer a few questions")
        read()
        for name in ("Add an actor", "Add a move", "Add a chance step", "Add an option", "Add an ending"):
            press(page, name)
        for name in ("It happens only if …", "One more"):
            press(page, name)
        page.locator(".so-far summary").click()
        press(page, "Write the file")
        expect(page.locator(".fault").first).to_be_visible()
        read()


def test_score(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "score") as (page, read):
        read()
        for claim in ("Οι συνομιλίες αρχίζουν", "Οι συνομιλίες λήγουν"):
            page.get_by_label("⟦Claim⟧").fill(claim)
            page.get_by_label("⟦Probability, in percent⟧").fill("70")
            page.get_by_label("⟦Due⟧").fill(SOON)
            page.get_by_label("⟦Rule⟧").fill("δύο εφημερίδες")
            press(page, "Enter the forecast")
            expect(page.locator(".notice")).to_contain_text("⟦Entered as forecast")
            read()
            press(page, "Close this message")
        page.locator(".forecasts button[aria-expanded]").first.click()
        read()
        page.get_by_label("⟦it happened⟧").check()
        press(page, "Enter the outcome")
        expect(page.locator(".notice")).to_be_visible()
        page.get_by_text("⟦Correct an outcome⟧").click()
        read()


def test_a_draft(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "draft") as (page, read):
        read()
        page.get_by_label("⟦Or paste its text⟧").fill(in_greek(ACCOUNT))
        press(page, "Read the text")
        expect(page.locator("#document-read")).to_be_focused()
        read()
        page.get_by_role("textbox", name="⟦Folder⟧").fill("δ")
        press(page, "Begin")
        expect(page.locator(".stages [aria-current=step]")).to_be_visible()
        press(page, "Ask a provider")
        read()
        page.get_by_label("⟦Base URL⟧").fill("http://127.0.0.1:9/v1")
        page.get_by_label("⟦Model⟧").fill("μ")
        press(page, "What is sent?")
        expect(page.locator(".sending")).to_be_visible()
        read()
        press(page, "Copy the prompt")
        read()
        for answer in ANSWERS[:-1]:
            page.locator("#answer").fill(greek_answer(answer))
            press(page, "Use the answer")
            expect(page.locator("#answer")).to_have_value("")
        read()
        page.locator("#answer").fill(greek_answer(ANSWERS[-1]))
        press(page, "Use the answer")
        record = page.locator(".record")
        expect(record).to_be_focused(timeout=SOLVING)
        read()
        record.press("a")
        read()
        page.get_by_label("⟦Your name⟧").fill("Ανα")
        record.press("c")
        expect(page.locator(".changing")).to_be_visible()
        read()
        press(page, "Leave it")
        record.press("a")
        expect(page.locator(".progress")).to_contain_text("1⟦ of ⟧")
        page.locator(".all-records summary").click()
        record.press("r")
        read()


def test_see(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "see") as (page, read):
        solved(page)
        unfold(page, read)
        page.get_by_role("button", name="⟦Why: ⟧").first.click()
        expect(page.locator("dialog .finding, .drawer .finding")).to_be_visible()
        read()
        page.keyboard.press("Escape")
        page.get_by_role("switch", name="γραμμή επικοινωνίας").click()
        page.get_by_role("slider", name="η πιθανότητα κλιμάκωσης", exact=True).press("End")
        read()
        solved(page)
        read()


def test_the_claim_of_an_ending_is_the_command_line_s_in_every_language(browser: Browser, marked: Served) -> None:
    """A ledger tells by the claim which forecasts are of one question."""
    crisis = offramp.read(marked.folder / "κρίση.yaml")
    ending = crisis.endings[0].key
    predicted = prediction(offramp.run(crisis, draws=8), ending=ending)
    with workbench(browser, marked, "#file=κρίση.yaml&part=see") as page:
        solved(page)
        page.locator(".ending button.forecast").first.click()
        expect(page.get_by_label("⟦Claim⟧")).to_have_value(predicted.claim)


def test_runs(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "runs") as (page, read):
        read()
        page.get_by_label("⟦Draws⟧").fill("256")
        press(page, "Run")
        expect(page.locator(".notice")).to_be_visible()
        read()
        expect(page.locator(".run-list .stack-names").first).to_be_visible(timeout=RUNNING)
        page.locator(".run-list button[aria-label^='⟦Open']").first.click()
        expect(page.locator(".opened-run .room .finding").first).to_be_visible()
        unfold(page, read)


def test_play(browser: Browser, marked: Served) -> None:
    with walk(browser, marked, "play") as (page, read):
        read()
        page.get_by_role("group", name="Βορράς").get_by_label("⟦a person⟧").check()
        press(page, "Start the game")
        links = page.locator(".links input")
        expect(links).to_have_count(2)
        read()
        north, facilitator = [field.input_value().split("#token=")[1] for field in links.all()]
    with walk(browser, marked, "play", north) as (page, read), walk(browser, marked, "play", facilitator) as (_, watch):
        options = page.locator(".options button, .choosing button")
        expect(options.first).to_be_visible()
        read()
        page.keyboard.press("1")
        read()
        watch()
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="⟦Debrief⟧")).to_be_visible()
        unfold(page, read)
        watch()
