"""The amounts of payoff terms in a block of draws, as the compiled core takes them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def amounts_table(entries: Iterable[tuple[int, int, int | None, Array | None]], draws: int) -> NDArray[np.int64]:
    """A row for each payoff term: where it begins, its number of contexts, its number, and its amounts.

    Each entry has these four; without amounts, (contexts, draws), it stands for the endings. The amounts must stay as
    long as the table is used.
    """
    rows = []
    for first, contexts, term, amounts in entries:
        if term is None or amounts is None:
            rows.append((first, contexts, -1, 0, 0, 0))
            continue
        assert amounts.dtype == np.float64
        assert amounts.shape == (contexts, draws)
        by_context, by_draw = (step // amounts.itemsize for step in amounts.strides)
        rows.append((first, contexts, term, amounts.ctypes.data, by_context, by_draw))
    return np.array(rows, dtype=np.int64).reshape(len(rows), 6)
