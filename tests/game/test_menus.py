"""Closed options, levers that allow them and levers that commit an actor, against files written without levers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import offramp
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.lever import Lever
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.crisis.steps import Move, Step, changed
from offramp.equilibrium.solution import Solution
from offramp.gambit.efg_text import write_efg
from offramp.gambit.opening import compile_game
from offramp.gambit.unfold import unfold
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.compiler import compile_crisis
from offramp.study.forecasting.prediction import prediction
from offramp.study.two_way_map.landscape import subject_of
from tests.crises import crisis_texts
from tests.examples import examples

HARBOUR = """
format: 1
title: Harbour incident
as_of: 2031-03-02
actors: {north: {name: Northland}, south: {name: Southland}}
timeline:
  - {chance: line, odds: {low: 0.4, high: rest}, seen_by: [south]}
  - {move: channel, by: north, options: [silent, notice]}
  - move: answer
    by: north
    options: [stand_down, staged, truce, volley]
    closed: [truce]
    only_if: {staged: channel == notice}
  - {move: reply, by: south, if: answer == staged or answer == volley, options: [absorb, all_out]}
payoffs:
  north:
    face: -1 * (answer in [stand_down, truce])
    quiet: -0.1 * (channel == notice)
    war: -4 * (reply == all_out)
  south: {face: (-1 - 3 * (line == low)) * (reply == absorb), war: -3 * (reply == all_out), calm: answer == truce}
endings: {war: reply == all_out, settled: answer == truce, other: otherwise}
levers:
  mediator: {allow: {answer: [truce]}}
  embargo: {forbid: {answer: [truce]}}
  promise: {commit: {answer: staged}}
  threat: {commit: {answer: volley}}
  peace: {allow: {answer: [truce]}, commit: {answer: truce}}
  ban: {forbid: {answer: [staged]}}
"""


def harbour(*changes: tuple[str, str]) -> Crisis:
    text = HARBOUR
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_text(text.encode(), "crisis.yaml")


def numbers(solution: Solution) -> dict[str, Any]:
    """Everything that is computed, as plain values, so that equal means equal bits."""
    return {
        "endings": dict(solution.endings),
        "payoffs": solution.payoffs,
        "own_eyes": dict(solution.own_eyes),
        "choice": solution.choice.tolist(),
        "option_values": solution.option_values.tolist(),
        "reached": solution.reached.tolist(),
        "situations": [
            (found.move, found.round, dict(found.sees), found.options) for found in solution.game.situations
        ],
    }


def solved(crisis: Crisis) -> dict[str, Any]:
    return numbers(offramp.solve(compile_crisis(crisis)))


def opened(crisis: Crisis) -> Crisis:
    """As if written without `closed`."""
    return replace(
        crisis, timeline=changed(crisis.timeline, lambda s: replace(s, closed=()) if isinstance(s, Move) else s)
    )


def without(crisis: Crisis) -> Crisis:
    """As if written without the closed options, which are last."""

    def short(step: Step) -> Step:
        if not isinstance(step, Move) or not step.closed:
            return step
        kept = tuple(option for option in step.options if option not in step.closed)
        only_if = {option: step.only_if[option] for option in kept if option in step.only_if}
        return replace(step, options=kept, closed=(), only_if=only_if)

    return replace(crisis, timeline=changed(crisis.timeline, short))


def _parts_of(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every step, also those inside others."""
    return [part for step in steps for part in [step, *_parts_of(step.get("steps", step.get("together", [])))]]


@st.composite
def closed_crises(draw: Any) -> Crisis:
    """Random crises in which the last option of some moves is closed, and a lever allows it."""
    parts = yaml.safe_load(draw(crisis_texts(150)))
    allows = {}
    for part in _parts_of(parts["timeline"]):
        part.pop("closed", None)
        if "move" in part and len(part["options"]) > 1 and draw(st.booleans()):
            part["closed"] = [part["options"][-1]]
            allows[part["move"]] = part["closed"]
    assume(allows)
    parts["levers"] = {"mediator": {"allow": allows}}
    return read_text(yaml.safe_dump(parts, sort_keys=False, width=10_000).encode(), "random.yaml")


@settings(max_examples=examples(60), deadline=None)
@given(closed_crises())
def test_an_allowed_option_is_as_if_written_open_and_a_closed_one_as_if_not_written(crisis: Crisis) -> None:
    assert solved(crisis.with_levers("mediator")) == solved(opened(crisis))
    assert solved(crisis) == solved(without(crisis))


ALLOWING = (
    ("  mediator: {allow: {answer: [truce]}}\n", ""),
    ("  peace: {allow: {answer: [truce]}, commit: {answer: truce}}\n", ""),
)


def test_in_a_written_file_too() -> None:
    written = harbour(("    closed: [truce]\n", ""), *ALLOWING)
    assert solved(harbour().with_levers("mediator")) == solved(written)
    absent = harbour(
        ("    closed: [truce]\n", ""),
        ("staged, truce, volley", "staged, volley"),
        ("answer in [stand_down, truce]", "answer == stand_down"),
        (", calm: answer == truce", ""),
        (" settled: answer == truce,", ""),
        ("  embargo: {forbid: {answer: [truce]}}\n", ""),
        *ALLOWING,
    )
    closed, plain = solved(harbour()), solved(absent)
    assert closed["endings"] == plain["endings"] | {"settled": 0.0}
    assert closed["choice"] == plain["choice"]
    assert closed["situations"] == plain["situations"]


