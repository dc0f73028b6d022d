"""Every question is a command: it answers in words and JSON, exports what it shows, and says clearly what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from offramp.cli import main

CRISIS = """
format: 1
title: Harbour incident
actors:
  north: {name: Northland}
  south: {name: Southland}
inputs:
  war_cost: {is: "triangular(4, 6, 9)", because: "Ours: a lost round of face costs 1"}
  line_low: {is: "beta(4, 6)", because: "Ours"}
  fixed: {is: 0.5, because: "Ours"}
timeline:
  - {chance: red_line, odds: {low: line_low, high: rest}, seen_by: [south]}
  - {move: answer, by: north, options: [stand_down, volley]}
  - {move: reply, by: south, if: answer == volley, options: [absorb, all_out]}
payoffs:
  north:
    face: -1 * (answer == stand_down)
    war: -war_cost * (reply == all_out)
  south:
    face: (-1 - 5 * (red_line == low)) * (reply == absorb)
    war: -war_cost * (reply == all_out)
endings: {war: reply == all_out, absorbed: reply == absorb, stand_down: otherwise}
levers:
  talks: {set: {war_cost: war_cost + 2}, cost: 1, because: "Ours"}
  restraint: {forbid: {reply: [all_out]}, cost: 3, because: "Ours"}
observed:
  - {date: 2031-03-09, answer: volley}
"""

QUESTIONS: dict[str, tuple[tuple[str, ...], set[str], set[str]]] = {
    "endings": (("RUN",), {"endings"}, {"endings"}),
    "moves": (("RUN",), {"moves", "situations"}, set()),
    "why": (("FILE", "reply"), {"options", "terms", "endings", "beliefs"}, set()),
    "paths": (("FILE", "--to", "war"), {"flows"}, {"timeline"}),
    "weigh": (("RUN",), {"weights", "groups", "leads", "regions"}, {"weights"}),
    "levers": (("FILE", "--below", "0.5", "--draws", "64"), {"levers", "spread", "actors"}, {"levers"}),
    "map": (("FILE", "--x", "war_cost", "--y", "line_low", "--size", "5"), {"grid"}, {"map"}),
    "update": (("RUN",), {"endings", "events", "inputs", "hidden"}, {"update"}),
    "worth": (("RUN",), {"worth"}, set()),
    "compare": (("FILE", "OTHER", "--draws", "64"), {"endings", "contributions", "differences"}, set()),
}
"""For each command its arguments, tables that it exports among others, and pictures."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("studies")
    (folder / "harbour.yaml").write_text(CRISIS, encoding="utf-8")
    (folder / "other.yaml").write_text(CRISIS.replace("beta(4, 6)", "beta(6, 4)"), encoding="utf-8")
    found = {"FILE": str(folder / "harbour.yaml"), "OTHER": str(folder / "other.yaml"), "RUN": str(folder / "run")}
    assert asked("run", found["FILE"], "--draws", "256", "--out", found["RUN"]).exit_code == 0
    return found


