"""Selecting information sets by a move, a round of it, and what its mover knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offramp.common.errors import UsageError
from offramp.common.words import expected, listed, nearest
from offramp.crisis.steps import Move
from offramp.game.game import Game


def sets_of(game: Game, move: str) -> list[int]:
    """The indices of a move's information sets that lie ahead; of one round of it if `move` names it (`reply@2`)."""
    name, at, number = move.partition("@")
    moves = [step.key for step in game.crisis.steps() if isinstance(step, Move)]
    if name not in moves:
        raise UsageError(f"unknown move '{name}'{expected(name, moves)}")
    sets = [held for held, situation in enumerate(game.situations) if situation.move == name]
    if not sets:
        raise UsageError(f"play never gets to '{name}'")
    past = game.crisis.past
    sets = [held for held in sets if (name, game.situations[held].round) not in past]
    if not sets or (name, number) in {(step, str(round_)) for step, round_ in past}:
        raise UsageError(f"'{move}' is past: as of now, `why` is about moves that are still ahead")
    if not at:
        return sets
    rounds = sorted({game.situations[held].round for held in sets})
    kept = [held for held in sets if str(game.situations[held].round) == number]
    if not kept:
        has = f"it is made in round {listed(map(str, rounds))}" if rounds != [0] else "it is not made in rounds"
        raise UsageError(f"'{name}' has no round '{number}': {has}")
    return kept


def knowing(game: Game, sets: Sequence[int], sees: Mapping[str, str]) -> list[int]:
    """Those of some information sets whose mover knows the given facts."""
    situations = game.situations
    labels = list(dict.fromkeys(label for held in sets for label in situations[held].sees))
    name = situations[sets[0]].move
    kept = list(sets)
    for label, value in sees.items():
        if label not in labels:
            mover = game.crisis.actors[situations[sets[0]].actor].name
            seen = f"it sees {listed(labels, 40)}" if labels else "it sees nothing"
            raise UsageError(f"{mover} does not see '{label}' at {name}{nearest(label, labels)} ({seen})")
        seeing = [held for held in sets if label in situations[held].sees]
        known = {situations[held].text(label): situations[held].sees[label] for held in seeing}
        meant = _meant(known, value)
        if not meant:
            raise UsageError(f"'{label}' is never '{value}' at {name}; it is {listed(known, 20)}")
        kept = [held for held in kept if label in situations[held].sees and situations[held].text(label) in meant]
    if not kept:
        together = listed(f"{label} = {value}" for label, value in sees.items())
        raise UsageError(f"no situation of {name} has {together} together")
    return kept


def _meant(known: Mapping[str, str | float], value: str) -> set[str]:
    """The texts of what is asked for, as it is shown or by its number; several if no float tells them apart."""
    if value in known:
        return {value}
    number = _number(value)
    exact = {text for text, one in known.items() if one == number}
    return exact or {text for text, one in known.items() if one != text and _number(text) == number}


def _number(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value
