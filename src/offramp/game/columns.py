"""Columns of small integer codes, the values in the compiler's rows; and finding distinct rows.

A column has one code for each row: for a step the option's index, or `SKIPPED_CODE`; for a state the index of its
value in a list of levels; for a tell the code that was shown, or `NOT_SHOWN`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

NOT_SHOWN = -2
LAST_ROUND = -1
"""The round of a column that holds, after the rounds, the value of the last round played."""
FOREVER = 1 << 60

Codes = NDArray[np.integer]
_OFFSET = 2  # minus the smallest code, NOT_SHOWN


@dataclass(eq=False)
class Variable:
    """A variable of the timeline: one value in each row.

    `block`: the number of the rounds that the step, state or tell belongs to, counting from 1; 0 outside rounds.
    `memory`: for each actor, the first and last operation of the plan at which it remembers the value. `replaced`: the
    operation from which another version of a state is current. `last_read`: the last operation that needs the value.
    """

    name: str
    kind: Literal["step", "state", "tell", "round"]
    round: int
    block: int = 0
    tell: int = -1
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)
    replaced: int = FOREVER
    last_read: int = -1

    def remembered(self, actor: str, operation: int) -> bool:
        first, last = self.memory.get(actor, (1, 0))
        return first <= operation <= last


FEW = 8
"""At most so many keys are sorted faster by Python than by NumPy."""


def distinct(keys: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The sorted distinct keys, and each key's position among them.

    `size` is an upper bound on the keys; if it is not much larger than their number, a table of flags avoids sorting.
    """
    if len(keys) <= FEW:
        few = keys.tolist()
        found = sorted(set(few))
        return np.array(found, dtype=np.int64), np.array([found.index(key) for key in few], dtype=np.int64)
    if size <= 4 * len(keys) + 1024:
        flags = np.zeros(size, dtype=bool)
        flags[keys] = True
        present = np.flatnonzero(flags)
        position = np.empty(size, dtype=np.int64)
        position[present] = np.arange(len(present))
        return present, position[keys]
    order = np.argsort(keys)
    ordered = keys[order]
    begins = np.empty(len(keys), dtype=bool)
    begins[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    position = np.empty(len(keys), dtype=np.int64)
    position[order] = np.cumsum(begins) - 1
    return ordered[begins], position


def by_first_use(uses: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """The numbers below `count` that are used, in the order of their first use."""
    first = np.full(count, len(uses))
    first[uses[::-1]] = np.arange(len(uses))[::-1]  # of repeated places the last counts
    used = np.flatnonzero(first < len(uses))
    return used[np.argsort(first[used])]


def pack(columns: list[Codes], rows: int) -> tuple[NDArray[np.int64], int]:
    """One key for each row, equal if all columns are equal, and an upper bound on the keys."""
    key = np.zeros(rows, dtype=np.int64)
    size, least = 1, 0  # the least key, all codes being the smallest, is added once
    for column in columns:
        low, high = int(column.min(initial=0)), int(column.max(initial=-_OFFSET))
        if low == high and rows:
            continue
        radix = high + _OFFSET + 1
        if size > (1 << 61) // radix:
            present, key = distinct(key + least, size)
            size, least = len(present), 0
        key *= radix
        key += column
        least = least * radix + _OFFSET
        size *= radix
    key += least
    return key, size


def narrow(codes: NDArray[np.integer]) -> Codes:
    """The codes in the smallest integer type that holds them."""
    high = int(codes.max(initial=0))
    return codes.astype(np.int8 if high < 127 else np.int16 if high < 32_767 else np.int32, copy=False)


def sample_rows(inverse: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A row of each of `count` classes."""
    sample = np.empty(count, dtype=np.int64)
    sample[inverse] = np.arange(len(inverse))
    return sample
