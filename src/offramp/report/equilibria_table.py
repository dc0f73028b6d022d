"""Several equilibria of one game side by side, and the limit of perfect play, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from offramp.common.numerals import percent, quantity, small
from offramp.crisis.names import Names, names_of
from offramp.equilibrium.multiplicity import Equilibrium
from offramp.equilibrium.nash_limit import Limit
from offramp.game.game import Situation
from offramp.report.terminal import (
    columns_for,
    heading,
    show_certificate,
    show_how_sure,
    show_profile,
    side_by_side,
)
from offramp.study.choice_words import rules_in_words
from offramp.study.standing import ONE_OF_THEM, SURE, divided, most_rational

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MOST_TIES = 3
"""Number of situations with tied options that are named."""


@dataclass(frozen=True)
class EquilibriumDifference:
    """The ending whose probability differs most between equilibria, with the least and the greatest."""

    ending: str
    least: float
    greatest: float


def widest_difference(equilibria: Sequence[Equilibrium]) -> EquilibriumDifference | None:
    """The ending that differs most between several equilibria; None for a single equilibrium."""
    if len(equilibria) < 2:
        return None
    spans = []
    for ending in equilibria[0].solution.endings:
        shares = [entry.solution.endings[ending] for entry in equilibria]
        spans.append(EquilibriumDifference(ending, min(shares), max(shares)))
    # among endings that differ equally, but for rounding, the first of the file
    return max(spans, key=lambda span: round(span.greatest - span.least, 9))


def show_equilibria(console: Console, equilibria: Sequence[Equilibrium], starts: int) -> None:
    """Print the equilibria found from a number of starts, and how much their endings differ."""
    if not equilibria:
        console.print(f"[bold red]NOT CONVERGED[/bold red]: no equilibrium was found from {starts:,} starts.")
        return
    first = equilibria[0].solution
    most = most_rational(first.rationality)
    alike = len(set(first.rationality.values())) == 1
    at = f"at rationality {first.rationality[most]:.2f}" if alike else "at the actors' own rationality"
    console.print(heading(first.game.crisis, f"equilibria {at}, from {starts:,} random starts"))
    console.print(f"[dim]Solved {escape(first.conditions)}.[/dim]")
    console.print(_apart(equilibria), markup=False)
    if first.status == "bifurcation":
        console.print(divided(first), markup=False)
    console.print()
    left_out = side_by_side(console, [entry.solution for entry in equilibria])
    if left_out:
        console.print(f"[dim]{' and '.join(left_out)}; --json lists all[/dim]")
    sure = "Every equilibrium was checked separately; there may be others."
    show_how_sure(console, sure, rules_in_words(first.game.crisis))
    columns, shown = columns_for(console, [entry.solution for entry in equilibria])
    columns.add_row("status", *(solution.status for solution in shown))
    columns.add_row("starts that led here", *(f"{entry.starts:,}" for entry in equilibria[: len(shown)]))
    columns.add_row("largest violation", *(small(solution.certificate.residual) for solution in shown))
    console.print(columns, style="dim")


def _apart(equilibria: Sequence[Equilibrium]) -> str:
    """How many ends the story has, and where they differ most."""
    difference = widest_difference(equilibria)
    if difference is None:
        return "One equilibrium was found. That is no proof that there is no other."
    count = NUMBERS[len(equilibria)] if len(equilibria) < len(NUMBERS) else f"{len(equilibria):,}"
    apart = f"{percent(difference.least)} in one and {percent(difference.greatest)} in another"
    return (
        f"The story has {count} ends: that is how many equilibria were found, and there may be more. They differ most"
        f" in how likely {names_of(equilibria[0].solution.game.crisis).endings[difference.ending]} is: {apart}."
    )


def show_limit(console: Console, limit: Limit) -> None:
    """Print where the principal branch leads, where options tie, and how far the branch was followed."""
    solution = limit.solution
    crisis = solution.game.crisis
    console.print(heading(crisis, f"the limit of perfect play {solution.conditions}"))
    most = most_rational(solution.rationality)
    alike = len(set(solution.rationality.values())) == 1
    end = f"rationality {quantity(solution.rationality[most])}" + (
        "" if alike else f" of {names_of(crisis).actors[most]}"
    )
    if not solution.converged:
        console.print(f"[bold red]NOT CONVERGED[/bold red]: the branch could be followed only to {escape(end)}.")
    if solution.status == "bifurcation":
        console.print(f"{divided(solution)} {ONE_OF_THEM}", markup=False)
    if limit.ties:
        noun = "situation" if len(limit.ties) == 1 else "situations"
        console.print(
            f"{len(limit.ties):,} {noun} in which several options are equally good; the mix shown is the one that the"
            " branch leads to:"
        )
        for tie in limit.ties[:MOST_TIES]:
            console.print(f"  {_situation(tie, names_of(crisis))}", markup=False)
        if len(limit.ties) > MOST_TIES:
            console.print(f"  [dim]{len(limit.ties) - MOST_TIES:,} more; --json lists all[/dim]")
    show_profile(console, solution)
    if solution.converged:
        gain = f"more than {small(limit.regret)}" if limit.regret else "anything that shows in the numbers"
        show_how_sure(
            console,
            f"Nobody gains {gain} by playing otherwise.",
            f"The branch was followed to {end}, until regret fell no more. Up to that gain this is a sequential"
            f" equilibrium. {rules_in_words(crisis)}".rstrip(),
        )
    else:
        show_how_sure(console, SURE["unconverged"])
    show_certificate(console, solution)


def _situation(situation: Situation, names: Names) -> str:
    sees = names.facts(situation.sees)
    number = f", round {situation.round}" if situation.round else ""
    return f"{names.steps[situation.move]} ({names.actors[situation.actor]}{number})" + (f": {sees}" if sees else "")
