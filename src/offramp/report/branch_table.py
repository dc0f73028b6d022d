"""A branch of equilibria as a table for a terminal: the points that show how it runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape

from offramp.common.numerals import percent, quantity
from offramp.common.texts import tr, trn
from offramp.crisis.names import names_of
from offramp.equilibrium.tracing import Branch
from offramp.report.terminal import heading, largest_violation, show_how_sure, table
from offramp.study.choice_words import rules_in_words
from offramp.study.standing import crossed, most_rational, places

Array = NDArray[np.float64]

NEAR = 0.005
"""Points closer than this to a shown one, as a part of the whole branch, are not shown."""
MOST_POINTS = 20
"""Number of points of a branch that are printed, including those at which it turns or is crossed."""
TURNS, CROSSES = tr("turns"), tr("crossed")
OTHERS = tr("others")
BEYOND = tr("The points beyond follow one of them; `offramp solve` at a rationality shows where all of them lead.")


def rationality_of(branch: Branch) -> tuple[Array, str | None]:
    """The rationality of the most rational actor, (points,), and who that is, None if all are alike."""
    last = dict(zip(branch.game.actors, map(float, branch.rationality[-1]), strict=True))
    most = most_rational(last)
    alike = len(set(last.values())) == 1
    return branch.rationality[:, branch.game.actors.index(most)], None if alike else most


def likeliest_endings(branch: Branch, most: int) -> tuple[list[str], Array]:
    """The `most` endings that become likeliest anywhere on the branch, in the order of the file, and their odds.

    If more than one is left over, they are added together as the last. The odds are (points, endings).
    """
    names = [ending.key for ending in branch.game.crisis.endings]
    if len(names) <= most + 1:
        return names, branch.endings
    kept = np.sort(np.argsort(-branch.endings.max(axis=0), kind="stable")[:most])
    shown = branch.endings[:, kept]
    rest = np.maximum(1.0 - shown.sum(axis=1, keepdims=True), 0.0)
    return [*(names[ending] for ending in kept), OTHERS], np.concatenate([shown, rest], axis=1)


def telling_points(branch: Branch) -> list[int]:
    """The points of a branch to show: first, last, turns, crossings, and others spaced evenly between.

    Spacing is measured by the change in the endings' odds and in rationality, each as a part of its total change.
    """
    kept = {0, len(branch.scale) - 1, *branch.turns, *branch.bifurcations}
    way = np.zeros(len(branch.scale))
    for change in (np.abs(np.diff(branch.endings, axis=0)).sum(axis=1), np.abs(np.diff(branch.scale))):
        if change.sum() > 0.0:
            way[1:] += np.cumsum(change) / change.sum()
    apart = np.abs(way[:, None] - way[sorted(kept)]).min(axis=1)
    while len(kept) < MOST_POINTS and apart.max() > NEAR * way[-1]:
        farthest = int(apart.argmax())
        kept.add(farthest)
        apart = np.minimum(apart, np.abs(way - way[farthest]))
    return sorted(kept)


def described(branch: Branch) -> list[str]:
    """Sentences on how far a branch goes, and where it turns or is crossed."""
    rationality, most = rationality_of(branch)
    actors = names_of(branch.game.crisis).actors
    end = tr("rationality {rationality}", rationality=quantity(float(rationality[-1])))
    if most:
        end = tr("{rationality} of {actor}", rationality=end, actor=actors[most])
    own = dict(zip(branch.game.actors, map(float, branch.rationality[-1] / (branch.scale[-1] or 1.0)), strict=True))
    sentences = []
    if not branch.reached:
        sentences.append(tr("The branch could be followed only to {end}.", end=end))
    if branch.turns:
        turns = places(branch.scale[list(branch.turns)], own, actors)
        sentences.append(tr("Near rationality {places} it turns.", places=turns))
    if branch.bifurcations:
        sentences.append(f"{crossed(places(branch.scale[list(branch.bifurcations)], own, actors))} {BEYOND}")
    if branch.reached and not sentences:
        sentences.append(tr("Followed to {end}; it does not turn, and no other branch crosses it.", end=end))
    return sentences


def marks(branch: Branch) -> dict[int, str]:
    """The remark on each point at which the branch turns or is crossed."""
    remarks = dict.fromkeys(branch.turns, TURNS)
    for point in branch.bifurcations:
        remarks[point] = f"{remarks[point]}, {CROSSES}" if point in remarks else CROSSES
    return remarks


def show_branch(console: Console, branch: Branch) -> None:
    """Print a branch: how it runs, and the endings at some of its points."""
    rationality, most = rationality_of(branch)
    crisis = branch.game.crisis
    called = names_of(crisis)
    name = tr("rationality of {actor}", actor=called.actors[most]) if most else tr("rationality")
    console.print(heading(crisis, tr("the principal branch {conditions}", conditions=branch.conditions)))
    for sentence in described(branch):
        console.print(escape(sentence), style="" if branch.reached else "bold red")
    console.print()
    happens = marks(branch)
    room = console.width - len(name) - (13 if happens else 0) - (8 if most else 0) - len(OTHERS) - 2
    widths = np.cumsum(sorted(max(len(ending.name), len(">99.999%")) + 2 for ending in crisis.endings)[::-1])
    names, odds = likeliest_endings(branch, max(int(np.count_nonzero(widths <= room)), 1))
    columns = table(
        *([tr("scale")] if most else []),
        name,
        *(called.ending(key) for key in names),
        *([""] if happens else []),
    )
    for column in columns.columns:
        column.justify = "right"
    points = telling_points(branch)
    for point in points:
        row = [quantity(float(branch.scale[point]))] if most else []
        row += [quantity(float(rationality[point])), *(percent(float(share)) for share in odds[point])]
        columns.add_row(*row, *([escape(happens.get(point, ""))] if happens else []))
    console.print(columns)
    left_out = len(branch.scale) - len(points)
    if left_out:
        more = trn("{count} more point with --json", "{count} more points with --json", left_out)
        console.print(f"[dim]{escape(more)}[/dim]")
    show_how_sure(
        console,
        tr("Every point was checked separately against the equilibrium's equations."),
        f"{largest_violation(branch.residual.max())} {rules_in_words(crisis)}".rstrip(),
    )
