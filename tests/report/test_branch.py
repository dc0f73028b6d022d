"""A branch is shown by the points that tell its course, in the order in which it was followed."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console
from scipy.optimize import brentq

from offramp.common.numerals import percent, quantity
from offramp.equilibrium.tracing import Branch, trace
from offramp.gambit.opening import compile_game
from offramp.report.branch_chart import MOST_ENDINGS, branch_chart, picture
from offramp.report.branch_table import MOST_POINTS, described, likeliest_endings, show_branch, telling_points
from tests.report.strategic import CHICKEN, DILEMMA, TURNING, game_of
from tests.shipped import tehran

PICTURES = pytest.mark.parametrize("game", [DILEMMA, CHICKEN, TURNING], ids=["plain", "crossed", "turning"])


@pytest.fixture(scope="module")
def turning() -> Branch:
    return trace(game_of(TURNING), to=50)


@pytest.fixture(scope="module")
def uneven() -> Branch:
    """A branch along which actors have different rationalities."""
    return trace(compile_game(tehran()))


def printed(branch: Branch, width: int) -> str:
    file = io.StringIO()
    show_branch(Console(file=file, width=width, highlight=False), branch)
    text = file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    return text


def test_where_chicken_is_crossed_is_said_and_marked() -> None:
    """Symmetric play q answers itself as log(q / (1 - q)) = L (2 - 6 q); a branch leaves where 6 L q (1 - q) = 1."""
    q = brentq(lambda q: np.log(q / (1 - q)) - (2 - 6 * q) / (6 * q * (1 - q)), 0.3, 0.49)
    where = quantity(1 / (6 * q * (1 - q)))
    branch = trace(game_of(CHICKEN))
    assert described(branch) == [
        f"At rationality {where} another branch of equilibria crosses the principal one, and the model does not"
        " determine which of them play follows beyond. The points beyond follow one of them; `offramp solve` at a"
        " rationality shows where all of them lead."
    ]
    (row,) = (line for line in printed(branch, 100).splitlines() if line.endswith("crossed"))
    assert row.split()[:2] == [where, percent((1 - q) ** 2)]


def test_a_branch_that_neither_turns_nor_is_crossed_says_so() -> None:
    assert described(trace(game_of(DILEMMA), to=7)) == [
        "Followed to rationality 7.00; it does not turn, and no other branch crosses it."
    ]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_first_last_and_turning_points_are_printed_in_the_order_of_the_branch(turning: Branch, width: int) -> None:
    points = telling_points(turning)
    assert {0, len(turning.scale) - 1, *turning.turns} <= set(points)
    assert len(points) <= MOST_POINTS
    text = printed(turning, width)
    first = text.index("\n\n") + 2
    rows = [line.split() for line in text[first:].splitlines()[1 : len(points) + 1]]
    assert [row[0] for row in rows] == [quantity(float(turning.rationality[point, 0])) for point in points]
    turns = [quantity(float(turning.rationality[point, 0])) for point in turning.turns]
    assert [row[0] for row in rows if row[-1] == "turns"] == turns
    assert f"Near rationality {turns[0]} and {turns[1]} it turns." in text


def test_actors_of_different_rationality_have_a_scale_and_the_most_rational_ones_own(uneven: Branch) -> None:
    text = printed(uneven, 120)
    assert "scale  rationality of United States  " in text
    rows = text[: text.index("\nHow sure")].splitlines()
    last = [row for row in rows if row and "more point" not in row][-1].split()
    assert last[:2] == ["1.00", "4.00"]
    assert last[2:] == [percent(float(share)) for share in uneven.endings[-1]]


def test_a_branch_that_could_not_be_followed_says_how_far_it_went(turning: Branch) -> None:
    lost = replace(turning, reached=False)
    assert described(lost)[0] == "The branch could be followed only to rationality 50.0."
    assert described(lost)[0] in printed(lost, 100)


def test_of_many_endings_the_likeliest_are_shown_and_the_others_together(turning: Branch) -> None:
    names, odds = likeliest_endings(turning, 3)
    assert len(names) == 4
    assert names[-1] == "others"
    assert odds.sum(axis=1) == pytest.approx(np.ones(len(odds)))
    peaks = turning.endings.max(axis=0)
    assert sorted(odds.max(axis=0)[:3]) == sorted(peaks)[-3:]
    assert likeliest_endings(turning, MOST_ENDINGS)[0] == [ending.key for ending in turning.game.crisis.endings]


def test_lines_are_drawn_along_the_branch_and_pass_through_its_points(turning: Branch) -> None:
    chart = branch_chart(turning).to_dict()
    lines = chart["layer"][0]
    assert lines["encoding"]["order"]["field"] == "place"
    rows = [row for row in chart["datasets"][lines["data"]["name"]] if row["ending"] == "1, 2"]
    assert [row["place"] for row in rows] == list(range(len(rows)))
    runs = np.sign(np.diff([row["x"] for row in rows]))
    assert sum(before * after < 0 for before, after in pairwise(runs)) == 2
    drawn = np.array([[row["x"], row["p"]] for row in rows])
    number = [ending.key for ending in turning.game.crisis.endings].index("1, 2")
    for point in np.column_stack([turning.rationality[:, 0], turning.endings[:, number]]):
        assert np.abs(drawn - point).max(axis=1).min() < 1e-9
    assert drawn[:, 1].min() >= 0.0
    assert drawn[:, 1].max() <= 1.0


@PICTURES
def test_pictures_are_whole_and_ask_for_nothing(game: str) -> None:
    branch = trace(game_of(game), to=20)
    svg = picture(branch, ".svg").decode()
    ElementTree.fromstring(svg)
    assert all(ending.key in svg for ending in branch.game.crisis.endings)
    assert "http" not in svg.replace("http://www.w3.org/", "")
    page = picture(branch, ".html").decode()
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert picture(branch, ".png").startswith(b"\x89PNG")


def test_the_axis_stretches_its_beginning_where_most_happens_there() -> None:
    game = game_of(DILEMMA)
    near, far = (branch_chart(trace(game, to=to)).to_dict()["layer"][0]["encoding"]["x"] for to in (2, 1000))
    assert "type" not in near["scale"]
    assert far["scale"]["type"] == "symlog"
    assert far["axis"]["values"][0] == 0
    assert far["axis"]["values"][-1] == 1000


def test_a_branch_along_which_nothing_changes_is_drawn_too() -> None:
    pennies = 'NFG 1 R "Pennies" { "Ann" "Bob" } { 2 2 }\n1 -1  -1 1  -1 1  1 -1\n'
    assert b"25%" in picture(trace(game_of(pennies), to=5), ".svg")


def test_a_title_is_text_and_never_markup() -> None:
    branch = trace(game_of(DILEMMA.replace("Dilemma", "<script>alert(1)</script>")))
    for suffix in (".svg", ".html"):
        text = picture(branch, suffix).decode()
        assert "<script" not in text
        assert "&lt;script&gt;" in text
