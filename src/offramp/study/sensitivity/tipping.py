"""How a quantity moves with one input, and at which values of it the likeliest ending changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.study.sensitivity.surrogate import Factors, Surrogate, surrogate_in
from offramp.study.sensitivity.variance import WIDTH

Array = NDArray[np.float64]
Direction = Literal["up", "down", "rises, then falls", "falls, then rises", "to and fro", "no trend"]

GRID = np.linspace(0.01, 0.99, 197)
"""Ranks at which conditional means are evaluated: from an input's 1 % to its 99 % quantile."""
DUST = 1e-9
"""A difference of probabilities with a standard deviation up to this does not vary."""
FAINT = 0.15
"""A reversal smaller than this share of all change is ignored."""


@dataclass(frozen=True)
class Tip:
    """A rank of one input at which the likeliest ending changes, from index `before` to index `after`.

    `low` to `high`: the ranks between which the change lies, with 95 % probability.
    """

    before: int
    after: int
    rank: float
    low: float
    high: float


@dataclass(frozen=True)
class Tipping:
    """What an input does to which ending is likeliest, on average over all other inputs.

    `tips`: in the order of the input; `lead`: the smallest lead along the input of the overall likeliest ending over
    another, `rival`; `rank`: where that is.
    """

    tips: tuple[Tip, ...]
    lead: float
    rival: int
    rank: float


def direction(curve: Surrogate) -> Direction:
    """Which way a conditional mean moves along its single input."""
    if not curve.terms:
        return "no trend"
    values = curve.at(GRID[None, :])
    steps = np.diff(values)
    up, down = steps.clip(0.0).sum(), -steps.clip(None, 0.0).sum()
    if down <= FAINT * (up + down):
        return "up"
    if up <= FAINT * (up + down):
        return "down"
    ends = (values[0] + values[-1]) / 2.0
    for turn, words in ((int(values.argmax()), "rises, then falls"), (int(values.argmin()), "falls, then rises")):
        sign = 1.0 if words.startswith("rises") else -1.0
        back = (-sign * steps[:turn]).clip(0.0).sum() + (sign * steps[turn:]).clip(0.0).sum()
        if sign * (values[turn] - ends) > 0.0 and back <= FAINT * (up + down):
            return "rises, then falls" if sign > 0.0 else "falls, then rises"
    return "to and fro"


def tipping(ranks: Array, endings: Array, sure: float = 1.0) -> Tipping:
    """Where the likeliest ending changes along an input.

    `ranks`: (draws,), of the input; `endings`: (endings, draws), at least two. Each ending is compared with
    the one that is likeliest on average, by the mean of their difference given the input, so that common movements
    cancel. A change counts as a tip only if it is significant at 95 %. A difference that seems to depend on the input
    with a `chance` above `sure` counts as one that does not.
    """
    first = int(endings.mean(axis=1).argmax())
    ahead = np.zeros((len(endings), len(GRID)))
    errors = np.zeros_like(ahead)
    factors = Factors.at(ranks[None, :])
    for number, row in enumerate(endings):
        if number != first:
            lead = row - endings[first]
            curve = surrogate_in(factors, lead)
            if lead.std() <= DUST or (curve.terms and curve.chance > sure):
                ahead[number], errors[number] = lead.mean(), lead.std() / np.sqrt(len(lead))
            else:
                ahead[number], errors[number] = curve.at(GRID[None, :]), curve.error_at(GRID[None, :])
    others = np.delete(ahead, first, axis=0)
    rival, place = np.unravel_index(int(others.argmax()), others.shape)
    nearest = int(rival) + (int(rival) >= first)
    return Tipping(_tips(first, ahead, errors), -float(others.max()), nearest, float(GRID[place]))


def _tips(first: int, ahead: Array, errors: Array) -> tuple[Tip, ...]:
    """The tips along the grid, from each ending's mean lead over the first, (endings, grid), and its error."""
    best = ahead.argmax(axis=0)
    stretches = np.split(np.arange(len(GRID)), np.flatnonzero(np.diff(best)) + 1)
    kept: list[tuple[int, NDArray[np.int64]]] = []
    for stretch in stretches:
        ending = int(best[stretch[0]])
        others = kept[-1][0] if kept else first
        sure = ahead[ending, stretch] - ahead[others, stretch] > WIDTH * np.maximum(
            errors[ending, stretch], errors[others, stretch]
        )
        if kept and (ending == others or not sure.any()):
            kept[-1] = (others, np.concatenate([kept[-1][1], stretch]))
        elif not kept and ending != first and not sure.any():
            kept.append((first, stretch))
        else:
            kept.append((ending, stretch))
    return tuple(
        _tip(before, after, int(stretch[0]), ahead, errors) for (before, _), (after, stretch) in pairwise(kept)
    )


def _tip(before: int, after: int, place: int, ahead: Array, errors: Array) -> Tip:
    lead = ahead[after] - ahead[before]
    doubt = np.abs(lead) <= WIDTH * np.maximum(errors[after], errors[before])
    low = place - 1
    while low > 0 and doubt[low]:
        low -= 1
    high = place
    while high < len(GRID) - 1 and doubt[high]:
        high += 1
    step = lead[place] - lead[place - 1]
    back = lead[place] / step * (GRID[1] - GRID[0]) if step > 0.0 else 0.0
    rank = float(np.clip(GRID[place] - back, GRID[place - 1], GRID[place]))
    return Tip(before, after, rank, min(float(GRID[low]), rank), max(float(GRID[high]), rank))
