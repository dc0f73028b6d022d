"""A map in characters, for a terminal of 80 columns: letters of the likeliest, or digits that shade a probability."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent, quantity
from offramp.common.printable import printable
from offramp.common.texts import tr

Array = NDArray[np.float64]
Along = tuple[str, Array, int]
"""A label, values, and the index of the reference point among them."""

MOST = 33
"""Maximum number of points drawn along an axis; if there are more, points are skipped."""
MARGIN = 10
UNSOLVED, UNMADE = "?", "."


def sketched(
    x: Along,
    y: Along,
    shown: Array,
    converged: NDArray[np.bool_],
    likeliest: tuple[NDArray[np.int64], tuple[str, ...]] | None,
    level: Callable[[float], str] = percent,
) -> tuple[str, ...]:
    """The lines of a map, the largest y at the top, the reference point in brackets, and a key.

    Parameters
    ----------
    x, y
        The axes.
    shown
        (y, x), probabilities or amounts; NaN if there is none.
    converged
        (y, x)
    likeliest
        (y, x), numbers of alternatives, and their names: drawn as letters. Without it, `shown` is drawn as digits.
    level
        A probability or amount in words.
    """
    marks, key = _digits(shown, level) if likeliest is None else _letters(*likeliest)
    marks = np.where(np.isnan(shown), np.where(converged, UNMADE, UNSOLVED), marks)
    columns, rows = _kept(x), _kept(y)
    lines = [printable(y[0])]
    for row in reversed(rows):
        named = row in (rows[0], rows[-1], y[2])
        cells = list("".join(f" {marks[row, column]}" for column in columns) + " ")
        if row == y[2]:
            at = 2 * columns.index(x[2])
            cells[at], cells[at + 2] = "[", "]"
        lines.append(f"{quantity(y[1][row]) if named else '':>{MARGIN}} |{''.join(cells)}".rstrip())
    lines.append(" " * (MARGIN + 1) + "+" + "-" * (2 * len(columns)))
    lines.append(_ticks(x, columns))
    if (~converged).any():
        key.append((UNSOLVED, tr("not converged")))
    if (np.isnan(shown) & converged).any():
        key.append((UNMADE, tr("never made")))
    key.append(("[ ]", tr("the reference point")))
    return (*lines, "", *_wrapped([f"{mark} {printable(words)}" for mark, words in key]))


def _kept(axis: Along) -> list[int]:
    """The indices that are drawn, including the reference point's."""
    step = -(-len(axis[1]) // MOST)
    return list(range(axis[2] % step, len(axis[1]), step))


def _letters(leader: NDArray[np.int64], names: tuple[str, ...]) -> tuple[NDArray[np.str_], list[tuple[str, str]]]:
    """A letter for each alternative that leads somewhere, from its name if one is free."""
    used: dict[int, str] = {}
    for number in np.unique(leader[leader >= 0]).tolist():
        spare = [*names[number].lower(), *"abcdefghijklmnopqrstuvwxyz", "*"]
        used[number] = next(
            letter for letter in spare if letter not in used.values() and (letter == "*" or letter.isalnum())
        )
    marks = np.full(leader.shape, UNSOLVED)
    for number, letter in used.items():
        marks[leader == number] = letter
    return marks, [(letter, names[number]) for number, letter in used.items()]


def _digits(shown: Array, level: Callable[[float], str]) -> tuple[NDArray[np.str_], list[tuple[str, str]]]:
    """Ten shades between the least and the largest value of the map."""
    known = shown[~np.isnan(shown)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    part = (np.nan_to_num(shown) - low) / ((high - low) or 1.0)
    marks = np.clip(np.floor(10.0 * part), 0, 9).astype(int).astype(str)
    return marks, [("0", tr("from {level}", level=level(low))), ("9", tr("to {level}", level=level(high)))]


def _ticks(x: Along, columns: list[int]) -> str:
    """The first and the last value, the reference point's if there is room, and the label."""
    label, values, reference = x
    line = " " * (MARGIN + 2 + 2 * len(columns))
    for column in (columns[0], columns[-1], reference):
        text = quantity(values[column])
        at = MARGIN + 3 + 2 * columns.index(column) - len(text) // 2
        if not line[at - 1 : at + len(text) + 1].strip():
            line = line[:at] + text + line[at + len(text) :]
    return f"{line.rstrip()}  {printable(label)}"


def _wrapped(keys: list[str]) -> list[str]:
    from textwrap import wrap

    lines = wrap("   ".join(key.replace(" ", "\0") for key in keys), 78 - MARGIN)
    return [" " * (MARGIN + 2) + line.replace("\0", " ") for line in lines]
