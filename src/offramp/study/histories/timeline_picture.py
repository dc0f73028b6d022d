"""The picture of the timeline: what is done and happens, step by step; the wider a band, the likelier it is.

Drawn as SVG, from left to right if there is room, otherwise from top to bottom. Every band has the colour of its
ending. Colours and lettering are presentation attributes, so they work under a strict Content-Security-Policy, and a
page may override them by the classes `ending-0`, `ending-1`, ...
(marks), `ink`, `faint` and `halo` (text), `skip` and `rule`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import cut
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names
from offramp.study.histories.flows import Flows, TimelineStage

Array = NDArray[np.float64]
Kind = Literal["ink", "faint"]

COLOURS = ("#d55e00", "#56b4e9", "#009e73", "#e69f00", "#0072b2", "#cc79a7", "#8c8c8c")
"""Colours by ending, distinct for colour-blind readers (Okabe & Ito 2008), grey for the rest."""
INK, FAINT, PAPER, RULE = "#1b1f24", "#59636e", "#ffffff", "#8c959f"
FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
MOST_STAGES = 28
"""Number of steps that the picture shows, from the beginning of the timeline."""
THINNEST = 0.1
"""Bands thinner than this, in pixels, are not drawn."""
SIDEWAYS = 1000.0
"""A picture of at least this width, in pixels, runs from left to right, any other from top to bottom."""
LETTER = 0.55
"""The mean width of a letter as a share of its size."""


@dataclass(frozen=True)
class Frame:
    """The measures of a layout, in pixels: along the timeline and across it.

    `size`: of letters; `bar`: thickness of bars; `pitch`: from one step to the next; `across`: room for all bars.
    """

    pitch: float
    across: float
    gap: float
    bar: float
    size: float


@dataclass(frozen=True)
class Bar:
    """A value of a step: where its bar begins across the timeline, and the length of each ending's part, in pixels."""

    value: str
    label: str
    start: float
    parts: Array

    @property
    def length(self) -> float:
        return float(self.parts.sum())

    @property
    def middle(self) -> float:
        return self.start + self.length / 2

    def part(self, ending: int) -> float:
        """Where the part of an ending begins."""
        return self.start + float(self.parts[:ending].sum())


def timeline_svg(flows: Flows, width: float) -> str:
    """The picture as an SVG document on white, `width` pixels wide, or wider if its steps need that."""
    root = _picture(flows, width)
    wide, high = root.attrib["viewBox"].split()[2:]
    root.attrib = {"xmlns": "http://www.w3.org/2000/svg", "width": wide, "height": high} | root.attrib
    root.insert(0, Element("rect", {"width": "100%", "height": "100%", "fill": PAPER}))
    return ElementTree.tostring(root, encoding="unicode")


def drawn_timeline(flows: Flows, name: str, width: float) -> str:
    """The picture as an SVG element for an HTML page; `name` makes its identifiers unique on the page."""
    root = _picture(flows, width)
    root.attrib |= {"role": "img", "aria-labelledby": f"{name}-title {name}-description", "class": f"timeline {name}"}
    endings = ", ".join(f"{flows.names.ending(ending)} {percent(share)}" for ending, share in flows.endings.items())
    steps = "; ".join(_in_words(stage, flows.names) for stage in flows.stages[:MOST_STAGES])
    text = tr(
        "{solved} Play from step to step; the wider a band, the likelier it is. {steps}. It ends in: {endings}.",
        solved=flows.solved, steps=steps, endings=endings,
    )  # fmt: skip
    title = tr("{crisis}: the timeline, and how play flows along it", crisis=flows.crisis)
    for tag, place, content in (("desc", "description", text), ("title", "title", title)):
        element = Element(tag, {"id": f"{name}-{place}"})
        element.text = printable(content)
        root.insert(0, element)
    return ElementTree.tostring(root, encoding="unicode")


def _in_words(stage: TimelineStage, names: Names) -> str:
    """A step in words, for readers who cannot see the picture."""
    shares = stage.shares.sum(axis=1)
    likely = ", ".join(
        f"{names.option(stage.step, value)} {percent(share)}"
        for value, share in zip(stage.values, shares, strict=True)
        if share > 0.0
    )
    days = f" ({stage.days})" if stage.days else ""
    return f"{names.step(stage.step, stage.round)}{days}: {likely}"


def _picture(flows: Flows, width: float) -> Element:
    return (_sideways if width >= SIDEWAYS else _downwards)(flows, flows.stages[:MOST_STAGES], width)


