"""Evaluating expressions on a frontier once for each context, a combination of the values that they name.

Everything that decides the shape of the game is computed exactly here. What also depends on the draw is computed in
floats by `offramp.game.tables`, with the conditions that do not depend on the draw already decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.exact import exact, exact_conditions
from offramp.crisis.expressions.expression import Expression, Rational, evaluate, rational
from offramp.crisis.expressions.scaling import LARGEST, Scaled, counted, scaled
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move
from offramp.game.columns import Codes, Variable, distinct, pack, sample_rows
from offramp.game.game import Contexts
from offramp.game.operations import Scope
from offramp.game.rows import Frontier, Ids

Objects = NDArray[np.object_]


@dataclass(eq=False)
class Levels:
    """The values that a state takes, and each value's code, its index among them."""

    values: list[Rational] = field(default_factory=list)
    codes: dict[Rational, int] = field(default_factory=dict)

    def coded(self, values: list[Rational]) -> NDArray[np.int64]:
        """The codes of values; new values are added, the smallest first."""
        for value in sorted({value for value in values if value not in self.codes}):
            self.codes[value] = len(self.values)
            self.values.append(value)
        return np.array([self.codes[value] for value in values], dtype=np.int64)

    def exact(self, codes: NDArray[np.integer]) -> Objects:
        """The exact values of codes."""
        values: Objects = _objects(self.values)[codes]
        return values

    def floats(self, codes: NDArray[np.integer]) -> NDArray[np.float64]:
        """The floats nearest to the values of codes."""
        values: NDArray[np.float64] = np.array([float(value) for value in self.values])[codes]
        return values


@dataclass(frozen=True)
class Reader:
    """Reads the values of names from the rows of a frontier; `levels`: the values of states' codes."""

    crisis: Crisis
    levels: Mapping[str, Levels]

    def combinations(self, scope: Scope, frontier: Frontier, rows: Ids | None = None) -> tuple[Combinations, Ids]:
        """The distinct combinations of the values of names, and each row's combination."""
        columns = {name: column for name, column in scope.items() if isinstance(column, Variable)}
        codes = {name: frontier.columns[column] for name, column in columns.items()}
        count = frontier.rows
        if rows is not None:
            codes = {name: column[rows] for name, column in codes.items()}
            count = len(rows)
        keys, inverse = distinct(*pack(list(codes.values()), count))
        sample = sample_rows(inverse, len(keys))
        values: dict[str, Codes] = {name: column[sample] for name, column in codes.items()}
        for name, column in scope.items():
            if not isinstance(column, Variable):
                values[name] = np.full(len(keys), column)
        levels = {name: self.levels[name] for name, column in columns.items() if column.kind == "state"}
        return Combinations(self.crisis, values, levels, len(keys)), inverse

    def holds(
        self, condition: Expression, scope: Scope, frontier: Frontier, rows: Ids | None = None
    ) -> NDArray[np.bool_]:
        """Whether a condition holds in each row."""
        combinations, inverse = self.combinations({name: scope[name] for name in condition.names}, frontier, rows)
        holds: NDArray[np.bool_] = combinations.holds(condition)[inverse]
        return holds


