"""`offramp check FILE --data TABLE` says what a fit would use, and warns of what looks like a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.fitting.case_table import table_of
from offramp.fitting.table_check import check_table
from tests.fitting.test_cases import HEAD, OBSERVED, ROW, game_of, table

CRISIS = HEAD + OBSERVED + "  cluster: nation\n  time: year\n"
ROWS = """\
dem,cap1,cap2,regime1,threatened,ally,result,nation,year
1,2,1,mixed,1,joined,war,A,1900
1,2,1,mixed,1,joined,peace,A,1901
1,3,1,dem,1,joined,war,B,1902
1,2,1,demm,1,not joined,peace,C,1903
1,2,NA,autoc,1,joined,war,D,1904
1,2,1,mixed,1,joined,surender,E,1905
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
    (tmp_path / "past.csv").write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "crisis.yaml", *arguments])


def test_the_terminal_says_what_is_used_and_what_is_not(folder: Path) -> None:
    result = run("--data", "past.csv")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.output.split())
    for sentence in (
        "4 of 6 rows of past.csv are used. Left out: a cell that is not listed (1) and no value (1).",
        "Column 'year' goes from 1900 to 1903.",
        "3 clusters, by column 'nation'.",
        "Warning: column 'result' has cells that `observed` does not list: 'surender' (did you mean 'surrender'?).",
        "Warning: no row that is used has 'surrender' in column 'result'; did you mean 'surender'?",
        "Warning: no row that is used has '0' in column 'threatened'.",
        "Warning: no row that is used has 'autoc' in column 'regime1'.",
        "Warning: input 'dem' is 1 in every row that is used.",
        "Warning: 5 coefficients cannot be estimated from 4 observations.",
        "Column 'regime1': the levels mixed and autoc are told apart from 'dem' and 'demm'.",
    ):
        assert sentence in shown


def test_json_has_every_table(folder: Path) -> None:
    data = json.loads(run("--data", "past.csv", "--json").output)["data"]
    assert data["left_out"] == [
        {
            "reason": "a cell that is not listed",
            "column": "result",
            "rows": 1,
            "examples": "7",
            "cells": "'surender' (did you mean 'surrender'?)",
        },
        {"reason": "no value", "column": "cap2", "rows": 1, "examples": "6", "cells": None},
    ]
    assert {row["column"]: (row["role"], row["missing"], row["holds"]) for row in data["columns"]} == {
        "dem": ("dem", 0, "1"),
        "cap1": ("balance", 0, "2 to 3"),
        "cap2": ("balance", 1, "1"),
        "regime1": ("regime.mixed and regime.autoc", 0, "mixed 3, autoc 1, dem 1 and demm 1"),
        "threatened": ("record", 0, "1"),
        "ally": ("record", 0, "joined 5 and not joined 1"),
        "result": ("record", 0, "war 3, peace 2 and surender 1"),
        "nation": ("cluster", 0, "A 2, B 1, C 1, D 1 and E 1"),
        "year": ("time", 0, "1900 to 1905"),
    }
    assert [row["coefficient"] for row in data["coefficients"]] == [
        "worth.1", "worth.balance", "worth.regime.mixed", "worth.regime.autoc", "tie",
    ]  # fmt: skip
    assert sum(row["observations"] for row in data["records"]) == 4


def test_mistakes_have_the_places_of_the_crisis_or_the_lines_of_the_table(folder: Path) -> None:
    (folder / "past.csv").write_text(ROWS.replace("cap1", "cap_1"), encoding="utf-8")
    result = run("--data", "past.csv")
    assert result.exit_code == 2
    assert result.output == "crisis.yaml:6:34: past.csv has no column 'cap1', as `column` says; did you mean 'cap_1'?\n"
    assert [fault["line"] for fault in json.loads(run("--data", "past.csv", "--json").output)["faults"]] == [6]
    (folder / "past.csv").write_text(ROWS + "1,2\n", encoding="utf-8")
    result = run("--data", "past.csv")
    assert result.exit_code == 2
    assert result.output == "past.csv:8:1: expected 9 cells, as in the first line, found 2\n"
    assert run("--data", "none.csv").output == "there is no file none.csv\n"


def test_a_gambit_file_has_no_cases(folder: Path) -> None:
    (folder / "g.nfg").write_text('NFG 1 R "g" { "a" "b" } { 2 1 }\n\n1 2 3 4\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "g.nfg", "--data", "past.csv"])
    assert result.exit_code == 2
    assert result.output == "--data takes a crisis file with `cases`; a Gambit file has none\n"


def test_without_a_table_nothing_is_said_of_cases(folder: Path) -> None:
    result = run()
    assert result.exit_code == 0
    assert "rows" not in result.output


def test_a_table_without_anything_odd_has_no_warnings() -> None:
    rows = [{"dem": 0}, {"cap1": 5}, {"regime1": "autoc"}, {"regime1": "dem"}, {"result": "peace"}]
    rows += [{"threatened": "0", "ally": "not joined"}, {"result": "surrender"}, {"result": "no war"}]
    assert check_table(game_of(OBSERVED), table(*rows)).oddities == ()


def test_a_word_for_a_missing_cell_is_no_level() -> None:
    crisis = game_of(OBSERVED.replace("threatened: {0:", "threatened: {NA:"))
    checked = check_table(crisis, table_of({name: [value, value] for name, value in ROW.items()}))
    assert "column 'threatened': a cell that reads 'NA' counts as missing; give it another word." in checked.oddities


def test_a_cell_near_a_level_is_named_though_it_counts_as_the_base() -> None:
    rows = [{"regime1": cell} for cell in ("dem",) * 3 + ("mixd",) * 2 + ("Autoc", "mixed", "autoc")]
    said = next(s for s in check_table(game_of(OBSERVED), table(*rows)).oddities if "`levels`" in s)
    assert said == (
        "'regime1' has cells that `levels` does not list, so they count as the base: 'mixd' in 2 rows (did you mean "
        "'mixed'?) and 'Autoc' in 1 row (did you mean 'autoc'?)."
    )
    only_dem = [{"regime1": cell} for cell in ("dem", "mixed", "autoc")]
    assert not any("`levels`" in s for s in check_table(game_of(OBSERVED), table(*only_dem)).oddities)


@pytest.mark.parametrize(
    ("recorded", "nothing"),
    [
        ("observed: {threatened: {0: {}, 1: {}}, result: {war: {ending: war}}}", ["threatened"]),
        ("observed: {threatened: {0: {}, 1: {threat: threaten}}}", []),
        ("counts: {n: {ending: [war, gives_way, peace]}, year: {ending: war}}", ["n"]),
    ],
)
def test_a_column_whose_records_fit_all_play_is_pointed_out(recorded: str, nothing: list[str]) -> None:
    oddities = check_table(game_of(f"cases: {{{recorded}}}\n"), table({}, {"threatened": "0"})).oddities
    said = [f"column '{name}' records nothing: what `cases` says of it is so for all play." for name in nothing]
    assert [oddity for oddity in oddities if "records nothing" in oddity] == said
