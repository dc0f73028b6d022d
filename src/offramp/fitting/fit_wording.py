"""The sentences of a fit: how many cases, what they record, what the coefficients say, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent, quantity
from offramp.common.words import listed, quoted
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Input
from offramp.fitting.case_outcomes import COUNTS
from offramp.fitting.cases import (
    COUNT_OF_ZERO,
    IMPOSSIBLE,
    MISSING_CELL,
    NOT_FINITE,
    NOT_LISTED,
    NOTHING_RECORDED,
    Cases,
    LeftOut,
)
from offramp.fitting.effects import column_name
from offramp.fitting.estimation import Estimates
from offramp.fitting.fit_folder import ErrorKind
from offramp.fitting.recorded_cells import RecordedColumn
from offramp.study.forecasting.forecasts import number_of

Array = NDArray[np.float64]

_REASONS = {
    MISSING_CELL: "without a value in {column}",
    NOT_FINITE: "in which {column} is not a finite number",
    NOT_LISTED: "with a cell of {column} that is not listed",
    NOTHING_RECORDED: "that record nothing",
    IMPOSSIBLE: "whose record {column} no play fulfils",
    COUNT_OF_ZERO: "with a count of 0",
}
"""Why rows are left out, after their number."""
ERRORS: Mapping[ErrorKind, str] = {
    "observed": "Standard errors: from the curvature of the log-likelihood (observed information).",
    "sandwich": "Standard errors: robust to a wrong model (Huber 1967, White 1982).",
    "clustered": "Standard errors: robust, with the cases of one cluster together.",
    "bootstrap": "Standard errors: of fits to cases, or to clusters, drawn again with replacement.",
    "posterior": "Standard errors: standard deviations of the posterior.",
}
"""What readers are told of each kind of standard errors."""
PENALISED_CURVATURE = "Standard errors: from the curvature of the log-likelihood and the prior (observed information)."
PENALISED_CRITERIA = (
    "AIC and BIC are of the log-likelihood at the mode with the priors, where it is lower than at its maximum: do not "
    "compare them with those of a fit without priors."
)
MOST_CELLS = 6
"""Maximum number of cells of a column in a sentence."""


def height_name(estimates: Estimates) -> str:
    """What `Optimum.log_likelihood` is."""
    return "log-likelihood" if estimates.penalty is None else "log-likelihood plus penalty"


def error_notes(errors: ErrorKind, penalised: bool, all_have_p: bool, clusters: int) -> Iterator[str]:
    """How the standard errors were made, and what AIC and BIC are if priors were added to the log-likelihood."""
    missing = "" if all_have_p else " A p-value is missing if a coefficient's prior excludes 0."
    made = PENALISED_CURVATURE if penalised and errors == "observed" else ERRORS[errors]
    together = f" {number_of(clusters, 'cluster')}." if clusters and errors in ("clustered", "bootstrap") else ""
    yield f"{made}{together}{missing}"
    if penalised:
        yield PENALISED_CRITERIA


def times_of(cases: Cases) -> tuple[int, int] | None:
    """The first and the last time of the cases, if they are whole numbers such as years."""
    if cases.span is None or any(end != round(end) for end in cases.span):
        return None
    first, last = cases.span
    return int(first), int(last)


def cases_sentence(cases: Cases) -> str:
    """How many cases of how many rows, and from when."""
    times = times_of(cases)
    when = "" if times is None else f", {times[0]} to {times[1]}" if times[0] != times[1] else f", {times[0]}"
    many, rows = number_of(int(cases.total), "case"), number_of(cases.rows, "row")
    if cases.used_rows == cases.rows:
        of = "all rows" if cases.total == cases.rows else f"from all {rows}"
    else:
        of = f"of {rows}" if cases.total == cases.used_rows else f"from {cases.used_rows:,} of {rows}"
    return f"Fitted to {many}, {of} of {Path(cases.table).name}{when}."


def recorded_sentences(columns: Sequence[RecordedColumn]) -> Iterator[str]:
    """How often each column records what, the most frequent first."""
    for column in columns:
        counts, total = column.counts, float(column.weight.sum())
        order = np.argsort(-counts, kind="stable")
        shown = [f"{column.cells[place]} in {counts[place]:,.0f} ({percent(counts[place] / total)})" for place in order]
        unknown = total - float(counts.sum())
        rest = f"; unknown in {unknown:,.0f}" if unknown and column.name != COUNTS else ""
        name = "Recorded" if column.name == COUNTS else f"{column.name}"
        yield f"{name}: {listed(shown, MOST_CELLS)}{rest}."


def left_out_sentences(cases: Cases) -> Iterator[str]:
    """Which rows are left out, and why."""
    rows = sum(one.rows for one in cases.left_out)
    if rows:
        yield f"{number_of(rows, 'row')} left out: {listed((reason(one, cases) for one in cases.left_out), 5)}."


def reason(one: LeftOut, cases: Cases) -> str:
    """Why some rows are left out, with the first of them."""
    why = _REASONS.get(one.reason, one.reason).format(column=quoted(one.column))
    cells = f", {one.cells}" if one.cells else ""
    more = ", ..." if one.rows > len(one.examples) else ""
    lines = ", ".join(f"{line:,}" for line in one.examples)
    return f"{one.rows:,} {why}{cells} ({cases.counted_in}{'s' * (one.rows > 1)} {lines}{more})"


def strongest(z: Array, most: int = 3) -> list[int]:
    """The places of the coefficients that are clearest of zero: at most so many, and only those with |z| over 2."""
    clear = [int(place) for place in np.argsort(-np.abs(np.nan_to_num(z)), kind="stable") if abs(z[place]) > 2.0]
    return clear[:most]


def multiplied(crisis: Crisis, name: str) -> Input | None:
    """The input that a coefficient multiplies; None for the constant of a sum, and for what is in no sum."""
    summands = crisis.sums.get(crisis.inputs[name].of_sum or "")
    if summands is None:
        return None
    column = dict(zip(summands.coefficients, summands.columns, strict=True))[name]
    return None if column is None else crisis.inputs[column]


def coefficient_sentence(crisis: Crisis, name: str, value: float, error: float, p: float) -> str:
    """What a coefficient says, in words."""
    numbers = f"{quantity(value)}, SE {quantity(error)}, {p_in_words(p)}"
    sign, way = ("above", "higher") if value > 0.0 else ("below", "lower")
    of, by = crisis.inputs[name].of_sum, multiplied(crisis, name)
    if of is None:
        return f"{name} is {sign} zero ({numbers})."
    if by is None:
        return f"{of} is {sign} zero where its columns are 0 ({numbers})."
    if by.column is not None and by.column.level is not None:
        return f"{of} is {way} if {column_name(by)} is {by.column.level} ({numbers})."
    return f"The higher {by.key}, the {way} {of} ({numbers})."


def p_in_words(p: float) -> str:
    """A p-value.

    Examples
    --------
    >>> p_in_words(0.0321), p_in_words(2e-7)
    ('p = 0.032', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {quantity(p, 2)}"
