"""One sentence on why an actor prefers an option to another.

The sentence follows the numbers: the difference between two options is the sum of the differences of their payoff
terms, each in the mover's own odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offramp.common.numerals import amount
from offramp.common.words import listed
from offramp.crisis.names import capital
from offramp.study.explanation.motives import Motive

MOST_TERMS, LEAST_SHARE = 4, 0.1
"""How many payoff terms a sentence names at most, none below this share of the largest; the others are "the rest"."""
PRINTED = 0.005
"""Payoffs that differ by less print alike."""


def preference(actor: str, best: Motive, other: Motive, options: Mapping[str, str], terms: Mapping[str, str]) -> str:
    """One sentence on why an actor prefers an option: the difference, and the payoff terms that make it up.

    The drawbacks come first, then the advantages. A negative term is a cost: it risks more of it, or spares itself
    some. A positive one is a gain: it gains more of it, or gives some up. `actor` is a name; `options` and `terms` give
    the names by their keys.

    Examples
    --------
    >>> staged = Motive("staged", 0.8, -0.5, {"face": -0.4, "war": -0.1}, {}, {})
    >>> salvo = Motive("salvo", 0.2, -0.92, {"face": -0.09, "war": -0.83}, {}, {})
    >>> options = {"staged": "a staged answer", "salvo": "a salvo"}
    >>> preference("Iran", staged, salvo, options, {"face": "lost face", "war": "war"})
    'Iran prefers a staged answer to a salvo by 0.42: it risks 0.31 more in lost face, but spares itself 0.73 in war.'
    """
    first, second = options[best.option], options[other.option]
    actor = capital(actor)
    size = {term: abs(best.terms[term] - other.terms[term]) for term in best.terms}
    least = max(PRINTED, LEAST_SHARE * max(size.values(), default=0.0))
    named = [term for term in sorted(size, key=lambda term: -size[term])[:MOST_TERMS] if size[term] >= least]
    rest = sum(best.terms[term] - other.terms[term] for term in size if term not in named)
    parts: dict[str, list[str]] = {"risks": [], "gives up": [], "spares itself": [], "gains": []}
    for term in named:
        text = f"{amount(size[term])} in {terms[term]}"
        if best.terms[term] >= other.terms[term]:
            parts["spares itself" if best.terms[term] <= 0.0 else "gains"].append(text)
        elif best.terms[term] < 0.0:
            parts["risks"].append(f"{amount(size[term])} more in {terms[term]}")
        else:
            parts["gives up"].append(text)
    if abs(rest) >= PRINTED:
        parts["gains" if rest > 0 else "gives up"].append(f"{amount(abs(rest))} in the rest")
    if best.value - other.value < PRINTED:
        head = f"{actor} is almost indifferent between {first} and {second}"
    else:
        head = f"{actor} prefers {first} to {second} by {amount(best.value - other.value)}"
    phrases = {verb: f"{verb} {listed(amounts)}" for verb, amounts in parts.items() if amounts}
    drawbacks = _joined([phrases[verb] for verb in ("risks", "gives up") if verb in phrases])
    advantages = _joined([phrases[verb] for verb in ("spares itself", "gains") if verb in phrases])
    reasons = ", but ".join(side for side in (drawbacks, advantages) if side)
    return f"{head}: it {reasons}." if reasons else f"{head}."


def _joined(phrases: Sequence[str]) -> str:
    """Join phrases with `and`, after a comma if one of them has an `and` of its own."""
    return (", and " if any(" and " in phrase for phrase in phrases) else " and ").join(phrases)
