"""Signs that a drafted game is degenerate, found by solving some draws of it, and told by record without a probability.

A second look is to judge assumptions, so it must not learn how likely the endings are.
"""

from __future__ import annotations

from collections.abc import Iterator

from offramp.common.errors import OfframpError
from offramp.draft.brief_checks import RecordFault
from offramp.draft.brief_records import DraftBrief
from offramp.game.game import Game


def signs_of(brief: DraftBrief, game: Game) -> tuple[RecordFault, ...]:
    """Options hardly ever chosen, moves whose best option never varies, endings hardly ever reached, equal terms.

    Where there are several equilibria, only what holds in all that are found from a few starts.
    A game too large to be solved here has only signs that need no solving.
    """
    return (*_solved(game), *_equal_terms(brief))


def _solved(game: Game) -> Iterator[RecordFault]:
    from offramp.study.degenerate import always_best, draws_for, examined, hardly_reached, in_all, never_chosen  # slow

    draws = draws_for(game)
    try:
        found = in_all(examined(game, draws)[0]) if draws else None
    except OfframpError as error:  # a number that only some draws have, such as odds above 1
        yield RecordFault("", str(error))
        return
    if found is None or not found.draws:
        return
    for move, options in never_chosen(game, found):
        for option in options:
            yield RecordFault(f"options.{move.key}.{option}", "it is hardly ever chosen, in any situation")
    for move, best in always_best(game, found):
        if best is not None:
            message = (
                f"'{best}' is the best option in every situation: nothing that is uncertain or hidden matters to it"
            )
            yield RecordFault(f"moves.{move.key}", message)
    for ending, _ in hardly_reached(game, found):
        yield RecordFault(f"endings.{ending.key}", "it hardly ever comes about")


def _equal_terms(brief: DraftBrief) -> Iterator[RecordFault]:
    """Payoff terms that every actor has alike."""
    actors = {stake.actor for stake in brief.stakes}
    having: dict[tuple[str, str], dict[str, str]] = {}
    for stake in brief.stakes:
        having.setdefault(("".join(stake.pays.split()), stake.when), {}).setdefault(stake.actor, stake.id)
    for of_actor in having.values():
        if len(actors) > 1 and of_actor.keys() == actors:
            for id_ in of_actor.values():
                yield RecordFault(
                    f"stakes.{id_}", "every actor has this payoff term alike, as if it meant the same to all"
                )
