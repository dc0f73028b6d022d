"""Cells of a table of cases: bounds, missing values, and numbers as they are written; no other writing is a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 10_000_000
MAX_CELL = 1_000
"""Maximum number of characters of a cell, and of a column's name."""

Cells = NDArray[Any]
"""A column, (rows,): float64 with NaN for a missing cell, or objects: texts, and None for a missing cell."""

_NUMBER = re.compile(r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?|[iI]nf(?:inity)?)")
MISSING = frozenset({"", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "."})
"""What a cell without a value holds, in the files of R, Stata, Excel and databases."""


def number_of(text: str) -> float | None:
    """The number that a text writes, or None; a number beyond floats is infinite.

    Examples
    --------
    >>> number_of("1e3"), number_of("-.5"), number_of("1,5"), number_of("1_000"), number_of("-Inf")
    (1000.0, -0.5, None, None, -inf)
    """
    return float(text) if _NUMBER.fullmatch(text) else None


def is_text(cells: Cells) -> bool:
    """Whether a column holds texts."""
    return cells.dtype == object


def numbers_if_all(texts: Sequence[str | None]) -> Cells:
    """A column of written cells: of numbers if all cells are numbers or missing, else of texts."""
    numbers = []
    for text in texts:
        number = np.nan if text is None else number_of(text)
        if number is None:
            return np.array(texts, dtype=object)
        numbers.append(number)
    return np.array(numbers, dtype=np.float64)


def written(number: float) -> str:
    """A number of a table in a message: whole numbers without a point.

    Examples
    --------
    >>> written(1.0), written(0.25), written(1e30)
    ('1', '0.25', '1e+30')
    """
    return f"{number:.15g}"
