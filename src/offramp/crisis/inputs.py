"""Values of a crisis's inputs: medians, numbers given by the user, and the effect of pulled levers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.common.words import listed, nearest_key
from offramp.crisis.expressions.expression import Expression, evaluate
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.lever import Lever
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Correlation

Array = NDArray[np.float64]
SHOWN = 30
"""Most inputs that a message lists."""


def medians(crisis: Crisis) -> dict[str, Array]:
    """The median of every input, as arrays of shape (1,)."""
    return {name: np.full(1, entry.distribution.median) for name, entry in crisis.inputs.items()}


def idle_correlations(crisis: Crisis) -> dict[Correlation, str]:
    """The correlations that have no effect, each with a message: one of its inputs is constant or set by a lever."""
    idle = {name: f"'{name}' is a constant" for name in crisis.inputs.keys() - set(crisis.uncertain)}
    for lever in crisis.pulled:
        for name, expression in crisis.levers[lever].sets.items():
            if name not in crisis.effective_inputs:
                idle.setdefault(name, f"lever '{lever}' sets '{name}' to {expression.text}")
    pairs = {pair: [idle[name] for name in (pair.first, pair.second) if name in idle] for pair in crisis.correlations}
    return {
        pair: f"the correlation of '{pair.first}' and '{pair.second}' has no effect: {' and '.join(reasons)}"
        for pair, reasons in pairs.items()
        if reasons
    }


def outside_support(crisis: Crisis, given: Mapping[str, float]) -> list[str]:
    """Messages about given numbers that lie outside the distributions of their inputs."""
    messages = []
    for name, number in given.items():
        entry = crisis.inputs.get(name)
        if entry is not None and entry.distribution.kind != "constant":
            low, high = entry.distribution.support
            if not low <= number <= high:
                bounds = [f"from {low:g}"] * (low > -np.inf) + [f"to {high:g}"] * (high < np.inf)
                span = "up " * (low == -np.inf) + " ".join(bounds) + " upwards" * (high == np.inf)
                messages.append(f"{name} = {number:g} is outside {entry.distribution}, which ranges {span}")
    return messages


def conditions(crisis: Crisis, given: Mapping[str, float] | None = None, rationality: float | None = None) -> str:
    """The inputs and rationality of a solve, in words, without the pulled levers.

    Examples
    --------
    `at the medians of the inputs, but what war costs = 5`, `as the file has it`.
    """
    fixed = listed((f"{crisis.inputs[key].name} = {value:.10g}" for key, value in (given or {}).items()), 20)
    if all(name in (given or {}) for name in crisis.uncertain):
        inputs = tr("with {inputs}", inputs=fixed) if fixed else ""
    elif fixed:
        inputs = tr("at the medians of the inputs, but {inputs}", inputs=fixed)
    else:
        inputs = tr("at the medians of the inputs")
    if rationality is None:
        return inputs or tr("as the file has it")
    rationalities = tr("with rationality {rationality} for all actors", rationality=f"{rationality:.10g}")
    return ", ".join(filter(None, (inputs, rationalities)))


def apply_lever(lever: Lever, values: Mapping[str, Array]) -> dict[str, Array]:
    """The inputs after a lever has set some of them."""
    sets = {name: evaluate(expression.root, values) for name, expression in lever.sets.items()}
    return {**values, **{name: np.broadcast_to(value, values[name].shape).copy() for name, value in sets.items()}}


def unknown_input(crisis: Crisis, name: str) -> str:
    """The message about a name that is no input: what it is, the nearest input, or all of them."""
    if name in crisis.sums:
        coefficients = listed(crisis.sums[name].coefficients, SHOWN)
        return f"'{name}' is a sum of coefficients times columns, and no input of its own; its inputs: {coefficients}"
    levels = [key for key, entry in crisis.inputs.items() if entry.column and key.startswith(f"{name}.")]
    if levels:
        return f"'{name}' is a column of text, whose levels are inputs, each 1 or 0: {listed(levels, SHOWN)}"
    known = f"inputs: {listed(crisis.inputs, SHOWN)}" if crisis.inputs else f"{crisis.path} has no inputs"
    meant = nearest_key(name, {key: entry.name for key, entry in crisis.inputs.items()})
    return f"unknown input '{name}'{meant} ({known})"


def in_one_draw(values: Mapping[str, Array], expression: Expression, draw: int) -> str:
    """The inputs that an expression names with their values in a draw, for a message: `cost = 3, worth = 0.5`."""
    names = [name for name in sorted(expression.names) if name in values]
    shown = [f"{name} = {values[name][draw]:.4g}" for name in names[:SHOWN]]
    return ", ".join([*shown, f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else shown)


def is_number(value: object) -> bool:
    """Whether a caller in Python has given a real number."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Whether a caller in Python has given a real number that a float can hold: not NaN, not infinite, not 10**400."""
    try:
        return is_number(value) and isfinite(value)  # type: ignore[arg-type]
    except OverflowError:
        return False


def resolved_inputs(
    crisis: Crisis, values: Mapping[str, Array], given: Mapping[str, float] | None = None
) -> dict[str, Array]:
    """The inputs that the game uses: `values`, then the `given` numbers, then the pulled levers.

    Raises
    ------
    UsageError
        If a given input does not exist or is not a finite number.
    CrisisError
        If a lever sets an input to a value that is not a finite number.
    """
    result = dict(values)
    draws = len(next(iter(values.values()), np.zeros(1)))
    if given is not None and not isinstance(given, Mapping):
        raise UsageError(f"values for inputs are given by name, as {{'cost': 3}}; found {given!r}")
    for name, number in (given or {}).items():
        if name not in crisis.inputs:
            raise UsageError(unknown_input(crisis, name))
        if not is_finite(number):
            raise UsageError(f"input '{name}' must be a finite number, found {str(number)[:40]}")
        result[name] = np.full(draws, float(number))
    for lever in crisis.pulled:
        before = result
        result = apply_lever(crisis.levers[lever], before)
        for name, expression in crisis.levers[lever].sets.items():
            if not np.isfinite(result[name]).all():
                wrong = int(np.argmin(np.isfinite(result[name])))
                causes = in_one_draw(before, expression, wrong)
                where = f" ({causes})" if causes else ""
                message = f"lever '{lever}' sets '{name}' to a value that is not a finite number{where}"
                raise CrisisError(crisis.path, [Fault(expression.place, message)])
    return result
