"""Random crisis files as YAML text, from Hypothesis or from any other dice."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from tests.author import Author, Dice


def crisis_of(text: str) -> Crisis:
    """Read a text as the crisis file it would be."""
    return read_text(text.encode(), "crisis.yaml")


def written(number: Dice, most_histories: int, plain: bool = False, numbered: bool = False) -> str:
    """The text of a crisis with at most about `most_histories` histories.

    A `plain` one has perfect recall, small rationalities, one common prior and no odds of zero; a `numbered` one may
    have numbers of options and chance grids.
    """
    author = Author(number, float(most_histories), plain, numbered)
    return str(yaml.safe_dump(author.crisis(), sort_keys=False, width=10_000))


@st.composite
def dice(draw: Any) -> Dice:
    """Dice that Hypothesis throws."""
    return lambda least, most: draw(st.integers(least, most))  # type: ignore[no-any-return]


@st.composite
def crisis_texts(draw: Any, most_histories: int = 400, plain: bool = False) -> str:
    """Texts of valid crises."""
    return written(draw(dice()), most_histories, plain)
