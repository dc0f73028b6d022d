"""`offramp solve`: one draw."""

from __future__ import annotations

import json
from pathlib import Path

import click

from offramp.cli.frame import FILE, JSON, LEVERS, MAX_NODES, RATIONALITY, SETTINGS, console, given_values, guarded, main


@main.command()
@FILE
@RATIONALITY
@SETTINGS
@LEVERS
@MAX_NODES
@JSON
@guarded
def solve(
    file: Path,
    rationality: float | None,
    settings: tuple[str, ...],
    levers: tuple[str, ...],
    max_nodes: int | None,
    as_json: bool,
) -> int:
    """Solve a crisis once, at the medians of its inputs."""
    from offramp.crisis.reading import read
    from offramp.solve.solution import solve as solve_once

    crisis = read(file).with_levers(*levers)
    solution = solve_once(crisis.compile(max_nodes), rationality=rationality, given=given_values(settings))
    if as_json:
        click.echo(json.dumps(solution.to_dict(), indent=2, ensure_ascii=False))
    else:
        from offramp.report.terminal import show_solution

        show_solution(console(), solution)
    return 0 if solution.converged else 1
