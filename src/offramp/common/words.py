"""Wording for messages: the nearest allowed word, lists, quoted and cut words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from offramp.common.lookalikes import letter_difference, skeleton
from offramp.common.texts import tr, trn

MAX_SHOWN = 60
"""Longer words are cut in messages, and get no hint."""
MAX_COMPARED = 300
"""Maximum number of allowed words compared for a hint."""


def nearest_word(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word nearest to `word`, or None if none is near."""
    word = str(word)  # a caller in Python may give anything
    if len(word) > MAX_SHOWN:
        return None
    allowed = list(allowed)
    if not allowed:
        return None
    alike = (other for form in (skeleton, str.casefold) for other in allowed if form(other) == form(word))
    twin = next(alike, None)
    if twin is not None:
        return twin
    similar = [other for other in allowed if 3 * len(word) <= 7 * len(other) and 3 * len(other) <= 7 * len(word)]
    import difflib  # few files have a misspelt word

    close = difflib.get_close_matches(word, similar[:MAX_COMPARED], n=1, cutoff=0.7)
    swapped = [other for other in similar if len(word) > 2 and sorted(other) == sorted(word)]
    return next(iter(close + swapped), None)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The hint `; did you mean 'x'?` for the allowed word nearest to `word`, or ''."""
    close = nearest_word(word, allowed)
    return "" if close is None else did_you_mean(word, close)


def nearest_key(word: str, named: Mapping[str, str]) -> str:
    """The hint for the key that is likely to be meant, by the key or by the name that readers see.

    `named`: the names by their keys.

    Examples
    --------
    >>> nearest_key("Upland", {"a": "Upland", "b": "Lowland"})
    "; did you mean 'a' (Upland)?"
    """
    close = nearest_word(word, named)
    if close is not None:
        return did_you_mean(word, close)
    keys = {name.casefold(): key for key, name in named.items()}
    seen = nearest_word(str(word).casefold(), keys)
    return "" if seen is None else f"; did you mean '{keys[seen]}' ({named[keys[seen]]})?"


def did_you_mean(word: str, close: str) -> str:
    """The hint for a word that is likely to be meant; if both look the same, with the letters that differ."""
    alike = f" {letter_difference(word, close)}" if close != word and skeleton(close) == skeleton(word) else ""
    return f"; did you mean '{close}'?{alike}"


def expected(word: str, allowed: Iterable[str], limit: int = 8) -> str:
    """The hint for the nearest allowed word, or, if none is near, the list of allowed words."""
    words = list(allowed)
    return nearest(word, words) or (f"; expected one of {listed(words, limit)}" if words else "")


def quoted(text: str) -> str:
    """A word in quotes, cut if it is long."""
    text = str(text)
    return f"'{text[:MAX_SHOWN]}...'" if len(text) > MAX_SHOWN else f"'{text}'"


def one_line(text: str) -> str:
    r"""A text on one line: every run of white space is one space.

    Examples
    --------
    >>> one_line("  a joint\n answer ")
    'a joint answer'
    """
    return " ".join(text.split())


def cut(text: str, most: int) -> str:
    """A text, of which at most `most` characters are shown.

    Examples
    --------
    >>> cut("a staged answer", 9), cut("a salvo", 9)
    ('a staged…', 'a salvo')
    """
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def listed(words: Iterable[str], limit: int = 8, *, last: Literal["and", "or"] = "and") -> str:
    """`a, b and c`, cut after `limit` words; `last`: the word before the last of them."""
    items = list(words)
    if len(items) > limit:
        left_out = len(items) - limit
        items = [*items[:limit], trn("{count} more", "{count} more", left_out)]
    if len(items) < 2:
        return "".join(items)
    first = ", ".join(items[:-1])
    if last == "or":
        return tr("{first} or {last}", first=first, last=items[-1])
    return tr("{first} and {last}", first=first, last=items[-1])
