"""A match as of now begins at a drawn history that agrees with all that is known."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.model import Crisis
from offramp.play.board import set_up
from offramp.play.briefing import briefing
from offramp.play.chronicle import chronicle
from offramp.play.debrief import debrief
from offramp.play.match import awaiting, begin, choose, questions
from offramp.play.saves import match_of, record_of
from offramp.play.views import view
from tests.crises import crisis_of
from tests.equilibrium.test_now_against_walker import as_of_now
from tests.examples import examples
from tests.play.small import played
from tests.raid_now import RAID_NOW, raid_now
from tests.situations import situation


def supposed() -> Crisis:
    return raid_now().supposing({"raid": "go"})


def test_histories_are_drawn_as_likely_as_they_are_given_what_is_known() -> None:
    board = set_up(raid_now())
    speak = {line: offramp.solve(raid_now().supposing({"line": line})).likelihood or 0.0 for line in ("low", "high")}
    matches = [begin(board, ["north"], seed) for seed in range(3000)]
    seen = Counter(match.entries[0].value for match in matches)
    assert seen["low"] / 3000 == pytest.approx(speak["low"] / sum(speak.values()), abs=0.03)
    for match in matches:
        assert [(entry.step, entry.by) for entry in match.entries] == [("line", "past"), ("warn", "past")]
        assert match.entries[1].value == "speak"


def test_a_match_begins_at_the_first_move_ahead_even_if_a_seat_moved_before() -> None:
    match = begin(set_up(raid_now()), ["north", "south"], 1)
    assert awaiting(match) == ("north",)
    assert questions(match)["north"].move == "raid"


def test_a_seat_sees_of_the_past_what_its_actor_has_seen() -> None:
    board = set_up(raid_now())
    match = begin(board, ["north", "south"], 1)
    north, south = (view(match, actor).timeline for actor in ("north", "south"))
    assert [(sight.step, sight.past) for sight in north] == [("warn", True)]
    assert [(sight.step, sight.past) for sight in south] == [("line", True), ("warn", True)]
    went = view(choose(match, "north", "go"), "north").timeline
    assert [(sight.step, sight.past) for sight in went] == [("warn", True), ("raid", False)]
    assert "past" not in went[-1].to_dict()


def test_two_histories_that_a_seat_cannot_tell_apart_give_it_the_same_view() -> None:
    board = set_up(raid_now())
    matches = {(match := begin(board, ["north"], seed)).entries[0].value: match for seed in range(60)}
    assert set(matches) == {"low", "high"}
    assert view(matches["low"], "north") == view(matches["high"], "north")


def test_the_odds_at_the_beginning_are_those_as_of_now() -> None:
    board = set_up(raid_now())
    match = played(board, ("north",), 3, 4)
    expected = offramp.solve(raid_now()).endings
    assert debrief(match).outset == pytest.approx(expected, abs=1e-9)


def test_levers_act_ahead_only() -> None:
    forbidden = begin(set_up(supposed().with_levers("restraint")), ["south"], 1)
    assert questions(forbidden) == {} or questions(forbidden)["south"].options == ("absorb",)
    past = begin(set_up(raid_now().with_levers("silence")), ["north"], 1)
    assert past.entries[1].value == "speak"


def test_the_debrief_judges_only_what_was_played_since_now() -> None:
    found = debrief(played(set_up(raid_now()), ("north", "south"), 5, 1))
    before = [step for step in found.steps if step.by == "past"]
    assert [step.step for step in before] == ["line", "warn"]
    assert all(not step.options and step.cost is None for step in before)
    assert "likely as of now, when the match began" in found.answer[0]
    paid = {(one.actor, one.term): one.expected for one in found.paid}
    assert paid["north", "war"] == pytest.approx(offramp.solve(raid_now()).payoffs["north"]["war"])
    assert next(one.got for one in found.paid if (one.actor, one.term) == ("south", "warn")) == 0.0


def test_the_briefing_leaves_out_what_is_settled() -> None:
    assert [stake.term for stake in briefing(set_up(raid_now()), "south").stakes] == ["line", "raided"]


def test_a_saved_match_begins_at_the_same_history_again() -> None:
    match = played(set_up(supposed().with_levers("hotline")), ("south",), 8, 2)
    record = json.loads(json.dumps(record_of(match)))
    assert record["now"] == {"outset": [], "supposed": {"raid": ["go"]}}
    assert record_of(match_of(record)) == record_of(match)
    assert "now" not in record_of(begin(set_up(crisis_of(RAID_NOW)), ["north"], 1))


def test_what_was_before_now_is_in_the_chronicle() -> None:
    match = begin(set_up(raid_now()), ["north"], 1)
    assert [(event.step, event.past) for event in chronicle(match)] == [("line", True), ("warn", True)]


def test_the_command_sets_apart_what_was_before_now(tmp_path: Path) -> None:
    file = tmp_path / "raid.yaml"
    file.write_text(RAID_NOW)
    shown = CliRunner().invoke(main, ["play", str(file), "--as", "north", "--now", "--seed", "1"], input="go\n")
    assert shown.exit_code == 0, shown.output
    before, _, after = shown.output.partition("Before now")
    assert "of what is still to come" in before
    assert after.index("chose speak at warn") < after.index("Now") < after.index("raid?")
    assert "line" not in after[: after.index("raid?")]


@pytest.mark.parametrize("seed", range(examples(60)))
def test_every_drawn_history_agrees_with_all_that_is_known(seed: int) -> None:
    """In random crises: seats are asked only of what is ahead, and the match comes out again from its record."""
    crisis = as_of_now(situation(seed))
    board = set_up(crisis)
    for luck in range(5):
        match = begin(board, board.movers, luck)
        made = {(entry.step, entry.round): entry.value for entry in match.entries}
        assert all(made.get(at, SKIPPED) in values for at, values in crisis.facts.items())
        assert {(entry.step, entry.round) for entry in match.entries if entry.by == "past"} == made.keys() & crisis.past
        assert not {(asked.move, asked.round) for asked in questions(match).values()} & crisis.past
    whole = played(board, board.movers, seed, seed)
    assert debrief(whole).ending == whole.ending
    record = json.loads(json.dumps(record_of(whole)))
    assert record_of(match_of(record, board=board)) == record
