"""One sentence on why an actor prefers an option to another.

The sentence follows the numbers: the difference between two options is the sum of the differences of their payoff
terms, each in the mover's own odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offramp.common.numerals import amount
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.names import capital
from offramp.study.explanation.motives import Motive

MOST_TERMS, LEAST_SHARE = 4, 0.1
"""How many payoff terms a sentence names at most, none below this share of the largest; the others are "the rest"."""
PRINTED = 0.005
"""Payoffs that differ by less print alike."""


def preference(actor: str, best: Motive, other: Motive, options: Mapping[str, str], terms: Mapping[str, str]) -> str:
    """One sentence on why an actor prefers an option: the difference, and the payoff terms that make it up.

    The drawbacks come first, then the advantages. A negative term is a cost: it pays more of it, or spares itself
    some. A positive one is a gain: it gains more of it, or gives some up. `actor` is a name; `options` and `terms` give
    the names by their keys.

    Examples
    --------
    >>> staged = Motive("staged", 0.8, -0.5, {"face": -0.4, "war": -0.1}, {}, {})
    >>> salvo = Motive("salvo", 0.2, -0.92, {"face": -0.09, "war": -0.83}, {}, {})
    >>> options = {"staged": "a staged answer", "salvo": "a salvo"}
    >>> preference("Iran", staged, salvo, options, {"face": "lost face", "war": "war"})
    'Iran prefers a staged answer to a salvo by 0.42: it pays 0.31 more in lost face, but spares itself 0.73 in war.'
    """
    first, second = options[best.option], options[other.option]
    actor = capital(actor)
    size = {term: abs(best.terms[term] - other.terms[term]) for term in best.terms}
    least = max(PRINTED, LEAST_SHARE * max(size.values(), default=0.0))
    named = [term for term in sorted(size, key=lambda term: -size[term])[:MOST_TERMS] if size[term] >= least]
    rest = sum(best.terms[term] - other.terms[term] for term in size if term not in named)
    paid: list[str] = []
    given_up: list[str] = []
    spared: list[str] = []
    gained: list[str] = []
    for term in named:
        difference = tr("{amount} in {term}", amount=amount(size[term]), term=terms[term])
        if best.terms[term] >= other.terms[term]:
            (spared if best.terms[term] <= 0.0 else gained).append(difference)
        elif best.terms[term] < 0.0:
            paid.append(tr("{amount} more in {term}", amount=amount(size[term]), term=terms[term]))
        else:
            given_up.append(difference)
    if abs(rest) >= PRINTED:
        (gained if rest > 0 else given_up).append(tr("{amount} in the rest", amount=amount(abs(rest))))
    drawbacks = _joined(
        ([tr("pays {amounts}", amounts=listed(paid))] if paid else [])
        + ([tr("gives up {amounts}", amounts=listed(given_up))] if given_up else [])
    )
    advantages = _joined(
        ([tr("spares itself {amounts}", amounts=listed(spared))] if spared else [])
        + ([tr("gains {amounts}", amounts=listed(gained))] if gained else [])
    )
    if drawbacks and advantages:
        reasons = tr("{drawbacks}, but {advantages}", drawbacks=drawbacks, advantages=advantages)
    else:
        reasons = drawbacks or advantages
    called = {"actor": actor, "first": first, "second": second}
    if best.value - other.value < PRINTED:
        if not reasons:
            return tr("{actor} is almost indifferent between {first} and {second}.", **called)
        return tr(
            "{actor} is almost indifferent between {first} and {second}: it {reasons}.", reasons=reasons, **called
        )
    called["amount"] = amount(best.value - other.value)
    if not reasons:
        return tr("{actor} prefers {first} to {second} by {amount}.", **called)
    return tr("{actor} prefers {first} to {second} by {amount}: it {reasons}.", reasons=reasons, **called)


def _joined(phrases: Sequence[str]) -> str:
    """Join at most two phrases with `and`, after a comma if one of them has an `and` of its own."""
    if len(phrases) > 1 and any(listed(["", ""]) in phrase for phrase in phrases):
        return tr("{first}, and {last}", first=phrases[0], last=phrases[-1])
    return listed(phrases)
