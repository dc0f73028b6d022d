"""What each lever changes in the endings to avoid, as a picture."""

from __future__ import annotations

import altair as alt
import numpy as np

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.study.charts import BLUE, in_lines, labels_above, marks_below, row_height, styled
from offramp.study.interventions.changes import LeverSet
from offramp.study.interventions.levers_finding import Levers

PAIRS = 6
"""Number of pairs shown, those that lower the ending most; the table has all."""
ZERO = "#57606a"


def levers_chart(levers: Levers, width: int) -> alt.LayerChart:
    """The mean change of the ending under every lever and the best pairs, with its 95 % interval, and a zero line.

    A pair that does no better than one of its levers alone has a remark. A faint line behind each mark shows the
    change's 5 to 95 % range over the draws. Labels stand above the marks, so that a chart on a phone has room for them.
    """
    shown = [*levers.singles, *levers.pairs[:PAIRS]]
    rows = [_row(place, lever_set, levers, width) for place, lever_set in enumerate(shown)]
    height = row_height(str(row["label"]) for row in rows)
    below = marks_below(height)
    base = alt.Chart(alt.InlineData(values=[row for row in rows if np.isfinite(row["mean"])]))
    row = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0, domain=list(range(len(rows)))))
    title = in_lines(tr("change of {ending} in points", ending=printable(levers.goal.name)), width)
    axis = alt.Axis(title=title.split("\n"), tickCount=5)
    scale = alt.Scale(domain=_domain(rows), nice=True)
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0.0}])).mark_rule(color=ZERO, strokeWidth=1.5)
    faint = base.mark_rule(strokeWidth=2, opacity=0.45, color=BLUE, yOffset=below)
    line = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.45, color=BLUE, yOffset=below)
    point = base.mark_circle(size=90, opacity=1, color=BLUE, yOffset=below)
    return styled(
        alt.layer(
            zero.encode(alt.X("zero:Q", scale=scale, axis=axis)).properties(name="zero"),
            faint.encode(alt.X("p05:Q", scale=scale, axis=axis), alt.X2("p95:Q"), row).properties(name="spread"),
            line.encode(alt.X("low:Q", scale=scale, axis=axis), alt.X2("high:Q"), row).properties(name="range"),
            point.encode(alt.X("mean:Q", scale=scale, axis=axis), row).properties(name="mean"),
            labels_above(base, row, height),
        ).properties(width=width, height=height * max(len(rows), 1))
    )


def _row(place: int, shown: LeverSet, levers: Levers, width: int) -> dict[str, str | int | float]:
    change, half = shown.endings[levers.ending], levers.halves.get(shown.levers)
    numbers = {name: 100.0 * value for name, value in vars(change).items()}
    if not np.isfinite(numbers["low"]):  # too few draws for an interval
        numbers |= {"low": numbers["mean"], "high": numbers["mean"]}
    called = printable(levers.names.lever_set(shown.levers))
    return {
        "place": place,
        "label": in_lines(_label(called, change.points, half.verdict if half else ""), width),
        **numbers,
    }


def _label(levers: str, points: str, verdict: str) -> str:
    """The levers with their change, and a remark on a pair that does no better than one of its levers alone."""
    if verdict == "no better":
        return tr("{levers}: {points}, adds nothing", levers=levers, points=points)
    if verdict == "worse":
        return tr("{levers}: {points}, worse than one", levers=levers, points=points)
    return f"{levers}: {points}"


def _domain(rows: list[dict[str, str | int | float]]) -> list[float]:
    """From the lowest to the highest mark, including zero."""
    marks = [float(row[name]) for row in rows for name in ("p05", "p95", "low", "high")]
    marks = [mark for mark in marks if np.isfinite(mark)]
    return [min([0.0, *marks]), max([0.0, *marks])]
