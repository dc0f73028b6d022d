"""How play flows along the timeline: the numbers behind the picture.

A column is a step in a round, with a share of play for each of its values. Between two columns flows the joint
probability of their values and of the ending. The numbers are exact, from one pass over the game (`plays`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.crisis.dates import span_in_words
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names, names_of
from offramp.gambit.opening import Playable
from offramp.game.game import CHANCE
from offramp.study.basis import one_solve
from offramp.study.finding import Column, Table, Value
from offramp.study.histories.plays import Plays, plays_of, solved

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

Array = NDArray[np.float64]

MOST_ENDINGS = 6
"""Beyond this many endings, all but the likeliest are grouped as "other endings"."""


@dataclass(frozen=True, eq=False)
class TimelineStage:
    """A step of the timeline in a round (0 outside rounds), made by an actor, or by chance (None).

    `values`: its options, and last `skipped`, if it does not occur. `shares`: (values, endings), the probability of a
    value together with an ending. `days`: the first and the last day of its round, if that has dates.
    """

    step: str
    round: int
    actor: str | None
    values: tuple[str, ...]
    shares: Array
    days: str | None = None


@dataclass(frozen=True, eq=False)
class Flows:
    """Play along the timeline of a crisis; `solved`: what was solved.

    `stages`: the steps that have some probability, in the order of play. `between`: for each stage but the last, the
    joint probability, (its values, the next stage's values, endings). `endings` are in the order of the file.
    """

    crisis: str
    names: Names
    solved: str
    endings: Mapping[str, float]
    stages: tuple[TimelineStage, ...]
    between: tuple[Array, ...]

    @property
    def table(self) -> Table:
        """All flows in the order of play."""
        values = {(s.step, value): self.names.option(s.step, value) for s in self.stages for value in s.values}
        columns = (
            Column("step", tr("step"), names=self.names.steps),
            Column("round", tr("round"), "count"),
            Column("value", tr("value"), of="step", names=values),
            Column("next_step", tr("next step"), names=self.names.steps),
            Column("next_round", tr("round"), "count"),
            Column("next_value", tr("value"), of="next_step", names=values),
            Column("ending", tr("ending"), names=self.names.endings),
            Column("probability", tr("probability"), "share"),
        )
        rows: list[tuple[Value, ...]] = []
        for left, right, joint in zip(self.stages, self.stages[1:], self.between, strict=False):
            for place in np.argwhere(joint > 0.0).tolist():
                value, onward, ending = place
                from_ = left.step, left.round or None, left.values[value]
                to = right.step, right.round or None, right.values[onward]
                rows.append((*from_, *to, list(self.endings)[ending], float(joint[tuple(place)])))
        return Table("flows", tr("Play from each step to the next, by ending"), columns, tuple(rows))


def flows(game: Playable, *, rationality: float | None = None, given: Mapping[str, float] | None = None) -> Flows:
    """How play flows along the timeline at the medians of the inputs.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    rationality, given
        One rationality for all actors, and values for inputs, as in `offramp.solve`.
    """
    return flows_of(*solved(game, rationality, given))


def flows_of(block: Block, solution: Solution) -> Flows:
    """How play flows along the timeline in a solved draw; see `flows`."""
    game, probability = block.game, solution.endings
    likeliest = sorted(probability, key=lambda name: -probability[name])[:MOST_ENDINGS]
    plays = plays_of(block, solution.choice, tuple(name for name in probability if name in likeliest))
    odds = {name: probability.get(name, 0.0) for name in plays.endings}
    if len(plays.endings) < len(probability):
        odds[plays.endings[-1]] = sum(share for name, share in probability.items() if name not in likeliest)
    crossing = _crossing(plays)
    made = [place for place in range(len(game.layers)) if plays.reach[plays.nodes(place)].any()]
    stages = tuple(_stage(plays, place, crossing) for place in made)
    joints = tuple(_joints(plays, made, crossing))
    return Flows(game.crisis.title, names_of(game.crisis), one_solve(solution), odds, stages, joints)


def _crossing(plays: Plays) -> Array:
    """The probability that flows from each layer to each later one, by the final ending: (layers + 1, layers + 1,
    endings); the last row is the flow from the start.
    """
    edges, root, layers = plays.edges, plays.game.root, len(plays.game.layers)
    crossing = np.zeros((layers + 1, layers + 1, len(plays.endings)))
    crossing[layers, edges.node_layer[root]] = plays.destined(np.array([root]), plays.begin()[None])[0]
    for place in range(layers):
        here, carried = plays.over(place, plays.reach[plays.nodes(place)])
        np.add.at(crossing[place], edges.leads_to[here], plays.destined(edges.child[here], carried))
    return crossing


def _stage(plays: Plays, place: int, crossing: Array) -> TimelineStage:
    layer, game = plays.game.layers[place], plays.game
    values = (*game.crisis.options_of(layer.step), SKIPPED)
    shares = _by_option(plays, *plays.over(place, plays.reach[plays.nodes(place)]), len(values))
    shares[-1] = _over(crossing, place, place)
    actor = None if layer.actor == CHANCE else game.crisis.actors[game.actors[layer.actor]].name
    span = game.crisis.days_of(layer.step, layer.round)
    return TimelineStage(layer.step, layer.round, actor, values, shares, None if span is None else span_in_words(span))


def _joints(plays: Plays, made: list[int], crossing: Array) -> Iterator[Array]:
    """For each layer that occurs and the next: the joint probability of their values and of the ending."""
    game, edges = plays.game, plays.edges
    options = [len(game.crisis.options_of(layer.step)) + 1 for layer in game.layers]
    so_far = np.zeros_like(plays.reach)  # how play comes to a node from the layers that have been passed
    so_far[game.root] = plays.begin()
    for left, right in pairwise(made):
        joint = np.zeros((options[left], options[right], len(plays.endings)))
        nodes = plays.nodes(right)
        joint[-1] = _by_option(plays, *plays.over(right, so_far[nodes]), options[right])
        joint[-1, -1] = _over(crossing, left, right)
        here, carried = plays.over(left, plays.reach[plays.nodes(left)])
        child, option, leads_to = edges.child[here], edges.option[here], edges.leads_to[here]
        np.add.at(so_far, child, carried)
        for value in range(options[left] - 1):
            taken = option == value
            onward, past = taken & (leads_to == right), taken & (leads_to > right)
            weight = np.zeros((nodes.stop - nodes.start, carried.shape[1]))
            np.add.at(weight, child[onward] - nodes.start, carried[onward])
            joint[value] = _by_option(plays, *plays.over(right, weight), options[right])
            joint[value, -1] = plays.destined(child[past], carried[past]).sum(axis=0)
        yield joint


def _by_option(plays: Plays, here: slice, carried: Array, values: int) -> Array:
    """Weights on edges summed by option and by final ending: (values, endings)."""
    sums = np.zeros((values, len(plays.endings)))
    np.add.at(sums, plays.edges.option[here], plays.destined(plays.edges.child[here], carried))
    return sums


def _over(crossing: Array, left: int, right: int) -> Array:
    """The probability, by ending, of play that skips two layers and all between them."""
    before = np.append(np.arange(left), len(crossing) - 1)
    return np.asarray(crossing[before, right + 1 :].sum(axis=(0, 1)))
