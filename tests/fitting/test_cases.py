"""A row of a table becomes a case, or is left out for a reason that is named; nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError
from offramp.crisis.faults import CrisisError
from offramp.fitting.case_cells import input_cells
from offramp.fitting.case_table import CaseTable, table_of
from offramp.fitting.cases import (
    COUNT_OF_ZERO,
    IMPOSSIBLE,
    MISSING_CELL,
    NOT_FINITE,
    NOT_LISTED,
    NOTHING_RECORDED,
    OUT_OF_RANGE,
    Cases,
    _distinct,
    cases_of,
)
from offramp.fitting.csv_cases import csv_columns
from offramp.fitting.likelihood import Likelihood
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game
from tests.crises import crisis_of
from tests.examples import examples

HEAD = """\
format: 1
title: Deterrence; resolve is never recorded
actors: {attacker: {name: A, rationality: 2}, ally: {name: Ally, rationality: 2}, defender: {name: D, rationality: 2}}
inputs:
  dem: {is: 1, column: dem}
  balance: {is: 0.2, column: log(cap1 / cap2)}
  regime: {is: mixed, column: regime1, levels: [mixed, autoc]}
  worth: {linear: [1, balance, regime], is: "normal(0, 2)"}
  tie: {is: "normal(0, 1)", estimate: yes}
timeline:
  - {chance: resolve, odds: {strong: 0.5, weak: rest}, seen_by: [defender]}
  - {move: threat, by: defender, options: [quiet, threaten]}
  - {move: support, by: ally, if: threat == threaten, options: [aloof, join]}
  - {move: attack, by: attacker, options: [hold, strike]}
  - {move: fight, by: defender, if: attack == strike, options: [give_way, resist]}
payoffs:
  defender: {war: ((resolve == strong) + dem) * (fight == resist)}
  ally: {stand: tie * (support == join)}
  attacker: {win: fight == give_way, war: (worth - 0.5 * (support == join)) * (fight == resist)}
endings: {war: fight == resist, gives_way: fight == give_way, peace: otherwise}
"""
OBSERVED = """\
cases:
  observed:
    threatened: {0: {threat: quiet}, 1: {threat: threaten}}
    ally: {joined: {support: join}, not joined: {support: [aloof, skipped]}}
    result:
      {peace: {attack: hold}, war: {ending: war}, surrender: {fight: give_way}, no war: {ending: [peace, gives_way]}}
