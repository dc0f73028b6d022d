"""Notes on irregularities that were tolerated when reading a Gambit file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from offramp.common.words import listed, quoted
from offramp.gambit.tokens import Tokens


class Notes:
    """Notes on a file: each kind of irregularity once, with the line of its first occurrence."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.lines: list[str] = []
        self._kinds: set[str] = set()

    def add(self, at: int, what: str) -> None:
        """Note an irregularity at a token."""
        if what not in self._kinds:
            self._kinds.add(what)
            self.lines.append(f"line {self.tokens.place(at).line}: {what}")

    def add_repeated(self, whose: str, labels: Iterable[str]) -> None:
        """Note labels that are used more than once; empty labels do not count."""
        counts = Counter(label for label in labels if label)
        repeated = [quoted(label) for label, count in counts.items() if count > 1]
        if repeated:
            label = "the same label" if len(repeated) == 1 else "the same labels"
            self.lines.append(f"{label} for several {whose}: {listed(repeated, 4)}")
