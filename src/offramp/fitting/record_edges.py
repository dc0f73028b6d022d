"""What several records say together, and the edges of a game on which play fulfils them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from offramp.crisis.observation import Position
from offramp.crisis.recorded_cases import CaseRecord
from offramp.equilibrium.counting import ending_of_payoffs
from offramp.game.agreement import Open, consistent_edges, on_open_plays
from offramp.game.game import Game


def joined(records: Iterable[CaseRecord]) -> CaseRecord:
    """What records say together: of a step only the values, and only the endings, that all of them leave."""
    facts: dict[Position, tuple[str, ...]] = {}
    endings: tuple[str, ...] | None = None
    for record in records:
        for at, values in record.facts.items():
            facts[at] = tuple(value for value in facts.get(at, values) if value in values)
        if record.endings is not None:
            kept = record.endings if endings is None else endings
            endings = tuple(ending for ending in kept if ending in record.endings)
    return CaseRecord(facts, endings)


def record_edges(game: Game, record: CaseRecord) -> Open | None:
    """The edges that lie on plays that fulfil a record, (edges,); None if no play does.

    An edge that decides an ending is closed if the record has other endings only.
    """
    open_edge = consistent_edges(game, record.facts)
    if open_edge is None or not all(record.facts.values()):
        return None
    if record.endings is not None:
        ending_of = ending_of_payoffs(game)
        numbers = [number for number, ending in enumerate(game.crisis.endings) if ending.key in record.endings]
        if ending_of[game.root_payoff] not in (-1, *numbers):
            return None
        decided = ending_of[game.edge_payoff]
        open_edge = open_edge & ((decided < 0) | np.isin(decided, numbers))
    open_edge = on_open_plays(game, open_edge)
    return open_edge if not game.nodes or open_edge.any() else None