"""
ROW = {
    "dem": 1, "cap1": 2, "cap2": 1, "regime1": "mixed", "threatened": "1", "ally": "joined", "result": "war",
    "nation": "A", "year": 1900, "n": 1,
}  # fmt: skip


def game_of(text: str) -> Game:
    return compile_crisis(crisis_of(HEAD + text))


@pytest.fixture(scope="module")
def game() -> Game:
    return game_of(OBSERVED)


def table(*changes: Mapping[str, Any]) -> CaseTable:
    """A table with a row for each mapping, which says what differs from `ROW`."""
    rows = [{**ROW, **change} for change in changes]
    return table_of({name: [row[name] for row in rows] for name in ROW})


def left_out(cases: Cases) -> list[tuple[str, str, int]]:
    return [(one.reason, one.column, one.rows) for one in cases.left_out]


def faults(text: str, data: CaseTable) -> list[str]:
    """The mistakes, as `LINE:COLUMN: message`."""
    with pytest.raises(CrisisError) as caught:
        cases_of(game_of(text), data)
    return [fault.located("c").removeprefix("c:") for fault in caught.value.faults]


def test_inputs_are_columns_and_parameters_are_coefficients(game: Game) -> None:
    cases = cases_of(game, table({}, {"regime1": "dem", "cap1": 1, "result": "surrender"}, {"regime1": "autoc"}))
    assert cases.parameters == ("worth.1", "worth.balance", "worth.regime.mixed", "worth.regime.autoc", "tie")
    assert list(cases.columns) == ["dem", "balance", "regime.mixed", "regime.autoc"]
    by_row = [[float(cases.columns[name][case]) for name in cases.columns] for case in cases.entry_case]
    assert by_row == [[1, np.log(2), 1, 0], [1, 0, 0, 0], [1, np.log(2), 0, 1]]
    assert [cases.record_names[cases.record[case]] for case in cases.entry_case] == [
        "threatened 1, ally joined, result war",
        "threatened 1, ally joined, result surrender",
        "threatened 1, ally joined, result war",
    ]
    assert left_out(cases) == []


def test_an_empty_cell_leaves_play_open(game: Game) -> None:
    """Odds of what is known less add up from what is known more."""
    rows = [
        {"threatened": None, "ally": None, "result": "war"},
        *({"threatened": t, "ally": a, "result": "war"} for t, a in product("01", ("joined", "not joined"))),
    ]
    cases = cases_of(game, table(*rows))
    assert left_out(cases) == [(IMPOSSIBLE, "threatened 0, ally joined, result war", 1)]
    odds = Likelihood(game, cases).odds(np.array([0.3, 0.1, -0.2, 0.5, 0.4]))[0]
    by_name = dict(zip(cases.record_names, odds, strict=True))
    assert by_name.pop("result war") == pytest.approx(sum(by_name.values()), abs=1e-12)


def test_records_of_all_results_share_every_probability(game: Game) -> None:
    rows = [
        {"threatened": t, "ally": a, "result": r}
        for t, a, r in product("01", ("joined", "not joined"), ("peace", "war", "surrender"))
    ]
    cases = cases_of(game, table(*rows))
    assert len(cases.records) == 9
    np.testing.assert_allclose(Likelihood(game, cases).odds(np.full(5, 0.3)).sum(axis=1), 1.0, atol=1e-12)


def test_a_record_with_several_endings(game: Game) -> None:
    quiet = {"threatened": None, "ally": None}
    cases = cases_of(game, table({**quiet, "result": "war"}, {**quiet, "result": "no war"}))
    odds = Likelihood(game, cases).odds(np.full(5, 0.3))
    np.testing.assert_allclose(odds.sum(axis=1), 1.0, atol=1e-12)


def test_equal_rows_are_one_case_and_order_does_not_matter(game: Game) -> None:
    rows: list[dict[str, Any]] = [{}, {"result": "peace"}, {}, {"cap1": 3}, {}]
    cases = cases_of(game, table(*rows))
    assert sorted(cases.weight) == [1.0, 1.0, 3.0]
    assert cases.total == 5.0
    assert list(cases.entry_row) == [0, 1, 2, 3, 4]
    backward = cases_of(game, table(*rows[::-1]))
    np.testing.assert_array_equal(cases.record, backward.record)
    np.testing.assert_array_equal(cases.weight, backward.weight)
    for name, values in cases.columns.items():
        np.testing.assert_array_equal(values, backward.columns[name])
    np.testing.assert_array_equal(cases.entry_case[::-1], backward.entry_case)


def test_every_row_that_is_left_out_is_counted_and_named(game: Game) -> None:
    rows: list[dict[str, Any]] = [
        {},
        {"dem": None},
        {"cap2": 0},
        {"cap1": 0, "cap2": 0},
        {"cap1": -1},
        {"regime1": None, "dem": None},
        {"result": "surender"},
        {"threatened": None, "ally": None, "result": None},
        {"threatened": "0"},
        {"regime1": None},
    ]
    cases = cases_of(game, table(*rows))
    assert left_out(cases) == [
        (NOT_LISTED, "result", 1),
        (NOTHING_RECORDED, "", 1),
        (MISSING_CELL, "dem", 2),
        (MISSING_CELL, "regime1", 1),
        (NOT_FINITE, "log(cap1 / cap2)", 3),
        (IMPOSSIBLE, "threatened 0, ally joined, result war", 1),
    ]
    assert cases.left_out[0].cells == "'surender' (did you mean 'surrender'?)"
    assert cases.left_out[2].examples == (2, 6)
    assert sum(one.rows for one in cases.left_out) + cases.used_rows == cases.rows == 10


@pytest.mark.parametrize("size", [1e308, 1.1e30, 0.9e-30, 5e-324])
def test_numbers_that_powers_are_lost_of_are_left_out_and_named(game: Game, size: float) -> None:
    cases = cases_of(game, table({"dem": size}, {"dem": -size}, {"dem": 0}, {"dem": 1e30}, {"dem": -1e-30}))
    assert left_out(cases) == [(OUT_OF_RANGE, "dem", 2)]
    assert cases.used_rows == 3


@pytest.mark.parametrize("dem", [[1.7e308, -1.7e308], [1e200, 0.0]])
def test_equal_cases_are_found_however_far_apart_numbers_are(dem: list[float]) -> None:
    _, first = _distinct([np.array([dem[0], dem[1], dem[0]])])
    assert sorted(first) == [0, 1]


def test_cells_match_as_text_and_by_number() -> None:
    text = "x,result\n1,01\n2,1.0\n3,0\n4, 1 \n5,\n"
    columns, lines = csv_columns(text.encode(), "t.csv")
    data = CaseTable("t.csv", {**columns, "dem": columns["x"]}, len(lines), lines, "line")
    crisis = game_of("cases: {observed: {result: {1: {ending: war}, 0: {ending: [peace, gives_way]}}}}\n")
    data = table_of({**{name: [value] * 5 for name, value in ROW.items()}, "result": list(data.columns["result"])})
    cases = cases_of(crisis, data)
    assert [cases.record_names[cases.record[case]] for case in cases.entry_case] == ["1", "1", "0", "1"]
    assert left_out(cases) == [(NOTHING_RECORDED, "", 1)]


def test_count_cluster_and_time() -> None:
    crisis = game_of(OBSERVED + "  cluster: nation\n  time: year\n  count: n\n")
    cases = cases_of(
        crisis,
        table({"n": 3}, {"n": 0}, {"nation": "B", "year": None}, {"nation": None}, {"n": None}, {"result": "peace"}),
    )
    assert left_out(cases) == [(MISSING_CELL, "nation", 1), (MISSING_CELL, "n", 1), (COUNT_OF_ZERO, "n", 1)]
    assert (cases.total, list(cases.entry_weight), sorted(cases.weight)) == (5.0, [3.0, 1.0, 1.0], [1.0, 4.0])
    assert cases.cluster is not None
    assert [cases.cluster_names[code] for code in cases.cluster] == ["A", "B", "A"]
    assert cases.time is not None
    np.testing.assert_array_equal(cases.time, [1900.0, np.nan, 1900.0])
    assert cases.span == (1900.0, 1900.0)


@pytest.mark.parametrize("count", [-1, 1.5, 1e300])
def test_a_count_is_a_whole_number(count: float) -> None:
    with pytest.raises(OfframpError, match=r"data: expected whole numbers in column 'n', found .* in row 2"):
        cases_of(game_of(OBSERVED + "  count: n\n"), table({}, {"n": count}))


def test_counts_that_no_float_adds_up_one_by_one_are_refused() -> None:
    with pytest.raises(OfframpError, match="the counts of data add up to more than 9,007,199,254,740,992 cases"):
        cases_of(game_of(OBSERVED + "  count: n\n"), table({"n": 2**53}, {"n": 2, "result": "peace"}))


def test_counts_of_repeated_outcomes() -> None:
    crisis = game_of("cases: {counts: {wars: {ending: war}, yields: {fight: give_way}, quiet: {ending: peace}}}\n")
    counts = {"wars": [2, 0, 0], "yields": [1, 0, 4], "quiet": [0, 0, 5]}
    data = table_of({**{name: [value] * 3 for name, value in ROW.items()}, **counts})
    cases = cases_of(crisis, data)
    assert left_out(cases) == [(NOTHING_RECORDED, "", 1)]
    assert (cases.record_names, cases.weight.tolist()) == (("wars", "yields", "quiet"), [2.0, 5.0, 5.0])
    assert list(cases.entry_row) == [0, 0, 2, 2]


def test_columns_on_one_step_hold_together() -> None:
    crisis = game_of("""\
