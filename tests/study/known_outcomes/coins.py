"""A folder of crises with outcomes, whose odds are known by hand."""

from __future__ import annotations

from pathlib import Path

COIN = """
format: 1
title: Coin
as_of: 2030-12-31
actors: {north: {name: North, rationality: 1}}
inputs: {p: {is: "DISTRIBUTION", because: test}}
timeline:
  - {chance: first, odds: {heads: p, tails: rest}}
  - {chance: second, odds: {heads: p, tails: rest}}
  - {move: note, by: north, options: [keep, burn, sell]}
  - {chance: third, odds: {heads: p, tails: rest}}
payoffs: {north: {gain: log(4) * (note == keep)}}
endings: {won: third == heads, lost: otherwise}
observed:
  - {date: 2031-01-01, first: heads}
  - {date: 2031-01-02, second: heads}
  - {date: 2031-01-03, note: keep}
"""
"""Of a uniform p, heads is 1/2, after one 2/3, after two 3/4; North keeps its note with 4 / (4 + 1 + 1)."""
UNIFORM, FIRST = "beta(1, 1)", "beta(2, 1)"
WON = """
ending: won
on: 2031-02-01
because: The coin fell so.
knew: all
knew_how: It was seen.
base_rate:
  endings: {won: 0.4, lost: 0.6}
  of: "Ours: a guess"
"""
OPEN = WON.replace("ending: won\non: 2031-02-01", "due: 2032-01-01").replace("knew: all", "knew: none")


def coin_folder(place: Path, outcome: str | None = WON, first: str | None = None, **changes: str) -> Path:
    """A folder with the coin and its outcome; `first`: the distribution of its first version. Returns the folder."""
    place.mkdir(parents=True)
    text = COIN
    for old, new in changes.items():
        text = text.replace(old, new)
    (place / "crisis.yaml").write_text(text.replace("DISTRIBUTION", UNIFORM), encoding="utf-8")
    if outcome is not None:
        (place / "outcome.yaml").write_text(outcome, encoding="utf-8")
    if first is not None:
        (place / "first.yaml").write_text(COIN.replace("DISTRIBUTION", first), encoding="utf-8")
    return place
