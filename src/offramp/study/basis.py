"""One sentence on what a finding rests on: one solve and its numbers, or which draws.

A run's own figures are means over its draws. A figure that rests on anything else says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import names_of
from offramp.crisis.observation import facts_of
from offramp.study.standing import ONE_OF_THEM, divided

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.equilibrium.solution import Solution


AS_OF_NOW = tr(
    "As of now: what was played until then stays as it was, and levers and changed inputs act on what is still ahead. "
    "Probabilities are given what is known to have happened, payoffs are those still to come. An actor knows only "
    "what it has seen."
)
DRAWS_AS_OF_NOW = f"{AS_OF_NOW} {tr('Draws count the more, the likelier they made what happened.')}"
NO_EQUILIBRIUM = tr("This solve did not converge, so its numbers are not those of an equilibrium.")


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
        return f"{tr('Nothing is observed or supposed, so now is the outset.')} "
    names = names_of(crisis)
    supposed = names.all_known(facts_of(crisis.supposed))
    if not crisis.observed:
        return f"{tr('Supposing {facts}.', facts=supposed)} "
    last = max(crisis.observed, key=lambda entry: str(entry.date))
    after = names.all_known(facts_of([last]))
    if after and supposed:
        text = tr("As of {date}, after {events}, supposing {facts}.", date=last.date, events=after, facts=supposed)
    elif after:
        text = tr("As of {date}, after {events}.", date=last.date, events=after)
    elif supposed:
        text = tr("As of {date}, supposing {facts}.", date=last.date, facts=supposed)
    else:
        text = tr("As of {date}.", date=last.date)
    return f"{text} "


def moment_of_both(a: Crisis, b: Crisis) -> str:
    """As of when two crises are taken, as sentences with a space after them; empty if both are from their outset."""
    moments = [moment(crisis) for crisis in (a, b)]
    if moments[0] == moments[1]:
        return moments[0]
    outset = f"{tr('From the outset.')} "
    return "".join(f"{side}: {said or outset}" for side, said in zip("AB", moments, strict=True))


def one_solve(solution: Solution) -> str:
    """`One solve at the medians of the inputs, but what war costs = 5; levers pulled: hotline.`

    If the principal branch divides, two more sentences say that it does and that this is one of the branches.
    """
    names = names_of(solution.game.crisis)
    solve = tr("One solve {conditions}{levers}.", conditions=solution.conditions, levers=pulled(names.pulled))
    text = f"{moment(solution.game.crisis)}{solve}"
    return f"{text} {divided(solution)} {ONE_OF_THEM}" if solution.status == "bifurcation" else text


def of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws are used.

    Examples
    --------
    >>> of_run(2048, 2048), of_run(64, 2048, ["hotline"])
    ("The run's 2,048 draws.", "The first 64 of the run's 2,048 draws; levers pulled: hotline.")
    """
    if used == draws:
        which = trn("The run's {count} draw", "The run's {count} draws", draws)
    else:
        which = tr("The first {used} of the run's {draws} draws", used=f"{used:,}", draws=f"{draws:,}")
    return f"{which}{pulled(levers)}."


def levels_of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws show what levers change; the levels are the run's means all the same."""
    which = of_run(used, draws, levers)
    if used == draws:
        return which
    return f"{which} {tr('They show what a lever changes; the level before it is from all draws.')}"


def of_draws(draws: int, seed: int, levers: Iterable[str] = ()) -> str:
    """The draws that a study makes itself.

    Examples
    --------
    >>> of_draws(96, 1)
    '96 draws, seed 1.'
    """
    which = trn("{count} draw, seed {seed}", "{count} draws, seed {seed}", draws, seed=seed)
    return f"{which}{pulled(levers)}."


def pulled(levers: Iterable[str]) -> str:
    """The levers pulled, by their names, as the end of a sentence; empty if there are none."""
    names = listed(levers, 20)
    return tr("; levers pulled: {levers}", levers=names) if names else ""
