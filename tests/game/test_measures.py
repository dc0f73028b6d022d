"""A measure is nobody's payoff: it equals what an actor without moves would be paid, and changes nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import offramp
from offramp.crisis.inputs import medians
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Measure
from offramp.gambit.opening import compile_game
from offramp.gambit.unfold import unfold
from offramp.report.page import page
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples

HEAD = """format: 1
title: A price
actors:
  north: {name: North}
  south: {name: South, memory: state}
"""
BODY = """inputs: {x: {is: "uniform(1, 3)", because: Ours}}
timeline:
  - {chance: cost, grid: "uniform(0, 2)", points: 4, seen_by: [north]}
  - rounds: 2
    until: reply == sign
    steps:
      - {move: ask, by: north, options: {low: 1, high: 2}}
      - {move: reply, by: south, options: [sign, wait]}
payoffs:
  north: {gain: {pays: (value(ask) - value(cost)) * (reply == sign), when: end}}
  south: {gain: {pays: (x - value(ask)) * (reply == sign), when: end}}
"""
ENDINGS = "endings: {deal: reply == sign, none: otherwise}\n"
TERMS = """
    price: {KEY: value(ask) * (reply == sign), when: end}
    delay: {KEY: reply == wait, when: each_round}
    waste: {KEY: x * (cost == p1)}
    whole: {KEY: 3}
