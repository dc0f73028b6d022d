"""Offramp: an account of a crisis as an explicit model, solved, and searched for the way out.

>>> import offramp
>>> crisis = offramp.read("crisis.yaml")        # doctest: +SKIP
>>> game = crisis.compile()                     # doctest: +SKIP
>>> offramp.solve(game)                         # doctest: +SKIP
>>> offramp.trace(game, to=20)                  # doctest: +SKIP
>>> offramp.equilibria(game, 100)               # doctest: +SKIP
>>> offramp.limit(game)                         # doctest: +SKIP
>>> offramp.ensemble(crisis, draws=2048, seed=1)  # doctest: +SKIP
"""

from offramp.crisis.faults import CrisisError, OfframpError, UsageError
from offramp.crisis.model import Crisis
from offramp.ensemble import ensemble
from offramp.game.opening import read
from offramp.game.tree import Tree
from offramp.solve.equilibria import equilibria
from offramp.solve.limit import limit
from offramp.solve.solution import Solution, solve
from offramp.solve.tracing import trace

__all__ = [
    "Crisis",
    "CrisisError",
    "OfframpError",
    "Solution",
    "Tree",
    "UsageError",
    "ensemble",
    "equilibria",
    "limit",
    "read",
    "solve",
    "trace",
]
