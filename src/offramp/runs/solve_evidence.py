"""Evidence on new events: solve the draws of a run again and compute the events' likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

import numpy as np

from offramp.equilibrium.logit import solve_block
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock
from offramp.runs.evidence import (
    SPAN,
    Array,
    Evidence,
    EvidenceBuilder,
    ObservedEvent,
    column_names,
    evidence_places,
)
from offramp.runs.result import Run
from offramp.runs.store.stored_columns import Stored, TemporaryColumns
from offramp.runs.study_draws import in_blocks, solvers


def weigh_again(
    run: Run,
    events: Sequence[ObservedEvent],
    progress: Callable[[int], None] | None = None,
    executor: Executor | None = None,
) -> Evidence:
    """Evidence of a run's draws on new events: the draws are solved again, with the same results.

    The evidence is kept in a temporary file, so it may be larger than memory. `progress` is called with the number of
    draws solved since the last call; `executor` solves the draws, by default threads of this process.
    """
    game, draws, events = run.game, run.draws, tuple(events)
    columns = TemporaryColumns(sum(1 for _ in column_names(game, len(events))), draws)
    with solvers(executor) as solver:
        for first in range(0, draws, SPAN):
            end = min(first + SPAN, draws)
            values, work = run.inputs_between(first, end), partial(_evidence_of_block, events=events)
            parts = in_blocks(game, end - first, values, work, solver, numbered=first, progress=progress)
            columns.put(first, np.concatenate(parts, axis=1))
    return Evidence(game, events, *(Stored(columns, places) for places in evidence_places(game, len(events), 0)))


def _evidence_of_block(game: Game, events: tuple[ObservedEvent, ...]) -> Callable[[NumberedBlock], Array]:
    """A function that gives the evidence of a block, (columns, draws), with the columns of the table."""
    builder = EvidenceBuilder(game, events, 0)

    def work(part: NumberedBlock) -> Array:
        evidence = Evidence.empty(game, events, part.block.draws)
        builder.writing_to(evidence).add(part.block, solve_block(part.block, again=part.again), 0)
        return np.array(list(evidence.rows()))

    return work
