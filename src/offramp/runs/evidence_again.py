"""Evidence on new events: the draws of an ensemble are solved again and weighed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

import numpy as np

from offramp.equilibrium.logit import solve_block
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock
from offramp.runs.evidence import SPAN, Array, Evidence, Gathering, ObservedEvent, _names, evidence_places
from offramp.runs.pieces import in_blocks, solvers
from offramp.runs.result import Run
from offramp.runs.store.stored_columns import Stored, TemporaryColumns


def weigh_again(
    ensemble: Run,
    events: Sequence[ObservedEvent],
    progress: Callable[[int], None] | None = None,
    executor: Executor | None = None,
) -> Evidence:
    """What the draws of an ensemble say of events: the draws are solved again, and come out as they did.

    What they say is put aside, so that there may be more of it than memory holds. `progress` is called with the number
    of draws solved since the last call; `executor`: who solves, by default threads of this process.
    """
    game, draws, asked = ensemble.game, ensemble.draws, tuple(events)
    columns = TemporaryColumns(sum(1 for _ in _names(game, len(asked))), draws)
    with solvers(executor) as crew:
        for first in range(0, draws, SPAN):
            end = min(first + SPAN, draws)
            values, work = ensemble.inputs_between(first, end), partial(_weighing, events=asked)
            parts = in_blocks(game, end - first, values, work, crew, numbered=first, progress=progress)
            columns.put(first, np.concatenate(parts, axis=1))
    return Evidence(game, asked, *(Stored(columns, places) for places in evidence_places(game, len(asked), 0)))


def _weighing(game: Game, events: tuple[ObservedEvent, ...]) -> Callable[[NumberedBlock], Array]:
    """Weighs a block: (columns, draws), as they stand in the table."""
    gathering = Gathering(game, events, 0)

    def work(part: NumberedBlock) -> Array:
        evidence = Evidence.empty(game, events, part.block.draws)
        gathering.into(evidence).put(part.block, solve_block(part.block), 0)
        return np.array(list(evidence._rows()))

    return work
