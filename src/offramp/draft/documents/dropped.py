"""What is left out of a document, counted, for the person who reads the rest."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Dropped:
    """Counts of what is left out, and of the words in it, by what it is: its name for one, and for several.

    Examples
    --------
    >>> dropped = Dropped()
    >>> dropped.add("hidden element", "hidden elements", words=12)
    >>> dropped.add("hidden element", "hidden elements", words=3)
    >>> dropped.add("comment", "comments")
    >>> dropped.sentences()
    ('2 hidden elements (15 words)', '1 comment')
    """

    counts: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, one: str, several: str, count: int = 1, *, words: int = 0) -> None:
        """Count something that is left out."""
        counted = self.counts.setdefault((one, several), [0, 0])
        counted[0] += count
        counted[1] += words

    def sentences(self) -> tuple[str, ...]:
        """What is left out, each with its count."""
        return tuple(
            of(count, one, several) + (f" ({of(words, 'word', 'words')})" if words else "")
            for (one, several), (count, words) in self.counts.items()
        )


def of(count: int, one: str, several: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> of(1, "word", "words"), of(1200, "word", "words")
    ('1 word', '1,200 words')
    """
    return f"{count:,} {one if count == 1 else several}"
