"""The strategies of one draw of an ensemble: read where the run keeps them, else solved again."""

from __future__ import annotations

from typing import Any

import numpy as np

from offramp.common.errors import UsageError
from offramp.runs.result import Run
from offramp.runs.sampling import CHUNK
from offramp.runs.solve_draws import solve_only
from offramp.runs.strategies import Array


def strategy_of(ensemble: Run, draw: int) -> Array:
    """The profile of a draw, (slots,): as it was kept, else solved anew, which gives the same bits.

    Raises
    ------
    UsageError
        Where there is no such draw.
    """
    if not 0 <= draw < ensemble.draws:
        raise UsageError(f"there is no draw {draw:,}: the draws are 0 to {ensemble.draws - 1:,}")
    if ensemble.strategies is not None:
        return ensemble.strategies[:, draw]
    chunk, place = divmod(draw, CHUNK)
    asked: Any = {"seed": ensemble.seed, "workers": 1, "keep": "strategies"}
    solved = solve_only(ensemble.crisis, ensemble.game, chunk, np.array([place]), **asked)
    assert solved.strategies is not None
    return solved.strategies[:, 0]
