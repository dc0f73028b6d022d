"""The endings of rival drafts as a picture: under each ending, a point and its interval for every draft."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt

from offramp.common.numerals import percent, span
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.crisis.names import capital
from offramp.study.charts import INK, ROW, probabilities, styled
from offramp.study.rivals.rivals_finding import LACKS, Rivals


def rivals_chart(rivals: Rivals, width: int) -> alt.LayerChart:
    """Each ending's mean probability in each draft as a point on its 5 to 95 % interval, under the ending's name.

    Labels stand above the lines, so that a phone has room for the marks.
    """
    rows = [{"place": place, **row} for place, row in enumerate(_rows(rivals))]
    marks = alt.Chart(alt.InlineData(values=[row for row in rows if "mean" in row]))
    places = list(range(len(rows)))
    row = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0, domain=places))
    labels = [_text(rows, heading, width).encode(row, text="label:N") for heading in (True, False)]
    return styled(alt.layer(*probabilities(marks, row), *labels).properties(width=width, height=ROW * len(rows)))


def _text(rows: list[dict[str, Any]], heading: bool, width: int) -> alt.Chart:
    """The labels of the headings, in bold, or of the drafts."""
    values = [row for row in rows if row["heading"] == heading]
    chart = alt.Chart(alt.InlineData(values=values), name="heading" if heading else "label")
    dy = 8 if heading else -8  # a heading stands nearer to what is below it
    weight: Literal["bold", "normal"] = "bold" if heading else "normal"
    text: alt.Chart = chart.mark_text(align="left", fontSize=14, fontWeight=weight, color=INK, x=0, dy=dy, limit=width)
    return text


def _rows(rivals: Rivals) -> list[dict[str, Any]]:
    """A heading for each ending, and below it a row for each draft, whose marks are missing if it has no numbers."""
    rows: list[dict[str, Any]] = []
    for ending in rivals.endings:
        rows.append({"label": capital(printable(ending.name)), "heading": True})
        for draft in rivals.drafts:
            one = ending.by_draft.get(draft.label)
            called = printable(draft.label)
            if one is None:
                rows.append({"label": f"{called}: {LACKS}", "heading": False})
            elif draft.converged:
                interval = one.interval
                label = f"{called}: {percent(interval.mean)} ({span(interval.p05, interval.p95)})"
                marks = {"mean": interval.mean, "low": interval.p05, "high": interval.p95}
                rows.append({"label": label, "heading": False, **marks})
            else:
                rows.append({"label": tr("{draft}: no draw converged", draft=called), "heading": False})
    return rows
