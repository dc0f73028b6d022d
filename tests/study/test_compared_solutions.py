"""A study says when what it shows may be a change of equilibrium, and not what it is about."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

import offramp
from offramp.equilibrium.branch.traced import STATUSES
from offramp.study.compared_solutions import ComparedSolutions, compared_solutions
from offramp.study.comparison.compare import compare
from offramp.study.finding import Finding
from offramp.study.interventions.levers_study import levers
from offramp.study.plain_values import as_plain, from_plain
from offramp.study.sensitivity.weigh import weigh
from offramp.study.two_way_map.map import map_of
from offramp.study.value_of_information.worth import worth
from tests.crises import crisis_of
from tests.larger import larger
from tests.runs.test_ensemble import CHICKEN

PASS = """
format: 1
title: The pass
actors: {north: {name: North, rationality: 8}, south: {name: South, rationality: "uniform(4, 10)"}}
inputs: {prize: {is: "uniform(0.5, 2)", because: Ours}, crash: {is: "triangular(1, 2, 4)", because: Ours}}
timeline:
  - {chance: weather, odds: {calm: 0.7, storm: rest}, seen_by: [north]}
  - {chance: mood, odds: {bold: 0.4, meek: rest}, seen_by: [south]}
  - together:
    - {move: n, by: north, options: {swerve: giving way, go: going on}}
    - {move: s, by: south, options: {swerve: giving way, go: going on}}
payoffs:
  north: {prize: prize * (n == go) * (s == swerve), crash: -crash * (n == go) * (s == go)}
  south: {prize: (1 + (mood == bold)) * (s == go) * (n == swerve), crash: -crash * (n == go) * (s == go)}
