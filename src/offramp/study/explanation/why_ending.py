"""Why an ending is rare, or likely: the choices on which it turns, and what would have to be otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor

from offramp.crisis.names import names_of
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.study.basis import moment, one_solve
from offramp.study.explanation.decisive import effects, turnings
from offramp.study.explanation.motives import motives
from offramp.study.explanation.tipping_values import OptionWanted, tipping_values
from offramp.study.explanation.why_ending_finding import NAMED, DecisiveChoice, WhyEnding
from offramp.study.wording import telling_facts

PRINTED = 0.0005
"""A probability that changes by less prints the same."""


def why_ending(
    block: Block,
    solution: Solution,
    ending: str,
    given: Mapping[str, float] | None = None,
    rationality: float | None = None,
    executor: Executor | None = None,
    *,
    tipping: bool = True,
) -> WhyEnding:
    """Why an ending is rare, or likely, in a solved draw.

    Parameters
    ----------
    block, solution
        The draw, and its solution.
    ending
        The ending's key.
    given, rationality
        What the draw was solved with, as in `offramp.solve`.
    executor
        The executor that solves other values of the inputs; by default threads of this process.
    tipping
        Whether tipping values are looked for, which solves some hundred values of the inputs.

    Raises
    ------
    UsageError
        If there is no such ending.
    """
    game = block.game
    game.crisis.ending_index(ending)
    found = effects(block, solution, ending)
    towards = found.probability < 0.5
    every = turnings(found, solution, towards=towards)
    facts_of = telling_facts(game.situations)
    choices = []
    for one in every[:NAMED]:
        if abs(one.always[one.wanted] - found.probability) < PRINTED:
            break
        situation = game.situations[one.held]
        facts = {label: value for label, value in facts_of(situation).items() if label != "round"}
        choices.append(
            DecisiveChoice(
                one, situation, float(solution.reached[one.held]), facts,
                motives(block, solution, one.held), found.probability + one.change,
            )
        )  # fmt: skip
    flipping = [
        OptionWanted(one.situation.slots, one.situation.slots.start + one.situation.options.index(one.turning.wanted))
        for one in choices
    ]
    past = None if solution.so_far is None else solution.so_far.past
    varied = [name for name in game.crisis.effective_inputs if name not in (given or {})] if tipping else []
    return WhyEnding(
        crisis=game.crisis.title,
        names=names_of(game.crisis),
        solved=one_solve(solution),
        converged=solution.converged,
        ending=ending,
        probability=found.probability,
        turns=every,
        choices=tuple(choices),
        tipping=tipping_values(game, ending, flipping, varied, given, rationality, executor, past),
        varied=len(varied),
        moment=moment(game.crisis),
        as_of_now=game.crisis.outset is not None,
    )
