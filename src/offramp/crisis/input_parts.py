"""The shape of the numbers of a crisis file, and of the recorded cases from which they can be estimated."""

from __future__ import annotations

from typing import Annotated

from offramp.crisis.reasoned_parts import Described, Reasoned
from offramp.crisis.scalars import MAX_OPTIONS, Flag, Formula, InputName, Label, Level, Summand, Text, Word
from offramp.crisis.shapes import OneOf, SchemaPart, Sizes, Tag, key, tag

MAX_SUMMANDS = 2_000
"""Maximum number of entries of one `linear`."""
MAX_CASE_COLUMNS = 100
"""Maximum number of columns under `observed` or `counts` of `cases`."""

Numbers = Annotated[
    Annotated[dict[Summand, Formula], Sizes(1, MAX_SUMMANDS), Tag(tag("priors"))]
    | Annotated[Formula, Tag(tag("number"))],
    OneOf(lambda value: tag("priors" if isinstance(value, dict) else "number")),
]


class InputPart(Described, Reasoned):
    """An uncertain number."""

    distribution: Numbers = key(
        "A number, or uniform, normal, lognormal, beta, triangular, pert or percentiles(p10=, p50=, p90=); "
        "with `linear` also a mapping, the prior of each coefficient.",
        word="is",
    )
    unit: Label | None = key("What it is measured in.", default=None)
    column: Formula | None = key(
        "Its value in each recorded case: an expression over the columns of the table of cases.", default=None
    )
    levels: Annotated[list[Level], Sizes(1, MAX_OPTIONS)] | None = key(
        "Of a column of text: its words that are inputs of their own, NAME.WORD, each 1 or 0.", default=None
    )
    estimate: Flag | None = key("`yes` if a fit estimates it from recorded cases; `is` is its prior.", default=None)
    linear: Annotated[list[Summand], Sizes(1, MAX_SUMMANDS)] | None = key(
        "A sum of columns times coefficients NAME.COLUMN; 1 is a constant, NAME.1. `is`: their prior.", default=None
    )


class CorrelationPart(Reasoned):
    """A correlation of two inputs, by a Gaussian copula."""

    of: Annotated[list[InputName], Sizes(2, 2)] = key("Two inputs.")
    rho: Formula = key("Correlation of the two normal scores, between -1 and 1.")


Observed = Annotated[
    Annotated[Text, Tag(tag("value"))] | Annotated[list[Text], Sizes(1, MAX_OPTIONS), Tag(tag("values"))],
    OneOf(lambda value: tag("values" if isinstance(value, list) else "value")),
]
Record = Annotated[dict[Word, Observed], Sizes(most=MAX_OPTIONS)]


class CasesPart(SchemaPart):
    """What each row of a table of past crises records."""

    observed: (
        Annotated[
            dict[Word, Annotated[dict[Word, Record], Sizes(1, MAX_OPTIONS)]],
            Sizes(1, MAX_CASE_COLUMNS),
        ]
        | None
    ) = key(
        "Columns, and what each of their cells says of play: steps (STEP@ROUND inside rounds) and their "
        "values, or `ending`. An empty cell says nothing.",
        default=None,
    )
    counts: Annotated[dict[Word, Record], Sizes(1, MAX_CASE_COLUMNS)] | None = key(
        "Instead of `observed`: columns that count how often something was seen, and what it was.", default=None
    )
    cluster: Text | None = key("The column whose equal cells mark cases that belong together.", default=None)
    time: Text | None = key("The column with the time of each case, such as the year.", default=None)
    count: Text | None = key("The column that says how often each row was seen.", default=None)
