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

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.equilibrium.multiplicity import equilibria
from offramp.equilibrium.nash_limit import limit
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.solving import solve
from offramp.equilibrium.tracing import trace
from offramp.gambit.opening import read
from offramp.gambit.tree import Tree
from offramp.runs.ensemble import ensemble

if TYPE_CHECKING:
    from offramp.runs.opened import open_run
    from offramp.study.comparison.compare import compare
    from offramp.study.explanation.why import why
    from offramp.study.forecasting.ledger import open_ledger
    from offramp.study.histories.paths import paths
    from offramp.study.interventions.levers_study import levers
    from offramp.study.outlook.endings import endings
    from offramp.study.outlook.moves import moves
    from offramp.study.outlook.one_draw import moves_in
    from offramp.study.sensitivity.weigh import weigh
    from offramp.study.two_way_map.map import map_of
    from offramp.study.updating.update import update
    from offramp.study.value_of_information.worth import worth

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
    "compare": "offramp.study.comparison.compare",
    "endings": "offramp.study.outlook.endings",
    "levers": "offramp.study.interventions.levers_study",
    "map_of": "offramp.study.two_way_map.map",
    "moves": "offramp.study.outlook.moves",
    "moves_in": "offramp.study.outlook.one_draw",
    "open_ledger": "offramp.study.forecasting.ledger",
    "open_run": "offramp.runs.opened",
    "paths": "offramp.study.histories.paths",
    "update": "offramp.study.updating.update",
    "weigh": "offramp.study.sensitivity.weigh",
    "why": "offramp.study.explanation.why",
    "worth": "offramp.study.value_of_information.worth",
}


def __getattr__(name: str) -> Any:
    """The functions that study a run load what they need when they are first used."""
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module 'offramp' has no attribute '{name}'")
    return getattr(import_module(_LOADED_WHEN_USED[name]), name)
