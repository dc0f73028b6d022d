"""Small crises and ways to play, for tests."""

from __future__ import annotations

from random import Random

from offramp.play.board import Board
from offramp.play.match import Match, begin, choose, questions

COINS = """
format: 1
title: Coins
actors: {north: {name: North, memory: state}, south: {name: South, memory: state}}
timeline:
  - {move: bet, by: north, options: [low, high]}
  - rounds: 12
    steps:
      - {chance: coin, odds: {heads: 0.5, tails: rest}}
  - {move: last, by: south, options: [stay, leave]}
payoffs: {north: {gain: bet == high}, south: {gain: last == stay}}
endings: {stays: last == stay, leaves: otherwise}
"""

SIDES = """
format: 1
title: Sides
actors: {north: {name: North}, south: {name: South}, east: {name: East}}
timeline:
  - {chance: mood, odds: {calm: 0.5, tense: rest}, seen_by: [south]}
  - {move: word, by: north, options: [silent, speak], seen_by: []}
  - {tell: word, to: [east], if: word == speak}
  - together:
      - {move: north_acts, by: north, options: [hold, press, strike], only_if: {strike: word == speak}}
      - {move: south_acts, by: south, if: mood == calm, options: [hold, press]}
      - {chance: weather, odds: {fair: 0.5, foul: rest}}
      - {move: east_acts, by: east, options: [hold, press], seen_by: [north]}
  - {state: heat, start: 0, becomes: heat + (north_acts != hold)}
payoffs:
  north: {gain: 0.5 * (north_acts == press) - (east_acts == press)}
  south: {gain: (south_acts == press) * (mood == calm) - (north_acts == press)}
  east: {gain: (east_acts == press) * (word == speak)}
endings: {hot: heat > 0, cold: otherwise}
levers: {calm: {forbid: {north_acts: [press]}}}
"""


def played(board: Board, seats: tuple[str, ...], seed: int, whim: int) -> Match:
    """A match to its end, in which people choose at random, in an order at random too."""
    random, match = Random(whim), begin(board, seats, seed)
    while not match.finished:
        asked = questions(match)
        actor = random.choice(list(asked))
        match = choose(match, actor, random.choice(asked[actor].options))
    return match
