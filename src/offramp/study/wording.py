"""Words for readers: estimative probability, names, and the facts that set situations apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping

from offramp.common.texts import tr
from offramp.game.game import Situation

WORDS = (
    tr("almost no chance"),
    tr("very unlikely"),
    tr("unlikely"),
    tr("roughly even chance"),
    tr("likely"),
    tr("very likely"),
    tr("almost certain"),
)
EDGES = (0.05, 0.20, 0.45, 0.55, 0.80, 0.95)
"""Probabilities at which one word of `WORDS` gives way to the next."""

UNREACHED = {
    "shadowed": tr("It can never be the first to hold: an earlier ending always holds too."),
    "never": tr("No history of this game ends so."),
}
"""Why no history ends with an ending, by its `EndingState`."""


def bands() -> str:
    """The words of estimative probability with their ranges: `unlikely (20% to 45%)`."""
    edges = [f"{edge:.0%}" for edge in EDGES]
    between = [
        tr("{word} ({low} to {high})", word=word, low=low, high=high)
        for word, low, high in zip(WORDS[1:], edges, edges[1:], strict=False)
    ]
    below = tr("{word} (below {edge})", word=WORDS[0], edge=edges[0])
    return ", ".join([below, *between, tr("{word} (above {edge})", word=WORDS[-1], edge=edges[-1])])


def odds_word(probability: float) -> str:
    """The word of estimative probability for a probability (Intelligence Community Directive 203, 2015); never at 0.

    Examples
    --------
    >>> odds_word(0.5), odds_word(0.07)
    ('roughly even chance', 'very unlikely')
    >>> odds_word(0.0), odds_word(1e-9)
    ('never', 'almost no chance')
    """
    if probability == 0.0:
        return tr("never")
    return WORDS[bisect_right(EDGES, probability)]


def keyed(facts: Mapping[str, str]) -> str:
    """Facts by their keys, as in data: `answer=staged, round=2`."""
    return ", ".join(f"{label}={value}" for label, value in facts.items())


def telling_facts(situations: Iterable[Situation]) -> Callable[[Situation], Mapping[str, str]]:
    """A function that gives, for a situation, the facts in which the situations of its move differ.

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
            seen.setdefault(label, set()).add(situation.texts.get(label, value))
    for situation in everything:
        for label, seen_values in values[situation.move, situation.round].items():
            if label not in situation.sees:
                seen_values.add(None)

    def facts(situation: Situation) -> Mapping[str, str]:
        telling = values[situation.move, situation.round]
        return {label: situation.text(label) for label in situation.sees if len(telling[label]) > 1}

    return facts
