"""The commands of Offramp by name, all loaded."""

from __future__ import annotations

import click

from offramp.cli import main


def _loaded() -> dict[str, click.Command]:
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


EVERY_COMMAND = _loaded()
