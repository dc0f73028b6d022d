"""Offramp: an account of a crisis as an explicit model, solved, and searched for the way out.

>>> import offramp
>>> crisis = offramp.read("crisis.yaml")        # doctest: +SKIP
>>> game = crisis.compile()                     # doctest: +SKIP
>>> offramp.solve(game)                         # doctest: +SKIP
>>> offramp.ensemble(crisis, draws=2048, seed=1)  # doctest: +SKIP
"""

from offramp.crisis.faults import CrisisError, OfframpError, UsageError
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read
from offramp.ensemble import ensemble
from offramp.solve.solution import Solution, solve

__all__ = ["Crisis", "CrisisError", "OfframpError", "Solution", "UsageError", "ensemble", "read", "solve"]
