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
>>> offramp.spread_of_rivals(offramp.read_map("rivals/map.yaml"))  # doctest: +SKIP
>>> offramp.elicit("panel.yaml")                # doctest: +SKIP
>>> offramp.fit(crisis, "cases.csv")            # doctest: +SKIP
>>> offramp.backtest(crisis, "past.csv")        # doctest: +SKIP

In a notebook, sliders and levers beside the endings (docs/notebooks.md):

>>> offramp.explore(crisis)                     # doctest: +SKIP

Runs on disk: `list_runs`, `progress_of`, `verify`, `merge`, `leftovers`, `clean` (docs/runs.md). A match:
`set_up`, `begin`, `awaiting`, `view`, `choose`, `debrief` (docs/playing.md).

Every function takes a crisis, a compiled game or a run, and makes what it needs of it. What `__all__` names is public;
everything else may move.
"""

from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from offramp.common.errors import OfframpError, UsageError
    from offramp.crisis.faults import CrisisError
    from offramp.crisis.model import Crisis
    from offramp.elicitation.elicited import elicit
    from offramp.equilibrium.multiplicity import equilibria
    from offramp.equilibrium.nash_limit import limit
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.solving import solve
    from offramp.equilibrium.tracing import Branch, trace
    from offramp.fitting.fit import fit
    from offramp.fitting.fit_into_crisis import with_fit
    from offramp.fitting.rolling_origin.backtesting import backtest
    from offramp.fitting.simulated_cases import simulate_cases
    from offramp.gambit.opening import compile_game, read
    from offramp.gambit.tree import Tree
    from offramp.game.game import Game
    from offramp.notebook.exploring import explore
    from offramp.play.board import set_up
    from offramp.play.debrief import debrief
    from offramp.play.match import awaiting, begin, choose
    from offramp.play.views import facilitator_view, view
    from offramp.runs.cleaning import clean, leftovers
    from offramp.runs.execution import Execution
    from offramp.runs.executors import processes
    from offramp.runs.listing import list_runs
    from offramp.runs.merging import merge
    from offramp.runs.opened import open_run
    from offramp.runs.result import Run
    from offramp.runs.run import run
    from offramp.runs.running import resume, solve_part
    from offramp.runs.store.recognising import progress_of
    from offramp.runs.verifying import verify
    from offramp.study.comparison.compare import compare
    from offramp.study.drawings import drawings_of
    from offramp.study.explanation.explaining import why
    from offramp.study.finding import Finding
    from offramp.study.forecasting.ledger import open_ledger
    from offramp.study.histories.paths import paths
    from offramp.study.interventions.levers_study import levers
    from offramp.study.key_map_reading import read_map
    from offramp.study.outlook.endings import endings
    from offramp.study.outlook.one_draw import moves, moves_in
    from offramp.study.rivals.rival_spread import spread_of_rivals
    from offramp.study.sensitivity.weigh import weigh
    from offramp.study.two_way_map.map import map_of
    from offramp.study.updating.update import update
    from offramp.study.value_of_information.worth import worth

    __version__: str

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
    "awaiting",
    "backtest",
    "begin",
    "choose",
    "clean",
    "compare",
    "compile_game",
    "debrief",
    "drawings_of",
    "elicit",
    "endings",
    "equilibria",
    "explore",
    "facilitator_view",
    "fit",
    "leftovers",
    "levers",
    "limit",
    "list_runs",
    "map_of",
    "merge",
    "moves",
    "moves_in",
    "open_ledger",
    "open_run",
    "paths",
    "processes",
    "progress_of",
    "read",
    "read_map",
    "resume",
    "run",
    "set_up",
    "simulate_cases",
    "solve",
    "solve_part",
    "spread_of_rivals",
    "trace",
    "update",
    "verify",
    "view",
    "weigh",
    "why",
    "with_fit",
    "worth",
]

_MODULES = {
    "Branch": "equilibrium.tracing",
    "Crisis": "crisis.model",
    "CrisisError": "crisis.faults",
    "Execution": "runs.execution",
    "Finding": "study.finding",
    "Game": "game.game",
    "OfframpError": "common.errors",
    "Run": "runs.result",
    "Solution": "equilibrium.solution",
    "Tree": "gambit.tree",
    "UsageError": "common.errors",
    "awaiting": "play.match",
    "backtest": "fitting.rolling_origin.backtesting",
    "begin": "play.match",
    "choose": "play.match",
    "clean": "runs.cleaning",
    "compare": "study.comparison.compare",
    "compile_game": "gambit.opening",
    "debrief": "play.debrief",
    "drawings_of": "study.drawings",
    "elicit": "elicitation.elicited",
    "endings": "study.outlook.endings",
    "equilibria": "equilibrium.multiplicity",
    "explore": "notebook.exploring",
    "facilitator_view": "play.views",
    "fit": "fitting.fit",
    "leftovers": "runs.cleaning",
    "levers": "study.interventions.levers_study",
    "limit": "equilibrium.nash_limit",
    "list_runs": "runs.listing",
    "map_of": "study.two_way_map.map",
    "merge": "runs.merging",
    "moves": "study.outlook.one_draw",
    "moves_in": "study.outlook.one_draw",
    "open_ledger": "study.forecasting.ledger",
    "open_run": "runs.opened",
    "paths": "study.histories.paths",
    "processes": "runs.executors",
    "progress_of": "runs.store.recognising",
    "read": "gambit.opening",
    "read_map": "study.key_map_reading",
    "resume": "runs.running",
    "run": "runs.run",
    "set_up": "play.board",
    "simulate_cases": "fitting.simulated_cases",
    "solve": "equilibrium.solving",
    "solve_part": "runs.running",
    "spread_of_rivals": "study.rivals.rival_spread",
    "trace": "equilibrium.tracing",
    "update": "study.updating.update",
    "verify": "runs.verifying",
    "view": "play.views",
    "weigh": "study.sensitivity.weigh",
    "why": "study.explanation.explaining",
    "with_fit": "fitting.fit_into_crisis",
    "worth": "study.value_of_information.worth",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that each command starts with no more than it needs.

    A public function checks the types of its arguments; within the package nobody gives it others.
    """
    if name == "__version__":
        from importlib.metadata import version

        return version("offramp")
    if name not in _MODULES:
        raise AttributeError(f"module 'offramp' has no attribute '{name}'")
    found = getattr(import_module(f"offramp.{_MODULES[name]}"), name)
    if isinstance(found, FunctionType):
        from offramp.common.arguments import checked_types

        found = checked_types(found)
        found.__module__ = "offramp"  # by this name another process finds it
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
