"""Ranking sets of levers: a pair against the better of its levers, and any set against cheaper ones.

Two sets are compared by their difference on shared draws; a difference within its own error does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from offramp.common.numerals import as_given
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.names import Names, levers_label
from offramp.runs.study_draws import Solved
from offramp.study.finding import Column, Table
from offramp.study.interventions.changes import Change, LeverSet, change_of, least_change, mean_of

Keys = tuple[str, ...]
Verdict = Literal["better", "no better", "worse", "not told apart"]

NAMED = 4
"""Number of pairs, or of dominated levers, that a sentence names; the tables have all."""


@dataclass(frozen=True)
class Against:
    """A set of levers against a rival; an empty rival is "no lever"; `cost`: the rival's.

    `change`: how much likelier the ending to avoid is under the set than under the rival; `least`: the smallest change
    that counts.
    """

    levers: Keys
    rival: Keys
    cost: float
    change: Change
    least: float

    @property
    def verdict(self) -> Verdict:
        """What the draws show; a difference within its error counts as none, and too few draws have no error."""
        if np.isnan(self.change.low):
            return "not told apart"
        if self.change.high < -self.least:
            return "better"
        return "worse" if self.change.low > self.least else "no better"

    @property
    def as_good(self) -> bool:
        """Whether the rival is shown to do as well or better: no change within the error makes the set better."""
        return bool(self.change.low >= -self.least)

    @property
    def rival_label(self) -> str:
        """The rival in data."""
        return levers_label(self.rival)

    def added(self, names: Names) -> str:
        """What the set adds to the rival, in a sentence."""
        levers = names.lever_set(key for key in self.levers if key not in self.rival)
        return tr("{levers} to {rival}", levers=levers, rival=names.lever_set(self.rival))


def better_halves(
    sets: Sequence[LeverSet], base: Solved, solved: Mapping[Keys, Solved], avoid: int
) -> dict[Keys, Against]:
    """Each pair against the one of its levers that alone makes the ending least likely.

    A pair of which neither lever is possible alone is compared with no lever.

    Parameters
    ----------
    sets
        Single levers and pairs.
    base, solved
        The crisis solved without a lever, and under each set, on the same draws.
    avoid
        The ending's index.
    """
    means, costs = _means(sets, avoid), _costs(sets)
    halves: dict[Keys, Against] = {}
    for pair in (names for names in means if len(names) == 2):
        half: Keys = min(((name,) for name in pair if (name,) in means), key=lambda one: means[one], default=())
        halves[pair] = Against(pair, half, costs.get(half, 0.0), *_apart(pair, half, base, solved, avoid))
    return halves


def dominated(sets: Sequence[LeverSet], base: Solved, solved: Mapping[Keys, Solved], avoid: int) -> dict[Keys, Against]:
    """The sets that cost more than another and are not shown to do better; parameters as in `better_halves`.

    To pull no lever costs nothing and changes nothing. A set is compared with the best cheaper set: first with no
    lever, then with single levers, then with pairs, until one does as well.
    """
    means, costs = {(): 0.0} | _means(sets, avoid), {(): 0.0} | _costs(sets)
    against_rival: dict[Keys, Against] = {}
    for names in solved:
        for size in range(3):
            cheaper = [rival for rival in means if len(rival) == size and costs[rival] < costs[names]]
            if cheaper and names not in against_rival:
                best = min(cheaper, key=lambda rival: (means[rival], costs[rival]))
                against = Against(names, best, costs[best], *_apart(names, best, base, solved, avoid))
                if against.verdict in ("no better", "worse"):
                    against_rival[names] = against
    return against_rival


def _means(sets: Sequence[LeverSet], avoid: int) -> dict[Keys, float]:
    return {lever_set.levers: list(lever_set.endings.values())[avoid].mean for lever_set in sets}


def _costs(sets: Sequence[LeverSet]) -> dict[Keys, float]:
    return {lever_set.levers: lever_set.counted_cost for lever_set in sets}


def _apart(names: Keys, rival: Keys, base: Solved, solved: Mapping[Keys, Solved], avoid: int) -> tuple[Change, float]:
    """An ending's change from a rival to a set, over draws that converged under both; and the smallest that counts."""
    own, other = solved[names], solved[rival] if rival else base
    kept = own.converged & other.converged
    weight = None if base.weight is None else base.weight[kept]
    after, before = own.endings[avoid], other.endings[avoid]
    least = least_change(mean_of(after[kept], weight), mean_of(before[kept], weight))
    return change_of(after - before, kept, base.weight), float(least)


