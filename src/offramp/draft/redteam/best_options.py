"""Finds choices that hardly depend on anything, endings that hardly happen, and levers that move nothing, by solving.

The draws are those of `offramp check`; what it finds is taken over as it says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from offramp.common.errors import OfframpError
from offramp.common.numerals import bound, percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.faults import Fault
from offramp.crisis.names import names_of
from offramp.crisis.steps import Move
from offramp.draft.redteam.weak_point import WeakPoint, warned
from offramp.game.game import Game
from offramp.study.degenerate import (
    MOST_NODES,
    NEVER_REACHED,
    SEED,
    Tallied,
    always_best,
    draws_for,
    examined,
    idle_choices,
    in_all,
    never_chosen,
    odd_wants,
    rare_endings,
)
from offramp.study.interventions.levers_study import levers_at
from offramp.study.options_apart import moves_of
from offramp.study.scenarios import drawn_inputs

NEARLY_ALWAYS = 0.95
"""A move is pointed out if one option is the best in this share of its situations and draws, or in more."""
HARDLY_DIFFERS = 0.001
"""A move is pointed out if no option's probability differs by more than this between what its actor may have seen."""
OTHERWISE = tr("what the document says of when the actor would do otherwise")
MOST_FOR_LEVERS = 8 * MOST_NODES
"""Maximum number of nodes times draws for all levers together."""


@dataclass(frozen=True)
class BestOption:
    """How often an option is the best of its move: in `best` of `asked`, the situations and draws with several.

    `called`, `option_called`: the names of the move and of the option.
    """

    move: str
    option: str
    best: int
    asked: int
    called: str
    option_called: str


@dataclass(frozen=True)
class Solving:
    """What solving some draws shows; `draws`: how many were solved, 0 if the game is too large for it or has faults.

    `trouble`: why nothing was solved; `levers_left_out`: whether there are too many levers to try.
    """

    draws: int = 0
    points: tuple[WeakPoint, ...] = ()
    options: tuple[BestOption, ...] = ()
    trouble: str = ""
    levers_left_out: bool = False


def solving(game: Game) -> Solving:
    """Solve some draws of a game, and say what is weak in what they show."""
    draws = draws_for(game)
    if not draws:
        return Solving(trouble=tr("The game is too large to be solved here: nothing is said of choices and levers."))
    try:
        equilibria, lasting = examined(game, draws)
        found = equilibria[0]
        if not found.draws:
            return Solving(trouble=tr("No draw converged: nothing is said of choices and levers."))
        room = MOST_FOR_LEVERS // max(game.size.nodes * draws, 1)
        trying = bool(game.crisis.levers) and len(game.crisis.levers) <= room
        points = [
            *_choices(game, equilibria, lasting),
            *_endings(game, found, lasting),
            *(_levers(game, draws) if trying else ()),
        ]
    except OfframpError as error:  # a number that only some draws have, such as odds above 1
        return Solving(trouble=tr("Some draw cannot be solved: {error}", error=error))
    return Solving(found.draws, tuple(points), _options(game, found), "", bool(game.crisis.levers) and not trying)