def _bars(shares: Array, values: Sequence[str], names: Sequence[str], frame: Frame) -> list[Bar | None]:
    """The bars of a column, from probabilities (values, endings); None for a value that never occurs."""
    scale = frame.across - frame.gap * 4
    lengths = shares * scale
    visible = [index for index in range(len(values)) if lengths[index].sum() > 0.0]
    gap = min(frame.gap, (frame.across - scale) / max(len(visible) - 1, 1))
    start = (frame.across - scale - gap * (len(visible) - 1)) / 2
    bars: list[Bar | None] = [None] * len(values)
    for place in visible:
        label = f"{names[place]} {percent(float(shares[place].sum()))}"
        bars[place] = Bar(values[place], printable(label), start, lengths[place])
        start += float(lengths[place].sum()) + gap
    return bars


def _columns(flows: Flows, stages: Sequence[TimelineStage], frame: Frame) -> tuple[list[list[Bar | None]], list[Array]]:
    """The bars of every step and of the endings, and the joint probabilities between them."""
    scale = frame.across - frame.gap * 4
    columns = [
        _bars(stage.shares, stage.values, [flows.names.option(stage.step, value) for value in stage.values], frame)
        for stage in stages
    ]
    endings = list(flows.endings)
    shares = np.diag(list(flows.endings.values()))
    columns.append(_bars(shares, endings, [flows.names.ending(key) for key in endings], frame))
    joints = [joint * scale for joint in flows.between[: max(len(stages) - 1, 0)]]
    if stages:
        last = stages[-1].shares
        joints.append(np.stack([np.diag(row) for row in last]) * scale)
    return columns, joints


def _bands(
    left: list[Bar | None], right: list[Bar | None], joint: Array
) -> Iterator[tuple[float, float, float, int, bool]]:
    """The bands between two columns: start at the left and at the right, width, ending, whether a step is skipped.

    At a bar the bands of an ending lie together, in the order of the values at their other ends.
    """
    used_left, used_right = np.zeros((len(left), joint.shape[2])), np.zeros((len(right), joint.shape[2]))
    for a, b, ending in np.ndindex(*joint.shape):
        source, target, width = left[a], right[b], float(joint[a, b, ending])
        if source is None or target is None:
            continue
        if width >= THINNEST:
            skipped = SKIPPED in (source.value, target.value)
            start, end = source.part(ending) + used_left[a, ending], target.part(ending) + used_right[b, ending]
            yield float(start), float(end), width, ending, skipped
        used_left[a, ending] += width
        used_right[b, ending] += width


def _sideways(flows: Flows, stages: Sequence[TimelineStage], width: float) -> Element:
    """From left to right: a column a step, its name above, the endings at the right."""
    top, left, room = 104.0, 8.0, 118.0
    pitch = max(70.0, (width - left - room) / max(len(stages), 1))
    frame = Frame(pitch=pitch, across=440.0, gap=14.0, bar=9.0, size=11.0)
    columns, joints = _columns(flows, stages, frame)
    root = _root(left + pitch * len(stages) + room, top + frame.across + 14.0)
    bands, bars, words = (SubElement(root, "g") for _ in range(3))
    for place, joint in enumerate(joints):
        start, end = left + place * pitch + frame.bar, left + (place + 1) * pitch
        bend = (start + end) / 2
        for one, other, thick, ending, skipped in _bands(columns[place], columns[place + 1], joint):
            y, z = top + one, top + other
            _band(bands, ending, skipped,
                  f"M{start:.1f} {y:.1f}C{bend:.1f} {y:.1f} {bend:.1f} {z:.1f} {end:.1f} {z:.1f}V{z + thick:.1f}"
                  f"C{bend:.1f} {z + thick:.1f} {bend:.1f} {y + thick:.1f} {start:.1f} {y + thick:.1f}Z")  # fmt: skip
    for place, column in enumerate(columns):
        x = left + place * pitch
        ends = place == len(stages)
        for bar in filter(None, column):
            for ending, begin, long in _parts(bar):
                _rect(bars, bar, ending, x, top + begin, frame.bar, long)
        _labels_beside(words, [bar for bar in column if bar], x + frame.bar + 4, top, frame, room if ends else pitch)
        if ends:
            _text(words, tr("ends in"), x, top - 46, 12, "ink", bold=True)
    for place, stage in enumerate(stages):
        _heading(words, flows.names.steps[stage.step], stage.actor, left + place * pitch, top - 46, pitch - 4)
    for number, first, last in _rounds(stages):
        x, end = left + first * pitch, left + (last + 1) * pitch - 14
        _rule(words, x, 12, end, 12)
        days = stages[first].days
        when = tr("round {round}, {days}", round=number, days=days) if days else tr("round {round}", round=number)
        _text(words, _cut(when, end - x, 11), x, 26, 11, "faint")
    return root


