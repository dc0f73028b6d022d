"""`offramp levers` and `worth`: what opens a way out, and what it is worth to find out before choosing one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from offramp.cli.executor_options import crew, crew_of
from offramp.cli.frame import EXPORT, FILE, JSON, RUN, deliver, drawn, guarded, main, with_progress
from offramp.common.errors import UsageError

ENDING = click.option(
    "--ending", default=None, metavar="E", help="The ending to avoid, by default the first of the file."
)


@main.command(short_help="What opens a way out?")
@FILE
@ENDING
@click.option(
    "--below", type=float, default=None, metavar="P", help="Find the cheapest levers that bring the ending below this."
)
@drawn(96)
@crew
@JSON
@EXPORT
@guarded
def levers(
    file: Path,
    ending: str | None,
    below: float | None,
    draws: int,
    seed: int,
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """What opens a way out: every lever, and every pair, on the same draws."""
    from offramp.gambit.opening import read
    from offramp.gambit.tree import Tree
    from offramp.study.interventions.levers_study import levers as levers_of
    from offramp.study.interventions.levers_study import sets_of

    crisis = read(file)
    if isinstance(crisis, Tree):
        raise UsageError(f"{file} is a game without inputs and levers")
    total = draws * (len(sets_of(crisis)) + 1)
    asked: Any = {"ending": ending, "below": below, "draws": draws, "seed": seed}
    with crew_of(workers, dask) as executor:
        found = with_progress(
            "trying levers", total, lambda progress: levers_of(crisis, **asked, executor=executor, progress=progress)
        )
    deliver(found, as_json, export)


@main.command(short_help="What is it worth to find out?")
@RUN
@ENDING
@click.option("--for", "actor", default=None, metavar="ACTOR", help="Choose for this actor's payoff, costs taken off.")
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    default=320,
    show_default=True,
    metavar="N",
    help="Use the run's first N draws.",
)
@crew
@JSON
@EXPORT
@guarded
def worth(
    folder: Path | str,
    ending: str | None,
    actor: str | None,
    draws: int,
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """What it is worth to find out an input or a hidden value before a lever is chosen."""
    from offramp.runs.opened import open_run
    from offramp.study.scenarios import free_levers
    from offramp.study.value_of_information.worth import worth as worth_of

    ensemble = open_run(folder)
    total = min(draws, ensemble.draws) * (len(free_levers(ensemble.crisis)) + 1)
    asked: Any = {"ending": ending, "actor": actor, "draws": draws}
    with crew_of(workers, dask) as executor:
        found = with_progress(
            "trying levers", total, lambda progress: worth_of(ensemble, **asked, executor=executor, progress=progress)
        )
    deliver(found, as_json, export)
