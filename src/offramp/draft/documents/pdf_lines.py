"""From the lines of a PDF to its paragraphs: by gaps, indents, sizes and short lines."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from offramp.common.texts import tr
from offramp.draft.documents.dropped import Dropped
from offramp.draft.documents.plain_text import LONGEST_TITLE, ends_sentence, is_item, joined, words_of

RULE = tr("a paragraph starts after a gap, a short line or an indent, or in another size of type")

EDGE = 2
"""Lines at the top and at the bottom of a page among which running heads and page numbers are."""
REPEATED = 0.4
"""Share of the pages on which a running head is, as left and right pages may have different ones."""
WIDE_GAP = 1.3
"""A gap wider than this many usual ones starts a paragraph."""
SHORT = 0.95
"""A line ends a paragraph if it ends a sentence, and with the next word would be shorter than this share of a full one.
"""
VERY_SHORT = 0.65
"""A line that with the next word would be shorter than this share of a full one ends a paragraph in any case."""
AROUND = 4
"""Lines before and after a line, of which the widest is a full one there."""
MARGIN = 0.07
"""Share of a page's height, at the top and at the bottom, that holds the running heads of a document of two pages."""
OTHER_SIZE = 0.08

WIDTHS = {
    **dict.fromkeys("iljI.,;:'’!|", 0.25),
    **dict.fromkeys(' ftr()[]-“”"', 0.32),
    **dict.fromkeys("mwMW—", 0.82),
}
"""About how wide letters are in common types, in parts of the size; others are 0.5, capitals 0.67."""

_NUMBER = re.compile(
    r"\W*(?:page|p\.|seite|página|pagina)?\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W*", re.I
)


@dataclass(frozen=True)
class TextLine:
    """A line of a page: its place and its size in points, and its height on the page as a share of it."""

    page: int
    text: str
    x: float
    y: float
    size: float
    height: float


def paragraphs_of_lines(lines: Sequence[TextLine], dropped: Dropped) -> tuple[str | None, list[str], str]:
    """The title, the paragraphs and the rule of a document's lines."""
    body = without_running_heads(lines, dropped)
    words = words_of("\n".join(line.text for line in body))
    blocks = _blocks(body)
    paragraphs = [joined([line.text for line in block], words) for block in blocks]
    return _title(body, blocks, paragraphs), paragraphs, RULE


def without_running_heads(lines: Sequence[TextLine], dropped: Dropped) -> list[TextLine]:
    """The lines without those at the edges of pages that return on many of them, and without page numbers."""
    on_page: dict[int, list[TextLine]] = defaultdict(list)
    for line in lines:
        on_page[line.page].append(line)
    if len(on_page) < 2:
        return list(lines)
    edges: dict[tuple[str, str], set[TextLine]] = defaultdict(set)
    for of_page in on_page.values():
        ordered = sorted(of_page, key=lambda line: -line.y)
        for edge, some in (("top", ordered[:EDGE]), ("bottom", ordered[-EDGE:])):
            for line in some if len(ordered) > 2 * EDGE or edge == "bottom" else some[:1]:
                edges[edge, _shape(line.text)].add(line)
    least = max(REPEATED * len(on_page), 3)
    gone: set[TextLine] = set()
    for (_, shape), alike in edges.items():
        pages = len({line.page for line in alike})
        in_margin = all(not MARGIN < line.height < 1.0 - MARGIN for line in alike)
        if pages >= least or (pages >= 2 and (shape == "#" or (in_margin and len(on_page) == 2))):
            gone |= alike
    if gone:
        dropped.add("heads", len(gone))
    return [line for line in lines if line not in gone]


def _shape(text: str) -> str:
    """A line without its numbers, so that page numbers and heads with them are alike."""
    return "#" if _NUMBER.fullmatch(text.strip()) else re.sub(r"\d+", "#", " ".join(text.split()).lower())


def _width(text: str) -> float:
    """About how wide a text is in a proportional type, in parts of its size."""
    return sum(WIDTHS.get(letter, 0.67 if letter.isupper() else 0.5) for letter in text)


def _blocks(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    gaps: dict[int, Counter[float]] = defaultdict(Counter)
    for before, line in pairwise(lines):
        if (
            before.page == line.page
            and 0 < before.y - line.y < 4 * line.size
            and round(before.size) == round(line.size)
        ):
            gaps[round(line.size)][round(2.0 * (before.y - line.y)) / 2.0] += 1
    leading = {size: max(some, key=lambda gap: (some[gap], -gap)) for size, some in gaps.items()}
    full = _full_widths(lines)
    blocks: list[list[TextLine]] = []
    for index, line in enumerate(lines):
        if blocks and not _starts(blocks[-1], line, leading, full[index - 1]):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _full_widths(lines: Sequence[TextLine]) -> list[float]:
    """How wide a full line is at each line: as wide as the widest around it in the same size."""
    widths = [_width(line.text) for line in lines]
    around = (range(max(at - AROUND, 0), min(at + AROUND + 1, len(lines))) for at in range(len(lines)))
    return [
        max(widths[other] for other in others if round(lines[other].size) == round(line.size))
        for line, others in zip(lines, around, strict=True)
    ]


def _starts(block: Sequence[TextLine], line: TextLine, leading: dict[int, float], full: float) -> bool:
    """Whether a line starts a paragraph after those of a block; `full`: the width of a full line there."""
    before = block[-1]
    size = round(line.size)
    if abs(line.size - before.size) > OTHER_SIZE * max(line.size, before.size):
        return True
    ended = ends_sentence(before.text)
    gap = before.y - line.y
    if before.page != line.page or gap < -0.5 * line.size:  # another page or column: only the words tell
        return ended or is_item(line.text)
    if gap > WIDE_GAP * leading.get(size, 1.2 * line.size) + 0.5:
        return True
    filled = _width(f"{before.text} {line.text.split(maxsplit=1)[0]}") / full
    short = filled < SHORT
    if is_item(line.text) and (ended or is_item(block[0].text) or short):
        return True
    indent = (line.x - before.x) / max(line.size, 1.0)
    if gap > 0.5 * line.size:
        if 0.8 <= indent <= 8.0 and not (len(block) == 1 and is_item(before.text)):
            return True
        if indent <= -0.8 and len(block) > 1:
            return True
    return (ended and short) or filled < VERY_SHORT


def _title(lines: Sequence[TextLine], blocks: Sequence[Sequence[TextLine]], paragraphs: Sequence[str]) -> str | None:
    """The first paragraph in the largest type of the first page, if that is larger than the usual type."""
    usual = Counter(round(line.size) for line in lines for _ in line.text).most_common(1)
    first = [(block[0].size, text) for block, text in zip(blocks, paragraphs, strict=True) if block[0].page == 1]
    if not first or not usual:
        return None
    size, text = max(first, key=lambda pair: pair[0])
    return text if size > 1.15 * usual[0][0] and len(text) <= LONGEST_TITLE else None
