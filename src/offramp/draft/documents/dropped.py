"""What is left out of a document, counted, for the person who reads the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from offramp.common.texts import tr, trn

FURNITURE: Mapping[str, Callable[[int], str]] = {
    "navigation": lambda count: trn("{count} paragraph of navigation", "{count} paragraphs of navigation", count),
    "asides": lambda count: trn("{count} paragraph of asides", "{count} paragraphs of asides", count),
    "search": lambda count: trn("{count} paragraph of search", "{count} paragraphs of search", count),
    "footers": lambda count: trn("{count} paragraph of footers", "{count} paragraphs of footers", count),
    "headers": lambda count: trn("{count} paragraph of headers", "{count} paragraphs of headers", count),
    "notices": lambda count: trn("{count} paragraph of notices", "{count} paragraphs of notices", count),
    "promotion": lambda count: trn("{count} paragraph of promotion", "{count} paragraphs of promotion", count),
    "discussion": lambda count: trn(
        "{count} paragraph of comments by readers", "{count} paragraphs of comments by readers", count
    ),
    "links": lambda count: trn("{count} paragraph of lists of links", "{count} paragraphs of lists of links", count),
}
"""Of a saved page, what is not the account."""
UNSEEN_IN_PDF: Mapping[str, Callable[[int], str]] = {
    "layers": lambda count: trn(
        "{count} word in layers that are switched off", "{count} words in layers that are switched off", count
    ),
    "invisible": lambda count: trn("{count} word in invisible text", "{count} words in invisible text", count),
    "transparent": lambda count: trn("{count} word in transparent text", "{count} words in transparent text", count),
    "tiny": lambda count: trn("{count} word in tiny text", "{count} words in tiny text", count),
    "outside": lambda count: trn("{count} word off the page", "{count} words off the page", count),
    "white": lambda count: trn("{count} word in white text", "{count} words in white text", count),
    "inkless": lambda count: trn(
        "{count} word in the colour of its ground", "{count} words in the colour of its ground", count
    ),
}
"""Of a PDF, the words that a reader does not see."""
LEFT_OUT: Mapping[str, Callable[[int], str]] = {
    **FURNITURE,
    **UNSEEN_IN_PDF,
    "controls": lambda count: trn("{count} control character", "{count} control characters", count),
    "blanks": lambda count: trn("{count} invisible character", "{count} invisible characters", count),
    "piles": lambda count: trn("{count} mark piled on a letter", "{count} marks piled on a letter", count),
    "bytes": lambda count: trn("{count} byte that is not UTF-8", "{count} bytes that are not UTF-8", count),
    "matter": lambda count: trn("{count} line of front matter", "{count} lines of front matter", count),
    "references": lambda count: trn("{count} title of a link", "{count} titles of links", count),
    "scripts": lambda count: trn("{count} script", "{count} scripts", count),
    "styles": lambda count: trn("{count} style sheet", "{count} style sheets", count),
    "templates": lambda count: trn("{count} template", "{count} templates", count),
    "noscript": lambda count: trn(
        "{count} text for browsers without scripts", "{count} texts for browsers without scripts", count
    ),
    "frames": lambda count: trn("{count} frame", "{count} frames", count),
    "objects": lambda count: trn("{count} embedded object", "{count} embedded objects", count),
    "recordings": lambda count: trn("{count} recording", "{count} recordings", count),
    "pictures": lambda count: trn("{count} picture", "{count} pictures", count),
    "inputs": lambda count: trn("{count} control", "{count} controls", count),
    "comments": lambda count: trn("{count} comment", "{count} comments", count),
    "hidden": lambda count: trn("{count} hidden element", "{count} hidden elements", count),
    "sizeless": lambda count: trn("{count} text of no size", "{count} texts of no size", count),
    "colourless": lambda count: trn(
        "{count} text in the colour of its ground", "{count} texts in the colour of their ground", count
    ),
    "metadata": lambda count: trn("{count} entry of metadata", "{count} entries of metadata", count),
    "alt": lambda count: trn("{count} description of a picture (alt)", "{count} descriptions of pictures (alt)", count),
    "title": lambda count: trn("{count} title attribute", "{count} title attributes", count),
    "heads": lambda count: trn("{count} running head or page number", "{count} running heads and page numbers", count),
    "fields": lambda count: trn("{count} field of a form", "{count} fields of a form", count),
    "notes": lambda count: trn("{count} note in the margin", "{count} notes in the margin", count),
}
"""So many of each kind that is left out, in words."""


@dataclass
class Dropped:
    """Counts of what is left out, of the words in it, and the pages it is on, by its kind in `LEFT_OUT`.

    Examples
    --------
    >>> dropped = Dropped()
    >>> dropped.add("hidden", words=12)
    >>> dropped.add("hidden", words=3)
    >>> dropped.add("comments")
    >>> dropped.sentences()
    ('2 hidden elements (15 words)', '1 comment')
    """

    counts: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, kind: str, count: int = 1, *, words: int = 0, pages: str = "") -> None:
        """Count something that is left out; `pages`: where it is, in words."""
        counted = self.counts.setdefault((kind, pages), [0, 0])
        counted[0] += count
        counted[1] += words

    def sentences(self) -> tuple[str, ...]:
        """What is left out, each with its count."""
        return tuple(_in_words(kind, pages, count, words) for (kind, pages), (count, words) in self.counts.items())


def _in_words(kind: str, pages: str, count: int, words: int) -> str:
    left_out = LEFT_OUT[kind](count)
    if pages:
        left_out = tr("{left_out} on {pages}", left_out=left_out, pages=pages)
    if words:
        return f"{left_out} ({trn('{count} word', '{count} words', words)})"
    return left_out
