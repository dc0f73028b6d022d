"""Draws of small games in which sweeps settle on several equilibria.

Sweeps that settle twice from different starts show two equilibria; which of them is on the principal branch, only
following it tells. Sweeps cost little beside it, so every draw is swept again and few are followed. A draw's result
depends on nothing but the draw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.structure import Structure
from offramp.equilibrium.sweeps import Block, Profile, swept

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SMALL = 500
"""The most nodes of a game whose draws are all swept from several starts."""
LEANING = 5.0
"""The largest logit of a start: nearly pure, and far from where reach underflows."""
NEARLY, APART = 1e-4, 1e-2
"""Sweeps from another start end at this change of a choice; a profile further off than this is another equilibrium."""


def is_swept_again(structure: Structure, nodes: int | None = None) -> bool:
    """Whether draws of a game are swept from several starts: it is small, and may have several equilibria.

    `nodes`: in place of its own, those of the game up to now that it is ahead of. Else what is ahead might be played at
    another equilibrium than what it is compared with, for no other reason than that it is a smaller game.
    """
    small = (structure.graph.nodes if nodes is None else nodes) <= SMALL
    return small and structure.only_logit and not structure.perfect_information


def settled_apart(block: Block, profile: Profile) -> Flags:
    """The draws, (draws,), that have settled on a profile and, from some other start, settle on another one."""
    apart = np.zeros(block.draws, dtype=bool)
    for start in _starts(block):
        other = swept(block, start, NEARLY)
        apart |= other.converged & (np.abs(other.choice - profile.choice).max(axis=0, initial=0.0) > APART)
    return profile.converged & apart


def _starts(block: Block) -> tuple[Array, Array]:
    """Opposite starts: towards the last, and towards the first option of every move."""
    structure = block.structure
    last = np.maximum(structure.over_options(structure.options) - 1, 1)
    lean = LEANING * (2.0 * block.game.slot_option / last - 1.0)
    return lean, -lean
