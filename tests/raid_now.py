"""A small crisis that stands after a first move: who warned, and what North makes of it."""

from __future__ import annotations

from offramp.crisis.model import Crisis
from tests.crises import crisis_of

RAID_NOW = """
format: 1
title: Raid
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 3}}
inputs: {p: {is: "beta(3, 7)"}, q: {is: "beta(8, 2)"}, prize: {is: "uniform(0.2, 0.8)"}, toll: {is: 0.3}}
timeline:
  - {chance: line, odds: {low: p, high: rest}, seen_by: [south]}
  - {move: warn, by: south, options: [speak, hush]}
  - {move: raid, by: north, options: [go, stay]}
  - {move: reply, by: south, if: raid == go, options: [absorb, strike]}
  - {chance: spiral, if: reply == strike, odds: {war: q, halt: rest}}
payoffs:
  north: {gain: prize * (raid == go), war: -3 * (spiral == war)}
  south:
    line: (line == low) * (reply == strike)
    raided: -1 * (raid == go)
    warn: -toll * (warn == speak) * (line == high)
endings: {war: spiral == war, calm: otherwise}
levers:
  hotline: {set: {q: q / 2}}
  restraint: {forbid: {reply: [strike]}}
  silence: {forbid: {warn: [speak]}}
  doubt: {set: {p: 0.9, toll: 5}}
observed: [{date: 2031-01-01, warn: speak}]
"""


def raid_now() -> Crisis:
    """The crisis, as of now."""
    return crisis_of(RAID_NOW).now()