def asked(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def put(places: dict[str, str], arguments: tuple[str, ...]) -> list[str]:
    return [places.get(word, word) for word in arguments]


@pytest.mark.parametrize("command", QUESTIONS)
def test_every_question_is_answered_in_words_and_in_json(places: dict[str, str], command: str) -> None:
    arguments = put(places, QUESTIONS[command][0])
    said = asked(command, *arguments)
    assert said.exit_code == 0, said.output
    first = "Where do " if command == "compare" else "Harbour incident: "
    assert said.output.startswith(first)
    data = json.loads(asked(command, *arguments, "--json").output)
    assert data["title"].startswith(first)
    assert data["answer"]
    assert all(isinstance(sentence, str) for sentence in data["answer"] + data["notes"])


@pytest.mark.parametrize("command", QUESTIONS)
def test_tables_are_exported_as_csv_and_parquet_with_the_same_numbers_and_pictures_as_svg_and_png(
    places: dict[str, str], command: str, tmp_path: Path
) -> None:
    arguments, tables, pictures = QUESTIONS[command]
    folder = tmp_path / "exported"
    said = asked(command, *put(places, arguments), "--export", str(folder))
    assert said.exit_code == 0, said.output
    names = {path.name for path in folder.iterdir()}
    for table in tables:
        assert {f"{table}.csv", f"{table}.parquet"} <= names
        text, packed = pd.read_csv(folder / f"{table}.csv"), duckdb.read_parquet(str(folder / f"{table}.parquet")).df()
        assert list(text.columns) == list(packed.columns)
        for name in text.select_dtypes("number"):
            assert text[name].to_numpy() == pytest.approx(packed[name].to_numpy(dtype=float), nan_ok=True)
    for picture in pictures:
        assert (folder / f"{picture}.svg").read_text(encoding="utf-8").startswith("<svg")
        assert (folder / f"{picture}.png").read_bytes().startswith(b"\x89PNG")
    again = asked(command, *put(places, arguments), "--export", str(folder))
    assert (again.exit_code, "exists already" in again.output) == (2, True)


@pytest.mark.parametrize("command", [name for name, (arguments, _, _) in QUESTIONS.items() if arguments[0] == "RUN"])
def test_what_is_no_run_is_refused(command: str, tmp_path: Path) -> None:
    said = asked(command, str(tmp_path))
    assert (said.exit_code, "is no run: it has no manifest.json" in said.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("weigh", "RUN", "--ending", "absorbde"), "did you mean 'absorbed'?"),
        (("levers", "FILE", "--ending", "absorbde"), "did you mean 'absorbed'?"),
        (("levers", "FILE", "--below", "2"), "between 0 and 1"),
        (("worth", "RUN", "--for", "nroth"), "did you mean 'north'?"),
        (("worth", "RUN", "--ending", "absorbde"), "did you mean 'absorbed'?"),
        (("why", "FILE", "replly"), "did you mean 'reply'?"),
        (("why", "FILE", "reply", "--given", "nothing=1"), "nothing"),
        (("paths", "FILE", "--to", "absorbde"), "did you mean 'absorbed'?"),
        (("map", "FILE", "--x", "line_lwo", "--y", "war_cost"), "line_low"),
        (("map", "FILE", "--x", "line_low", "--y", "line_low"), "line_low"),
        (("map", "FILE", "--x", "line_low", "--y", "fixed"), "fixed"),
        (("compare", "FILE", "nowhere.yaml"), "nowhere.yaml"),
        (("update", "RUN", "--from", "OTHER"), "line_low"),
        (("report", "RUN", "--out", "FILE"), "exists already"),
        (("weihg", "RUN"), "did you mean 'weigh'?"),
    ],
)
def test_a_mistake_is_named_with_the_nearest_right_word(
    places: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    said = asked(*put(places, arguments))
    assert said.exit_code == 2
    assert words in said.output
    assert "Traceback" not in said.output


def test_the_report_asks_the_run_everything_and_says_so_on_one_page(places: dict[str, str], tmp_path: Path) -> None:
    page = tmp_path / "brief.html"
    said = asked("report", places["RUN"], "--out", str(page))
    assert said.exit_code == 0, said.output
    text = page.read_text(encoding="utf-8")
    for section in ("endings", "moves", "why", "paths", "weights", "way-out", "update", "limits", "inputs", "manifest"):
        assert f'id="{section}"' in text
    assert len(text) < 2_000_000
    own = Path(places["RUN"]) / "report.html"
    before = own.read_text(encoding="utf-8")
    assert asked("report", places["RUN"]).exit_code == 0
    assert own.read_text(encoding="utf-8") == text != before


def test_a_map_without_an_input_names_those_that_can_be_chosen(places: dict[str, str], tmp_path: Path) -> None:
    for given in ([], ["--x", "war_cost"]):
        said = asked("map", places["FILE"], *given)
        command = f"`offramp map {places['FILE']} --x war_cost --y line_low`"
        assert said.exit_code == 2
        assert f"The inputs to choose from: war_cost and line_low; as in {command}" in said.stderr
    sure = tmp_path / "sure.yaml"
    sure.write_text(CRISIS.replace('"beta(4, 6)"', "0.4"), encoding="utf-8")
    assert f"A map needs two uncertain inputs, and {sure} has 1." in asked("map", str(sure)).stderr
    assert f"cannot read {tmp_path / 'shure.yaml'}" in asked("map", str(tmp_path / "shure.yaml")).stderr
    assert "did you mean" in asked("map", str(tmp_path / "shure.yaml")).stderr
