"""Choice rules in words: who chooses by which, and how often the better of two options is then taken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

BY = {"logit": tr("by logit"), "probit": tr("by probit"), "private": tr("with private shocks")}


def rules_in_words(crisis: Crisis) -> str:
    """One sentence on who chooses by which rule; empty if all choose by logit."""
    if not crisis.choice_rules:
        return ""
    names, parts = names_of(crisis).actors, []
    for rule in reversed(BY):
        group = [names[key] for key, actor in crisis.actors.items() if actor.choice == rule]
        if group:
            parts.append(
                trn("{actors} chooses {by}", "{actors} choose {by}", len(group), actors=listed(group), by=BY[rule])
            )
    return f"{', '.join(parts)}."


def times_in_100(block: Block, solution: Solution, held: int) -> str:
    """How often the mover of an information set takes an option that is better by 1 than its only alternative.

    Examples: `At a rationality of 3 an option that is better by 1 is chosen 95 times in 100`; by another rule than
    logit it is named after the rationality.
    """
    from offramp.equilibrium.rule_audit import deviations

    situation = solution.game.situations[held]
    rule, rationality = solution.game.crisis.actors[situation.actor].choice, solution.rationality[situation.actor]
    if rule == "logit":
        share = 1.0 / (1.0 + math.exp(-rationality))
    else:
        deviation = deviations(block.structure.graph, block.tables.odds, solution.choice[:, None])[held, 0]
        share = 0.5 * math.erfc(-rationality / float(deviation) / math.sqrt(2.0))
    value, times = f"{rationality:.2g}", _times(share)
    if rule == "logit":
        return tr(
            "At a rationality of {rationality} an option that is better by 1 is chosen {times} times in 100",
            rationality=value, times=times,
        )  # fmt: skip
    return tr(
        "At a rationality of {rationality} {by} an option that is better by 1 is chosen {times} times in 100",
        rationality=value, by=BY[rule], times=times,
    )  # fmt: skip


def _times(share: float) -> str:
    """A share as times in 100, never 100 of what does not always happen.

    Examples
    --------
    >>> _times(0.9526), _times(0.99966), _times(1.0)
    ('95', '99.966', 'more than 99.999')
    """
    if share < 0.995:
        return f"{100.0 * share:.0f}"
    return percent(share).removesuffix("%") if share < 0.99999 else tr("more than 99.999")
