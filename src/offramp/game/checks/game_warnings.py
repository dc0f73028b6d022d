"""Warnings about a crisis that need its compiled game."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import listed
from offramp.crisis.expressions.expression import SKIPPED_CODE, Call, Compare, IfElse, Is, Logic, Member, named, walk
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.inputs import apply_lever, conditions, resolved_inputs
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Term
from offramp.crisis.steps import Move, Rounds, State, Step, changed
from offramp.game.checks.idle_levers import idle_levers
from offramp.game.checks.lever_warnings import impossible_levers
from offramp.game.checks.observed_events import impossible_observations
from offramp.game.compiler import MAX_NODES, compile_crisis
from offramp.game.game import Game, PayoffTerms
from offramp.game.tables import Draws, Tables, evaluated, tabulate

EXTREME = 0.001
"""Checks use the medians, and each input alone at this quantile and at one minus it."""
SCATTERED = 64
"""Number of further draws for a payoff term that looks constant."""
WORTH_SHRINKING = 2_000
"""Least number of nodes for suggesting `memory: state`."""


def warnings_of(game: Game, max_nodes: int = MAX_NODES) -> tuple[Fault, ...]:
    """All warnings about a crisis, including those that need no game, in file order.

    A closed option counts as open if a lever allows it. Each lever is tried alone, in games of at most `max_nodes`
    nodes.

    Raises
    ------
    CrisisError
        If odds or payments are impossible at the medians or with one input at an extreme, no history agrees with
        the observations, or a lever that allows options or commits an actor makes no game.
    """
    draws = central_draws(game.crisis)
    tables = tabulate(game, draws)
    impossible = list(impossible_observations(game, (tables.odds[0] > 0.0).any(axis=1)))
    if impossible and not game.crisis.pulled:
        raise CrisisError(game.crisis.path, impossible)
    levers = list(impossible_levers(game, draws, max_nodes))
    widest = opened(game.crisis)
    if widest.timeline != game.crisis.timeline:
        game = compile_crisis(widest, max_nodes=max_nodes)
        tables = tabulate(game, draws)
    warnings = [
        *game.crisis.warnings,
        *levers,
        *idle_levers(game.crisis, (lambda: draws, cache(partial(scattered_draws, game.crisis))), _available(game)),
        *_endings(game),
        *_options(game),
        *_constant_terms(game, tables),
        *_paying_skips(game, tables),
        *_memory(game),
    ]
    return tuple(sorted(set(warnings)))


def opened(crisis: Crisis) -> Crisis:
    """The crisis with every closed option open that some lever allows."""
    allowed = {
        (move, option) for lever in crisis.levers.values() for move in lever.allows for option in lever.allows[move]
    }

    def opened_move(step: Step) -> Step:
        if not isinstance(step, Move):
            return step
        return replace(step, closed=tuple(option for option in step.closed if (step.key, option) not in allowed))

    return replace(crisis, timeline=changed(crisis.timeline, opened_move))


def central_draws(crisis: Crisis) -> Draws:
    """The medians, and each uncertain input alone near its ends."""
    names = crisis.uncertain
    places = {name: np.zeros(1 + 2 * len(names), dtype=np.int64) for name in crisis.inputs}
    labels = [conditions(crisis)]
    for index, name in enumerate(names):
        places[name][1 + 2 * index : 3 + 2 * index] = 1, 2
        labels += [f"with {name} at its {100 * level:g} % quantile" for level in (EXTREME, 1.0 - EXTREME)]
    levels = np.array([0.5, EXTREME, 1.0 - EXTREME])
    values = {name: entry.distribution.quantile(levels)[places[name]] for name, entry in crisis.inputs.items()}
    return Draws(resolved_inputs(crisis, values), labels)


def scattered_draws(crisis: Crisis) -> Draws:
    """Random draws of all inputs, each with some of the levers pulled; columns of recorded cases vary too.

    What holds in all of them holds in nearly all draws of the crisis, with any levers.
    """
    generator = np.random.default_rng(0)
    levels = generator.random((len(crisis.inputs), SCATTERED))
    drawn = {
        name: entry.distribution.quantile(level)
        for (name, entry), level in zip(crisis.inputs.items(), levels, strict=True)
    }
    values = resolved_inputs(crisis, drawn | _other_cases(crisis))
    share = generator.random(SCATTERED)
    for lever in crisis.levers.values():
        if lever.sets and lever.key not in crisis.pulled:
            with_it, pulled = apply_lever(lever, values), generator.random(SCATTERED) < share
            values = {name: np.where(pulled, with_it[name], value) for name, value in values.items()}
    return Draws(values, [f"in draw {number}" for number in range(SCATTERED)])


def _other_cases(crisis: Crisis) -> dict[str, NDArray[np.float64]]:
    """Columns of recorded cases as they may be in other cases than this one: near its number, or at any level."""
    generator = np.random.default_rng(1)
    found = {}
    for name, entry in crisis.inputs.items():
        if entry.column is not None:
            chance, here = generator.random(SCATTERED), entry.distribution.parameters["value"]
            near = here * (0.5 + chance) if here else chance
            found[name] = near if entry.column.level is None else np.round(chance)
    return found


def _endings(game: Game) -> Iterator[Fault]:
    for ending, state in zip(game.crisis.endings, game.ending_states, strict=True):
        if state == "never":
            yield Fault(ending.place, f"ending '{ending.key}' is never reached: its condition holds after no history")
        elif state == "shadowed":
            yield Fault(
                ending.place, f"ending '{ending.key}' is always shadowed: where it holds, one above it holds too"
            )


def _available(game: Game) -> dict[str, set[str]]:
    """The options of each step that happens that are available somewhere; of chance steps, none."""
    available: dict[str, set[str]] = {}
    for layer in game.layers:
        found, step = available.setdefault(layer.step, set()), game.crisis.named[layer.step]
        if isinstance(step, Move):
            found.update(step.options[number] for number in set(game.slot_option[game.slots_of(layer)].tolist()))
    return available


def _options(game: Game) -> Iterator[Fault]:
    available = _available(game)
    for step in game.crisis.named.values():
        if isinstance(step, State):
            continue
        if step.key not in available:
            yield Fault(step.place, f"'{step.key}' never happens: its `if` holds after no history")
        elif isinstance(step, Move):
            for option in step.options:
                if option not in available[step.key] and option not in step.closed:
                    yield Fault(step.place, f"option '{option}' of '{step.key}' is never available")


def _paid(game: Game, tables: Tables) -> Iterator[tuple[Term, PayoffTerms, NDArray[np.float64]]]:
    """Every payoff term with its entries and their amounts, (contexts, draws)."""
    for position, amounts in tables.amounts.items():
        entries = game.payoff_entries[position]
        assert isinstance(entries, PayoffTerms)
        assert entries.term is not None
        yield game.crisis.terms[entries.term], entries, amounts


def _constant_terms(game: Game, tables: Tables) -> Iterator[Fault]:
    """Terms that pay the same after every history, in the checked draws and in scattered ones."""
    scattered: Draws | None = None
    paid: dict[tuple[str, str], list[tuple[PayoffTerms, NDArray[np.float64]]]] = {}
    for term, entries, amounts in _paid(game, tables):
        paid.setdefault((term.actor, term.key), []).append((entries, amounts))
    for term in game.crisis.terms:
        block = game.crisis.timeline[term.each_round] if term.each_round is not None else None
        varies = isinstance(block, Rounds) and (block.until is not None or block.condition is not None)
        payments = paid.get((term.actor, term.key), [])
        if not payments or not _same(np.concatenate([amounts for _, amounts in payments]), varies):
            continue
        scattered = scattered or scattered_draws(game.crisis)
        elsewhere = [evaluated(term.pays, entries.contexts, slice(None), scattered) for entries, _ in payments]
        if _same(np.concatenate(elsewhere), varies):
            amount = payments[0][1][0]
            always = f"it is {amount[0] + 0.0:g}" if np.ptp(amount) == 0.0 else "it is the same"  # no negative zero
            tried = " in the values tried" if _has_steps(term, game.crisis) else ""
            message = f"payoff term '{term.key}' of {term.actor} never differs{tried}: {always} after every history"
            yield Fault(term.place, message)


def _has_steps(term: Term, crisis: Crisis) -> bool:
    """Whether a term has a condition or a function of an input, so that it may be flat nearly everywhere only."""
    return any(
        isinstance(node, Compare | Member | Logic | IfElse | Call)
        and any(name in crisis.inputs for part in walk(node) for name in named(part))
        for node in walk(term.pays.root)
    )


def _same(amounts: NDArray[np.float64], varies: bool) -> bool:
    """Whether all amounts, (contexts, draws), are equal in every draw; zero, if the number of payments `varies`."""
    return bool(np.all(amounts == amounts[:1]) and not (varies and np.any(amounts)))


def _paying_skips(game: Game, tables: Tables) -> Iterator[Fault]:
    for term, entries, paid in _paid(game, tables):
        for node in walk(term.pays.root):
            if isinstance(node, Is) and node.negated and SKIPPED_CODE not in node.codes:
                skipped = entries.contexts.values[node.step] == SKIPPED_CODE
                if np.any(skipped & (paid[:, 0] != 0.0)):
                    yield Fault(
                        term.place,
                        f"payoff term '{term.key}' of {term.actor} pays where '{node.step}' was skipped: "
                        f"'{node.step} != {node.options[0]}' holds there too",
                    )


def _memory(game: Game) -> Iterator[Fault]:
    crisis = game.crisis
    recalling = [actor for actor in crisis.actors.values() if actor.memory == "recall"]
    if (
        not recalling
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
        names = listed(actor.key for actor in recalling)
        yield Fault(
            recalling[0].place,
            f"`memory: state` for {names} would shrink the game from {game.size.nodes:,} to {nodes:,} nodes",
        )
