"""Columns of small integers: what a compiler's rows hold, and how many rows differ.

A column holds one code a row: for a step the option's number, `SKIPPED_CODE` where it was skipped; for
a state the position of its value in a list of levels; for a tell the code told, `UNTOLD` where nothing was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

UNTOLD = -2
LAST_ROUND = -1
"""The round of a column that stands, after the rounds, for the last round played."""
FOREVER = 1 << 60

Codes = NDArray[np.integer]
_OFFSET = 2  # the smallest code is UNTOLD


@dataclass(eq=False)
class Variable:
    """One value that a row holds.

    `block` is the number of the rounds that the step, state or tell stands in, counting from 1; 0 outside.
    `memory` gives for each actor the operations of the plan, first and last, at which it remembers
    the value; `replaced` the operation from which on another version of a state is the current one.
    """

    name: str
    kind: Literal["step", "state", "told", "round"]
    round: int
    block: int = 0
    tell: int = -1
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)
    replaced: int = FOREVER
    last_read: int = -1

    def remembered(self, actor: str, operation: int) -> bool:
        first, last = self.memory.get(actor, (1, 0))
        return first <= operation <= last


def distinct(keys: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The sorted distinct keys, and for each key its position among them.

    `size` bounds the keys from above; where it is not much larger than their number, a table of flags
    does it without sorting.
    """
    if size <= 4 * len(keys) + 1024:
        flags = np.zeros(size, dtype=bool)
        flags[keys] = True
        found = np.flatnonzero(flags)
        position = np.empty(size, dtype=np.int64)
        position[found] = np.arange(len(found))
        return found, position[keys]
    found, inverse = np.unique(keys, return_inverse=True)
    return found, inverse


def pack(columns: list[Codes], rows: int) -> tuple[NDArray[np.int64], int]:
    """One key a row, equal where all columns are equal, and a bound above all keys."""
    key = np.zeros(rows, dtype=np.int64)
    size = 1
    for column in columns:
        low, high = int(column.min(initial=0)), int(column.max(initial=-_OFFSET))
        if low == high and rows:
            continue
        radix = high + _OFFSET + 1
        if size > (1 << 61) // radix:
            found, key = distinct(key, size)
            size = len(found)
        key *= radix
        key += column
        key += _OFFSET
        size *= radix
    return key, size


def narrow(codes: NDArray[np.integer]) -> Codes:
    """The codes in the smallest integer type that holds them."""
    high = int(codes.max(initial=0))
    return codes.astype(np.int8 if high < 127 else np.int16 if high < 32_767 else np.int32, copy=False)