"""
PLAIN = f"{HEAD}{BODY}{ENDINGS}"
MEASURED = f"{PLAIN}measures:{TERMS.replace('KEY', 'is')}"
PAID = f"{HEAD}  nobody: {{name: Nobody}}\n{BODY}  nobody:{TERMS.replace('KEY', 'pays')}{ENDINGS}"


def test_a_measure_is_what_an_actor_without_moves_would_be_paid() -> None:
    measured, paid = (offramp.run(crisis_of(text), draws=32) for text in (MEASURED, PAID))
    assert np.asarray(measured.measures) == pytest.approx(np.asarray(paid.terms)[2:], abs=1e-12)
    once, nobody = (offramp.solve(crisis_of(text)) for text in (MEASURED, PAID))
    assert once.measures == pytest.approx(nobody.payoffs["nobody"], abs=1e-12)
    assert once.to_dict()["measures"] == once.measures


def test_measures_change_no_bit_of_anything_else() -> None:
    plain, measured = (offramp.run(crisis_of(text), draws=32) for text in (PLAIN, MEASURED))
    for name in ("endings", "terms", "own_eyes", "regret", "residual", "sweeps"):
        assert getattr(plain, name).tobytes() == getattr(measured, name).tobytes(), name
    assert [t.tobytes() for t in plain.taken] == [t.tobytes() for t in measured.taken]


def test_a_crisis_without_measures_has_no_columns_for_them() -> None:
    plain, measured = (offramp.run(crisis_of(text), draws=4) for text in (PLAIN, MEASURED))
    columns = {"measure.price", "measure.delay", "measure.waste", "measure.whole"}
    assert set(measured.to_pandas().columns) - set(plain.to_pandas().columns) == columns
    assert "measures" in measured.to_xarray()
    assert "measures" not in plain.to_xarray()


def measured_by_payoffs(crisis: Crisis) -> Crisis:
    """The crisis with its payoff terms as measures, too."""
    measures = tuple(
        Measure(f"m{place}", "m", None, None, term.pays, term.each_round, term.reason, term.place)
        for place, term in enumerate(crisis.terms)
    )
    return replace(crisis, measures=measures)


@settings(max_examples=examples(60), deadline=None)
@given(crisis_texts())
def test_the_game_that_measures_is_played_by_the_same_profiles(text: str) -> None:
    crisis = measured_by_payoffs(crisis_of(text))
    game = compile_game(crisis)
    if game.measured is None:
        return
    found = [(s.move, s.round, s.sees, s.options) for s in game.situations]
    assert found == [(s.move, s.round, s.sees, s.options) for s in game.measured.situations]
    plain, solved = offramp.solve(compile_game(replace(crisis, measures=()))), offramp.solve(game)
    assert plain.choice.tobytes() == solved.choice.tobytes()
    paid = [amount for terms in solved.payoffs.values() for amount in terms.values()]
    by_actor = sorted(range(len(crisis.terms)), key=lambda place: list(crisis.actors).index(crisis.terms[place].actor))
    assert [solved.measures[f"m{place}"] for place in by_actor] == pytest.approx(paid, abs=1e-9)


def test_as_of_now_a_measure_counts_the_whole_game_given_what_happened() -> None:
    """North asked for 2 and was signed at once: the price is certain, and half the weight is on no type of north."""
    crisis = crisis_of(MEASURED).supposing({"ask@1": "high", "reply@1": "sign"}).now()
    found = offramp.solve(crisis)
    assert found.measures["price"] == pytest.approx(2)
    assert found.measures["delay"] == pytest.approx(0)
    assert offramp.run(crisis, draws=8).measures[0] == pytest.approx(2)


LEVERS = "levers: {dear: {set: {x: x / 2}}, rich: {set: {x: 2 * x}}}\n"


def test_endings_and_levers_show_the_measures_with_their_units(tmp_path: Path) -> None:
    text = MEASURED.replace("is: value(ask)", "name: the price paid, unit: dollars, is: value(ask)") + LEVERS
    run = offramp.run(crisis_of(text), draws=96, out=tmp_path / "run")
    opened = offramp.open_run(tmp_path / "run")
    assert np.asarray(opened.measures).tobytes() == np.asarray(run.measures).tobytes()
    assert offramp.verify(tmp_path / "run").sound
    means = np.asarray(run.measures).mean(axis=1)
    table = offramp.endings(opened).table("measures")
    assert [row[0] for row in table.rows] == ["price", "delay", "waste", "whole"]
    assert [cells[0] for cells in table.shown()] == ["the price paid", "delay", "waste", "whole"]
    assert [row[1] for row in table.rows] == pytest.approx(means)
    assert table.rows[0][-1] == "dollars"
    changed = {row[:2]: row[2] for row in offramp.levers(opened).table("measures").rows}
    written = page(opened, opened.manifest)
    assert '<h2 id="measures">' in written
    assert "the price paid" in written
    rich = offramp.run(crisis_of(text).with_levers("rich"), draws=96)
    assert changed["price", "rich"] == pytest.approx((np.asarray(rich.measures).mean(axis=1) - means)[0])
    assert changed["whole", "dear"] == pytest.approx(0)


def test_studies_of_a_crisis_without_measures_have_no_table_of_them() -> None:
    run = offramp.run(crisis_of(PLAIN + LEVERS), draws=64)
    for finding in (offramp.endings(run), offramp.levers(run)):
        assert "measures" not in [table.name for table in finding.tables]


def test_an_export_to_gambit_says_which_measures_it_leaves_out() -> None:
    crisis = crisis_of(MEASURED)
    values = {name: float(value[0]) for name, value in medians(crisis).items()}
    comment = unfold(crisis, values, setting="at the medians").comment
    assert "Measures have no place in Gambit's format; left out: price, delay, waste and whole." in comment


def test_crises_with_values_grids_and_measures_are_compared() -> None:
    other = MEASURED.replace("uniform(1, 3)", "uniform(1, 4)").replace("high: 2", "high: 3")
    other = other.replace("whole: {is: 3}", "whole: {is: 4}")
    found = offramp.compare(crisis_of(MEASURED), crisis_of(other.replace("points: 4", "points: 5")), draws=32)
    assert {part for part, _, _ in found.parts} == {"the input “x”", "the odds of cost", "the steps"}
    assert found.idle == "the measure “whole”"
    solved = offramp.run(crisis_of(MEASURED), draws=32).endings.mean(axis=1)
    assert found.before == pytest.approx(solved, abs=0.02)
