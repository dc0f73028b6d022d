"""Warnings that need no game: parts of a crisis that break no rule but are likely a mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from offramp.common.words import listed, nearest_word
from offramp.crisis.checks.date_warnings import date_warnings
from offramp.crisis.checks.idleness import idle_hidden_facts, step_expressions
from offramp.crisis.expressions.expression import Binary, Compare, Expression, Is, Name, Unary, walk
from offramp.crisis.faults import Fault
from offramp.crisis.inputs import idle_correlations
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Reason, Rounds, State, Tell, Together, flattened

_LET_IT_MATTER = (
    "let an ending, odds that come later or the payoffs of a mover who sees it depend on it, or leave it out"
)


def static_warnings(crisis: Crisis, default_viewers: Mapping[str, frozenset[str]]) -> Crisis:
    """The crisis with more warnings; `default_viewers` are the actors who see everything that a state names."""
    unseen = list(_unseen_values(crisis))
    warnings = [
        *crisis.warnings,
        *_without_reason(crisis),
        *_unused_inputs(crisis),
        *_idle_actors(crisis),
        *_idle_correlations(crisis),
        *_wider_states(crisis, default_viewers),
        *(_fault_of_unseen(step) for step in unseen),
        *(
            Fault(crisis.named[name].place, f"the hidden fact '{name}' changes no ending: {_LET_IT_MATTER}")
            for name in idle_hidden_facts(crisis)
            if all(step.key != name for step in unseen)
        ),
        *_absent_values(crisis),
        *_compared_products(crisis),
        *_equal_payoffs(crisis),
        *_closed_for_good(crisis),
        *_nothing_left_to_reach(crisis),
        *date_warnings(crisis),
    ]
    return replace(crisis, warnings=tuple(sorted(set(warnings))))


def _named(expressions: Iterable[Expression]) -> set[str]:
    return {name for expression in expressions for name in expression.names}


def _payments(crisis: Crisis) -> Iterator[Expression]:
    """What the payoff terms and the measures pay."""
    yield from (term.pays for term in crisis.terms)
    yield from (measure.pays for measure in crisis.measures)


def _ending_names(crisis: Crisis) -> set[str]:
    return _named(ending.condition for ending in crisis.endings if ending.condition is not None)


def _without_reason(crisis: Crisis) -> Iterator[Fault]:
    for entry in crisis.inputs.values():
        if entry.of_actor is None and not entry.recorded and entry.reason == Reason():
            yield Fault(entry.place, f"input '{entry.key}' has neither a reason (`because`) nor a source (`cite`)")


def names_in_use(crisis: Crisis) -> set[str]:
    """What steps, payments, rationalities and levers name; a lever's own input in what it sets it to does not count."""
    used = _named(expression for step in crisis.steps() for expression in step_expressions(step))
    used |= _named(_payments(crisis))
    used |= _named(actor.rationality for actor in crisis.actors.values())
    for lever in crisis.levers.values():
        for name, expression in lever.sets.items():
            used |= expression.names - {name}
    return used


def _unused_inputs(crisis: Crisis) -> Iterator[Fault]:
    used = names_in_use(crisis)
    for entry in crisis.inputs.values():
        if entry.key not in used and not entry.recorded:
            yield Fault(entry.place, f"input '{entry.key}' is not used")


def _idle_actors(crisis: Crisis) -> Iterator[Fault]:
    """Actors who never move and to whom nothing is paid: what they see and believe changes nothing."""
    acting = {step.by for step in crisis.steps() if isinstance(step, Move)} | {term.actor for term in crisis.terms}
    for actor in crisis.actors.values():
        if actor.key not in acting:
            message = f"actor '{actor.key}' has no move and no payoffs, so it changes nothing"
            yield Fault(actor.place, f"{message}; give it one, or leave it out")


def _nothing_left_to_reach(crisis: Crisis) -> Iterator[Fault]:
    """The endings if each is to be avoided: together they have all the probability, whatever the levers do."""
    first, *others = crisis.endings
    if others and all(ending.avoid for ending in crisis.endings):
        yield Fault(first.place, "every ending is marked `avoid`, so no lever can help; leave the better ones unmarked")


def _idle_correlations(crisis: Crisis) -> Iterator[Fault]:
    for pair, message in idle_correlations(crisis).items():
        yield Fault(pair.place, message)


