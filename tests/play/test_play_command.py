"""`offramp play` as it is called: a real process that is answered line by line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from offramp.cli import main
from tests.copies import OFFRAMP, Copy, ran
from tests.shipped import CRISES

TEHRAN = str(CRISES / "tehran-2024" / "crisis.yaml")
COMMAND = [OFFRAMP, "play"]


def run(*arguments: str, answers: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return ran([*COMMAND, *arguments], answers=answers, cwd=folder)


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_match_is_played_to_its_debrief() -> None:
    found = run(TEHRAN, "--as", "iran", "--seed", "7", answers="sned\n?\n2\nSalvo\n")
    assert found.returncode == 0, found.stderr
    shown = words(found.stdout)
    before, _, after = shown.partition("It ended: a joint answer.")
    assert "A number from 1 to 2, or a name: silence or a quiet word" in before
    assert before.count("Iran's red line: a high red line") == 2  # at first, and where it was asked for
    asked = "Iran: Iran's answer, round 1? 1 no answer 2 a staged answer: Announced through the channel"
    assert f"Round 1 (2024-07-31 to 2024-10-30) {asked}" in before
    assert "you chose a salvo at Iran's answer Hezbollah chose joining in at Hezbollah's part" in before
    assert "Washington's relay" not in before
    assert "Israel's red line" not in before
    assert not re.search(r"(?<![\d.])7(?![\d.])", before)  # the seed
    assert "It ended in a joint answer, which was 69.9% likely at the outset." in after
    assert "Iran prefers a staged answer to a salvo by 0.28" in after
    assert "Seed 7" in after


def test_what_is_closed_is_shown_with_its_reason() -> None:
    found = run(TEHRAN, "--as", "iran", "--seed", "7", answers="1\nsalvo\n" + "salvo\n" * 2)
    assert "–  a staged answer (only if Iran's quiet word is not silence)" in found.stdout


def test_several_take_turns_at_one_screen(tmp_path: Path) -> None:
    answers = "\nsend\nstaged\n\njoin\n"
    found = run(TEHRAN, "--as", "hamas", "--as", "iran", "--seed", "7", "--json", answers=answers)
    assert found.returncode == 0, found.stderr
    assert [line for line in found.stderr.splitlines() if "look away" in line] == [
        "Now Iran; the others look away. Press Enter to continue. ",
        "Now Hamas; the others look away. Press Enter to continue. ",
    ]
    hamas = words(found.stderr.partition("Now Hamas")[2])
    assert "staged" not in hamas.partition("Hamas: hamas choice")[0].partition("What counts")[2].partition("now")[2]
    debrief = json.loads(found.stdout)
    assert debrief["seats"] == ["iran", "hamas"]
    assert [entry["value"] for entry in debrief["entries"] if entry["by"] == "person"] == ["send", "staged", "join"]


def test_a_match_broken_off_goes_on_and_comes_out_the_same(tmp_path: Path) -> None:
    whole = run(TEHRAN, "--as", "iran", "--seed", "7", "--json", answers="send\nsalvo\n")
    part = run(TEHRAN, "--as", "iran", "--seed", "7", answers="send\n", folder=tmp_path)
    assert part.returncode == 130
    assert "saved: match-1.json; continue with: offramp play match-1.json" in part.stdout
    rest = run("match-1.json", "--json", answers="salvo\n", folder=tmp_path)
    assert rest.returncode == 0, rest.stderr
    assert json.loads(rest.stdout) == json.loads(whole.stdout)
    again = run("match-1.json", "--json", folder=tmp_path)
    assert json.loads(again.stdout) == json.loads(whole.stdout)


def test_an_interrupt_keeps_the_match(tmp_path: Path) -> None:
    process = Copy(
        [*COMMAND, TEHRAN, "--as", "iran", "--save", "kept.json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    read = ""
    while not read.endswith("> "):
        read += process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "continue with: offramp play kept.json" in rest
    assert "Traceback" not in rest
    assert json.loads((tmp_path / "kept.json").read_text())["seats"] == ["iran"]


def test_two_matches_without_a_seed_differ(tmp_path: Path) -> None:
    seeds = set()
    for number in range(2):
        run(TEHRAN, "--as", "us", "--save", f"{number}.json", folder=tmp_path)
        seeds.add(json.loads((tmp_path / f"{number}.json").read_text())["seed"])
    assert len(seeds) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([TEHRAN], "say whom you play with --as ACTOR (actors: israel, iran, hezbollah, hamas and us)"),
        ([TEHRAN, "--as", "Israel"], "unknown actor 'Israel'; did you mean 'israel'?"),
        ([TEHRAN, "--as", "United States"], "did you mean 'us' (United States)?"),
        ([TEHRAN, "--as", "isreal"], "unknown actor 'isreal'; did you mean 'israel'?"),
        ([TEHRAN, "--as", "iran", "--seed", "-4"], "a seed is a whole number from 0 up"),
        ([TEHRAN, "--as", "iran", "--set", "war_cots=3"], "unknown input 'war_cots'; did you mean 'war_cost'?"),
        ([TEHRAN, "--as", "iran", "--save", TEHRAN], "exists already; nothing is overwritten"),
        ([TEHRAN, "--as", "iran", "--lever", "no_such_lever"], "unknown lever 'no_such_lever'"),
        (["nothing.json"], "cannot read nothing.json"),
        (["nothing.json", "--as", "iran"], "nothing.json is a saved match: it has its own seats"),
    ],
)
def test_a_mistake_is_told_in_a_line(arguments: list[str], message: str) -> None:
    found = CliRunner().invoke(main, ["play", *arguments])
    assert found.exit_code == 2
    assert message in found.output
    assert "Traceback" not in found.output
