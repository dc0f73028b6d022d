"""A number that an option takes is finite; what is none is refused in one line, whatever the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.cli.frame import MODULES
from offramp.cli.parameter_types import FiniteNumber, WholeNumber
from offramp.crisis.templates import template_text


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
    other += [
        (path, option.name)
        for path, option in found
        if isinstance(option.type, click.types.IntParamType | click.IntRange)
        and not isinstance(option.type, WholeNumber)
    ]
    assert other == []


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("1_0", "; write the digits without '_'"),
        ("٣", "; write '3' (U+0033 DIGIT THREE) for '٣' (U+0663 ARABIC-INDIC DIGIT THREE)"),
        ("１", "; write '1' (U+0031 DIGIT ONE) for '１' (U+FF11 FULLWIDTH DIGIT ONE)"),
        ("−1", "; write '-' (U+002D HYPHEN-MINUS) for '−' (U+2212 MINUS SIGN)"),
        ("1 000", "; write the thousands without a mark"),
        ("1,000,000", "; write the thousands without a mark"),
        ("0x10", "; write it in decimal digits"),
        ("ten", ""),
    ],
)
def test_a_number_is_written_in_plain_digits(tmp_path: Path, value: str, hint: str) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(template_text("hidden-resolve"), encoding="utf-8")
    for option, found in (("--draws", value), ("--rationality", value), ("--set", f"x={value}")):
        command = "run" if option == "--draws" else "solve"
        result = CliRunner().invoke(main, [command, str(file), option, found])
        assert result.exit_code == 2
        assert f"found '{found}'{hint}" in result.stderr
    assert "thousands" in CliRunner().invoke(main, ["run", str(file), "--draws", "1,000"]).stderr
    assert "write '.'" in CliRunner().invoke(main, ["solve", str(file), "--set", "x=1,5"]).stderr
    for text in ("5,0", "5%", "10/2"):  # a decimal number would be refused too
        assert f"found '{text}'.\n" in CliRunner().invoke(main, ["run", str(file), "--draws", text]).stderr


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
