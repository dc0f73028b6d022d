"""How sure a computation is, in sentences: what a solve's status means, and what is known of a run's draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from offramp.common.numerals import percent, quantity
from offramp.crisis.names import names_of
from offramp.equilibrium.branch.principal import STATUSES, Status
from offramp.equilibrium.logit import TRUSTED
from offramp.equilibrium.structure import structure_of
from offramp.runs.result import EARLY, TRACED, TRACED_LATER
from offramp.study.choice_words import rules_in_words

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.runs.result import Run

HOW_SURE = "How sure is the computation"
"""The heading over the technical lines, which come last."""
CROSSED = (
    "another branch of equilibria crosses the principal one, and the model does not determine which of them play"
    " follows beyond."
)
ONE_OF_THEM = "The numbers are those of one of these branches; no branch is likelier than another."
ROUNDED = (
    "the payoffs come from numbers so large that rounding hides the differences that matter at this rationality. Leave"
    " out what every option pays, or write the payoffs in a larger unit, with a rationality to match."
)
SURE: Mapping[Status, str] = {
    "principal": "The solve converged: the numbers are those of an equilibrium.",
    "bifurcation": "The solve converged, but the game has several equilibria, and the model chooses none.",
    "other branch": "The solve converged, but to another equilibrium than the principal branch leads to.",
    "not traced": "The solve converged, but whether the principal branch leads to its equilibrium is not known.",
    "unconverged": "The solve did not converge: the numbers are not those of an equilibrium.",
}
"""For each status one plain sentence."""
STANDING: Mapping[Status, str] = {
    "principal": "It lies on the principal branch: play at random leads to it as all actors grow more rational.",
    "bifurcation": "{divided}",
    "other branch": "It is not where the principal branch leads, the one that begins with play at random.",
    "not traced": "The principal branch could not be followed this far: whether it leads here is not known.",
    "unconverged": "This is no equilibrium; try a lower rationality.",
}
"""For each status what it means, in technical terms."""
ALONE = "It is the only equilibrium: every mover knows where play stands, so the game is solved backward from its end."
MOST_PLACES = 4
"""How many places on a branch are named; further ones are counted."""


def status_of(solution: Solution) -> Status:
    """A solution's status, `unconverged` if it did not converge."""
    return solution.status if solution.converged else "unconverged"


def standing(solution: Solution) -> list[str]:
    """Technical sentences on a solution: its status, where the branch is crossed or turns, and the choice rules."""
    status, rules = status_of(solution), rules_in_words(solution.game.crisis)
    if status == "principal" and solution.ended == "sweeps settled":
        return [ALONE, *([rules] if rules else [])]
    if not solution.converged and solution.certificate.rounding > TRUSTED:
        return [f"Nothing can be said: {ROUNDED}"]
    sentences = [STANDING[status].format(divided=divided(solution))]
    if status == "bifurcation" and not solution.sides:
        sentences.append(ONE_OF_THEM)
    if solution.turns:
        actors = names_of(solution.game.crisis).actors
        turns = places(solution.turns, solution.rationality, actors, "Near")
        sentences.append(f"{turns} the branch turns: a small change there can take play to another equilibrium.")
    return [*sentences, *([rules] if rules else [])]


def divided(solution: Solution) -> str:
    """One sentence on where the principal branch divides before it reaches a solution."""
    names = names_of(solution.game.crisis).actors
    return f"{places(solution.bifurcations, solution.rationality, names) or 'On the way here'} {CROSSED}"


def places(scales: Iterable[float], rationality: Mapping[str, float], names: Mapping[str, str], at: str = "At") -> str:
    """Scales of all rationalities as places in a sentence, each place once; empty if there are none.

    `names`: of the actors.

    Examples
    --------
    >>> places([0.25, 0.5], {"north": 4.0, "south": 4.0}, {})
    'At rationality 1.00 and 2.00'
    >>> places([0.25], {"north": 4.0, "south": 2.0}, {"north": "Northland"})
    'At rationality 1.00 of Northland, the others in proportion,'
    """
    most = most_rational(rationality)
    values = list(dict.fromkeys(quantity(scale * rationality[most]) for scale in scales))
    if not values:
        return ""
    if (more := len(values) - MOST_PLACES) > 0:
        values = [*values[: MOST_PLACES - 1], f"{more + 1} more places"]
    text = f"{', '.join(values[:-1])} and {values[-1]}" if len(values) > 1 else values[0]
    same = len(set(rationality.values())) == 1
    return f"{at} rationality {text}" + ("" if same else f" of {names[most]}, the others in proportion,")


def most_rational(rationality: Mapping[str, float]) -> str:
    """The actor of the highest rationality, the first of several."""
    return max(rationality, key=lambda actor: rationality[actor])


def counts(run: Run) -> str:
    """How many draws have each status that occurs, as in `16 principal, 2,032 not traced`."""
    return ", ".join(f"{run.statuses[status]:,} {status}" for status in STATUSES if run.statuses[status])


def how_many_converged(draws: int, solved: int) -> str:
    """One plain sentence on how many of a run's draws were solved."""
    if solved == draws:
        return "All draws converged: each was solved to an equilibrium of its game."
    return f"{solved:,} of {draws:,} draws converged, each to an equilibrium of its game; the others are left out."


def drawn_standing(run: Run) -> tuple[str, str]:
    """What following the principal branches of a run's draws showed, and a warning, empty if there is none."""
    statuses, traced = run.statuses, run.traced
    warnings = []
    if few := len(run.rounded):
        warnings.append(f"Nothing can be said of {few:,} {'draw' if few == 1 else 'draws'}: {ROUNDED}")
    if structure_of(run.game).perfect_information:
        text = "Each draw has only one equilibrium: every mover knows where play stands."
        return f"{text} {rules_in_words(run.crisis)}".rstrip(), " ".join(warnings)
    if run.crisis.effective_inputs:
        sample = "one draw" if traced.sample == 1 else f"a sample of {traced.sample:,} draws"
        later = f", after the first {EARLY:,} every {TRACED_LATER:,}th" if run.draws > EARLY else ""
        text = f"The principal branch was followed in {sample} (every {TRACED}th{later})"
        text += f", and in {traced.left:,} more that sweeps did not settle." if traced.left else "."
    else:
        text = "All draws are the same: one stands for all."
    if few := statuses["other branch"]:
        warnings.append(
            f"{few:,} of {traced.sample:,} draws compared with their principal branch"
            f" ({percent(few / traced.sample)}) {'has' if few == 1 else 'have'} another equilibrium than the one on"
            f" it{'; draws that were not compared may, too' if statuses['not traced'] else ''}."
        )
    elif statuses["not traced"] and not statuses["bifurcation"]:
        text += " In the sample, every draw's solution lies on the principal branch."
    if few := statuses["bifurcation"]:
        warnings.append(f"In {few:,} {'draw' if few == 1 else 'draws'} {CROSSED} {ONE_OF_THEM}")
        if statuses["not traced"]:
            warnings.append("It may be so in draws that were not compared, too.")
    return f"{text} {rules_in_words(run.crisis)}".rstrip(), " ".join(warnings)
