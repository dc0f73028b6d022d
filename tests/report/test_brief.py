"""What the brief promises: two pages, the same words on the page and in Word, and the analyst's own words kept."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from playwright.sync_api import Browser

import offramp
from offramp.cli import main
from offramp.common.numerals import percent
from offramp.common.printable import printable
from offramp.report.brief_document import BriefDocument, brief_document
from offramp.report.brief_docx import brief_docx
from offramp.report.brief_page import brief_page
from offramp.report.own_words import MAX_NOTES, passages
from offramp.runs.result import Run
from offramp.runs.store.manifest import manifest_of
from offramp.study.brief import Brief, brief
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW, raid_now
from tests.report.browser import needs_browser, opened
from tests.report.harbour import harbour
from tests.report.test_page import HOSTILE, shape, taken_apart
from tests.shipped import tehran

NOTES = "# Judgement\n\nHold **back** until the word is out.\n\n- talk first\n- *then* decide\n\n# Left empty\n"


def document_of(run: Run, notes: str = "", found: Brief | None = None) -> BriefDocument:
    manifest = dict(manifest_of(run.crisis, run.game, draws=run.draws, seed=run.seed))
    return brief_document(run, manifest, found or brief(run), notes)


@pytest.fixture(scope="module")
def document(tehran_summed_up: tuple[Run, Brief]) -> BriefDocument:
    run, found = tehran_summed_up
    return document_of(run, NOTES, found)


def words_in(docx: bytes) -> list[str]:
    """The paragraphs and cells of a Word document, those with text."""
    word = Document(BytesIO(docx))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return [text for text in [*(paragraph.text for paragraph in word.paragraphs), *cells] if text]


def test_the_page_and_the_word_document_have_the_same_words(document: BriefDocument) -> None:
    page = taken_apart(brief_page(document)).text
    for text in words_in(brief_docx(document)):
        assert " ".join(text.split()) in page


def test_the_lead_names_the_ending_to_avoid_and_has_the_figures_as_of_the_last_event(
    tehran_summed_up: tuple[Run, Brief], document: BriefDocument
) -> None:
    run, found = tehran_summed_up
    assert found.update is not None
    lead = " ".join(document.lead)
    avoided = run.crisis.avoided[0]
    name = run.crisis.endings[run.crisis.ending_index(avoided)].name
    assert lead.startswith(f"As of {run.crisis.observed[-1].date}, after ")
    sentence = next(part for part in lead.split(". ") if part.startswith(f"The ending to avoid is {name}"))
    assert percent(found.update.after[avoided].mean) in sentence
    assert f"{percent(run.ending_intervals[avoided].mean)} at the outset" in sentence


def test_the_shares_of_assumptions_are_said_to_overlap(document: BriefDocument) -> None:
    (section,) = (section for section in document.sections if section.heading == "What it rests on")
    assert (
        "Shares overlap where assumptions act together, so they can add up to more than 100%." in section.sentences[0]
    )


def test_a_lever_costs_the_same_in_the_brief_and_in_the_table_of_levers(
    document: BriefDocument, tehran_summed_up: tuple[Run, Brief]
) -> None:
    found = tehran_summed_up[1].levers
    assert found is not None
    shown = {row[0]: row[1] for row in found.tables[0].shown()}
    (costs,) = (section.table for section in document.sections if section.table and "cost" in section.table.heads)
    assert {row[0]: row[3] for row in costs.rows}.items() <= shown.items()


def test_a_crisis_with_two_endings_to_avoid_has_a_brief_that_judges_levers_by_both() -> None:
    marked = "{war: {if: spiral == war, avoid: yes}, raid: {if: raid == go, avoid: yes}, calm: otherwise}"
    crisis = crisis_of(RAID_NOW.replace("{war: spiral == war, calm: otherwise}", marked))
    document = document_of(offramp.run(crisis, draws=64))
    (levers,) = (section for section in document.sections if section.heading == "What could be done")
    assert levers.table is not None
    assert levers.table.heads[1] == "the endings to avoid"


def test_a_run_under_a_lever_that_forbids_what_was_observed_has_a_brief_from_the_outset() -> None:
    run = offramp.run(crisis_of(RAID_NOW).with_levers("silence"), draws=64)
    found = brief(run)
    assert found.update is None
    assert "holds it impossible" in " ".join(found.refused)
    assert found.levers is not None
    assert not found.levers.moment


def test_own_words_stand_in_both_without_headings_that_have_no_text(document: BriefDocument) -> None:
    page = taken_apart(brief_page(document)).text
    word = words_in(brief_docx(document))
    for text in ("Judgement", "Hold back until the word is out.", "talk first", "then decide"):
        assert text in word
        assert text in page
    assert "Left empty" not in word
    assert "Left empty" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_stranger_is_never_markup(text: str) -> None:
    run = harbour(text, levers=("hotline",), draws=8)
    notes = f"# A\n\n{text}\n\n- {text}\n"
    document = document_of(run, notes)
    page = taken_apart(brief_page(document))
    plain = taken_apart(brief_page(document_of(harbour(levers=("hotline",), draws=8), "# A\n\nWords.\n\n- Words.\n")))
    emphasis = ("code", "em", "strong")
    assert [tag for tag in shape(page) if tag[0] not in emphasis] == shape(plain)
    assert printable(text).split()[0] in page.text
    assert printable(text).split()[0] in " ".join(words_in(brief_docx(document)))


@pytest.mark.parametrize("notes", ["[x](javascript:alert(1))", "![x](https://evil.example/x.png)", "<img src=x>"])
def test_a_link_or_picture_in_the_notes_is_words(notes: str) -> None:
    ((passage,),) = (passages(notes),)
    assert {phrase.style for phrase in passage.phrases} == {"plain"}
    assert "x" in "".join(phrase.text for phrase in passage.phrases)


def test_emphasis_within_emphasis_ends_before_what_is_around_it() -> None:
    (passage,) = passages("**Hold *back* until** then")
    styles = [(phrase.text, phrase.style) for phrase in passage.phrases]
    assert styles == [("Hold ", "strong"), ("back", "em"), (" until", "strong"), (" then", "plain")]


@pytest.fixture
def brief_file(document: BriefDocument, tmp_path: Path) -> Path:
    path = tmp_path / "brief.html"
    path.write_text(brief_page(document), encoding="utf-8")
    return path


@needs_browser
def test_the_brief_prints_on_two_sheets_and_fits_a_phone(browser: Browser, brief_file: Path) -> None:
    with opened(browser, brief_file, 390) as (page, asked):
        assert asked == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", sheets)) == 2


@needs_browser
def test_on_a_phone_each_cell_of_the_brief_says_what_it_is(
    browser: Browser, document: BriefDocument, brief_file: Path
) -> None:
    script = "cell => getComputedStyle(cell, '::before').content"
    tables = [section.table for section in document.sections if section.table]
    with opened(browser, brief_file, 390) as (page, _):
        said = [page.evaluate(script, cell) for cell in page.query_selector_all("td")]
        left = {
            page.evaluate("cell => getComputedStyle(cell).textAlign", cell) for cell in page.query_selector_all("td")
        }
    rows = [("none", *(f'"{head}: "' for head in table.heads[1:])) for table in tables for _ in table.rows]
    assert [one.replace('" "', "") for one in said] == [one for row in rows for one in row]
    assert left == {"left"}
    with opened(browser, brief_file, 1440) as (page, _):
        assert {page.evaluate(script, cell) for cell in page.query_selector_all("td")} == {"none"}


def test_the_command_keeps_own_words_from_one_run_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["new", "harbour"]).exit_code == 0
    for seed in ("1", "2"):
        command = ["run", "harbour/crisis.yaml", "--draws", "16", "--seed", seed, "--out", seed]
        assert CliRunner().invoke(main, command).exit_code == 0
    first = CliRunner().invoke(main, ["report", "1", "--brief"])
    assert "write them in notes.md" in first.output
    notes = tmp_path / "notes.md"
    notes.write_text(notes.read_text() + "\nWait for the envoy.\n")
    second = CliRunner().invoke(main, ["report", "2", "--brief"])
    assert (second.exit_code, "notes.md" in second.output) == (0, False)
    assert "Wait for the envoy." in (tmp_path / "2/brief.html").read_text()
    assert "Wait for the envoy." in words_in((tmp_path / "2/brief.docx").read_bytes())
    assert notes.read_text().endswith("Wait for the envoy.\n")
    assert CliRunner().invoke(main, ["verify", "2"]).exit_code == 0


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (MAX_NOTES + 1)])
def test_notes_that_cannot_be_read_are_refused_in_one_line(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["new", "harbour"])
    CliRunner().invoke(main, ["run", "harbour/crisis.yaml", "--draws", "4", "--out", "run"])
    (tmp_path / "words.md").write_bytes(content)
    result = CliRunner().invoke(main, ["report", "run", "--brief", "--notes", "words.md"])
    assert result.exit_code == 2
    assert "cannot read words.md" in result.output
    assert not (tmp_path / "run/brief.html").exists()


@pytest.mark.parametrize("out", ["brief.docx", ".", "brief"])
def test_a_place_that_cannot_hold_the_page_is_refused_before_any_work(
    out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["new", "harbour"])
    CliRunner().invoke(main, ["run", "harbour/crisis.yaml", "--draws", "4", "--out", "run"])
    result = CliRunner().invoke(main, ["report", "run", "--brief", "--out", out])
    assert result.exit_code == 2
    assert "--out" in result.output
    assert not list(tmp_path.glob("brief*"))


def test_the_levers_of_the_report_are_those_as_of_the_last_event(tehran_summed_up: tuple[Run, Brief]) -> None:
    found = tehran_summed_up[1].levers
    assert found is not None
    now = offramp.levers(tehran().now(), draws=found.draws, seed=1)
    changes = {lever_set.levers: lever_set.endings for lever_set in now.sets}
    assert {lever_set.levers: lever_set.endings for lever_set in found.sets} == changes
    last = offramp.run(tehran().now(), draws=256, seed=1).ending_intervals
    assert found.before == pytest.approx({name: last[name].mean for name in found.before}, abs=1e-12)


def test_a_run_as_of_now_leads_as_of_then_and_asks_nothing_that_speaks_from_the_outset() -> None:
    run = offramp.run(raid_now(), draws=256, seed=1)
    found = brief(run)
    assert (found.update, found.refused) == (None, ())
    document = document_of(run, found=found)
    likeliest = max(run.ending_intervals.items(), key=lambda item: item[1].mean)
    assert document.lead[0].startswith(f"As of 2031-01-01, after warn: speak, the likeliest ending is {likeliest[0]}: ")
    assert percent(likeliest[1].mean) in document.lead[0]
    assert "as of 2031-01-01" in document.kicker


def test_the_brief_gives_a_lever_the_change_that_the_levers_of_the_run_give(
    tehran_summed_up: tuple[Run, Brief],
) -> None:
    run, found = tehran_summed_up
    assert found.levers is not None
    table = next(
        section.table for section in document_of(run, found=found).sections if section.heading == "What could be done"
    )
    assert table is not None
    shown = {row[0]: row[2] for row in table.rows}
    whole = {
        run.crisis.levers[one.levers[0]].name: one.endings[found.levers.ending].points for one in found.levers.singles
    }
    assert shown
    assert shown.items() <= whole.items()


def test_the_brief_counts_the_numbers_without_a_source_in_the_singular_and_the_plural() -> None:
    text = "\n".join(sentence for section in document_of(harbour()).sections for sentence in section.sentences)
    assert re.search(
        r"^(1 of its \d+ uncertain numbers cites|(0|[2-9]) of its \d+ uncertain numbers cite) no source\.$", text, re.M
    )
