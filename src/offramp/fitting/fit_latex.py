"""Fits as a LaTeX table: a column a fit, standard errors in parentheses under the estimates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.common.numerals import with_error
from offramp.common.printable import printable

_SPECIAL: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": r"$-$",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}
_ANY = re.compile("|".join(re.escape(mark) for mark in _SPECIAL))


@dataclass(frozen=True)
class LatexColumn:
    """What a LaTeX table shows of a fit: by coefficient its estimate and standard error, and lines at the foot."""

    heading: str
    estimates: Mapping[str, tuple[float, float]]
    foot: Mapping[str, str]


def latex_table(columns: Sequence[LatexColumn], note: str) -> str:
    """A table of fits in LaTeX; it needs the package `booktabs`."""
    names = list(dict.fromkeys(name for column in columns for name in column.estimates))
    lines = [rf"\begin{{tabular}}{{l{'r' * len(columns)}}}", r"\toprule"]
    lines += [_row("", (escaped(column.heading) for column in columns)), r"\midrule"]
    for name in names:
        pairs = [column.estimates.get(name) for column in columns]
        shown = [("", "") if pair is None else _estimate(*pair) for pair in pairs]
        lines.append(_row(escaped(name), (value for value, _ in shown)))
        lines.append(_row("", (error for _, error in shown)))
    lines.append(r"\midrule")
    for name in dict.fromkeys(name for column in columns for name in column.foot):
        lines.append(_row(escaped(name), (escaped(column.foot.get(name, "")) for column in columns)))
    span = len(columns) + 1
    lines += [r"\bottomrule", rf"\multicolumn{{{span}}}{{l}}{{\footnotesize {escaped(note)}}} \\", r"\end{tabular}"]
    return "\n".join([*lines, ""])


def escaped(text: str) -> str:
    r"""A text in LaTeX.

    Examples
    --------
    >>> print(escaped("war_cost & 5%"))
    war\_cost \& 5\%
    """
    return _ANY.sub(lambda match: _SPECIAL[match[0]], re.sub(r"\s+", " ", printable(text)))


def _row(name: str, cells: Iterable[str]) -> str:
    return " & ".join([name, *cells]) + r" \\"


def _estimate(value: float, error: float) -> tuple[str, str]:
    """An estimate, and its standard error in parentheses."""
    shown, spread = with_error(value, error)
    return f"${_mathematics(shown)}$", "(--)" if spread == "–" else f"({_in_text(spread)})"


def _mathematics(number: str) -> str:
    """A number as LaTeX sets it in formulas: `1.16e-05` with a power of ten."""
    plain, _, power = number.replace("−", "-").replace(",", "").partition("e")
    return plain if not power else rf"{plain} \times 10^{{{int(power)}}}"


def _in_text(number: str) -> str:
    formula = _mathematics(number)
    return f"${formula}$" if "\\" in formula else formula
