"""Writing Gambit's extensive-form files: numbers are exact, each set and outcome is defined once.

The format is Gambit's (Savani & Turocy, *Gambit: the package for computation in game theory*): a header, a comment,
and one line for each node in preorder; `c` is a chance event, `p` a move, `t` a terminal node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree, TreeSet

PLACES = 40
"""Most decimal places written; a number that needs more is written `p/q`."""


def write_efg(tree: Tree) -> str:
    """The text of a tree's `.efg` file.

    Examples
    --------
    >>> import numpy as np
    >>> from offramp.gambit.tree import Outcome
    >>> coin = TreeSet(CHANCE_PLAYER, "coin", ("heads", "tails"), (Fraction(1, 3), Fraction(2, 3)))
    >>> outcomes = Outcome("win", (Fraction(5, 2),)), Outcome("loss", (Fraction(0),))
    >>> places = np.array([0, NONE, NONE], dtype=np.int32), np.array([NONE, 0, 1], dtype=np.int32)
    >>> print(write_efg(Tree("", "", "A coin", "", ("caller",), (coin,), outcomes, *places, ("",) * 3)), end="")
    EFG 2 R "A coin" { "caller" }
    ""
    <BLANKLINE>
    c "" 1 "coin" { "heads" 1/3 "tails" 2/3 } 0
    t "" 1 "win" { 2.5 }
    t "" 2 "loss" { 0 }
    """
    lines = [f"EFG 2 R {_quoted(tree.title)} {_braced(map(_quoted, tree.players))}", _quoted(tree.comment), ""]
    sets, outcomes = _set_words(tree), _outcome_words(tree)
    for label, entry, outcome in zip(tree.node_label, tree.node_set.tolist(), tree.node_outcome.tolist(), strict=True):
        begin = f"t {_quoted(label)}" if entry == NONE else f"{sets[entry].kind} {_quoted(label)} {sets[entry].next()}"
        lines.append(f"{begin} {'0' if outcome == NONE else outcomes[outcome].next()}")
    return "\n".join(lines) + "\n"


def number_text(number: Fraction) -> str:
    """A number as a decimal if it has at most `PLACES` decimal places, else as `p/q`.

    >>> [number_text(Fraction(text)) for text in ("-0.05", "3", "1/3")]
    ['-0.05', '3', '1/3']
    """
    scaled = number * 10**PLACES
    if number.denominator == 1 or scaled.denominator != 1:
        return str(number)
    digits = str(abs(scaled.numerator)).rjust(PLACES + 1, "0")
    return f"{'-' * (number < 0)}{digits[:-PLACES]}.{digits[-PLACES:].rstrip('0')}"


@dataclass
class _Words:
    """The text for a set or outcome: its definition the first time, later its number."""

    kind: str
    number: str
    definition: str
    defined: bool = False

    def next(self) -> str:
        if self.defined:
            return self.number
        self.defined = True
        return f"{self.number} {self.definition}"


def _set_words(tree: Tree) -> list[_Words]:
    numbered = all(entry.number for entry in tree.sets)
    count: Counter[int] = Counter()
    words = []
    for entry in tree.sets:
        count[entry.player] += 1
        number = str(entry.number if numbered else count[entry.player])
        definition = f"{_quoted(entry.label)} {_braced(_actions(entry))}"
        if entry.player == CHANCE_PLAYER:
            words.append(_Words("c", number, definition))
        else:
            words.append(_Words("p", f"{entry.player + 1} {number}", definition))
    return words


def _outcome_words(tree: Tree) -> list[_Words]:
    numbered = all(outcome.number for outcome in tree.outcomes)
    return [
        _Words(
            "t",
            str(outcome.number if numbered else position),
            f"{_quoted(outcome.label)} {_braced(map(number_text, outcome.payoffs))}",
        )
        for position, outcome in enumerate(tree.outcomes, start=1)
    ]


def _actions(entry: TreeSet) -> Iterable[str]:
    if entry.odds is None:
        return map(_quoted, entry.actions)
    return (f"{_quoted(action)} {number_text(odds)}" for action, odds in zip(entry.actions, entry.odds, strict=True))


def _braced(parts: Iterable[str]) -> str:
    return f"{{ {' '.join(parts)} }}"


def _quoted(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'
