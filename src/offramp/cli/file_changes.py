"""Shows how a crisis file would change, asks, and writes it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.crisis.editor.file_change import FileChange


def offer_change(change: FileChange, yes: bool, as_json: bool) -> None:
    """Show the change of a crisis file, ask unless `yes`, and write it; with --json all this is on standard error."""
    if change.before == change.after:
        click.echo("\n" + tr("{file} says this already; nothing was written", file=change.path), err=as_json)
        return
    click.echo(f"\n{change.summary}", err=as_json)
    for line in change.lines():
        click.echo(f"  {line}", err=as_json)
    if not yes and sys.stdin.isatty() and sys.stdout.isatty():
        yes = click.confirm(tr("Write this into {file}?", file=change.path))
        if not yes:
            click.echo(tr("nothing was written"))
    elif not yes:
        click.echo(tr("nothing was written; --yes writes it"), err=as_json)
    if yes:
        change.write()
        click.echo(tr("written: {what}", what=change.path), err=as_json)
