"""One sentence on what a finding rests on: one solve and its numbers, or which draws.

A run's own figures are means over its draws. A figure that rests on anything else says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offramp.common.words import listed
from offramp.crisis.names import names_of
from offramp.crisis.observation import facts_of
from offramp.study.standing import ONE_OF_THEM, divided

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.equilibrium.solution import Solution


AS_OF_NOW = (
    "As of now: what was played until then stays as it was, and levers and changed inputs act on what is still ahead. "
    "Probabilities are given what is known to have happened, payoffs are those still to come. An actor knows only "
    "what it has seen."
)
DRAWS_AS_OF_NOW = f"{AS_OF_NOW} Draws count the more, the likelier they made what happened."
NO_EQUILIBRIUM = "This solve did not converge, so its numbers are not those of an equilibrium."


def moment(crisis: Crisis) -> str:
    """What is said of a crisis before all else, as sentences with a space after each; empty if there is nothing.

    If it is a draft that is not read whole, how much of it is read; then `as_of_when`.
    """
    return f"{crisis.draft.sentence} {as_of_when(crisis)}" if crisis.draft else as_of_when(crisis)


def as_of_when(crisis: Crisis) -> str:
    """As of when a crisis is taken, as a sentence with a space after it; empty from its outset.

    Examples
    --------
    `As of 2031-03-09, after answer in round 1: volley. ` or `Supposing reply: limited or broad. `
    """
    if crisis.outset is None:
        return ""
    if not crisis.facts:
        return "Nothing is observed or supposed, so now is the outset. "
    names = names_of(crisis)
    parts = []
    if crisis.observed:
        last = max(crisis.observed, key=lambda entry: str(entry.date))
        seen = names.all_known(facts_of([last]))
        parts.append(f"as of {last.date}, after {seen}" if seen else f"as of {last.date}")
    if crisis.supposed:
        parts.append(f"supposing {names.all_known(facts_of(crisis.supposed))}")
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}. "


def moment_of_both(a: Crisis, b: Crisis) -> str:
    """As of when two crises are taken, as sentences with a space after them; empty if both are from their outset."""
    moments = [moment(crisis) for crisis in (a, b)]
    if moments[0] == moments[1]:
        return moments[0]
    return "".join(f"{side}: {said or 'From the outset. '}" for side, said in zip("AB", moments, strict=True))


def one_solve(solution: Solution) -> str:
    """`One solve at the medians of the inputs, but what war costs = 5; levers pulled: hotline.`

    If the principal branch divides, two more sentences say that it does and that this is one of the branches.
    """
    names = names_of(solution.game.crisis)
    text = f"{moment(solution.game.crisis)}One solve {solution.conditions}{pulled(names.pulled)}."
    return f"{text} {divided(solution)} {ONE_OF_THEM}" if solution.status == "bifurcation" else text


def of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws are used.

    Examples
    --------
    >>> of_run(2048, 2048), of_run(64, 2048, ["hotline"])
    ("The run's 2,048 draws.", "The first 64 of the run's 2,048 draws; levers pulled: hotline.")
    """
    which = f"The run's {draws:,} draws" if used == draws else f"The first {used:,} of the run's {draws:,} draws"
    return f"{which}{pulled(levers)}."


def levels_of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws show what levers change; the levels are the run's means all the same."""
    which = of_run(used, draws, levers)
    return which if used == draws else f"{which} They show what a lever changes; the level before it is from all draws."


def of_draws(draws: int, seed: int, levers: Iterable[str] = ()) -> str:
    """The draws that a study makes itself.

    Examples
    --------
    >>> of_draws(96, 1)
    '96 draws, seed 1.'
    """
    return f"{draws:,} draws, seed {seed}{pulled(levers)}."


def pulled(levers: Iterable[str]) -> str:
    """The levers pulled, by their names, as the end of a sentence; empty if there are none."""
    names = listed(levers, 20)
    return f"; levers pulled: {names}" if names else ""
