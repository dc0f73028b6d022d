"""`offramp redteam`: what may be weak in a crisis file or a draft; it changes nothing there."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.frame import EXPORT, JSON, deliver, guarded, main


@main.command(short_help="What may be weak in a crisis file or a draft?")
@click.argument("place", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--document", type=click.Path(path_type=Path), metavar="TEXT", help="The document it was made from.")
@JSON
@EXPORT
@guarded
def redteam(place: Path, document: Path | None, as_json: bool, export: Path | None) -> None:
    """List what may be weak in a crisis FILE, or in the draft in DIR: equal numbers, choices with one best option,
    quotes that do not support, assumptions without a source, endings and levers that move nothing. Nothing is changed.
    """
    from offramp.crisis.names import names_of
    from offramp.draft.redteam.examining import examined
    from offramp.draft.redteam.redteam_finding import WeakPoints, numbered
    from offramp.draft.redteam.target import target_of
    from offramp.report.weak_points_in_terminal import show_weak_points
    from offramp.study.basis import moment

    target = target_of(place, document)
    found, crisis = examined(target), target.game.crisis
    finding = WeakPoints(
        crisis.title, target.file.name, numbered(found.points), found.solving, names_of(crisis), moment(crisis)
    )
    deliver(finding, as_json, export, lambda screen: show_weak_points(screen, finding))
