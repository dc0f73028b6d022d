"""Words and numbers as a reader sees them: probabilities, names, situations by the facts that tell them apart."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping

from offramp.game.layers import Situation

WORDS = (
    "almost no chance",
    "very unlikely",
    "unlikely",
    "roughly even chance",
    "likely",
    "very likely",
    "almost certain",
)
EDGES = (0.05, 0.20, 0.45, 0.55, 0.80, 0.95)
"""Where one word of `WORDS` ends and the next begins."""


def bands() -> str:
    """The words of estimative probability with their ranges, as in `unlikely (20% to 45%)`."""
    edges = [f"{edge:.0%}" for edge in EDGES]
    between = [f"{word} ({low} to {high})" for word, low, high in zip(WORDS[1:], edges, edges[1:], strict=False)]
    return ", ".join([f"{WORDS[0]} (below {edges[0]})", *between, f"{WORDS[-1]} (above {edges[-1]})"])


def odds_word(probability: float) -> str:
    """The word of estimative probability for a probability (Intelligence Community Directive 203, 2015).

    Examples
    --------
    >>> odds_word(0.5), odds_word(0.07)
    ('roughly even chance', 'very unlikely')
    """
    return WORDS[bisect_right(EDGES, probability)]


def percent(share: float) -> str:
    """A probability with as many digits as it can bear; a dash where there is no number.

    Examples
    --------
    >>> percent(0.6768), percent(0.0001), percent(0.99999), percent(1.0)
    ('67.7%', '<0.1%', '>99.9%', '100.0%')
    """
    if math.isnan(share):
        return "–"
    if 0.0 < share < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= share < 1.0 - 1e-9 else f"{share:.1%}"


def roughly(share: float) -> str:
    """A probability in whole per cents, for running text.

    Examples
    --------
    >>> roughly(0.6768), roughly(0.004)
    ('68%', '<1%')
    """
    if 0.0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1.0 - 1e-9 else f"{share:.0%}"


def points(difference: float) -> str:
    """A difference of probabilities in percentage points, with its sign; never a negative zero.

    Examples
    --------
    >>> points(0.0312), points(-0.2), points(-0.0001)
    ('+3.1', '−20.0', '0.0')
    """
    if math.isnan(difference):
        return "–"
    shown = f"{100.0 * difference:+.1f}"
    return "0.0" if float(shown) == 0.0 else shown.replace("-", "−")


def amount(value: float) -> str:
    """A payoff to two places, never a negative zero; a dash where there is no number."""
    return "–" if math.isnan(value) else f"{value:z.2f}"


def small(value: float) -> str:
    """What is to be near zero: to two places where that shows it, else its size.

    Examples
    --------
    >>> small(0.1234), small(0.00012), small(0.0)
    ('0.12', '1e-04', '0')
    """
    if value == 0.0:
        return "0"
    return f"{value:.2f}" if value >= 0.005 else f"{value:.0e}"


def quantity(value: float) -> str:
    """A number of any size to three significant digits.

    Examples
    --------
    >>> quantity(0.6), quantity(100.0), quantity(12345.6)
    ('0.600', '100', '12,346')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:#.3g}".rstrip(".")


def plain(name: str) -> str:
    """A name of the file, or a label of what an actor sees, in plain words.

    Examples
    --------
    >>> plain("joint_answer"), plain("reply@2"), plain("war@start")
    ('joint answer', 'reply in round 2', 'war at the start')
    """
    word, _, when = name.partition("@")
    word = word.replace("_", " ").strip()
    if not when:
        return word
    return f"{word} at the start" if when == "start" else f"{word} in round {when}"


def telling_facts(situations: Iterable[Situation]) -> Callable[[Situation], Mapping[str, str]]:
    """A function that gives of a situation those facts in which its move's situations differ.

    Examples
    --------
    >>> one = Situation("reply", 0, "south", {"answer": "volley", "war": 0.0}, ("absorb",), slice(0, 1))
    >>> two = Situation("reply", 0, "south", {"answer": "staged", "war": 0.0}, ("absorb",), slice(1, 2))
    >>> telling_facts([one, two])(two)
    {'answer': 'staged'}
    """
    values: dict[tuple[str, int], dict[str, set[str | float | None]]] = {}
    everything = list(situations)
    for situation in everything:
        seen = values.setdefault((situation.move, situation.round), {})
        for label, value in situation.sees.items():
            seen.setdefault(label, set()).add(value)
    for situation in everything:
        for label, found in values[situation.move, situation.round].items():
            if label not in situation.sees:
                found.add(None)

    def facts(situation: Situation) -> Mapping[str, str]:
        telling = values[situation.move, situation.round]
        return {
            label: value if isinstance(value, str) else format(value, "g")
            for label, value in situation.sees.items()
            if len(telling[label]) > 1
        }

    return facts
