"""Choice rules in words: who chooses by which, and how often the better of two options is then taken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

BY = {"logit": "by logit", "probit": "by probit", "private": "with private shocks"}


def rules_in_words(crisis: Crisis) -> str:
    """One sentence on who chooses by which rule; empty if all choose by logit."""
    if not crisis.choice_rules:
        return ""
    names, parts = names_of(crisis).actors, []
    for rule in reversed(BY):
        group = [names[key] for key, actor in crisis.actors.items() if actor.choice == rule]
        if group:
            parts.append(f"{listed(group)} {'choose' if len(group) > 1 else 'chooses'} {BY[rule]}")
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
        by, share = "", 1.0 / (1.0 + math.exp(-rationality))
    else:
        deviation = deviations(block.structure.graph, block.tables.odds, solution.choice[:, None])[held, 0]
        by, share = f" {BY[rule]}", 0.5 * math.erfc(-rationality / float(deviation) / math.sqrt(2.0))
    at = f"At a rationality of {rationality:.2g}{by}"
    return f"{at} an option that is better by 1 is chosen {100 * share:.0f} times in 100"
