"""The games that both sides are measured on, made as Gambit's `.efg` text.

A ladder: actors with two private types each choose to hold or to escalate, all at once, in every round, and see
what was chosen before. Leduc poker (Southey et al. 2005) is made from its rules: six cards of three ranks, two
rounds of betting with at most two raises each. `python benchmarks/games.py DIR` writes them all.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

OPTIONS = '{ "hold" "escalate" }'
WHOLE = 1000
"""Odds of a draw are whole numbers out of this, so that every reader finds that they add up to one."""
LADDERS = ((2, 2), (3, 2), (3, 3), (2, 5))
"""Actors and rounds of the ladders measured."""


@dataclass(frozen=True)
class LadderNumbers:
    """Draws of a ladder's numbers: `payoffs` (plays in preorder, actors, draws), `odds` of the types (types, draws).

    The odds are whole numbers out of `WHOLE`.
    """

    payoffs: NDArray[np.float64]
    odds: NDArray[np.int64]


def ladder_numbers(actors: int, rounds: int, draws: int, seed: int) -> LadderNumbers:
    """Payoffs between -3 and 3, plus what escalation brings, the more to the second type, and costs the others."""
    rng = np.random.default_rng((actors, rounds, seed))
    types = np.array(list(itertools.product((0, 1), repeat=actors)))
    choices = np.array(list(itertools.product((0, 1), repeat=actors * rounds))).reshape(-1, rounds, actors)
    own = choices.sum(axis=1)
    others = (own.sum(axis=1, keepdims=True) - own) / (actors - 1)
    gain = (0.4 * own - 0.7 * others)[None] + 0.5 * types[:, None, :] * own[None]
    gain = gain.reshape(-1, actors, 1)
    payoffs = np.round(rng.uniform(-3.0, 3.0, (gain.shape[0], actors, draws)) + gain, 3)
    shares = rng.dirichlet(np.full(len(types), 4.0), draws).T
    odds = 1 + np.floor(shares * (WHOLE - len(types))).astype(np.int64)
    odds[-1] += WHOLE - odds.sum(axis=0)
    return LadderNumbers(payoffs, odds)


def ladder(actors: int, rounds: int, payoffs: NDArray[np.float64], odds: Sequence[int]) -> str:
    """A ladder as text: `payoffs` (plays, actors); `odds` of the types, in proportion."""
    whole = sum(odds)
    names = ["".join(types) for types in itertools.product("AB", repeat=actors)]
    players = " ".join(f'"P{actor + 1}"' for actor in range(actors))
    chances = " ".join(f'"{name}" {share}/{whole}' for name, share in zip(names, odds, strict=True))
    lines = [f'EFG 2 R "Ladder of {actors} actors and {rounds} rounds" {{ {players} }}', '""', ""]
    lines.append(f'c "" 1 "types" {{ {chances} }} 0')
    sets: dict[tuple[int, str, str], int] = {}
    counts = [0] * actors
    plays = iter(np.asarray(payoffs).tolist())
    ended = itertools.count(1)

    def enter(types: str, past: str, now: str) -> None:
        if len(past) == actors * rounds:
            paid = ", ".join(f"{amount:.3f}" for amount in next(plays))
            lines.append(f't "" {next(ended)} "" {{ {paid} }}')
            return
        actor = len(now)
        key = actor, types[actor], past
        if key not in sets:
            counts[actor] += 1
            sets[key] = counts[actor]
        lines.append(f'p "" {actor + 1} {sets[key]} "" {OPTIONS} 0')
        for choice in "he":
            after = now + choice
            enter(types, *((past + after, "") if len(after) == actors else (past, after)))

    for name in names:
        enter(name, "", "")
    return "\n".join(lines) + "\n"


def one_ladder(actors: int, rounds: int, seed: int = 1) -> str:
    """A ladder with equal odds for the types."""
    return ladder(actors, rounds, ladder_numbers(actors, rounds, 1, seed).payoffs[..., 0], [1] * 2**actors)


def ladder_draw(actors: int, rounds: int, numbers: LadderNumbers, draw: int) -> str:
    """One draw of a ladder's numbers as a game."""
    return ladder(actors, rounds, numbers.payoffs[..., draw], numbers.odds[:, draw].tolist())


