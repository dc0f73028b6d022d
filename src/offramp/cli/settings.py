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
from offramp.common.words import listed, nearest_word, quoted

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
        name, value = _parted(setting, crisis)
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


def _parted(setting: str, crisis: Crisis | None) -> tuple[str, float | str]:
    """The name and the value of a pair; in place of the value, what is wrong with it."""
    name, _, text = (part.strip() for part in setting.partition("="))
    try:
        value = number_of(text)
    except ValueError as error:
        range_ = re.fullmatch(r"[-+]?[0-9.]+\s*(?:-|–|\.\.|to)\s*[-+]?[0-9.]+", text)
        hint = "; a range is written in the file, as the input's distribution" if range_ else str(error)
        hint = (crisis is not None and _of_named_values(name, text, crisis)) or hint
        return name, f"--set takes INPUT=VALUE with a number, found {quoted(setting)}{hint}"
    if not name:
        return name, f"--set takes INPUT=VALUE with the name of an input, found {quoted(setting)}"
    return name, value if isfinite(value) else f"input '{name}' must be a finite number, found {text[:40]}"


def _of_named_values(name: str, value: str, crisis: Crisis) -> str:
    """What to write for one of the named values of a step or of a column of text; '' if the name is neither."""
    from offramp.crisis.steps import Chance, Move  # loads NumPy, which `--help` does without

    step = crisis.named.get(name)
    if isinstance(step, Chance | Move):
        what, values = "a move" if isinstance(step, Move) else "a chance step", step.options
        if all(option.name != "supposed" for option in click.get_current_context().command.params):
            return f"; '{name}' is {what}, and no input"
        option, after = f"--suppose {name}=", ""
    else:
        columns = {key: entry.column for key, entry in crisis.inputs.items()}
        levels = (column.level for key, column in columns.items() if column and key == f"{name}.{column.level}")
        what, values = "a column of text, whose words are inputs, each 1 or 0", tuple(filter(None, levels))
        option, after = f"--set {name}.", "=1"
    if not values:
        return ""
    close = nearest_word(value, values)
    write = f"{option}{close}{after}" if close else f"{option}VALUE{after}, with one of {listed(values)}"
    return f"; '{name}' is {what}: write {write}"


def _unknown(names: dict[str, list[float]], crisis: Crisis) -> Iterator[str]:
    """What is said of names that are no inputs of the crisis."""
    from offramp.crisis.inputs import unknown_input

    yield from (unknown_input(crisis, name) for name in names if name not in crisis.inputs)
