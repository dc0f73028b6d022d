"""A crisis made larger by chance steps that nobody sees and that change nothing."""

from __future__ import annotations

STEPS = 4
"""How many steps of four outcomes each are put before all others."""


def larger(text: str) -> str:
    """The text of a crisis whose game has 256 times as many nodes, and the same equilibria."""
    steps = (f"  - {{chance: idle{n}, odds: {{a: 0.25, b: 0.25, c: 0.25, d: 0.25}}}}\n" for n in range(STEPS))
    return text.replace("timeline:\n", "timeline:\n" + "".join(steps), 1)