ANTE = 1
RAISES = (2, 4)
"""What a raise adds in the first and in the second round."""
MOST_RAISES = 2


def leduc() -> str:
    """Leduc poker, all cards dealt at the start by one chance event over ranks."""
    deals = [deal for deal in itertools.product("KQJ", repeat=3) if len(set(deal)) > 1]
    ways = [_ways(deal) for deal in deals]
    chances = " ".join(f'"{"".join(deal)}" {number}/{sum(ways)}' for deal, number in zip(deals, ways, strict=True))
    lines = ['EFG 2 R "Leduc poker" { "Player 1" "Player 2" }', '""', "", f'c "" 1 "deal" {{ {chances} }} 0']
    sets: dict[tuple[int, str], int] = {}
    counts = [0, 0]
    ended = itertools.count(1)
    for deal in deals:
        for mover, seen, options, pot in _plays(deal):
            if mover < 0:
                lines.append(f't "" {next(ended)} "" {{ {pot} {-pot} }}')
                continue
            if (mover, seen) not in sets:
                counts[mover] += 1
                sets[mover, seen] = counts[mover]
            shown = " ".join(f'"{option}"' for option in options)
            lines.append(f'p "" {mover + 1} {sets[mover, seen]} "{mover + 1}:{seen}" {{ {shown} }} 0')
    return "\n".join(lines) + "\n"


def _ways(deal: tuple[str, ...]) -> int:
    """In how many ways three cards of these ranks come from two cards of each rank."""
    left = dict.fromkeys("KQJ", 2)
    ways = 1
    for rank in deal:
        ways *= left[rank]
        left[rank] -= 1
    return ways


def _plays(deal: tuple[str, ...]) -> Iterator[tuple[int, str, str, int]]:
    """The nodes under a deal in preorder: mover, what it sees, options; or -1 and what the first player wins."""

    def enter(number: int, paid: tuple[int, int], bets: str, before: str) -> Iterator[tuple[int, str, str, int]]:
        mover = len(bets) % 2
        to_call = paid[mover] < paid[1 - mover]
        options = ("R" if bets.count("R") < MOST_RAISES else "") + "C" + ("F" if to_call else "")
        public = f"/{deal[2]}" if number else ""
        yield mover, f"{deal[mover]}{before}{public}:{bets}", options, 0
        for option in options:
            if option == "F":
                yield -1, "", "", paid[1] if mover else -paid[0]
                continue
            level = max(paid) + (RAISES[number] if option == "R" else 0)
            now = (level, paid[1]) if mover == 0 else (paid[0], level)
            if option == "R" or not bets:
                yield from enter(number, now, bets + option, before)
            elif number == 0:
                yield from enter(1, now, "", f":{bets}{option}")
            else:
                yield -1, "", "", _shown(deal) * level

    yield from enter(0, (ANTE, ANTE), "", "")


def _shown(deal: tuple[str, ...]) -> int:
    """Who wins when the cards are shown: 1, -1, or 0 for a split pot. A pair beats all, then the higher rank."""
    first, second = (4 if card == deal[2] else "JQK".index(card) for card in deal[:2])
    return (first > second) - (first < second)


def named(name: str) -> str:
    """The text of `leduc` or of `ladder_nA_TR`."""
    if name == "leduc":
        return leduc()
    actors, rounds = (int(part[1:]) for part in name.split("_")[1:])
    return one_ladder(actors, rounds)


def write(folder: Path) -> None:
    """Write the games that are measured into a folder."""
    for name in ["leduc", *(f"ladder_n{actors}_T{rounds}" for actors, rounds in LADDERS)]:
        (folder / f"{name}.efg").write_text(named(name), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
