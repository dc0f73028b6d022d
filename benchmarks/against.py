"""The rows that stand against pygambit and OpenSpiel, both sides on the same files."""

from __future__ import annotations

import dataclasses
import functools
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import games
import numpy as np
import ours
from numpy.typing import NDArray
from peers import LIMIT, ask
from row import Row, against

from offramp.gambit.tree import Tree

K = 10.0
"""Rationality times payoff range."""
PEER_SECONDS = 5.0
"""How long a peer repeats a solve for its median."""
REPEATS = 15
SAME = 1e-6
"""The two sides' probabilities may differ by this, and are else said to."""
DRAWS = 10_000
BLOCK = 2000
"""Draws whose numbers are made at a time."""
PEER_DRAWS = {(2, 2): 200, (3, 2): 60, (3, 3): 4}
"""How many of the draws the peer solves, by actors and rounds."""
PEER_PROCESSES = 1
SECOND_CORE = 1.8
"""How much faster two cores must be than one."""
CORE_REPEATS, CORE_SECONDS = 5, 4.0
"""How often one and two cores are timed in turns, at least, and for how long in all."""
PYGAMBIT = "pygambit 17.0.0b2"
TITLES = {"leduc": "Leduc poker"} | {
    f"ladder_n{actors}_T{rounds}": f"ladder of {actors} actors, {rounds} rounds" for actors, rounds in games.LADDERS
}


@functools.cache
def folder() -> Path:
    """A folder with the games, made for this run and gone after it."""
    made = Path(_made().name)
    games.write(made)
    return made


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="offramp-games-")


def use_games(other: Path) -> None:
    """Measure on other files of the same names; those that are not there are made."""
    for file in folder().glob("*.efg"):
        if (other / file.name).exists():
            file.write_bytes((other / file.name).read_bytes())


def solves(name: str, *, traced: bool, at_least: float = 0.0) -> Row:
    """One solve of a game at k = 10 by sweeps, or traced, against pygambit's trace."""
    file = folder() / f"{name}.efg"
    tree, game = ours.read_game(file)
    rationality = K / ours.payoff_range(tree)
    solve = ours.solve_traced if traced else ours.solve_by_sweeps
    found = [solve(tree, game, rationality) for _ in range(REPEATS + 1)][1:]
    theirs = ask("logit", file=str(file), k=K, seconds=PEER_SECONDS)
    what = f"{TITLES[name]}, one solve at k = {K:g} {'traced' if traced else 'by sweeps'}"
    taken = statistics.median(one.seconds for one in found)
    row = against(what, taken, None if theirs is None else theirs["seconds"], at_least, PYGAMBIT, LIMIT)
    apart = None if theirs is None else _apart(_by_player(tree, found[0].shares), theirs["profile"])
    return _checked(
        row, apart, [] if found[0].status == ("principal" if traced else "not traced") else [found[0].status]
    )


def _by_player(tree: Tree, shares: dict[int, NDArray[np.float64]]) -> list[list[list[float]]]:
    """The profile as the peer lists it: by player, sets in the order in which a walk of the tree meets them."""
    players: list[list[list[float]]] = [[] for _ in tree.players]
    for number in dict.fromkeys(tree.node_set.tolist()):
        if number in shares:
            players[tree.sets[number].player].append(shares[number].tolist())
    return players


def _apart(one: list[list[list[float]]], other: list[list[list[float]]]) -> float:
    """The largest difference of a probability."""
    flat = [[share for player in profile for options in player for share in options] for profile in (one, other)]
    return float(np.abs(np.array(flat[0]) - np.array(flat[1])).max())


def _checked(row: Row, apart: float | None, remarks: list[str]) -> Row:
    """The row, saying where the two sides do not agree; a fast wrong answer meets no bar."""
    if apart is not None and apart > SAME:
        remarks = [*remarks, f"profiles differ by {apart:.2g}"]
    if not remarks:
        return row
    return dataclasses.replace(row, ours=f"{row.ours} ({', '.join(remarks)})", met=False)


