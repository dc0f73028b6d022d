"""A card for each crisis of the gallery: what it is about, how it may end, and what came about."""

import re
from collections.abc import Iterator, Mapping
from html import escape

from offramp.common.numerals import percent
from offramp.crisis.names import names_of
from offramp.runs.weighted import Interval
from offramp.study.known_outcomes.gallery_listing import GalleryCrisis, gallery_entry, gallery_listing

MOST = 260
"""Characters of a README on its card, unless its first sentence has more."""
WIDTH, ROW, BAR = 340, 34, 8


def opening(paragraphs: tuple[str, ...]) -> str:
    """The first sentences of a README that fit a card."""
    first, *others = re.split(r"(?<=[.?!])\s+(?=[A-Z*])", re.sub(r"[*`]", "", paragraphs[0]))
    for sentence in others:
        if len(first) + len(sentence) > MOST:
            break
        first += f" {sentence}"
    return first


def bars(about: GalleryCrisis, endings: Mapping[str, Interval]) -> Iterator[str]:
    """A picture of the endings: a bar for the mean, a line for nine draws out of ten."""
    names = names_of(about.crisis).endings
    said = "; ".join(f"{names[key]} {percent(interval.mean)}" for key, interval in endings.items())
    height = ROW * len(endings)
    box = f'viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg"'
    yield f'<svg class="endings" role="img" aria-label="{escape(said)}" {box}>'
    for number, (key, interval) in enumerate(endings.items()):
        top = ROW * number
        middle = top + 21 + BAR / 2
        left, right = WIDTH * interval.p05, WIDTH * interval.p95
        yield f'<text x="0" y="{top + 14}">{escape(names[key][:46])}</text>'
        yield f'<text x="{WIDTH}" y="{top + 14}" text-anchor="end">{percent(interval.mean)}</text>'
        yield f'<rect class="whole" x="0" y="{top + 21}" width="{WIDTH}" height="{BAR}"/>'
        yield f'<rect x="0" y="{top + 21}" width="{WIDTH * interval.mean:.1f}" height="{BAR}"/>'
        yield f'<path d="M{left:.1f} {middle} H{right:.1f} M{left:.1f} {middle - 4} v8 M{right:.1f} {middle - 4} v8"/>'
    yield "</svg>"


def _text(words: str) -> str:
    """Words as Markdown in which HTML is only text."""
    return escape(words, quote=False)


def card(about: GalleryCrisis) -> list[str]:
    """The card of a crisis, which leads to its page."""
    picture = ["```{raw} html", *bars(about, about.endings), "```"] if about.endings else []
    came = "" if about.outcome is None else f"What came about: {_text(about.standing)}"
    return [
        f"::::{{grid-item-card}} {_text(about.crisis.title)}",
        f":link: /crises/{about.name}/README",
        ":link-type: doc",
        "",
        _text(opening(gallery_entry(about.name).paragraphs)),
        "",
        *picture,
        *([":::{card-footer}", came, ":::"] if came else []),
        "::::",
    ]


def crisis_cards() -> str:
    """A grid of all crises, and their pages in the navigation."""
    cards = [line for about in gallery_listing().crises for line in card(about)]
    pages = ["```{toctree}", ":hidden:", ":glob:", "", "/crises/*/README", "```"]
    return "\n".join([":::::{grid} 1 1 2 2", ":gutter: 3", *cards, ":::::", "", *pages])
