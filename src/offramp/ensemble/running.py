"""Solving an ensemble: chunks of draws, cut into blocks, on all cores.

What a draw gives does not depend on how the ensemble is cut: sampling, padding and sums are all by draw number.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import UsageError
from offramp.crisis.model import Crisis
from offramp.ensemble.blocks import Part, in_blocks, threads
from offramp.ensemble.result import UNCONVERGED, Ensemble, Occurrence, SituationMeans, is_sampled
from offramp.ensemble.sampling import CHUNK, sample_chunk
from offramp.game.layers import CHANCE, Game
from offramp.solve.logit import BlockSolution, solve_block
from offramp.solve.structure import Structure, structure_of

Array = NDArray[np.float64]

MAX_DRAWS = 10_000_000


def run_ensemble(
    crisis: Crisis,
    game: Game,
    *,
    draws: int,
    seed: int,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ensemble:
    """Solve `draws` draws of a compiled crisis; see `offramp.ensemble`.

    `progress` is called with the number of draws solved since the last call.
    """
    if not 1 <= draws <= MAX_DRAWS:
        raise UsageError(f"draws must lie between 1 and {MAX_DRAWS:,}, found {draws:,}")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0 up, found {seed}")
    if block is not None and block < 1:
        raise UsageError(f"a block holds at least one draw, found {block}")
    started = time.perf_counter()
    collected = _Collected(game, structure_of(game), occurrences_of(game), draws)
    with threads(workers) as pool:
        for chunk, start in enumerate(range(0, draws, CHUNK)):
            size = min(CHUNK, draws - start)
            values = {name: column[:size] for name, column in sample_chunk(crisis, seed, chunk).items()}
            collected.begin(values, start, size)

            def solve_part(part: Part, start: int = start) -> None:
                solved = solve_block(part.block, is_sampled(np.arange(start + part.first, start + part.end)))
                collected.put(solved, start, part.first, part.end)

            in_blocks(game, size, values, solve_part, pool, numbered=start, block=block, progress=progress)
            collected.end(start, size)
    return collected.ensemble(crisis, seed, time.perf_counter() - started)


def occurrences_of(game: Game) -> tuple[Occurrence, ...]:
    """The moves of a game in their rounds, each with the places of its options in a profile."""
    found = []
    for layer in game.layers:
        if layer.actor != CHANCE:
            first = int(game.group_slot[layer.first_group])
            count = int(game.group_options[layer.first_group : layer.end_group].sum())
            options = game.crisis.options_of(layer.step)
            found.append(
                Occurrence(layer.step, layer.round, game.actors[layer.actor], options, slice(first, first + count))
            )
    return tuple(found)


class _Collected:
    """Results put in their places; per chunk, sums over its draws for the information sets."""

    def __init__(self, game: Game, structure: Structure, occurrences: tuple[Occurrence, ...], draws: int) -> None:
        crisis = game.crisis
        self.game = game
        self.occurrences = occurrences
        self.draws = draws
        self.inputs = {name: np.empty(draws) for name in crisis.inputs}
        self.endings = np.empty((len(crisis.endings), draws))
        self.terms = np.empty((len(crisis.terms), draws))
        self.own_eyes = np.empty((len(game.actors), draws))
        self.regret_once, self.regret = np.empty((2, len(game.actors), draws))
        self.residual = np.empty(draws)
        self.sweeps = np.empty(draws, dtype=np.int64)
        self.status = np.empty(draws, dtype=np.int8)
        self.taken = [np.empty((len(move.options), draws)) for move in occurrences]
        self.sets = structure.over_options(np.arange(game.size.information_sets))
        self.reached_sum = np.zeros(game.size.information_sets)
        self.taken_sum = np.zeros(game.slots)
        self.choice_sum, self.square_sum = np.zeros((2, game.slots))

    def begin(self, values: dict[str, Array], start: int, size: int) -> None:
        for name, column in values.items():
            self.inputs[name][start : start + size] = column[:size]
        self.choice = np.empty((self.game.slots, size))
        self.reached = np.empty((self.game.size.information_sets, size))

    def put(self, solved: BlockSolution, start: int, first: int, last: int) -> None:
        count = last - first
        self.choice[:, first:last] = solved.choice[:, :count]
        self.reached[:, first:last] = solved.reached[:, :count]
        here = slice(start + first, start + last)
        self.endings[:, here] = solved.endings[:, :count]
        self.terms[:, here] = solved.terms[:, :count]
        self.own_eyes[:, here] = solved.own_eyes[:, :count]
        self.regret_once[:, here] = solved.regret_once[:, :count]
        self.regret[:, here] = solved.regret[:, :count]
        self.residual[here] = solved.residual[:count]
        self.sweeps[here] = solved.sweeps[:count]
        self.status[here] = solved.status[:count]

    def end(self, start: int, size: int) -> None:
        taken = self.reached[self.sets] * self.choice
        for number, move in enumerate(self.occurrences):
            for option in range(len(move.options)):
                rows = np.flatnonzero(self.game.slot_option[move.slots] == option) + move.slots.start
                self.taken[number][option, start : start + size] = taken[rows].sum(axis=0) if len(rows) else 0.0
        solved = self.status[start : start + size] != UNCONVERGED
        self.reached_sum += self.reached[:, solved].sum(axis=1)
        self.taken_sum += taken[:, solved].sum(axis=1)
        self.choice_sum += self.choice[:, solved].sum(axis=1)
        self.square_sum += (self.choice[:, solved] ** 2).sum(axis=1)

    def ensemble(self, crisis: Crisis, seed: int, seconds: float) -> Ensemble:
        solved = max(int((self.status != UNCONVERGED).sum()), 1)
        reached = self.reached_sum[self.sets]
        mean = self.choice_sum / solved
        deviation = np.sqrt(np.maximum(self.square_sum / solved - mean**2, 0.0))
        weighted = np.divide(self.taken_sum, reached, out=mean, where=reached > 0.0)
        return Ensemble(
            crisis=crisis,
            game=self.game,
            seed=seed,
            draws=self.draws,
            inputs=self.inputs,
            endings=self.endings,
            terms=self.terms,
            own_eyes=self.own_eyes,
            occurrences=self.occurrences,
            taken=tuple(self.taken),
            situations=SituationMeans(self.reached_sum / solved, weighted, deviation),
            regret_once=self.regret_once,
            regret=self.regret,
            residual=self.residual,
            sweeps=self.sweeps,
            status=self.status,
            seconds=seconds,
        )
