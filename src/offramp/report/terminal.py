"""Results as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from offramp.crisis.model import Crisis
from offramp.ensemble.result import Ensemble
from offramp.report.situations import MoveSituations, likeliest_situations
from offramp.report.wording import amount, percent, printable
from offramp.solve.solution import Solution

NARROW = 100
"""A terminal with fewer columns has short bars, and what is chosen below what is known, not beside it."""


def bar(console: Console, share: float) -> str:
    """A share as a bar of blocks, or of `#` where the terminal has none; empty where there is no number."""
    width = 10 if console.width < NARROW else 20
    if not console.encoding.startswith("utf"):
        return "#" * (round(min(1.0, share) * width) if share > 0.0 else 0)
    eighths = round(min(1.0, share) * width * 8) if share > 0.0 else 0
    return "█" * (eighths // 8) + ("▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else "")


def show_solution(console: Console, solution: Solution) -> None:
    """Print one solve: endings, payoffs, who does what where."""
    crisis = solution.game.crisis
    console.print(_heading(crisis, "one solve at the inputs' medians"))
    if not solution.converged:
        console.print("[bold red]NOT CONVERGED[/bold red]: this is no equilibrium; try a lower --rationality.")
    console.print()
    endings = _table("ending", "probability", "")
    for name, share in solution.endings.items():
        endings.add_row(name, f"{percent(share):>7}", bar(console, share))
    console.print(endings)
    console.print()
    payoffs = _table("actor", "rationality", "payoff", "of which")
    for actor, terms in solution.payoffs.items():
        parts = ", ".join(f"{term} {amount(value)}" for term, value in terms.items())
        if actor in solution.own_eyes:
            parts += f" ({amount(solution.own_eyes[actor])} in its own eyes)"
        payoffs.add_row(actor, f"{solution.rationality[actor]:.2f}", f"{amount(solution.total(actor)):>6}", parts)
    console.print(payoffs)
    console.print()
    entries = ((move.situation, move.reached, move.options) for move in solution.moves)
    _show_situations(console, likeliest_situations(entries))
    console.print(f"[dim]residual {solution.residual:.1e} after {solution.sweeps} sweeps[/dim]")


def show_ensemble(console: Console, ensemble: Ensemble) -> None:
    """Print an ensemble: endings with intervals, the moves, what did not converge."""
    crisis = ensemble.crisis
    console.print(_heading(crisis, f"{ensemble.draws:,} draws, seed {ensemble.seed}, {ensemble.seconds:.1f} s"))
    console.print(convergence(ensemble.draws, int(ensemble.converged.sum())))
    console.print()
    endings = _table("ending", "mean", "5 % to 95 %", "")
    for name, interval in ensemble.ending_intervals.items():
        spread = f"{percent(interval.p05):>6} to {percent(interval.p95):>6}"
        endings.add_row(name, f"{percent(interval.mean):>6}", spread, bar(console, interval.mean))
    console.print(endings)
    console.print()
    console.print("[dim]how often a move is made, and the shares of its options then:[/dim]")
    moves = Table.grid(padding=(0, 2))
    for move in ensemble.moves:
        shares = _shares({option: interval.mean for option, interval in move.options.items()})
        _add(console, moves, move.reached.mean, f"[bold]{_where(move.move, move.round, move.actor)}[/bold]", shares)
    console.print(moves)


def convergence(draws: int, solved: int) -> str:
    """How many draws converged, in a sentence."""
    if solved == draws:
        return "All draws converged."
    warning = f"[bold red]NOT CONVERGED[/bold red]: {draws - solved:,} of {draws:,} draws"
    return f"{warning}; there are no numbers." if not solved else f"{warning}; they are left out of every number below."


def _show_situations(console: Console, moves: Iterable[MoveSituations]) -> None:
    """Who does what where, by move, likeliest situations first."""
    console.print("[dim]how often play gets there, what the mover knows there, and what it chooses:[/dim]")
    for move in moves:
        common = f"; in all of these {_facts(move.common)}" if move.common else ""
        console.print(f"[bold]{_where(move.move, move.round, move.actor)}[/bold]{common}")
        table = Table.grid(padding=(0, 2))
        for row in move.shown:
            facts = _facts(row.facts) or "nothing that tells plays apart"
            _add(console, table, row.reached, facts, _shares(row.options))
        if move.left_out:
            more = "more" if move.shown else "rare"
            noun = "situation" if move.left_out == 1 else "situations"
            _add(console, table, move.left_out_reached, f"[dim]{move.left_out:,} {more} {noun}; --json lists all[/dim]")
        console.print(table)


def _add(console: Console, table: Table, often: float, what: str, shares: str = "") -> None:
    """A row of three columns, or of two with the last below the second where the terminal is narrow."""
    reached = f"{percent(often):>6}"
    if console.width >= NARROW:
        table.add_row(reached, what, shares)
    else:
        table.add_row(reached, f"{what}\n  {shares}" if shares else what)


def _where(move: str, number: int, actor: str) -> str:
    return f"{move}, {actor}" + (f", round {number}" if number else "")


def _facts(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{label} {value}" for label, value in facts.items())


def _shares(options: Mapping[str, float]) -> str:
    """Options with their shares, largest first."""
    ordered = sorted(options.items(), key=lambda item: -item[1])
    return ", ".join(f"{option} {percent(share)}" for option, share in ordered)


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)


def _heading(crisis: Crisis, what: str) -> Text:
    levers = (f" (levers: {', '.join(crisis.pulled)})", "dim") if crisis.pulled else ""
    return Text.assemble((printable(crisis.title), "bold"), f": {what}", levers)
