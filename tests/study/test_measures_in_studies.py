"""Every study reports the measures: each figure is the same sum over the endings, worked out by hand."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from rich.console import Console

import offramp
from offramp.common.errors import UsageError
from offramp.common.numerals import quantity
from offramp.crisis.model import Crisis
from offramp.play.board import set_up
from offramp.play.debrief import debrief
from offramp.report.equilibria_table import show_equilibria
from offramp.study.finding import Column, Table
from tests.crises import crisis_of
from tests.play.small import played

PRICED = """format: 1
title: A price
actors:
  north: {name: North}
  south: {name: South, memory: state}
inputs:
  x: {is: "uniform(1, 3)", name: what it is worth, because: Ours}
  y: {is: "uniform(0, 1)", because: Ours}
timeline:
  - {chance: cost, grid: "uniform(0, 2)", points: 4, seen_by: [north]}
  - rounds: 2
    until: reply == sign
    steps:
      - {move: ask, by: north, options: {low: 1, high: 2}}
      - {move: reply, by: south, options: [sign, wait]}
payoffs:
  north: {gain: {pays: (value(ask) - value(cost)) * (reply == sign), when: end}}
  south: {gain: {pays: (x - value(ask)) * (reply == sign) + y * (reply == wait), when: end}}
measures:
  price: {name: the price paid, unit: dollars, is: value(ask) * (reply == sign), when: end}
  loss: {is: 10 * (reply != sign), when: end}
endings: {cheap: reply == sign and ask == low, dear: reply == sign, none: otherwise}
levers: {rich: {name: a richer buyer, set: {x: 2 * x}}}
"""
OBSERVED = """observed:
  - {date: 2031-01-02, round: 1, ask: high}
  - {date: 2031-01-03, round: 1, reply: wait}
