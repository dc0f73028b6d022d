"""The principal logit equilibrium of a tree: the branch from rationality zero, followed with dense Newton steps.

All rationalities are multiplied by one number, from 0 to 1. The unknowns are the logits of the choices, centred in each
information set; the values of options are sums over whole histories, each weighed in the mover's own odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tests.walker.growing import ANALYST, ChanceNode, Key, Node, Terminal

Array = NDArray[np.float64]
Choices = Mapping[Key, Mapping[str, float]]
"""By information set the probability of each option."""

ON_THE_BRANCH, AT_THE_END, STRAIGHT, SHORTEST = 1e-10, 1e-13, 0.98, 1e-7


@dataclass(frozen=True)
class _Leaf:
    """One history: each actor's odds of what is not solved for, the choices that are, and each actor's payoff."""

    odds: Mapping[str, float]
    taken: tuple[tuple[Key, str], ...]
    worth: Mapping[str, float]


@dataclass
class _Harvest:
    """The histories of a tree, in which `frozen` choices are played like chance; `open` sets are solved for."""

    actors: Sequence[str]
    frozen: Choices
    menus: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    movers: dict[Key, str] = field(default_factory=dict)
    leaves: list[_Leaf] = field(default_factory=list)

    def visit(self, node: Node, odds: Mapping[str, float], taken: tuple[tuple[Key, str], ...]) -> None:
        if isinstance(node, Terminal):
            worth = {name: float(sum(x for (whose, _), x in node.paid.items() if whose == name)) for name in odds}
            self.leaves.append(_Leaf(odds, taken, worth))
            return
        if not isinstance(node, ChanceNode) and node.key not in self.frozen:
            self.menus[node.key], self.movers[node.key] = tuple(node.branches), node.actor
            for option, child in node.branches.items():
                self.visit(child, odds, (*taken, (node.key, option)))
            return
        for option, child in node.branches.items():
            shares = {who: float(node.odds[who][option]) for who in odds} if isinstance(node, ChanceNode) else None
            share = self.frozen[node.key][option] if shares is None else 0.0  # type: ignore[union-attr]
            after = {who: p * (shares[who] if shares else share) for who, p in odds.items()}
            if any(after.values()):
                self.visit(child, after, taken)


@dataclass(frozen=True)
class _Game:
    """`takes`: (histories, slots), one where a history takes an option; `odds`, `worth`: (actors, histories).

    By slot its set, its mover, and the mover's rationality; `centre`: (slots, slots) takes a set's mean away.
    """

    takes: sparse.csr_array
    odds: Array
    worth: Array
    set_of: NDArray[np.int64]
    mover: NDArray[np.int64]
    precision: Array

    def centred(self, values: Array) -> Array:
        """Values, along the first axis by slot, less their mean in each set."""
        sizes = np.bincount(self.set_of)
        totals = np.zeros((len(sizes), *values.shape[1:]))
        np.add.at(totals, self.set_of, values)
        return values - (totals / sizes.reshape(-1, *[1] * (values.ndim - 1)))[self.set_of]

    def log_choices(self, logits: Array) -> Array:
        most = np.full(self.set_of.max() + 1, -np.inf)
        np.maximum.at(most, self.set_of, logits)
        totals = np.bincount(self.set_of, np.exp(logits - most[self.set_of]))
        return logits - most[self.set_of] - np.log(totals)[self.set_of]

    def values(self, logits: Array) -> tuple[Array, Array]:
        """The value of each option to its mover, and its derivatives in all logits: (slots,), (slots, slots)."""
        log_choices = self.log_choices(logits)
        play = np.exp(self.takes @ log_choices)
        value, slope = np.zeros(len(logits)), np.zeros((len(logits), len(logits)))
        for actor in np.unique(self.mover):
            own = np.flatnonzero(self.mover == actor)
            columns = self.takes[:, own]
            weight = self.odds[actor] * play
            paid = weight * self.worth[actor]
            total, sums = columns.T @ weight, columns.T @ paid
            value[own] = sums / total
            of_weight = (columns.T @ (self.takes * weight[:, None]).tocsr()).toarray()
            of_paid = (columns.T @ (self.takes * paid[:, None]).tocsr()).toarray()
            slope[own] = (of_paid - value[own][:, None] * of_weight) / total[:, None]
        choices = np.exp(log_choices)
        in_set = np.zeros((len(logits), self.set_of.max() + 1))
        np.add.at(in_set.T, self.set_of, slope.T)
        return value, slope - in_set[:, self.set_of] * choices  # the chain rule through log softmax

    def gap(self, logits: Array, scale: float) -> tuple[Array, Array, Array]:
        """What the logits lack to be the response at a scale of rationality; derivatives in logits and in the scale."""
        value, slope = self.values(logits)
        pull = self.centred(self.precision * value)
        jacobian = np.eye(len(logits)) - scale * self.centred(self.precision[:, None] * slope)
        return logits - scale * pull, jacobian, -pull


def _newton(game: _Game, logits: Array, scale: float) -> Array | None:
    """The response to itself at a scale, from logits nearby; None if Newton's steps do not come to rest."""
    best = np.inf
    for _ in range(25):
        gap, jacobian, _ = game.gap(logits, scale)
        size = np.abs(gap).max()
        if size < AT_THE_END and size >= best / 2:
            return logits
        best = min(best, size)
        logits = logits - np.linalg.solve(jacobian, gap)
        if not np.isfinite(logits).all():
            return None
    return logits if best < AT_THE_END * 10 else None


