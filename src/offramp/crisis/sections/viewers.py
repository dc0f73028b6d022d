"""Who sees steps and states: reads lists of actors, and derives the viewers of states from what they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from offramp.common.words import expected, listed, nearest_key
from offramp.crisis.sections.naming import Namespace
from offramp.crisis.steps import Chance, Move, Rounds, State, Step, flattened
from offramp.crisis.text.document import Scalar

Viewers = Mapping[str, frozenset[str]]


def actors_named(names: Namespace, words: Iterable[Scalar], where: str) -> tuple[str, ...]:
    """The actors in a list; an unknown or repeated actor is a fault."""
    actors: dict[str, None] = {}
    for word in words:
        if not names.may_be(word, "actor"):
            unknown_actor(names, word, where)
        elif word in actors:
            names.fault(word.place, f"'{word}' appears twice in {where}")
        else:
            actors[str(word)] = None
    return tuple(actors)


def unknown_actor(names: Namespace, word: Scalar, where: str) -> None:
    """Report an unknown actor, unless the file's actors could not be read."""
    actors = names.of_kind("actor")
    if actors:
        hint = nearest_key(word, {actor: names.called.get(actor, actor) for actor in actors}) or expected(word, actors)
        names.fault(word.place, f"unknown actor '{word}' in {where}{hint}")


def with_state_viewers(
    steps: tuple[Step, ...], everybody: frozenset[str], given: Viewers
) -> tuple[tuple[Step, ...], Viewers]:
    """Set the viewers of each state: the actors who see everything it names, unless the file gives them.

    States may name each other. The result is the largest consistent one, found by removing viewers until nothing
    changes.

    Returns
    -------
    The steps, and for every state the actors who see everything it names, even if the file gives other viewers.
    """
    states = {step.key: step for step in flattened(steps) if isinstance(step, State)}
    viewers = {step.key: step.seen_by for step in flattened(steps) if isinstance(step, Chance | Move)}
    viewers |= {name: given.get(name, everybody) for name in states}
    named_by: dict[str, list[str]] = defaultdict(list)
    for name, state in states.items():
        for other in _named(state):
            named_by[other].append(name)

    def default_viewers(state: State) -> frozenset[str]:
        seen = everybody
        for other in _named(state):
            if not seen <= viewers.get(other, everybody):
                seen &= viewers[other]
        return seen

    pending = [name for name in states if name not in given]
    while pending:
        name = pending.pop()
        seen = default_viewers(states[name])
        if seen != viewers[name]:
            viewers[name] = seen
            pending += [other for other in named_by[name] if other not in given]
    return _with_viewers(steps, viewers), {name: default_viewers(state) for name, state in states.items()}


def _named(state: State) -> frozenset[str]:
    conditions = state.condition.names if state.condition else frozenset()
    return (state.start.names | state.becomes.names | conditions) - {state.key, "round"}


def _with_viewers(steps: tuple[Step, ...], viewers: Viewers) -> tuple[Step, ...]:
    updated: list[Step] = []
    for step in steps:
        if isinstance(step, State):
            updated.append(replace(step, seen_by=viewers[step.key]))
        elif isinstance(step, Rounds):
            updated.append(replace(step, steps=_with_viewers(step.steps, viewers)))
        else:
            updated.append(step)
    return tuple(updated)


def check_until(names: Namespace, steps: tuple[Step, ...], everybody: frozenset[str]) -> None:
    """Check that every `until` names only what everyone sees."""
    seen_by = {step.key: step.seen_by for step in flattened(steps) if isinstance(step, Chance | Move | State)}
    for block in steps:
        if isinstance(block, Rounds) and block.until is not None:
            for name, place in block.until.places.items():
                blind = sorted(everybody - seen_by.get(name, everybody))
                if blind:
                    names.fault(place, f"`until` may name only what everyone sees; {listed(blind)} cannot see '{name}'")
