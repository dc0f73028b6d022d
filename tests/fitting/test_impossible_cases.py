"""A fit that cannot begin names the rows that stand in its way, with the columns that set them apart."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.common.errors import OfframpError
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.game.compiler import compile_crisis
from tests.crises import crisis_of

TEXT = """\
format: 1
title: Rain, and a choice
actors: {one: {name: One, rationality: 1}}
inputs:
  rain: {is: 0.1, column: rain}
  rich: {is: 1, column: rich}
  gain: {linear: [1, rich], is: "normal(0, 5)"}
timeline:
  - {chance: weather, odds: {wet: rain, dry: rest}}
  - {move: act, by: one, options: [stop, go]}
payoffs:
  one: {now: gain * (act == go) + (weather == wet)}
endings: {went: act == go, none: otherwise}
cases:
  observed: {went: {0: {act: stop}, 1: {act: go}}}
"""


def refused(text: str, changes: dict[int, tuple[str, float]]) -> str:
    """What is said of a table of 20 rows, some of whose cells are changed."""
    rows = np.arange(20)
    columns = {"rain": 0.1 + 0.04 * rows, "rich": rows % 2.0, "went": rows % 3 // 2 * 1.0}
    for row, (name, value) in changes.items():
        columns[name][row] = value
    game = compile_crisis(crisis_of(text))
    with pytest.raises(OfframpError) as caught:
        estimates_of(Likelihood(game, cases_of(game, table_of(columns))), starts=2)
    return str(caught.value)


def test_rows_whose_odds_are_no_odds_are_named_with_the_column_beyond_all_others() -> None:
    said = refused(TEXT, {3: ("rain", 1.2), 7: ("rain", -3.0)})
    assert "2 of 20 rows of data: row 4 ('rain' is 1.2) and row 8 ('rain' is -3)\n" in said
    said = refused(TEXT, dict.fromkeys(range(5, 12), ("rain", 1.2)))
    assert "7 of 20 rows of data: row 6 ('rain' is 1.2), row 7 ('rain' is 1.2), row 8 ('rain' is 1.2) and 4 mo" in said


@pytest.mark.parametrize("value", [30.0, -1e3])
def test_a_row_whose_payoff_is_too_large_to_climb_is_named(value: float) -> None:
    text = TEXT.replace("gain * (", "gain * exp(rich * rich) * (")
    assert f"1 of 20 rows of data: row 3 ('rich' is {value:g})\n" in refused(text, {2: ("rich", value)})


def test_if_no_row_can_be_computed_the_first_are_named_with_all_their_columns() -> None:
    said = refused(TEXT.replace("gain * (", "sqrt(-1 - gain * gain) * ("), {})
    assert "20 of 20 rows of data: row 1 ('rain' is 0.1 and 'rich' is 0), row 2 (" in said
