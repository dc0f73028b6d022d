"""`offramp compare`: where two analysts differ, and how much each difference changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import EXPORT, JSON, MAX_NODES, PLACE, completes, deliver, guarded, main, with_progress
from offramp.cli.moment_options import at_moment, moment_options
from offramp.cli.opened_crisis import with_seed
from offramp.cli.parameter_types import FilePath
from offramp.cli.study_options import study_options
from offramp.common.texts import tr

if TYPE_CHECKING:
    pass


@main.command(short_help="Where do two analysts differ?")
@click.argument("a", type=PLACE, shell_complete=completes("crises or runs"))
@click.argument("b", type=PLACE, shell_complete=completes("crises or runs"))
@study_options("compare", "draws", "seed")
@click.option(
    "--map",
    "map_file",
    type=FilePath(),
    default=None,
    metavar="FILE",
    help="A map of keys: what A and B call the same things; --suppose then takes the keys of A.",
)
@MAX_NODES
@moment_options
@executor_options
@JSON
@EXPORT
@guarded
def compare(
    a: Path | str,
    b: Path | str,
    draws: int,
    seed: int | None,
    map_file: Path | None,
    max_nodes: int | None,
    now: bool,
    supposed: tuple[str, ...],
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """Where two crises differ, and how much each difference changes the endings.

    A and B are crisis files or runs; of a run, its crisis with its levers is compared. With
    --now, each is compared as of its own last observed step. With --map, keys that stand for
    the same thing are compared under A's name of it.
    """
    from offramp.crisis.model import Crisis
    from offramp.study.comparison.compare import compare as compare_both
    from offramp.study.comparison.shared_keys import with_shared_keys
    from offramp.study.key_map_reading import read_map

    (first, own_seed), (second, _) = with_seed(a), with_seed(b)
    key_map, keys = None if map_file is None else read_map(map_file), None
    if key_map is not None and supposed and isinstance(first, Crisis) and isinstance(second, Crisis):
        keys = with_shared_keys(first, second, key_map).renaming.inverse
    first, second = at_moment(first, now, supposed), at_moment(second, now, supposed, keys)
    options: Any = {"draws": draws, "seed": own_seed if seed is None else seed, "max_nodes": max_nodes}
    options |= {"key_map": key_map}
    with executor_of(workers, dask) as executor:
        finding = with_progress(
            tr("comparing"),
            1.0,
            lambda progress: compare_both(
                first, second, **options, labels=(str(a), str(b)), executor=executor, progress=progress
            ),
            counted=False,
        )
    deliver(finding, as_json, export)
