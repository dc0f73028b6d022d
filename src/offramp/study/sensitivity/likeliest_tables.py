"""Tables on the likeliest ending: where along an input it changes, and in which region of the inputs one dominates."""

from __future__ import annotations

from collections.abc import Sequence

from offramp.common.numerals import bound
from offramp.common.texts import tr
from offramp.crisis.names import Names
from offramp.study.finding import Column, Table
from offramp.study.sensitivity.results import Dominance, Tipped

MOST_TIPPING = 10


def tips_table(tipped: Sequence[Tipped], names: Names) -> Table:
    """Where the likeliest ending changes along an input."""
    columns = (
        Column("input", tr("input"), names=names.inputs),
        Column("before", tr("likeliest below"), names=names.endings),
        Column("after", tr("likeliest above"), names=names.endings),
        Column("value", tr("at"), "number"),
        Column("low", tr("from"), "number"),
        Column("high", tr("to"), "number"),
    )
    rows = tuple(
        (one.input, before, after, value.p50, value.p05, value.p95)
        for one in tipped
        for before, after, value in one.changes
    )
    return Table("tipping", tr("Where the likeliest ending changes, by one input at a time"), columns, rows)


def leads_table(tipped: Sequence[Tipped], likeliest: str, names: Names) -> Table:
    """The least lead of the likeliest ending along each input."""
    columns = (
        Column("input", tr("input"), names=names.inputs),
        Column("lead", tr("lead"), "points"),
        Column("rival", tr("over"), names=names.endings),
        Column("at", tr("at"), "number"),
        Column("other_low", tr("low tenth"), "share"),
        Column("other_high", tr("high tenth"), "share"),
    )
    shown = tipped[: max(MOST_TIPPING, sum(bool(one.changes) for one in tipped))]
    rows = tuple((one.input, one.lead, one.rival, one.at, one.other_low, one.other_high) for one in shown)
    caption = tr(
        "The least lead of {ending} along an input, and how often another ending is likeliest",
        ending=names.ending(likeliest),
    )
    return Table("leads", caption, columns, rows)


def regions_table(dominance: Sequence[Dominance], names: Names) -> Table:
    """How well a region of the inputs tells where an ending dominates, for the endings that have one."""
    columns = (
        Column("ending", tr("ending"), names=names.endings),
        Column("case", tr("is")),
        Column("coverage", tr("coverage"), "share"),
        Column("density", tr("density"), "share"),
        Column("mass", tr("mass"), "share"),
        Column("everywhere", tr("everywhere"), "share"),
    )
    rows = tuple(
        (
            one.ending,
            tr("likeliest") if one.above is None else tr("above {level}", level=bound(one.above)),
            one.coverage,
            one.density,
            one.mass,
            one.everywhere,
        )
        for one in dominance
        if one.limits
    )
    return Table("regions", tr("How well a region of the inputs tells where an ending dominates"), columns, rows)


def limits_table(dominance: Sequence[Dominance], names: Names) -> Table:
    """The limits of these regions."""
    columns = (
        Column("ending", tr("ending"), names=names.endings),
        Column("input", tr("input"), names=names.inputs),
        Column("low", tr("above"), "number"),
        Column("high", tr("below"), "number"),
    )
    rows = tuple((one.ending, name, *limit) for one in dominance for name, limit in one.limits.items())
    return Table("limits", tr("The limits of these regions"), columns, rows)


def on_the_likeliest(likeliest: str) -> tuple[str, ...]:
    """Notes on these tables; `likeliest`: the name of the likeliest ending."""
    return (
        tr(
            "Low and high tenth: the share of draws, with the input in its lowest and highest tenth, in which another "
            "ending than {likeliest} is likeliest. The lead, and where the likeliest ending changes, are on average "
            "over all other inputs.",
            likeliest=likeliest,
        ),
        tr(
            "Coverage: of such draws, how many lie in the region; density: of the draws in it, how many are such; "
            "mass: its share of all draws; everywhere: of all draws, how many are such. Found on one half of the draws "
            "by patient rule induction (Friedman & Fisher 1999); all four are measured on the other."
        ),
    )
