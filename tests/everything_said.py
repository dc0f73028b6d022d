"""Prints all that findings, the report and the tables of solves say of a crisis, for a test of the catalogue.

`python -m tests.everything_said CRISIS FOLDER`; each text stands on one line or inside one HTML element.
"""

from __future__ import annotations

import sys
from pathlib import Path

import altair as alt
from rich.console import Console

import offramp
from offramp.crisis.steps import Move
from offramp.report.branch_table import show_branch
from offramp.report.brief_document import brief_document
from offramp.report.brief_page import brief_page
from offramp.report.equilibria_table import show_equilibria, show_limit
from offramp.report.findings_in_terminal import show_finding
from offramp.report.page import page
from offramp.report.terminal import show_ensemble, show_solution
from offramp.study.brief import brief
from offramp.study.chart_process import Specification, svg_here

WIDE = 10_000


def as_the_schema_allows(specification: Specification, version: str) -> str:
    """A chart as it is drawn everywhere; an error if the schema of Vega-Lite does not allow it."""
    alt.Root.validate(dict(specification))
    return svg_here(specification, version)


def print_everything(path: str, folder: Path) -> None:
    crisis = offramp.read(path)
    now, run = crisis.now(), offramp.run(crisis, draws=256, seed=1, out=folder / "run")
    move = [step.key for step in crisis.steps() if isinstance(step, Move)][1]
    first, second, *_ = crisis.inputs
    console = Console(width=WIDE, file=sys.stdout)
    for finding in (
        offramp.endings(run), offramp.moves(run), offramp.moves(run, draw=3), offramp.weigh(run),
        offramp.levers(run, draws=32), offramp.levers(now, draws=128), offramp.worth(run), offramp.update(run),
        offramp.paths(crisis), offramp.paths(now), offramp.why(crisis, move),
        offramp.why(crisis, ending=crisis.endings[0].key), offramp.map_of(crisis, x=first, y=second, size=5),
        offramp.compare(crisis, now),
    ):  # fmt: skip
        print(repr(finding))
        show_finding(console, finding)
        for drawing in offramp.drawings_of(finding):
            print(repr(drawing), drawing.element("picture", 400, as_the_schema_allows))
    found = brief(run)
    print(page(run, run.manifest, found), brief_page(brief_document(run, run.manifest, found, "")))
    show_solution(console, offramp.solve(crisis))
    show_ensemble(console, run)
    show_branch(console, offramp.trace(crisis, to=2))
    show_equilibria(console, offramp.equilibria(crisis, 3), 3)
    show_limit(console, offramp.limit(crisis))


if __name__ == "__main__":
    print_everything(sys.argv[1], Path(sys.argv[2]))
