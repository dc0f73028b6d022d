"""Reads the sources, actors, inputs and correlations of a crisis file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from offramp.common.texts import tr
from offramp.common.words import expected, listed, one_line, quoted
from offramp.crisis import scalars, schema
from offramp.crisis.distribution import Distribution, constant, from_expression, is_distribution, number
from offramp.crisis.expressions.expression import Expression, Name, Number, evaluate
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.faults import Location
from offramp.crisis.input_parts import CorrelationPart, InputPart
from offramp.crisis.parts import DEFAULT_RATIONALITY, Actor, Correlation, Input, Source, correlation_matrix
from offramp.crisis.sections.case_inputs import read_column
from offramp.crisis.sections.described import Reasons, described, text_of
from offramp.crisis.sections.naming import Namespace, Scope
from offramp.crisis.steps import Reason
from offramp.crisis.text.document import Scalar, scalar_at

MAX_CORRELATED = 500
SINGULAR = 1e-12
"""Tolerance for degenerate correlations: of rho to 1 or -1, and of the smallest eigenvalue to 0."""


def read_sources(parts: Mapping[Scalar, schema.SourcePart]) -> dict[str, Source]:
    return {
        str(key): Source(
            key=str(key),
            title=one_line(part.title),
            author=None if part.author is None else one_line(part.author),
            date=text_of(part.date),
            file=text_of(part.file),
            url=text_of(part.url),
            place=key.place,
        )
        for key, part in parts.items()
    }


def read_number(names: Namespace, text: Scalar, what: str) -> float | None:
    """A number, possibly written as arithmetic; None, with a fault added, if it is not a number."""
    try:
        return number(parse(text), what)
    except ExpressionError as error:
        names.fault(text.at(error.offset), error.message)
        return None


def read_inputs(names: Namespace, parts: Mapping[Scalar, InputPart], reason: Reasons) -> dict[str, Input]:
    """The inputs by key, with an input of its own for each level of a column of text and each coefficient of a sum."""
    inputs = (entry for key, part in parts.items() for entry in _inputs(names, key, part, parts, reason(part)))
    return {entry.key: entry for entry in inputs}


def _inputs(
    names: Namespace, key: Scalar, part: InputPart, parts: Mapping[Scalar, InputPart], reason: Reason
) -> list[Input]:
    """The inputs that an entry makes."""
    if part.linear is not None:
        return _coefficients(names, key, part, parts, reason)
    written = part.distribution
    if isinstance(written, dict):
        first = next(iter(written))
        names.fault(first.place, f"`is` of '{key}' is a number or one distribution; a mapping is for `linear`")
        written = scalar_at(key.place, "1")
    if part.levels is not None:
        return _levels(names, key, part, written, reason)
    column = next((column for _, column in read_column(names, key, part)), None)
    estimate = scalars.is_set(part.estimate)
    expectation = ""
    if estimate != (part.column is not None):  # an input that is both has a fault already
        expectation = _PRIOR if estimate else _IN_THIS_CRISIS
    distribution = _distribution(names, written, expectation.format(key), certain=not estimate)
    return [
        Input(
            key=str(key),
            **described(key, part),
            distribution=distribution,
            reason=reason,
            place=key.place,
            unit=text_of(part.unit),
            column=column,
            estimate=estimate,
        )
    ]


def _levels(names: Namespace, key: Scalar, part: InputPart, level: Scalar, reason: Reason) -> list[Input]:
    """The levels of a column of text: 1 for the level of this crisis, and 0 for the others."""
    if is_distribution(level):
        message = f"'{key}' is a column of text; its `is` is its word in this crisis; found {quoted(level)}"
        names.fault(level.at(0), message)
    words = described(key, part)
    return [
        Input(
            key=name,
            name=f"{words['name']}: {column.level}",
            distribution=constant(float(level == column.level)),
            reason=reason,
            place=column.place,
            says=words["says"],
            column=column,
        )
        for name, column in read_column(names, key, part)
    ]


def _coefficients(
    names: Namespace, key: Scalar, part: InputPart, parts: Mapping[Scalar, InputPart], reason: Reason
) -> list[Input]:
    """The coefficients of a sum; each has the prior that the entry gives: one for all, or one for each."""
    words, total = described(key, part), names.sums[str(key)]
    priors = _priors(names, key, part, [str(column or 1) for column in total.columns])
    effects = ["constant of" if one is None else f"effect of {_column_name(one, parts)} on" for one in total.columns]
    return [
        Input(
            key=name,
            name=f"the {what} {words['name']}",
            distribution=prior,
            reason=reason,
            place=key.place,
            says=words["says"],
            estimate=True,
            of_sum=str(key),
        )
        for name, what, prior in zip(total.coefficients, effects, priors, strict=True)
    ]


def _priors(names: Namespace, key: Scalar, part: InputPart, columns: Sequence[str]) -> list[Distribution]:
    """The prior of each coefficient of a sum."""
    written = part.distribution
    if not isinstance(written, dict):
        return [_distribution(names, written, _PRIOR.format(key))] * len(columns)
    known_wrong = [entry for entry in part.linear or () if not any(entry == one.partition(".")[0] for one in columns)]
    known = {*columns, *known_wrong}
    for entry in written:
        if entry not in known:
            names.fault(entry.place, f"'{entry}' is not in `linear` of '{key}'{expected(entry, columns, 20)}")
    missing = [column for column in columns if column not in written]
    if missing:
        names.fault(key.place, f"`is` of '{key}' lacks the prior of {listed((f'{one!r}' for one in missing), 10)}")
    priors = {
        str(entry): _distribution(names, text, _PRIOR.format(f"{key}.{entry}")) for entry, text in written.items()
    }
    return [priors.get(column, constant(1.0)) for column in columns]


def _column_name(column: str, parts: Mapping[Scalar, InputPart]) -> str:
    """A column as readers see it: `regime: dem` of a level of a column of text."""
    base, _, level = column.partition(".")
    key = scalar_at(Location(1, 1), base)
    name = described(key, parts[key])["name"]
    return f"{name}: {level}" if level else name


_PRIOR = "'{}' is estimated; its `is` is its prior, a distribution such as normal(0, 5)"
_IN_THIS_CRISIS = "'{}' is a column; its `is` is its value in this crisis, a number"


def _distribution(names: Namespace, text: Scalar, expectation: str = "", *, certain: bool = False) -> Distribution:
    """What `is` or a rationality says; with an `expectation`, a fault if it is not `certain` or is, as expected."""
    try:
        distribution = from_expression(parse(text))
        unexpected = expectation and (distribution.kind == "constant") != certain
        if unexpected and not isinstance(text, scalars.StandIn):
            raise ExpressionError(f"{expectation}; found {distribution}", 0)
        return distribution
    except ExpressionError as error:
        names.fault(text.at(error.offset), error.message)
        return constant(1.0)


def read_actors(
    names: Namespace, parts: Mapping[Scalar, schema.ActorPart], reason: Reasons
) -> tuple[dict[str, Actor], dict[str, Input]]:
    """The actors, and an input `ACTOR.rationality` for each rationality that is a distribution."""
    actors: dict[str, Actor] = {}
    inputs: dict[str, Input] = {}
    for key, part in parts.items():
        actor_reason = reason(part)
        rationality = Expression(f"{DEFAULT_RATIONALITY:g}", key.place, Number(DEFAULT_RATIONALITY))
        text = part.rationality
        if text is not None and is_distribution(text):
            name = f"{key}.rationality"
            inputs[name] = Input(
                key=name,
                name=tr("the rationality of {actor}", actor=part.name),
                distribution=_distribution(names, text),
                reason=actor_reason,
                place=text.place,
                of_actor=str(key),
            )
            rationality = Expression(name, text.place, Name(name))
        elif text is not None:
            scope = Scope(f"the rationality of '{key}'", None, inputs=True)
            rationality = names.expression(text, scope) or rationality
            if not rationality.names and not evaluate(rationality.root, {}) >= 0.0:
                names.fault(text.place, f"the rationality of '{key}' cannot be negative; found {text}")
        says, choice = text_of(part.says), part.choice
        actors[str(key)] = Actor(
            str(key), one_line(part.name), part.memory, rationality, actor_reason, key.place, says, choice
        )
    return actors, inputs


def read_correlations(
    names: Namespace, parts: Sequence[CorrelationPart], inputs: Mapping[str, Input], reason: Reasons
) -> tuple[Correlation, ...]:
    by_pair: dict[frozenset[str], Correlation] = {}
    for part in parts:
        reason(part)
        first, second = part.of
        rho = read_number(names, part.rho, "rho")
        for name in part.of:
            if name in names.sums:
                message = f"'{name}' is a sum; correlate its coefficients ({listed(names.sums[name].coefficients, 20)})"
                names.fault(name.place, message)
            elif not names.may_be(name, "input"):
                hint = expected(name, names.of_kind("input"))
                names.fault(name.place, f"unknown input '{name}' in correlations{hint}")
        if rho is not None and abs(rho) >= 1 - SINGULAR:
            message = f"rho must be between -1 and 1, exclusive; found {rho:.16g}"
            hint = f"; if the two inputs always move together, write '{second}' as a let of '{first}'"
            names.fault(part.rho.place, message + hint * (abs(rho) <= 1 + SINGULAR))
        elif first == second and not isinstance(first, scalars.StandIn):
            names.fault(second.place, f"'{second}' appears twice in one correlation")
        elif frozenset(part.of) in by_pair:
            names.fault(first.place, f"'{first}' and '{second}' are correlated twice")
        elif rho is not None:
            by_pair[frozenset(map(str, part.of))] = Correlation(str(first), str(second), rho, first.place)
    known = set(names.of_kind("input"))
    correlations = tuple(pair for pair in by_pair.values() if {pair.first, pair.second} <= known)
    uncertain = {name for name, entry in inputs.items() if entry.distribution.kind != "constant"}
    _check_consistent(names, [pair for pair in correlations if {pair.first, pair.second} <= uncertain])
    return correlations


def _check_consistent(names: Namespace, correlations: Sequence[Correlation]) -> None:
    """Check that the correlation matrix of uncertain inputs is positive definite; constants have no effect."""
    correlated = list(dict.fromkeys(name for pair in correlations for name in (pair.first, pair.second)))
    if len(correlated) > MAX_CORRELATED:
        names.fault(correlations[-1].place, f"more than {MAX_CORRELATED} inputs are correlated")
    elif correlated and np.linalg.eigvalsh(correlation_matrix(correlations, correlated))[0] <= SINGULAR:
        message = "the correlations contradict each other: no joint distribution has all of them"
        names.fault(correlations[-1].place, message)
