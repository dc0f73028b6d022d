"""What a given profile amounts to: endings, payoffs and option values, without solving anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.inputs import medians, settled
from offramp.game.layers import Game
from offramp.game.tables import Draws, tabulate
from offramp.solve.logit import BlockSolution, evaluate_block
from offramp.solve.structure import structure_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """A profile in one draw: named results, and arrays in the order of the game's profile.

    `payoffs` are expected in the analyst's odds, by actor and term; `own_eyes` is each actor's whole
    expected payoff in its own odds; `option_values`: (slots,), payoff to come in the mover's own odds;
    `reached`: (information sets,).
    """

    endings: Mapping[str, float]
    payoffs: Mapping[str, Mapping[str, float]]
    own_eyes: Mapping[str, float]
    option_values: Array
    reached: Array
    residual: float


def evaluate_profile(game: Game, choice: Array, given: Mapping[str, float] | None = None) -> Evaluation:
    """Evaluate a profile, (slots,), at the inputs' medians or the values given."""
    crisis = game.crisis
    values = settled(crisis, medians(crisis), given)
    tables = tabulate(game, Draws(values, ["at the medians"]))
    block = evaluate_block(game, structure_of(game), tables, np.asarray(choice, dtype=np.float64)[:, None])
    return Evaluation(
        endings=endings_of(game, block, 0),
        payoffs=payoffs_of(game, block, 0),
        own_eyes={actor: float(block.own_eyes[index, 0]) for index, actor in enumerate(game.actors)},
        option_values=block.option_value[:, 0],
        reached=block.reached[:, 0],
        residual=float(block.residual[0]),
    )


def endings_of(game: Game, block: BlockSolution, draw: int) -> dict[str, float]:
    """The probability of each ending in one draw."""
    return {ending.name: float(p) for ending, p in zip(game.crisis.endings, block.endings[:, draw], strict=True)}


def payoffs_of(game: Game, block: BlockSolution, draw: int) -> dict[str, dict[str, float]]:
    """Expected payoff terms by actor in one draw, in the analyst's odds."""
    payoffs: dict[str, dict[str, float]] = {actor: {} for actor in game.actors}
    for term, amount in zip(game.crisis.terms, block.terms[:, draw], strict=True):
        payoffs[term.actor][term.name] = float(amount)
    return payoffs