cases:
  observed:
    quiet: {1: {attack: hold}, 0: {attack: strike}}
    won: {1: {fight: give_way}, 0: {fight: [resist, skipped]}}
    fought: {1: {fight: resist}, 0: {fight: [give_way, skipped]}}
""")
    whole = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    rows = [*product((0, 1), repeat=3), (None, 0, 0)]
    data = {**{name: [value] * len(rows) for name, value in ROW.items()}}
    data |= {name: [row[place] for row in rows] for place, name in enumerate(("quiet", "won", "fought"))}
    cases = cases_of(crisis, table_of(data))
    assert [rows[row] for row in cases.entry_row] == [*sorted(whole), (None, 0, 0)]
    assert {reason for reason, *_ in left_out(cases)} == {IMPOSSIBLE}
    odds = dict(zip(cases.record_names, Likelihood(crisis, cases).odds(np.full(5, 0.3))[0], strict=True))
    assert odds.pop("won 0, fought 0") == pytest.approx(odds["quiet 1, won 0, fought 0"])
    assert sum(odds.values()) == pytest.approx(1.0)


def test_a_missing_cell_is_not_an_undefined_number(game: Game) -> None:
    read = {one.name: one for one in input_cells(game.crisis, table({"cap1": None}, {"cap1": 0, "cap2": 0}, {}))}
    np.testing.assert_array_equal(read["balance"].values, [np.nan, np.inf, np.log(2.0)])
    assert read["balance"].columns == ("cap1", "cap2")


def test_a_step_of_a_round() -> None:
    text = """\
