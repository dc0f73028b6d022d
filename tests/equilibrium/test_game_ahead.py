"""The game ahead has the choices of the whole game with its past played, in whole or only where play can still come."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.model import Crisis
from offramp.equilibrium.as_of_now import block_now, open_edges, past_of, solve_now
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.sweeps import block_of
from offramp.gambit.opening import compile_game
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.game.test_against_walker import scattered
from tests.plays import plays

CRISES = crisis_texts(most_histories=120).map(crisis_of)


@settings(max_examples=examples(80), deadline=None)
@given(st.data(), CRISES)
def test_what_play_can_come_to_is_solved_alike_alone_and_in_the_whole_game(data: Any, crisis: Crisis) -> None:
    happened = data.draw(st.sampled_from(plays(crisis, scattered))).happened
    places = sorted(happened.keys() & frozenset().union(*crisis.positions))
    steps = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True)) if places else []
    crisis = crisis.supposing(
        {f"{step}@{number}" if number else step: happened[step, number] for step, number in steps}
    )
    crisis = crisis.with_levers("calm")
    game = compile_game(crisis)
    if not game.past:
        return
    own, changed = (Draws(resolved_inputs(one, medians(one)), ["medians"]) for one in (crisis.before_now, crisis))
    block = block_of(game.so_far, tabulate(game.so_far, own))
    past = past_of(block, solve_block(block), dict(own.values))
    narrow, whole = (block_now(game, changed, past, whole=all_) for all_ in (False, True))
    assert len(narrow.slots) <= len(whole.slots)
    alone, together = solve_now(narrow), solve_now(whole)
    if not (past.weight[0] > 0.0 and alone.converged[0] and together.converged[0]):
        return
    for name in ("endings", "terms", "own_eyes", "reached"):
        np.testing.assert_allclose(getattr(alone, name), getattr(together, name), atol=1e-7)
    open_sets = np.repeat(together.reached[:, 0] > 0.0, narrow.block.structure.options)
    np.testing.assert_allclose(alone.choice[open_sets], together.choice[open_sets], atol=1e-7)
    assert open_edges(game).any()
    unlike = np.abs(together.choice - past.solved.choice).max(initial=0.0) if game.before is None else 0.0
    assert unlike == 0.0 or bool(narrow.changed[0])
