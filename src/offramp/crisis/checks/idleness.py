"""Finds hidden facts that no ending can depend on, from the names in expressions and the flow of information."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from offramp.crisis.expressions.expression import Expression
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Odds, Rounds, State, Step, flattened

Names = Mapping[str, set[str]]


def odds_expressions(odds: Odds) -> Iterator[Expression]:
    """Every condition and entry of odds."""
    for row in odds.rows:
        if row.condition is not None:
            yield row.condition
        yield from (entry for entry in row.entries.values() if entry is not None)


def step_expressions(step: Step) -> Iterator[Expression]:
    """Every expression of a step itself, without the steps inside it."""
    if step.condition is not None:
        yield step.condition
    match step:
        case Chance(odds=odds, believed_by=believed):
            for step_odds in (odds, *believed.values()):
                yield from odds_expressions(step_odds)
        case Move(only_if=only_if):
            yield from only_if.values()
        case State(start=start, becomes=becomes):
            yield from (start, becomes)
        case Rounds(until=until) if until is not None:
            yield until


def named_by_steps(crisis: Crisis) -> dict[str, set[str]]:
    """The names that each chance step, move and state uses, including those of its `together` and `rounds`."""
    names: dict[str, set[str]] = defaultdict(set)
    for step in crisis.steps():
        named = {name for expression in step_expressions(step) for name in expression.names}
        for inner in flattened([step]):
            if isinstance(inner, Chance | Move | State):
                names[inner.key] |= named
    return names


def idle_hidden_facts(crisis: Crisis) -> list[str]:
    """The hidden chance steps on which no ending can depend.

    An ending depends on the names in its condition, and those on the names that they use in turn. A move also depends
    on what its actor's payoffs name, on the conditions of tells to the actor, and on everything the actor sees that is
    informative about any of these.
    """
    named = named_by_steps(crisis)
    paid: dict[str, set[str]] = defaultdict(set)
    for term in crisis.terms:
        paid[term.actor] |= term.pays.names
    for tell in crisis.tells:
        for actor in tell.to:
            paid[actor] |= tell.condition.names if tell.condition else set()
    movers = {step.key: step.by for step in crisis.named.values() if isinstance(step, Move)}
    depends = {name: named[name] | paid[movers[name]] if name in movers else named[name] for name in crisis.named}
    seen = {actor: _seen(crisis, actor) for actor in crisis.actors}
    groups = {actor: _connected_groups(crisis, actor, named, movers, seen) for actor in set(movers.values())}
    while True:
        grown = {name: set(depends[name]) for name in depends}
        for name, actor in movers.items():
            relevant = {
                groups[actor][fact] for fact in _reached(paid[actor] | named[name], depends) if fact in groups[actor]
            }
            grown[name] |= {fact for fact in seen[actor] if groups[actor].get(fact) in relevant}
        if grown == depends:
            break
        depends = grown
    conditions = [ending.condition for ending in crisis.endings if ending.condition is not None]
    reached = _reached({name for condition in conditions for name in condition.names}, depends)
    everybody = frozenset(crisis.actors)
    return [
        step.key
        for step in crisis.named.values()
        if isinstance(step, Chance) and step.seen_by != everybody and step.key not in reached
    ]


def _seen(crisis: Crisis, actor: str) -> set[str]:
    """The steps and states whose value an actor sees or is told."""
    own = {step.key for step in crisis.named.values() if actor in step.seen_by}
    return own | {tell.step for tell in crisis.tells if actor in tell.to}


def _reached(names: set[str], depends: Names) -> set[str]:
    """The names, and all names on which they depend."""
    reached, pending = set(names), list(names)
    while pending:
        fresh = depends.get(pending.pop(), set()) - reached
        reached |= fresh
        pending.extend(fresh)
    return reached


def _connected_groups(
    crisis: Crisis, actor: str, named: Names, movers: Mapping[str, str], seen: Names
) -> dict[str, str]:
    """The representative of the connected group of each step and state: one member may inform the actor of another.

    A step is connected with what it names; another actor's move also with all that its mover sees. The actor's own
    moves are left out, as they give it no new information.
    """
    parent = {name: name for name in crisis.named if movers.get(name) != actor}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for name in parent:
        others = named[name] | (seen[movers[name]] if name in movers else set())
        for other in others & parent.keys():
            parent[root(name)] = root(other)
    return {name: root(name) for name in parent}
