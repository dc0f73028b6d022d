"""What a compiled crisis shows on being checked: warnings that need the game, and what conditions reveal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expression import SKIPPED_CODE, Expression, Is, walk
from offramp.crisis.faults import CrisisError, Fault, listed
from offramp.crisis.inputs import settled
from offramp.crisis.model import Chance, Crisis, Move, Rounds, State, Step, Term, Together
from offramp.game.compiler import compile_crisis
from offramp.game.layers import CHANCE, Game, Leaves
from offramp.game.tables import Draws, Tables, tabulate

EXTREME = 0.001
"""Checked are the medians, and each input alone at this quantile and at one minus it."""
WORTH_SHRINKING = 2_000
"""Nodes from which on a smaller game under `memory: state` is worth a word."""


@dataclass(frozen=True)
class Reveal:
    """A condition on hidden facts: `to` learns something of `facts` from whether `step` happens."""

    step: str
    to: tuple[str, ...]
    facts: tuple[str, ...]


def warnings_of(game: Game) -> tuple[Fault, ...]:
    """All warnings of a crisis, those that need no game included, in file order.

    Raises
    ------
    CrisisError
        Odds or payments that are impossible at the medians or where one input is extreme.
    """
    tables = tabulate(game, central_draws(game.crisis))
    found = [
        *game.crisis.warnings,
        *_endings(game),
        *_options(game),
        *_constant_terms(game, tables),
        *_paying_skips(game, tables),
        *_memory(game),
    ]
    return tuple(sorted(set(found)))


def central_draws(crisis: Crisis) -> Draws:
    """The medians, and each uncertain input alone near its ends."""
    names = crisis.uncertain
    points = {name: np.full(1 + 2 * len(names), 0.5) for name in crisis.inputs}
    labels = ["at the medians"]
    for index, name in enumerate(names):
        points[name][1 + 2 * index : 3 + 2 * index] = EXTREME, 1.0 - EXTREME
        labels += [f"with {name} at its {100 * level:g} % quantile" for level in (EXTREME, 1.0 - EXTREME)]
    values = {name: entry.distribution.quantile(points[name]) for name, entry in crisis.inputs.items()}
    return Draws(settled(crisis, values), labels)


def reveals(crisis: Crisis) -> tuple[Reveal, ...]:
    """For every step with a condition: who learns of facts that it does not see from whether the step happens."""
    found = []
    for step, conditions in _conditions(crisis.timeline, ()):
        names = sorted(frozenset().union(*(condition.names for condition in conditions)) - {"round"})
        audience: dict[tuple[str, ...], list[str]] = {}
        for actor in crisis.actors:
            if actor in step.seen_by:
                hidden = tuple(name for name in names if actor not in crisis.named[name].seen_by)
                if hidden:
                    audience.setdefault(hidden, []).append(actor)
        found += [Reveal(step.name, tuple(actors), facts) for facts, actors in audience.items()]
    return tuple(found)


def _conditions(
    steps: tuple[Step, ...], shared: tuple[Expression, ...]
) -> Iterator[tuple[Chance | Move, tuple[Expression, ...]]]:
    """Chance steps and moves with the conditions under which they happen."""
    for step in steps:
        own = shared + ((step.condition,) if step.condition else ())
        if isinstance(step, Together | Rounds):
            yield from _conditions(step.steps, own)
        elif isinstance(step, Chance | Move) and own:
            yield step, own


def _endings(game: Game) -> Iterator[Fault]:
    for ending, state in zip(game.crisis.endings, game.ending_states, strict=True):
        if state == "never":
            yield Fault(ending.place, f"ending '{ending.name}' is never reached: its condition holds after no history")
        elif state == "shadowed":
            yield Fault(
                ending.place, f"ending '{ending.name}' is always shadowed: where it holds, one above it holds too"
            )


def _options(game: Game) -> Iterator[Fault]:
    open_options: dict[str, set[int]] = {}
    for layer in game.layers:
        groups = slice(layer.first_group, layer.end_group)
        if layer.actor != CHANCE:
            first = int(game.group_slot[layer.first_group])
            count = int(game.group_options[groups].sum())
            open_options.setdefault(layer.step, set()).update(map(int, game.slot_option[first : first + count]))
        else:
            open_options.setdefault(layer.step, set())
    for step in game.crisis.named.values():
        if isinstance(step, State):
            continue
        if step.name not in open_options:
            yield Fault(step.place, f"'{step.name}' never happens: its `if` holds after no history")
        elif isinstance(step, Move):
            for number, option in enumerate(step.options):
                if number not in open_options[step.name]:
                    yield Fault(step.place, f"option '{option}' of '{step.name}' is never available")


def _paid(game: Game, tables: Tables) -> Iterator[tuple[Term, Leaves, NDArray[np.float64]]]:
    """For every payment of a payoff term its contexts and, at the medians, the amounts."""
    for position, amounts in tables.amounts.items():
        leaves = game.bills[position]
        assert isinstance(leaves, Leaves)
        assert leaves.term is not None
        yield game.crisis.terms[leaves.term], leaves, amounts[:, 0]


def _constant_terms(game: Game, tables: Tables) -> Iterator[Fault]:
    amounts: dict[tuple[str, str], set[float]] = {}
    for term, _, paid in _paid(game, tables):
        amounts.setdefault((term.actor, term.name), set()).update(map(float, np.unique(paid)))
    for term in game.crisis.terms:
        found = amounts.get((term.actor, term.name), set())
        block = game.crisis.timeline[term.each_round] if term.each_round is not None else None
        varies = isinstance(block, Rounds) and (block.until is not None or block.condition is not None)
        if len(found) == 1 and not (varies and found != {0.0}):
            value = next(iter(found)) + 0.0  # no negative zero
            yield Fault(
                term.place,
                f"payoff term '{term.name}' of {term.actor} never differs: it is {value:g} after every history",
            )


def _paying_skips(game: Game, tables: Tables) -> Iterator[Fault]:
    for term, leaves, paid in _paid(game, tables):
        for node in walk(term.pays.root):
            if isinstance(node, Is) and node.negated and SKIPPED_CODE not in node.codes:
                skipped = leaves.contexts.values[node.step] == SKIPPED_CODE
                if np.any(skipped & (paid != 0.0)):
                    yield Fault(
                        term.place,
                        f"payoff term '{term.name}' of {term.actor} pays where '{node.step}' was skipped: "
                        f"'{node.step} != {node.options[0]}' holds there too",
                    )


def _memory(game: Game) -> Iterator[Fault]:
    crisis = game.crisis
    keepers = [actor for actor in crisis.actors.values() if actor.memory == "recall"]
    if (
        not keepers
        or game.size.nodes < WORTH_SHRINKING
        or not any(isinstance(step, Rounds) for step in crisis.timeline)
    ):
        return
    forgetful = {key: replace(actor, memory="state") for key, actor in crisis.actors.items()}
    try:
        nodes = compile_crisis(replace(crisis, actors=forgetful), max_nodes=2 * game.size.nodes).size.nodes
    except CrisisError:
        return
    if nodes < game.size.nodes / 2:
        names = listed(actor.key for actor in keepers)
        yield Fault(
            keepers[0].place,
            f"`memory: state` for {names} would shrink the game from {game.size.nodes:,} to {nodes:,} nodes",
        )
