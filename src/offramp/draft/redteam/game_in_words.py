"""A crisis in words, for a model that looks for what is missing: its parts by key and name, without its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Rounds, State, Step, Tell, Together


def game_in_words(crisis: Crisis) -> Iterator[str]:
    """The lines: what it is about, actors and what counts for them, the order of play, endings and levers.

    No probability, payoff or distribution is among them, so that a model does not learn what comes of the game.
    """
    yield f"title: {crisis.title}"
    if crisis.summary:
        yield f"about: {crisis.summary}"
    for key, actor in crisis.actors.items():
        terms = listed((term.name for term in crisis.terms if term.actor == key), 12)
        wants = f": {actor.says}" if actor.says else ""
        yield f"actor {actor.name} (key {key}){wants}{f'; what counts for it: {terms}' * bool(terms)}"
    yield from _steps(crisis, crisis.timeline)
    for ending in crisis.endings:
        yield f"ending (the first that fits counts): {ending.name}{_explained(ending.says)}"
    for lever in crisis.levers.values():
        yield f"lever: {lever.name}{_explained(lever.says)}"


def _steps(crisis: Crisis, steps: Iterable[Step], when: str = "") -> Iterator[str]:
    for step in steps:
        if isinstance(step, Rounds):
            yield from _steps(crisis, step.steps, "; in each round")
        elif isinstance(step, Together):
            yield from _steps(crisis, step.steps, f"; at the same time as others{when}")
        elif isinstance(step, Chance | Move):
            who = f"{crisis.actors[step.by].name} chooses" if isinstance(step, Move) else "nobody chooses"
            options = "; ".join(f"{option.name}{_explained(option.says)}" for option in step.option_details.values())
            kind = "move" if isinstance(step, Move) else "unknown"
            seen = _seen(crisis, step.seen_by)
            yield f"{kind} {step.name} (key {step.key}; {who}{when}; {seen}){_explained(step.says)}: {options}"
        elif isinstance(step, Tell):
            to = listed(crisis.actors[key].name for key in step.to)
            some = ", in some cases" if step.condition is not None else ""
            yield f"{crisis.named[step.step].name} is then told to {to}{some}"
        elif isinstance(step, State):
            yield f"remembered{when}: {step.name}{_explained(step.says)}"


def _seen(crisis: Crisis, seen_by: Iterable[str]) -> str:
    actors = [key for key in crisis.actors if key in seen_by]
    if len(actors) == len(crisis.actors):
        return "everybody sees it"
    return f"seen by {listed(crisis.actors[key].name for key in actors)}" if actors else "nobody sees it"


def _explained(says: str | None) -> str:
    return f" ({says})" if says else ""
