"""What each expert and each pool expects, as a picture: a strip for each question, a line for each expert and pool."""

from __future__ import annotations

import math
from collections.abc import Iterator

import altair as alt

from offramp.common.numerals import quantity
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import cut
from offramp.elicitation.estimates import POOL_NAMES, PanelEstimates, PooledAnswer
from offramp.elicitation.minimal_information import Curve, expert_curves
from offramp.study.charts import BLUE, INK, styled
from offramp.study.drawings import Drawing, charted

MOST_QUESTIONS = 12
MOST_EXPERTS = 20
"""Questions and experts beyond these are in the tables only."""
ROW = 34
"""Height of a line with its label, in pixels."""
GREY = "#6e7781"
_COLOURS = {"expert": GREY, "pool": BLUE, "question": INK}

Row = dict[str, str | float | int | None]


def drawing_of(estimates: PanelEstimates) -> tuple[Drawing, ...]:
    """The picture of an elicitation."""
    title = tr("What the experts expect: {title}", title=estimates.panel.title)
    caption = tr("Point: median. Line: 5% to 95%. Each question has its own scale, over its intrinsic range.")
    shown = " ".join(filter(None, (caption, _shown(len(estimates.estimates), len(estimates.panel.experts)))))
    return (charted("elicitation", lambda width: elicitation_chart(estimates, width), title, shown),)


def _shown(questions: int, experts: int) -> str:
    """What the picture leaves to the tables, or ""."""
    most = {"questions": MOST_QUESTIONS, "experts": MOST_EXPERTS, "of_questions": questions, "of_experts": experts}
    if questions > MOST_QUESTIONS and experts > MOST_EXPERTS:
        return tr(
            "Shown: the first {questions} of {of_questions} questions and the first {experts} of {of_experts} experts.",
            **most,
        )
    if questions > MOST_QUESTIONS:
        return tr("Shown: the first {questions} of {of_questions} questions.", **most)
    return tr("Shown: the first {experts} of {of_experts} experts.", **most) if experts > MOST_EXPERTS else ""


def elicitation_chart(estimates: PanelEstimates, width: int) -> alt.LayerChart:
    """Each expert's and each pool's median on its 5 to 95 % range, question by question, labels above the lines."""
    rows = list(_rows(estimates))
    base = alt.Chart(alt.InlineData(values=rows))
    row = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    scale = alt.Scale(domain=[0, 1], nice=False)
    colour = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=[*_COLOURS], range=[*_COLOURS.values()]))
    line = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.45, yOffset=9)
    spread = line.encode(alt.X("low:Q", axis=None, scale=scale), alt.X2("high:Q"), row, colour)
    point = base.mark_circle(size=80, opacity=1, yOffset=9)
    median = point.encode(alt.X("median:Q", axis=None, scale=scale), row, colour)
    text = base.mark_text(align="left", fontSize=13, x=0, dy=-6, limit=width)
    label = text.encode(row, colour, text="label:N")
    layers = (spread.properties(name="range"), median.properties(name="median"), label.properties(name="label"))
    return styled(alt.layer(*layers).properties(width=width, height=ROW * len(rows)))


def _rows(estimates: PanelEstimates) -> Iterator[Row]:
    """A row for the name of each question, then one for each expert and each pool."""
    place = 0
    for estimate in estimates.estimates[:MOST_QUESTIONS]:
        for name, kind, curve in _lines(estimate, estimates):
            yield {"place": place, "kind": kind, **_line(printable(name), estimate, curve)}
            place += 1


def _lines(estimate: PooledAnswer, estimates: PanelEstimates) -> Iterator[tuple[str, str, Curve | None]]:
    question = estimate.question
    unit = f", {question.unit}" if question.unit else ""
    yield f"{question.key}{unit}: {cut(question.asks, 80)}", "question", None
    curves = expert_curves(question, estimates.panel.probabilities)
    for expert, curve in list(curves.items())[:MOST_EXPERTS]:
        yield expert, "expert", curve
    for kind, pool in estimate.pools.items():
        yield POOL_NAMES[kind], "pool", pool


def _line(name: str, estimate: PooledAnswer, curve: Curve | None) -> Row:
    if curve is None:
        return {"label": name, "low": None, "median": None, "high": None}
    values = curve.quantile((0.05, 0.5, 0.95)).tolist()
    p5, p50, p95 = map(quantity, values)
    first, last = float(curve.points[0]), float(curve.points[-1])
    scaled = [_scaled(value, curve, first, last) for value in values]
    label = tr("{name}: {median} ({low} to {high})", name=name, median=p50, low=p5, high=p95)
    return {"label": label, "low": scaled[0], "median": scaled[1], "high": scaled[2]}


def _scaled(value: float, curve: Curve, first: float, last: float) -> float:
    """The place of a value in the intrinsic range, from 0 to 1."""
    return ((math.log(value) if curve.log else value) - first) / (last - first)
