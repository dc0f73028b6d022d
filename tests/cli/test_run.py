"""`offramp run` from the command line goes on where it stopped, and says so."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from tests.cli.test_cli import HARBOUR
from tests.copies import OFFRAMP, Copy

DRAWS = 12 * 1024


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def refused(*arguments: str) -> str:
    """What a command says that is to fail as the user's mistake."""
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.removesuffix("\n")


def stopped(folder: Path, *arguments: str, by: signal.Signals) -> str:
    """What a run says on standard error that is stopped by a signal once a chunk is there; it exits with 130."""
    command = [OFFRAMP, "run", *arguments]
    with Copy(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not list(folder.glob("**/chunk-00000.sha256")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(by)
        out, said = process.communicate()
    assert (process.returncode, out) == (130, ""), said
    return said.strip()


@pytest.mark.parametrize(
    ("by", "again"),
    [(signal.SIGINT, ("harbour.yaml", "--draws", str(DRAWS))), (signal.SIGTERM, ("runs/harbour-1",))],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_run_that_is_stopped_says_how_to_go_on_and_goes_on(
    folder: Path, by: signal.Signals, again: tuple[str, ...]
) -> None:
    said = stopped(folder, "harbour.yaml", "--draws", str(DRAWS), by=by)
    kept = len(list((folder / "runs" / "harbour-1").glob("*.sha256"))) * 1024
    there = f"{kept:,} of 12,288 draws"
    assert said == f"interrupted; {there} are kept, `offramp run runs/harbour-1` resumes from them"
    assert not list(folder.glob("**/.*.partial"))
    assert refused("endings", "runs/harbour-1") == (
        f"runs/harbour-1 is not finished: {there} are done; `offramp run runs/harbour-1` resumes it"
    )
    result = call("run", *again, "--json")
    assert (result.exit_code, result.stderr) == (0, f"resuming runs/harbour-1: {there} are done\n")
    assert (json.loads(result.stdout)["draws"], json.loads(result.stdout)["out"]) == (DRAWS, "runs/harbour-1")
    assert [path.name for path in (folder / "runs").iterdir()] == ["harbour-1"]
    assert "<html" in (folder / "runs" / "harbour-1" / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="terminals as POSIX has them")
def test_what_is_said_beside_the_bar_on_a_terminal_has_a_line_of_its_own() -> None:
    assert call("run", "harbour.yaml", "--draws", "24").exit_code == 0
    ours, terminal = os.openpty()
    command = [OFFRAMP, "run", "runs/harbour-1", "--draws", "48"]
    with Copy(command, stdout=subprocess.DEVNULL, stderr=terminal), os.fdopen(ours, "rb", 0) as reading:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # how Linux tells the end of a terminal
            while more := reading.read(4096):
                shown += more
    assert b"solving draws" in shown
    assert re.search(rb"(\r|\n|\x1b\[2K)resuming runs/harbour-1: ", shown)


def test_a_run_goes_on_with_its_own_draws_seed_and_levers_and_not_with_others(folder: Path) -> None:
    arguments = "harbour.yaml", "--out", "mine", "--seed", "5", "--lever", "talks"
    assert call("run", *arguments, "--draws", "24").exit_code == 0
    assert call("run", *arguments).stderr == "mine is finished: all its 24 draws are done\n"
    differs, choose = "mine holds a run that differs in", "nothing is overwritten: choose another --out"
    levers = f"{differs} the levers (then talks, now none); {choose}"
    assert refused("run", "harbour.yaml", "--out", "mine") == levers
    assert refused("run", *arguments, "--seed", "6") == f"{differs} the seed (then 5, now 6); {choose}"
    (folder / "harbour.yaml").write_text(HARBOUR.replace("triangular(4, 6, 9)", "triangular(4, 6, 8)"))
    assert refused("run", *arguments) == f"{differs} the crisis file (inputs war_cost); {choose}"
    extended = call("run", "mine", "--draws", "40")
    assert extended.stderr == "resuming mine: 0 of 40 draws (extended from 24) are done\n"
    manifest = json.loads((folder / "mine" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == "offramp run harbour.yaml --draws 40 --seed 5 --lever talks"


def test_a_run_keeps_strategies_from_its_beginning_and_shows_one_draw_by_them(folder: Path) -> None:
    asked = "harbour.yaml", "--draws", "24"
    assert call("run", *asked).exit_code == 0
    (folder / "runs" / "harbour-1" / "finished.json").unlink()
    keeping = (*asked, "--keep", "strategies")
    assert call("run", *keeping).exit_code == 0  # in a folder of its own: the one that was stopped keeps none
    assert (folder / "runs" / "harbour-2" / "strategies-00000.parquet").is_file()
    (folder / "runs" / "harbour-2" / "finished.json").unlink()
    assert call("run", *keeping).stderr == "resuming runs/harbour-2: 24 of 24 draws are done\n"
    assert refused("run", *keeping, "--out", "runs/harbour-1") == (
        "runs/harbour-1 holds a run that differs in what it keeps (then nothing more, now strategies);"
        " nothing is overwritten: choose another --out"
    )
    extended = call("run", "runs/harbour-2", "--draws", "40")
    assert extended.exit_code == 0
    manifest = json.loads((folder / "runs" / "harbour-2" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == "offramp run harbour.yaml --draws 40 --seed 1 --keep strategies"
    assert call("run", "runs/harbour-1").exit_code == 0
    said = [json.loads(call("moves", f"runs/harbour-{n}", "--draw", "7", "--json").stdout) for n in (1, 2)]
    notes = [one.pop("notes")[-1].rpartition("; ")[2] for one in said]
    assert notes == ["its profile is solved again, with the same bits.", "its profile is as the run has kept it."]
    assert said[0] == said[1]
    assert said[0].keys() == {"title", "basis", "answer", "moves", "situations", "endings", "inputs"}
    assert refused("moves", "runs/harbour-2", "--draw", "40") == "there is no draw 40: the draws are 0 to 39"


def test_parts_of_a_run_say_what_comes_next_and_become_the_run(folder: Path) -> None:
    asked = "harbour.yaml", "--draws", "2100"
    assert call("run", *asked, "--out", "whole").exit_code == 0
    first = call("run", *asked, "--chunks", "1-2", "--out", "one")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == (
        "1,076 of 2,100 draws are done\n\nrun:  one\n"
        "Next: offramp merge one OTHER... --out DIR   joins it with the other parts\n"
        "      offramp run one   solves the missing draws here\n"
    )
    second = call("run", *asked, "--chunks", "0", "--workers", "1", "--json", "--out", "two")
    assert json.loads(second.stdout) == {"draws": 2100, "done": 1024, "finished": False, "out": "two"}
    assert call("merge", "one", "two", "--out", "merged").exit_code == 0
    last = call("run", "one", "--chunks", "0", "--json")
    assert last.exit_code == 0
    assert {"endings", "report"} <= json.loads(last.stdout).keys()  # as of any finished run
    for other in ("one", "merged"):
        for name in {path.name for path in (folder / "whole").iterdir()} - {"log.jsonl"}:
            assert (folder / other / name).read_bytes() == (folder / "whole" / name).read_bytes(), (other, name)
    has = "a run of 2,100 draws has chunks 0 to 2 (1,024 draws each), found"
    assert refused("run", *asked, "--chunks", "2-3", "--out", "none") == f"{has} 2 to 3"
    assert refused("run", "one", "--chunks", "3") == f"{has} 3"
    assert refused("run", *asked, "--chunks", "2-0") == "--chunks takes the first chunk before the last, found '2-0'"
    assert refused("run", *asked, "--chunks", "all").endswith("a range of them, such as 3 or 0-7, found 'all'")
    for run in (asked, ("one",)):
        assert refused("run", *run, "--chunks", "0", "--until", "0.01") == (
            "--until needs all chunks from the first, so it cannot be used with --chunks"
        )
    assert not (folder / "none").exists()


@pytest.mark.parametrize("command", [("report", "mine"), ("report", "mine", "--brief")])
def test_a_report_that_is_stopped_says_which_answers_are_kept_and_goes_on_from_them(
    folder: Path, command: tuple[str, ...]
) -> None:
    assert call("run", "harbour.yaml", "--draws", "1024", "--out", "mine").exit_code == 0
    before = {path.name for path in (folder / "mine").iterdir()}
    cache = folder / "cache"
    surroundings = os.environ | {"OFFRAMP_CACHE_DIR": str(cache)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with Copy([OFFRAMP, *command], cwd=folder, env=surroundings, **streams) as process:
        while not list(cache.glob("kept/*.json")) and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate()
    kept = len(list(cache.glob("kept/*.json")))
    assert process.returncode == 130, said
    if "written so far" not in said:
        assert {path.name for path in (folder / "mine").iterdir()} == before
        assert "interrupted; no file was written; " in said
    how = "answer is kept, and the same command goes on from it"
    assert f"; {kept} {how if kept == 1 else how.replace('answer is', 'answers are').replace('it', 'them')}\n" in said
    assert out == "" or "written so far: mine/" in said


def test_the_folder_of_a_run_takes_the_options_that_it_was_begun_with() -> None:
    own = ("--seed", "3", "--lever", "talks", "--out", "mine", "--max-nodes", "5000", "--keep", "strategies")
    assert call("run", "harbour.yaml", "--draws", "8", *own).exit_code == 0
    for again in (own, ("--seed", "3"), ("--draws", "8", "--lever", "talks"), ("--draws", "16", *own)):
        result = call("run", "mine", *again)
        assert result.exit_code == 0, result.output


def test_the_folder_of_a_run_takes_no_options_that_change_it(folder: Path) -> None:
    assert call("run", "harbour.yaml", "--draws", "8", "--out", "mine").exit_code == 0
    given = {
        ("--seed", "2"): "--seed 2 (its own: 1)",
        ("--lever", "talks"): "--lever talks (its own: none)",
        ("--out", "other"): "--out other (its own: mine)",
        ("--max-nodes", "5"): "--max-nodes 5 (its own: none)",
        ("--keep", "strategies"): "--keep strategies (its own: none)",
        ("--now",): "--now (its own: none)",
        ("--allow-outside",): "--allow-outside",
        ("--lever", "talks", "--seed", "2"): "--seed 2 (its own: 1) and --lever talks (its own: none)",
    }
    for option, said in given.items():
        assert refused("run", "mine", *option) == (
            f"mine keeps the options it was begun with, so {said} cannot be given; solve the crisis file with that into"
            " another --out"
        )
    (folder / "empty").mkdir()
    assert (
        refused("run", "empty") == "empty is no run: it has no manifest.json; `offramp run FILE --out empty` begins one"
    )