def _downwards(flows: Flows, stages: Sequence[TimelineStage], width: float) -> Element:
    """From top to bottom: a row a step, its name above, the endings at the bottom."""
    top, left = 52.0, 8.0
    frame = Frame(pitch=104.0, across=width - 2 * left, gap=10.0, bar=9.0, size=11.5)
    columns, joints = _columns(flows, stages, frame)
    root = _root(width, top + frame.pitch * len(stages) + frame.bar + 8)
    bands, bars, words = (SubElement(root, "g") for _ in range(3))
    for place, joint in enumerate(joints):
        start, end = top + place * frame.pitch + frame.bar, top + (place + 1) * frame.pitch
        low, high = start + frame.pitch * 0.4, end - frame.pitch * 0.4
        for one, other, thick, ending, skipped in _bands(columns[place], columns[place + 1], joint):
            x, z = left + one, left + other
            _band(bands, ending, skipped,
                  f"M{x:.1f} {start:.1f}C{x:.1f} {low:.1f} {z:.1f} {high:.1f} {z:.1f} {end:.1f}H{z + thick:.1f}"
                  f"C{z + thick:.1f} {high:.1f} {x + thick:.1f} {low:.1f} {x + thick:.1f} {start:.1f}Z")  # fmt: skip
    for place, column in enumerate(columns):
        y = top + place * frame.pitch
        for bar in filter(None, column):
            for ending, begin, long in _parts(bar):
                _rect(bars, bar, ending, left + begin, y, long, frame.bar)
        _labels_above(words, [bar for bar in column if bar], left, y - 6, frame)
        if place < len(stages):
            stage = stages[place]
            who = stage.actor or tr("chance")
            if stage.round:
                who = tr("round {round}, {actor}", round=stage.round, actor=who)
            _text(
                words,
                _cut(flows.names.steps[stage.step], 0.54 * frame.across, 13),
                left,
                y - 23,
                13,
                "ink",
                bold=True,
                halo=True,
            )
            _text(
                words,
                _cut(who, 0.44 * frame.across, 11),
                left + frame.across,
                y - 23,
                11,
                "faint",
                anchor="end",
                halo=True,
            )
        else:
            _text(words, tr("ends in"), left, y - 23, 13, "ink", bold=True, halo=True)
    return root


def _labels_beside(parent: Element, bars: list[Bar], x: float, top: float, frame: Frame, room: float) -> None:
    """Labels to the right of bars, near their middles without overlap; on two lines if one is too short."""
    wide = room - frame.bar - 6
    texts = [_lines(bar.label, wide, frame.size) for bar in bars]
    line = frame.size * 1.15
    places = _apart([bar.middle for bar in bars], [line * len(lines) + 1 for lines in texts], frame.across)
    for bar, lines, place in zip(bars, texts, places, strict=True):
        for number, text in enumerate(lines):
            y = top + place + line * (number - len(lines) / 2) + frame.size * 0.85
            _text(parent, text, x, y, frame.size, "faint" if bar.value == SKIPPED else "ink", halo=True)


def _labels_above(parent: Element, bars: list[Bar], left: float, y: float, frame: Frame) -> None:
    """Labels above bars, near their middles without overlap; the least likely are left out if there is no room."""
    kept = sorted(bars, key=lambda bar: -bar.length)
    wide = {bar.value: len(bar.label) * frame.size * LETTER + 8 for bar in bars}
    while len(kept) > 1 and sum(wide[bar.value] for bar in kept) > frame.across:
        kept.pop()
    kept.sort(key=lambda bar: bar.start)
    places = _apart([bar.middle for bar in kept], [wide[bar.value] for bar in kept], frame.across)
    for bar, place in zip(kept, places, strict=True):
        text = _cut(bar.label, frame.across, frame.size)
        kind: Kind = "faint" if bar.value == SKIPPED else "ink"
        _text(parent, text, left + place, y, frame.size, kind, halo=True, anchor="middle")


