"""Offramp: an account of a crisis as an explicit model, solved, and searched for the way out.

>>> import offramp
>>> crisis = offramp.read("crisis.yaml")        # doctest: +SKIP
>>> game = crisis.compile()                     # doctest: +SKIP
>>> offramp.solve(game)                         # doctest: +SKIP
>>> offramp.trace(game, to=20)                  # doctest: +SKIP
>>> offramp.equilibria(game, 100)               # doctest: +SKIP
>>> offramp.limit(game)                         # doctest: +SKIP
>>> run = offramp.ensemble(crisis, draws=2048, seed=1)  # doctest: +SKIP

What a run says, each an object that prints itself (docs/studies.md):

>>> offramp.endings(run), offramp.moves(run), offramp.moves_in(run, 17)  # doctest: +SKIP
>>> offramp.why(crisis, "answer"), offramp.paths(crisis, to="war")  # doctest: +SKIP
>>> offramp.weigh(run), offramp.update(run)     # doctest: +SKIP
>>> offramp.levers(crisis), offramp.worth(run)  # doctest: +SKIP
>>> offramp.map_of(crisis, "intercept", "war_cost", move="answer")  # doctest: +SKIP
>>> offramp.compare(crisis, other)              # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from offramp.crisis.faults import CrisisError, OfframpError, UsageError
from offramp.crisis.model import Crisis
from offramp.ensemble import ensemble
from offramp.game.opening import read
from offramp.game.tree import Tree
from offramp.solve.equilibria import equilibria
from offramp.solve.limit import limit
from offramp.solve.solution import Solution, solve
from offramp.solve.tracing import trace

if TYPE_CHECKING:
    from offramp.ensemble.opened import open_run
    from offramp.study.compare import compare
    from offramp.study.endings import endings
    from offramp.study.ledger import open_ledger
    from offramp.study.levers import levers
    from offramp.study.mapping import map_of
    from offramp.study.moves import moves
    from offramp.study.one_draw import moves_in
    from offramp.study.paths import paths
    from offramp.study.update import update
    from offramp.study.weigh import weigh
    from offramp.study.why import why
    from offramp.study.worth import worth

__all__ = [
    "Crisis",
    "CrisisError",
    "OfframpError",
    "Solution",
    "Tree",
    "UsageError",
    "compare",
    "endings",
    "ensemble",
    "equilibria",
    "levers",
    "limit",
    "map_of",
    "moves",
    "moves_in",
    "open_ledger",
    "open_run",
    "paths",
    "read",
    "solve",
    "trace",
    "update",
    "weigh",
    "why",
    "worth",
]

_LOADED_WHEN_USED = {
    "compare": "offramp.study.compare",
    "endings": "offramp.study.endings",
    "levers": "offramp.study.levers",
    "map_of": "offramp.study.mapping",
    "moves": "offramp.study.moves",
    "moves_in": "offramp.study.one_draw",
    "open_ledger": "offramp.study.ledger",
    "open_run": "offramp.ensemble.opened",
    "paths": "offramp.study.paths",
    "update": "offramp.study.update",
    "weigh": "offramp.study.weigh",
    "why": "offramp.study.why",
    "worth": "offramp.study.worth",
}


def __getattr__(name: str) -> Any:
    """The functions that study a run load what they need when they are first used."""
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module 'offramp' has no attribute '{name}'")
    return getattr(import_module(_LOADED_WHEN_USED[name]), name)
