"""`offramp runs`, `verify`, `merge` and `clean` from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from tests.cli.test_cli import HARBOUR


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keeping")
    (folder / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    out = str(folder / "runs" / "harbour-1")
    assert call("run", str(folder / "harbour.yaml"), "--draws", "1064", "--lever", "talks", "--out", out).exit_code == 0
    return folder / "runs"


@pytest.fixture
def runs(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In the working directory: a finished run, one that lacks a chunk, and one whose chunk is damaged."""
    monkeypatch.chdir(tmp_path)
    for number in (1, 2, 3):
        shutil.copytree(made / "harbour-1", tmp_path / "runs" / f"harbour-{number}")
    for name in ("finished.json", "moves.parquet", "report.html", "chunk-00001.sha256"):
        (tmp_path / "runs" / "harbour-2" / name).unlink()
    (tmp_path / "runs" / "harbour-3" / "moves.parquet").unlink()
    return Path("runs")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("width", [60, 120])
def test_runs_are_listed_with_what_they_are_and_what_to_do(
    runs: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr("offramp.cli.runs_commands.console", lambda: _console(width))
    result = call("runs")
    assert result.exit_code == 0
    table, *_ = result.stdout.split("\n\n")
    assert max(map(len, table.splitlines())) <= width
    for words in ("harbour-1", "finished", "harbour-2", "unfinished", "1,024 of 1,064", "harbour-3", "damaged"):
        assert words in result.stdout
    for words in ("Harbour incident", "harbour.yaml", "seed 1", "talks"):
        assert result.stdout.count(words) == 3
    assert "unfinished: `offramp run runs/harbour-2` resumes it" in result.stdout
    assert "damaged: runs/harbour-3: `offramp run runs/harbour-3` restores it" in result.stdout


def _console(width: int):  # type: ignore[no-untyped-def]
    from rich.console import Console

    return Console(width=width, highlight=False, emoji=False)


def test_runs_as_json_and_where_there_are_none(runs: Path, tmp_path: Path) -> None:
    listed = json.loads(call("runs", "--json").stdout)["runs"]
    found = sorted(listed, key=lambda run: str(run["folder"]))
    assert [(run["folder"], run["state"], run["done"], run["draws"]) for run in found] == [
        ("runs/harbour-1", "finished", 1064, 1064),
        ("runs/harbour-2", "unfinished", 1024, 1064),
        ("runs/harbour-3", "damaged", 1064, 1064),
    ]
    assert found[0]["endings"].keys() == {"war", "absorbed", "stand_down"}
    assert (found[0]["levers"], found[0]["crisis"], found[0]["seed"]) == (["talks"], "harbour.yaml", 1)
    (tmp_path / "empty").mkdir()
    assert call("runs", "empty").stdout == (
        "no runs in empty; `offramp run FILE` makes one, and `offramp runs DIR` lists another folder's\n"
    )
    assert (call("runs", "nowhere").exit_code, call("runs", "nowhere").stderr) == (2, "nowhere is no folder\n")


def test_verify_says_that_a_run_is_sound_or_what_is_wrong(runs: Path) -> None:
    result = call("verify", "runs/harbour-1", "--draws", "5")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "runs/harbour-1 is sound, and finished",
            "  9 files compared with their SHA-256",
            "  5 draws solved again and compared bit for bit",
        ],
    )
    assert "is sound, and not finished (1,024 of 1,064 draws are done)" in call("verify", "runs/harbour-2").stdout
    flipped(runs / "harbour-1" / "chunk-00001.parquet")
    result = call("verify", "runs/harbour-1")
    assert result.exit_code == 1
    assert "runs/harbour-1 is NOT sound" in result.stdout
    assert "  chunk-00001.parquet: has changed since it was written" in result.stdout
    said = json.loads(call("verify", "runs/harbour-1", "--json", "--all").stdout)
    assert (said["sound"], said["problems"][0]["file"]) == (False, "chunk-00001.parquet")
    nothing = call("verify", "runs")
    assert (nothing.exit_code, nothing.stderr) == (
        2,
        "runs is no run: it has no manifest.json; `offramp runs runs` lists the runs in it\n",
    )


@pytest.mark.parametrize("name", ["chunk-00001.parquet", "situations-00000.parquet", "crisis.yaml", "manifest.json"])
def test_no_command_shows_a_number_of_a_damaged_run(runs: Path, name: str) -> None:
    flipped(runs / "harbour-1" / name)
    commands = (
        *(("endings",), ("endings", "--json"), ("endings", "--export", "tables"), ("moves",), ("weigh",), ("paths",)),
        *(("why",), ("levers",), ("report",), ("report", "--out", "page.html"), ("update",), ("worth",)),
    )
    for command, *options in commands:
        result = call(command, "runs/harbour-1", *options)
        assert (result.exit_code, result.stdout) == (2, ""), (command, result.output)
        assert "Traceback" not in result.stderr
    assert not Path("tables").exists()
    assert not Path("page.html").exists()
    if name in ("chunk-00001.parquet", "manifest.json"):  # the export of a draw reads nothing else of a run
        Path("harbour.yaml").write_text(HARBOUR, encoding="utf-8")
        export = call("export", "harbour.yaml", "--run", "runs/harbour-1", "--draw", "1030", "--efg", "game.efg")
        assert (export.exit_code, Path("game.efg").exists()) == (2, False)
        assert "game.efg" not in export.stderr


def test_merge_finishes_what_is_complete_and_says_how_the_rest_goes_on(runs: Path) -> None:
    shutil.copytree(runs / "harbour-2", runs / "copy")
    (runs / "copy" / "chunk-00000.sha256").unlink()
    result = call("merge", "runs/harbour-2", "runs/copy", "--out", "merged")
    assert result.stdout == "merged has 1,024 of 1,064 draws; `offramp run merged` resumes it\n"
    result = call("merge", "merged", "runs/harbour-1", "--out", "whole", "--json")
    assert json.loads(result.stdout) == {
        "folder": "whole",
        "done": 1064,
        "asked": 1064,
        "finished": True,
        "left_out": [],
    }
    for path in (runs / "harbour-1").iterdir():
        if path.name not in ("log.jsonl", ".lock"):
            assert (Path("whole") / path.name).read_bytes() == path.read_bytes()
    assert call("verify", "whole").exit_code == 0
    assert call("merge", "merged", "--out", "one").stderr == "a merge takes two or more runs, each named once\n"


def test_clean_lists_and_deletes_only_when_told_to(runs: Path) -> None:
    result = call("clean")
    assert result.exit_code == 0
    *listed, total = result.stdout.splitlines()
    first, second = sorted(listed)
    assert first.startswith(
        "runs/harbour-2: unfinished, 1,024 of 1,064 draws (`offramp run runs/harbour-2` resumes it), "
    )
    assert second.startswith("runs/harbour-3: damaged (`offramp run runs/harbour-3` restores it), ")
    assert total.endswith(" in all; --yes deletes it")
    assert len(list(runs.iterdir())) == 3
    assert {one["why"] for one in json.loads(call("clean", "--json").stdout)["found"]} == {"unfinished", "damaged"}
    assert call("clean", "--yes").stdout.splitlines()[-1].startswith("deleted: ")
    assert [path.name for path in runs.iterdir()] == ["harbour-1"]
    assert call("clean").stdout == "nothing to clean in runs\n"
    assert call("clean", "--older-than", "0", "--yes").exit_code == 0
    assert not list(runs.iterdir())
