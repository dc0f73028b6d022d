"""What a status means, in sentences: where a solution stands among a game's equilibria, and what a run's draws are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from offramp.common.numerals import percent, quantity
from offramp.equilibrium.branch.principal import STATUSES, Status
from offramp.equilibrium.logit import TRUSTED
from offramp.equilibrium.structure import structure_of
from offramp.runs.result import EARLY, TRACED, TRACED_LATER

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.runs.result import Run

CROSSED = (
    "another branch of equilibria crosses the principal one: which of them play follows beyond"
    " is not determined by the model."
)
ONE_OF_THEM = "The numbers are those of one of these branches; no side is likelier than another."
ROUNDED = (
    "the payoffs are computed from numbers so large that rounding takes away what decides at this rationality. Leave"
    " out what all options pay alike, or write the payoffs in a larger unit, with a rationality to match."
)
STANDING: Mapping[Status, str] = {
    "principal": "It lies on the principal branch: play at random leads to it as all actors grow more rational.",
    "bifurcation": "{divided}",
    "other branch": "It is not where the principal branch leads, the one that begins with play at random.",
    "not traced": "The principal branch could not be followed this far: whether it leads here is not known.",
    "unconverged": "This is no equilibrium; try a lower --rationality.",
}
ALONE = "It is the only equilibrium: whoever moves knows where play stands, so the game is solved from its end."
FEW = 4
"""So many places on a branch are named; more are counted."""


def standing(solution: Solution) -> list[str]:
    """Sentences on where a solution stands: its status, and where the branch was crossed or turned back."""
    status: Status = solution.status if solution.converged else "unconverged"
    if status == "principal" and solution.ended == "sweeps settled":
        return [ALONE]
    if not solution.converged and solution.certificate.rounding > TRUSTED:
        return [f"Nothing can be said: {ROUNDED}"]
    said = [STANDING[status].format(divided=divided(solution))]
    if status == "bifurcation" and not solution.sides:
        said.append(ONE_OF_THEM)
    if solution.turns:
        turns = places(solution.turns, solution.rationality, "Near")
        said.append(f"{turns} the branch turns: about there, a small change can take play to another equilibrium.")
    return said


def divided(solution: Solution) -> str:
    """Where the principal branch divides on the way to a bifurcation, in a sentence."""
    return f"{places(solution.bifurcations, solution.rationality) or 'On the way here'} {CROSSED}"


def places(scales: Iterable[float], rationality: Mapping[str, float], at: str = "At") -> str:
    """Scales of all rationalities as places in a sentence; the same place is named once. Empty without any.

    Examples
    --------
    >>> places([0.25, 0.5], {"north": 4.0, "south": 4.0})
    'At rationality 1.00 and 2.00'
    >>> places([0.25], {"north": 4.0, "south": 2.0})
    'At rationality 1.00 of north, the others in proportion,'
    """
    most = most_rational(rationality)
    found = list(dict.fromkeys(quantity(scale * rationality[most]) for scale in scales))
    if not found:
        return ""
    named = found if len(found) <= FEW else [*found[: FEW - 1], f"{len(found) - FEW + 1} more places"]
    text = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
    same = len(set(rationality.values())) == 1
    return f"{at} rationality {text}" + ("" if same else f" of {most}, the others in proportion,")


def most_rational(rationality: Mapping[str, float]) -> str:
    """The actor of the highest rationality, the first of several."""
    return max(rationality, key=lambda actor: rationality[actor])


def counts(ensemble: Run) -> str:
    """How many draws have each status that occurs, as in `16 principal, 2,032 not traced`."""
    return ", ".join(f"{ensemble.statuses[status]:,} {status}" for status in STATUSES if ensemble.statuses[status])


def drawn_standing(ensemble: Run) -> tuple[str, str]:
    """What was found out of a run's draws by following their principal branches; and a warning, or none."""
    found, traced = ensemble.statuses, ensemble.traced
    warnings = []
    if few := len(ensemble.rounded):
        warnings.append(f"Nothing can be said of {few:,} {'draw' if few == 1 else 'draws'}: {ROUNDED}")
    if structure_of(ensemble.game).perfect_information:
        return "Each draw has one equilibrium only: whoever moves knows where play stands.", " ".join(warnings)
    if ensemble.crisis.effective_inputs:
        sample = "one draw" if traced.sample == 1 else f"a sample of {traced.sample:,} draws"
        later = f", after the first {EARLY:,} every {TRACED_LATER:,}th" if ensemble.draws > EARLY else ""
        said = f"The principal branch was followed in {sample} (every {TRACED}th{later})"
        said += f", and in {traced.left:,} more that sweeps did not settle." if traced.left else "."
    else:
        said = "All draws are the same: one stands for all."
    if few := found["other branch"]:
        warnings.append(
            f"{few:,} of {traced.sample:,} draws compared with their principal branch"
            f" ({percent(few / traced.sample)}) {'has' if few == 1 else 'have'} another equilibrium than the one on"
            f" it{'; draws that were not compared may, too' if found['not traced'] else ''}."
        )
    elif found["not traced"] and not found["bifurcation"]:
        said += " No draw of the sample has another equilibrium than the one on it."
    if few := found["bifurcation"]:
        warnings.append(f"In {few:,} {'draw' if few == 1 else 'draws'} {CROSSED} {ONE_OF_THEM}")
        if found["not traced"]:
            warnings.append("It may be so in draws that were not compared, too.")
    return said, " ".join(warnings)
