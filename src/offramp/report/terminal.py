"""Solutions and runs as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from offramp.common.numerals import amount, bound, percent, quantity, small
from offramp.common.printable import printable
from offramp.common.texts import filled, tr, trn
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, capital, names_of
from offramp.equilibrium.solution import MoveOdds, Solution
from offramp.report.situations import MoveSituations, likeliest_situations
from offramp.study.basis import as_of_when
from offramp.study.standing import (
    HOW_SURE,
    SURE,
    counts,
    drawn_standing,
    how_many_converged,
    standing,
    status_name,
    status_of,
)

if TYPE_CHECKING:
    from offramp.runs.result import Run

FIRST_COLUMN, COLUMN = 26, 16
"""Width of the column of endings, and of each solution, if several are shown side by side."""
NARROW = 100
"""In a terminal with fewer columns, bars are short and choices stand below the facts, not beside them."""

MOST_ENDINGS = 12
"""Maximum number of endings shown, the likeliest."""
MOST_MOVES = 24
"""Maximum number of moves shown if every move has one situation, the likeliest."""
MOST_UNCONVERGED = 3
"""Number of unconverged draws that are shown with their inputs, the first ones."""


NOT_CONVERGED = f"[bold red]{escape(tr('NOT CONVERGED'))}[/bold red]"
WARNING = f"[bold yellow]{escape(tr('WARNING'))}[/bold yellow]"


def bar(console: Console, share: float) -> str:
    """A share as a bar of blocks, or of `#` if the terminal has no blocks; empty if there is no number."""
    width = 10 if console.width < NARROW else 20
    if not console.encoding.startswith("utf"):
        return "#" * (round(min(1.0, share) * width) if share > 0.0 else 0)
    eighths = round(min(1.0, share) * width * 8) if share > 0.0 else 0
    return "█" * (eighths // 8) + ("▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else "")


def show_solution(console: Console, solution: Solution) -> None:
    """Print one solve: endings, payoffs, who does what where, and how sure the computation is."""
    crisis, status = solution.game.crisis, status_of(solution)
    called = status_name(status).upper() if solution.converged else tr("NOT CONVERGED")
    technical = f"{called}: {' '.join(standing(solution))}"
    console.print(heading(crisis, tr("one solve {conditions}", conditions=solution.conditions)))
    if as_of := as_of_when(crisis):
        had = tr("What is known had a probability of {probability}.", probability=percent(solution.likelihood))
        console.print(f"[dim]{escape(as_of)}{escape(had) if crisis.past else ''}[/dim]")
    if status in ("bifurcation", "unconverged"):
        console.print(escape(technical), style="bold yellow" if solution.converged else "bold red")
    elif status != "principal":
        console.print(f"{WARNING}: {escape(SURE[status])}")
    if solution.sides:
        several = (solution, *solution.sides)
        found = tr(
            "Nothing makes one of them likelier. These {count} were found, the way straight ahead first; --json "
            "has what everybody does on each.",
            count=len(several),
        )
        console.print(escape(found))
        console.print()
        left_out = side_by_side(console, several)
        if left_out:
            console.print(f"[dim]{escape(all_in_json(listed(left_out)))}[/dim]")
        show_how_sure(console, SURE[status])
    else:
        show_profile(console, solution)
        show_how_sure(console, SURE[status], "" if status in ("bifurcation", "unconverged") else technical)
        show_certificate(console, solution)


def show_how_sure(console: Console, plain_sentence: str, technical: str = "") -> None:
    """Print the heading of the last part, one plain sentence, and technical sentences."""
    console.print(f"\n[bold]{escape(HOW_SURE)}[/bold]")
    console.print(escape(plain_sentence))
    if technical:
        console.print(f"[dim]{escape(technical)}[/dim]")


def columns_for(console: Console, several: Sequence[Solution]) -> tuple[Table, Sequence[Solution]]:
    """A table with a column for each of several solutions, and those for which the terminal has room."""
    shown = several[: max((console.width - FIRST_COLUMN) // COLUMN, 1)]
    columns = table("", *(f"{number}" for number in range(1, len(shown) + 1)))
    for column in columns.columns[1:]:
        column.justify = "right"
    return columns, shown


def side_by_side(console: Console, several: Sequence[Solution]) -> list[str]:
    """Print the endings of several solutions, a column each; returns what is left out, in words."""
    columns, shown = columns_for(console, several)
    names = names_of(several[0].game.crisis)
    peaks = {name: max(solution.endings[name] for solution in shown) for name in shown[0].endings}
    for ending in likeliest(peaks):
        columns.add_row(
            escape(names.endings[ending]), *(f"{percent(solution.endings[ending]):>6}" for solution in shown)
        )
    for measure in several[0].game.crisis.measures:
        unit = f" ({measure.unit})" if measure.unit else ""
        columns.add_row(
            escape(printable(f"{names.measures[measure.key]}{unit}")),
            *(quantity(solution.measures[measure.key]) for solution in shown),
        )
    console.print(columns)
    left_out = []
    if more := len(several) - len(shown):
        left_out.append(trn("{count} more equilibrium", "{count} more equilibria", more))
    if more := len(peaks) - len(likeliest(peaks)):
        left_out.append(trn("{count} more ending", "{count} more endings", more))
    return left_out


def show_profile(console: Console, solution: Solution) -> None:
    """Print what a profile amounts to: endings, payoffs, who does what where."""
    names = names_of(solution.game.crisis)
    console.print()
    endings = table(tr("ending"), tr("probability"), "")
    shown = likeliest(solution.endings)
    for name, share in shown.items():
        endings.add_row(escape(names.endings[name]), f"{percent(share):>7}", bar(console, share))
    if len(shown) < len(solution.endings):
        rest = sum(share for name, share in solution.endings.items() if name not in shown)
        more = all_in_json(trn("{count} more", "{count} more", len(solution.endings) - len(shown)))
        endings.add_row(f"[dim]{escape(more)}[/dim]", f"{percent(rest):>7}", bar(console, rest))
    console.print(endings)
    console.print()
    payoff = tr("payoff to come") if solution.game.crisis.past else tr("payoff")
    payoffs = table(tr("actor"), payoff, tr("of which"))
    for actor, terms in solution.payoffs.items():
        parts = ", ".join(f"{names.terms[actor, term]} {amount(value)}" for term, value in terms.items())
        if actor in solution.own_eyes:
            own = amount(solution.own_eyes[actor])
            parts = tr("{terms} ({payoff} in its own eyes)", terms=parts, payoff=own)
        payoffs.add_row(escape(names.actors[actor]), f"{amount(solution.total(actor)):>6}", escape(parts))
    console.print(payoffs)
    if solution.measures:
        measures = table(tr("measure"), tr("expected"), tr("unit"))
        for measure in solution.game.crisis.measures:
            expected = quantity(solution.measures[measure.key])
            measures.add_row(
                escape(names.measures[measure.key]), f"{expected:>8}", escape(printable(measure.unit or ""))
            )
        console.print(measures)
    console.print()
    crisis, shown_moves = solution.game.crisis, solution.moves
    if crisis.past:
        from offramp.study.outlook.moves import is_ahead

        shown_moves = tuple(move for move in shown_moves if is_ahead(crisis, move.situation, move.reached))
    if len({(move.situation.move, move.situation.round) for move in shown_moves}) < len(shown_moves):
        entries = ((move.situation, move.reached, move.options) for move in shown_moves)
        _show_situations(console, likeliest_situations(entries), names)
    else:
        _show_moves(console, shown_moves, names)


def show_certificate(console: Console, solution: Solution) -> None:
    """Print how far a profile is from an equilibrium: regrets by actor, and the largest violation."""
    certificate, names = solution.certificate, names_of(solution.game.crisis)
    regrets = table(tr("actor"), tr("rationality"), tr("regret once"), tr("regret"))
    for actor, once in certificate.regret_once.items():
        regret = certificate.regret[actor]
        regrets.add_row(
            escape(names.actors[actor]),
            quantity(solution.rationality[actor]),
            f"{small(once):>11}",
            f"{small(regret) if regret is not None else '–':>6}",
        )
    console.print(regrets)
    console.print(f"[dim]{escape(_certificate(solution))}[/dim]")


def show_ensemble(console: Console, run: Run) -> None:
    """Print a run: endings with intervals, the moves, draws that did not converge, how sure the computation is."""
    crisis, names, solved = run.crisis, names_of(run.crisis), int(run.converged.sum())
    made = trn(
        "{count} draw, seed {seed}, {seconds} s",
        "{count} draws, seed {seed}, {seconds} s",
        run.draws,
        seed=run.seed,
        seconds=f"{run.seconds:.1f}",
    )
    console.print(heading(crisis, made))
    if as_of := as_of_when(crisis):
        console.print(f"[dim]{escape(as_of)}[/dim]")
    if solved < run.draws:
        console.print(convergence(run.draws, solved))
    technical, warning = drawn_standing(run)
    if warning:
        console.print(f"{WARNING}: {escape(warning)}")
    console.print()
    endings = table(tr("ending"), tr("mean"), tr("5 % to 95 %"), "")
    for name, interval in run.ending_intervals.items():
        spread = tr("{low} to {high}", low=f"{percent(interval.p05):>6}", high=f"{percent(interval.p95):>6}")
        endings.add_row(
            escape(names.endings[name]), f"{percent(interval.mean):>6}", escape(spread), bar(console, interval.mean)
        )
    console.print(endings)
    if crisis.measures:
        console.print(_measures_of(run))
    console.print()
    console.print(f"[dim]{escape(tr('how often a move is made, and the shares of its options then:'))}[/dim]")
    moves = Table.grid(padding=(0, 2))
    for move in run.moves:
        if (move.move, move.round) in crisis.past:
            continue
        shares = _shares(names, move.move, {option: interval.mean for option, interval in move.options.items()})
        where = f"[bold]{escape(_where(names, move.move, move.round, move.actor))}[/bold]"
        _add(console, moves, move.reached.mean, where, shares)
    console.print(moves)
    if run.unconverged:
        console.print()
    shown = run.unconverged[:MOST_UNCONVERGED]
    for draw, values in zip(shown, run.inputs_at(shown), strict=True):
        inputs = ", ".join(f"{names.inputs[key]} {quantity(value)}" for key, value in values.items())
        which = tr("not converged: draw {draw}, {inputs}", draw=f"{draw:,}", inputs=inputs)
        console.print(f"[dim]{escape(which)}[/dim]")
    if left_out := run.unconverged[MOST_UNCONVERGED:]:
        more = trn(
            "{count} more did not converge; --json lists all with their inputs",
            "{count} more did not converge; --json lists all with their inputs",
            len(left_out),
        )
        console.print(f"[dim]{escape(more)}[/dim]")
    show_how_sure(console, how_many_converged(run.draws, solved), f"{counts(run)}. {technical}")


def _measures_of(run: Run) -> Table:
    """The measures of a run: expected amounts, with intervals."""
    measures = table(tr("measure"), tr("mean"), tr("5 % to 95 %"), tr("unit"))
    from offramp.study.outlook.measured import measured  # a single solve loads nothing of a run

    for one in measured(run):
        spread = tr("{low} to {high}", low=quantity(one.interval.p05), high=quantity(one.interval.p95))
        measures.add_row(
            escape(one.name), quantity(one.interval.mean), escape(spread), escape(printable(one.unit or ""))
        )
    return measures


def likeliest(endings: Mapping[str, float]) -> Mapping[str, float]:
    """The endings in their order or, if there are more than `MOST_ENDINGS`, the likeliest, likeliest first."""
    if len(endings) <= MOST_ENDINGS:
        return endings
    return dict(sorted(endings.items(), key=lambda item: -item[1])[:MOST_ENDINGS])


def convergence(draws: int, solved: int) -> str:
    """A warning that not all draws converged."""
    values = {"left": f"{draws - solved:,}", "draws": f"{draws:,}"}
    if solved:
        text = tr("{left} of {draws} draws; they are left out of every number below.", **values)
    else:
        text = tr("{left} of {draws} draws; there are no numbers.", **values)
    return f"{NOT_CONVERGED}: {escape(text)}"


def all_in_json(left_out: str) -> str:
    """What a table leaves out, and which option has it."""
    return tr("{left_out}; --json lists all", left_out=left_out)


def largest_violation(residual: float) -> str:
    """A sentence on the largest residual of the equations of an equilibrium."""
    return tr("Largest violation of the equilibrium's equations: {residual}.", residual=small(residual))


def _certificate(solution: Solution) -> str:
    """How far the profile is from an equilibrium, and what the columns of regret mean."""
    certificate = solution.certificate
    text = trn(
        "largest violation of the equilibrium's equations {residual} (allowed {tolerance}), {count} sweep; regret: "
        "what an actor would gain in its own eyes by another choice in one situation, once there, and by the best "
        "other way to play",
        "largest violation of the equilibrium's equations {residual} (allowed {tolerance}), {count} sweeps; regret: "
        "what an actor would gain in its own eyes by another choice in one situation, once there, and by the best "
        "other way to play",
        solution.sweeps,
        residual=f"{certificate.residual:.1e}",
        tolerance=f"{certificate.tolerance:.0e}",
    )
    forgetful = any(regret is None for regret in certificate.regret.values())
    return f"{text} {tr('(– if it forgets)')}" if forgetful else text


def _show_situations(console: Console, moves: Iterable[MoveSituations], names: Names) -> None:
    """Who does what where, by move, likeliest situations first."""
    heading = tr("how often play gets there, what the mover knows there that changes its choice, and what it chooses:")
    console.print(f"[dim]{escape(heading)}[/dim]")
    for move in moves:
        where = escape(_where(names, move.move, move.round, move.actor))
        if move.common:
            common, facts = escape(tr("{move}; in all of these {facts}")), escape(names.facts(move.common))
            console.print(filled(common, {"move": f"[bold]{where}[/bold]", "facts": facts}))
        else:
            console.print(f"[bold]{where}[/bold]")
        table = Table.grid(padding=(0, 2))
        for row in move.shown:
            alike = tr("always the same") if row.situations == 1 else tr("whatever it knows")
            facts = escape(names.facts(row.facts) or alike)
            _add(console, table, row.reached, facts, _shares(names, move.move, row.options))
        if move.left_out:
            if move.shown:
                left_out = trn("{count} more situation", "{count} more situations", move.left_out)
            else:
                left_out = trn("{count} rare situation", "{count} rare situations", move.left_out)
            _add(console, table, move.left_out_reached, f"[dim]{escape(all_in_json(left_out))}[/dim]")
        console.print(table)


def _show_moves(console: Console, moves: Sequence[MoveOdds], names: Names) -> None:
    """Who does what if every move has one situation: a line each for the likeliest `MOST_MOVES`."""
    if not moves:  # all are past
        return
    console.print(f"[dim]{escape(tr('how often a move is made, and what is chosen:'))}[/dim]")
    by_reach = sorted(moves, key=lambda move: -move.reached)
    shown = {id(move) for move in by_reach[:MOST_MOVES]}
    table = Table.grid(padding=(0, 2))
    for move in moves:
        if id(move) in shown:
            situation = move.situation
            where = f"[bold]{escape(_where(names, situation.move, situation.round, situation.actor))}[/bold]"
            _add(console, table, move.reached, where, _shares(names, situation.move, move.options))
    console.print(table)
    if rarer := by_reach[MOST_MOVES:]:
        more = trn(
            "{count} more move, at most {probability}",
            "{count} more moves, at most {probability}",
            len(rarer),
            probability=bound(rarer[0].reached),
        )
        console.print(f"[dim]{escape(all_in_json(more))}[/dim]")


def _add(console: Console, table: Table, often: float, what: str, shares: str = "") -> None:
    """Add a row of three columns or, in a narrow terminal, of two with the third below the second."""
    reached = f"{percent(often):>6}"
    if console.width >= NARROW:
        table.add_row(reached, what, shares)
    else:
        table.add_row(reached, f"{what}\n  {shares}" if shares else what)


def _where(names: Names, move: str, number: int, actor: str) -> str:
    where = f"{capital(names.steps[move])} ({names.actors[actor]})"
    return tr("{move}, round {round}", move=where, round=number) if number else where


def _shares(names: Names, move: str, options: Mapping[str, float]) -> str:
    """Options with their shares, largest first."""
    ordered = sorted(options.items(), key=lambda item: -item[1])
    return escape(", ".join(f"{names.option(move, option)} {percent(share)}" for option, share in ordered))


def table(*columns: str) -> Table:
    """A table without lines."""
    return Table(*map(escape, columns), box=None, pad_edge=False)


def heading(crisis: Crisis, what: str) -> Text:
    """The crisis's title, what is shown of it, and the levers pulled; then how much is read of a draft."""
    pulled = ", ".join(names_of(crisis).pulled)
    levers = (f" ({tr('levers: {levers}', levers=pulled)})", "dim") if crisis.pulled else ""
    draft = (f"\n{crisis.draft.sentence}", "bold yellow") if crisis.draft else ""
    return Text.assemble((printable(crisis.title), "bold"), f": {what}", levers, draft)