def _apart(middles: Sequence[float], sizes: Sequence[float], room: float) -> list[float]:
    """Middles moved apart in one sweep there and back, so that items of these sizes do not overlap.

    Examples
    --------
    >>> _apart([5.0, 6.0, 50.0], [10.0, 10.0, 10.0], 100.0)
    [5.0, 15.0, 50.0]
    """
    moved: list[float] = []
    edge = 0.0
    for middle, size in zip(middles, sizes, strict=True):
        moved.append(max(middle, edge + size / 2))
        edge = moved[-1] + size / 2
    edge = room
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], edge - sizes[index] / 2)
        edge = moved[index] - sizes[index] / 2
    return moved


def _heading(parent: Element, step: str, actor: str | None, x: float, y: float, room: float) -> None:
    """A step's name, in up to two lines that end at `y`, and its actor below."""
    lines = _lines(step, room, 12, most=2)
    for number, text in enumerate(lines):
        _text(parent, text, x, y - 14 * (len(lines) - 1 - number), 12, "ink", bold=True)
    for number, text in enumerate(_lines(actor or tr("chance"), room, 11, most=2)):
        _text(parent, text, x, y + 15 + 13 * number, 11, "faint")


def _rounds(stages: Sequence[TimelineStage]) -> Iterator[tuple[int, int, int]]:
    """Each round that is played: its number, its first and its last step."""
    first = 0
    for place, stage in enumerate(stages):
        if place and stage.round != stages[place - 1].round:
            first = place
        if stage.round and (place + 1 == len(stages) or stages[place + 1].round != stage.round):
            yield stage.round, first, place


def _parts(bar: Bar) -> Iterator[tuple[int, float, float]]:
    """The parts of a bar: the ending, where it begins, how long it is."""
    for ending, long in enumerate(bar.parts):
        if long > 0.0:
            yield ending, bar.part(ending), float(long)


def _lines(text: str, room: float, size: float, most: int = 3) -> list[str]:
    """A text wrapped into at most `most` lines; words that are too long and text after the last line are cut.

    Examples
    --------
    >>> _lines("as escalation 24%", 70, 11)
    ['as', 'escalation', '24%']
    """
    fits = room / (size * LETTER)
    lines: list[str] = []
    for word in printable(text).split():
        if lines and (len(lines[-1]) + 1 + len(word) <= fits or len(lines) == most):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [_cut(line, room, size) for line in lines] or [""]


def _cut(text: str, room: float, size: float) -> str:
    """A text cut to a width in pixels."""
    return cut(printable(text), max(2, int(room / (size * LETTER))))


def _root(width: float, height: float) -> Element:
    return Element("svg", {"viewBox": f"0 0 {width:.0f} {height:.0f}", "font-family": FONT})


def _colour(ending: int) -> dict[str, str]:
    place = min(ending, len(COLOURS) - 1)
    return {"class": f"ending-{place}", "fill": COLOURS[place]}


def _band(parent: Element, ending: int, skipped: bool, path: str) -> None:
    SubElement(parent, "path", _colour(ending) | {"d": path, "fill-opacity": "0.16" if skipped else "0.55"})


def _rect(parent: Element, bar: Bar, ending: int, x: float, y: float, width: float, height: float) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    colour = {"class": "skip", "fill": RULE, "fill-opacity": "0.5"} if bar.value == SKIPPED else _colour(ending)
    SubElement(parent, "rect", place | colour)


def _rule(parent: Element, x: float, y: float, end: float, low: float) -> None:
    line = {"x1": f"{x:.1f}", "y1": f"{y:.1f}", "x2": f"{end:.1f}", "y2": f"{low:.1f}"}
    SubElement(parent, "line", line | {"class": "rule", "stroke": RULE, "stroke-width": "1.5"})


def _text(
    parent: Element, text: str, x: float, y: float, size: float, kind: Kind, *,
    bold: bool = False, halo: bool = False, anchor: str = "start",
) -> None:  # fmt: skip
    look = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": f"{size:g}", "class": kind + (" halo" if halo else "")}
    look["fill"] = INK if kind == "ink" else FAINT
    if bold:
        look["font-weight"] = "600"
    if anchor != "start":
        look["text-anchor"] = anchor
    if halo:
        halo_look = {"stroke": PAPER, "stroke-width": "3", "stroke-opacity": "0.85", "stroke-linejoin": "round"}
        look |= halo_look | {"paint-order": "stroke"}
    SubElement(parent, "text", look).text = printable(text)
