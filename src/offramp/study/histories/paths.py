"""By which paths a crisis goes: the likeliest histories, overall and to each ending.

A path is what is done and what happens, step by step. Circumstances, the chance steps before the first move that are
hidden from somebody, are summed over, and shown as they stand given the path.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.numerals import percent
from offramp.common.words import expected
from offramp.crisis.model import Move
from offramp.equilibrium.conditioning import SKIPPED, condition_play, consistent_edges, hidden_steps
from offramp.gambit.opening import Playable
from offramp.game.game import CHANCE, Game
from offramp.study.basis import one_solve
from offramp.study.finding import Column, Finding, Table
from offramp.study.histories.flows import Flows
from offramp.study.histories.plays import Plays, plays_of, solved
from offramp.study.wording import plain

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

Array = NDArray[np.float64]

EXPANSIONS = 20_000
"""A search for paths gives up after so many beginnings of paths have been carried on by a step."""
OVERALL, TO_EACH, TO_ONE = 5, 3, 8
"""So many paths are looked for: overall, to each ending, and to the one ending that is asked for."""
MOST_ENDINGS = 6
"""Of more endings than these only the likeliest are looked for."""
MOVED = 0.05
"""A circumstance that stands within this of where it stood before is not worth a word."""

Step = tuple[str, int, str]
"""A step's name, its round (0 outside rounds), and its value."""


@dataclass(frozen=True)
class Circumstance:
    """A value of a hidden chance step, given that it is made: how likely it is at the outset, and given a path."""

    step: str
    value: str
    before: float
    given: float


@dataclass(frozen=True)
class Path:
    """A way in which the crisis goes; steps that are not made are left out.

    `probability` is that of the path, together with the ending if it is a path to one; `endings` are given the path.
    """

    steps: tuple[Step, ...]
    probability: float
    endings: Mapping[str, float]
    circumstances: tuple[Circumstance, ...] = ()


@dataclass(frozen=True)
class Ways:
    """The likeliest paths, likeliest first: overall (`to` is None), or to an ending, of a `probability`.

    `complete`: False where the search gave up before it had found as many as were asked for.
    """

    to: str | None
    probability: float
    paths: tuple[Path, ...]
    complete: bool


@dataclass(frozen=True, repr=False)
class Paths(Finding):
    """The likeliest paths of a crisis; `actors` gives each move's actor by name.

    `solved`: what was solved; `run`: the means of the run that it is told for, by ending. `flows`: how all of play
    flows along the timeline, if that is wanted as a table too.
    """

    crisis: str
    solved: str
    converged: bool
    ways: tuple[Ways, ...]
    actors: Mapping[str, str]
    run: Mapping[str, float] = field(default_factory=dict)
    flows: Flows | None = None

    @property
    def title(self) -> str:
        return f"{self.crisis}: by which paths?"

    @property
    def basis(self) -> str:
        return self.solved

    @property
    def answer(self) -> tuple[str, ...]:
        said = [] if self.converged else ["This solve did not converge: the numbers are those of no equilibrium."]
        return (*said, *(self._sentence(ways) for ways in self.ways))

    def _sentence(self, ways: Ways) -> str:
        whole = "the crisis" if ways.to is None else plain(ways.to)
        likely = "" if ways.to is None else f" ({self._likely(ways.to, ways.probability)})"
        if not ways.probability > 0.0:
            return f"No path leads to {whole}."
        if not ways.paths:
            return f"There are too many paths of {whole}{likely} for any to be found: each is very unlikely."
        first, together = ways.paths[0], sum(path.probability for path in ways.paths)
        text, odds = self.words(first), percent(first.probability / ways.probability)
        goes, cases = ("goes", "cases") if ways.to is None else ("comes about", "its cases")
        said = f"{_capital(whole)}{likely} {goes} most often like this, in {odds} of {cases}: {text}."
        if len(ways.paths) > 1:
            share = percent(together / ways.probability)
            said += f" The likeliest {len(ways.paths)} paths make up {share} of all there are."
        if not ways.complete:
            said += " The search gave up before it had found more."
        return said

    def _likely(self, ending: str, probability: float) -> str:
        """How likely an ending is, the run's figure first."""
        here = percent(probability)
        return f"{percent(self.run[ending])} likely, {here} in this solve" if ending in self.run else f"{here} likely"

    def words(self, path: Path) -> str:
        """A path in words, a part for each round: `Iran send; round 1: Iran staged, damage none`."""
        parts = []
        for number, steps in groupby(path.steps, key=lambda step: step[1]):
            told = ", ".join(
                f"{self.actors[step] if step in self.actors else plain(step)} {plain(value)}"
                for step, _, value in steps
            )
            parts.append(f"round {number}: {told}" if number else told)
        return "; ".join(parts) or "nothing is done"

    @property
    def tables(self) -> tuple[Table, ...]:
        tables = tuple(self._table(ways) for ways in self.ways)
        return tables if self.flows is None else (*tables, self.flows.table)

    def _table(self, ways: Ways) -> Table:
        columns = (
            Column("probability", "probability", "share"),
            Column("cumulative", "together", "share"),
            Column("path", "path"),
            Column("ends", "ends in") if ways.to is None else Column("share", "of ending", "share"),
            Column("circumstances", "what it says of circumstances"),
        )
        rows, together = [], 0.0
        for path in ways.paths:
            together += path.probability / ways.probability
            end = _listed(path.endings) if ways.to is None else path.probability / ways.probability
            rows.append((path.probability, together, self.words(path), end, _moved(path)))
        name = "paths" if ways.to is None else f"paths_{ways.to}"
        caption = "The likeliest paths" if ways.to is None else f"The likeliest paths to {plain(ways.to)}"
        return Table(name, caption, columns, tuple(rows))

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            "Chance steps before the first move that are hidden from somebody"
            " are summed over: told is how likely they are given the path, where that is far from the odds at the"
            " outset (in brackets). Steps that are not made are left out. Together: the share of all plays, or of those"
            " to the ending, that this path and those above it make up.",
        )


