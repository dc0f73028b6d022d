"""Explains why a source does not contain a phrase: the nearest passage, and how it differs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from offramp.common.words import quoted

MAX_WORDS = 20_000
"""Maximum number of words of a paragraph that are compared."""
NEAR = 0.6
"""Similarity of two texts (0 to 1) from which a passage counts as near."""

_MARKS = {
    "apostrophe or quotation mark": "'’‘`´ʼ\"“”„«»",
    "dash": "-–—−‐‑",
}
_ELLIPSIS = re.compile(r"\s*(?:\[?\.\.\.\]?|\[?…\]?)\s*")


def mismatch_hint(phrase: str, blocks: Sequence[str]) -> str:
    """A hint for the message that no paragraph contains a phrase; '' if no passage is near.

    Examples
    --------
    >>> mismatch_hint("it's over", ["First.", "And so it’s over."])
    "; ¶2 has it with a different apostrophe or quotation mark: 'it’s over'"
    >>> mismatch_hint("so far ... over", ["And so far it is not over."])
    "; ¶1 has its parts with words between them: cite one unbroken piece, such as 'so far'"
    """
    folded = [_folded(block) for block in blocks]
    return next((hint for hint in _reasons(phrase, blocks, folded) if hint), "")


def _reasons(phrase: str, blocks: Sequence[str], folded: Sequence[str]) -> Iterator[str]:
    wanted = _folded(phrase)
    for number, (block, text) in enumerate(zip(blocks, folded, strict=True), start=1):
        at = text.find(wanted)
        if at >= 0:
            passage = block[at : at + len(phrase)]
            yield f"; ¶{number} has it with {_difference(phrase, passage)}: {quoted(passage)}"
    pieces = [piece for piece in _ELLIPSIS.split(wanted) if piece]
    if len(pieces) > 1 or pieces != [wanted]:
        for number, text in enumerate(folded, start=1):
            if pieces and re.search(".*?".join(map(re.escape, pieces)), text):
                longest = max(_ELLIPSIS.split(phrase), key=len)
                cite = f"cite one unbroken piece, such as {quoted(longest)}"
                yield f"; ¶{number} has its parts with words between them: {cite}"
    yield _across(wanted, folded)
    bare = wanted.strip(" .,;:!?\"'")
    for number, (block, text) in enumerate(zip(blocks, folded, strict=True), start=1):
        at = text.find(bare) if len(bare) > 3 else -1
        if at >= 0:
            yield f"; ¶{number} has it with different punctuation at the end: {quoted(block[at : at + len(phrase)])}"
    yield _nearest(wanted, blocks, folded)


def _folded(text: str) -> str:
    """The text in lower case with one kind of each mark and without accents; every character keeps its place."""
    for marks in _MARKS.values():
        text = text.translate(dict.fromkeys(map(ord, marks[1:]), marks[0]))
    return "".join(_plain(character) for character in text) if not text.isascii() else text.lower()


def _plain(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character.lower())
    return character if any(not unicodedata.combining(mark) for mark in parts[1:]) else parts[0]


def _difference(phrase: str, passage: str) -> str:
    """How two passages differ that are equal when folded."""
    kinds: dict[str, None] = {}
    for ours, theirs in zip(phrase, passage, strict=False):
        if ours != theirs:
            mark = next((kind for kind, marks in _MARKS.items() if ours in marks and theirs in marks), None)
            case = ours.lower() == theirs.lower()
            letters = "different capital letters" if case else "a different form of a letter"
            kinds[f"a different {mark}" if mark else letters] = None
    return " and ".join(kinds)


def _across(wanted: str, folded: Sequence[str]) -> str:
    """A hint if the phrase crosses the end of a paragraph, or ''."""
    at = " ".join(folded).find(wanted)
    if at < 0:
        return ""
    ends: list[int] = []
    for text in folded:
        ends.append((ends[-1] + 1 if ends else 0) + len(text))
    first = next(number for number, end in enumerate(ends, start=1) if at < end)
    last = next(number for number, end in enumerate(ends, start=1) if at + len(wanted) <= end)
    return f"; it runs from ¶{first} into ¶{last}: cite words of one paragraph"


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!?\"'()") for word in text.split()]


def _nearest(wanted: str, blocks: Sequence[str], folded: Sequence[str]) -> str:
    """A hint with the passage that has most of the phrase's words in order, or ''."""
    words = _words(wanted)
    common = [len(set(words) & set(_words(text))) for text in folded]
    best = max(range(len(blocks)), key=common.__getitem__, default=None)
    if best is None or 2 * common[best] < len(set(words)):
        return ""
    theirs = _words(folded[best])[:MAX_WORDS]
    longest = SequenceMatcher(None, words, theirs).find_longest_match()
    start = max(longest.b - longest.a, 0)
    if SequenceMatcher(None, " ".join(words), " ".join(theirs[start : start + len(words)])).ratio() < NEAR:
        return ""
    return f"; the nearest is in ¶{best + 1}: {quoted(' '.join(blocks[best].split()[start : start + len(words)]))}"
