"""What is printed fits the terminal, loses nothing, and says where it is no equilibrium."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import offramp
from offramp.common.numerals import amount, percent, quantity, small
from offramp.crisis.names import capital, names_of
from offramp.equilibrium.solution import Solution
from offramp.report.terminal import bar, show_ensemble, show_solution
from offramp.runs.result import Run
from tests.report.harbour import harbour, unconverged, with_status, with_unconverged

WIDTHS = pytest.mark.parametrize("width", [60, 140])


@pytest.fixture(scope="module")
def ensemble() -> Run:
    return harbour()


@pytest.fixture(scope="module")
def solution(ensemble: Run) -> Solution:
    return offramp.solve(ensemble.game)


def printed(shown: Solution | Run, width: int) -> str:
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
    text, names = words(printed(solution, width)), names_of(solution.game.crisis)
    for ending, share in solution.endings.items():
        assert f"{names.endings[ending]} {percent(share)}" in text
    for actor, terms in solution.payoffs.items():
        assert f"{names.actors[actor]} {amount(solution.total(actor))}" in text
        for term, value in terms.items():
            assert f"{names.terms[actor, term]} {amount(value)}" in text
    for move in solution.moves[:4]:
        for option, share in move.options.items():
            assert f"{names.option(move.situation.move, option)} {percent(share)}" in text
    assert "NOT CONVERGED" not in text


@WIDTHS
def test_an_ensemble_is_printed_whole(ensemble: Run, width: int) -> None:
    text, names = words(printed(ensemble, width)), names_of(ensemble.crisis)
    for ending, interval in ensemble.ending_intervals.items():
        spread = f"{percent(interval.p05)} to {percent(interval.p95)}"
        assert f"{names.endings[ending]} {percent(interval.mean)} {spread}" in text
    for move in ensemble.moves:
        where = f"{capital(names.steps[move.move])} ({names.actors[move.actor]}), round {move.round}"
        assert f"{percent(move.reached.mean)} {where}" in text
        for option, share in move.options.items():
            assert f"{names.option(move.move, option)} {percent(share.mean)}" in text
    assert text.index("How sure is the computation All draws converged") > text.index(where)


@WIDTHS
def test_what_did_not_converge_is_marked(solution: Solution, ensemble: Run, width: int) -> None:
    assert "NOT CONVERGED" in printed(unconverged(solution), width)
    assert "NOT CONVERGED: 2 of 32 draws" in words(printed(with_unconverged(ensemble, 4, 5), width))
    none = printed(with_unconverged(ensemble, *range(32)), width)
    assert "there are no numbers" in words(none)
    assert "nan" not in none


@WIDTHS
def test_the_certificate_comes_last_after_a_plain_sentence(solution: Solution, width: int) -> None:
    text = words(printed(solution, width))
    last = text[text.index("How sure is the computation") :]
    assert last.startswith("How sure is the computation The solve converged: the numbers are those of an equilibrium.")
    assert "regret once regret" in last
    assert f"equations {solution.certificate.residual:.1e} (allowed 1e-09)" in text
    assert "– if it forgets" in text, "north and south have perfect recall, but for north"
    for actor in solution.payoffs:
        once, regret = solution.certificate.regret_once[actor], solution.certificate.regret[actor]
        best = "–" if regret is None else small(regret)
        name = solution.game.crisis.actors[actor].name
        assert f"{name} {solution.rationality[actor]:.2f} {small(once)} {best}" in last


@WIDTHS
def test_an_ensemble_says_how_many_draws_have_which_status(ensemble: Run, width: int) -> None:
    plainly = words(printed(ensemble, width))
    assert "1 principal, 31 not traced. The principal branch was followed in one draw (every 128th)." in plainly
    assert "In the sample, every draw's solution lies on the principal branch." in plainly
    assert "A sample of one draw leaves open that up to 95.0% of all draws have another equilibrium" in plainly
    assert "WARNING" not in plainly
    doubtful = with_status(with_status(ensemble, "other branch", 0), "bifurcation", 7, 8)
    text = words(printed(doubtful, width))
    assert "1 other branch, 29 not traced, 2 bifurcation." in text
    assert "in 2 more that sweeps did not settle" in text
    assert "WARNING: 1 of 1 draws compared with their principal branch (100.0%) has another equilibrium" in text
    assert "In 2 draws another branch of equilibria crosses the principal one" in text
    assert "In the sample, every draw" not in text
    assert "leaves open that up to" not in text


@WIDTHS
def test_the_first_draws_that_did_not_converge_are_printed_with_their_inputs(ensemble: Run, width: int) -> None:
    text = words(printed(with_unconverged(ensemble, 4, 9, 10, 31), width))
    for draw in (4, 9, 10):
        names = names_of(ensemble.crisis).inputs
        inputs = ", ".join(f"{names[key]} {quantity(values[draw])}" for key, values in ensemble.inputs.items())
        assert f"not converged: draw {draw}, {inputs}" in text
    assert "draw 31" not in text
    assert "1 more did not converge; --json lists all with their inputs" in text


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