def pairs_in_vain(halves: Mapping[Keys, Against], word: str, names: Names) -> Iterator[str]:
    """Sentences on the pairs that are worse than one of their levers alone, and on the pairs that are no better."""
    judged = [half for half in halves.values() if half.rival]
    worse = sorted((half for half in judged if half.verdict == "worse"), key=lambda half: -half.change.mean)
    if worse:
        added = (tr("{pair} ({points} points)", pair=half.added(names), points=half.change.points) for half in worse)
        yield tr("Adding {pairs} raises {ending}.", pairs=listed(added, NAMED), ending=word)
    if vain := [half.added(names) for half in judged if half.verdict == "no better"]:
        yield tr("Adding {pairs} adds nothing beyond the error of the draws.", pairs=listed(vain, NAMED))


def levers_dominated(rivals: Mapping[Keys, Against], singles: Sequence[LeverSet], names: Names) -> Iterator[str]:
    """Sentences on the single levers that are dominated, and on those that are not shown to beat a cheaper set."""
    judged = [(single.counted_cost, rivals[single.levers]) for single in singles if single.levers in rivals]
    if named := [_with_rival(cost, against, names) for cost, against in judged if against.as_good]:
        yield tr(
            "Dominated by something that costs less and does as well or better: {levers}.", levers=listed(named, NAMED)
        )
    if named := [_with_rival(cost, against, names) for cost, against in judged if not against.as_good]:
        yield tr(
            "Not shown to do better than something that costs less (more draws may show it): {levers}.",
            levers=listed(named, NAMED),
        )


def _with_rival(cost: float, against: Against, names: Names) -> str:
    """A set of levers and its cheaper rival, in a sentence."""
    values = {
        "levers": names.lever_set(against.levers),
        "cost": as_given(cost),
        "rival": names.lever_set(against.rival),
        "rival_cost": as_given(against.cost),
    }
    if against.as_good:
        return tr("{levers} (cost {cost}) by {rival} (cost {rival_cost})", **values)
    return tr("{levers} (cost {cost}) than {rival} (cost {rival_cost})", **values)


def pairs_table(
    halves: Mapping[Keys, Against], pairs: Sequence[LeverSet], word: str, labels: Mapping[str, str]
) -> Table:
    """Each pair against its better half; `labels`: the sets of levers in names, by their keys in data."""
    verdicts = {
        "better": tr("better"),
        "no better": tr("no better"),
        "worse": tr("worse"),
        "not told apart": tr("not told apart"),
    }
    levers, rival = Column("levers", tr("levers"), names=labels), Column("rival", tr("against"), names=labels)
    columns = levers, rival, *_CHANGE, Column("verdict", tr("is"), names=verdicts)
    judged = [(pair, halves[pair.levers]) for pair in pairs]
    rows = tuple((pair.label, half.rival_label, *_numbers(half), half.verdict) for pair, half in judged)
    caption = tr("Each pair of levers: change of {ending} from its better half", ending=word)
    return Table("pairs", caption, columns, rows)


def dominated_table(
    rivals: Mapping[Keys, Against], sets: Sequence[LeverSet], word: str, labels: Mapping[str, str]
) -> Table:
    """The sets that do worse than a cheaper one, or are not shown to do better, with that one.

    `labels`: as in `pairs_table`.
    """
    columns = (
        Column("levers", tr("levers"), names=labels),
        Column("cost", tr("cost"), "amount"),
        Column("rival", tr("against"), names=labels),
        Column("rival_cost", tr("its cost"), "amount"),
        *_CHANGE,
    )
    judged = [(one, rivals[one.levers]) for one in sets if one.levers in rivals]
    rows = tuple((one.label, one.counted_cost, by.rival_label, by.cost, *_numbers(by)) for one, by in judged)
    caption = tr(
        "Levers that cost more than another and do worse, or are not shown to do better: change of {ending} from it",
        ending=word,
    )
    return Table("dominated", caption, columns, rows)


_CHANGE = (
    Column("change", tr("change"), "points"),
    Column("low", tr("from"), "points", of="change"),
    Column("high", tr("to"), "points", of="change"),
)


def _numbers(against: Against) -> tuple[float, float, float]:
    return against.change.mean, against.change.low, against.change.high