@dataclass(frozen=True)
class Combinations:
    """Combinations of codes, one code of each name for each context; `levels`: the values of states' codes."""

    crisis: Crisis
    codes: Mapping[str, Codes]
    levels: Mapping[str, Levels]
    count: int

    def only(self, rows: Ids) -> Combinations:
        """Some of the combinations."""
        codes = {name: column[rows] for name, column in self.codes.items()}
        return Combinations(self.crisis, codes, self.levels, len(rows))

    def numbers(self, expression: Expression) -> tuple[list[Rational], Ids]:
        """The expression's exact values, and the index of each combination's value among them.

        Raises
        ------
        CrisisError
            If a value is not a finite number, naming the context.
        """
        whole, counts = self.counted(expression)
        if whole is not None:
            parts = np.broadcast_to(evaluate(whole.node, counts), (self.count,))
            distinct_parts, indices = np.unique(parts, return_inverse=True)
            return [rational(Fraction(int(part), whole.unit)) for part in distinct_parts.tolist()], indices
        names = sorted(expression.names)
        keys, indices = distinct(*pack([self.codes[name] for name in names], self.count))
        sample = sample_rows(indices, len(keys))
        facts = [self.exact(name, sample).tolist() for name in names]
        values: list[Rational] = []
        for row, *known in zip(sample.tolist(), *facts, strict=True):
            try:
                values.append(exact(expression.root, dict(zip(names, known, strict=True))))
            except ArithmeticError as error:
                where = described(self.crisis, self.contexts(), row)
                why, *hint = str(error).split("; ")
                message = "; ".join([f"'{expression.text}' {why}{where}", *hint])
                raise CrisisError(self.crisis.path, [Fault(expression.place, message)]) from None
        return values, indices

    def counted(self, expression: Expression) -> tuple[Scaled | None, dict[str, Codes | NDArray[np.float64]]]:
        """The expression and the values of its names in whole numbers, if floats can compute it exactly; else None."""
        units: dict[str, Scaled] = {}
        counts: dict[str, Codes | NDArray[np.float64]] = {}
        for name in expression.names:
            codes = self.codes[name]
            if name in self.levels:
                units[name], parts = counted(name, self.levels[name].values)
                counts[name] = np.array(parts, dtype=np.float64)[codes] if units[name].bound <= LARGEST else codes
            elif name == "round":
                units[name], _ = counted(name, codes.tolist())
                counts[name] = codes.astype(np.float64)
            else:
                counts[name] = codes
        return scaled(expression.root, units), counts

    def holds(self, condition: Expression) -> NDArray[np.bool_]:
        """Whether a condition holds in each combination."""
        values, indices = self.numbers(condition)
        holds: NDArray[np.bool_] = np.array([value != 0 for value in values], dtype=np.bool_)[indices]
        return holds

    def exact(self, name: str, rows: Ids | slice = slice(None)) -> NDArray[Any]:
        """A name's exact values in the combinations: a step's codes, a state's values, the numbers of `round`."""
        codes = self.codes[name][rows]
        return self.levels[name].exact(codes) if name in self.levels else codes

    def contexts(self, expressions: Iterable[Expression] = (), conditions: Iterable[Expression] = ()) -> Contexts:
        """The combinations as contexts of `expressions`, which may name inputs, and `conditions`, which do not."""
        parts = [
            replace(expression, root=node)
            for expression in expressions
            for node in exact_conditions(expression.root, self.crisis.inputs)
        ]
        return Contexts(
            values={name: self.floats(name) for name in self.codes},
            count=self.count,
            exact={name: self.exact(name) for name in self.levels},
            decided={condition.root: self.holds(condition) for condition in (*parts, *conditions)},
        )

    def floats(self, name: str) -> NDArray[np.generic]:
        """A name's values for expressions in floats: option codes for steps, numbers for everything else."""
        if name in self.levels:
            return self.levels[name].floats(self.codes[name])
        step = isinstance(self.crisis.named.get(name), Chance | Move)
        return self.codes[name].astype(np.int32 if step else np.float64)


def _objects(values: list[Rational]) -> Objects:
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def described(crisis: Crisis, contexts: Contexts, context: int) -> str:
    """A context in words: ` where damage = hits, war = 1`."""
    parts = []
    for name, values in sorted(contexts.values.items()):
        value = values[context]
        if isinstance(crisis.named.get(name), Chance | Move):
            parts.append(f"{name} = {'skipped' if value < 0 else crisis.options_of(name)[int(value)]}")
        else:
            number = float(value)
            parts.append(f"{name} = {contexts.texts.get((name, number)) or format(number, 'g')}")
    return f" where {', '.join(parts)}" if parts else ""
