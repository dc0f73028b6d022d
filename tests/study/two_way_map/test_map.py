"""Promises of `offramp map`: every point is an equilibrium, and the border lies where the likeliest changes."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.equilibrium.branch.traced import STATUSES
from offramp.gambit.opening import compile_game
from offramp.study.charts import svg_of
from offramp.study.two_way_map.landscape import NONE, Array, Flags, MapPoints, border_of
from offramp.study.two_way_map.map import map_of
from offramp.study.two_way_map.map_chart import map_chart, segments
from tests.crises import crisis_of
from tests.shipped import tehran

ONE_MOVER = """
format: 1
title: One choice
actors: {north: {name: North, rationality: 2}}
inputs:
  gain: {is: "uniform(0, 4)"}
  loss: {is: "uniform(1, 3)"}
  fixed: {is: 2}
timeline: [{move: answer, by: north, options: [hold, staged, strike]}]
payoffs: {north: {worth: gain ** 2 * (answer == staged) + loss * (answer == strike) - 9 * (answer == hold)}}
endings: {war: answer == strike, quiet: otherwise}
levers:
  brake: {forbid: {answer: [strike]}}
  cheap: {set: {gain: gain + 1}}
"""


def test_the_border_lies_where_the_payoffs_are_equal() -> None:
    found = map_of(crisis_of(ONE_MOVER), "gain", "loss", move="answer")
    assert len(found.border) > 25
    for step in found.border:
        assert step.x**2 == pytest.approx(step.y, rel=1e-3)
        assert (step.before, step.after) == ((2, 1) if step.across else (1, 2))


def test_an_ending_and_the_option_that_leads_to_it_alone_have_one_map() -> None:
    crisis = crisis_of(ONE_MOVER)
    by_ending = map_of(crisis, "gain", "loss", ending="war", size=6)
    by_option = map_of(crisis, "gain", "loss", move="answer=strike", size=6)
    np.testing.assert_allclose(by_ending.shown, by_option.shown, atol=1e-12)


@pytest.mark.parametrize("move", [None, "iran_answer", "hezbollah_choice@2"])
def test_every_point_is_what_a_solve_there_says(move: str | None) -> None:
    crisis = tehran().with_levers("hotline")
    game = compile_game(crisis)
    found = map_of(crisis, "misreading", "patron_pull", move=move, size=3, given={"spin": 0.6})
    assert found.converged.all()
    for row, column in [(0, 0), (found.y.reference, found.x.reference), (2, 1)]:
        given = {"misreading": found.x.values[column], "patron_pull": found.y.values[row], "spin": 0.6}
        solution = offramp.solve(game, given=given)
        if move is None:
            expected = list(solution.endings.values())
        else:
            name, _, round_ = move.partition("@")
            made = [
                (move.reached, move.options)
                for move in solution.moves
                if (move.situation.move, move.situation.round) == (name, int(round_ or 1))
            ]
            shares = [
                sum(reached * options.get(option, 0.0) for reached, options in made)
                for option in found.subject.alternatives
            ]
            expected = [share / sum(shares) for share in shares]
        np.testing.assert_allclose(found.shares[:, row, column], expected, atol=1e-8)


def test_the_reference_point_is_a_point_of_the_map() -> None:
    crisis = crisis_of(ONE_MOVER)
    for gain in (2.0, 0.7, 9.0):
        found = map_of(crisis, "gain", "loss", ending="war", size=5, given={"gain": gain})
        assert found.x.values[found.x.reference] == gain
        assert np.all(np.diff(found.x.values) > 0.0)
        expected = offramp.solve(compile_game(crisis), given={"gain": gain}).endings
        assert found.reference == pytest.approx(expected, abs=1e-12)


def test_sentences_say_what_the_numbers_say() -> None:
    answer = " ".join(map_of(crisis_of(ONE_MOVER), "gain", "loss", move="answer", given={"gain": 1.0}).answer)
    assert (
        "(gain 1.00, loss 2.00) the likeliest option of answer (North) is strike, 88.1%; then staged, 11.9%." in answer
    )
    assert "It becomes staged where gain is above 1.41, the other inputs as at the reference point." in answer
    answer = " ".join(map_of(crisis_of(ONE_MOVER), "gain", "loss", move="answer", given={"gain": 1.2}).answer)
    assert "gain is above 1.41 or loss is below 1.44" in answer


def test_levers_apply_after_the_axes() -> None:
    crisis = crisis_of(ONE_MOVER)
    found = map_of(crisis.with_levers("cheap"), "gain", "loss", move="answer", size=9)
    assert found.border
    assert all((step.x + 1.0) ** 2 == pytest.approx(step.y, rel=1e-3) for step in found.border)
    braked = map_of(crisis.with_levers("brake"), "gain", "loss", move="answer", size=4)
    assert set(np.unique(braked.leader)) == {1}
    assert not braked.border
    assert "Staged is the likeliest everywhere on the map." in braked.answer


def points_of(shares: Array, converged: Flags) -> MapPoints:
    status = np.where(converged, STATUSES.index("not traced"), STATUSES.index("unconverged"))
    return MapPoints(shares, converged, status.astype(np.int8))


def test_a_point_that_did_not_converge_is_shown_as_such() -> None:
    whole = map_of(crisis_of(ONE_MOVER), "gain", "loss", move="answer", size=9)
    converged = whole.converged.copy()
    converged[::2, 3] = False
    shares = np.where(converged, whole.shares, np.nan)
    found = replace(whole, converged=converged, shares=shares, leader=points_of(shares, converged).leader)
    assert (found.leader[~converged] == NONE).all()
    assert "5 of 81 points did not converge; the map shows them as '?'." in found.answer
    assert sum(line.partition("|")[2].count("?") for line in found.sketch) == 5
    assert svg_of(map_chart(found, 320)).count(">?<") == 5
    assert found.table("grid").to_pandas()["likeliest"].isna().sum() == 5


def test_the_border_is_solved_for_and_what_does_not_converge_is_counted_out() -> None:
    x, y = np.linspace(0.0, 1.0, 4), np.linspace(0.0, 1.0, 5)

    def solved(xs: Array, ys: Array, traced: Flags | None = None) -> MapPoints:
        converged = (ys < 0.9) | (np.abs(xs - 0.5) > 0.1)
        one = 1.0 / (1.0 + np.exp(xs**3 - 0.125))
        return points_of(np.where(converged, [one, 1.0 - one], np.nan), converged)

    across, up = np.meshgrid(x, y)
    leader = solved(across.ravel(), up.ravel()).leader.reshape(5, 4)
    crossings, lost = border_of(x, y, leader, solved)
    assert [(step.row, step.column) for step in crossings] == [(row, 1) for row in range(4)]
    assert lost == 1
    assert all(step.x == pytest.approx(0.5, rel=1e-5) for step in crossings)
    leader[2, 1] = NONE
    assert [step.row for step in border_of(x, y, leader, solved)[0]] == [0, 1, 3]


def test_lines_of_the_border_run_between_its_points() -> None:
    found = map_of(crisis_of(ONE_MOVER), "gain", "loss", move="answer", size=9)
    places = {(step.x, step.y) for step in found.border}
    drawn = list(segments(found.border))
    joined = [line for line in drawn if (line["x2"], line["y2"]) in places]
    assert len(joined) == len(places) - 1
    assert all((line["x"], line["y"]) in places for line in drawn)


def test_the_map_in_characters_fits_80_columns_and_marks_the_reference_point() -> None:
    crisis = crisis_of(ONE_MOVER)
    for size, move in ((25, "answer"), (70, "answer=staged"), (2, "answer")):
        lines = map_of(crisis, "gain", "loss", move=move, size=size).sketch
        assert max(map(len, lines)) <= 80
        marked = [line for line in lines if "[" in line and "]" in line and "|" in line]
        assert len(marked) == 1
        assert marked[0].split("|")[0].strip() == "2.00"


def test_hostile_names_are_shown_as_text() -> None:
    text = ONE_MOVER.replace("title: One choice", 'title: "<script>[bold]"').replace("name: North", "name: '[red]<b>'")
    found = map_of(crisis_of(text), "gain", "loss", move="answer", size=4)
    assert "<script>" not in found._repr_html_()
    assert "<b>" not in svg_of(map_chart(found, 720))


@pytest.mark.parametrize(
    ("x", "y", "asked", "message"),
    [
        ("gain", "gain", {}, "two inputs, found 'gain' twice"),
        ("gian", "loss", {}, "unknown input 'gian'; did you mean 'gain'?"),
        ("gain", "fixed", {}, "'fixed' is the number 2, so it has no range to map; uncertain: gain and loss"),
        ("gain", "loss", {"ending": "warr"}, "unknown ending 'warr'; did you mean 'war'?"),
        ("gain", "loss", {"move": "anser"}, "unknown move 'anser'; did you mean 'answer'?"),
        ("gain", "loss", {"move": "answer=stagd"}, "did you mean 'staged'?"),
        ("gain", "loss", {"move": "answer@2"}, "'answer' is not made in round 2; it is outside the rounds"),
        ("gain", "loss", {"move": "answer@x"}, "a move is written MOVE, MOVE@ROUND, MOVE=OPTION or MOVE=OPTION@ROUND"),
        ("gain", "loss", {"move": "answer=staged@2"}, "'answer' is not made in round 2; it is outside the rounds"),
        (
            "gain",
            "loss",
            {"move": "answer@1=staged@1"},
            "a move is written MOVE, MOVE@ROUND, MOVE=OPTION or MOVE=OPTION@ROUND",
        ),
        ("gain", "loss", {"move": "answer", "ending": "war"}, "name one of them"),
        ("gain", "loss", {"size": 1}, "2 to 200 points along each axis, found 1"),
        ("gain", "loss", {"given": {"los": 1.0}}, "unknown input 'los'; did you mean 'loss'?"),
    ],
)
def test_a_mistake_is_said_with_what_is_allowed(x: str, y: str, asked: dict, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(offramp.UsageError, match=message.replace("?", r"\?")):
        map_of(crisis_of(ONE_MOVER), x, y, **asked)


def test_the_command_prints_exports_and_gives_json(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "one.yaml"
    file.write_text(ONE_MOVER)
    asked = ["map", str(file), "--x", "gain", "--y", "loss", "--move", "answer", "--size", "6"]
    shown = CliRunner().invoke(main, [*asked, "--export", str(tmp_path / "out")])
    assert shown.exit_code == 0, shown.output
    assert "likeliest" in shown.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"border.csv", "border.parquet", "grid.csv", "grid.parquet", "map.svg", "map.png"}
    as_json = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)
    assert len(as_json["grid"]) == 36
    assert CliRunner().invoke(main, [*asked[:-1], "0"]).exit_code == 2
