"""What the processes of the workbench work out: a crisis as it stands in the editor, solved at a setting.

Each process keeps the crises that it has compiled last, with a solved reference that a slider step sweeps from. The
functions take and give plain values; what is heavy to load is loaded where it is used.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.schemas import NODES
from offramp.app.tasks.plain_numbers import finite, numbers
from offramp.app.tasks.shown_findings import finding_json
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError, Fault
from offramp.gambit.opening import compile_game

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from offramp.crisis.model import Crisis
    from offramp.equilibrium.solution import Solution
    from offramp.game.game import Game

KEPT, KEPT_NODES = 24, 400_000
"""So many compiled crises are kept, with so many nodes together."""
SPREAD_SEED, MOST_SPREAD = 1, 1024


@dataclass(frozen=True)
class Scenario:
    """A crisis file's text, where it is, and what is varied of it."""

    text: str
    path: str
    given: Mapping[str, float] = field(default_factory=dict)
    levers: tuple[str, ...] = ()
    rationality: float | None = None

    @property
    def key(self) -> str:
        """What names the compiled crisis of the setting."""
        parts = (self.text, self.path, *self.levers)
        return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


@dataclass(eq=False)
class Compiled:
    """A crisis with its levers pulled, its game, and, once solved, its solution at the medians."""

    crisis: Crisis
    game: Game
    reference: Solution | None = None
    inputs: Mapping[str, NDArray[Any]] | None = None


_kept: OrderedDict[str, Compiled] = OrderedDict()  # of this process, which does one thing at a time


def compiled(setting: Scenario) -> Compiled:
    """The crisis of a setting, compiled; CrisisError where it cannot be, UsageError for an unknown lever."""
    key = setting.key
    if (found := _kept.get(key)) is not None:
        _kept.move_to_end(key)
        return found
    base = _kept.get(replace(setting, levers=()).key)
    crisis = (base.crisis if base else _read(setting)).with_levers(*setting.levers)
    return _keep(key, _compiled(crisis))


def _keep(key: str, found: Compiled) -> Compiled:
    """Keep what has been compiled, unless that is done; the oldest goes where it is too much."""
    found = _kept.setdefault(key, found)
    _kept.move_to_end(key)
    while len(_kept) > 1 and (len(_kept) > KEPT or sum(each.game.nodes for each in _kept.values()) > KEPT_NODES):
        _kept.popitem(last=False)
    return found


def _read(setting: Scenario) -> Crisis:
    """The crisis without levers; sources are read only in its folder."""
    from offramp.crisis.reading import read_text

    return read_text(setting.text.encode("utf-8", "surrogatepass"), setting.path)


def _compiled(crisis: Crisis) -> Compiled:
    try:
        return Compiled(crisis, compile_game(crisis, NODES))
    except CrisisError as error:
        faults = [Fault(fault.place, _here(fault.message)) for fault in error.faults]
        raise CrisisError(error.path, faults) from None


def _here(message: str) -> str:
    """A fault as it is said on the page, where nobody can raise the largest size."""
    return message.replace("raise --max-nodes", "make it smaller, or use `offramp solve --max-nodes N`")


def warm() -> None:
    """Load what slider steps and the editor need, with a small crisis, so that the first of them does not wait."""
    setting = _starter()
    solve(setting)
    complete(setting.text, 0)
    hover(setting.text, 0, setting.path)
    _kept.clear()


def warm_side() -> None:
    """Load what the calls need that follow when a slider rests."""
    setting = _starter()
    check(setting.text, setting.path)
    settle(setting, 800)
    spread(setting, 8)
    _kept.clear()


def _starter() -> Scenario:
    import offramp

    return Scenario(Path(offramp.__file__).with_name("starter.yaml").read_text(encoding="utf-8"), "starter.yaml")


def timed_solve(setting: Scenario) -> tuple[float, dict[str, Any]]:
    """A slider step, and how many seconds it took, without what is done once for a crisis."""
    _referred(setting)
    started = time.perf_counter()
    found = solve(setting)
    return time.perf_counter() - started, found


def solve(setting: Scenario) -> dict[str, Any]:
    """A slider step: swept from the solved reference, or traced where that does not settle."""
    from offramp.equilibrium.solving import solve as solve_once

    found = _referred(setting)
    given, rationality = setting.given, setting.rationality
    try:
        solution = solve_once(found.game, rationality=rationality, given=given, start=found.reference)
    except CrisisError as error:
        raise impossible(error) from None
    return _answer(solution if solution.converged else solve_once(found.game, rationality=rationality, given=given))


def _referred(setting: Scenario) -> Compiled:
    """The crisis of a setting with its reference: at the medians and the actors' own rationality."""
    from offramp.equilibrium.solving import solve as solve_once

    found = compiled(setting)
    if found.reference is None:
        try:
            found.reference = solve_once(found.game)
        except CrisisError as error:
            raise impossible(error) from None
    return found


def _answer(solution: Solution) -> dict[str, Any]:
    return {
        "endings": numbers(solution.endings),
        "payoffs": numbers({actor: solution.total(actor) for actor in solution.payoffs}),
        "status": solution.status,
        "converged": solution.converged,
    }


def impossible(error: CrisisError) -> UsageError:
    """Values that the crisis cannot be played at: a mistake of the setting, not of the file."""
    return UsageError(f"not possible at these values: {error.faults[0].message}")


