"""Paths and flows as of now begin now: they are given what is known, and summed over what is past."""

from __future__ import annotations

import re

import pytest

import offramp
from offramp.study.histories.flows import flows
from tests.raid_now import raid_now


def test_paths_begin_now_and_are_given_what_is_known() -> None:
    crisis = raid_now().with_levers("hotline")
    solution, found = offramp.solve(crisis), offramp.paths(crisis)
    assert found.basis.startswith("As of 2031-01-01, after warn: speak. ")
    (overall, *to_each) = found.ways
    assert sum(path.probability for path in overall.paths) == pytest.approx(1.0)
    assert {step for path in overall.paths for step, _, _ in path.steps} == {"raid", "reply", "spiral"}
    for ways in to_each:
        assert ways.to is not None
        assert sum(path.probability for path in ways.paths) == pytest.approx(solution.endings[ways.to])


def test_a_path_tells_of_hidden_facts_by_bayes_rule() -> None:
    with_war = offramp.solve(raid_now().supposing({"raid": "go", "reply": "strike", "spiral": "war"}))
    replies = [move for move in with_war.moves if move.situation.move == "reply"]
    low = sum(move.reached for move in replies if move.situation.sees["line"] == "low")
    (path,) = offramp.paths(raid_now(), to="war").ways[0].paths
    given = {entry.value: entry.given for entry in path.circumstances if entry.step == "line"}
    assert given["low"] == pytest.approx(low, abs=1e-9)
    assert {entry.step for entry in path.circumstances} == {"line"}  # who warned is known


def test_flows_are_given_what_is_known() -> None:
    found, solution = flows(raid_now()), offramp.solve(raid_now())
    (warn,) = (stage for stage in found.stages if stage.step == "warn")
    assert warn.shares[warn.values.index("speak")].sum() == pytest.approx(1.0)
    assert dict(found.endings) == pytest.approx(dict(solution.endings))


def test_of_two_hidden_values_a_path_names_the_one_that_it_makes_likelier() -> None:
    found = offramp.paths(raid_now())
    rows = [str(cell) for table in found.tables for row in table.rows for cell in row if "line: " in str(cell)]
    assert rows
    for given, before in re.findall(r"line: \w+ ([\d.]+)% \(([\d.]+)%\)", " ".join(rows)):
        assert float(given) > float(before), rows
