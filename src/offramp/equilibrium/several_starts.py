"""Draws in which sweeps settle on several equilibria.

Sweeps that settle twice from different starts show two equilibria; which of them is on the principal branch, only
following it tells. Sweeps cost little beside it, so draws are swept again and few are followed. A draw's result depends
on nothing but the draw and whether its game may have several equilibria.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.structure import Structure
from offramp.equilibrium.sweeps import Block, Profile, multiplied, swept

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SMALL = 500
"""The most nodes of a game whose draws are all swept from several starts."""
LEANING = 5.0
"""The largest logit of a start: nearly pure, and far from where reach underflows."""
GROWING = (0.25, 0.5, 0.75)
"""Parts of the rationalities at which a start is swept before, one after another, as along the principal branch."""
NEARLY, APART = 1e-4, 1e-2
"""Sweeps from another start end at this change of a choice; a profile further off than this is another equilibrium."""
BEYOND = 1.5
"""A game is searched for several equilibria at so many times the rationalities: there it has more of them."""


def may_have_several(structure: Structure) -> bool:
    """Whether a game may have several equilibria that sweeps from several starts can find."""
    return structure.only_logit and not structure.perfect_information


def is_small(structure: Structure) -> bool:
    """Whether draws of a game are swept from several starts, whatever its numbers are."""
    return structure.graph.nodes <= SMALL and may_have_several(structure)


def settled_apart(block: Block, profile: Profile) -> Flags:
    """The draws, (draws,), that have settled on a profile and, from some other start, settle on another one."""
    apart = np.zeros(block.draws, dtype=bool)
    for start in _leaning(block):
        apart |= _differs(block, profile, start)
    if not is_small(block.structure):  # of small games none is known in which this finds more, for three times the work
        apart |= _differs(block, profile, _grown(block))
    return profile.converged & apart


def shows_several(block: Block) -> bool:
    """Whether sweeps settle on several equilibria in some draw of a block, at rationalities `BEYOND` its own."""
    beyond = multiplied(block, BEYOND)
    profile = swept(beyond, least=NEARLY)
    return any(bool((profile.converged & _differs(beyond, profile, start)).any()) for start in _leaning(beyond))


def _differs(block: Block, profile: Profile, start: Array) -> Flags:
    """The draws that settle, from a start, on another profile."""
    other = swept(block, start, NEARLY)
    return np.asarray(other.converged & (np.abs(other.choice - profile.choice).max(axis=0, initial=0.0) > APART))


def _leaning(block: Block) -> tuple[Array, Array]:
    """Opposite starts, (slots,): towards the last, and towards the first option of every move."""
    structure = block.structure
    last = np.maximum(structure.over_options(structure.options) - 1, 1)
    lean = LEANING * (2.0 * block.game.slot_option / last - 1.0)
    return lean, -lean


def _grown(block: Block) -> Array:
    """Starts, (slots, draws): where sweeps settle as the rationalities grow to their own."""
    logit = np.zeros((block.structure.slots, block.draws))
    for part in GROWING:
        logit = swept(multiplied(block, part), logit, NEARLY).logit
    return logit
