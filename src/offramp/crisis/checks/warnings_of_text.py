"""Warnings that need no game: what in a crisis is likely not meant, though it breaks no rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from offramp.common.words import listed
from offramp.crisis.checks.idleness import idle_hidden_facts, step_expressions
from offramp.crisis.expressions.expression import Binary, Compare, Expression, Name, Unary, walk
from offramp.crisis.faults import Fault
from offramp.crisis.inputs import idle_correlations
from offramp.crisis.model import Chance, Crisis, Move, Rounds, State, Tell, Together, flattened


def static_warnings(crisis: Crisis, natural_viewers: Mapping[str, frozenset[str]]) -> Crisis:
    """The crisis with more warnings; `natural_viewers` are those who see everything that a state names."""
    unseen = list(_unseen_values(crisis))
    warnings = [
        *crisis.warnings,
        *_without_reason(crisis),
        *_unused_inputs(crisis),
        *_idle_correlations(crisis),
        *_wider_states(crisis, natural_viewers),
        *(_fault_of_unseen(step) for step in unseen),
        *(
            Fault(crisis.named[name].place, f"the hidden fact '{name}' changes no ending")
            for name in idle_hidden_facts(crisis)
            if all(step.name != name for step in unseen)
        ),
        *_absent_values(crisis),
        *_compared_products(crisis),
        *_observed_early(crisis),
    ]
    return replace(crisis, warnings=tuple(sorted(set(warnings))))


def _named(expressions: Iterable[Expression]) -> set[str]:
    return {name for expression in expressions for name in expression.names}


def _ending_names(crisis: Crisis) -> set[str]:
    return _named(ending.condition for ending in crisis.endings if ending.condition is not None)


def _without_reason(crisis: Crisis) -> Iterator[Fault]:
    for entry in crisis.inputs.values():
        if entry.of_actor is None and entry.reason.because is None and entry.reason.cite is None:
            yield Fault(entry.place, f"input '{entry.name}' has neither a reason (`because`) nor a source (`cite`)")


def _unused_inputs(crisis: Crisis) -> Iterator[Fault]:
    used = _named(expression for step in crisis.steps() for expression in step_expressions(step))
    used |= _named(term.pays for term in crisis.terms)
    used |= _named(actor.rationality for actor in crisis.actors.values())
    for lever in crisis.levers.values():
        for name, expression in lever.sets.items():
            used |= expression.names - {name}
    for entry in crisis.inputs.values():
        if entry.name not in used:
            yield Fault(entry.place, f"input '{entry.name}' is not used")


def _idle_correlations(crisis: Crisis) -> Iterator[Fault]:
    for pair, message in idle_correlations(crisis).items():
        yield Fault(pair.place, message)


def _wider_states(crisis: Crisis, natural_viewers: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    for step in crisis.named.values():
        if isinstance(step, State):
            wider = sorted(step.seen_by - natural_viewers[step.name])
            if wider:
                message = f"state '{step.name}' shows {listed(wider)} more than they see of what it names"
                yield Fault(step.place, message)


def _unseen_values(crisis: Crisis) -> Iterator[Chance | Move | State]:
    """Steps whose value no later mover sees and nothing names."""
    order = list(crisis.steps())
    named = _named(term.pays for term in crisis.terms) | _ending_names(crisis)
    for step in order:
        own = {step.name} if isinstance(step, State) else set()
        named |= _named(step_expressions(step)) - own
    last_move = {step.by: index for index, step in enumerate(order) if isinstance(step, Move)}
    told: dict[str, dict[str, int]] = defaultdict(dict)
    seen_from: dict[str, int] = {}
    move_again: dict[str, set[str]] = {}
    for index, step in enumerate(order):
        if isinstance(step, Tell):
            for actor in step.to:
                told[step.step].setdefault(actor, index)
        elif isinstance(step, Together):
            seen_from |= {sibling.name: index + len(step.steps) for sibling in step.steps}
        elif isinstance(step, Rounds) and step.count > 1:
            movers = {inner.by for inner in flattened(step.steps) if isinstance(inner, Move)}
            keepers = {actor for actor in movers if crisis.actors[actor].memory == "recall"}
            for inner in flattened(step.steps):
                if isinstance(inner, Chance | Move | State):
                    move_again[inner.name] = movers if isinstance(inner, State) else keepers
    for index, step in enumerate(order):
        if isinstance(step, Chance | Move | State) and step.name not in named:
            audience = told[step.name] | dict.fromkeys(step.seen_by, seen_from.get(step.name, index))
            again = move_again.get(step.name, set())
            if not any(last_move.get(actor, -1) > since or actor in again for actor, since in audience.items()):
                yield step


def _fault_of_unseen(step: Chance | Move | State) -> Fault:
    return Fault(step.place, f"no later mover sees '{step.name}' and nothing names it: it changes nothing")


def _compared_products(crisis: Crisis) -> Iterator[Fault]:
    """Terms that pay 1 or 0 for a product that equals something: a comparison likely lacks its brackets."""
    for term in crisis.terms:
        root = term.pays.root
        if isinstance(root, Compare) and root.operators in (("==",), ("!=",)):
            products = [
                side
                for side in root.operands
                if isinstance(side, Binary | Unary)
                and side.operator in ("*", "/", "-")
                and any(isinstance(part, Name) for part in walk(side))
            ]
            if products:
                message = (
                    f"payoff term '{term.name}' of {term.actor} is 1 or 0, as arithmetic comes before a comparison"
                )
                yield Fault(
                    term.pays.place, f"{message}; to multiply by one, put brackets round it, as in 2 * (x == 1)"
                )


def _absent_values(crisis: Crisis) -> Iterator[Fault]:
    """Values that some rows of odds leave out: they have odds of zero there, or are misspelt."""
    for step in crisis.named.values():
        if isinstance(step, Chance):
            for row in step.odds.rows:
                absent = [option for option in step.options if option not in row.entries]
                if absent:
                    message = f"this row of '{step.name}' gives no odds for {listed(absent)}; they count as 0 here"
                    yield Fault(row.place, message)


def _observed_early(crisis: Crisis) -> Iterator[Fault]:
    """Observations of days before the file's own: its numbers are likely to know of them already."""
    for entry in crisis.observed:
        if crisis.as_of is not None and entry.date < crisis.as_of:
            message = f"this is observed on {entry.date}, before `as_of` ({crisis.as_of})"
            yield Fault(entry.place, f"{message}; `observed` holds what has happened since that day")
