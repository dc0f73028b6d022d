"""No reader sees a key: every part of a crisis is called by its name, in every study, picture, page and seat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

import offramp
from offramp.app.tasks.crisis_view import model_of
from offramp.app.tasks.shown_findings import finding_json
from offramp.cli import main
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.crisis.reading import read_text
from offramp.play.board import set_up
from offramp.play.debrief import debrief
from offramp.play.match import begin
from offramp.play.views import facilitator_view, view
from offramp.report.brief_document import brief_document
from offramp.report.brief_docx import brief_docx
from offramp.report.brief_page import brief_page
from offramp.report.page import page
from offramp.runs.result import Run
from offramp.runs.store.manifest import manifest_of
from offramp.study.brief import brief
from offramp.study.drawings import drawings_of
from offramp.study.finding import Finding
from offramp.study.histories.flows import flows
from offramp.study.histories.timeline_picture import drawn_timeline
from tests.play.small import played

KEY = "zz_key"
TEXT = (Path(__file__).parent / "planted_names.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def crisis(tmp_path_factory: pytest.TempPathFactory) -> Crisis:
    file = tmp_path_factory.mktemp("names") / "crisis.yaml"
    file.write_text(TEXT, encoding="utf-8")
    read = offramp.read(file)
    assert isinstance(read, Crisis)
    return read


@pytest.fixture(scope="module")
def run(crisis: Crisis) -> Run:
    return offramp.run(crisis, draws=256, seed=1)


@pytest.fixture(scope="module")
def now(crisis: Crisis) -> Run:
    return offramp.run(crisis.now(), draws=256, seed=1)


def sentences(finding: Finding) -> Iterator[str]:
    yield from (finding.title, finding.basis, *finding.answer, *finding.notes)
    for table in finding.tables:
        yield table.caption
        yield from (column.heading for column in table.columns)
        yield from (cell for row in table.shown() for cell in row)


def keys_in(text: str) -> list[str]:
    """The keys in a text, without what is written as in the file."""
    return re.findall(KEY + r"\w*", re.sub(r"<code\b.*?</code>", "", text, flags=re.DOTALL))


def assert_named(found: list[Finding]) -> None:
    """No sentence, table or picture of a finding has a key; its data has."""
    for finding in found:
        for sentence in sentences(finding):
            assert KEY not in sentence, finding.title
        for drawing in drawings_of(finding):
            assert not keys_in(drawing.element(drawing.name, 720)), finding.title
        assert KEY in json.dumps(finding.to_dict()), "data has keys"


def test_no_study_shows_a_key(crisis: Crisis, run: Run) -> None:
    pulled = crisis.with_levers("zz_key_hotline", "zz_key_mediator")
    found: list[Finding] = [
        offramp.endings(run),
        offramp.moves(run),
        offramp.moves(run, draw=3),
        offramp.why(crisis, "zz_key_reply"),
        offramp.why(crisis, "zz_key_notice"),
        offramp.why(crisis, ending="zz_key_wars"),
        offramp.why(pulled, "zz_key_reply", given={"zz_key_cost": 6.0}),
        offramp.paths(crisis),
        offramp.levers(crisis, draws=64, below=0.02),
        offramp.map_of(crisis, "zz_key_cost", "zz_key_fear", size=3),
        offramp.map_of(crisis, "zz_key_cost", "zz_key_fear", size=3, move="zz_key_reply=zz_key_allout"),
        offramp.worth(run, draws=64),
        offramp.weigh(run),
        offramp.update(run),
        offramp.endings(offramp.run(pulled, draws=64, seed=1)),
    ]
    assert_named(found)


def test_no_study_shows_a_key_as_of_now(crisis: Crisis, now: Run) -> None:
    ahead, supposed = crisis.now(), crisis.supposing({"zz_key_answer@2": ["zz_key_volley", "zz_key_staged"]})
    found: list[Finding] = [
        offramp.endings(now),
        offramp.moves(now),
        offramp.moves(now, draw=3),
        offramp.why(ahead, "zz_key_reply"),
        offramp.why(supposed, "zz_key_reply@2"),
        offramp.why(supposed, ending="zz_key_wars"),
        offramp.paths(supposed),
        offramp.levers(ahead, draws=64),
        offramp.map_of(supposed, "zz_key_cost", "zz_key_fear", size=3, move="zz_key_reply"),
        offramp.worth(now, draws=128),
        offramp.weigh(now),
    ]
    assert_named(found)
    different = offramp.compare(ahead, ahead.with_levers("zz_key_mediator"), draws=64)
    assert not keys_in(" ".join(different.answer)), "what differs is shown as it is written"


def test_no_key_is_in_a_brief(crisis: Crisis, run: Run, now: Run) -> None:
    for one in (run, now):
        manifest = dict(manifest_of(one.crisis, one.game, draws=one.draws, seed=one.seed))
        document = brief_document(one, manifest, brief(one), "")
        assert not keys_in(brief_page(document))
        word = Document(BytesIO(brief_docx(document)))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        assert not keys_in(" ".join([*(paragraph.text for paragraph in word.paragraphs), *cells]))


SOURCES = """sources:
  zz_key_a: {title: The cable, author: A. Writer}
  zz_key_b: {title: The wire, author: B. Writer}
  zz_key_c: {title: A very long report on what was said and what was not, author: B. Writer}
  zz_key_d: {title: The log}
