"""The strategy profile of one draw: read if the run keeps it, else solved again."""

from __future__ import annotations

from typing import Any

import numpy as np

from offramp.common.errors import UsageError
from offramp.runs.result import Run
from offramp.runs.sampling import CHUNK
from offramp.runs.solve_draws import solve_only
from offramp.runs.strategies import Array


def strategy_of(run: Run, draw: int) -> Array:
    """The profile of a draw, (slots,): as kept, or solved again, which gives the same bits.

    Raises
    ------
    UsageError
        If there is no such draw.
    """
    if not 0 <= draw < run.draws:
        raise UsageError(f"there is no draw {draw:,}: the draws are 0 to {run.draws - 1:,}")
    if run.strategies is not None:
        return run.strategies[:, draw]
    chunk, place = divmod(draw, CHUNK)
    options: Any = {"seed": run.seed, "workers": 1, "keep": "strategies"}
    solved = solve_only(run.crisis, run.game, chunk, np.array([place]), **options)
    assert solved.strategies is not None
    return solved.strategies[:, 0]
