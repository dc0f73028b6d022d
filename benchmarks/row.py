"""A row of the table of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """One measurement. `ratio` is how many times better ours is than theirs; `met` says whether the bar is."""

    what: str
    ours: str
    theirs: str = ""
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None


def against(what: str, ours: float, theirs: float | None, at_least: float, peer: str, limit: float = 0.0) -> Row:
    """A row of times, in seconds; `theirs` is None where the peer was given up after `limit` seconds.

    Without `at_least` the row has no bar.
    """
    ratio = (limit if theirs is None else theirs) / ours
    shown = f"over {limit:.0f} s" if theirs is None else seconds(theirs)
    if not at_least:
        return Row(what, seconds(ours), f"{shown} ({peer})", ratio)
    return Row(what, seconds(ours), f"{shown} ({peer})", ratio, f"at least {at_least:,g} times", ratio >= at_least)


def bounded(what: str, measured: float, most: float, unit: str, detail: str = "") -> Row:
    """A row with a largest allowed value."""
    shown = f"{measured:,.3g} {unit}" + (f" ({detail})" if detail else "")
    return Row(what, shown, bar=f"at most {most:g} {unit}", met=measured <= most)


def seconds(value: float) -> str:
    """A duration with a readable unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


Verdict = Literal["yes", "NO", ""]


def verdict(row: Row) -> Verdict:
    """Whether the bar was met, in the table's words."""
    return "" if row.met is None else "yes" if row.met else "NO"
