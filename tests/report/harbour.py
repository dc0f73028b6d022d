"""A small crisis that fills every part a report shows, with free text of one's choice in every field."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

import offramp
from offramp.equilibrium.branch.traced import STATUSES, Status
from offramp.equilibrium.solution import Solution
from offramp.runs.result import Run
from tests.crises import crisis_of

CRISIS = """
format: 1
title: TEXT
as_of: 2031-03-02
summary: TEXT
sources:
  cable-7: {title: TEXT, author: TEXT, date: 2031-03-01, file: TEXT, url: TEXT}
actors:
  north: {name: TEXT, memory: state, rationality: "lognormal(median=2, sigma=0.3)", because: TEXT}
  south: {name: TEXT, because: TEXT, cite: CITE}
inputs:
  intercept: {is: "beta(18, 3)", because: TEXT, cite: CITE}
  war_cost: {is: "triangular(4, 8, 14)", because: TEXT}
  unexplained: {is: "uniform(0.5, 1.5)"}
correlations:
  - {of: [intercept, war_cost], rho: -0.3, because: TEXT}
timeline:
  - chance: red_line
    odds: {low: 0.4, high: rest}
    seen_by: [south]
    believed_by: {north: {low: 0.1, high: rest}}
    because: TEXT
  - rounds: 2
    until: war == 1
    steps:
      - move: answer
        by: north
        options: [stand_down, staged, volley]
        because: TEXT
      - chance: damage
        if: answer == volley
        odds: {none: intercept, hits: rest}
      - move: reply
        by: south
        options:
          absorb: {because: TEXT, cite: [CITE, cable-7 ¶2]}
          all_out: {says: TEXT}
        only_if: {all_out: answer != stand_down}
      - state: war
        start: 0
        becomes: max(war, reply == all_out)
payoffs:
  north:
    face: {pays: -1.2 * unexplained * (answer == stand_down), when: each_round, because: TEXT, cite: CITE}
    war: {pays: -war_cost * war, when: end, because: TEXT}
  south:
    face: {pays: -2 * (reply == absorb) * (damage == hits), when: each_round, because: TEXT}
    war: {pays: (3 * (red_line == low) - 0.5 * war_cost) * war, when: end}
endings:
  war: {if: war == 1, because: TEXT, cite: [cable-7 ¶1, CITE]}
  answered: answer != stand_down
  stood_down: otherwise
levers:
  hotline: {set: {war_cost: 2 * war_cost}, cost: 1, because: TEXT}
  restraint: {forbid: {answer: [volley]}, because: TEXT, cite: CITE}
"""


def harbour(text: str = "Plain words.", levers: tuple[str, ...] = (), draws: int = 32) -> Run:
    """The crisis with `text` in every field that takes free text, solved over some draws."""
    phrase = json.dumps(f'cable-7 "{text.replace(chr(34), chr(39))}"')
    crisis = crisis_of(CRISIS.replace("TEXT", json.dumps(text)).replace("CITE", phrase))
    return offramp.run(crisis.with_levers(*levers), draws=draws, seed=3)


def with_unconverged(ensemble: Run, *draws: int) -> Run:
    """The same ensemble with some draws marked as not converged."""
    return with_status(ensemble, "unconverged", *draws)


def with_status(ensemble: Run, status: Status, *draws: int) -> Run:
    """The same ensemble with another status of some draws."""
    marked = np.isin(np.arange(ensemble.draws), draws)
    return replace(ensemble, status=np.where(marked, STATUSES.index(status), ensemble.status).astype(np.int8))


def unconverged(solution: Solution) -> Solution:
    """The same solution with a violation that no equilibrium has."""
    return replace(solution, certificate=replace(solution.certificate, residual=0.25), status="unconverged")
