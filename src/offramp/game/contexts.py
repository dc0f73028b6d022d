"""Expressions on a frontier, evaluated once per context: the combinations of values that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expression import Expression, evaluate
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.model import Chance, Crisis, Move
from offramp.game.columns import Codes, Column, distinct, pack
from offramp.game.layers import Contexts
from offramp.game.plan import Scope
from offramp.game.rows import Frontier, Ids


@dataclass(frozen=True)
class Reader:
    """Reads the values of names off the rows of a frontier; `levels` holds the numbers that states' codes stand for."""

    crisis: Crisis
    levels: Mapping[str, NDArray[np.float64]]

    def contexts(self, scope: Scope, frontier: Frontier, rows: Ids | None = None) -> tuple[Contexts, Ids]:
        """The distinct combinations of the values of names, and for each row its combination."""
        columns = {name: column for name, column in scope.items() if isinstance(column, Column)}
        codes = {name: frontier.columns[column] for name, column in columns.items()}
        count = frontier.rows
        if rows is not None:
            codes = {name: column[rows] for name, column in codes.items()}
            count = len(rows)
        found, inverse = distinct(*pack(list(codes.values()), count))
        sample = first_rows(inverse, len(found))
        values: dict[str, NDArray[np.generic]] = {
            name: self.decoded(columns[name], column[sample]) for name, column in codes.items()
        }
        for name, column in scope.items():
            if not isinstance(column, Column):
                values[name] = np.full(len(found), float(column))
        return Contexts(values, len(found)), inverse

    def decoded(self, column: Column, codes: Codes) -> NDArray[np.generic]:
        """Codes as expressions want them: numbers for states and `round`, option codes for steps."""
        if column.kind == "state":
            return self.levels[column.name][codes]
        return codes.astype(np.float64 if column.kind == "round" else np.int32)

    def holds(
        self, condition: Expression, scope: Scope, frontier: Frontier, rows: Ids | None = None
    ) -> NDArray[np.bool_]:
        """For each row whether a condition holds."""
        needed = {name: scope[name] for name in condition.names}
        contexts, inverse = self.contexts(needed, frontier, rows)
        held: NDArray[np.bool_] = (self.numbers(condition, contexts) != 0.0)[inverse]
        return held

    def numbers(self, expression: Expression, contexts: Contexts) -> NDArray[np.float64]:
        """The expression's value in each context.

        Raises
        ------
        CrisisError
            Where it is no finite number, with the context.
        """
        value = np.broadcast_to(evaluate(expression.root, contexts.values), (contexts.count,))
        wrong = np.flatnonzero(~np.isfinite(value))
        if len(wrong):
            where = described(self.crisis, contexts, int(wrong[0]))
            message = f"'{expression.text}' is not a finite number{where}"
            raise CrisisError(self.crisis.path, [Fault(expression.place, message)])
        return value


def first_rows(inverse: Ids, count: int) -> Ids:
    """For each of `count` classes a row that belongs to it."""
    sample = np.empty(count, dtype=np.int64)
    sample[inverse] = np.arange(len(inverse))
    return sample


def described(crisis: Crisis, contexts: Contexts, context: int) -> str:
    """A context in words: ` where damage = hits, war = 1`."""
    parts = []
    for name, values in sorted(contexts.values.items()):
        value = values[context]
        if isinstance(crisis.named.get(name), Chance | Move):
            parts.append(f"{name} = {'skipped' if value < 0 else crisis.options_of(name)[int(value)]}")
        else:
            parts.append(f"{name} = {float(value):g}")
    return f" where {', '.join(parts)}" if parts else ""
