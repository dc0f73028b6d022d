"""A number that an option takes is finite; what is none is refused in one line, whatever the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.cli.frame import MODULES, FiniteNumber


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(group, click.Group):
        yield path, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*path, name))


def test_every_option_that_takes_a_number_takes_a_finite_one() -> None:
    found = [(path, option) for path, command in commands(main) for option in command.params]
    assert {path[0] for path, _ in found} >= MODULES.keys() - {"gallery", "schema"}
    other = [
        (path, option.name)
        for path, option in found
        if isinstance(option.type, click.types.FloatParamType | click.FloatRange)
        and not isinstance(option.type, FiniteNumber)
    ]
    assert other == []


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("command", [("clean", ".", "--older-than"), ("solve", "x.yaml", "--rationality")])
def test_a_number_that_is_not_finite_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*command, value])
    assert result.exit_code == 2
    assert f"expected a finite number, found '{value}'" in result.stderr


def test_days_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["clean", ".", "--older-than", "1e9"])
    assert (result.exit_code, result.stderr) == (
        2,
        "--older-than takes a number of days from 0 up to 100,000, found 1e+09\n",
    )


def test_no_help_says_that_a_number_without_bounds_has_some() -> None:
    for path, command in commands(main):
        with click.Context(command) as context:
            assert "None]" not in command.get_help(context), path
