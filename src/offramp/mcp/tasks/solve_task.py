"""The task of the tool `solve`: one equilibrium at the medians, the same that `offramp solve` finds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.tasks.compiled_scenarios import Scenario, impossible
from offramp.app.tasks.live_tasks import with_reference
from offramp.app.tasks.plain_numbers import numbers
from offramp.crisis.faults import CrisisError
from offramp.mcp.tasks.answer_sentences import conditions, sentence_of

if TYPE_CHECKING:
    from offramp.crisis.draft_standing import DraftStanding
    from offramp.equilibrium.solution import Solution


def solve(scenario: Scenario) -> dict[str, Any]:
    """A scenario solved on the principal branch: endings, payoffs, measures, and how the search ended."""
    from offramp.crisis.draft_standing import as_json_key, unread_beside

    standing = unread_beside(Path(scenario.path))  # now: a person may have read more since the crisis was compiled
    solution = _solved(scenario)
    crisis = solution.game.crisis
    return {
        "sentence": _sentence(solution, standing),
        "title": crisis.title,
        "conditions": solution.conditions,
        "levers": list(crisis.pulled),
        "as_of_now": crisis.outset is not None,
        "supposed": dict(scenario.supposed),
        "endings": [
            {"ending": ending.key, "name": ending.name, "probability": solution.endings[ending.key]}
            for ending in crisis.endings
        ],
        "payoffs": numbers({actor: solution.total(actor) for actor in solution.payoffs}),
        "measures": numbers(solution.measures),
        "rationality": numbers(solution.rationality),
        "status": solution.status,
        "converged": solution.converged,
        **as_json_key(standing),
    }


def _solved(scenario: Scenario) -> Solution:
    """The solution of a scenario; a crisis at which nothing is set is solved once in a process."""
    from offramp.equilibrium.solving import solve as solve_once

    entry = with_reference(scenario)
    if not scenario.given and scenario.rationality is None:
        assert entry.reference is not None
        return entry.reference
    try:
        return solve_once(entry.game, rationality=scenario.rationality, given=scenario.given)
    except CrisisError as error:
        raise impossible(error) from None


def _sentence(solution: Solution, standing: DraftStanding | None) -> str:
    """`A joint answer is the likeliest ending (likely, 69.9%), then … (one solve at the medians of the inputs; …).`."""
    from offramp.common.numerals import percent
    from offramp.common.words import listed
    from offramp.crisis.names import capital, names_of
    from offramp.study.wording import odds_word

    if not solution.converged:
        return "The solve did not converge, so these numbers say nothing."
    crisis = solution.game.crisis
    names = names_of(crisis)
    first, *others = sorted(solution.endings, key=lambda key: -solution.endings[key])
    shown = [f"{names.endings[key]} ({percent(solution.endings[key])})" for key in others]
    rest = f", then {listed(shown)}" if shown else ""
    odds = solution.endings[first]
    best = f"{capital(names.endings[first])} is the likeliest ending ({odds_word(odds)}, {percent(odds)}){rest}"
    return sentence_of([best], conditions(replace(crisis, draft=standing), f"one solve {solution.conditions}"))