endings: {clash: n == go and s == go, north: n == go, south: s == go, none: otherwise}
levers: {flags: {set: {crash: 2 * crash}, cost: 1}}
"""

ERRING = PASS.replace("rationality: 8}", "rationality: 8, choice: probit}")
"""The same where one side errs by probit: such draws are swept once."""
LARGE = larger(ERRING)
"""Two drivers at a pass, in a game too large to be followed in each draw."""
TAME = LARGE.replace("rationality: 8", "rationality: 0.1")
"""The same where one side is of so little rationality that no draw has a second equilibrium."""

STUDIES: dict[str, tuple[Callable[[str], Finding], str]] = {
    "levers": (lambda text: levers(crisis_of(text), draws=64), "Part of a change may then be a change of equilibrium"),
    "worth": (lambda text: worth(run_of(text, 64), draws=64), "Part of what is found may then be a change of"),
    "compare": (
        lambda text: compare(crisis_of(text), crisis_of(text.replace("(1, 2, 4)", "(2, 3, 5)")), draws=64),
        "Part of a change may then be a change of equilibrium",
    ),
    "map": (
        lambda text: map_of(crisis_of(text), "prize", "crash", size=5),
        "Part of what changes over the map may then be a change of equilibrium",
    ),
    "weigh": (lambda text: weigh(run_of(text, 256)), "Part of what an assumption moves may then be a change of"),
}


def run_of(text: str, draws: int) -> offramp.Run:
    return offramp.run(crisis_of(text), draws=draws, seed=1)


def said(found: Finding) -> list[str]:
    return [sentence for sentence in found.answer if "compared with their principal branch" in sentence]


@pytest.mark.parametrize("study", STUDIES)
def test_a_change_that_may_be_one_of_equilibrium_is_said_to_be(study: str) -> None:
    ask, part = STUDIES[study]
    found = ask(LARGE)
    followed: ComparedSolutions = found.followed  # type: ignore[attr-defined]
    assert 0 < followed.elsewhere <= followed.compared
    (sentence,) = said(found)
    start = f"In {followed.elsewhere} of {followed.compared} solutions compared with their principal branch, play is at"
    assert sentence.startswith(f"{start} another equilibrium than the one on it. {part}")
    assert sentence in found.to_dict()["answer"]
    assert sentence in repr(found)


@pytest.mark.parametrize("study", STUDIES)
def test_where_each_solution_is_on_its_branch_nothing_is_said(study: str) -> None:
    found = STUDIES[study][0](TAME)
    assert found.followed.compared >= 2  # type: ignore[attr-defined]
    assert not said(found)


@pytest.mark.parametrize("study", ["worth", "weigh"])
def test_what_comparing_showed_is_kept_with_a_finding(study: str) -> None:
    found = STUDIES[study][0](LARGE)
    again = from_plain(json.loads(json.dumps(as_plain(found, type(found)))), type(found), crisis_of(LARGE))
    assert again.followed == found.followed  # type: ignore[attr-defined]
    assert said(again) == said(found)


def test_where_the_branch_divides_a_study_says_that_the_model_chooses_none() -> None:
    found = weigh(offramp.run(crisis_of(CHICKEN.decode()), draws=256, seed=1))
    assert found.followed.crossed >= 2
    (sentence,) = said(found)
    assert "another branch of equilibria crosses it, and the model does not determine which" in sentence
    assert "Part of what an assumption moves may then be a change of equilibrium" in sentence


def test_only_solutions_that_were_compared_are_counted() -> None:
    names = ("principal", "other branch", "not traced", "bifurcation", "unconverged")
    status = np.array([STATUSES.index(name) for name in names], dtype=np.int8)
    assert compared_solutions([status, None, status[:1]]) == ComparedSolutions(compared=4, elsewhere=1, crossed=1)
    assert ComparedSolutions(compared=4).said("levers") == []


WIND = "{chance: wind, odds: {up: 0.5, down: rest}}"
PASSED = {"idle0": "a", "idle1": "a", "idle2": "a", "idle3": "a", "wind": "up"}


def as_known(text: str) -> str:
    """The crisis where a wind that changes nothing has been seen, and a lever that changes next to nothing."""
    windy = larger(text.replace("timeline:\n", f"timeline:\n  - {WIND}\n"))
    known = "".join(f"  - {{date: 2031-03-01, {step}: {value}}}\n" for step, value in PASSED.items())
    levers = windy.replace("cost: 1}}", "cost: 1}, nothing: {set: {crash: crash + 1e-9}, cost: 1}}")
    return f"{levers}observed:\n{known}"


def test_as_of_now_a_lever_that_changes_nothing_changes_no_equilibrium_though_what_is_ahead_is_small() -> None:
    """What is ahead is a small game, but the whole, with which it is compared, is swept once."""
    crisis = crisis_of(as_known(ERRING)).now()
    found = levers(crisis, draws=64, ending="north")
    (nothing,) = [one for one in found.sets if one.levers == ("nothing",)]
    assert abs(nothing.endings["north"].mean) < 1e-7
    assert found.followed.elsewhere
    assert len(said(found)) == 1
    assert not said(levers(crisis_of(as_known(ERRING).replace("rationality: 8", "rationality: 0.1")).now(), draws=64))


def test_as_of_now_a_lever_is_compared_on_the_principal_branch_in_a_large_game_too() -> None:
    found = levers(crisis_of(as_known(PASS)).now(), draws=64, ending="north")
    (nothing,) = [one for one in found.sets if one.levers == ("nothing",)]
    assert abs(nothing.endings["north"].mean) < 1e-7
    assert found.followed.compared > 64
    assert not found.followed.elsewhere


def test_as_of_now_too_worth_and_compare_say_when_a_change_may_be_one_of_equilibrium() -> None:
    crisis = crisis_of(as_known(ERRING)).now()
    assert said(worth(offramp.run(crisis, draws=128, seed=1), draws=64))
    other = crisis_of(as_known(ERRING).replace("(1, 2, 4)", "(2, 3, 5)")).now()
    assert said(compare(crisis, other, draws=64))