def test_what_people_read_names_a_closed_option_only_if_it_is_allowed() -> None:
    for levers, named in (((), False), (("mediator",), True)):
        crisis = harbour().with_levers(*levers)
        run = offramp.run(crisis, draws=4)
        tree = unfold(crisis, resolved_inputs(crisis, medians(crisis)), setting="at the medians")
        findings = offramp.moves(run), offramp.moves(run, draw=1), offramp.paths(crisis), offramp.why(crisis, "answer")
        shown = [write_efg(tree), *(str(finding.to_dict()) for finding in findings)]
        assert [re.search(r"\btruce\b", text) is not None for text in shown] == [named] * len(shown)


def test_forbid_wins_over_allow_in_any_order() -> None:
    closed = solved(harbour())
    assert solved(harbour().with_levers("mediator", "embargo")) == closed
    assert solved(harbour().with_levers("embargo", "mediator")) == closed


def test_a_commitment_binds_where_the_option_is_available_and_elsewhere_the_others_stay() -> None:
    game = compile_crisis(harbour().with_levers("promise"))
    menus = {found.sees["channel"]: found.options for found in game.situations if found.move == "answer"}
    assert menus == {"notice": ("staged",), "silent": ("stand_down", "volley")}


def test_a_commitment_without_conditions_is_to_forbid_every_other_option() -> None:
    crisis = harbour()
    others = Lever(**{**vars(crisis.levers["embargo"]), "forbids": {"answer": ("stand_down", "staged", "truce")}})
    forbidding = replace(crisis, levers={**crisis.levers, "embargo": others}).with_levers("embargo")
    assert solved(crisis.with_levers("threat")) == solved(forbidding)


def test_a_lever_may_open_an_option_and_commit_to_it() -> None:
    solution = offramp.solve(harbour().with_levers("peace"))
    assert solution.endings["settled"] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("levers", "message"),
    [
        (
            ("promise", "threat"),
            "different options, staged and volley under promise and threat",
        ),
        (("promise", "ban"), "staged, which is forbidden under promise and ban"),
    ],
)
def test_levers_that_contradict_each_other_make_no_game(levers: tuple[str, ...], message: str) -> None:
    with pytest.raises(CrisisError, match=f"crisis.yaml:9:11: 'answer' is committed to {message}"):
        compile_crisis(harbour().with_levers(*levers))
    impossible = offramp.levers(harbour(), draws=2).no_option
    assert levers in impossible


def test_a_commitment_to_what_is_never_available_is_an_error_of_check() -> None:
    crisis = harbour(("staged: channel == notice", "staged: channel == skipped"))
    with pytest.raises(CrisisError) as caught:
        warnings_of(compile_crisis(crisis))
    message = "'answer' is committed to staged, which is available in no situation under promise"
    assert [fault.message for fault in caught.value.faults] == [message]


def test_check_counts_what_a_lever_opens_as_open_and_warns_of_what_none_opens() -> None:
    assert [warning.message for warning in warnings_of(compile_crisis(harbour()))] == []
    alone = harbour(*ALLOWING)
    assert [warning.message for warning in warnings_of(compile_crisis(alone))] == [
        "option 'truce' of 'answer' is closed, and no lever allows it",
        "payoff term 'calm' of south never differs: it is 0 after every history",
        "ending 'settled' is never reached: its condition holds after no history",
        "lever 'embargo' changes nothing: 'truce' of 'answer', which it forbids, is never available; "
        "change something else, or leave it out",
    ]


def test_levers_pulled_now_open_and_commit_ahead_only() -> None:
    text = HARBOUR.replace("levers:", "observed:\n  - {date: 2031-03-04, answer: stand_down}\nlevers:")
    text += "  mute: {commit: {channel: notice}}\n"
    crisis = read_text(text.encode(), "crisis.yaml").now()
    past = solved(crisis)
    for lever in ("mediator", "threat", "mute"):
        assert solved(crisis.with_levers(lever)) == past
    assert set(offramp.levers(crisis, draws=64).past_only) == set(crisis.levers)


def test_a_lever_that_changes_nothing_beside_those_pulled_is_named() -> None:
    crisis = harbour(("  embargo:", "  broker: {allow: {answer: [truce]}}\n  embargo:")).with_levers("mediator")
    found = offramp.levers(crisis, draws=4)
    assert found.idle == ("broker",)
    assert "Broker changes nothing: what it does, the levers pulled already do." in found.answer


def test_a_closed_option_is_neither_forecast_nor_mapped() -> None:
    closed, opened_ = harbour(), harbour().with_levers("mediator")
    with pytest.raises(UsageError, match="option 'truce' of answer is closed in this run: no pulled lever allows it"):
        prediction(offramp.run(closed, draws=2), move="answer=truce")
    assert prediction(offramp.run(opened_, draws=2), move="answer=truce").probability > 0.0
    with pytest.raises(UsageError, match="option 'truce' of 'answer' is closed: no pulled lever allows it"):
        subject_of(compile_game(closed), None, "answer=truce", None)
    assert subject_of(compile_game(opened_), None, "answer=truce", None).focus == 2
