"""An empty path is refused everywhere: it would be the folder in which the command runs."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from offramp.cli import main

PATHS = ("FILE", "DIR", "PATH", "DOCUMENT", "MAP", "RUN", "A", "B")


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in command.commands.items())
        else:
            yield name, command


def of_paths() -> Iterator[tuple[str, click.Parameter]]:
    """Each option and argument that takes a path, by what the help calls it."""
    for name, command in commands():
        for parameter in command.params:
            words = set((parameter.metavar or parameter.type.name).upper().strip("[]").replace(".", "").split("|"))
            if words & {*PATHS, "PLACE"} or isinstance(parameter.type, click.Path):
                yield name, parameter


@pytest.mark.parametrize(
    ("name", "parameter"), list(of_paths()), ids=lambda one: one if isinstance(one, str) else one.name
)
def test_an_empty_path_is_refused(name: str, parameter: click.Parameter) -> None:
    command = dict(commands())[name]
    given: list[str] = []
    for other in command.params:
        if other is parameter and isinstance(other, click.Argument):
            given.append("")
        elif isinstance(other, click.Argument) and other.required:
            given.append("1")
    if isinstance(parameter, click.Option):
        given += [parameter.opts[0], ""]
    refused = CliRunner().invoke(main, [*name.split(), *given])
    assert refused.exit_code == 2, refused.output
    assert "found nothing." in refused.output


def test_the_paths_of_every_command_are_found() -> None:
    found = {(name, parameter.name) for name, parameter in of_paths()}
    assert {("check", "file"), ("draft", "answer"), ("clean", "directory"), ("merge", "out"), ("fit", "data")} <= found
    assert len(found) > 60
