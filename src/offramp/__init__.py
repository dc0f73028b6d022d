"""Offramp: a written account of a crisis as an explicit game, solved, and searched for the way out.

>>> import offramp
>>> crisis = offramp.read("crisis.yaml")        # doctest: +SKIP
>>> offramp.solve(crisis)                       # doctest: +SKIP
>>> offramp.trace(crisis, to=20)                # doctest: +SKIP
>>> offramp.equilibria(crisis, 100)             # doctest: +SKIP
>>> offramp.limit(crisis)                       # doctest: +SKIP
>>> run = offramp.run(crisis, draws=2048, seed=1, out="runs/first")  # doctest: +SKIP
>>> run = offramp.resume("runs/first")          # doctest: +SKIP

The analyst's questions, each answered by an object that prints itself (docs/studies.md):

>>> offramp.endings(run), offramp.moves(run), offramp.moves(run, draw=17)  # doctest: +SKIP
>>> offramp.why(crisis, "answer"), offramp.paths(crisis, to="war")  # doctest: +SKIP
>>> offramp.weigh(run), offramp.update(run)     # doctest: +SKIP
>>> offramp.levers(crisis), offramp.worth(run)  # doctest: +SKIP
>>> offramp.map_of(crisis, "intercept", "war_cost", move="answer")  # doctest: +SKIP
>>> offramp.compare(crisis, other)              # doctest: +SKIP

Every function takes a crisis, a compiled game or a run, and makes what it needs of it. What `__all__` names is public;
everything else may move.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.equilibrium.multiplicity import equilibria
from offramp.equilibrium.nash_limit import limit
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.solving import solve
from offramp.equilibrium.tracing import Branch, trace
from offramp.gambit.opening import compile_game, read
from offramp.gambit.tree import Tree
from offramp.game.game import Game

if TYPE_CHECKING:
    from offramp.runs.execution import Execution
    from offramp.runs.opened import open_run
    from offramp.runs.result import Run
    from offramp.runs.run import ensemble, run
    from offramp.runs.running import resume
    from offramp.study.comparison.compare import compare
    from offramp.study.explanation.why import why
    from offramp.study.finding import Finding
    from offramp.study.forecasting.ledger import open_ledger
    from offramp.study.histories.paths import paths
    from offramp.study.interventions.levers_study import levers
    from offramp.study.outlook.endings import endings
    from offramp.study.outlook.one_draw import moves, moves_in
    from offramp.study.sensitivity.weigh import weigh
    from offramp.study.two_way_map.map import map_of
    from offramp.study.updating.update import update
    from offramp.study.value_of_information.worth import worth

__version__ = version("offramp")

__all__ = [
    "Branch",
    "Crisis",
    "CrisisError",
    "Execution",
    "Finding",
    "Game",
    "OfframpError",
    "Run",
    "Solution",
    "Tree",
    "UsageError",
    "__version__",
    "compare",
    "compile_game",
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
    "resume",
    "run",
    "solve",
    "trace",
    "update",
    "weigh",
    "why",
    "worth",
]

_LOADED_WHEN_USED = {
    "Execution": "offramp.runs.execution",
    "Finding": "offramp.study.finding",
    "Run": "offramp.runs.result",
    "compare": "offramp.study.comparison.compare",
    "endings": "offramp.study.outlook.endings",
    "ensemble": "offramp.runs.run",
    "levers": "offramp.study.interventions.levers_study",
    "map_of": "offramp.study.two_way_map.map",
    "moves": "offramp.study.outlook.one_draw",
    "moves_in": "offramp.study.outlook.one_draw",
    "open_ledger": "offramp.study.forecasting.ledger",
    "open_run": "offramp.runs.opened",
    "paths": "offramp.study.histories.paths",
    "resume": "offramp.runs.running",
    "run": "offramp.runs.run",
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


def __dir__() -> list[str]:
    return sorted(__all__)
