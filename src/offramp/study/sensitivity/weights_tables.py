"""Tables on the weights of inputs, of endings or of a measure: shares, directions, and what the inputs rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offramp.common.numerals import percent
from offramp.common.texts import tr
from offramp.crisis.names import Names
from offramp.study.finding import Column, Table
from offramp.study.sensitivity.results import CALLED, Group, Weight
from offramp.study.sensitivity.tipping import Direction

DIRECTIONS: Mapping[Direction, str] = {
    "up": tr("up"),
    "down": tr("down"),
    "rises, then falls": tr("rises, then falls"),
    "falls, then rises": tr("falls, then rises"),
    "to and fro": tr("to and fro"),
    "no trend": tr("no trend"),
}
"""What readers call the directions."""


def weights_table(weights: Sequence[Weight], names: Names, measure: str | None) -> Table:
    """The inputs' shares of the variance of each ending, or of the measure of that name."""
    columns = (
        Column("ending", tr("ending"), names=names.endings),
        Column("input", tr("input"), names=names.inputs),
        Column("first", tr("alone"), "share"),
        Column("first_low", tr("from"), "share"),
        Column("first_high", tr("to"), "share"),
        Column("total", tr("total"), "share"),
        Column("total_low", tr("from"), "share"),
        Column("total_high", tr("to"), "share"),
    )
    rows = tuple(
        (w.ending, w.input, w.first.value, w.first.low, w.first.high, w.total.value, w.total.low, w.total.high)
        for w in weights
    )
    if measure is None:
        caption = tr("Share of an ending's variance by input, with 95 % intervals")
    else:
        caption = tr("Share of the variance of {measure} by input, with 95 % intervals", measure=measure)
    return Table("weights", caption, columns, rows)


def directions_table(weights: Sequence[Weight], names: Names, measure: str | None) -> Table:
    """Which way each input moves an ending, or the measure, and how far."""
    columns = (
        Column("ending", tr("ending"), names=names.endings),
        Column("input", tr("input"), names=names.inputs),
        Column("direction", tr("as it grows"), names=DIRECTIONS),
        Column("at_low", tr("at its 10 %"), "share" if measure is None else "number"),
        Column("at_high", tr("at its 90 %"), "share" if measure is None else "number"),
    )
    rows = tuple((w.ending, w.input, w.direction, w.at_low, w.at_high) for w in weights)
    if measure is None:
        caption = tr("Which way an input moves an ending, on average over all others")
    else:
        caption = tr("Which way an input moves it, on average over all others")
    return Table("directions", caption, columns, rows)


def groups_table(groups: Sequence[Group], names: Names, measure: str | None) -> Table:
    """What the inputs rest on: the joint share of those that rest on one thing, and the range that they make."""
    columns = (
        Column("ending", tr("ending"), names=names.endings),
        Column("rests_on", tr("rests on"), names={**names.cites, **CALLED}),
        Column("inputs", tr("inputs"), "count"),
        Column("share", tr("share"), "share"),
        Column("share_low", tr("from"), "share"),
        Column("share_high", tr("to"), "share"),
        Column("p05", tr("its 5 %"), "share" if measure is None else "number"),
        Column("p95", "95 %", "share" if measure is None else "number"),
    )
    rows = tuple(
        (g.ending, g.rests_on, len(g.inputs), g.share.value, g.share.low, g.share.high, g.low, g.high) for g in groups
    )
    if measure is None:
        caption = tr("Share of an ending's variance by what the inputs rest on, and its range")
    else:
        caption = tr("Share of the variance of {measure} by what the inputs rest on, and its range", measure=measure)
    return Table("groups", caption, columns, rows)


def on_the_weights(light: str, missed: Mapping[str, float], measure: str | None) -> tuple[str, ...]:
    """Notes on these tables.

    `light`: the share below which an input has no row; `missed`: by name of an ending, or of the measure, the share of
    the variance that its polynomial misses.
    """
    alone = tr(
        "Alone: the share of the variance that would go if the input were known, with what it tells about inputs that "
        "it is correlated with (full first-order). Total: the share that would stay if all others were known "
        "(independent total; Kucherenko and others 2012). What an input carries is the larger of the two: total is "
        "above alone if it acts together with others, alone above total if it is correlated with them."
    )
    if measure is None:
        left_out = tr(
            "Inputs that carry less than {share} of an ending's variance are left out of its rows.", share=light
        )
    else:
        left_out = tr(
            "Inputs that carry less than {share} of the variance of {measure} are left out of its rows.",
            share=light,
            measure=measure,
        )
    return (
        f"{alone} {left_out}",
        _on_the_missed(missed),
        tr(
            "A passage's range covers the inputs that cite it: how wide they are is an assumption too, and moves, "
            "payoffs or beliefs that cite it are not varied."
        ),
    )


def _on_the_missed(missed: Mapping[str, float]) -> str:
    worst = max(missed, key=missed.__getitem__)
    if len(missed) > 1:
        return tr(
            "Totals come from a polynomial that stands for the model; of {ending} it misses {share} of the variance, "
            "of the others less. That could belong to any input, so it is added to the upper ends.",
            ending=worst,
            share=percent(missed[worst]),
        )
    return tr(
        "Totals come from a polynomial that stands for the model; of {ending} it misses {share} of the variance. That "
        "could belong to any input, so it is added to the upper ends.",
        ending=worst,
        share=percent(missed[worst]),
    )