def _corrected(game: _Game, point: Array, tangent: Array, length: float) -> tuple[Array, Array] | None:
    """The point of the branch next to a predicted one, and the tangent there; None if it is not near enough."""
    first = 0.0
    for attempt in range(8):
        gap, jacobian, in_scale = game.gap(point[:-1], point[-1])
        bordered = np.block([[jacobian, in_scale[:, None]], [tangent[None, :]]])
        if np.abs(gap).max() < ON_THE_BRANCH:
            ahead = np.linalg.solve(bordered, np.append(np.zeros(len(gap)), 1.0))
            return point, ahead / np.linalg.norm(ahead)
        step = np.linalg.solve(bordered, np.append(-gap, 0.0))
        first = first or float(np.linalg.norm(step))
        if not np.isfinite(step).all() or first > length / 10 or (attempt and np.linalg.norm(step) > first):
            return None
        point = point + step
    return None


def _followed(game: _Game) -> Array:
    """The logits at which the branch from scale 0 first comes to scale 1."""
    point = np.zeros(len(game.precision) + 1)
    _, jacobian, in_scale = game.gap(point[:-1], 0.0)
    tangent = np.append(np.linalg.solve(jacobian, -in_scale), 1.0)
    tangent /= np.linalg.norm(tangent)
    length = 0.1 * np.sqrt(len(game.precision))
    while length > SHORTEST:
        found = _corrected(game, point + length * tangent, tangent, length)
        if found is None or found[1] @ tangent < STRAIGHT:
            length /= 2
            continue
        if found[0][-1] >= 1:
            share = (1 - point[-1]) / (found[0][-1] - point[-1])
            between = point + share * (found[0] - point)
            end = _newton(game, between[:-1], 1.0)
            if end is not None and np.linalg.norm(end - between[:-1]) <= length / 10:
                return end
            length /= 2
            continue
        (point, tangent), length = found, length * 1.6
    raise ArithmeticError("the branch cannot be followed")


def solve(root: Node, rationality: Mapping[str, float], frozen: Choices | None = None) -> dict[Key, dict[str, float]]:
    """The principal logit equilibrium of a tree, with `frozen` choices played as they are.

    A set that nobody reaches, by odds of zero, is left out.
    """
    actors = list(rationality)
    harvest = _Harvest(actors, frozen or {})
    harvest.visit(root, dict.fromkeys([ANALYST, *actors], 1.0), ())
    found = {key: {option: float(p) for option, p in shares.items()} for key, shares in (frozen or {}).items()}
    found |= {key: {menu[0]: 1.0} for key, menu in harvest.menus.items() if len(menu) == 1}
    keys = [key for key, menu in harvest.menus.items() if len(menu) > 1]
    slots = {slot: at for at, slot in enumerate((key, option) for key in keys for option in harvest.menus[key])}
    if not slots:
        return found
    takes = sparse.lil_array((len(harvest.leaves), len(slots)))
    for row, leaf in enumerate(harvest.leaves):
        for slot in leaf.taken:
            if slot in slots:
                takes[row, slots[slot]] = 1.0
    game = _Game(
        takes.tocsr(),
        np.array([[leaf.odds[name] for leaf in harvest.leaves] for name in actors]),
        np.array([[leaf.worth[name] for leaf in harvest.leaves] for name in actors]),
        np.array([keys.index(key) for key, _ in slots]),
        np.array([actors.index(harvest.movers[key]) for key, _ in slots]),
        np.array([rationality[harvest.movers[key]] for key, _ in slots]),
    )
    choices = np.exp(game.log_choices(_followed(game)))
    for (key, option), at in slots.items():
        found.setdefault(key, {})[option] = float(choices[at])
    return found
