"""`offramp compare`: where two analysts differ, and what each difference moves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.executor_options import crew, crew_of
from offramp.cli.frame import EXPORT, JSON, MAX_NODES, PLACE, deliver, guarded, main, with_progress

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree


@main.command(short_help="Where do two analysts differ?")
@click.argument("a", type=PLACE)
@click.argument("b", type=PLACE)
@click.option("--draws", type=int, default=128, show_default=True, metavar="N", help="Draws of the inputs.")
@click.option("--seed", type=int, default=None, metavar="S", help="Of the draws; by default that of the run A, else 1.")
@MAX_NODES
@crew
@JSON
@EXPORT
@guarded
def compare(
    a: Path | str,
    b: Path | str,
    draws: int,
    seed: int | None,
    max_nodes: int | None,
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """Where two crises differ, and which difference moves the endings by how much.

    A and B are crisis files, or runs: then their crises, with the levers that the runs have pulled.
    """
    from offramp.study.comparison.compare import compare as compare_both

    (first, own_seed), (second, _) = _opened(a), _opened(b)
    asked: Any = {"draws": draws, "seed": own_seed if seed is None else seed, "max_nodes": max_nodes}
    with crew_of(workers, dask) as executor:
        found = with_progress(
            "mixing",
            1.0,
            lambda progress: compare_both(
                first, second, **asked, labels=(str(a), str(b)), executor=executor, progress=progress
            ),
            counted=False,
        )
    deliver(found, as_json, export)


def _opened(path: Path | str) -> tuple[Crisis | Tree, int]:
    """A crisis, and the seed of its run if it is one."""
    if isinstance(path, str) or path.is_dir():
        from offramp.runs.opened import open_run

        run = open_run(path)
        return run.crisis, run.seed
    from offramp.gambit.opening import read

    return read(path), 1