def draws(actors: int, rounds: int, at_least: float = 0.0, *, sample: bool = False) -> Row:
    """10,000 draws of payoffs and odds on two cores, against one process of pygambit, draw for draw.

    With `sample`, every 128th draw is traced too, as `run` does to see which branch sweeps have led to.
    """
    drawn = _drawn(actors, rounds)
    taken, unconverged, profiles = 0.0, 0, np.empty((0, 0))
    for block in (0, *range(DRAWS // BLOCK)):  # the first once more, to warm up
        numbers = games.ladder_numbers(actors, rounds, BLOCK, seed=block)
        rationality = K / np.ptp(numbers.payoffs, axis=(0, 1))
        start = time.perf_counter()
        choice, settled = ours.solve_draws(
            drawn, numbers.payoffs, numbers.odds / games.WHOLE, rationality, 2, sample=sample
        )
        if not block:
            taken, unconverged, profiles = 0.0, 0, choice[:, : PEER_DRAWS[actors, rounds]]
        taken += time.perf_counter() - start
        unconverged += BLOCK - settled
    theirs = _peer_draws(actors, rounds)
    what = f"ladder of {actors} actors, {rounds} rounds: a draw of {DRAWS:,} at k = {K:g}, two cores"
    what += ", with `run`'s sample traced" * sample
    row = against(what, taken / DRAWS, theirs["seconds"], at_least, f"{PYGAMBIT}, one process")
    shares = [ours.shares_of(drawn.tree, drawn.game, choice) for choice in profiles.T]
    apart = [
        _apart(_by_player(drawn.tree, mine), other) for mine, other in zip(shares, theirs["profiles"], strict=True)
    ]
    missed = sum(abs(k - K) > SAME * K for k in theirs["k"])
    differ = sum(distance > SAME for distance in apart)
    remarks = [f"{unconverged} unconverged"] * bool(unconverged)
    # a run sweeps, and follows the branch in a sample only: see the page on solving
    remarks += [f"{differ} of {len(apart)} profiles are not theirs, on the principal branch"] * bool(differ)
    remarks += [f"they missed the lambda {missed} times"] * bool(missed)
    shown = f"{row.ours} ({', '.join(remarks)})" if remarks else row.ours
    return dataclasses.replace(row, ours=shown, met=row.met and not unconverged if at_least else None)


def cores(actors: int, rounds: int) -> Row:
    """Draws of a ladder on two cores against one, in turns."""
    drawn = _drawn(actors, rounds)
    numbers = games.ladder_numbers(actors, rounds, BLOCK, seed=0)
    rationality = K / np.ptp(numbers.payoffs, axis=(0, 1))
    taken: dict[int, list[float]] = {1: [], 2: []}
    began = time.perf_counter()
    while len(taken[2]) <= CORE_REPEATS or time.perf_counter() - began < CORE_SECONDS:
        for workers, times in taken.items():
            start = time.perf_counter()
            ours.solve_draws(drawn, numbers.payoffs, numbers.odds / games.WHOLE, rationality, workers, sample=False)
            times.append(time.perf_counter() - start)
    one, two = (statistics.median(times[1:]) for times in taken.values())
    what = f"ladder of {actors} actors, {rounds} rounds: {BLOCK:,} draws on two cores against one"
    return against(what, two, one, SECOND_CORE, "one core")


@functools.cache
def _drawn(actors: int, rounds: int) -> ours.DrawnGame:
    plays = 2 ** (actors * (rounds + 1))
    return ours.drawn_game(functools.partial(games.ladder, actors, rounds), plays, actors, 2**actors)


def _peer_draws(actors: int, rounds: int) -> dict[str, Any]:
    """The peer's seconds a draw, and its profiles, on the first of the draws."""
    numbers = games.ladder_numbers(actors, rounds, BLOCK, seed=0)
    files = []
    for draw in range(PEER_DRAWS[actors, rounds]):
        file = folder() / f"draw_n{actors}_T{rounds}_{draw}.efg"
        file.write_text(games.ladder_draw(actors, rounds, numbers, draw), encoding="utf-8")
        files.append(str(file))
    theirs = ask("logit_draws", limit=4 * LIMIT, files=files, k=K, processes=PEER_PROCESSES)
    if theirs is None:
        raise RuntimeError("the peer did not finish its draws")
    return theirs


def leduc_sweeps(lanes: int, at_least: float) -> Row:
    """Sweeps of Leduc poker a second on one core, by the draw, against iterations of CFR+."""
    file = folder() / "leduc.efg"
    tree, game = ours.read_game(file)
    rate = lanes / ours.sweep_seconds(game, ours.tables_of(game, K / ours.payoff_range(tree)), lanes)
    theirs = ask("cfr", file=str(file), seconds=3.0)
    if theirs is None:
        raise RuntimeError("the peer did not finish its iterations")
    iterations = theirs["iterations_per_second"]
    ratio = rate / iterations
    how = "one draw alone" if lanes == 1 else f"by the draw in a block of {lanes}"
    return Row(
        f"Leduc poker, sweeps a second, {how}",
        f"{rate:,.0f}/s",
        f"{iterations:,.0f}/s (OpenSpiel's CFR+ in C++)",
        ratio,
        f"at least {at_least:,.0f} times",
        ratio >= at_least,
    )
