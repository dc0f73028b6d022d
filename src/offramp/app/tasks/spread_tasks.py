"""Tasks of the workbench when a slider rests: the draws of a scenario, and what matters in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from offramp.app.tasks.compiled_scenarios import Compiled, Drawn, Scenario, compiled, for_page, impossible
from offramp.app.tasks.plain_numbers import numbers
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.crisis.faults import CrisisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from offramp.crisis.model import Crisis
    from offramp.runs.study_draws import Solved
    from offramp.study.sensitivity.tornado import TornadoBar

SPREAD_SEED, MOST_SPREAD = 1, 1024
HEAVIEST = 3
"""How many assumptions the paragraph names."""
NOTICED = 0.005
"""An input that moves an ending by less, from its low to its high decile, is not named."""


def spread(scenario: Scenario, draws: int) -> dict[str, Any]:
    """Distribution of the endings over draws of the inputs not fixed by `given`, mean payoffs and measures, and `lead`.

    Levers are applied after the draws. Draws that did not converge are left out; `converged` counts the others. As of
    now each draw weighs by how likely it made what happened, and payoffs are those still to come. `lead`: the
    sentences on the endings, as a report leads with them.
    """
    from offramp.runs.weighted import interval_of, mean_of
    from offramp.study.lead import lead_of_draws
    from offramp.study.wording import bands, odds_word

    entry = compiled(scenario)
    crisis, solved = entry.crisis, _drawn(entry, scenario, draws).solved
    converged = solved.converged
    if not converged.any():
        nothing: dict[str, Any] = {"endings": {}, "payoffs": {}, "measures": {}, "lead": [], "words": bands()}
        return {"draws": draws, "converged": 0} | nothing
    _check_known(crisis, solved)
    weight = _weight(solved)
    shares = dict(zip((ending.key for ending in crisis.endings), solved.endings[:, converged], strict=True))
    found = {name: interval_of(share * weight, weight) for name, share in shares.items()}
    payoffs = dict.fromkeys(crisis.actors, 0.0)
    for term, amounts in zip(crisis.terms, solved.terms[:, converged], strict=True):
        payoffs[term.actor] += mean_of(amounts * weight, weight)
    quantities = zip(crisis.measures, solved.measures[:, converged], strict=True)
    return {
        "draws": draws,
        "converged": len(weight),
        "endings": {name: asdict(band) | {"word": odds_word(band.mean)} for name, band in found.items()},
        "payoffs": numbers(payoffs),
        "measures": numbers({measure.key: mean_of(amounts * weight, weight) for measure, amounts in quantities}),
        "lead": list(lead_of_draws(crisis, found, varied(scenario, crisis))),
        "words": bands(),
    }


def matters(scenario: Scenario, draws: int) -> dict[str, Any]:
    """How far each uncertain input moves each ending, and a sentence on those that move what is to be avoided most.

    Nothing is solved if the draws of `spread` are at hand. `tornado`: by ending, and by the sum of those to avoid if
    they are several, the widest bar first.
    """
    from offramp.study.goal import goal_of
    from offramp.study.lead import on_assumptions
    from offramp.study.sensitivity.given_inputs import weighed_draws
    from offramp.study.sensitivity.tornado import tornado

    entry = compiled(scenario)
    crisis, drawn = entry.crisis, _drawn(entry, scenario, draws)
    solved, goal = drawn.solved, goal_of(crisis, None)
    if not solved.converged.any():
        return {"avoid": goal.key, "tornado": {}, "lead": []}
    _check_known(crisis, solved)
    free = [name for name in crisis.effective_inputs if name not in scenario.given]
    assert entry.inputs is not None
    inputs = {name: entry.inputs[name][:draws] for name in free}
    rows = goal.with_total(crisis, solved.endings)
    weighed = weighed_draws(crisis, free, inputs, rows, solved.converged, solved.weight)
    bars = {key: tornado(weighed, key, row) for key, row in zip(goal.labels(crisis), weighed.levels, strict=True)}
    heaviest = [bar.input for bar in bars[goal.key] if _width(bar) >= NOTICED][:HEAVIEST]
    return {
        "avoid": goal.key,
        "tornado": {key: [asdict(bar) for bar in some] for key, some in bars.items()},
        "lead": [on_assumptions(crisis, heaviest, goal.name)] if heaviest else [],
    }


def best_lever(scenario: Scenario, draws: int) -> dict[str, Any]:
    """The sentence on the lever that lowers what is to be avoided most; none if no lever is left, or none can be told.

    Every lever that is not pulled yet is solved on a part of the draws of `spread`, as many as a report takes; what it
    changes is added to the means over all.
    """
    from offramp.runs.blocks import threads
    from offramp.study.brief import draws_that_fit
    from offramp.study.goal import goal_of
    from offramp.study.interventions.changes import levelled, levels_before
    from offramp.study.interventions.levers_study import levers_at

    entry = compiled(scenario)
    crisis, drawn = entry.crisis, _drawn(entry, scenario, draws)
    if set(crisis.pulled) >= crisis.levers.keys() or not drawn.solved.converged.any():
        return {"lead": []}
    weight = _weight(drawn.solved)
    few = min(draws, draws_that_fit(weight))
    with threads(1) as pool:
        try:
            found = levers_at(
                entry.game,
                few,
                {name: column[:few] for name, column in drawn.values.items()},
                seed=SPREAD_SEED,
                executor=pool,
                singly=True,
                past=None if drawn.past is None else drawn.past.only(slice(few)),
                rationality=scenario.rationality,
            )
        except CrisisError as error:
            raise impossible(error) from None
    goal = goal_of(crisis, None)
    rows, solved = goal.with_total(crisis, drawn.solved.endings), drawn.solved
    levels = levels_before(goal.labels(crisis), rows, solved.converged, solved.weight, few)
    found = replace(found, before=levels.means, sets=tuple(levelled(one, levels) for one in found.sets))
    return {"lead": [for_page(found.on_best_lever)] if found.on_best_lever else []}


def varied(scenario: Scenario, crisis: Crisis) -> Iterator[str]:
    """What a scenario fixes, in words: `what war costs at 5`, `rationality 4 for all actors`."""
    for name, value in scenario.given.items():
        yield tr("{input} at {value}", input=crisis.inputs[name].name, value=f"{value:.6g}")
    if scenario.rationality is not None:
        yield tr("rationality {value} for all actors", value=f"{scenario.rationality:.6g}")


def _width(bar: TornadoBar) -> float:
    return abs(bar.at_high - bar.at_low)


def _drawn(entry: Compiled, scenario: Scenario, draws: int) -> Drawn:
    """The draws of a scenario; those solved last are not solved again."""
    from offramp.crisis.inputs import resolved_inputs
    from offramp.runs.blocks import threads
    from offramp.runs.sampling import sample_chunk
    from offramp.runs.study_draws import solve_past, solve_values

    of = (tuple(sorted(scenario.given.items())), scenario.rationality, draws)
    if entry.drawn is not None and entry.drawn.of == of:
        return entry.drawn
    crisis, game, one = entry.crisis, entry.game, scenario.rationality
    if entry.inputs is None:
        entry.inputs = sample_chunk(replace(crisis, pulled=()), SPREAD_SEED, 0)
    inputs = {name: column[:draws] for name, column in entry.inputs.items()}
    values = resolved_inputs(crisis, inputs, scenario.given)
    try:
        with threads(1) as pool:
            past = None
            if game.as_of_now:
                before = resolved_inputs(crisis.before_now, inputs)
                past = solve_past(game, draws, before, pool, rationality=one)
            solved = solve_values(game, draws, values, pool, rationality=one, past=past)
    except CrisisError as error:
        raise impossible(error) from None
    entry.drawn = Drawn(of, values, past, solved)
    return entry.drawn


def _weight(solved: Solved) -> NDArray[Any]:
    """The weight of each draw that converged; 1 from the outset."""
    import numpy as np

    kept = solved.converged
    return np.ones(int(kept.sum())) if solved.weight is None else solved.weight[kept]


def _check_known(crisis: Crisis, solved: Solved) -> None:
    """Raise UsageError if too few of the draws that converged explain what is known."""
    from offramp.runs.weighted import check_known
    from offramp.study.outlook.endings import FEWEST

    if solved.weight is None:
        return
    try:
        check_known(solved.weight[solved.converged], crisis, least=FEWEST)
    except UsageError as error:
        raise UsageError(for_page(str(error))) from None
