"""A report and its terminal show one figure for one quantity: the run's mean, or another one that says what it is."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

import offramp
from offramp.common.numerals import percent
from offramp.crisis.parts import name_of
from offramp.gambit.opening import compile_game
from offramp.report.findings_in_terminal import show_finding
from offramp.report.page import page
from offramp.report.terminal import show_ensemble, show_solution
from offramp.runs.result import Run
from offramp.study.brief import LEVER_DRAWS, Brief, brief
from offramp.study.finding import Finding
from tests.crises import crisis_of
from tests.report.harbour import CRISIS
from tests.report.test_page import manifest_for, taken_apart

TEXT = CRISIS.replace("TEXT", '"Plain."').replace("CITE", r'"cable-7 \"Plain.\""')
OBSERVED = "observed: [{date: 2031-03-04, round: 1, answer: staged}]\nendings:"
MARKED = re.compile(r",? [<>]?[\d.]+% in this solve")
"""A figure that is said to be that of a solve."""


@pytest.fixture(scope="module")
def run() -> Run:
    return offramp.run(crisis_of(TEXT.replace("endings:", OBSERVED)), draws=512, seed=4)


@pytest.fixture(scope="module")
def found(run: Run) -> Brief:
    return brief(run)


def in_terminal(shown: Finding | Run) -> str:
    console = Console(file=io.StringIO(), width=200, highlight=False)
    (show_finding if isinstance(shown, Finding) else show_ensemble)(console, shown)  # type: ignore[operator]
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def told(text: str, name: str) -> list[str]:
    """The figures that a text gives an ending as its probability, but for those that say what they are of."""
    bare = re.sub(r"One solve [^.]*\. Play from step.*?It ends in: .*?\.(?!\d)", "", MARKED.sub("", text))
    lead = rf"\b{name} ?: [a-z ]+, ([<>]?[\d.]+%) on average"
    likely = rf"\b{name} \(([<>]?[\d.]+%) likely"
    before = rf"(?:ending to avoid is|judged by the first,) {name}\. Without a lever it has ([<>]?[\d.]+%)"
    words = rf"\b{name} \([a-z ]+, ([<>]?[\d.]+%)\)"
    charts = rf"\b{name}: ([<>]?[\d.]+%) \("
    changes = rf"\b{name} ([<>]?[\d.]+%)(?:,|\.(?!\d)|$)"
    return [
        figure
        for pattern in (lead, likely, before, words, charts, changes)
        for figure in re.findall(pattern, bare, re.I)
    ]


def test_an_ending_s_probability_reads_alike_in_every_section(run: Run, found: Brief) -> None:
    whole = taken_apart(page(run, manifest_for(run), found))
    assert found.levers is not None
    assert found.update is not None
    assert run.draws > LEVER_DRAWS
    first = run.ending_intervals["war"]
    for row in run.endings:  # else nothing is tried
        assert percent(float(row[:LEVER_DRAWS].mean())) != percent(float(row.mean()))
    texts = {
        "page": whole.text,
        "run": in_terminal(run),
        "endings": in_terminal(offramp.endings(run)),
        "update": found.update.answer[0],
        "worth": in_terminal(offramp.worth(run, draws=LEVER_DRAWS)),
    }
    for name, interval in run.ending_intervals.items():
        figures = told(whole.text, name_of(name))
        assert len(figures) >= 3
        now = percent(found.update.after[name].mean)
        assert {percent(interval.mean)} <= set(figures) <= {percent(interval.mean), now}
        (row,) = (row for row in whole.table("How it ends") if row[0].startswith(name_of(name)))
        assert row[1] == percent(interval.mean)
        for place in ("run", "endings"):
            assert f"{name_of(name)} {percent(interval.mean)}" in texts[place]
        assert f"{name_of(name)} {percent(interval.mean)}" in texts["update"]
    assert f"without a lever has {percent(first.mean)}" in texts["worth"] or (
        f"no lever {percent(first.mean)}" in texts["worth"]
    )


def test_a_lever_on_part_of_the_draws_starts_from_the_run_s_mean(run: Run, found: Brief) -> None:
    assert found.levers is not None
    assert found.update is not None
    assert f"The first {found.levers.draws} of the run's {run.draws} draws." in found.levers.basis
    for name, interval in found.update.after.items():
        assert found.levers.before[name] == pytest.approx(interval.mean, abs=1e-12)
        for tried in found.levers.sets:
            level = interval.mean + tried.endings[name].mean
            assert tried.after[name] == pytest.approx(min(max(level, 0.0), 1.0), abs=1e-12)


def test_what_rests_on_one_solve_says_so_beside_the_run_s_figure(run: Run, found: Brief) -> None:
    solution = offramp.solve(run.game)
    for name, interval in run.ending_intervals.items():
        here = percent(solution.endings[name])
        assert f"({percent(interval.mean)} likely, {here} in this solve)" in " ".join(found.paths.answer)
    for why in found.whys:
        assert why.run is not None
        assert f"Over the run's draws this decision arises in {percent(why.run.reached)} of cases" in why.answer[1]
    text = taken_apart(page(run, manifest_for(run), found)).text
    assert text.count("One solve at the medians of the inputs.") >= 4


def test_the_conditions_of_a_solve_are_told_as_they_are() -> None:
    game = compile_game(crisis_of(TEXT))
    pulled = replace(game, crisis=game.crisis.with_levers("hotline"))
    told = "at the medians of the inputs, but war cost = 5, with rationality 2 for all actors"
    asked = {"given": {"war_cost": 5.0}, "rationality": 2.0}
    for finding in (offramp.why(pulled, "answer", **asked), offramp.paths(pulled, **asked)):  # type: ignore[arg-type]
        assert finding.basis == f"One solve {told}; levers pulled: hotline."
        assert finding.basis in in_terminal(finding)
        assert "medians" not in " ".join(finding.notes)
    solution = offramp.solve(pulled, **asked)  # type: ignore[arg-type]
    assert solution.conditions == told
    assert f"one solve {told}" in repr(solution)
    console = Console(file=io.StringIO(), width=200)
    show_solution(console, solution)
    assert isinstance(console.file, io.StringIO)
    assert f"one solve {told} (levers: hotline)" in console.file.getvalue()
    held = {name: entry.distribution.quantile(np.array([0.5])).item() for name, entry in game.crisis.inputs.items()}
    assert "medians" not in offramp.solve(game, given=held).conditions