def paths(
    game: Playable,
    *,
    to: str | None = None,
    top: int | None = None,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
) -> Paths:
    """The likeliest paths of a crisis at the medians of its inputs, overall and to each ending, or to one.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    to
        An ending; by default the paths overall and to each of the endings.
    top
        How many paths; by default some.
    rationality, given
        One rationality for all actors, and values for inputs, as in `offramp.solve`.

    Raises
    ------
    UsageError
        An unknown ending.
    """
    return paths_of(*solved(game, rationality, given), to=to, top=top)


def paths_of(
    block: Block,
    solution: Solution,
    *,
    to: str | None = None,
    top: int | None = None,
    run: Mapping[str, float] | None = None,
) -> Paths:
    """The likeliest paths of a solved draw; see `paths`. `run`: means of a run, by ending, to stand beside."""
    game = block.game
    names = [ending.name for ending in game.crisis.endings]
    if to is not None and to not in names:
        raise UsageError(f"unknown ending '{to}'{expected(to, names)}")
    if top is not None and top < 1:
        raise UsageError(f"--top takes a number of paths from 1 up, found {top}")
    probability = solution.endings
    likeliest = sorted(names, key=lambda name: -probability[name])[:MOST_ENDINGS]
    shown = tuple(name for name in names if name in likeliest or name == to)
    plays = plays_of(block, solution.choice, shown)
    if to is None:
        asked = [(None, top or OVERALL), *((name, top or TO_EACH) for name in likeliest)]
    else:
        asked = [(to, top or TO_ONE)]
    found = []
    for name, many in asked:
        ending = None if name is None else plays.endings.index(name)
        ways, complete = likeliest_paths(plays, ending, many)
        told = tuple(_with_circumstances(block, solution.choice, path) for path in ways)
        found.append(Ways(name, 1.0 if name is None else probability[name], told, complete))
    moves = [step for step in game.crisis.steps() if isinstance(step, Move)]
    actors = {move.name: game.crisis.actors[move.by].name for move in moves}
    return Paths(game.crisis.title, one_solve(solution), solution.converged, tuple(found), actors, run or {})


def circumstances(game: Game) -> tuple[int, ...]:
    """The layers of chance steps that somebody does not see and that come before the first move."""
    first_move = next((place for place, layer in enumerate(game.layers) if layer.actor != CHANCE), len(game.layers))
    return tuple(place for place in hidden_steps(game) if place < first_move)


