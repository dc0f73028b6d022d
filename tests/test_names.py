"""No reader sees a key: every part of a crisis is called by its name, in every study, picture, page and seat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.app.tasks.crisis_view import model_of
from offramp.app.tasks.shown_findings import finding_json
from offramp.cli import main
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.play.board import set_up
from offramp.play.debrief import debrief
from offramp.play.match import begin
from offramp.play.views import facilitator_view, view
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


def sentences(finding: Finding) -> Iterator[str]:
    yield from (finding.title, finding.basis, *finding.answer, *finding.notes)
    for table in finding.tables:
        yield table.caption
        yield from (column.heading for column in table.columns)
        yield from (cell for row in table.shown() for cell in row)


def keys_in(text: str) -> list[str]:
    """The keys in a text, without what is written as in the file."""
    return re.findall(KEY + r"\w*", re.sub(r"<code\b.*?</code>", "", text, flags=re.DOTALL))


def test_no_study_shows_a_key(crisis: Crisis, run: Run) -> None:
    pulled = crisis.with_levers("zz_key_hotline")
    found: list[Finding] = [
        offramp.endings(run),
        offramp.moves(run),
        offramp.moves(run, draw=3),
        offramp.why(crisis, "zz_key_reply"),
        offramp.why(crisis, "zz_key_notice"),
        offramp.paths(crisis),
        offramp.levers(crisis, draws=64, below=0.02),
        offramp.map_of(crisis, "zz_key_cost", "zz_key_fear", size=3),
        offramp.map_of(crisis, "zz_key_cost", "zz_key_fear", size=3, move="zz_key_reply=zz_key_allout"),
        offramp.worth(run, draws=64),
        offramp.weigh(run),
        offramp.update(run),
        offramp.endings(offramp.run(pulled, draws=64, seed=1)),
    ]
    for finding in found:
        for sentence in sentences(finding):
            assert KEY not in sentence, finding.title
        for drawing in drawings_of(finding):
            assert not keys_in(drawing.element(drawing.name, 720)), finding.title
        assert KEY in json.dumps(finding.to_dict()), "data has keys"


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


@pytest.mark.parametrize("command", ["solve", "trace", "paths", "why zz_key_reply", "levers --draws 64"])
def test_no_command_prints_a_key(crisis: Crisis, command: str) -> None:
    name, *options = command.split()
    result = CliRunner().invoke(main, [name, crisis.path, *options])
    assert result.exit_code == 0, result.output
    assert KEY not in result.output


def test_play_shows_no_key_but_in_formulas(crisis: Crisis) -> None:
    answers = "a notice\n" + "1\n" * 6
    result = CliRunner().invoke(main, ["play", crisis.path, "--as", "zz_key_north", "--seed", "4"], input=answers)
    assert result.exit_code == 0, result.output
    assert KEY not in result.output.partition("Northland: the quiet word?")[2]