"""


def test_a_source_is_known_by_its_author_or_by_its_title_if_the_author_wrote_several() -> None:
    cites = ["zz_key_a ¶1", "zz_key_b ¶2", 'zz_key_c "not said"', "zz_key_d ¶4"]
    text = TEXT.replace("sources:\n  cable: {title: The cable}\n", SOURCES)
    for written in (f"cite: [{', '.join(cites)}]", f"cite: {cites[0]}"):
        text = text.replace("because: Ours}", f"because: Given, {written}}}", 1)
    crisis = read_text(text.encode(), "cited.yaml")
    known = ["A. Writer ¶1", "“The wire” ¶2", '“A very long report on what was said and…” "not said"', "“The log” ¶4"]
    assert [names_of(crisis).cite(cite) for cite in cites] == known
    assert [names_of(crisis).cite(key) for key in ("zz_key_a", "zz_key_d")] == ["A. Writer", "“The log”"]
    run = offramp.run(crisis, draws=256, seed=1)
    assert_named([offramp.weigh(run), offramp.update(run)])
    (rests_on,) = (
        row[-1] for row in offramp.update(run).table("inputs").shown() if row[0] == "the odds of interception"
    )
    assert rests_on == "; ".join(known)
    manifest = dict(manifest_of(crisis, run.game, draws=run.draws, seed=run.seed))
    document = brief_document(run, manifest, brief(run), "")
    assert not keys_in(brief_page(document))
    (assumptions,) = (section for section in document.sections if section.heading == "What it rests on")
    assert assumptions.table is not None
    reasons = {row[0]: row[-1] for row in assumptions.table.rows}
    assert reasons["the odds of interception"] == f"Given [{', '.join(known[:3])} and 1 more]"
    assert reasons["what war costs"] == "Given [A. Writer ¶1]"


def test_every_sentence_begins_with_a_capital_letter() -> None:
    text = TEXT.replace("name: Northland,", "name: the northern states,").replace("Southland,", "the southern states,")
    crisis = read_text(text.encode(), "states.yaml")
    run = offramp.run(crisis, draws=64, seed=1)
    found: list[Finding] = [
        offramp.endings(run),
        offramp.moves(run),
        offramp.why(crisis, "zz_key_reply"),
        offramp.why(crisis, ending="zz_key_wars"),
        offramp.paths(crisis),
        offramp.levers(crisis, draws=64),
        offramp.worth(run, draws=64, actor="zz_key_north"),
        debrief(played(set_up(crisis), ("zz_key_north", "zz_key_south"), 5, 1)),
    ]
    for finding in found:
        said = " ".join((*finding.answer, *finding.notes))
        assert not re.findall(r"(?:^|[.?!] )[a-z][^.]*", said), finding.title
        assert "states's" not in said, finding.title


def test_no_key_is_in_the_timeline_and_in_the_report(crisis: Crisis, run: Run) -> None:
    assert KEY not in drawn_timeline(flows(crisis), "timeline", 1440)
    assert KEY not in drawn_timeline(flows(crisis), "timeline", 360)
    manifest = manifest_of(crisis, run.game, draws=run.draws, seed=1)
    for found in (None, brief(run)):
        assert not keys_in(page(run, manifest, found))


def test_a_difference_of_names_is_one_of_words(crisis: Crisis) -> None:
    other = (
        TEXT.replace("name: the hotline", "name: a line")
        .replace("a volley", "a salvo")
        .replace("avoid: yes", "avoid: no")
    )
    found = offramp.compare(crisis, read_text(other.encode(), "other.yaml"), draws=16)
    assert found.differences == ()
    assert not keys_in(" ".join(found.answer))


def test_a_difference_in_the_reasons_and_cites_of_options_and_endings_moves_nothing(crisis: Crisis) -> None:
    other = (
        TEXT.replace("avoid: yes", "avoid: yes, because: Ours, cite: [cable ¶1, cable ¶2]")
        .replace("says: Little suffices", "says: Little suffices, cite: [cable ¶3]")
        .replace("says: A strike that was announced", "because: It was announced")
    )
    found = offramp.compare(crisis, read_text(other.encode(), "other.yaml"), draws=16)
    assert found.differences == ()
    said = " ".join(found.answer)
    assert "the words of the ending" in said
    assert "the chance “Southland's red line”" in said
    assert "the move “Northland's answer”" in said


def test_no_seat_and_no_debrief_shows_a_key(crisis: Crisis) -> None:
    board = set_up(crisis)
    match = begin(board, ("zz_key_north", "zz_key_south"), 5)
    for seen in (view(match, "zz_key_north").to_dict(), facilitator_view(match).to_dict()):
        asked = seen["asked"] if "move" in (seen["asked"] or {}) else next(iter(seen["asked"].values()))
        assert asked["name"] == "the quiet word"
        assert asked["named"]["zz_key_sent"] == {"name": "a notice", "says": None}
    found = debrief(played(board, ("zz_key_north", "zz_key_south"), 5, 1))
    for sentence in sentences(found):
        assert KEY not in sentence


def test_the_page_has_a_name_for_every_key(crisis: Crisis, run: Run) -> None:
    shown = model_of(crisis, run.game)
    names = shown["names"]
    for kind, keys in (
        ("endings", [e["name"] for e in shown["endings"]]),
        ("levers", [e["name"] for e in shown["levers"]]),
    ):
        assert set(names[kind]) == set(keys)
    for card in shown["inputs"]:
        assert KEY not in card["label"]
    for step in (*shown["moves"], *shown["chances"]):
        assert KEY not in names["steps"][step["step"]]
        assert set(names["options"][step["step"]]) == set(step["options"])
    why = finding_json(offramp.why(crisis, "zz_key_reply"), drawn=False)
    (knows,) = (table for table in why["tables"] if table["name"] == "knows")
    assert all(KEY not in cell for row in knows["rows"] for cell in row)
    assert any(KEY in str(row[0]) for row in knows["keys"]), "the page asks by keys"


@pytest.mark.parametrize(
    "command",
    [
        "solve",
        "solve --lever zz_key_mediator --set zz_key_cost=6",
        "solve --now",
        "solve --suppose zz_key_answer=zz_key_volley@2",
        "solve --all 3",
        "solve --rational",
        "trace",
        "paths",
        "paths --now",
        "why zz_key_reply",
        "levers --draws 64",
        "levers --draws 64 --now",
    ],
)
def test_no_command_prints_a_key(crisis: Crisis, command: str) -> None:
    name, *options = command.split()
    result = CliRunner().invoke(main, [name, crisis.path, *options])
    assert result.exit_code in (0, 1), result.output
    assert KEY not in result.output


def test_of_a_move_with_one_situation_nothing_is_said_to_be_unknown(run: Run) -> None:
    (first,) = {row[3] for row in offramp.moves(run).tables[1].shown() if row[1] == "the quiet word"}
    assert first == "always the same"


def test_what_an_option_is_stands_apart_from_its_name(crisis: Crisis, tmp_path: Path) -> None:
    command = ["play", crisis.path, "--as", "zz_key_north", "--save", str(tmp_path / "match.json")]
    result = CliRunner().invoke(main, command, input="a notice\nwhat\n")
    assert "  2  a staged answer: A strike that was announced" in result.output
    assert "no answer, a staged answer or a volley" in result.output


def test_play_shows_no_key_but_in_formulas(crisis: Crisis) -> None:
    answers = "a notice\n" + "1\n" * 6
    result = CliRunner().invoke(main, ["play", crisis.path, "--as", "zz_key_north", "--seed", "4"], input=answers)
    assert result.exit_code == 0, result.output
    assert KEY not in result.output.partition("Northland: the quiet word?")[2]
