"""Several equilibria of one game side by side, and the limit of perfect play, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from offramp.common.numerals import percent, quantity, small
from offramp.equilibrium.multiplicity import Equilibrium
from offramp.equilibrium.nash_limit import Limit
from offramp.game.game import Situation, described_sees
from offramp.report.terminal import heading, show_profile, side_by_side
from offramp.study.standing import ONE_OF_THEM, divided, most_rational

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MOST_TIES = 3
"""So many situations in which options tie are named."""


@dataclass(frozen=True)
class EquilibriumDifference:
    """The ending whose probability differs most between equilibria, with the least and the greatest."""

    ending: str
    least: float
    greatest: float


def widest_difference(found: Sequence[Equilibrium]) -> EquilibriumDifference | None:
    """Which ending depends most on which of several equilibria is played; None for one equilibrium."""
    if len(found) < 2:
        return None
    spans = []
    for ending in found[0].solution.endings:
        shares = [entry.solution.endings[ending] for entry in found]
        spans.append(EquilibriumDifference(ending, min(shares), max(shares)))
    # of endings that differ alike, but for rounding, the first of the file
    return max(spans, key=lambda span: round(span.greatest - span.least, 9))


def show_equilibria(console: Console, found: Sequence[Equilibrium], starts: int) -> None:
    """Print the equilibria found from a number of starts, and how far their endings are apart."""
    if not found:
        console.print(f"[bold red]NOT CONVERGED[/bold red]: no equilibrium was found from {starts:,} starts.")
        return
    first = found[0].solution
    most = most_rational(first.rationality)
    alike = len(set(first.rationality.values())) == 1
    at = f"at rationality {first.rationality[most]:.2f}" if alike else "at the actors' own rationality"
    console.print(heading(first.game.crisis, f"equilibria {at}, from {starts:,} random starts"))
    console.print(f"[dim]Solved {escape(first.conditions)}.[/dim]")
    console.print(_said(found), markup=False)
    if first.status == "bifurcation":
        console.print(divided(first), markup=False)
    console.print()
    said: dict[str, list[str]] = {
        "status": [entry.solution.status for entry in found],
        "starts that led here": [f"{entry.starts:,}" for entry in found],
        "largest violation": [small(entry.solution.certificate.residual) for entry in found],
    }
    left_out = side_by_side(console, [entry.solution for entry in found], said)
    if left_out:
        console.print(f"[dim]{' and '.join(left_out)}; --json lists all[/dim]")


def _said(found: Sequence[Equilibrium]) -> str:
    """How many ends the story has, and where they differ most."""
    difference = widest_difference(found)
    if difference is None:
        return "One equilibrium was found. That is no proof that there is no other."
    count = NUMBERS[len(found)] if len(found) < len(NUMBERS) else f"{len(found):,}"
    apart = f"{percent(difference.least)} in one and {percent(difference.greatest)} in another"
    return (
        f"The story has {count} ends: so many equilibria were found, and there may be more. They differ most in"
        f" '{difference.ending}': {apart}."
    )


def show_limit(console: Console, limit: Limit) -> None:
    """Print where the principal branch leads, how far it was followed, and where options tie."""
    solution = limit.solution
    crisis = solution.game.crisis
    console.print(heading(crisis, f"the limit of perfect play {solution.conditions}"))
    most = most_rational(solution.rationality)
    alike = len(set(solution.rationality.values())) == 1
    end = f"rationality {quantity(solution.rationality[most])}" + ("" if alike else f" of {escape(most)}")
    if solution.converged:
        gain = f"more than {small(limit.regret)}" if limit.regret else "anything that shows in the numbers"
        console.print(
            f"The branch was followed to {end}, until regret fell no more: nobody gains {gain} by playing otherwise."
            " Up to that it is a sequential equilibrium."
        )
    else:
        console.print(f"[bold red]NOT CONVERGED[/bold red]: the branch could be followed only to {end}.")
    if solution.status == "bifurcation":
        console.print(f"{divided(solution)} {ONE_OF_THEM}", markup=False)
    if limit.ties:
        noun = "situation" if len(limit.ties) == 1 else "situations"
        console.print(
            f"{len(limit.ties):,} {noun} in which several options are equally good; the mix shown is the one that the"
            " branch leads to:"
        )
        for tie in limit.ties[:MOST_TIES]:
            console.print(f"  {_situation(tie)}", markup=False)
        if len(limit.ties) > MOST_TIES:
            console.print(f"  [dim]{len(limit.ties) - MOST_TIES:,} more; --json lists all[/dim]")
    show_profile(console, solution)


def _situation(situation: Situation) -> str:
    sees = described_sees(situation)
    number = f", round {situation.round}" if situation.round else ""
    return f"{situation.move}, {situation.actor}{number}" + (f": {sees}" if sees else "")