def settle(setting: Scenario, width: int) -> dict[str, Any]:
    """The setting solved on the principal branch, with play along the timeline; the picture is `width` pixels wide."""
    from offramp.crisis.model import Move
    from offramp.study.histories.flows import flows_of
    from offramp.study.histories.plays import solved
    from offramp.study.histories.timeline_picture import drawn_timeline

    found = compiled(setting)
    try:
        block, solution = solved(found.game, setting.rationality, setting.given)
    except CrisisError as error:
        raise impossible(error) from None
    flows = flows_of(block, solution)
    moves = []
    for stage in flows.stages:
        step = found.crisis.named[stage.step]
        if isinstance(step, Move):
            shares = dict(zip(stage.values, map(float, stage.shares.sum(axis=1)), strict=True))
            options = {option: shares[option] for option in step.options}
            reached = sum(options.values())
            moves.append(
                {"step": step.name, "round": stage.round, "actor": step.by, "reached": reached, "options": options}
            )
    return _answer(solution) | {
        "ended": solution.ended,
        "residual": finite(solution.certificate.residual),
        "rationality": numbers(solution.rationality),
        "moves": moves,
        "timeline": drawn_timeline(flows, "timeline", width),
        "unfolded": bool(flows.stages),
    }


def spread(setting: Scenario, draws: int) -> dict[str, Any]:
    """How the endings spread over draws of the inputs that are not `given`, and what each actor is paid in the mean.

    Levers apply after the draws. Draws that did not converge are left out; `converged` counts the others.
    """
    import numpy as np

    from offramp.crisis.inputs import resolved_inputs
    from offramp.runs.blocks import threads
    from offramp.runs.pieces import solve_values
    from offramp.runs.sampling import sample_chunk

    found = compiled(setting)
    if found.inputs is None:
        found.inputs = sample_chunk(replace(found.crisis, pulled=()), SPREAD_SEED, 0)
    values = resolved_inputs(
        found.crisis, {name: column[:draws] for name, column in found.inputs.items()}, setting.given
    )
    try:
        with threads(1) as pool:
            solved = solve_values(found.game, draws, values, pool, rationality=setting.rationality)
    except CrisisError as error:
        raise impossible(error) from None
    converged = solved.converged
    shares = solved.endings[:, converged]
    if not converged.any():
        return {"draws": draws, "converged": 0, "endings": {}, "payoffs": {}}
    low, middle, high = np.quantile(shares, [0.05, 0.5, 0.95], axis=1)
    names = [ending.name for ending in found.crisis.endings]
    intervals = {
        name: {"mean": float(mean), "p05": float(p05), "p50": float(p50), "p95": float(p95)}
        for name, mean, p05, p50, p95 in zip(names, shares.mean(axis=1), low, middle, high, strict=True)
    }
    payoffs = dict.fromkeys(found.crisis.actors, 0.0)
    for term, paid in zip(found.crisis.terms, solved.terms[:, converged].mean(axis=1), strict=True):
        payoffs[term.actor] += float(paid)
    return {"draws": draws, "converged": int(converged.sum()), "endings": intervals, "payoffs": numbers(payoffs)}


def why(setting: Scenario, move: str, sees: Mapping[str, str]) -> dict[str, Any]:
    """Why an actor chooses as it does at a move, at the setting."""
    from offramp.study.explanation.why import why as why_of

    game = compiled(setting).game
    try:
        found = why_of(game, move, sees=sees, rationality=setting.rationality, given=setting.given)
    except CrisisError as error:
        raise impossible(error) from None
    return finding_json(found, drawn=False)


def check(text: str, path: str) -> dict[str, Any]:
    """All that is wrong with a text, and, where nothing is, what the page shows of the crisis."""
    from offramp.app.tasks.crisis_view import model_of
    from offramp.game.checks.text_checks import check_text

    checked = check_text(text, Path(path), max_nodes=NODES)
    model = None
    if checked.crisis is not None and checked.game is not None:
        _keep(Scenario(text, path).key, Compiled(checked.crisis, checked.game))
        model = model_of(checked.crisis, checked.game)
    faults = [fault.to_dict() | {"message": _here(fault.message)} for fault in checked.faults]
    return checked.to_dict() | {"faults": faults, "model": model}


def complete(text: str, offset: int) -> dict[str, Any]:
    """What may stand at a place of a text."""
    from offramp.crisis.editor.completion import complete as complete_at

    return complete_at(text, offset).to_dict()


def hover(text: str, offset: int, path: str) -> dict[str, Any] | None:
    """What is said of the word at a place of a text, if anything."""
    from offramp.crisis.editor.hovering import hover as hover_at

    found = hover_at(text, offset, Path(path))
    return None if found is None else found.to_dict()


def rewrite(text: str, name: str, value: float) -> dict[str, Any]:
    """The text with a number in the place of an input's value, every other character as it was."""
    from offramp.crisis.editor.rewriting import rewrite_input

    return {"text": rewrite_input(text, name, value)}


def cited(text: str, path: str, cite: str) -> dict[str, Any]:
    """The passage of a source that a cite names."""
    from offramp.crisis.editor.source_passages import passage

    return passage(compiled(Scenario(text, path)).crisis, cite).to_dict()
