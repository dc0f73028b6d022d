"""Which hidden facts no ending can depend on, by what names what and who learns what from whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from offramp.crisis.expressions.expression import Expression
from offramp.crisis.model import Chance, Crisis, Move, Odds, Rounds, State, Step, flattened

Names = Mapping[str, set[str]]


def odds_expressions(odds: Odds) -> Iterator[Expression]:
    """Every condition and entry of some odds."""
    for row in odds.rows:
        if row.condition is not None:
            yield row.condition
        yield from (entry for entry in row.entries.values() if entry is not None)


def step_expressions(step: Step) -> Iterator[Expression]:
    """Every expression of a step itself, not of those it holds."""
    if step.condition is not None:
        yield step.condition
    match step:
        case Chance(odds=odds, believed_by=believed):
            for some in (odds, *believed.values()):
                yield from odds_expressions(some)
        case Move(only_if=only_if):
            yield from only_if.values()
        case State(start=start, becomes=becomes):
            yield from (start, becomes)
        case Rounds(until=until) if until is not None:
            yield until


def named_by_steps(crisis: Crisis) -> dict[str, set[str]]:
    """By chance step, move and state what it names; what holds it in `together` or `rounds` names it names too."""
    found: dict[str, set[str]] = defaultdict(set)
    for step in crisis.steps():
        named = {name for expression in step_expressions(step) for name in expression.names}
        for inner in flattened([step]):
            if isinstance(inner, Chance | Move | State):
                found[inner.name] |= named
    return found


def idle_hidden_facts(crisis: Crisis) -> list[str]:
    """The hidden chance steps on which no ending can depend.

    An ending depends on what its condition names, and that on what it names in turn. A move depends besides on what
    its actor is paid for, on when the actor is told something, and on what the actor sees that tells of any of these.
    """
    named = named_by_steps(crisis)
    paid: dict[str, set[str]] = defaultdict(set)
    for term in crisis.terms:
        paid[term.actor] |= term.pays.names
    for tell in crisis.tells:
        for actor in tell.to:
            paid[actor] |= tell.condition.names if tell.condition else set()
    movers = {step.name: step.by for step in crisis.named.values() if isinstance(step, Move)}
    depends = {name: named[name] | paid[movers[name]] if name in movers else named[name] for name in crisis.named}
    seen = {actor: _seen(crisis, actor) for actor in crisis.actors}
    kin = {actor: _kin(crisis, actor, named, movers, seen) for actor in set(movers.values())}
    while True:
        grown = {name: set(depends[name]) for name in depends}
        for name, actor in movers.items():
            cared_for = {
                kin[actor][fact] for fact in _reached(paid[actor] | named[name], depends) if fact in kin[actor]
            }
            grown[name] |= {fact for fact in seen[actor] if kin[actor].get(fact) in cared_for}
        if grown == depends:
            break
        depends = grown
    conditions = [ending.condition for ending in crisis.endings if ending.condition is not None]
    reached = _reached({name for condition in conditions for name in condition.names}, depends)
    everybody = frozenset(crisis.actors)
    return [
        step.name
        for step in crisis.named.values()
        if isinstance(step, Chance) and step.seen_by != everybody and step.name not in reached
    ]


def _seen(crisis: Crisis, actor: str) -> set[str]:
    """The steps and states of which an actor sees the value, or is told it."""
    own = {step.name for step in crisis.named.values() if actor in step.seen_by}
    return own | {tell.step for tell in crisis.tells if actor in tell.to}


def _reached(names: set[str], depends: Names) -> set[str]:
    """The names, and all on which they depend."""
    reached, pending = set(names), list(names)
    while pending:
        fresh = depends.get(pending.pop(), set()) - reached
        reached |= fresh
        pending.extend(fresh)
    return reached


def _kin(crisis: Crisis, actor: str, named: Names, movers: Mapping[str, str], seen: Names) -> dict[str, str]:
    """By step and state one that stands for all with which it is connected: one of them may tell the actor of another.

    A step is connected with what it names; a move of another also with all that its mover sees. The actor's own moves
    tell it nothing that it does not know.
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
