"""Warnings that need no game: what in a crisis is likely not meant, though it breaks no rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from offramp.crisis.expression import Expression
from offramp.crisis.faults import Fault, listed
from offramp.crisis.model import Chance, Crisis, Move, Odds, Rounds, State, Step, Tell, Together


def static_warnings(crisis: Crisis, natural_viewers: Mapping[str, frozenset[str]]) -> Crisis:
    """The crisis with its warnings; `natural_viewers` are those who see everything that a state names."""
    warnings = [
        *_without_reason(crisis),
        *_unused_inputs(crisis),
        *_wider_states(crisis, natural_viewers),
        *_unseen_values(crisis),
        *_idle_hidden_facts(crisis),
        *_lonely_options(crisis),
    ]
    return replace(crisis, warnings=tuple(sorted(set(warnings))))


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


def _without_reason(crisis: Crisis) -> Iterator[Fault]:
    for entry in crisis.inputs.values():
        if entry.of_actor is None and entry.reason.because is None and entry.reason.cite is None:
            yield Fault(entry.place, f"input '{entry.name}' has neither a reason (`because`) nor a source (`cite`)")


def _unused_inputs(crisis: Crisis) -> Iterator[Fault]:
    used: set[str] = set()
    for step in crisis.steps():
        used.update(*(expression.names for expression in step_expressions(step)))
    used.update(*(term.pays.names for term in crisis.terms))
    used.update(*(actor.rationality.names for actor in crisis.actors.values()))
    for entry in crisis.inputs.values():
        if entry.name not in used:
            yield Fault(entry.place, f"input '{entry.name}' is not used")


def _wider_states(crisis: Crisis, natural_viewers: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    for step in crisis.named.values():
        if isinstance(step, State):
            wider = sorted(step.seen_by - natural_viewers[step.name])
            if wider:
                yield Fault(
                    step.place, f"state '{step.name}' shows {listed(wider)} more than they see of what it names"
                )


def _unseen_values(crisis: Crisis) -> Iterator[Fault]:
    """Steps whose value no later mover sees and nothing names."""
    named: set[str] = set()
    for step in crisis.steps():
        own = {step.name} if isinstance(step, State) else set()
        named.update(*(expression.names - own for expression in step_expressions(step)))
    named.update(*(term.pays.names for term in crisis.terms))
    named.update(*(ending.condition.names for ending in crisis.endings if ending.condition))
    order = list(crisis.steps())
    repeated = {id(inner) for block in order if isinstance(block, Rounds) for inner in _inside(block)}
    for index, step in enumerate(order):
        if not isinstance(step, Chance | Move | State) or step.name in named:
            continue
        later = [other for other in order[index + 1 :] if isinstance(other, Move)]
        if id(step) in repeated:
            later += [other for other in order[:index] if isinstance(other, Move) and id(other) in repeated]
        told = {
            actor
            for other in order[index:]
            if isinstance(other, Tell) and other.step == step.name
            for actor in other.to
        }
        if not any(move.by in step.seen_by | told for move in later):
            yield Fault(step.place, f"no later mover sees '{step.name}' and nothing names it: it changes nothing")


def _inside(block: Rounds) -> Iterator[Step]:
    for step in block.steps:
        yield step
        if isinstance(step, Together):
            yield from step.steps


def _idle_hidden_facts(crisis: Crisis) -> Iterator[Fault]:
    """Hidden chance steps on which, by what names what, no ending can depend."""
    parents: dict[str, set[str]] = {}
    for step in crisis.steps():
        if isinstance(step, Chance | Move | State):
            parents[step.name] = set().union(*(expression.names for expression in step_expressions(step)))
        elif isinstance(step, Together | Rounds):
            shared = set().union(*(expression.names for expression in step_expressions(step)))
            for inner in _inside(step) if isinstance(step, Rounds) else step.steps:
                if isinstance(inner, Chance | Move | State):
                    parents.setdefault(inner.name, set()).update(shared)
    for step in crisis.steps():
        if isinstance(step, Move):
            parents[step.name].update(*(term.pays.names for term in crisis.terms if term.actor == step.by))
            tells = (
                tell for tell in crisis.steps() if isinstance(tell, Tell) and step.by in tell.to and tell.condition
            )
            parents[step.name].update(*(tell.condition.names for tell in tells if tell.condition))
    reached = set().union(*(ending.condition.names for ending in crisis.endings if ending.condition))
    frontier = list(reached)
    while frontier:
        fresh = parents.get(frontier.pop(), set()) - reached
        reached |= fresh
        frontier.extend(fresh)
    everybody = frozenset(crisis.actors)
    for step in crisis.steps():
        if isinstance(step, Chance) and step.seen_by != everybody and step.name not in reached:
            yield Fault(step.place, f"the hidden fact '{step.name}' changes no ending")


def _lonely_options(crisis: Crisis) -> Iterator[Fault]:
    """Values that some rows of odds leave out: they have odds of zero there, or are misspelt."""
    for step in crisis.named.values():
        if isinstance(step, Chance):
            for row in step.odds.rows:
                absent = [option for option in step.options if option not in row.entries]
                if absent:
                    yield Fault(
                        row.place, f"this row of '{step.name}' gives no odds for {listed(absent)}; they count as 0 here"
                    )
