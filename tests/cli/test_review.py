"""A person reviews a draft at a terminal, or by options; nothing that was decided is ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.draft.brief_records import claims_of
from offramp.draft.review.decisions import decide
from offramp.draft.sidecar import CRISIS, Decision, Draft, read_draft, write_draft
from tests.cli.person import PATIENCE, Person, at_terminal
from tests.draft.review.harbour_draft import TODAY, draft_in

PROMPT = "? help\n"
"""What the line of keys ends with."""


def reviewing(folder: Path, *options: str, columns: int = 80) -> AbstractContextManager[Person]:
    """Start a review at a pseudo-terminal of so many columns."""
    return at_terminal("review", str(folder), "--by", "Ada", *options, columns=columns)


def draft_with_unread(folder: Path, *unread: str, **more: Any) -> Draft:
    """A draft of which all records are read but these."""
    draft = draft_in(folder)
    read = tuple(
        Decision(record=id_, verdict="accepted", by="Bo", date=TODAY)
        for id_ in claims_of(draft.brief)
        if id_ not in unread
    )
    draft = draft.model_copy(update={"decisions": read} | more)
    write_draft(folder, draft)
    return draft


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", *arguments])


def refused(*arguments: str) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def test_a_walk_asks_record_by_record_keeps_each_decision_and_shows_the_endings_at_the_end_only(tmp_path: Path) -> None:
    draft = draft_with_unread(tmp_path, "inputs.war_cost", "actors.north", "moves.reply")
    with reviewing(tmp_path) as person:
        first = person.sees(PROMPT)
        assert "51 of 54 read" in first
        assert "inputs.war_cost" in first  # the heaviest
        assert "What war costs: triangular(4, 6, 9), in lost rounds." in first
        assert "It rests on no words of the document." in first
        assert "n the quote" not in first  # there is none
        person.types("a")
        second = person.sees(PROMPT)
        assert "52 of 54 read · " in second
        assert "actors.north" in second
        assert "Found, unread." in second
        assert "¶2\nNorthland has promised an answer; nine in ten observers expect a volley." in second
        assert read_draft(tmp_path).decided["inputs.war_cost"].verdict == "accepted"
        person.types("n")
        assert "moves.reply" in person.sees(PROMPT)
        assert claims_of(read_draft(tmp_path).brief)["actors.north"].ours
        assert "likeliest ending" not in person.seen
        person.types("a")
        assert "Everything is read." in person.sees("The likeliest ending is")
        assert person.ends() == 0
    assert read_draft(tmp_path).standing.is_read
    assert [(one.record, one.by) for one in read_draft(tmp_path).decisions[len(draft.decisions) :]] == [
        (id_, "Ada") for id_ in ("inputs.war_cost", "actors.north", "moves.reply")
    ]


def test_in_a_wide_terminal_the_paragraph_stands_beside_the_claim_with_the_quote_marked(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "actors.north")
    with reviewing(tmp_path, columns=140) as person:
        shown = person.sees(PROMPT).splitlines()
        row = next(line for line in shown if line.startswith("It has promised"))
        assert "Northland has promised an answer; nine" in row
        assert all(len(line) <= 140 for line in shown)
        person.types("q")
        assert "with --show-endings" in person.sees("with --show-endings")
        assert person.ends() == 0


def test_a_change_asks_for_each_field_and_whether_the_quote_still_says_it(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "inputs.hit_odds", "moves.reply")
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        person.types("c")
        for answer in ("Nine in ten", "", "beta(18, 2)", ""):
            person.sees("]: ")
            person.types(f"{answer}\n")
        person.sees("still say it? y/n")
        person.types("y")
        assert "53 of 54 read" in person.sees(PROMPT)
        person.types("u")  # the last decision goes, and its record is shown again
        assert "Most expect it" in person.sees(PROMPT)
        person.types("c")
        for _ in range(4):
            person.sees("]: ")
            person.types("\n")
        assert "nothing was changed" in person.sees(PROMPT)
        person.types("q")
        assert person.ends() == 0
    draft = read_draft(tmp_path)
    changed, undone = draft.decisions[-2:]
    assert (changed.verdict, changed.before, changed.after) == ("changed", "Most expect it", "Nine in ten")
    assert undone.verdict == "taken back"
    assert "beta(9, 1)" in (tmp_path / CRISIS).read_text(encoding="utf-8")


def test_a_change_that_breaks_the_crisis_file_is_refused_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "inputs.war_cost", "moves.reply")
    text = (tmp_path / CRISIS).read_text(encoding="utf-8")
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        person.types("c")
        for answer in ("A clash is dear", "", "triangular(1,2", ""):
            person.sees("]: ")
            person.types(f"{answer}\n")
        told = person.sees("Mend it? What you typed is kept. y/n")
        assert "inputs.war_cost: expected ',' or ')' in triangular(...)" in " ".join(told.split())
        assert (tmp_path / CRISIS).read_text(encoding="utf-8") == text
        person.types("y")
        assert "[A clash is dear]: " in person.sees("]: ")
        shown = ""
        for answer in ("", "", "triangular(1, 2, 3)"):
            person.types(f"{answer}\n")
            shown += person.sees("]: ")
        assert "[triangular(1,2]: " in shown
        person.types("\n")
        assert "53 of 54 read" in person.sees(PROMPT)
        person.types("q")
        assert person.ends() == 0
    assert claims_of(read_draft(tmp_path).brief)["inputs.war_cost"].says == "A clash is dear"
    assert "triangular(1, 2, 3)" in (tmp_path / CRISIS).read_text(encoding="utf-8")


def test_what_falls_with_a_record_is_told_before_it_is_taken_out(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "options.ally_part.join", "moves.reply")
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        person.types("s")
        assert "options.ally_part.join" in person.sees(PROMPT)
        person.types("r")
        asked = person.sees("Take all of it out? y/n")
        assert "With it fall 2 more:\n  Counts for Southland in each round: company = " in asked
        assert "It ends with a joint stand if the ally's part is joining in" in asked
        person.types("n")
        person.sees(PROMPT)
        assert "options.ally_part.join" in claims_of(read_draft(tmp_path).brief)
        person.types("r")
        person.sees("y/n")
        person.types("y")
        person.sees(PROMPT)
        assert "options.ally_part.join" not in claims_of(read_draft(tmp_path).brief)
        person.types("q")
        assert person.ends() == 0


def test_an_input_that_nothing_else_uses_is_told_before_its_payoff_term_is_taken_out(tmp_path: Path) -> None:
    draft = draft_with_unread(tmp_path, "stakes.north.war", "moves.reply")
    for record in ("stakes.south.war", "levers.mediation"):
        draft = decide(tmp_path, draft, record, "rejected", "Ada", TODAY)
    with reviewing(tmp_path) as person:
        assert "stakes.north.war" in person.sees(PROMPT)
        person.types("r")
        asked = person.sees("Take it out? y/n")
        assert "Nothing else uses the input “what war costs”, which stays.\n" in asked
        person.types("n")
        person.sees(PROMPT)
        person.types("q")
        assert person.ends() == 0


def test_ctrl_c_stops_with_every_decision_kept(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "inputs.war_cost", "moves.reply")
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        person.types("a")
        person.sees(PROMPT)
        person.types("\x03")
        said = " ".join(person.sees("goes on").split())
        assert "stopped; every decision is kept: draft by m-7, 53 of 54 assumptions read" in said
        assert person.ends() == 130
    assert "inputs.war_cost" in read_draft(tmp_path).decided


def test_a_record_that_was_taken_out_in_an_earlier_review_comes_back_and_can_be_decided(tmp_path: Path) -> None:
    draft = draft_with_unread(tmp_path, "stakes.north.face", "actors.north")
    decide(tmp_path, draft, "stakes.north.face", "rejected", "Ada", TODAY)
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        person.types("u")
        assert "stakes.north.face" in person.sees(PROMPT)
        person.types("b")
        person.sees(PROMPT)
        person.types("s")
        person.sees(PROMPT)
        person.types("aa")
        person.sees("Everything is read.")
        assert person.ends() == 0
    assert read_draft(tmp_path).standing.is_read


def test_what_another_person_decides_meanwhile_is_shown_before_anything_is_overwritten(tmp_path: Path) -> None:
    draft = draft_with_unread(tmp_path, "inputs.war_cost", "moves.reply")
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        decide(tmp_path, draft, "inputs.war_cost", "changed", "Bo", TODAY, {"is": "uniform(3, 9)"})
        person.types("a")
        said = person.sees(PROMPT)
        assert "inputs.war_cost was decided meanwhile (changed by Bo): look at it again" in " ".join(said.split())
        assert "What war costs: uniform(3, 9)" in said
        person.types("u")
        assert "the last decision is by Bo" in person.sees(PROMPT)
        person.types("a")
        assert "moves.reply" in person.sees(PROMPT)
        person.types("q")
        assert person.ends() == 0


def test_a_terminal_that_closes_loses_nothing(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "inputs.war_cost", "moves.reply")
    with reviewing(tmp_path) as person:
        person.sees(PROMPT)
        person.types("a")
        person.sees(PROMPT)
        os.close(person.terminal)
        person.process.wait(PATIENCE)
        person.terminal = os.open(os.devnull, os.O_RDONLY)
    assert "inputs.war_cost" in read_draft(tmp_path).decided


def test_the_endings_are_shown_before_only_if_asked(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "moves.reply")
    with reviewing(tmp_path, "--show-endings") as person:
        said = " ".join(person.sees(PROMPT).split())
        assert "The likeliest ending is" in said
        assert "Draft by m-7, 53 of 54 assumptions read. 128 draws, seed 1." in said
        assert "As of now" not in said  # there is no event
        assert "The run's" not in said
        for key in "xn":  # n: it has no quote
            person.types(key)
            person.sees("Press one of a, c, r, s, b, u, q or ?\n")
        person.types("q")
        assert person.ends() == 0


def test_without_a_terminal_and_options_a_review_says_what_to_do(tmp_path: Path) -> None:
    draft_in(tmp_path)
    said = refused(str(tmp_path))
    assert "a review asks at a terminal, and this is none" in said
    assert "--record ID" in said


def test_a_script_lists_shows_and_decides(tmp_path: Path) -> None:
    draft_in(tmp_path)
    folder = str(tmp_path)
    found = json.loads(call(folder, "--json").stdout)
    assert (found["model"], found["read"], found["total"]) == ("m-7", 0, 54)
    first = {entry["id"]: entry for entry in found["records"]}["unknowns.hit"]
    assert (first["state"], first["paragraph"], first["read"]) == ("elsewhere", 2, False)
    assert "0 of 54 read" in call(folder, "--list").stdout
    assert "What war costs" in call(folder, "--record", "inputs.war_cost").stdout
    done = call(folder, "--record", "actors.north", "--accept", "--by", "Ada")
    assert done.stdout == f"actors.north: accepted by Ada on {date.today()}\nDraft by m-7, 1 of 54 assumptions read.\n"
    call(folder, "--record", "actors.south", "--not-said", "--by", "Ada")
    call(folder, "--record", "inputs.hit_odds", "--change", "is=beta(8, 2)", "--still-says", "--by", "Ada")
    told = refused(folder, "--record", "options.ally_part.join", "--reject", "--by", "Ada")
    assert (
        "with options.ally_part.join 2 more fall; --yes takes all of it out:\n  stakes.south.company: Counts for"
        in told
    )
    assert "\n  endings.joined: It ends with a joint stand if the ally's part is joining in" in told
    call(folder, "--record", "options.ally_part.join", "--reject", "--yes", "--by", "Ada")
    draft = read_draft(tmp_path)
    assert [one.verdict for one in draft.decisions] == ["accepted", "not said", "changed", "rejected"]
    back = json.loads(call(folder, "--undo", "--by", "Ada", "--json").stdout)
    assert (back["total"], back["read"]) == (54, 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--accept"], "name the record"),
        (["--record", "actors.north", "--accept", "--reject"], "one decision at a time"),
        (["--record", "actors.nort"], "did you mean 'actors.north'?"),
        (["--record", "actors.north", "--change", "name"], "--change takes FIELD=VALUE, found 'name'"),
        (["--record", "actors.north", "--still-says"], "--still-says goes with --change"),
        (["--record", "actors.nort", "--reject"], "did you mean 'actors.north'?"),
        (["--undo"], "there is no decision to take back"),
    ],
)
def test_a_mistake_in_the_options_is_told(tmp_path: Path, options: list[str], said: str) -> None:
    draft_in(tmp_path)
    assert said in refused(str(tmp_path), *options)


@pytest.mark.parametrize("options", [["--record", "actors.north", "--accept"], ["--record", "actors.nort"]])
def test_a_decision_by_options_and_an_unknown_record_weigh_nothing(tmp_path: Path, options: list[str]) -> None:
    draft_in(tmp_path)
    python = [sys.executable, "-X", "importtime", "-m", "offramp", "review", str(tmp_path), *options]
    ran = subprocess.run(python, capture_output=True, text=True, timeout=PATIENCE)
    assert ("accepted by" in ran.stdout) != ("did you mean 'actors.north'?" in ran.stderr)
    assert "weighing" not in ran.stderr
    assert "offramp.study.sensitivity.weigh" not in ran.stderr  # not even imported


def test_a_folder_without_a_draft_is_told(tmp_path: Path) -> None:
    assert "holds no draft" in refused(str(tmp_path), "--list")


def test_a_draft_is_called_one_until_the_last_record_is_read(tmp_path: Path) -> None:
    draft_with_unread(tmp_path, "moves.reply")
    crisis = str(tmp_path / CRISIS)
    assert "Draft by m-7, 53 of 54 assumptions read." in CliRunner().invoke(main, ["solve", crisis]).stdout
    call(str(tmp_path), "--record", "moves.reply", "--accept", "--by", "Ada")
    assert "raft" not in CliRunner().invoke(main, ["solve", crisis]).stdout
    call(str(tmp_path), "--undo", "--by", "Ada")
    assert "Draft by m-7, 53 of 54 assumptions read." in CliRunner().invoke(main, ["solve", crisis]).stdout