def _wider_states(crisis: Crisis, default_viewers: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    for step in crisis.named.values():
        if isinstance(step, State):
            wider = sorted(step.seen_by - default_viewers[step.key])
            if wider:
                message = f"state '{step.key}' shows {listed(wider)} more than they can see of the values it names"
                yield Fault(step.place, message)


def _unseen_values(crisis: Crisis) -> Iterator[Chance | Move | State]:
    """Steps whose value no later mover sees and no expression names."""
    order = list(crisis.steps())
    named = _named(_payments(crisis)) | _ending_names(crisis)
    for step in order:
        own = {step.key} if isinstance(step, State) else set()
        named |= _named(step_expressions(step)) - own
    last_move = {step.by: index for index, step in enumerate(order) if isinstance(step, Move)}
    tell_index: dict[str, dict[str, int]] = defaultdict(dict)
    seen_after: dict[str, int] = {}
    remembered_by: dict[str, set[str]] = {}
    for index, step in enumerate(order):
        if isinstance(step, Tell):
            for actor in step.to:
                tell_index[step.step].setdefault(actor, index)
        elif isinstance(step, Together):
            seen_after |= {sibling.key: index + len(step.steps) for sibling in step.steps}
        elif isinstance(step, Rounds) and step.count > 1:
            movers = {inner.by for inner in flattened(step.steps) if isinstance(inner, Move)}
            remembering = {actor for actor in movers if crisis.actors[actor].memory == "recall"}
            for inner in flattened(step.steps):
                if isinstance(inner, Chance | Move | State):
                    remembered_by[inner.key] = movers if isinstance(inner, State) else remembering
    for index, step in enumerate(order):
        if isinstance(step, Chance | Move | State) and step.key not in named:
            audience = tell_index[step.key] | dict.fromkeys(step.seen_by, seen_after.get(step.key, index))
            rememberers = remembered_by.get(step.key, set())
            if not any(last_move.get(actor, -1) > since or actor in rememberers for actor, since in audience.items()):
                yield step


def _fault_of_unseen(step: Chance | Move | State) -> Fault:
    return Fault(step.place, f"'{step.key}' changes nothing: no later mover sees it and nothing names it")


def _compared_products(crisis: Crisis) -> Iterator[Fault]:
    """Terms that compare a product with something and pay 1 or 0: the comparison likely lacks parentheses."""
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
                message = f"payoff term '{term.key}' of {term.actor} is 1 or 0, as arithmetic comes before comparison"
                yield Fault(
                    term.pays.place,
                    f"{message}; to multiply by a comparison, put parentheses around it, as in 2 * (x == 1)",
                )


def _equal_payoffs(crisis: Crisis) -> Iterator[Fault]:
    """That all actors have the same payoff terms: then nobody wants anything else than the others."""
    paid: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for term in crisis.terms:
        paid[term.actor].append((term.pays.text, -1 if term.each_round is None else term.each_round))
    if len(paid) > 1 and len({tuple(sorted(terms)) for terms in paid.values()}) == 1:
        second = next(term for term in crisis.terms if term.actor != crisis.terms[0].actor)
        message = f"{listed(paid)} have the same payoff terms, so nobody wants anything that the others do not"
        yield Fault(second.place, f"{message}; write what each of them wants for itself")


def _absent_values(crisis: Crisis) -> Iterator[Fault]:
    """Values that some rows of odds leave out: their odds are zero there, or they are misspelt."""
    named = _named_options(crisis)
    for step in crisis.named.values():
        if isinstance(step, Chance):
            for row in step.odds.rows:
                absent = [option for option in step.options if option not in row.entries]
                usual = [option for option in absent if (step.key, option) in named]
                unnamed = [option for option in row.entries if usual and (step.key, option) not in named]
                meant = [(option, nearest_word(option, usual)) for option in unnamed]
                hints = "".join(f"; did you mean '{close}' by '{option}'?" for option, close in meant if close)
                if absent:
                    message = f"this row of '{step.key}' gives no odds for {listed(absent)}; they count as 0 here"
                    yield Fault(row.place, message + hints)


def _named_options(crisis: Crisis) -> set[tuple[str, str]]:
    """The options that expressions name, each with its step."""
    expressions = [expression for step in crisis.steps() for expression in step_expressions(step)]
    expressions += _payments(crisis)
    expressions += [ending.condition for ending in crisis.endings if ending.condition is not None]
    nodes = (node for expression in expressions for node in walk(expression.root) if isinstance(node, Is))
    return {(node.step, option) for node in nodes for option in node.options}


def _closed_for_good(crisis: Crisis) -> Iterator[Fault]:
    """Closed options that no lever allows: they are available to nobody."""
    for step in crisis.named.values():
        if isinstance(step, Move):
            allowed = {option for lever in crisis.levers.values() for option in lever.allows.get(step.key, ())}
            for option in step.closed:
                if option not in allowed:
                    yield Fault(step.place, f"option '{option}' of '{step.key}' is closed, and no lever allows it")