format: 1
title: Two rounds
actors: {a: {name: A}}
inputs: {x: {is: "normal(0, 1)", estimate: yes}}
timeline:
  - rounds: 2
    steps:
      - {move: act, by: a, options: [wait, strike]}
payoffs: {a: {now: {pays: x * (act == strike), when: each_round}}}
endings: {struck: act == strike, calm: otherwise}
cases:
  observed: {first: {1: {act@1: strike}}, second: {1: {act@2: strike}, 0: {act@2: wait}}}
"""
    crisis = compile_crisis(crisis_of(text))
    cases = cases_of(crisis, table_of({"first": [1, None, None], "second": [None, 1, 0]}))
    odds = dict(zip(cases.record_names, Likelihood(crisis, cases).odds(np.array([0.4]))[0], strict=True))
    assert odds["second 1"] + odds["second 0"] == pytest.approx(1.0)
    assert set(odds) == {"first 1", "second 1", "second 0"}


def test_some_of_the_entries_are_the_cases_of_those_rows(game: Game) -> None:
    rows: list[dict[str, Any]] = [{}, {"result": "peace"}, {}, {"cap1": 3}, {}]
    kept = np.array([True, False, True, True, False])
    some = cases_of(game, table(*rows)).only(kept)
    same = cases_of(game, table(*(row for row, keep in zip(rows, kept, strict=True) if keep)))
    np.testing.assert_array_equal(some.weight, same.weight)
    for name, values in some.columns.items():
        np.testing.assert_array_equal(values, same.columns[name])
    np.testing.assert_array_equal(some.entry_case, same.entry_case)
    assert list(some.entry_row) == [0, 2, 3]
    values = np.full(5, 0.2)
    assert Likelihood(game, some).total(values)[0] == pytest.approx(Likelihood(game, same).total(values)[0], abs=1e-12)


def test_unknown_columns_are_all_named_with_the_nearest() -> None:
    row = {"demo": 1, "cap_1": 2, "cap2": "12a", "regime1": "mixed", "threatned": 1, "ally": "joined", "result": "war"}
    data = table_of({name: [cell] for name, cell in row.items()})
    assert faults(OBSERVED + "  cluster: nation\n", data) == [
        "5:24: data has no column 'dem', as `column` says; did you mean 'demo'?",
        "6:34: data has no column 'cap1', as `column` says; did you mean 'cap_1'?",
        "6:41: expected numbers in column 'cap2', found '12a' in row 1; `levels` turns words into inputs of 0 and 1, "
        "as in levels: [12a]",
        "23:5: data has no column 'threatened', as `observed` says; did you mean 'threatned'?",
        "27:12: data has no column 'nation', as `cluster` says; expected one of demo, cap_1, cap2, regime1, threatned, "
        "ally and result",
    ]


def test_a_mistake_in_cases_has_the_place_of_the_word_that_is_wrong() -> None:
    text = OBSERVED.replace("{0: {threat", "{0.0: {attack: hold}, 0: {threat") + "  time: nation\n  count: often\n"
    assert [fault[:60] for fault in faults(text, table({}))] == [
        "23:39: cells '0.0' and '0' of column 'threatened' are the sa",
        "27:9: expected numbers in column 'nation', found 'A' in row ",
        "28:10: data has no column 'often', as `count` says; expected",
    ]
    counts = "cases: {counts: {wars: {ending: war}, regime1: {ending: peace}}}\n"
    assert [fault[:60] for fault in faults(counts, table({}))] == [
        "21:18: data has no column 'wars', as `counts` says; expected",
        "21:39: expected numbers in column 'regime1', found 'mixed' i",
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("0.5", "high", "low", "high"), "found 'high' in row 2, 'low' in row 3 and 1 more"),
        (("0.5", "0,71", "1"), "found '0,71' in row 2; decimals have a point and no comma: 0.71"),
        (("1", "1,000"), "found '1,000' in row 2"),
        (("high",), "found 'high' in row 1; `levels` turns words into inputs of 0 and 1, as in levels: [high]"),
    ],
)
def test_the_cells_that_are_no_numbers_are_named_with_what_may_be_meant(cells: tuple[str, ...], said: str) -> None:
    assert faults(OBSERVED, table(*({"dem": cell} for cell in cells)))[0].endswith(f"numbers in column 'dem', {said}")


def test_times_are_numbers_and_not_dates() -> None:
    (said,) = faults(OBSERVED + "  time: year\n", table({"year": "1817-01-01"}))
    assert said.endswith("found '1817-01-01' in row 1; times are numbers, such as the year")


def test_cells_that_no_record_lists_are_named_if_no_row_is_left(game: Game) -> None:
    with pytest.raises(OfframpError, match=r"a cell that is not listed in 'threatened', 'FALSE' and 'TRUE'"):
        cases_of(game, table({"threatened": "FALSE"}, {"threatened": "TRUE"}))


def test_a_fit_needs_a_number_for_every_input() -> None:
    uncertain = HEAD.replace('  tie: {is: "normal(0, 1)", estimate: yes}', '  tie: {is: "normal(0, 1)"}')
    uncertain = uncertain.replace("{name: A, rationality: 2}", '{name: A, rationality: "uniform(1, 2)"}')
    with pytest.raises(CrisisError) as caught:
        cases_of(compile_crisis(crisis_of(uncertain + OBSERVED)), table({}))
    messages = [fault.message for fault in caught.value.faults]
    assert len(messages) == 2
    assert any(message.startswith("'tie' is uncertain, so a fit has no number for it") for message in messages)
    assert any(message.startswith("the rationality of attacker is uncertain") for message in messages)


def test_a_crisis_without_cases() -> None:
    assert faults("", table({})) == ["1:1: the file has no `cases`, which say what each row of a table records"]


def test_no_row_that_can_be_used(game: Game) -> None:
    with pytest.raises(OfframpError, match=r"no row of data can be used: 1 no value in 'dem' and 1 .* in 'result'|1 a"):
        cases_of(game, table({"dem": None}, {"result": "?"}))


GAME = game_of(OBSERVED)
CELL = st.sampled_from([None, "0", "1", "war", "joined", "x", "1e999", "-1", "NA", "mixed", "2.5"])


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(*([CELL] * 7)), min_size=1, max_size=6))
def test_any_table_is_read_or_refused_in_words(rows: list[tuple[str | None, ...]]) -> None:
    names = ("dem", "cap1", "cap2", "regime1", "threatened", "ally", "result")
    lines = [",".join(names), *(",".join(cell or "" for cell in row) for row in rows)]
    columns, at = csv_columns("\n".join(lines).encode(), "t.csv")
    try:
        cases = cases_of(GAME, CaseTable("t.csv", columns, len(at), at, "line"))
    except OfframpError:
        return
    assert all(np.isfinite(values).all() for values in cases.columns.values())
    assert sum(one.rows for one in cases.left_out) + cases.used_rows == len(rows)
