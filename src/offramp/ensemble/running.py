"""Solving an ensemble: chunks of draws, cut into blocks, on all cores.

What a draw gives does not depend on how the ensemble is cut: sampling, padding and sums are all by draw number.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import UsageError
from offramp.crisis.model import Crisis
from offramp.ensemble.blocks import Part, Pending, begin_blocks, threads
from offramp.ensemble.evidence import Gathering, events_of
from offramp.ensemble.result import UNCONVERGED, Ensemble, Occurrence, SituationMeans, is_sampled
from offramp.ensemble.sampling import CHUNK, sample_chunk
from offramp.ensemble.tally import add_draws, share_out
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
    begun: deque[tuple[_Chunk, Pending[None]]] = deque()
    with threads(workers) as pool:
        try:
            for number, start in enumerate(range(0, draws, CHUNK)):
                size = min(CHUNK, draws - start)
                values = {name: column[:size] for name, column in sample_chunk(crisis, seed, number).items()}
                chunk = collected.begin(values, start, size)
                work = partial(_solve_part, collected, chunk)
                begun.append((chunk, begin_blocks(game, size, values, work, pool, numbered=start, block=block)))
                if len(begun) > 1:  # one chunk ahead, so that no core waits for a chunk's last block
                    _finish(collected, begun, progress)
            while begun:
                _finish(collected, begun, progress)
        finally:
            for _, pending in begun:
                pending.give_up()
    return collected.ensemble(crisis, seed, time.perf_counter() - started)


def _solve_part(collected: _Collected, chunk: _Chunk, part: Part) -> None:
    numbers = np.arange(chunk.start + part.first, chunk.start + part.end)
    solved = solve_block(part.block, is_sampled(numbers))
    collected.put(chunk, solved, part.first, part.end)
    if collected.gathering:
        collected.gathering.put(part.block, solved, chunk.start + part.first)


def _finish(
    collected: _Collected, begun: deque[tuple[_Chunk, Pending[None]]], progress: Callable[[int], None] | None
) -> None:
    chunk, pending = begun[0]
    pending.results(progress)
    begun.popleft()
    collected.end(chunk)


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


@dataclass(frozen=True)
class _Chunk:
    """Draws from `start` on, and what is kept of them until they are added up.

    `choice`: (slots, draws); `reached`: (information sets, draws).
    """

    start: int
    choice: Array
    reached: Array


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
        self.sets = structure.over_options(np.arange(game.size.information_sets))
        firsts = np.cumsum([0, *(len(move.options) for move in occurrences)])
        self.rows = np.zeros(game.slots, dtype=np.int64)
        for first, move in zip(firsts, occurrences, strict=False):
            self.rows[move.slots] = first + game.slot_option[move.slots]
        self.every_taken = np.empty((int(firsts[-1]), draws))
        self.taken = tuple(np.split(self.every_taken, firsts[1:-1])) if occurrences else ()
        self.reached_sum = np.zeros(game.size.information_sets)
        self.taken_sum, self.choice_sum, self.square_sum = np.zeros((3, game.slots))
        events = events_of(crisis)
        self.gathering = Gathering(game, events, draws) if events else None

    def begin(self, values: dict[str, Array], start: int, size: int) -> _Chunk:
        for name, column in values.items():
            self.inputs[name][start : start + size] = column
        return _Chunk(start, np.empty((self.game.slots, size)), np.empty((len(self.reached_sum), size)))

    def put(self, chunk: _Chunk, solved: BlockSolution, first: int, last: int) -> None:
        chunk.choice[:, first:last] = solved.choice
        chunk.reached[:, first:last] = solved.reached
        here = slice(chunk.start + first, chunk.start + last)
        self.endings[:, here] = solved.endings
        self.terms[:, here] = solved.terms
        self.own_eyes[:, here] = solved.own_eyes
        self.regret_once[:, here] = solved.regret_once
        self.regret[:, here] = solved.regret
        self.residual[here] = solved.residual
        self.sweeps[here] = solved.sweeps
        self.status[here] = solved.status
        share_out(solved.choice, solved.reached, self.sets, self.rows, self.every_taken[:, here])

    def end(self, chunk: _Chunk) -> None:
        kept = self.status[chunk.start : chunk.start + chunk.choice.shape[1]] != UNCONVERGED
        sums = self.reached_sum, self.taken_sum, self.choice_sum, self.square_sum
        add_draws(chunk.choice, chunk.reached, self.sets, kept, *sums)

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
            taken=self.taken,
            situations=SituationMeans(self.reached_sum / solved, weighted, deviation),
            regret_once=self.regret_once,
            regret=self.regret,
            residual=self.residual,
            sweeps=self.sweeps,
            status=self.status,
            seconds=seconds,
            evidence=self.gathering.evidence if self.gathering else None,
        )
