"""Tasks of the live workbench: solve the crisis in the editor for a scenario, and help the editor.

The functions take and return plain values; modules that are slow to load are imported inside them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.schemas import NODES
from offramp.app.tasks.compiled_scenarios import Compiled, Scenario, compiled, for_page, forget, impossible, keep
from offramp.app.tasks.plain_numbers import finite, numbers
from offramp.app.tasks.shown_findings import finding_json
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.templates import STARTER, template_text

if TYPE_CHECKING:
    from offramp.crisis.editor.new_crisis import NewCrisis
    from offramp.equilibrium.solution import Solution
    from offramp.game.checks.text_checks import Underlined


def warm() -> None:
    """Load everything for slider steps and the editor, with a small crisis, so that the first request is fast."""
    scenario = _starter()
    solve(scenario)
    complete(scenario.text, 0)
    hover(scenario.text, 0, scenario.path)
    forget()


def warm_side() -> None:
    """Load everything for the calls when a slider rests."""
    from offramp.app.tasks.spread_tasks import matters, spread

    scenario = _starter()
    check(scenario.text, scenario.path)
    solve_traced(scenario, 800)
    spread(scenario, 64)
    matters(scenario, 64)
    forget()


def _starter() -> Scenario:
    return Scenario(template_text(STARTER), "starter.yaml")


def timed_solve(scenario: Scenario) -> tuple[float, dict[str, Any]]:
    """A slider step and its time in seconds, without the work that is done once per crisis."""
    with_reference(scenario)
    started = time.perf_counter()
    answer = solve(scenario)
    return time.perf_counter() - started, answer


def solve(scenario: Scenario) -> dict[str, Any]:
    """A slider step: sweeps from the solved reference; if they do not converge, a traced solve."""
    from offramp.equilibrium.solving import solve as solve_once

    entry = with_reference(scenario)
    given, rationality = scenario.given, scenario.rationality
    if not given and rationality is None:
        assert entry.reference is not None
        return _answer(entry.reference)
    try:
        solution = solve_once(entry.game, rationality=rationality, given=given, start=entry.reference)
    except CrisisError as error:
        raise impossible(error) from None
    return _answer(solution if solution.converged else solve_once(entry.game, rationality=rationality, given=given))


def with_reference(scenario: Scenario) -> Compiled:
    """The compiled crisis of a scenario, with its reference: solved at the medians and the actors' own rationality.

    As of now, what was played up to now comes from the reference of the crisis from its outset.
    """
    from offramp.equilibrium.evaluation import solve_draw_now, solved_outset

    entry = compiled(scenario)
    if entry.reference is None:
        try:
            if entry.game.as_of_now:
                outset = with_reference(scenario.at_outset).outset
                entry.reference = solve_draw_now(entry.game, outset=outset)[1]
            else:
                entry.outset = solved_outset(entry.game)
                entry.reference = entry.outset.solution
        except CrisisError as error:
            raise impossible(error) from None
    return entry


def _answer(solution: Solution) -> dict[str, Any]:
    return {
        "endings": numbers(solution.endings),
        "payoffs": numbers({actor: solution.total(actor) for actor in solution.payoffs}),
        "measures": numbers(solution.measures),
        "status": solution.status,
        "converged": solution.converged,
    }


def solve_traced(scenario: Scenario, width: int) -> dict[str, Any]:
    """Solve a scenario on the principal branch, with play along the timeline; `width`: of the picture, in pixels."""
    from offramp.crisis.steps import Move
    from offramp.study.histories.flows import flows_of
    from offramp.study.histories.plays import solved
    from offramp.study.histories.timeline_picture import drawn_timeline

    entry = compiled(scenario)
    try:
        outset = None
        if entry.game.as_of_now and scenario.rationality is None:
            outset = with_reference(scenario.at_outset).outset
        block, solution = solved(entry.game, scenario.rationality, scenario.given, outset)
    except CrisisError as error:
        raise impossible(error) from None
    flows = flows_of(block, solution)
    steps = []
    for stage in flows.stages:
        shares = dict(zip(stage.values, map(float, stage.shares.sum(axis=1)), strict=True))
        options = {option: shares[option] for option in entry.crisis.offered(stage.step, stage.round)}
        reached = sum(options.values())
        step = entry.crisis.named[stage.step]
        at = {"step": step.key, "round": stage.round, "actor": step.by if isinstance(step, Move) else None}
        steps.append(at | {"reached": reached, "options": options})
    return _answer(solution) | {
        "ended": solution.ended,
        "residual": finite(solution.certificate.residual),
        "rationality": numbers(solution.rationality),
        "moves": [step for step in steps if step["actor"] is not None],
        "chances": [step for step in steps if step["actor"] is None],
        "timeline": drawn_timeline(flows, "timeline", width),
        "unfolded": bool(flows.stages),
    }


def why(scenario: Scenario, move: str, sees: Mapping[str, str]) -> dict[str, Any]:
    """Why an actor chooses as it does at a move, in a scenario."""
    from offramp.study.explanation.explaining import why as why_of

    game = compiled(scenario).game
    try:
        finding = why_of(game, move, sees=sees, rationality=scenario.rationality, given=scenario.given)
    except CrisisError as error:
        raise impossible(error) from None
    return finding_json(finding, drawn=False)


def check(text: str, path: str) -> dict[str, Any]:
    """Every mistake in a text; if there is none, also the crisis for the page."""
    from offramp.app.tasks.crisis_view import model_of
    from offramp.game.checks.text_checks import check_text

    checked = check_text(text, Path(path), max_nodes=NODES)
    model = None
    if checked.crisis is not None and checked.game is not None:
        keep(Scenario(text, path).key, Compiled(checked.crisis, checked.game))
        model = model_of(checked.crisis, checked.game)
    return checked.to_dict() | {"faults": _for_page(checked.faults), "model": model}


def signs(scenario: Scenario) -> dict[str, Any]:
    """Signs that a crisis without mistakes is degenerate, as `offramp check` finds them by solving some draws."""
    from offramp.game.checks.text_checks import underlined
    from offramp.study.degenerate import degenerate, draws_for

    game = compiled(scenario).game
    draws = draws_for(game)
    found = degenerate(game, draws) if draws else ()
    return {"faults": _for_page(underlined(scenario.text, [(fault, "warning") for fault in found]))}


def _for_page(faults: tuple[Underlined, ...]) -> list[dict[str, Any]]:
    return [fault.to_dict() | {"message": for_page(fault.message)} for fault in faults]


def complete(text: str, offset: int) -> dict[str, Any]:
    """Completions at a position in a text."""
    from offramp.crisis.editor.completion import complete as complete_at

    return complete_at(text, offset).to_dict()


def hover(text: str, offset: int, path: str) -> dict[str, Any] | None:
    """The description of the word at a position in a text, if any."""
    from offramp.crisis.editor.hovering import hover as hover_at

    description = hover_at(text, offset, Path(path))
    return None if description is None else description.to_dict()


def rewrite(text: str, name: str, value: float) -> dict[str, Any]:
    """The text with a new value for an input; all other characters are unchanged."""
    from offramp.crisis.editor.rewriting import rewrite_input

    return {"text": rewrite_input(text, name, value)}


def happened(text: str, path: str, position: str, value: str, date: str, note: str) -> dict[str, Any]:
    """The text with one more event in `observed`; UsageError if no history agrees with all of them."""
    from offramp.crisis.editor.observing import add_observed

    after = add_observed(text, path, position, value, date, note)
    checked = check(after, path)
    if not checked["ok"]:
        message = next(fault["message"] for fault in checked["faults"] if fault["severity"] == "error")
        raise UsageError(f"this was not written: {message}")
    return {"text": after}


def new_crisis(form: NewCrisis) -> dict[str, Any]:
    """The text of a new crisis, None if an answer is missing or wrong; all faults, and the keys of the actors."""
    from offramp.crisis.editor.new_crisis import MOST_ACTORS, faults_of
    from offramp.crisis.editor.new_crisis_text import actor_keys, new_crisis_text

    faults = [asdict(fault) for fault in faults_of(form)]
    text = None if faults else new_crisis_text(form)
    return {"text": text, "faults": faults, "actor_keys": list(actor_keys(form.actors[:MOST_ACTORS]))}


def cited(text: str, path: str, cite: str) -> dict[str, Any]:
    """The passage of a source that a cite refers to."""
    from offramp.crisis.editor.source_passages import passage

    return passage(compiled(Scenario(text, path)).crisis, cite).to_dict()