"""


def priced(more: str = "") -> Crisis:
    return crisis_of(PRICED + more)


def by_hand(odds: Mapping[str, float]) -> dict[str, float]:
    return {"price": odds["cheap"] + 2.0 * odds["dear"], "loss": 10.0 * odds["none"]}


def test_an_update_shows_how_events_shift_the_measures() -> None:
    found = offramp.update(offramp.run(priced(OBSERVED), draws=128))
    assert len(found.stages) == 3
    for stage in found.stages:
        expected = by_hand({name: interval.mean for name, interval in stage.endings.items()})
        assert {name: interval.mean for name, interval in stage.measures.items()} == pytest.approx(expected)
        assert stage.measure_errors["loss"] == pytest.approx(10.0 * stage.errors["none"])
    assert [row[2] for row in found.table("measures").rows[-2:]] == pytest.approx(list(expected.values()))
    assert any(sentence.startswith("Expected amounts: the price paid ") for sentence in found.answer)


def test_an_update_from_a_later_file_has_the_measures_too() -> None:
    run = offramp.run(priced(), draws=128)
    later, known = offramp.update(run, since=priced(OBSERVED)), offramp.update(offramp.run(priced(OBSERVED), draws=128))
    assert later.stages[-1].measures == known.stages[-1].measures


def test_a_comparison_shares_the_change_of_a_measure_among_the_differences() -> None:
    text = PRICED.replace("uniform(1, 3)", "uniform(1, 4)").replace("rounds: 2", "rounds: 1")
    other = crisis_of(text.replace("loss: {is: 10", "loss: {is: 20"))
    found = offramp.compare(priced(), other, draws=32)
    assert [one.measure.key for one in found.measures] == ["price"]
    assert found.idle == "the measure “loss”"
    (price,) = found.measures
    for level, odds in ((price.before, found.before), (price.after, found.after)):
        assert level == pytest.approx(by_hand(dict(zip(found.endings, odds, strict=True)))["price"])
    for each in found.differences:
        moved = by_hand(dict(zip(found.endings, each.moves, strict=False)))["price"]
        assert each.moves[len(found.endings)] == pytest.approx(moved)
    assert sum(each.moves[-1] for each in found.differences) == pytest.approx(price.change)
    assert [row[:2] for row in found.table("measure_contributions").rows][-1] == ("price", "all together")
    assert any(sentence.startswith("Expected amounts: the price paid ") for sentence in found.answer)


def test_a_solution_and_a_run_show_their_measures_by_name() -> None:
    solution, run = offramp.solve(priced()), offramp.run(priced(), draws=8)
    assert solution.measures == pytest.approx(by_hand(solution.endings))
    assert solution.to_xarray()["measures"].sel(measure="price") == pytest.approx(solution.measures["price"])
    for shown in (repr(solution), solution._repr_html_(), repr(run), run._repr_html_()):
        assert "the price paid" in shown
    assert "dollars" in repr(solution)
    assert (
        "at the medians of the inputs, but what it is worth = 2" in offramp.solve(priced(), given={"x": 2}).conditions
    )


def test_assumptions_are_weighed_for_a_measure_as_for_the_ending_that_it_counts() -> None:
    run = offramp.run(priced(), draws=128)
    of_ending, of_measure = offramp.weigh(run, "none"), offramp.weigh(run, measure="loss")
    assert [weight.input for weight in of_measure.weights] == [weight.input for weight in of_ending.weights]
    for one, other in zip(of_measure.weights, of_ending.weights, strict=True):
        assert (one.first.value, one.total.value) == pytest.approx((other.first.value, other.total.value))
        assert (one.at_low, one.at_high) == pytest.approx((10.0 * other.at_low, 10.0 * other.at_high))
    assert of_measure.variances["loss"] == pytest.approx(100.0 * of_ending.variances["none"])
    assert of_measure.title == "A price: which assumptions carry loss?"
    assert not {table.name for table in of_measure.tables if table.rows} & {"tipping", "leads", "regions", "limits"}
    assert "likel" not in " ".join(of_measure.answer)
    assert "likeliest" not in repr(of_measure), "not of a table without rows either"
    assert "dollars" in " ".join(offramp.weigh(run, measure="price").answer)


def test_weigh_takes_an_ending_or_a_measure_that_there_is() -> None:
    run = offramp.run(priced(), draws=64)
    with pytest.raises(UsageError, match="an ending or a measure is weighed"):
        offramp.weigh(run, "none", measure="loss")
    with pytest.raises(UsageError, match="unknown measure 'prices'; did you mean 'price'"):
        offramp.weigh(run, measure="prices")


def test_a_map_of_a_measure_has_its_amounts() -> None:
    found = offramp.map_of(priced(), "x", "y", measure="price", size=3)
    endings = offramp.map_of(priced(), "x", "y", ending="none", size=3)
    expected = endings.shares[0] + 2.0 * endings.shares[1]
    assert found.shares[0] == pytest.approx(expected)
    assert found.title == "A price: the price paid, over what it is worth and y"
    assert found.answer[0].endswith(f" the price paid is {quantity(found.reference['price'])} dollars.")
    assert "likel" not in " ".join(found.answer)
    assert [column.name for column in found.table("grid").columns] == ["x", "y", "price", "converged"]
    assert "dollars" in "\n".join(found.sketch)
    (drawing,) = offramp.drawings_of(found)
    assert "The price paid, dollars" in drawing.document(400)
    with pytest.raises(UsageError, match="name one of them"):
        offramp.map_of(priced(), "x", "y", measure="price", ending="none")


def test_a_unit_that_steers_a_terminal_is_text_in_the_sketch_of_a_map() -> None:
    crisis = crisis_of(PRICED.replace("unit: dollars", 'unit: "\\e[31mdollars"'))
    sketch = "\n".join(offramp.map_of(crisis, "x", "y", measure="price", size=2).sketch)
    assert r"\u001b[31mdollars" in sketch
    assert "\x1b" not in sketch


@pytest.mark.parametrize("observed", ["", OBSERVED])
def test_the_levers_among_which_worth_chooses_have_their_measures(observed: str) -> None:
    crisis = priced(observed).now() if observed else priced()
    run = offramp.run(crisis, draws=256)
    found, rich = offramp.worth(run, draws=256), offramp.run(crisis.with_levers("rich"), draws=256)
    for one in found.measures:
        assert one.levels["no lever"] == pytest.approx(run.measure_intervals[one.measure.key].mean)
        assert one.levels["rich"] == pytest.approx(rich.measure_intervals[one.measure.key].mean, abs=1e-6)
    assert [row[0] for row in found.table("measures").rows] == ["price", "price", "loss", "loss"]


@pytest.mark.parametrize("supposed", [{}, {"ask@1": "high"}])
def test_why_has_the_measures_after_each_option(supposed: dict[str, str]) -> None:
    crisis = priced().supposing(supposed) if supposed else priced()
    found = offramp.why(crisis, "reply@1")
    for motive in found.motives:
        assert motive.measures == pytest.approx(by_hand(motive.endings_for_analyst))
    table = found.table("measures")
    assert table.shown()[0][0] == "the price paid"
    assert [column.name for column in table.columns] == ["measure", *(m.option for m in found.motives), "unit"]


def test_equilibria_side_by_side_show_the_measures() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    show_equilibria(console, offramp.equilibria(priced(), 4), 4)
    assert "the price paid (dollars)" in console.export_text()


@pytest.mark.parametrize("known", [{}, {"ask@1": "high", "reply@1": "wait"}])
def test_a_debrief_says_what_each_measure_came_to(known: dict[str, str]) -> None:
    crisis = priced().supposing(known) if known else priced()
    board = set_up(crisis)
    for seed in range(6):
        found = debrief(played(board, board.movers, seed, seed))
        (price, loss) = found.measured
        came = {ending: float(ending == found.ending) for ending in board.solution.endings}
        assert {"price": price.came, "loss": loss.came} == pytest.approx(by_hand(came))
        assert price.expected == board.solution.measures["price"]
        assert any(sentence.startswith("The price paid came to ") for sentence in found.answer)
    assert found.table("measures").shown()[0][0] == "the price paid"


def test_what_moves_a_measure_by_nothing_but_rounding_moves_it_by_nothing_and_without_error() -> None:
    text = PRICED.replace(
        "{is: 10 * (reply != sign), when: end}",
        "{is: 1e6 * (0.1 + x / 7) * ((reply == sign) + (reply == wait)), when: end}",
    )
    other = text.replace("y * (reply == wait)", "y * (reply == wait) + 0.01 * (reply == sign)")
    found = offramp.compare(crisis_of(text), crisis_of(other), draws=64)
    (_, loss) = found.measures
    assert loss.before == loss.after > 1e4
    rows = [row[1:4] for row in found.table("measure_contributions").rows if row[0] == "loss" or row[2] == 0.0]
    assert rows == [(name, 0.0, 0.0) for name, *_ in rows]
    shown = [row for row in found.table("measures").shown() if row[0] == "loss"]
    assert [row[3:5] for row in shown] == [("0.0", "0.0")]
    assert "e-" not in repr(found)


def test_the_error_of_a_measures_change_stands_beside_it_without_a_power_of_ten() -> None:
    columns = Column("change", "change", "change"), Column("error", "error", "error", of="change")
    assert Table("t", "t", columns, ((0.000321, 0.0000212),)).shown() == [("+0.00032", "0.000021")]
