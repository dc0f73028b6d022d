"""Games in which private shocks are summed exactly; others are refused.

By the choice rule `private`, each way for play to end has a shock that an actor knows from the start. A way is a whole
history: one path of edges, however nodes were merged. The difference of two options is normal, with a variance that is
the sum of the squared probabilities of the ways after both, if

- the actor has two options (the best of more has no closed form),
- it knows all that was played before (nodes that were merged, or that lie in one information set, share their choice,
  but not their shocks), and
- it moves once on every way (a second move would be made knowing the shocks that led to the first).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.steps import Move
from offramp.game.edges import carry_backward, carry_forward, edges_of
from offramp.game.game import Game


def check_private_shocks(game: Game) -> None:
    """Raise CrisisError, with all faults, if private shocks cannot be summed. Moves of one option do not count."""
    private = [number for number, actor in enumerate(game.crisis.actors.values()) if actor.choice == "private"]
    faults = sorted({fault for actor in private for fault in _faults(game, actor)})
    if faults:
        raise CrisisError(game.crisis.path, faults)


def _faults(game: Game, actor: int) -> Iterator[Fault]:
    edges, name = edges_of(game), game.actors[actor]
    layer_actor = np.array([layer.actor for layer in game.layers])
    options = game.group_options[edges.node_group]
    own = (layer_actor[edges.node_layer[:-1]] == actor) & (options > 1)
    ways = np.zeros(game.nodes + 1)
    ways[game.root] = 1.0
    carry_forward(edges, ways, lambda _, before: before)
    info_set = edges.group_set[edges.node_group]
    companions = np.bincount(info_set[own], minlength=1)
    moves_ahead = np.append(own, False)
    carry_backward(edges, moves_ahead, lambda _, after: after, np.logical_or)
    for layer in np.unique(edges.node_layer[:-1][own]).tolist():
        step = game.crisis.named[game.layers[layer].step]
        assert isinstance(step, Move)
        here = np.flatnonzero(own & (edges.node_layer[:-1] == layer))
        most = int(options[here].max())
        reasons = []
        if most > 2:
            reasons.append(f"two options at a move, and this one has {most}")
        if (ways[here] > 1.0).any() or (companions[info_set[here]] > 1).any():
            reasons.append("a mover that knows all that was played before, and this one does not")
        if moves_ahead[edges.child[edges.of_nodes(here)[0]]].any():
            reasons.append("one move on every way for play to end, and after this one it can move again")
        for reason in reasons:
            yield Fault(
                step.place,
                f"'{step.key}': the choice of {name} is `private`, which needs {reason}; use `probit` or `logit`",
            )
