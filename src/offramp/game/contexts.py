"""Expressions on a frontier, evaluated once per context: the combinations of values that they name.

Whatever decides the shape of the game is exact here. What also depends on the draw is left to
`offramp.game.tables`, in floats, with the conditions that do not depend on it decided.
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
from offramp.crisis.model import Chance, Crisis, Move
from offramp.game.columns import Codes, Variable, distinct, pack
from offramp.game.game import Contexts
from offramp.game.plan import Scope
from offramp.game.rows import Frontier, Ids

Objects = NDArray[np.object_]


@dataclass
class Levels:
    """The values that a state has had, and each one's code: its place among them."""

    values: list[Rational] = field(default_factory=list)
    codes: dict[Rational, int] = field(default_factory=dict)

    def coded(self, values: list[Rational]) -> NDArray[np.int64]:
        """The codes of values; new values are entered, the smallest first."""
        for value in sorted(set(values) - self.codes.keys()):
            self.codes[value] = len(self.values)
            self.values.append(value)
        return np.array([self.codes[value] for value in values], dtype=np.int64)

    def exact(self, codes: NDArray[np.integer]) -> Objects:
        """What codes stand for."""
        found: Objects = _objects(self.values)[codes]
        return found

    def floats(self, codes: NDArray[np.integer]) -> NDArray[np.float64]:
        """The floats nearest to what codes stand for."""
        found: NDArray[np.float64] = np.array([float(value) for value in self.values])[codes]
        return found


@dataclass(frozen=True)
class Reader:
    """Reads the values of names off the rows of a frontier; `levels` holds the numbers that states' codes stand for."""

    crisis: Crisis
    levels: Mapping[str, Levels]

    def combinations(self, scope: Scope, frontier: Frontier, rows: Ids | None = None) -> tuple[Combinations, Ids]:
        """The distinct combinations of the values of names, and for each row its combination."""
        columns = {name: column for name, column in scope.items() if isinstance(column, Variable)}
        codes = {name: frontier.columns[column] for name, column in columns.items()}
        count = frontier.rows
        if rows is not None:
            codes = {name: column[rows] for name, column in codes.items()}
            count = len(rows)
        found, inverse = distinct(*pack(list(codes.values()), count))
        sample = first_rows(inverse, len(found))
        values: dict[str, Codes] = {name: column[sample] for name, column in codes.items()}
        for name, column in scope.items():
            if not isinstance(column, Variable):
                values[name] = np.full(len(found), column)
        levels = {name: self.levels[name] for name, column in columns.items() if column.kind == "state"}
        return Combinations(self.crisis, values, levels, len(found)), inverse

    def holds(
        self, condition: Expression, scope: Scope, frontier: Frontier, rows: Ids | None = None
    ) -> NDArray[np.bool_]:
        """For each row whether a condition holds."""
        found, inverse = self.combinations({name: scope[name] for name in condition.names}, frontier, rows)
        held: NDArray[np.bool_] = found.hold(condition)[inverse]
        return held


@dataclass(frozen=True)
class Combinations:
    """Combinations of codes, one of each name's a context; `levels` says what states' codes stand for."""

    crisis: Crisis
    codes: Mapping[str, Codes]
    levels: Mapping[str, Levels]
    count: int

    def only(self, rows: Ids) -> Combinations:
        """Some of the combinations."""
        codes = {name: column[rows] for name, column in self.codes.items()}
        return Combinations(self.crisis, codes, self.levels, len(rows))

    def numbers(self, expression: Expression) -> tuple[list[Rational], Ids]:
        """The expression's exact values, and for each combination the place of its own among them.

        Raises
        ------
        CrisisError
            If one is no finite number, with the context.
        """
        whole, counts = self.counted(expression)
        if whole is not None:
            parts = np.broadcast_to(evaluate(whole.node, counts), (self.count,))
            found, places = np.unique(parts, return_inverse=True)
            return [rational(Fraction(int(part), whole.unit)) for part in found.tolist()], places
        names = sorted(expression.names)
        keys, places = distinct(*pack([self.codes[name] for name in names], self.count))
        sample = first_rows(places, len(keys))
        facts = [self.exact(name, sample).tolist() for name in names]
        values: list[Rational] = []
        for row, *known in zip(sample.tolist(), *facts, strict=True):
            try:
                values.append(exact(expression.root, dict(zip(names, known, strict=True))))
            except ArithmeticError:
                where = described(self.crisis, self.only(np.array([row])).contexts(), 0)
                message = f"'{expression.text}' is not a finite number{where}"
                raise CrisisError(self.crisis.path, [Fault(expression.place, message)]) from None
        return values, places

    def counted(self, expression: Expression) -> tuple[Scaled | None, dict[str, Codes | NDArray[np.float64]]]:
        """The expression in whole numbers, if floats can give it, and what it names in these."""
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

    def hold(self, condition: Expression) -> NDArray[np.bool_]:
        """In which combinations a condition holds."""
        values, places = self.numbers(condition)
        held: NDArray[np.bool_] = np.array([value != 0 for value in values], dtype=np.bool_)[places]
        return held

    def exact(self, name: str, rows: Ids | slice = slice(None)) -> NDArray[Any]:
        """What a name stands for in the combinations: a step's code, a state's value, the number of `round`."""
        codes = self.codes[name][rows]
        return self.levels[name].exact(codes) if name in self.levels else codes

    def contexts(self, expressions: Iterable[Expression] = (), conditions: Iterable[Expression] = ()) -> Contexts:
        """As the contexts of `expressions`, which may name inputs, and of `conditions`, which do not."""
        parts = [
            replace(expression, root=node)
            for expression in expressions
            for node in exact_conditions(expression.root, self.crisis.inputs)
        ]
        return Contexts(
            values={name: self.floats(name) for name in self.codes},
            count=self.count,
            exact={name: self.exact(name) for name in self.levels},
            decided={condition.root: self.hold(condition) for condition in (*parts, *conditions)},
        )

    def floats(self, name: str) -> NDArray[np.generic]:
        """A name's values as expressions in floats want them: option codes for steps, numbers for all else."""
        if name in self.levels:
            return self.levels[name].floats(self.codes[name])
        step = isinstance(self.crisis.named.get(name), Chance | Move)
        return self.codes[name].astype(np.int32 if step else np.float64)


def first_rows(inverse: Ids, count: int) -> Ids:
    """For each of `count` classes a row that belongs to it."""
    sample = np.empty(count, dtype=np.int64)
    sample[inverse] = np.arange(len(inverse))
    return sample


def _objects(values: list[Rational]) -> Objects:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


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
