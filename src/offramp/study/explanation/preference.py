"""Why an actor prefers an option to another, in a sentence.

The sentence is made of the numbers: a difference between two options is the sum of the differences of their payoff
terms, each in the mover's own odds.
"""

from __future__ import annotations

from collections.abc import Sequence

from offramp.common.numerals import amount
from offramp.common.words import listed
from offramp.study.explanation.motives import Motive
from offramp.study.wording import plain

TERMS, SMALL = 4, 0.1
"""So many payoff terms are named in a sentence, none below this share of the largest; the others are the rest."""
PRINTED = 0.005
"""Payoffs nearer than this print alike."""


def preference(actor: str, best: Motive, other: Motive) -> str:
    """One sentence on why an actor prefers an option: the difference, and the payoff terms that make it up.

    A cost that is smaller is saved; what else is more is gained, what is less given up.

    Examples
    --------
    >>> staged = Motive("staged", 0.8, -0.5, {"face": -0.4, "war": -0.1}, {}, {})
    >>> salvo = Motive("salvo", 0.2, -0.92, {"face": -0.09, "war": -0.83}, {}, {})
    >>> preference("Iran", staged, salvo)
    'Iran prefers staged to salvo by 0.42: it gives up 0.31 of face and saves 0.73 of war.'
    """
    first, second = plain(best.option), plain(other.option)
    size = {term: abs(best.terms[term] - other.terms[term]) for term in best.terms}
    least = max(PRINTED, SMALL * max(size.values(), default=0.0))
    named = [term for term in sorted(size, key=lambda term: -size[term])[:TERMS] if size[term] >= least]
    rest = sum(best.terms[term] - other.terms[term] for term in size if term not in named)
    parts: dict[str, list[str]] = {"gives up": [], "saves": [], "gains": []}
    for term in named:
        verb = "gives up" if best.terms[term] < other.terms[term] else "saves" if best.terms[term] <= 0.0 else "gains"
        parts[verb].append(f"{amount(size[term])} of {plain(term)}")
    if abs(rest) >= PRINTED:
        parts["gains" if rest > 0 else "gives up"].append(f"{amount(abs(rest))} by the rest")
    if best.value - other.value < PRINTED:
        head = f"{actor} is all but indifferent between {first} and {second}"
    else:
        head = f"{actor} prefers {first} to {second} by {amount(best.value - other.value)}"
    said = [f"{verb} {listed(amounts)}" for verb, amounts in parts.items() if amounts]
    return f"{head}: it {_joined(said)}." if said else f"{head}."


def _joined(parts: Sequence[str]) -> str:
    """Parts of a sentence, with commas where a part has an `and` of its own."""
    if any(" and " in part for part in parts) and len(parts) > 1:
        return ", ".join(parts[:-1]) + ", and " + parts[-1]
    return listed(parts)
