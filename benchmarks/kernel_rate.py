"""What a sweep costs by edge, actor and draw, and how that compares with what the machine can do."""

from __future__ import annotations

from pathlib import Path

import against
import machine
import ours
from row import Row, bounded

from offramp.crisis.inputs import medians
from offramp.crisis.reading import read
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.game.tables import Draws, Tables, tabulate

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
TEHRAN, LADDER = 0.535, 0.6
"""Most nanoseconds; for the Tehran crisis half of what it took with all nodes in every sweep."""


def tehran() -> Row:
    """The Tehran crisis at the medians."""
    crisis = read(CRISIS)
    game = compile_game(crisis)
    return _row("Tehran crisis", game, tabulate(game, Draws(medians(crisis), ["at the medians"])), TEHRAN)


def ladder() -> Row:
    """The ladder of 3 actors and 3 rounds at k = 10."""
    tree, game = ours.read_game(against.folder() / "ladder_n3_T3.efg")
    return _row("ladder of 3 actors, 3 rounds", game, ours.tables_of(game, against.K / ours.payoff_range(tree)), LADDER)


def _row(title: str, game: Game, tables: Tables, most: float) -> Row:
    lanes = ours.LANES
    work = ours.work_of(game)
    taken = ours.sweep_seconds(game, tables, lanes) / lanes
    loading = work.loads / machine.load_bandwidth(lanes * work.memory)
    calculating = work.arithmetic / machine.arithmetic_peak()
    binds = "load bandwidth" if loading >= calculating else "arithmetic peak"
    share = max(loading, calculating) / taken
    detail = f"{share:.0%} of the machine's {binds}, {lanes} draws side by side"
    what = f"{title}: a sweep by edge of the whole graph, actor and draw, one core"
    return bounded(what, taken / work.units * 1e9, most, "ns", detail)