def _choices(game: Game, equilibria: Sequence[Tallied], lasting: Sequence[Fault]) -> Iterator[WeakPoint]:
    """What is weak in choices, in all equilibria found; `lasting`: what the check says, which holds in all, too."""
    crisis, names, found = game.crisis, names_of(game.crisis), in_all(equilibria)
    for fault in idle_choices(game, equilibria[0]):
        if fault in lasting:
            yield warned("best option", fault, OTHERWISE)
    for number, ((move, always), (_, idle)) in enumerate(
        zip(always_best(game, found), never_chosen(game, found), strict=True)
    ):
        actor, asked, called = crisis.actors[move.by].name, int(equilibria[0].asked[number]), names.step(move.key)
        cases = tr(
            "{asked} cases ({draws} draws, and all that {actor} may know)",
            asked=f"{asked:,}",
            draws=found.draws,
            actor=actor,
        )
        leading = int(found.best[number].argmax())
        share = min(one.best[number][leading] / max(int(one.asked[number]), 1) for one in equilibria)
        if always is None and share >= NEARLY_ALWAYS:
            best = names.option(move.key, move.options[leading])
            yield WeakPoint(
                "best option",
                f"timeline.{move.key}",
                tr(
                    "{move}: {option} is the best option in {share} of {cases}, so that hardly anything makes {actor} "
                    "choose otherwise",
                    move=called,
                    option=best,
                    share=percent(share),
                    cases=cases,
                    actor=actor,
                ),
                OTHERWISE,
                (move.place.line,),
            )
        if always is None and (second := _second_best(move, found, number, idle)):
            yield WeakPoint(
                "best option",
                f"timeline.{move.key}.{'.'.join(second)}",
                trn(
                    "{move}: {options} is the best option in none of {cases}; {actor} takes it only as far as it is "
                    "not sure of the better option, so what comes of it rests on the rationality",
                    "{move}: {options} are the best option in none of {cases}; {actor} takes them only as far as it is "
                    "not sure of the better option, so what comes of it rests on the rationality",
                    len(second),
                    move=called,
                    options=listed(names.option(move.key, option) for option in second),
                    cases=cases,
                    actor=actor,
                ),
                tr("what would make it the best option, by the document; or that it is meant as a mistake"),
                (move.place.line,),
            )
        if 0.0 <= found.differs[number] < HARDLY_DIFFERS:
            yield WeakPoint(
                "best option",
                f"timeline.{move.key}.seen",
                tr(
                    "{move}: what {actor} has seen makes no difference to what it chooses, which differs by under "
                    "{bound} in every draw",
                    move=called,
                    actor=actor,
                    bound=bound(HARDLY_DIFFERS),
                ),
                tr("which of the things that it sees should matter to it, and by which payoff term or odds"),
                (move.place.line,),
            )


def _second_best(move: Move, found: Tallied, number: int, idle: Sequence[str]) -> list[str]:
    """The options that are the best one nowhere, and are chosen all the same."""
    counts = zip(move.options, found.best[number], found.most[number], strict=False)
    return [option for option, best, most in counts if most >= 0.0 and not best and option not in idle]


def _endings(game: Game, found: Tallied, lasting: Sequence[Fault]) -> Iterator[WeakPoint]:
    for fault in rare_endings(game, found):
        if fault in lasting:
            yield warned("ending", fault, tr("how it could come about by the document; or leave the ending out"))
    for fault in odd_wants(game, found):
        if fault in lasting:
            yield warned("actor", fault, tr("what the document says of what the actor wants"))


def _levers(game: Game, draws: int) -> Iterator[WeakPoint]:
    """Levers that move no ending, each pulled alone."""
    crisis = game.crisis
    values = drawn_inputs(crisis, draws, SEED)
    for one in levers_at(game, draws, values, seed=SEED, singly=True).sets:
        lever, least = crisis.levers[one.levers[0]], bound(NEVER_REACHED)
        most = max(abs(size) for change in one.endings.values() for size in (change.mean, change.p05, change.p95))
        if most < NEVER_REACHED:
            yield WeakPoint(
                "lever",
                f"levers.{lever.key}",
                tr(
                    "{lever} moves no ending: none gets likelier or less likely by {least} on average, or in most of "
                    "{draws} draws",
                    lever=names_of(crisis).lever(lever.key),
                    least=least,
                    draws=draws,
                ),
                tr("how it would work by the document, and what in the crisis it should change; or leave it out"),
                (lever.place.line,),
            )


def _options(game: Game, found: Tallied) -> tuple[BestOption, ...]:
    names = names_of(game.crisis)
    return tuple(
        BestOption(move.key, option, int(best), int(asked), names.step(move.key), names.option(move.key, option))
        for move, asked, row in zip(moves_of(game), found.asked, found.best, strict=True)
        for option, best in zip(move.options, row, strict=False)
        if asked
    )
