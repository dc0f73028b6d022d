"""No control character of a crisis, of its sources or of a file's name gets to a terminal, or into what is exported."""

from __future__ import annotations

import csv
import json
import os
import re
import zipfile
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from offramp.cli.screen import console
from offramp.report.export_files import export_finding
from offramp.study.finding import Column, Finding, Table
from tests.copies import OFFRAMP, Copy

STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
"""A carriage return before a line feed is the terminal's own."""
TITLE = "\x1b]0;owned\x07\x9b31mred\u202edesrever\u2066\x7f\ufffe"
WRITTEN_OUT = r"\u001b]0;owned\u0007\u009b31mred\u202edesrever\u2066\u007f\ufffe"

CRISIS = f"""\
format: 1
title: {json.dumps(TITLE)}
sources:
  cable: {{title: {json.dumps(TITLE)}, file: cable.txt}}
actors:
  a: {{name: {json.dumps(TITLE)}}}
inputs:
  cost: {{is: "uniform(0, 2)", because: {json.dumps(TITLE)}, cite: cable ¶1}}
timeline:
  - {{move: m, by: a, options: [x, y], because: {json.dumps(TITLE)}, cite: cable ¶1}}
payoffs:
  a: {{gain: 1 - cost * (m == x)}}
endings:
  left: m == x
  right: otherwise
levers:
  tax: {{set: {{cost: 2}}, because: {json.dumps(TITLE)}}}
"""
NAME = "evil\x1b[31m\u202e.yaml"
RAW = b"evil\xff\x1b[2J.yaml"
"""A name that is no UTF-8."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crisis full of control characters, in files whose names have some, and a run of it."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / NAME).write_text(CRISIS, encoding="utf-8")
    (folder / os.fsdecode(RAW)).write_text(CRISIS, encoding="utf-8")
    (folder / "cable.txt").write_text(f"{TITLE} said the cable.\n", encoding="utf-8")
    (folder / "broken.yaml").write_text(CRISIS.replace("cost * ", f"{json.dumps(TITLE)} * "), encoding="utf-8")
    on_terminal(folder, "run", NAME, "--draws", "64", "--out", "evil\x1b[1m-1")
    return folder


def on_terminal(folder: Path, *arguments: str | bytes) -> str:
    """What a command shows on a terminal without colours, where whatever else would steer it comes from the files."""
    ours, terminal = os.openpty()
    plain = {"TERM": "dumb", "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"}
    process = Copy([OFFRAMP, *arguments], cwd=folder, stdout=terminal, stderr=terminal, env=os.environ | plain)
    os.close(terminal)
    shown = b""
    with process, os.fdopen(ours, "rb", 0) as reading, suppress(OSError):  # how Linux tells the end of a terminal
        while more := reading.read(4096):
            shown += more
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", NAME, "--cites"),
        ("check", RAW, "--cites", "--json"),
        ("check", "broken.yaml"),
        ("check", "no\x1b[31m\u202e.yaml"),
        ("check", NAME, "--no-such\x1b[31m\u202e"),
        ("check\x1b[31m\u202e", NAME),
        ("solve", NAME),
        ("solve", NAME, "--set", "cost\x9b31m=1"),
        ("run", RAW, "--draws", "16"),
        ("runs", "."),
        ("why", "evil\x1b[1m-1", "m"),
        ("paths", NAME, "--to", "left"),
        ("weigh", "evil\x1b[1m-1"),
        ("compare", NAME, RAW),
        ("clean", "."),
    ],
    ids=lambda arguments: " ".join(repr(one) for one in arguments),
)
def test_nothing_that_a_file_holds_or_is_called_steers_the_terminal(folder: Path, arguments: tuple[str, ...]) -> None:
    shown = on_terminal(folder, *arguments)
    assert shown
    assert STEERING.search(shown) is None
    assert "Traceback" not in shown


def test_what_is_written_out_is_the_same_value_in_json(folder: Path) -> None:
    shown = json.loads(on_terminal(folder, "weigh", "evil\x1b[1m-1", "--json"))
    assert TITLE in shown["title"]


def test_the_first_words_of_a_source_are_shown_written_out(folder: Path) -> None:
    assert f'"{WRITTEN_OUT} said the cable."' in on_terminal(folder, "check", NAME, "--cites")


def test_a_console_shows_colours_of_its_own_and_none_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from io import StringIO

    monkeypatch.setattr("sys.stdout", screen := StringIO())
    shown = console()
    shown._force_terminal, shown._color_system = True, 1  # type: ignore[assignment]
    shown.print("[bold]title[/bold] \x1b[31mred\x9b0m")
    assert screen.getvalue() == "\x1b[1mtitle\x1b[0m \\u001b[31mred\\u009b0m\n"


def test_the_report_and_every_file_of_a_run_and_of_an_export_hold_none(folder: Path) -> None:
    on_terminal(folder, "report", "evil\x1b[1m-1", "--out", "report.html")
    on_terminal(folder, "weigh", "evil\x1b[1m-1", "--export", "weighed")
    on_terminal(folder, "paths", NAME, "--to", "left", "--export", "paths")
    on_terminal(folder, "export", NAME, "--efg", "evil.efg")
    run = folder / "evil\x1b[1m-1"
    files = [folder / "report.html", folder / "evil.efg", run / "report.html", run / "manifest.json"]
    files += [run / "finished.json", *(folder / "weighed").iterdir(), *(folder / "paths").iterdir()]
    assert {"weights.csv", "weights.svg", "timeline.svg"} <= {file.name for file in files}
    for file in files:
        if file.suffix not in (".png", ".parquet"):
            assert STEERING.search(file.read_text(encoding="utf-8")) is None, file.name


def test_a_brief_in_word_is_written_whole_and_holds_none(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(f"# Judgement\n\n{TITLE}\n", encoding="utf-8")
    notes = str(tmp_path / "notes.md")
    shown = on_terminal(
        folder, "report", "evil\x1b[1m-1", "--brief", "--notes", notes, "--out", str(tmp_path / "brief.html")
    )
    assert "Traceback" not in shown
    with zipfile.ZipFile(tmp_path / "brief.docx") as packed:
        text = packed.read("word/document.xml").decode()
    assert STEERING.search(text) is None
    assert WRITTEN_OUT in text


CELLS = {
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "+1+1": "'+1+1",
    "-1+1": "'-1+1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1+1": "' =1+1",
    "\r=1+1": "' =1+1",
    "\n=1+1": "' =1+1",
    " \x00=1": " \\u0000=1",
    "  =1": "'  =1",
    "＝1+1": "'＝1+1",
    "cable; =1+1": "cable;' =1+1",
    "no-fly zone = war": "no-fly zone = war",
    "\x1b[31mred\u202e": "\\u001b[31mred\\u202e",
}
"""Texts, and how they stand in a CSV file."""


class Cells(Finding):
    """A finding with every cell."""

    title = "cells"  # type: ignore[assignment]
    answer = ()  # type: ignore[assignment]

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = Column("=text", "text"), Column("number", "number", "amount"), Column("count", "count", "count")
        return (Table("cells", "cells", columns, tuple((text, -1.5, -2) for text in CELLS)),)


def test_a_spreadsheet_runs_no_text_of_a_csv_file_and_its_numbers_stay_numbers(tmp_path: Path) -> None:
    export_finding(Cells(), tmp_path / "out")
    with (tmp_path / "out" / "cells.csv").open(encoding="utf-8", newline="") as file:
        heads, *rows = csv.reader(file)
    assert heads == ["=text", "number", "count"]
    assert rows == [[cell, "-1.5", "-2"] for cell in CELLS.values()]
    packed = duckdb.read_parquet(str(tmp_path / "out" / "cells.parquet")).fetchall()
    assert packed == [(text, -1.5, -2) for text in CELLS]
