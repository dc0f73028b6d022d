"""What `--set` gives: values of inputs by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import WARNINGS
from offramp.common.errors import UsageError
from offramp.common.typed_numbers import number_of
from offramp.common.words import listed, quoted

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis


def given_values(settings: tuple[str, ...], crisis: Crisis | None = None) -> dict[str, float]:
    """Parse `INPUT=VALUE` pairs; warn of values that an input of the crisis cannot have.

    Raises
    ------
    UsageError
        With every mistake: a pair that is none, a value that is no number, an input that the crisis does not have, or
        one that is set to two values.
    """
    values: dict[str, list[float]] = {}
    mistakes = []
    for setting in settings:
        name, value = _parted(setting)
        if isinstance(value, str):
            mistakes.append(value)
        elif value not in values.setdefault(name, []):
            values[name].append(value)
    mistakes += [
        f"--set gives '{name}' several values, {listed(f'{value:.10g}' for value in several)}: give one"
        for name, several in values.items()
        if len(several) > 1
    ]
    if crisis is not None:
        mistakes += _unknown(values, crisis)
    if mistakes:
        raise UsageError("\n".join(mistakes))
    given = {name: one for name, (one,) in values.items()}
    if crisis is not None and given:
        from offramp.crisis.inputs import outside_support

        outside = [f"--set {warning}" for warning in outside_support(crisis, given)]
        click.get_current_context().meta[WARNINGS] = outside
    return given


def _parted(setting: str) -> tuple[str, float | str]:
    """The name and the value of a pair; in place of the value, what is wrong with it."""
    name, _, text = (part.strip() for part in setting.partition("="))
    try:
        value = number_of(text)
    except ValueError as error:
        range_ = re.fullmatch(r"[-+]?[0-9.]+\s*(?:-|–|\.\.|to)\s*[-+]?[0-9.]+", text)
        hint = "; a range is written in the file, as the input's distribution" if range_ else str(error)
        return name, f"--set takes INPUT=VALUE with a number, found {quoted(setting)}{hint}"
    if not name:
        return name, f"--set takes INPUT=VALUE with the name of an input, found {quoted(setting)}"
    return name, value if isfinite(value) else f"input '{name}' must be a finite number, found {text[:40]}"


def _unknown(names: dict[str, list[float]], crisis: Crisis) -> Iterator[str]:
    """What is said of names that are no inputs of the crisis."""
    from offramp.crisis.inputs import unknown_input

    yield from (unknown_input(crisis, name) for name in names if name not in crisis.inputs)
