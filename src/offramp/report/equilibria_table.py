"""Several equilibria of one game side by side, and the limit of perfect play, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from offramp.common.numerals import percent, quantity, small
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import Names, names_of
from offramp.equilibrium.multiplicity import Equilibrium
from offramp.equilibrium.nash_limit import Limit
from offramp.game.game import Situation
from offramp.report.terminal import (
    NOT_CONVERGED,
    all_in_json,
    columns_for,
    heading,
    show_certificate,
    show_how_sure,
    show_profile,
    side_by_side,
)
from offramp.study.choice_words import rules_in_words
from offramp.study.standing import ONE_OF_THEM, SURE, divided, most_rational, status_name

NUMBERS = (
    tr("no"), tr("one"), tr("two"), tr("three"), tr("four"), tr("five"), tr("six"), tr("seven"), tr("eight"),
    tr("nine"), tr("ten"),
)  # fmt: skip
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
        none = tr("no equilibrium was found from {starts} starts.", starts=f"{starts:,}")
        console.print(f"{NOT_CONVERGED}: {escape(none)}")
        return
    first = equilibria[0].solution
    most = most_rational(first.rationality)
    alike = len(set(first.rationality.values())) == 1
    if alike:
        found = tr(
            "equilibria at rationality {rationality}, from {starts} random starts",
            rationality=f"{first.rationality[most]:.2f}",
            starts=f"{starts:,}",
        )
    else:
        found = tr("equilibria at the actors' own rationality, from {starts} random starts", starts=f"{starts:,}")
    console.print(heading(first.game.crisis, found))
    console.print(f"[dim]{escape(tr('Solved {conditions}.', conditions=first.conditions))}[/dim]")
    console.print(_apart(equilibria), markup=False)
    if first.status == "bifurcation":
        console.print(divided(first), markup=False)
    console.print()
    left_out = side_by_side(console, [entry.solution for entry in equilibria])
    if left_out:
        console.print(f"[dim]{escape(all_in_json(listed(left_out)))}[/dim]")
    sure = tr("Every equilibrium was checked separately; there may be others.")
    show_how_sure(console, sure, rules_in_words(first.game.crisis))
    columns, shown = columns_for(console, [entry.solution for entry in equilibria])
    columns.add_row(escape(tr("status")), *(escape(status_name(solution.status)) for solution in shown))
    columns.add_row(escape(tr("starts that led here")), *(f"{entry.starts:,}" for entry in equilibria[: len(shown)]))
    columns.add_row(escape(tr("largest violation")), *(small(solution.certificate.residual) for solution in shown))
    console.print(columns, style="dim")


def _apart(equilibria: Sequence[Equilibrium]) -> str:
    """How many ends the story has, and where they differ most."""
    difference = widest_difference(equilibria)
    if difference is None:
        return tr("One equilibrium was found. That is no proof that there is no other.")
    return tr(
        "The story has {count} ends: that is how many equilibria were found, and there may be more. They differ most "
        "in how likely {ending} is: {least} in one and {greatest} in another.",
        count=NUMBERS[len(equilibria)] if len(equilibria) < len(NUMBERS) else f"{len(equilibria):,}",
        ending=names_of(equilibria[0].solution.game.crisis).endings[difference.ending],
        least=percent(difference.least),
        greatest=percent(difference.greatest),
    )


def show_limit(console: Console, limit: Limit) -> None:
    """Print where the principal branch leads, where options tie, and how far the branch was followed."""
    solution = limit.solution
    crisis = solution.game.crisis
    console.print(heading(crisis, tr("the limit of perfect play {conditions}", conditions=solution.conditions)))
    most = most_rational(solution.rationality)
    alike = len(set(solution.rationality.values())) == 1
    end = tr("rationality {rationality}", rationality=quantity(solution.rationality[most]))
    if not alike:
        end = tr("{rationality} of {actor}", rationality=end, actor=names_of(crisis).actors[most])
    if not solution.converged:
        console.print(f"{NOT_CONVERGED}: {escape(tr('the branch could be followed only to {end}.', end=end))}")
    if solution.status == "bifurcation":
        console.print(f"{divided(solution)} {ONE_OF_THEM}", markup=False)
    if limit.ties:
        console.print(
            trn(
                "{count} situation in which several options are equally good; the mix shown is the one that the branch "
                "leads to:",
                "{count} situations in which several options are equally good; the mix shown is the one that the "
                "branch leads to:",
                len(limit.ties),
            ),
            markup=False,
        )
        for tie in limit.ties[:MOST_TIES]:
            console.print(f"  {_situation(tie, names_of(crisis))}", markup=False)
        if len(limit.ties) > MOST_TIES:
            more = all_in_json(trn("{count} more", "{count} more", len(limit.ties) - MOST_TIES))
            console.print(f"  [dim]{escape(more)}[/dim]")
    show_profile(console, solution)
    if solution.converged:
        if limit.regret:
            gain = tr("Nobody gains more than {regret} by playing otherwise.", regret=small(limit.regret))
        else:
            gain = tr("Nobody gains anything that shows in the numbers by playing otherwise.")
        followed = tr(
            "The branch was followed to {end}, until regret fell no more. Up to that gain this is a sequential "
            "equilibrium.",
            end=end,
        )
        show_how_sure(console, gain, f"{followed} {rules_in_words(crisis)}".rstrip())
    else:
        show_how_sure(console, SURE["unconverged"])
    show_certificate(console, solution)


def _situation(situation: Situation, names: Names) -> str:
    sees = names.facts({label: situation.text(label) for label in situation.sees})
    move, actor = names.steps[situation.move], names.actors[situation.actor]
    if situation.round:
        where = tr("{move} ({actor}, round {round})", move=move, actor=actor, round=situation.round)
    else:
        where = f"{move} ({actor})"
    return f"{where}: {sees}" if sees else where
