"""Results as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from offramp.common.numerals import amount, bound, percent, quantity, small
from offramp.common.printable import printable
from offramp.crisis.model import Crisis
from offramp.equilibrium.solution import MoveOdds, Solution
from offramp.report.situations import MoveSituations, likeliest_situations
from offramp.runs.result import Run
from offramp.study.standing import counts, drawn_standing, standing

FIRST_COLUMN, COLUMN = 26, 16
"""Letters that the names of endings, and each solution, take where several stand side by side."""
NARROW = 100
"""A terminal with fewer columns has short bars, and what is chosen below what is known, not beside it."""

MOST_ENDINGS = 12
"""Of more endings than these only the likeliest are shown."""
MOST_MOVES = 24
"""Where every move has one situation, the likeliest so many are shown."""
MOST_UNCONVERGED = 3
"""Of the draws that did not converge the first so many are shown with their inputs."""


def bar(console: Console, share: float) -> str:
    """A share as a bar of blocks, or of `#` where the terminal has none; empty where there is no number."""
    width = 10 if console.width < NARROW else 20
    if not console.encoding.startswith("utf"):
        return "#" * (round(min(1.0, share) * width) if share > 0.0 else 0)
    eighths = round(min(1.0, share) * width * 8) if share > 0.0 else 0
    return "█" * (eighths // 8) + ("▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else "")


def show_solution(console: Console, solution: Solution) -> None:
    """Print one solve: where it stands, endings, payoffs with the certificate, who does what where."""
    crisis = solution.game.crisis
    console.print(heading(crisis, f"one solve {solution.conditions}"))
    status = solution.status if solution.converged else "not converged"
    colour = "green" if status == "principal" else "yellow" if solution.converged else "red"
    console.print(f"[bold {colour}]{status.upper()}[/bold {colour}]: {escape(' '.join(standing(solution)))}")
    if solution.sides:
        several = (solution, *solution.sides)
        console.print(
            f"Nothing makes one of them likelier. These {len(several)} were found, the way straight ahead first;"
            " --json has what everybody does on each."
        )
        console.print()
        left_out = side_by_side(console, several, {})
        if left_out:
            console.print(f"[dim]{' and '.join(left_out)}; --json lists all[/dim]")
    else:
        show_profile(console, solution)


def side_by_side(console: Console, several: Sequence[Solution], said: Mapping[str, Sequence[str]]) -> list[str]:
    """Print the endings of several solutions, a column each, below what is `said` of each; says what is left out."""
    shown = several[: max((console.width - FIRST_COLUMN) // COLUMN, 1)]
    columns = table("", *(f"{number}" for number in range(1, len(shown) + 1)))
    for column in columns.columns[1:]:
        column.justify = "right"
    for what, row in said.items():
        columns.add_row(f"[dim]{what}[/dim]", *(f"[dim]{entry}[/dim]" for entry in row[: len(shown)]))
    peaks = {name: max(one.endings[name] for one in shown) for name in shown[0].endings}
    for ending in likeliest(peaks):
        columns.add_row(escape(ending), *(f"{percent(one.endings[ending]):>6}" for one in shown))
    console.print(columns)
    left_out = []
    if more := len(several) - len(shown):
        left_out.append(f"{more:,} more {'equilibrium' if more == 1 else 'equilibria'}")
    if more := len(peaks) - len(likeliest(peaks)):
        left_out.append(f"{more:,} more {'ending' if more == 1 else 'endings'}")
    return left_out


def show_profile(console: Console, solution: Solution) -> None:
    """Print what a profile amounts to: endings, payoffs with the certificate, who does what where."""
    console.print()
    endings = table("ending", "probability", "")
    shown = likeliest(solution.endings)
    for name, share in shown.items():
        endings.add_row(escape(name), f"{percent(share):>7}", bar(console, share))
    if len(shown) < len(solution.endings):
        rest = sum(share for name, share in solution.endings.items() if name not in shown)
        more = f"[dim]{len(solution.endings) - len(shown):,} more; --json lists all[/dim]"
        endings.add_row(more, f"{percent(rest):>7}", bar(console, rest))
    console.print(endings)
    console.print()
    payoffs = table("actor", "rationality", "payoff", "regret once", "regret", "of which")
    certificate = solution.certificate
    for actor, terms in solution.payoffs.items():
        parts = ", ".join(f"{term} {amount(value)}" for term, value in terms.items())
        if actor in solution.own_eyes:
            parts += f" ({amount(solution.own_eyes[actor])} in its own eyes)"
        regret = certificate.regret[actor]
        payoffs.add_row(
            escape(actor),
            quantity(solution.rationality[actor]),
            f"{amount(solution.total(actor)):>6}",
            f"{small(certificate.regret_once[actor]):>11}",
            f"{small(regret) if regret is not None else '–':>6}",
            escape(parts),
        )
    console.print(payoffs)
    console.print(f"[dim]{_certificate(solution)}[/dim]")
    console.print()
    if len({(move.situation.move, move.situation.round) for move in solution.moves}) < len(solution.moves):
        entries = ((move.situation, move.reached, move.options) for move in solution.moves)
        _show_situations(console, likeliest_situations(entries))
    else:
        _show_moves(console, solution.moves)


def show_ensemble(console: Console, ensemble: Run) -> None:
    """Print an ensemble: endings with intervals, the moves, what did not converge."""
    crisis = ensemble.crisis
    console.print(heading(crisis, f"{ensemble.draws:,} draws, seed {ensemble.seed}, {ensemble.seconds:.1f} s"))
    console.print(convergence(ensemble.draws, int(ensemble.converged.sum())))
    said, warning = drawn_standing(ensemble)
    console.print(f"{counts(ensemble)}. [dim]{said}[/dim]")
    if warning:
        console.print(f"[bold yellow]WARNING[/bold yellow]: {warning}")
    console.print()
    endings = table("ending", "mean", "5 % to 95 %", "")
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
    if ensemble.unconverged:
        console.print()
    shown = ensemble.unconverged[:MOST_UNCONVERGED]
    for draw, values in zip(shown, ensemble.inputs_at(shown), strict=True):
        inputs = ", ".join(f"{name} {quantity(value)}" for name, value in values.items())
        console.print(f"[dim]not converged: draw {draw:,}, {escape(inputs)}[/dim]")
    if more := ensemble.unconverged[MOST_UNCONVERGED:]:
        console.print(f"[dim]{len(more):,} more did not converge; --json lists all with their inputs[/dim]")


def likeliest(endings: Mapping[str, float]) -> Mapping[str, float]:
    """The endings in their order; of more than `MOST_ENDINGS` the likeliest, likeliest first."""
    if len(endings) <= MOST_ENDINGS:
        return endings
    return dict(sorted(endings.items(), key=lambda item: -item[1])[:MOST_ENDINGS])


def convergence(draws: int, solved: int) -> str:
    """How many draws converged, in a sentence."""
    if solved == draws:
        return "All draws converged."
    warning = f"[bold red]NOT CONVERGED[/bold red]: {draws - solved:,} of {draws:,} draws"
    return f"{warning}; there are no numbers." if not solved else f"{warning}; they are left out of every number below."


def _certificate(solution: Solution) -> str:
    """How far the profile is from an equilibrium, and what the columns of regret mean."""
    certificate = solution.certificate
    said = (
        f"largest violation of the equilibrium's equations {certificate.residual:.1e} (allowed"
        f" {certificate.tolerance:.0e}), {solution.sweeps:,} sweeps; regret: what an actor would gain in its own"
        " eyes by another choice in one situation, once there, and by the best other way to play"
    )
    forgetful = any(regret is None for regret in certificate.regret.values())
    return said + (" (– where it forgets)" if forgetful else "")


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


def _show_moves(console: Console, moves: Sequence[MoveOdds]) -> None:
    """Who does what, where every move has one situation: a line for each, the likeliest `MOST_MOVES` of them."""
    console.print("[dim]how often a move is made, and what is chosen:[/dim]")
    by_reach = sorted(moves, key=lambda move: -move.reached)
    shown = {id(move) for move in by_reach[:MOST_MOVES]}
    table = Table.grid(padding=(0, 2))
    for move in moves:
        if id(move) in shown:
            situation = move.situation
            where = f"[bold]{_where(situation.move, situation.round, situation.actor)}[/bold]"
            _add(console, table, move.reached, where, _shares(move.options))
    console.print(table)
    if rarer := by_reach[MOST_MOVES:]:
        more = f"{len(rarer):,} more {'move' if len(rarer) == 1 else 'moves'}"
        console.print(f"[dim]{more}, at most {bound(rarer[0].reached)}; --json lists all[/dim]")


def _add(console: Console, table: Table, often: float, what: str, shares: str = "") -> None:
    """A row of three columns, or of two with the last below the second where the terminal is narrow."""
    reached = f"{percent(often):>6}"
    if console.width >= NARROW:
        table.add_row(reached, what, shares)
    else:
        table.add_row(reached, f"{what}\n  {shares}" if shares else what)


def _where(move: str, number: int, actor: str) -> str:
    return escape(f"{move}, {actor}") + (f", round {number}" if number else "")


def _facts(facts: Mapping[str, str]) -> str:
    return escape(", ".join(f"{label} {value}" for label, value in facts.items()))


def _shares(options: Mapping[str, float]) -> str:
    """Options with their shares, largest first."""
    ordered = sorted(options.items(), key=lambda item: -item[1])
    return escape(", ".join(f"{option} {percent(share)}" for option, share in ordered))


def table(*columns: str) -> Table:
    """A table without lines."""
    return Table(*columns, box=None, pad_edge=False)


def heading(crisis: Crisis, what: str) -> Text:
    """The crisis's title, what is shown of it, and the levers pulled."""
    levers = (f" (levers: {', '.join(crisis.pulled)})", "dim") if crisis.pulled else ""
    return Text.assemble((printable(crisis.title), "bold"), f": {what}", levers)
