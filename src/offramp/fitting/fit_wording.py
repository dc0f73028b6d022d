"""The sentences of a fit: how many cases, what they record, what the coefficients say, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import p_in_words, percent, quantity
from offramp.common.texts import tr, trn
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
    OUT_OF_RANGE,
    Cases,
    LeftOut,
)
from offramp.fitting.effects import column_name
from offramp.fitting.estimation import Estimates
from offramp.fitting.fit_folder import LATEST, ErrorKind
from offramp.fitting.recorded_cells import RecordedColumn

Array = NDArray[np.float64]

ERROR_KINDS: Mapping[str, str] = {
    "observed": tr("observed"),
    "sandwich": tr("sandwich"),
    "clustered": tr("clustered"),
    "bootstrap": tr("bootstrap"),
    "posterior": tr("posterior"),
}
"""The kinds of standard errors, in a word."""
ERRORS: Mapping[ErrorKind, str] = {
    "observed": tr("Standard errors: from the curvature of the log-likelihood (observed information)."),
    "sandwich": tr("Standard errors: robust to a wrong model (Huber 1967, White 1982)."),
    "clustered": tr("Standard errors: robust, with the cases of one cluster together."),
    "bootstrap": tr("Standard errors: of fits to cases, or to clusters, drawn again with replacement."),
    "posterior": tr("Standard errors: standard deviations of the posterior."),
}
"""What readers are told of each kind of standard errors."""
PENALISED_CURVATURE = tr(
    "Standard errors: from the curvature of the log-likelihood and the prior (observed information)."
)
PENALISED_CRITERIA = tr(
    "AIC and BIC are of the log-likelihood at the mode with the priors, where it is lower than at its maximum: do not "
    "compare them with those of a fit without priors."
)
MOST_CELLS = 6
"""Maximum number of cells of a column in a sentence."""


def height_name(estimates: Estimates) -> str:
    """What `Optimum.log_likelihood` is."""
    return tr("log-likelihood") if estimates.penalty is None else tr("log-likelihood plus penalty")


def error_notes(errors: ErrorKind, penalised: bool, all_have_p: bool, clusters: int) -> Iterator[str]:
    """How the standard errors were made, and what AIC and BIC are if priors were added to the log-likelihood."""
    sentences = [PENALISED_CURVATURE if penalised and errors == "observed" else ERRORS[errors]]
    if clusters and errors in ("clustered", "bootstrap"):
        sentences.append(trn("{count} cluster.", "{count} clusters.", clusters))
    if not all_have_p:
        sentences.append(tr("A p-value is missing if a coefficient's prior excludes 0."))
    yield " ".join(sentences)
    if penalised:
        yield PENALISED_CRITERIA


def times_of(cases: Cases) -> tuple[int, int] | None:
    """The first and the last time of the cases, if they are whole numbers such as years, of at most `LATEST`."""
    if cases.span is None or any(end != round(end) or abs(end) > LATEST for end in cases.span):
        return None
    first, last = cases.span
    return int(first), int(last)


def cases_sentence(cases: Cases) -> str:
    """How many cases of how many rows, and from when."""
    many = trn("{count} case", "{count} cases", int(cases.total))
    rows = trn("{count} row", "{count} rows", cases.rows)
    table, used = Path(cases.table).name, f"{cases.used_rows:,}"
    if cases.used_rows == cases.rows and cases.total == cases.rows:
        fitted = tr("Fitted to {cases}, all rows of {table}", cases=many, table=table)
    elif cases.used_rows == cases.rows:
        fitted = tr("Fitted to {cases}, from all {rows} of {table}", cases=many, rows=rows, table=table)
    elif cases.total == cases.used_rows:
        fitted = tr("Fitted to {cases}, of {rows} of {table}", cases=many, rows=rows, table=table)
    else:
        fitted = tr(
            "Fitted to {cases}, from {used} of {rows} of {table}", cases=many, used=used, rows=rows, table=table
        )
    times = times_of(cases)
    if times is None:
        return f"{fitted}."
    first, last = times
    return f"{fitted}, {first if first == last else tr('{low} to {high}', low=first, high=last)}."


def recorded_sentences(columns: Sequence[RecordedColumn]) -> Iterator[str]:
    """How often each column records what, the most frequent first."""
    for column in columns:
        counts, total = column.counts, float(column.weight.sum())
        order = np.argsort(-counts, kind="stable")
        shown = [
            tr(
                "{cell} in {cases} ({share})",
                cell=column.cells[place],
                cases=f"{counts[place]:,.0f}",
                share=percent(counts[place] / total),
            )
            for place in order
        ]
        cells = listed(shown, MOST_CELLS)
        unknown = total - float(counts.sum())
        if column.name == COUNTS:
            yield tr("Recorded: {cells}.", cells=cells)
        elif unknown:
            yield tr("{column}: {cells}; unknown in {cases}.", column=column.name, cells=cells, cases=f"{unknown:,.0f}")
        else:
            yield f"{column.name}: {cells}."


def left_out_sentences(cases: Cases) -> Iterator[str]:
    """Which rows are left out, and why."""
    rows = sum(one.rows for one in cases.left_out)
    if rows:
        reasons = listed((reason(one, cases) for one in cases.left_out), 5)
        yield trn("{count} row left out: {reasons}.", "{count} rows left out: {reasons}.", rows, reasons=reasons)


def reason(one: LeftOut, cases: Cases) -> str:
    """Why some rows are left out, with the first of them."""
    column = quoted(one.column)
    why = {
        MISSING_CELL: tr("without a value in {column}", column=column),
        NOT_FINITE: tr("in which {column} is not a finite number", column=column),
        OUT_OF_RANGE: tr("in which {column} is larger than 1e30, or closer to 0 than 1e-30", column=column),
        NOT_LISTED: tr("with a cell of {column} that is not listed", column=column),
        NOTHING_RECORDED: tr("that record nothing"),
        IMPOSSIBLE: tr("whose record {column} no play fulfils", column=column),
        COUNT_OF_ZERO: tr("with a count of 0"),
    }.get(one.reason, one.reason)
    if one.cells:
        why = f"{why}, {one.cells}"
    lines = ", ".join([*(f"{line:,}" for line in one.examples), *(["..."] if one.rows > len(one.examples) else [])])
    if cases.counted_in == "line":
        where = trn("line {lines}", "lines {lines}", one.rows, lines=lines)
    else:
        where = trn("row {lines}", "rows {lines}", one.rows, lines=lines)
    return f"{one.rows:,} {why} ({where})"


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
    is_above = value > 0.0
    of, by = crisis.inputs[name].of_sum, multiplied(crisis, name)
    if of is None:
        if is_above:
            return tr("{coefficient} is above zero ({numbers}).", coefficient=name, numbers=numbers)
        return tr("{coefficient} is below zero ({numbers}).", coefficient=name, numbers=numbers)
    if by is None:
        if is_above:
            return tr("{input} is above zero where its columns are 0 ({numbers}).", input=of, numbers=numbers)
        return tr("{input} is below zero where its columns are 0 ({numbers}).", input=of, numbers=numbers)
    if by.column is not None and by.column.level is not None:
        values = {"input": of, "column": column_name(by), "level": by.column.level, "numbers": numbers}
        if is_above:
            return tr("{input} is higher if {column} is {level} ({numbers}).", **values)
        return tr("{input} is lower if {column} is {level} ({numbers}).", **values)
    if is_above:
        return tr("The higher {column}, the higher {input} ({numbers}).", column=by.key, input=of, numbers=numbers)
    return tr("The higher {column}, the lower {input} ({numbers}).", column=by.key, input=of, numbers=numbers)
