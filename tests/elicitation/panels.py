"""Panels for tests: small ones made here, and published ones in files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from offramp.elicitation.panel import Panel
from offramp.elicitation.panel_file import panel_of

PUBLISHED = Path(__file__).parent / "published"

OFFICERS = """\
format: 1
title: Three officers
experts: [amber, birch, cedar]

questions:
  war_cost:
    asks: How many lost rounds is the war worth?
    unit: lost rounds
    low: 0
    answers:
      amber: [2, 5, 9]
      birch: [3, 6, 12]
      cedar: [4, 8, 20]
"""
"""Three experts, one question, no seeds."""


def panel(text: str) -> Panel:
    """The panel of a text."""
    return panel_of(text.encode(), "panel.yaml")


def panel_text(
    answers: Mapping[str, Mapping[str, tuple[float, ...]]],
    truths: Mapping[str, float],
    *,
    log: bool = False,
    bounds: str = "",
) -> str:
    """An elicitation file with answers by question and expert; the questions with a truth are seeds."""
    experts = list(dict.fromkeys(expert for given in answers.values() for expert in given))
    lines = ["format: 1", "title: Made", f"experts: [{', '.join(experts)}]"]
    for section in ("questions", "seeds"):
        keys = [key for key in answers if (key in truths) == (section == "seeds")]
        lines += [f"{section}:"] if keys else []
        for key in keys:
            lines += [
                f"  {key}:",
                f"    asks: What is {key}?",
                *(["    scale: log"] if log else []),
                *bounds.splitlines(),
            ]
            lines += [f"    truth: {truths[key]!r}"] if key in truths else []
            lines += ["    answers:", *(f"      {who}: {list(answer)}" for who, answer in answers[key].items())]
    return "\n".join(lines) + "\n"


NUMBERS = st.integers(-10_000, 10_000).map(lambda number: number / 8.0)


@st.composite
def made_panels(draw: st.DrawFn, *, seeds: int = 6, any_size: bool = False) -> str:
    """Panels of two to four experts, who answer a question and some seed questions; `any_size`: of the numbers."""
    experts = [f"e{number}" for number in range(draw(st.integers(2, 4)))]
    log = draw(st.booleans())
    values = st.integers(1, 10_000).map(lambda number: number / 8.0) if log else NUMBERS
    if any_size:
        positive = st.floats(-14.9, 14.9).map(lambda power: 10.0**power)
        values = positive if log else positive | positive.map(lambda number: -number)
    answer = st.lists(values, min_size=3, max_size=3, unique=True).map(sorted).map(tuple)
    count = draw(st.integers(1, seeds))
    keys = ["asked", *(f"seed_{number}" for number in range(count))]
    answers = {key: {expert: draw(answer) for expert in experts} for key in keys}
    return panel_text(answers, {key: draw(values) for key in keys[1:]}, log=log)
