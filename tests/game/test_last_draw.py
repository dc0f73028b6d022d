"""Numbers of a draw that follows another are those of the draw alone, bit for bit; only what changed is computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.faults import CrisisError
from offramp.game import tables
from offramp.game.tables import Draws, Tables, tabulate
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.shipped import tehran


def draw_at(values: dict[str, float]) -> Draws:
    return Draws({name: np.array([value]) for name, value in values.items()}, ["a draw"])


def arrays_of(numbers: Tables) -> list[Any]:
    own = [numbers.odds, numbers.rationality, numbers.most, *numbers.amounts.values(), *numbers.sizes.values()]
    return [array.tobytes() for array in own] + (arrays_of(numbers.measured) if numbers.measured else [])


def numbers_or_message(game: offramp.Game, at: dict[str, float]) -> object:
    try:
        return arrays_of(tabulate(game, draw_at(at)))
    except CrisisError as error:
        return str(error)


@settings(max_examples=examples(60), deadline=None)
@given(crisis_texts(most_histories=60), st.data())
def test_a_draw_after_others_has_the_numbers_of_the_draw_alone(text: str, data: st.DataObject) -> None:
    crisis = crisis_of(text)
    game = offramp.compile_game(crisis)
    levels = st.sampled_from([0.1, 0.5, 0.9])
    for _ in range(4):
        at = {name: float(one.distribution.quantile(data.draw(levels))) for name, one in crisis.inputs.items()}
        expected, found = (numbers_or_message(one, at) for one in (offramp.compile_game(crisis), game))
        assert found == expected


def test_one_changed_input_evaluates_only_what_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    crisis = tehran()
    game = offramp.compile_game(crisis)
    at = {name: float(one.distribution.quantile(0.5)) for name, one in crisis.inputs.items()}
    tabulate(game, draw_at(at))
    evaluated: list[frozenset[str]] = []
    real = tables.evaluated

    def watched(expression: Any, *args: Any) -> Any:
        evaluated.append(expression.names)
        return real(expression, *args)

    monkeypatch.setattr(tables, "evaluated", watched)
    tabulate(game, draw_at(at | {"war_cost": 9.0}))
    games = (game, game.measured)
    rationalities = sum(2 * len(crisis.actors) for one in games if one is not None)
    assert sum("war_cost" in names for names in evaluated) > 0
    assert sum("war_cost" not in names for names in evaluated) <= rationalities
