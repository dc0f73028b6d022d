"""What is printed fits the terminal, loses nothing, and says where it is no equilibrium."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import offramp
from offramp.ensemble.result import Ensemble
from offramp.report.terminal import bar, show_ensemble, show_solution
from offramp.report.wording import amount, percent
from offramp.solve.solution import Solution
from tests.report.harbour import harbour, unconverged, with_status, with_unconverged

WIDTHS = pytest.mark.parametrize("width", [60, 140])


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return harbour()


@pytest.fixture(scope="module")
def solution(ensemble: Ensemble) -> Solution:
    return offramp.solve(ensemble.game)


def printed(shown: Solution | Ensemble, width: int) -> str:
    """What is printed on a terminal of this width; no line may be longer."""
    file = io.StringIO()
    console = Console(file=file, width=width, highlight=False)
    if isinstance(shown, Solution):
        show_solution(console, shown)
    else:
        show_ensemble(console, shown)
    text = file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    return text


def words(text: str) -> str:
    return " ".join(text.split())


@WIDTHS
def test_a_solution_is_printed_whole(solution: Solution, width: int) -> None:
    text = words(printed(solution, width))
    for ending, share in solution.endings.items():
        assert f"{ending} {percent(share)}" in text
    for actor, terms in solution.payoffs.items():
        assert f"{actor} {solution.rationality[actor]:.2f} {amount(solution.total(actor))}" in text
        for term, value in terms.items():
            assert f"{term} {amount(value)}" in text
    for move in solution.moves[:4]:
        for option, share in move.options.items():
            assert f"{option} {percent(share)}" in text
    assert "NOT CONVERGED" not in text


@WIDTHS
def test_an_ensemble_is_printed_whole(ensemble: Ensemble, width: int) -> None:
    text = words(printed(ensemble, width))
    for ending, interval in ensemble.ending_intervals.items():
        assert f"{ending} {percent(interval.mean)} {percent(interval.p05)} to {percent(interval.p95)}" in text
    for move in ensemble.moves:
        assert f"{percent(move.reached.mean)} {move.move}, {move.actor}, round {move.round}" in text
        for option, share in move.options.items():
            assert f"{option} {percent(share.mean)}" in text
    assert "All draws converged." in text


@WIDTHS
def test_what_did_not_converge_is_marked(solution: Solution, ensemble: Ensemble, width: int) -> None:
    assert "NOT CONVERGED" in printed(unconverged(solution), width)
    assert "NOT CONVERGED: 2 of 32 draws" in words(printed(with_unconverged(ensemble, 4, 5), width))
    none = printed(with_unconverged(ensemble, *range(32)), width)
    assert "there are no numbers" in words(none)
    assert "nan" not in none


def test_a_title_can_neither_steer_the_terminal_nor_style_it() -> None:
    text = printed(harbour("\x1b[31m[red]x[/red] :warning: \x07", draws=4), 140)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]x[/red] :warning:" in text


def test_levers_pulled_are_named() -> None:
    assert "(levers: hotline, restraint)" in printed(harbour(levers=("hotline", "restraint"), draws=4), 140)


@pytest.mark.parametrize(
    ("encoding", "bars"), [("utf-8", ["", "██▌", "█████▎", "█" * 10, ""]), ("ascii", ["", "##", "#####", "#" * 10, ""])]
)
def test_a_bar_is_as_long_as_its_share_in_letters_that_the_terminal_has(encoding: str, bars: list[str]) -> None:
    console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding=encoding), width=80)
    assert [bar(console, share) for share in (0.0, 0.25, 0.53125, 1.0, float("nan"))] == bars
