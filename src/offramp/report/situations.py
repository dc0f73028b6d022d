"""The situations of a move to show: those that play reaches most often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from offramp.game.game import Situation
from offramp.study.wording import telling_facts

RARE = 0.01
"""Situations that play reaches less often than this are only counted."""
MOST = 6
"""Maximum number of situations shown for a move."""
FACTS = 3
"""Number of facts shown one by one if the situations shown make up less than half of a move."""

Entry = tuple[Situation, float, Mapping[str, float]]
"""A situation, how often play gets there, and the share of each of its options."""


@dataclass(frozen=True)
class Shown:
    """One situation, by the facts that set it apart from the others shown, or all situations that share one fact."""

    facts: Mapping[str, str]
    reached: float
    options: Mapping[str, float]


@dataclass(frozen=True)
class MoveSituations:
    """A move in one round; `common`: facts that all situations shown share.

    `by_fact`: the facts that change the choice most, one by one, averaged over everything else; empty if the
    situations shown make up half of the move or more.
    """

    move: str
    round: int
    actor: str
    common: Mapping[str, str]
    shown: tuple[Shown, ...]
    by_fact: tuple[Shown, ...]
    left_out: int
    left_out_reached: float


def likeliest_situations(entries: Iterable[Entry]) -> tuple[MoveSituations, ...]:
    """The situations that play reaches most often, by move and round, in the order of the timeline.

    `entries` are sorted by move and round, as in `Game.situations`.
    """
    everything = list(entries)
    facts_of = telling_facts(situation for situation, _, _ in everything)
    by_move = []
    for (move, number), group in groupby(everything, key=lambda entry: (entry[0].move, entry[0].round)):
        by_reach = sorted(group, key=lambda entry: -entry[1])
        shown = [entry for entry in by_reach[:MOST] if entry[1] >= RARE]
        facts = [facts_of(situation) for situation, _, _ in shown]
        covered = sum(reached for _, reached, _ in shown)
        left_out = sum(reached for _, reached, _ in by_reach[len(shown) :])
        common = dict(set(facts[0].items()).intersection(*(other.items() for other in facts))) if len(facts) > 1 else {}
        by_move.append(
            MoveSituations(
                move=move,
                round=number,
                actor=by_reach[0][0].actor,
                common={label: value for label, value in (facts[0] if facts else {}).items() if label in common},
                shown=tuple(
                    Shown({label: value for label, value in own.items() if label not in common}, reached, options)
                    for own, (_, reached, options) in zip(facts, shown, strict=True)
                ),
                by_fact=_by_fact(by_reach, facts_of) if covered < left_out else (),
                left_out=len(by_reach) - len(shown),
                left_out_reached=left_out,
            )
        )
    return tuple(by_move)


def _by_fact(entries: list[Entry], facts_of: Callable[[Situation], Mapping[str, str]]) -> tuple[Shown, ...]:
    """The `FACTS` facts whose values change the choice most, in mean total variation from the choice over all."""
    taken: dict[str, dict[str, dict[str, float]]] = {}
    overall: dict[str, float] = {}
    for situation, reached, options in entries:
        by_value = [taken.setdefault(label, {}).setdefault(value, {}) for label, value in facts_of(situation).items()]
        for sums in (overall, *by_value):
            for option, share in options.items():
                sums[option] = sums.get(option, 0.0) + reached * share
    total = sum(overall.values())

    def change(values: Mapping[str, Mapping[str, float]]) -> float:
        return sum(
            abs(sums.get(option, 0.0) - sum(sums.values()) * mass / total)
            for sums in values.values()
            for option, mass in overall.items()
        )

    few = {label: values for label, values in taken.items() if len(values) <= MOST}
    telling = sorted(few.items(), key=lambda item: -change(item[1]))[:FACTS]
    return tuple(
        Shown({label: value}, reached, {option: sums.get(option, 0.0) / reached for option in overall})
        for label, values in telling
        for value, sums in values.items()
        if (reached := sum(sums.values())) >= RARE
    )
