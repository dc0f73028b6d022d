"""The claims of forecasts from a crisis.

They are English in every language: a ledger tells by the claim which forecasts are of one question.
"""

from __future__ import annotations

from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of


def ending_claim(crisis: Crisis, ending: str) -> str:
    """The claim that play ends so."""
    return f"{crisis.title}: the ending is {names_of(crisis).endings[ending]}"


def option_claim(crisis: Crisis, actor: str, move: str, number: int, option: str) -> str:
    """The claim that an actor takes an option of a move; `number` is a round, 0 outside rounds."""
    called = names_of(crisis)
    where = f"{called.steps[move]} in round {number}" if number else called.steps[move]
    taken = called.option(move, option)
    return f"{crisis.title}: {called.actors[actor]}, {where}: {taken} (void if the move is not made)"
