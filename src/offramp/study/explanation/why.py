"""Why an actor chooses as it does: what each option is worth to it, and by which payoff terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from offramp.common.errors import UsageError
from offramp.crisis.names import names_of
from offramp.game.game import Situation
from offramp.study.basis import moment, one_solve
from offramp.study.choice_words import times_in_100
from offramp.study.explanation.motives import Belief, averages, beliefs, is_reached, motives, scattered
from offramp.study.explanation.selection import knowing, sets_of
from offramp.study.explanation.why_finding import Other, Why
from offramp.study.wording import telling_facts

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

OTHERS = 6
"""How many other situations of the move are shown."""


def why_of(block: Block, solution: Solution, move: str, sees: Mapping[str, str]) -> Why:
    """Why the actor of a move chooses as it does in a solved draw; see `offramp.why`."""
    game = block.game
    every = sets_of(game, move)
    matching = knowing(game, every, sees)
    if game.past:  # what is known rules some out
        matching = [held for held in matching if is_reached(solution, held)] or matching
    by_reach = sorted(matching, key=lambda held: -solution.reached[held])
    held = by_reach[0]
    if scattered(game)[held]:
        raise UsageError(
            f"a situation of '{move}' stands at several places of the timeline, so why cannot be answered for it"
        )
    if not is_reached(solution, held):
        raise UsageError(f"play never gets to '{move}'" + (" where that is known" if sees else ""))
    situations = game.situations
    situation = situations[held]
    facts_of = telling_facts(situations[other] for other in every)
    facts = _without_round(situation, facts_of(situation))
    return Why(
        crisis=game.crisis.title,
        names=names_of(game.crisis),
        solved=one_solve(solution),
        converged=solution.converged,
        situation=situation,
        reached=float(solution.reached[held]),
        times_in_100=times_in_100(block, solution, held),
        facts=facts,
        motives=motives(block, solution, held),
        beliefs=_worth_showing(beliefs(block, solution, held)),
        averages=averages(block, solution, matching),
        others=_others(solution, situation, by_reach[1:], matching),
        matching=len(matching),
        all_sets=len(every),
        own_odds=situation.actor in game.believers,
        moment=moment(game.crisis),
        as_of_now=game.crisis.outset is not None,
        measures=game.crisis.measures,
    )


def _without_round(situation: Situation, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts without the round, if the move itself names its round."""
    return {label: value for label, value in facts.items() if label != "round" or not situation.round}


def _worth_showing(every_belief: Iterable[Belief]) -> tuple[Belief, ...]:
    """Beliefs about chance steps, and about moves of which the actor has learned something."""
    entries = list(every_belief)
    moved = {(b.step, b.round) for b in entries if b.has_moved}
    return tuple(belief for belief in entries if belief.of_chance or (belief.step, belief.round) in moved)


def _others(solution: Solution, shown: Situation, others: Sequence[int], matching: Sequence[int]) -> tuple[Other, ...]:
    """The likeliest of the other information sets, with the facts in which they differ from the one shown."""
    situations = solution.game.situations
    facts_of = telling_facts(situations[held] for held in matching)
    shown_others = []
    for held in others[:OTHERS]:
        situation, odds = situations[held], solution.moves[held].options
        facts = {
            label: value
            for label, value in facts_of(situation).items()
            if label not in shown.sees or shown.text(label) != value
        }
        if situation.round != shown.round:
            facts["round"] = str(situation.round)
        option = max(odds, key=lambda name: odds[name])
        shown_others.append(Other(float(solution.reached[held]), facts, option, odds[option]))
    return tuple(shown_others)
