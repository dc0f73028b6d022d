"""The observed events under play at random: the yardstick for a model that explains them.

Under play at random every option of a move is equally likely, as for actors of rationality 0; chance keeps its odds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.structure import structure_of
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock
from offramp.runs.evidence import SPAN, EvidenceBuilder, ObservedEvent
from offramp.runs.result import Run
from offramp.runs.sampling import sample_draws
from offramp.runs.study_draws import in_blocks, solvers

Array = NDArray[np.float64]


def likelihood_at_random(run: Run, events: Sequence[ObservedEvent], executor: Executor | None = None) -> Array:
    """The probability of the first event up to each one under play at random, in each draw: (events, draws).

    Nothing is solved: the profile is uniform, and only the odds of chance differ between draws. `executor` does the
    work, by default threads of this process.
    """
    game, crisis, work = run.game.so_far, run.crisis.before_now, partial(_at_random, events=tuple(events))
    parts: list[Array] = [np.empty((len(events), 0))]
    with solvers(executor) as solver:
        for first in range(0, run.draws, SPAN):
            end = min(first + SPAN, run.draws)
            drawn = crisis.pulled == run.crisis.pulled  # else a lever pulled since now may have changed some inputs
            values = run.inputs_between(first, end) if drawn else sample_draws(crisis, run.seed, first, end)
            parts += in_blocks(game, end - first, values, work, solver, numbered=first)
    return np.concatenate(parts, axis=1)


def _at_random(game: Game, events: tuple[ObservedEvent, ...]) -> Callable[[NumberedBlock], Array]:
    up_to_event, uniform = EvidenceBuilder(game, events, 0).up_to_event, structure_of(game).uniform

    def work(part: NumberedBlock) -> Array:
        likelihood = np.zeros((len(events), part.block.draws))
        for row, open_edge in zip(likelihood, up_to_event, strict=True):
            if open_edge is not None:
                row[:] = condition_play(part.block, uniform(part.block.draws), open_edge).likelihood
        return likelihood

    return work
