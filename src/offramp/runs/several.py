"""Whether a game's draws are swept from several starts.

A small game's always are. A larger one's are if a fixed sample of draws shows several equilibria; else its draws would
take three times as long for nothing. The sample depends on the game alone, so all draws of all runs and studies of the
game are solved alike.
"""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np

from offramp.crisis.faults import CrisisError
from offramp.equilibrium.several_starts import is_small, may_have_several, shows_several
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import block_of
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from offramp.runs.sampling import inputs_at

PROBES = 32
SEED = 1950

_FOUND: WeakKeyDictionary[Game, dict[float | None, bool]] = WeakKeyDictionary()
_LOCK = Lock()


def is_swept_again(game: Game, rationality: float | None = None) -> bool:
    """Whether a game's draws are swept from several starts; of a game as of now, the game up to now decides.

    `rationality`: one for all actors, in place of their own. What is found is kept as long as the game exists.
    """
    whole = game.so_far
    structure = structure_of(whole)
    if is_small(structure):
        return True
    if not may_have_several(structure):
        return False
    with _LOCK:
        found = _FOUND.setdefault(whole, {})
        if rationality not in found:
            found[rationality] = _shows_several(whole, rationality)
        return found[rationality]


def _shows_several(game: Game, rationality: float | None) -> bool:
    """Whether a Latin hypercube of the inputs shows several equilibria (McKay, Beckman & Conover 1979)."""
    crisis = game.crisis.before_now if game.as_of_now else game.crisis
    names = crisis.uncertain
    random = np.random.default_rng(SEED)
    places = random.permuted(np.tile(np.arange(PROBES), (len(names), 1)), axis=1).T
    values = inputs_at(crisis, names, (places + random.uniform(size=places.shape)) / PROBES)
    try:
        tables = tabulate(game, Draws(values, ["a sample draw"] * PROBES), rationality)
    except CrisisError:  # some inputs are impossible; a run names them if it draws them
        return True
    return shows_several(block_of(game, tables))