def likeliest_paths(plays: Plays, ending: int | None, top: int) -> tuple[list[Path], bool]:
    """The likeliest paths, likeliest first, and whether the search found as many as there are to show.

    Best-first search (Hart, Nilsson & Raphael 1968) over beginnings of paths. The probability of a beginning, together
    with the ending, is at least that of every path that begins so; so what comes off the queue as a whole path is the
    likeliest of those not found yet.

    Parameters
    ----------
    plays
        A draw's play.
    ending
        The ending to which the paths lead, by place in `Plays.endings`; None for all paths.
    top
        How many paths.
    """
    summed = frozenset(circumstances(plays.game))
    end, order = len(plays.game.layers), count()
    queue: list[tuple[float, int, tuple[Step, ...], NDArray[np.int64], Array]] = []

    def enter(steps: tuple[Step, ...], nodes: NDArray[np.int64], weight: Array) -> None:
        reached = plays.destined(nodes, weight).sum(axis=0)
        bound = float(reached.sum() if ending is None else reached[ending])
        if bound > 0.0:
            heapq.heappush(queue, (-bound, next(order), steps, nodes, weight))

    enter((), np.array([plays.game.root]), plays.begin()[None])
    found: list[Path] = []
    expansions = 0
    while queue and len(found) < top:
        probability, _, steps, nodes, weight = heapq.heappop(queue)
        layer = int(plays.node_layer[nodes].min())
        if layer == end:
            destined = weight[:, :-1].sum(axis=0)
            odds = dict(zip(plays.endings, map(float, destined / destined.sum()), strict=True))
            found.append(Path(steps, -probability, odds))
            continue
        if expansions == EXPANSIONS:
            return found, False
        expansions += 1
        for value, onward, carried in _carried(plays, layer, nodes, weight, layer in summed):
            made = plays.game.layers[layer]
            enter(steps if value is None else (*steps, (made.step, made.round, value)), onward, carried)
    return found, True


def _carried(
    plays: Plays, layer: int, nodes: NDArray[np.int64], weight: Array, summed: bool
) -> list[tuple[str | None, NDArray[np.int64], Array]]:
    """Weights at nodes carried past a layer, by the value taken there: None where it is not made, or summed over."""
    here = plays.node_layer[nodes] == layer
    first, last = plays.first_edge[nodes[here]], plays.first_edge[nodes[here] + 1]
    source = np.repeat(np.flatnonzero(here), last - first)
    edges = np.concatenate([np.arange(begin, stop) for begin, stop in zip(first, last, strict=True)])
    carried = plays.along(edges, weight[source])
    past = nodes[~here], weight[~here]
    if summed:
        return [(None, *_merged(np.append(plays.child[edges], past[0]), np.concatenate([carried, past[1]])))]
    names = plays.game.crisis.options_of(plays.game.layers[layer].step)
    found: list[tuple[str | None, NDArray[np.int64], Array]] = []
    for option in np.unique(plays.option[edges]):
        taken = plays.option[edges] == option
        found.append((names[option], *_merged(plays.child[edges[taken]], carried[taken])))
    return [*found, (None, *past)] if len(past[0]) else found


def _merged(nodes: NDArray[np.int64], weight: Array) -> tuple[NDArray[np.int64], Array]:
    """Weights of the same node added up."""
    kept, place = np.unique(nodes, return_inverse=True)
    total = np.zeros((len(kept), weight.shape[1]))
    np.add.at(total, place, weight)
    return kept, total


def _with_circumstances(block: Block, choice: Array, path: Path) -> Path:
    """The path with how its circumstances stand, given what is done and happens on it."""
    game, profile = block.game, choice[:, None]
    hidden = circumstances(game)
    made = {(step, round_): value for step, round_, value in path.steps}
    shown = [(layer.step, layer.round) for place, layer in enumerate(game.layers) if place not in hidden]
    open_edge = consistent_edges(game, {key: made.get(key, SKIPPED) for key in shown})
    assert open_edge is not None
    always, along = condition_play(block, profile, np.ones_like(open_edge)), condition_play(block, profile, open_edge)
    found: list[Circumstance] = []
    for layer in hidden:
        step = game.layers[layer].step
        before, given = always.option_probabilities(layer)[:, 0], along.option_probabilities(layer)[:, 0]
        if given.sum() > 0.0:
            shares = zip((before / before.sum()).tolist(), (given / given.sum()).tolist(), strict=True)
            options = game.crisis.options_of(step)
            found += [Circumstance(step, option, *share) for option, share in zip(options, shares, strict=True)]
    return Path(path.steps, path.probability, path.endings, tuple(found))


def _moved(path: Path) -> str:
    """The circumstances of which the path says most: of each the value whose odds have moved most."""
    told = []
    for step, values in groupby(path.circumstances, key=lambda circumstance: circumstance.step):
        most = max(values, key=lambda circumstance: abs(circumstance.given - circumstance.before))
        if abs(most.given - most.before) >= MOVED:
            told.append(f"{plain(step)} {plain(most.value)} {percent(most.given)} ({percent(most.before)})")
    return ", ".join(told) or "–"


def _listed(endings: Mapping[str, float]) -> str:
    """Endings with their odds, where there is more than one; those too unlikely to print are left out."""
    likely = sorted(endings, key=lambda name: -endings[name])
    if endings[likely[0]] >= 0.9995:
        return plain(likely[0])
    return ", ".join(f"{plain(name)} {percent(endings[name])}" for name in likely if endings[name] >= 0.0005)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
