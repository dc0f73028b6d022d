"""Labels that Gambit accepts: printable ASCII with single spaces, unique among labels of the same kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from offramp.common.printable import printable
from offramp.gambit.tree import Tree

_MARKS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\\": "/"})
"""Backslashes become slashes because Gambit doubles them on reading."""


def with_gambit_labels(tree: Tree) -> Tree:
    """The tree with texts that Gambit can read, and a note if letters had to change.

    Labels of players, of a player's sets, of a set's actions, of outcomes and of nodes become unique; empty ones stay.
    """
    numbers_of: dict[int, list[int]] = {}
    for number, entry in enumerate(tree.sets):
        numbers_of.setdefault(entry.player, []).append(number)
    label_of: dict[int, str] = {}
    for numbers in numbers_of.values():
        label_of.update(zip(numbers, unique(tree.sets[number].label for number in numbers), strict=True))
    outcomes = zip(tree.outcomes, unique(outcome.label for outcome in tree.outcomes), strict=True)
    return replace(
        tree,
        title=in_ascii(tree.title),
        comment=in_ascii(tree.comment),
        players=unique(tree.players),
        sets=tuple(
            replace(entry, label=label_of[number], actions=unique(entry.actions))
            for number, entry in enumerate(tree.sets)
        ),
        outcomes=tuple(replace(outcome, label=label) for outcome, label in outcomes),
        node_label=unique(tree.node_label),
        notes=tree.notes + _rewritten(tree),
    )


def in_ascii(text: str) -> str:
    """A text in ASCII; a letter without an ASCII equivalent becomes its code.

    >>> in_ascii("Détente – Иран")
    'Detente - &#1048;&#1088;&#1072;&#1085;'
    """
    text = printable(text).translate(_MARKS)
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return letters.encode("ascii", "xmlcharrefreplace").decode("ascii")


def plain(label: str) -> str:
    """A label in printable ASCII with single spaces.

    >>> plain(" no  détente ")
    'no detente'
    """
    return re.sub("[^!-~]+", " ", in_ascii(label)).strip()


def unique(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels in `plain` form, with a number appended to repeated ones.

    >>> unique(["war", "calm", "war", ""])
    ('war', 'calm', 'war (2)', '')
    """
    plain_labels = [label and plain(label) for label in labels]
    used, times = set(plain_labels), dict.fromkeys(plain_labels, 0)
    distinct = []
    for label in plain_labels:
        times[label] += 1
        numbered = label
        if label and times[label] > 1:
            while (numbered := f"{label} ({times[label]})") in used:
                times[label] += 1
            used.add(numbered)
        distinct.append(numbered)
    return tuple(distinct)


def _rewritten(tree: Tree) -> tuple[str, ...]:
    """A note that names the first text whose letters had to change, if any."""
    changed = dict.fromkeys(text for text in (tree.title, tree.comment) if in_ascii(text) != text)
    changed |= dict.fromkeys(label for label in dict.fromkeys(_labels(tree)) if plain(label) != label)
    if not changed:
        return ()
    first, others = next(iter(changed)), len(changed) - 1
    more = f", and {others} more" if others else ""
    return (f"Gambit's texts are ASCII with single spaces: {first!r} was written as {plain(first)!r}{more}.",)


def _labels(tree: Tree) -> Iterator[str]:
    yield from tree.players
    for entry in tree.sets:
        yield entry.label
        yield from entry.actions
    yield from (outcome.label for outcome in tree.outcomes)
    yield from tree.node_label
