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
from tests.test_cli import HARBOUR, OFFRAMP

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
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not list(folder.glob("**/chunk-00000.sha256")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(by)
        out, said = process.communicate()
    assert (process.returncode, out) == (130, "")
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
    assert said == f"interrupted; {there} are kept, `offramp run runs/harbour-1` goes on with them"
    assert not list(folder.glob("**/.*.partial"))
    assert refused("endings", "runs/harbour-1") == (
        f"runs/harbour-1 is not finished: {there} are done; `offramp run runs/harbour-1` goes on with it"
    )
    result = call("run", *again, "--json")
    assert (result.exit_code, result.stderr) == (0, f"going on with runs/harbour-1: {there} are there\n")
    assert (json.loads(result.stdout)["draws"], json.loads(result.stdout)["out"]) == (DRAWS, "runs/harbour-1")
    assert [path.name for path in (folder / "runs").iterdir()] == ["harbour-1"]
    assert "<html" in (folder / "runs" / "harbour-1" / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="terminals as POSIX has them")
def test_what_is_said_beside_the_bar_on_a_terminal_has_a_line_of_its_own() -> None:
    assert call("run", "harbour.yaml", "--draws", "24").exit_code == 0
    ours, terminal = os.openpty()
    command = [OFFRAMP, "run", "runs/harbour-1", "--draws", "48"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal), os.fdopen(ours, "rb", 0) as reading:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # how Linux tells the end of a terminal
            while more := reading.read(4096):
                shown += more
    assert b"solving draws" in shown
    assert re.search(rb"(\r|\n|\x1b\[2K)going on with runs/harbour-1: ", shown)


def test_a_run_goes_on_with_its_own_draws_seed_and_levers_and_not_with_others(folder: Path) -> None:
    arguments = "harbour.yaml", "--out", "mine", "--seed", "5", "--lever", "talks"
    assert call("run", *arguments, "--draws", "24").exit_code == 0
    assert call("run", *arguments).stderr == "mine is finished: all its 24 draws are there\n"
    differs, choose = "mine holds a run that differs in", "nothing is overwritten: choose another --out"
    levers = f"{differs} the levers (then talks, now none); {choose}"
    assert refused("run", "harbour.yaml", "--out", "mine") == levers
    assert refused("run", *arguments, "--seed", "6") == f"{differs} the seed (then 5, now 6); {choose}"
    (folder / "harbour.yaml").write_text(HARBOUR.replace("triangular(4, 6, 9)", "triangular(4, 6, 8)"))
    assert refused("run", *arguments) == f"{differs} the crisis file (inputs war_cost); {choose}"
    extended = call("run", "mine", "--draws", "40")
    assert extended.stderr == "going on with mine: 0 of 40 draws (extended from 24) are there\n"
    manifest = json.loads((folder / "mine" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == "offramp run harbour.yaml --draws 40 --seed 5 --lever talks"


def test_the_folder_of_a_run_takes_no_options_that_change_it(folder: Path) -> None:
    assert call("run", "harbour.yaml", "--draws", "8", "--out", "mine").exit_code == 0
    for option in (("--seed", "2"), ("--lever", "talks"), ("--out", "other"), ("--max-nodes", "5")):
        assert refused("run", "mine", *option) == (
            "mine goes on as it was begun: of the options that change a run only --draws and --until fit"
        )
    (folder / "empty").mkdir()
    assert refused("run", "empty") == "empty is no run: it has no manifest.json"
