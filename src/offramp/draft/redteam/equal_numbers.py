"""Finds numbers that are equal across actors or things: payoff terms, rationalities, distributions of inputs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from offramp.common.texts import tr
from offramp.common.words import cut, listed
from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    Compare,
    Is,
    Linear,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    children,
    walk,
)
from offramp.crisis.model import Crisis
from offramp.crisis.names import possessive
from offramp.crisis.parts import DEFAULT_RATIONALITY, Actor, Input, Term
from offramp.crisis.steps import Move
from offramp.draft.redteam.weak_point import WeakPoint, lines_of

Part = TypeVar("Part", Term, Actor, Input)
MOST_SHOWN = 60
"""Maximum number of characters of an expression that are shown."""
UNIT = (0, 1)
"""A payoff term with no other numbers sets the unit of its actor's scale, so it is not compared."""


def equal_numbers(crisis: Crisis) -> Iterator[WeakPoint]:
    """Payoff terms, rationalities and distributions that are equal for several actors or things.

    If all actors have all their payoff terms alike, the terms are left to `offramp check`, which says so.
    """
    yield from _equal_terms(crisis)
    yield from _equal_rationalities(crisis)
    yield from _equal_inputs(crisis)


def _equal_terms(crisis: Crisis) -> Iterator[WeakPoint]:
    same = _grouped(crisis.terms, lambda term: (shape(term.pays.root), term.each_round))
    whose = defaultdict(set)
    for key, group in same.items():
        for term in group:
            whose[term.actor].add(key)
    if len(whose) > 1 and len(set(map(frozenset, whose.values()))) == 1:
        return
    for group in same.values():
        actors = _actors(group)
        if len(actors) > 1 and group[0].pays.names:
            yield _of_terms(group, _same_term(_whose(crisis, actors), _shown(group[0]), len(actors)))
    forms = _grouped(crisis.terms, lambda term: (shape(term.pays.root, {}), term.each_round))
    for group in forms.values():
        distinct = list({shape(term.pays.root): term for term in group}.values())
        actors = _actors(distinct)
        if len(distinct) > 1 and len(actors) > 1 and _has_size(distinct[0], crisis):
            shown = listed((_shown(term) for term in distinct), 3)
            yield _of_terms(
                distinct,
                tr("{actors} payoffs have the same sizes in {terms}", actors=_whose(crisis, actors), terms=shown),
            )


def _same_term(whose: str, term: str, actors: int) -> str:
    if actors == 2:
        return tr(
            "{actors} payoffs have the same term, {term}: it is worth as much to both in every draw",
            actors=whose,
            term=term,
        )
    return tr(
        "{actors} payoffs have the same term, {term}: it is worth as much to all of them in every draw",
        actors=whose,
        term=term,
    )


def _of_terms(terms: Sequence[Term], says: str) -> WeakPoint:
    about = ", ".join(f"payoffs.{term.actor}.{term.key}" for term in terms)
    answer = tr("a reason why it weighs the same for them, or an input of its own for each")
    return WeakPoint("equal numbers", about, says, answer, lines_of(term.place for term in terms))


def _equal_rationalities(crisis: Crisis) -> Iterator[WeakPoint]:
    movers = {step.by for step in crisis.named.values() if isinstance(step, Move)}
    actors = [actor for key, actor in crisis.actors.items() if key in movers]
    for group in _grouped(actors, lambda actor: _rationality(crisis, actor)).values():
        if len(group) > 1:
            names = listed(actor.name for actor in group)
            shown = cut(_rationality_in_words(crisis, group[0]), MOST_SHOWN)
            yield WeakPoint(
                "equal numbers",
                ", ".join(f"actors.{actor.key}.rationality" for actor in group),
                tr(
                    "{actors} have the same rationality, {rationality}: each is as sure to take the better option as "
                    "the others",
                    actors=names,
                    rationality=shown,
                ),
                tr("what the document or other cases say of how surely each of them decides"),
                lines_of(actor.place for actor in group),
            )


def _rationality(crisis: Crisis, actor: Actor) -> Hashable:
    own = crisis.inputs.get(f"{actor.key}.rationality")
    return str(own.distribution) if own is not None else shape(actor.rationality.root)


def _rationality_in_words(crisis: Crisis, actor: Actor) -> str:
    own = crisis.inputs.get(f"{actor.key}.rationality")
    if own is not None:
        return str(own.distribution)
    if actor.rationality.text == f"{DEFAULT_RATIONALITY:g}":
        return tr("{number} (the default)", number=actor.rationality.text)
    return actor.rationality.text


def _equal_inputs(crisis: Crisis) -> Iterator[WeakPoint]:
    own = [entry for entry in crisis.inputs.values() if entry.of_actor is None and not entry.recorded]
    for group in _grouped(own, lambda entry: str(entry.distribution)).values():
        if len(group) > 1:
            yield WeakPoint(
                "equal numbers",
                ", ".join(f"inputs.{entry.key}" for entry in group),
                tr(
                    "{inputs} have the same distribution, {distribution}, and stand for different things",
                    inputs=listed(entry.name for entry in group),
                    distribution=group[0].distribution,
                ),
                tr("a reason for each of them by itself, or one input if they are one thing"),
                lines_of(entry.place for entry in group),
            )


def shape(node: Node, renamed: dict[Hashable, int] | None = None) -> Hashable:
    """An expression without positions in the text; with `renamed`, steps and their options count by first use.

    Two expressions are equal if their shapes are. With `renamed`, which begins empty, they are equal but for the steps
    that they are about.
    """
    match node:
        case Number(value=value):
            return ("number", value)
        case Name(name=name) | Linear(name=name):
            return ("name", name)
        case Is(step=step, codes=codes, negated=negated):
            if renamed is None:
                return ("is", step, codes, negated)
            first = renamed.setdefault(step, len(renamed))
            return ("is", first, tuple(renamed.setdefault((step, code), len(renamed)) for code in codes), negated)
        case Unary(operator=operator) | Binary(operator=operator) | Logic(operator=operator):
            how: Hashable = operator
        case Compare(operators=operators):
            how = operators
        case Member(negated=negated):
            how = negated
        case Call(function=function):
            how = function
        case _:
            how = ""
    return (type(node).__name__, how, *(shape(child, renamed) for child in children(node)))


def _has_size(term: Term, crisis: Crisis) -> bool:
    """Whether a term has a number besides the unit, or an input."""
    nodes = list(walk(term.pays.root))
    return any(isinstance(node, Number) and node.value not in UNIT for node in nodes) or any(
        isinstance(node, Linear) or (isinstance(node, Name) and node.name in crisis.inputs) for node in nodes
    )


def _grouped(parts: Iterable[Part], key: Callable[[Part], Hashable]) -> Mapping[Hashable, list[Part]]:
    groups: dict[Hashable, list[Part]] = {}
    for part in parts:
        groups.setdefault(key(part), []).append(part)
    return groups


def _actors(terms: Iterable[Term]) -> list[str]:
    return list(dict.fromkeys(term.actor for term in terms))


def _whose(crisis: Crisis, actors: Iterable[str]) -> str:
    return listed(possessive(crisis.actors[key].name) for key in actors)


def _shown(term: Term) -> str:
    return f"`{cut(term.pays.text, MOST_SHOWN)}`"
