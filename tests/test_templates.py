"""The templates of `offramp new`: each solves, is not degenerate, and shows the mechanism that it is named after."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import pairwise

import jsonschema
import numpy as np
import pytest
import yaml
import yamlcore

import offramp
from offramp.crisis.json_schema import json_schema
from offramp.crisis.model import Crisis
from offramp.crisis.templates import STARTER, template_line, template_text, templates
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from offramp.runs.result import Run

COPIED = [name for name in templates() if name != STARTER]
ALL = pytest.mark.parametrize("name", COPIED)


@cache
def crisis(name: str) -> Crisis:
    found = offramp.read(templates()[name])
    assert isinstance(found, Crisis)
    return found


@cache
def run(name: str, *levers: str) -> Run:
    return offramp.run(crisis(name).with_levers(*levers), draws=64, seed=1)


def avoided(name: str, *levers: str) -> float:
    """The mean probability of the endings to avoid."""
    return sum(run(name, *levers).ending_intervals[ending].mean for ending in crisis(name).avoided)


def share(name: str, move: str, option: str, sees: dict[str, str | int], **given: float) -> float:
    """How often an option is taken at the medians, over all information sets in which the mover sees all of `sees`."""
    solution = offramp.solve(crisis(name), given=given)
    there = [
        entry
        for entry in solution.moves
        if entry.situation.move == move
        and sees.items() <= {**dict(entry.situation.sees), "round": entry.situation.round}.items()
    ]
    assert there
    return float(np.average([entry.options[option] for entry in there], weights=[entry.reached for entry in there]))


def test_there_are_a_starter_a_blank_one_and_seven_ideas_each_with_a_line() -> None:
    assert list(templates())[:2] == ["starter", "blank"]
    assert len(templates()) == 9
    for name in templates():
        assert 20 < len(template_line(name)) <= 110
    with pytest.raises(offramp.UsageError, match="no template 'brocker'; did you mean 'broker'"):
        template_text("brocker")


@ALL
def test_a_template_checks_without_a_warning_and_an_editor_accepts_it(name: str) -> None:
    assert warnings_of(compile_game(crisis(name))) == ()
    document = yaml.load(template_text(name), Loader=yamlcore.CoreLoader)
    jsonschema.validate(document, json_schema(), cls=jsonschema.Draft202012Validator)
    assert template_text(name).startswith("# yaml-language-server: $schema=crisis.schema.json\n")


@ALL
def test_a_template_fits_on_a_page_and_says_what_a_payoff_of_one_is(name: str) -> None:
    lines = template_text(name).splitlines()
    assert 40 <= len(lines) <= 90
    assert max(map(len, lines)) <= 120
    assert any(line.startswith("# What is 1? ") for line in lines)


@ALL
def test_a_template_names_its_endings_marks_what_to_avoid_and_has_a_lever_or_two(name: str) -> None:
    assert any(ending.avoid for ending in crisis(name).endings)
    assert all(ending.name for ending in crisis(name).endings)
    assert 1 <= len(crisis(name).levers) <= 2


@ALL
def test_every_draw_converges_and_every_ending_and_option_is_open(name: str) -> None:
    assert run(name).converged.all()
    for ending, interval in run(name).ending_intervals.items():
        assert interval.mean > 0.01, ending
    taken: dict[tuple[str, str], float] = defaultdict(float)
    for entry in run(name).by_situation:
        for option, chosen in entry.options.items():
            taken[entry.situation.move, option] = max(chosen, taken[entry.situation.move, option])
    assert min(taken.values()) > 0.1


@ALL
def test_at_every_move_the_best_option_varies_over_situations_or_draws(name: str) -> None:
    best: dict[str, set[str]] = defaultdict(set)
    for entry in run(name).by_situation:
        best[entry.situation.move].add(max(entry.options, key=lambda option: entry.options[option]))
    for move, taken in zip(run(name).moves, run(name).taken, strict=True):
        options = list(move.options)
        best[move.move] |= {options[index] for index in np.argmax(np.asarray(taken), axis=0)}
    assert {move for move, options in best.items() if len(options) == 1} == set()


@ALL
def test_every_lever_lowers_the_endings_to_avoid_and_converges(name: str) -> None:
    for lever in crisis(name).levers:
        assert run(name, lever).converged.all()
        assert avoided(name, lever) < avoided(name) - 0.003, lever


def test_hidden_resolve_who_has_stood_firm_is_challenged_less_often() -> None:
    idea = "hidden-resolve"
    firm, soft = (share(idea, "stand", "stand_firm", {"resolve": kind}) for kind in ("firm", "soft"))
    assert firm > soft + 0.2
    after = {seen: share(idea, "challenge", "land", {"stand": seen}) for seen in ("stand_firm", "skipped", "give_way")}
    assert after["stand_firm"] < after["skipped"] - 0.05 < after["give_way"] - 0.1
    assert share(idea, "challenge", "land", {}, doubt=1) < share(idea, "challenge", "land", {}, doubt=0.4)


def test_misread_signal_a_poorer_radar_brings_more_mistakes_and_is_believed_less() -> None:
    odds = 0.05, 0.1, 0.2
    mistakes = [offramp.solve(crisis("misread-signal"), given={"misreading": odd}).endings for odd in odds]
    assert all(poor["war_by_mistake"] < poorer["war_by_mistake"] for poor, poorer in pairwise(mistakes))
    believed = [share("misread-signal", "reply", "fire", {"radar": "attack"}, misreading=odd) for odd in odds]
    assert all(better > worse for better, worse in pairwise(believed))


@pytest.mark.parametrize(("side", "other"), [("north", "south"), ("south", "north")])
def test_mobilisation_each_rung_of_one_side_pulls_the_other_one_up(side: str, other: str) -> None:
    below = {"round": 3, f"{side}_rung": 0}
    climbs = [share("mobilisation", f"{side}_step", "climb", {**below, f"{other}_rung": rung}) for rung in (0, 1, 2)]
    assert all(higher > lower + 0.04 for lower, higher in pairwise(climbs))


def test_bargaining_wells_make_southland_walk_out_and_the_last_round_makes_it_accept() -> None:
    poor = {"round": 1, "offer": "third"}
    good, dry = (share("bargaining", "reply", "walk_out", {**poor, "wells_found": kind}) for kind in ("good", "dry"))
    assert good > dry + 0.1
    first, last = (
        share("bargaining", "reply", "accept", {"wells_found": "dry", "offer": "third", "round": number})
        for number in (1, 3)
    )
    assert last > first + 0.2


def test_broker_word_that_arrives_makes_the_other_side_hold() -> None:
    ready, bent = (share("broker", "word", "sent", {"mood": mood}) for mood in ("ready", "bent"))
    assert ready > bent + 0.2
    assert share("broker", "south_act", "hold", {"line": "arrives"}) > 0.3 + share("broker", "south_act", "hold", {})
    shares = [share("broker", "relay", "pass_on", {}, fee=fee) for fee in (-0.4, 0.2, 0.8)]
    assert shares == sorted(shares)


def test_patron_a_stronger_bond_keeps_the_rival_back_and_makes_the_client_bold() -> None:
    weak, strong = 0.5, 1.5
    assert share("patron", "course", "provoke", {}, bond=strong) > 0.1 + share(
        "patron", "course", "provoke", {}, bond=weak
    )
    for course in ("restrain", "provoke"):
        seizures = [share("patron", "advance", "seize", {"course": course}, bond=bond) for bond in (weak, strong)]
        assert seizures[1] < seizures[0] - 0.1


def test_audience_cost_late_backing_down_falls_as_its_price_grows_faster() -> None:
    for number in (3, 4):
        late = {"round": number}
        shares = [share("audience-cost", "north_stand", "yield_", late, growth=growth) for growth in (0.1, 0.35, 0.6)]
        assert all(faster < slower - 0.02 for slower, faster in pairwise(shares))


def test_audience_cost_a_price_that_grows_faster_leaves_an_attack_as_the_way_out() -> None:
    slow, fast = (share("audience-cost", "north_stand", "attack", {"round": 4}, growth=growth) for growth in (0.1, 0.6))
    assert fast > slow + 0.1


def test_audience_cost_an_inspection_is_taken_only_if_a_lever_allows_it() -> None:
    before, after = (run("audience-cost", *levers).moves[1].options for levers in ((), ("inspection",)))
    assert "inspect" not in before
    assert after["inspect"].mean > 0.3


def test_bargaining_rounds_have_dates() -> None:
    found = offramp.endings(run("bargaining"))
    assert found.when is not None
    assert "2031-09-08" in str(found.tables)


def test_misread_signal_a_prouder_southland_reopens_the_strait_less_often() -> None:
    reopened = [
        share("misread-signal", "reply", "reopen", {"pride": point, "radar": "passage"}) for point in ("p1", "p5")
    ]
    assert reopened[1] < reopened[0] - 0.1


def test_mobilisation_measures_the_men_under_arms() -> None:
    (measure,) = run("mobilisation").crisis.measures
    called_up = run("mobilisation").measure_intervals[measure.key].mean
    assert 20.0 < called_up < 160.0
    assert called_up > run("mobilisation", "inspectors").measure_intervals[measure.key].mean
