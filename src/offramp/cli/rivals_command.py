"""`offramp rivals`: where rival drafts of one account differ, and by more than each is unsure."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import EXPORT, JSON, MAX_NODES, deliver, guarded, main, with_progress
from offramp.cli.parameter_types import WHOLE, FilePath
from offramp.common.texts import tr


@main.command(short_help="Where do rival drafts of one account differ?")
@click.argument("place", metavar="DIR|MAP", type=FilePath())
@click.option("--draws", type=WHOLE, default=256, show_default=True, metavar="N", help="Draws of each draft.")
@click.option(
    "--seed",
    type=WHOLE,
    default=1,
    show_default=True,
    metavar="S",
    help="The same seed gives the same numbers.",
)
@click.option("--confirm", is_flag=True, help="Say which endings are the same, at a terminal.")
@click.option("--by", default=None, metavar="NAME", help="Who confirms [your name on this machine].")
@MAX_NODES
@executor_options
@JSON
@EXPORT
@guarded
def rivals(
    place: Path,
    draws: int,
    seed: int,
    confirm: bool,
    by: str | None,
    max_nodes: int | None,
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> int:
    """How far apart rival drafts are, beside how unsure each of them is.

    DIR is a folder of rival drafts with its map of keys, map.yaml; MAP is any map of keys. Numbers
    of endings are compared only if a person has confirmed which endings are the same.
    """
    from offramp.common.errors import UsageError
    from offramp.study.key_map import MAP_FILE
    from offramp.study.key_map_reading import read_map
    from offramp.study.rivals.rival_spread import spread_of_rivals

    path = place / MAP_FILE if place.is_dir() else place
    if confirm:
        from offramp.cli.endings_session import confirm_endings, confirm_map
        from offramp.draft.rivals.rival_drafts import has_rivals

        if path.name == MAP_FILE and has_rivals(path.parent):
            return confirm_endings(path.parent, by)
    elif by is not None:
        raise UsageError("--by goes with --confirm")
    if place.is_dir() and not path.exists():
        from offramp.draft.rivals.rival_drafts import has_rivals

        how = (
            f"the drafts are not done or not aligned: offramp draft {shlex.quote(str(place))}"
            if has_rivals(place)
            else "`offramp draft DOCUMENT --rivals K` makes one when all its drafts are done"
        )
        raise UsageError(f"{place} has no {MAP_FILE}, a map of the drafts' keys; {how}")
    key_map = read_map(path)
    if confirm:
        return confirm_map(key_map, by)
    with executor_of(workers, dask) as executor:
        finding = with_progress(
            tr("solving drafts"),
            float(draws * len(key_map.files)),
            lambda progress: spread_of_rivals(
                key_map, draws=draws, seed=seed, max_nodes=max_nodes, executor=executor, progress=progress
            ),
        )
    deliver(finding, as_json, export)
    return 0
