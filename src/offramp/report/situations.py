"""The situations of a move to show: those that play reaches most often."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from offramp.game.game import Situation
from offramp.study.wording import telling_facts

RARE = 0.01
"""Situations that play reaches less often than this are only counted."""
MOST = 6
"""Maximum number of situations shown for a move."""
ALIKE = 0.0005
"""Shares that are no further apart than this look the same, in percent with one digit after the point."""
FACTS = 3
"""Number of facts shown one by one if the situations shown make up less than half of a move."""

Entry = tuple[Situation, float, Mapping[str, float]]
"""A situation, how often play gets there, and the share of each of its options."""


@dataclass(frozen=True)
class ByFact:
    """The situations of a move that share some facts, as one: how often play gets there, and what is chosen."""

    facts: Mapping[str, str]
    reached: float
    options: Mapping[str, float]


@dataclass(frozen=True)
class Shown(ByFact):
    """Situations in which the mover chooses alike, by the facts that set them apart, and their number."""

    situations: int


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
    by_fact: tuple[ByFact, ...]
    left_out: int
    left_out_reached: float


def likeliest_situations(entries: Iterable[Entry]) -> tuple[MoveSituations, ...]:
    """The situations that play reaches most often, by move and round, in the order of the timeline.

    Situations that differ only in facts which change no choice are joined. `entries` are sorted by move and round, as
    in `Game.situations`.
    """
    everything = list(entries)
    facts_of = telling_facts(situation for situation, _, _ in everything)
    by_move = []
    for (move, number), group in groupby(everything, key=lambda entry: (entry[0].move, entry[0].round)):
        of_move = list(group)
        alone = (Shown(facts_of(situation), reached, options, 1) for situation, reached, options in of_move)
        by_reach = sorted(_joined(list(alone)), key=lambda row: -row.reached)
        shown = [row for row in by_reach[:MOST] if row.reached >= RARE]
        rest = by_reach[len(shown) :]
        covered, left_out = sum(row.reached for row in shown), sum(row.reached for row in rest)
        common = dict(set.intersection(*(set(row.facts.items()) for row in shown))) if len(shown) > 1 else {}
        by_move.append(
            MoveSituations(
                move=move,
                round=number,
                actor=of_move[0][0].actor,
                common={label: value for label, value in (shown[0].facts if shown else {}).items() if label in common},
                shown=tuple(replace(row, facts=_without(row.facts, common)) for row in shown),
                by_fact=_by_fact(of_move, facts_of) if covered < left_out else (),
                left_out=sum(row.situations for row in rest),
                left_out_reached=left_out,
            )
        )
    return tuple(by_move)


def _joined(rows: list[Shown]) -> list[Shown]:
    """Situations joined that differ only in facts which change no choice; the earliest facts are left out first."""
    for label in dict.fromkeys(label for row in rows for label in row.facts):
        parts: dict[tuple[tuple[str, str], ...], list[Shown]] = {}
        for row in rows:
            alike = parts.setdefault(tuple(_without(row.facts, {label}).items()), [])
            if alike and not _same_choice(alike[0], row):
                break
            alike.append(row)
        else:
            rows = [_as_one(part, label) for part in parts.values()]
    return rows


def _same_choice(one: Shown, other: Shown) -> bool:
    return one.options.keys() == other.options.keys() and all(
        abs(share - other.options[option]) <= ALIKE / 2 for option, share in one.options.items()
    )


def _as_one(rows: list[Shown], label: str) -> Shown:
    """Situations without the fact that sets them apart; their options' shares are averaged by reach."""
    reached = sum(row.reached for row in rows)
    weights = [row.reached / reached if reached else 1.0 / len(rows) for row in rows]
    options = {
        option: sum(weight * row.options[option] for weight, row in zip(weights, rows, strict=True))
        for option in rows[0].options
    }
    return Shown(_without(rows[0].facts, {label}), reached, options, sum(row.situations for row in rows))


def _without(facts: Mapping[str, str], left_out: Container[str]) -> dict[str, str]:
    return {label: value for label, value in facts.items() if label not in left_out}


def _by_fact(entries: list[Entry], facts_of: Callable[[Situation], Mapping[str, str]]) -> tuple[ByFact, ...]:
    """The `FACTS` facts whose values change the choice most, in mean total variation from the choice over all."""
    taken: dict[str, dict[str, dict[str, float]]] = {}
    overall: dict[str, float] = {}
    for situation, reached, options in entries:
        facts = facts_of(situation)
        by_value = [taken.setdefault(label, {}).setdefault(value, {}) for label, value in facts.items()]
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
        ByFact({label: value}, reached, {option: sums.get(option, 0.0) / reached for option in overall})
        for label, values in telling
        for value, sums in values.items()
        if (reached := sum(sums.values())) >= RARE
    )
