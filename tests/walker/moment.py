"""Play from a moment of the timeline on: the past frozen, what is ahead solved again, figures given what is known."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from offramp.crisis import model
from tests.walker.arithmetic import rationality
from tests.walker.growing import ANALYST, SKIPPED, ChanceNode, Key, Node, Now, Position, Terminal, positions, tree
from tests.walker.principal import Choices, solve

Facts = Mapping[Position, Collection[str]]
"""By position the values, one of which it has."""


@dataclass
class Moment:
    """One draw's figures as of now, in the analyst's odds.

    `likelihood` is that of the facts, in the equilibrium without the levers pulled now. Everything else is conditional
    on the facts, and empty if they cannot be: `endings`, `payoffs` still to come, `payoffs_in_all`, `measures` of the
    whole crisis, and `reached` by information set ahead. `choices` are the odds of the options at the information sets
    ahead that can be reached, by any history, also one that does not agree with the facts. `past` are those behind.
    """

    likelihood: float
    past: Choices
    choices: dict[Key, dict[str, float]]
    endings: dict[str, float] = field(default_factory=dict)
    payoffs: dict[str, dict[str, float]] = field(default_factory=dict)
    payoffs_in_all: dict[str, dict[str, float]] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)
    reached: dict[Key, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One chance step or choice of a history, with its probability to the analyst."""

    position: Position
    key: Key | None
    option: str
    odds: float


def histories(
    node: Node, choices: Choices, before: tuple[Step, ...] = ()
) -> Iterable[tuple[tuple[Step, ...], Terminal]]:
    """Every history that the analyst's odds reach, step by step, and its end."""
    if isinstance(node, Terminal):
        yield before, node
        return
    if isinstance(node, ChanceNode):
        position, key, odds = (node.step, node.round), None, node.odds[ANALYST]
    else:
        position, key, odds = node.key[:2], node.key, choices[node.key]
    for option, child in node.branches.items():
        if odds[option] > 0:
            yield from histories(child, choices, (*before, Step(position, key, option, float(odds[option]))))


def past_of(crisis: model.Crisis, facts: Facts) -> frozenset[Position]:
    """The positions up to now, which is directly after the last fact and all that happens together with it."""
    order = positions(crisis)
    last = max((at for at, group in enumerate(order) if set(group) & set(facts)), default=-1)
    return frozenset(position for group in order[: last + 1] for position in group)


def same_ahead(left: Node, right: Node) -> bool:
    """Whether two trees of one timeline have the same odds, options and payments ahead."""
    if isinstance(left, Terminal) or isinstance(right, Terminal):
        return isinstance(left, Terminal) and isinstance(right, Terminal) and left.to_come == right.to_come
    if tuple(left.branches) != tuple(right.branches):
        return False
    if isinstance(left, ChanceNode) and isinstance(right, ChanceNode) and left.odds != right.odds:
        return False
    return all(same_ahead(child, right.branches[option]) for option, child in left.branches.items())


def walk_now(
    crisis: model.Crisis, facts: Facts, inputs: Mapping[str, float] | None = None, levers: Sequence[str] = ()
) -> Moment:
    """The play of one draw of the inputs, by default their medians, given facts, with levers pulled from now on.

    The base is the crisis with the levers it has pulled already. Its principal equilibrium is what was played up to
    now. What is ahead is solved again only if the levers change it; nobody ahead knows more than it has seen.
    """
    past = past_of(crisis, facts)
    precision = rationality(crisis, inputs)
    base = solve(tree(crisis, inputs), precision)
    behind = {key: shares for key, shares in base.items() if key[:2] in past}
    pulled = crisis.with_levers(*levers)
    before, root = tree(crisis, inputs, Now(past)), tree(crisis, inputs, Now(past, tuple(levers)))
    movers = {crisis.named[key[0]].by for key in base if key not in behind}  # type: ignore[union-attr]
    later = rationality(pulled, inputs)
    unmoved = all(later[actor] == precision[actor] for actor in movers) and same_ahead(before, root)
    choices = base if unmoved else solve(root, later, behind)
    moment = Moment(0.0, behind, {key: shares for key, shares in choices.items() if key not in behind})

    agreed = []
    for steps, end in histories(root, choices):
        if all(end.happened.get(position, SKIPPED) in values for position, values in facts.items()):
            agreed.append((math.prod(step.odds for step in steps), steps, end))
    moment.likelihood = math.fsum(odds for odds, _, _ in agreed)
    if not moment.likelihood:
        return moment

    def mean(parts: Iterable[tuple[float, float]]) -> float:
        return math.fsum(odds * float(number) for odds, number in parts) / moment.likelihood

    for ending in crisis.endings:
        moment.endings[ending.key] = mean((odds, end.ending == ending.key) for odds, _, end in agreed)
    moment.payoffs = {actor: {} for actor in crisis.actors}
    moment.payoffs_in_all = {actor: {} for actor in crisis.actors}
    for term in crisis.terms:
        at = term.actor, term.key
        moment.payoffs[term.actor][term.key] = mean((odds, end.to_come[at]) for odds, _, end in agreed)
        moment.payoffs_in_all[term.actor][term.key] = mean((odds, end.paid[at]) for odds, _, end in agreed)
    for measure in crisis.measures:
        moment.measures[measure.key] = mean((odds, end.measured.get(measure.key, 0)) for odds, _, end in agreed)
    reached: dict[Key, list[float]] = defaultdict(list)
    for odds, steps, _ in agreed:
        for step in steps:
            if step.key is not None and step.key not in behind:
                reached[step.key].append(odds)
    moment.reached = {key: math.fsum(reached[key]) / moment.likelihood for key in moment.choices}
    return moment


@dataclass(frozen=True)
class Weighed:
    """Draws weighed by the likelihood of the facts: each draw's share, and how many equal draws they are worth."""

    shares: tuple[float, ...]
    effective: float

    def mean(self, figures: Sequence[float]) -> float:
        """The mean of a figure; a draw of no weight has none."""
        return math.fsum(share * figure for share, figure in zip(self.shares, figures, strict=True) if share)


def weigh(moments: Sequence[Moment]) -> Weighed:
    """The weights of draws in which the facts have some likelihood."""
    total = math.fsum(moment.likelihood for moment in moments)
    squares = math.fsum(moment.likelihood**2 for moment in moments)
    return Weighed(tuple(moment.likelihood / total for moment in moments), total**2 / squares)
