"""Finds endings that no choice leads to, and actors that see everything, want nothing or never move."""

from __future__ import annotations

from collections.abc import Iterator

from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.checks.idleness import named_by_steps
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Move, State
from offramp.draft.redteam.weak_point import WeakPoint
from offramp.game.game import Game


def out_of_reach(game: Game) -> Iterator[WeakPoint]:
    """Endings that no move can bring about, and actors that do not take part."""
    yield from _nobodys_endings(game)
    yield from _idle_actors(game.crisis)
    yield from _all_seeing(game.crisis)


def _nobodys_endings(game: Game) -> Iterator[WeakPoint]:
    """Endings that depend on no move: neither their condition nor one above it, nor what these depend on.

    The first ending whose condition holds counts, so an ending depends on the conditions above it, too. Endings that
    are never reached are left to `offramp check`.
    """
    crisis = game.crisis
    uses = named_by_steps(crisis)
    named: set[str] = set()
    for ending, state in zip(crisis.endings, game.ending_states, strict=True):
        pending = list(ending.condition.names) if ending.condition is not None else []
        while pending:
            name = pending.pop()
            if name not in named:
                named.add(name)
                pending += uses.get(name, ())
        by_choice = any(isinstance(crisis.named.get(name), Move) for name in named)
        if not by_choice and state == "reached" and len(crisis.endings) > 1:
            yield WeakPoint(
                "ending",
                f"endings.{ending.key}",
                tr(
                    "no choice has any part in whether it ends in {ending}: that depends on chance alone",
                    ending=ending.name,
                ),
                tr("whose choice leads to it or keeps it away, by the document"),
                (ending.place.line,),
            )


def _idle_actors(crisis: Crisis) -> Iterator[WeakPoint]:
    moving = {step.by for step in crisis.named.values() if isinstance(step, Move)}
    paid = {term.actor for term in crisis.terms}
    for key, actor in crisis.actors.items():
        if key not in moving:
            yield WeakPoint(
                "actor",
                f"actors.{key}",
                tr("{actor} never moves: what it wants and what it sees change nothing", actor=actor.name),
                tr("a choice that it has by the document; or leave it out"),
                (actor.place.line,),
            )
        elif key not in paid:
            yield WeakPoint(
                "actor",
                f"payoffs.{key}",
                tr(
                    "{actor} wants nothing: it has no payoff term, so all its options are equally good to it",
                    actor=actor.name,
                ),
                tr("what it gains and loses by the document"),
                (actor.place.line,),
            )


def _all_seeing(crisis: Crisis) -> Iterator[WeakPoint]:
    """Actors to which nothing is hidden, though something is to others; or that nothing is hidden to anybody."""
    steps = [step for step in crisis.named.values() if not isinstance(step, State)]
    hidden = [step for step in steps if len(step.seen_by) < len(crisis.actors)]
    if not hidden:
        if len(crisis.actors) > 1:
            yield WeakPoint(
                "actor",
                "timeline",
                tr("everybody sees everything: no fact and no earlier move is hidden from anybody"),
                tr("what somebody does not know, by the document: a red line, a plan, what a message meant"),
                (min(step.place for step in steps).line,) if steps else (),
            )
        return
    moving = {step.by for step in steps if isinstance(step, Move)}
    for key, actor in crisis.actors.items():
        told = {tell.step for tell in crisis.tells if key in tell.to and tell.condition is None}
        if key in moving and all(key in step.seen_by or step.key in told for step in hidden):
            yield WeakPoint(
                "actor",
                f"actors.{key}.sees",
                trn(
                    "nothing is hidden from {actor}: it sees {steps} too, which is hidden from others",
                    "nothing is hidden from {actor}: it sees {steps} too, which are hidden from others",
                    len(hidden),
                    actor=actor.name,
                    steps=listed((step.name for step in hidden), 4),
                ),
                tr("what it does not know, by the document; or how it would know all that"),
                (actor.place.line, *sorted(step.place.line for step in hidden)),
            )
