"""What a change costs, in sentences: the levers that lower an ending most for their cost, or below a limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from offramp.common.numerals import as_given, deviation, percent
from offramp.common.texts import tr
from offramp.crisis.names import Names
from offramp.study.interventions.changes import LeverSet, least_change, rate


def lowers(lever_set: LeverSet, ending: str, level: float) -> bool:
    """Whether levers lower the mean probability of an ending, which is `level` without them, by what counts."""
    return bool(lever_set.endings[ending].mean < -least_change(level))


def lowering_for_cost(
    singles: Sequence[LeverSet], pairs: Sequence[LeverSet], ending: str, level: float, names: Names
) -> Iterator[str]:
    """Sentences on what lowers an ending most at no cost, and most for its cost; none if nothing has a cost.

    `pairs`: those that do better than either of their levers alone; `level`: the ending's probability without a lever.
    """

    def mean(lever_set: LeverSet) -> float:
        return lever_set.endings[ending].mean

    if not any(lever_set.counted_cost for lever_set in singles):
        return
    free = {name for lever_set in singles if lever_set.counted_cost <= 0.0 for name in lever_set.levers}
    lowering = [lever_set for lever_set in (*singles, *pairs) if lowers(lever_set, ending, level)]
    for best in sorted((one for one in lowering if one.counted_cost <= 0.0), key=mean)[:1]:
        named, by = names.lever_set(best.levers), deviation(-mean(best))
        if best.counted_cost < 0.0:
            saved = as_given(-best.counted_cost)
            yield tr(
                "What lowers it most at no cost is {levers}: by {points} points, and it saves {saved}.",
                levers=named,
                points=by,
                saved=saved,
            )
        elif best.cost is not None:
            yield tr("What lowers it most at no cost is {levers}: by {points} points.", levers=named, points=by)
        else:
            yield tr(
                "What lowers it most at no cost (the file does not give every cost) is {levers}: by {points} points.",
                levers=named,
                points=by,
            )
    paid = [lever_set for lever_set in lowering if not free & set(lever_set.levers)]
    for best in sorted(paid, key=lambda one: (mean(one) / one.counted_cost, mean(one)))[:1]:
        cost, named, by = best.counted_cost, names.lever_set(best.levers), deviation(-mean(best))
        each = rate(-mean(best), cost)
        if cost == 1.0 or each is None:
            yield tr(
                "What lowers it most for its cost is {levers}: by {points} points at a cost of {cost}.",
                levers=named,
                points=by,
                cost=as_given(cost),
            )
        else:
            yield tr(
                "What lowers it most for its cost is {levers}: by {points} points at a cost of {cost}, {each} per "
                "unit.",
                levers=named,
                points=by,
                cost=as_given(cost),
                each=deviation(each),
            )


def cheapest(
    reaching: Sequence[LeverSet], ending: str, limit: float, word: str, draws: int, names: Names
) -> Iterator[str]:
    """Sentences on the cheapest of the sets that bring an ending, called `word`, below a limit; cheapest first."""
    least = [
        one
        for one in reaching
        if not any(set(part.levers) < set(one.levers) and part.counted_cost <= one.counted_cost for part in reaching)
    ]
    best = least[0]
    level = percent(best.after[ending])
    if best.high[ending] >= limit:
        level = tr(
            "{level}; within the error of {draws} draws it could be above, use more draws",
            level=level,
            draws=f"{draws:,}",
        )
    yield tr(
        "The cheapest way to bring {ending} below {limit} on average is {levers}, at a cost of {cost}: {level}.",
        ending=word,
        limit=f"{100.0 * limit:g}%",
        levers=names.lever_set(best.levers),
        cost=as_given(best.counted_cost),
        level=level,
    )
    if best.cost is None:
        yield tr("The file does not give the cost of every lever in it.")
        known = next((lever_set for lever_set in least if lever_set.cost is not None), best)
        if known is not best:
            yield tr(
                "Of those whose cost it gives, it is {levers}, at a cost of {cost}.",
                levers=names.lever_set(known.levers),
                cost=as_given(known.counted_cost),
            )
