"""Words in messages: the nearest right word, a list, a word in quotes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from offramp.common.lookalikes import skeleton, told_apart

MAX_SHOWN = 60


MAX_COMPARED = 300


def nearest_word(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that is nearest to `word`, or None where none is near."""
    if len(word) > MAX_SHOWN:
        return None
    allowed = list(allowed)
    twin = next((other for other in allowed if skeleton(other) == skeleton(word)), None)
    if twin is not None:
        return twin
    similar = [other for other in allowed if 3 * len(word) <= 7 * len(other) and 3 * len(other) <= 7 * len(word)]
    return next(iter(difflib.get_close_matches(word, similar[:MAX_COMPARED], n=1, cutoff=0.7)), None)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The hint `; did you mean 'x'?` for the allowed word nearest to `word`, or nothing."""
    close = nearest_word(word, allowed)
    if close is None:
        return ""
    alike = f" {told_apart(word, close)}" if close != word and skeleton(close) == skeleton(word) else ""
    return f"; did you mean '{close}'?{alike}"


def expected(word: str, allowed: Iterable[str], limit: int = 8) -> str:
    """The hint for the nearest allowed word, or, where none is near, the list of those that are allowed."""
    words = list(allowed)
    return nearest(word, words) or (f"; expected one of {listed(words, limit)}" if words else "")


def quoted(text: str) -> str:
    """A word of the file in quotes, cut where it is long."""
    return f"'{text[:MAX_SHOWN]}...'" if len(text) > MAX_SHOWN else f"'{text}'"


def listed(words: Iterable[str], limit: int = 8) -> str:
    """`a, b and c`, cut after `limit` words."""
    items = list(words)
    if len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]
