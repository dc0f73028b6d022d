"""`offramp gallery`: the worked crises that come with Offramp."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.frame import EXPORT, JSON, deliver, guarded, main


@main.command(short_help="The worked crises that come with Offramp.")
@click.argument("name", required=False)
@JSON
@EXPORT
@guarded
def gallery(name: str | None, as_json: bool, export: Path | None) -> None:
    """List the worked crises that come with Offramp, with their scores; or say what one of them is about."""
    from offramp.study.known_outcomes.gallery_listing import gallery_entry, gallery_listing

    deliver(gallery_listing() if name is None else gallery_entry(name), as_json, export)
