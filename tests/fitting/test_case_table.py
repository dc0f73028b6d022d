"""A table of cases is read as it is written, within bounds; its mistakes are all named, with their lines."""

from __future__ import annotations

import csv
import io
import os
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.faults import CrisisError
from offramp.fitting.case_table import read_table, table_of
from offramp.fitting.cells import MAX_CELL, MAX_COLUMNS, MISSING, number_of
from offramp.fitting.csv_cases import csv_columns
from tests.examples import examples


def column(*cells: str, header: str = "x") -> list[object]:
    """A CSV column as it is read."""
    columns, _ = csv_columns("\n".join([header, *cells]).encode(), "t.csv")
    return list(columns[header])


def faults(text: str | bytes) -> list[str]:
    """The mistakes of a CSV file, as `LINE: message`."""
    with pytest.raises(CrisisError) as caught:
        csv_columns(text if isinstance(text, bytes) else text.encode(), "t.csv")
    return [f"{fault.place.line}: {fault.message}" for fault in caught.value.faults]


def test_a_column_of_numbers_is_one_of_floats() -> None:
    assert column("1", " 2.50 ", "-.5", "+1e3", "7.", "1E-2") == [1.0, 2.5, -0.5, 1000.0, 7.0, 0.01]
    assert column("Inf", "-inf", "1e999") == [np.inf, -np.inf, np.inf]


@pytest.mark.parametrize("text", ["1,5", "1_000", "0x1F", "12a", "١٢", "TRUE", "1 000", "--1", "1e", "infinit", "1d5"])
def test_what_is_no_number_makes_a_column_of_texts(text: str) -> None:
    columns, _ = csv_columns(f'x\n1\n"{text}"\n'.encode(), "t.csv")
    assert list(columns["x"]) == ["1", text]


def test_words_for_a_missing_cell() -> None:
    numbers = column("1", *(f'"{word}"' for word in MISSING), "2")
    assert numbers[0] == 1.0
    assert numbers[-1] == 2.0
    assert np.isnan(np.array(numbers[1:-1], dtype=float)).all()
    assert column("dem", "NA", "mixed", "none", "na") == ["dem", None, "mixed", "none", "na"]
    assert np.isnan(np.array(column("NA", "NA"), dtype=float)).all()


def test_quotes_line_ends_and_the_mark_of_utf_8() -> None:
    text = '\ufeffname,"x, y"\r\n"a ""b""\nc",1\r\n\r\nd , 2\r\n'
    columns, lines = csv_columns(text.encode(), "t.csv")
    assert list(columns["name"]) == ['a "b"\nc', "d"]
    assert list(columns["x, y"]) == [1.0, 2.0]
    assert list(lines) == [2, 5]


def test_all_mistakes_are_named_with_their_lines() -> None:
    long = "y" * (MAX_CELL + 1)
    assert faults(f',x,x\n1,2,3\n1,2\n1,"2\n3",{long}\n1,2,3,4\n') == [
        "1: column 1 has no name; R leaves the column of row names so: write.csv(..., row.names = FALSE)",
        "1: columns 2 and 3 have the same name, 'x'",
        "3: expected 3 cells, as in the first line, found 2",
        "4: a cell has at most 1,000 characters, found 1,001 in column 'x'",
        "6: expected 3 cells, as in the first line, found 4",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: expected names of columns in the first line, and a row for each case below"),
        ("x,y\n", "1: expected names of columns in the first line, and a row for each case below"),
        ("x;y\n1;2\n", "1: expected commas between cells, found semicolons; save the table with commas"),
        ("x\ty\n1\t2\n", "1: expected commas between cells, found tabs; save the table with commas"),
        ("x\n1\n".encode("utf-16"), "1: the table is UTF-16 text; save it as CSV in UTF-8"),
        ("x\n1\nMünchen\n".encode("latin-1"), "3: this is not UTF-8 text; save the table as CSV in UTF-8"),
        (b"x\n1\n\x00\n", "3: a text has no null characters"),
        ('x\n1\n"open\n', "3: expected a comma or the end of the line after a text in quotes"),
        ('x\n1\n"a"b\n', "3: expected a comma or the end of the line after a text in quotes"),
        (",".join(map(str, range(MAX_COLUMNS + 1))), f"1: a table has at most {MAX_COLUMNS:,} columns, found 1,001"),
    ],
)
def test_a_file_that_is_no_table(text: str | bytes, message: str) -> None:
    (fault,) = faults(text)
    assert fault.startswith(message)


def test_a_text_without_end_is_refused_however_much_it_swallows() -> None:
    for text in ("x\n1\n" + 140_000 * "y" + "\n", 'x\n1\n"open\n' + 70_000 * "2\n"):
        assert faults(text) == [
            "3: a cell has at most 1,000 characters, found more than 131,072; is a text in quotes not closed?"
        ]


def test_rows_beyond_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offramp.fitting.csv_cases.MAX_ROWS", 2)
    assert faults("x\n1\n2\n3\n4\n") == ["4: a table of 1 columns has at most 2 rows"]


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), min_size=1, max_size=8))
def test_texts_come_back_as_a_spreadsheet_wrote_them(rows: list[list[str]]) -> None:
    rows = [[cell.replace("\0", "") for cell in row] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    try:
        data = file.getvalue().encode()
    except UnicodeEncodeError:
        return
    columns, lines = csv_columns(data, "t.csv")
    assert len(lines) == len(rows)
    for place, name in enumerate("ab"):
        for cell, row in zip(columns[name], rows, strict=True):
            expected = row[place].strip()
            if expected in MISSING:
                assert cell is None or np.isnan(cell)
            elif isinstance(cell, str):
                assert cell == expected
            else:
                assert cell == number_of(expected)


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_mistakes(data: bytes) -> None:
    try:
        columns, lines = csv_columns(data, "t.csv")
    except CrisisError:
        return
    assert {len(cells) for cells in columns.values()} == {len(lines)}


def test_a_table_of_parquet_is_the_same_as_of_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.5, None, 3], "n": [1, 2, 3], "who": ["a", None, "c d"], "yes": [True, False, True]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    query = f"COPY frame TO '{tmp_path / 'a[b].parquet'}' (FORMAT parquet)"
    duckdb.sql(query)
    table, other = read_table(tmp_path / "a[b].parquet"), read_table(tmp_path / "t.csv")
    for name in ("x", "n"):
        np.testing.assert_array_equal(table.columns[name], other.columns[name])
    assert list(table.columns["who"]) == list(other.columns["who"]) == ["a", None, "c d"]
    assert list(table.columns["yes"]) == [1.0, 0.0, 1.0]
    assert (table.counted_in, list(table.lines), other.counted_in, list(other.lines)) == (
        "row",
        [1, 2, 3],
        "line",
        [2, 3, 4],
    )
    assert table.sha256 != other.sha256
    assert len(table.sha256 or "") == 64


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT [1, 2] AS x, {'a': 1} AS y, 1 AS z", "found another type in 'x' and 'y'"),
        ("SELECT 1 AS Dem, 2 AS other", ""),
        ("SELECT repeat('y', 2000) AS x", "column 'x' has longer ones"),
        ("SELECT 1 AS x WHERE false", "the table has no rows"),
    ],
)
def test_a_parquet_file_is_read_within_bounds(tmp_path: Path, query: str, message: str) -> None:
    path = tmp_path / "t.parquet"
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    if not message:
        assert set(read_table(path).columns) == {"Dem", "other"}
        return
    with pytest.raises(OfframpError, match=message):
        read_table(path)


def test_a_parquet_file_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    shown = ", ".join(f"1 AS c{number}" for number in range(MAX_COLUMNS + 1))
    duckdb.sql(f"COPY (SELECT {shown}) TO '{path}' (FORMAT parquet)")
    with pytest.raises(OfframpError, match="expected 1 to 1,000 columns, found 1,001"):
        read_table(path)


def test_a_parquet_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1" + b"\x00" * 64 + b"PAR1")
    with pytest.raises(OfframpError, match="it is not a Parquet file that can be read as a table"):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("path", ["s3://bucket/t.csv", "http://localhost:1/t.parquet", "*.csv", "none.parquet"])
def test_only_a_file_of_this_machine_is_read(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.csv").write_text("x\n1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OfframpError, match="there is no file"):
        read_table(path)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes in folders are of POSIX")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(OfframpError, match="it is not a regular file"):
        read_table(tmp_path / "t.csv")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OfframpError, match=r"expected a table that ends in \.csv or \.parquet, found 't\.dta'"):
        read_table(tmp_path / "t.dta")


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.csv").write_text("x\n1\n")
    monkeypatch.setattr("offramp.fitting.case_table.MAX_FILE_BYTES", 3)
    with pytest.raises(OfframpError, match="it is larger than 3 bytes"):
        read_table(tmp_path / "t.csv")


def test_columns_from_python() -> None:
    frame = pd.DataFrame({"x": [1, 2], "c": pd.Categorical(["a", None]), "day": pd.to_datetime(["1938-09-30", None])})
    table = table_of(frame)
    assert table.name == "data"
    assert table.rows == 2
    assert list(table.columns["x"]) == [1.0, 2.0]
    assert list(table.columns["c"]) == ["a", None]
    assert list(table.columns["day"]) == ["1938-09-30 00:00:00", None]
    assert table_of(table) is table
    assert table_of({"x": np.array([True, False])}).columns["x"].dtype == np.float64


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": [1], "y": [1, 2]}, "expected a table"),
        ({}, "the table has no rows"),
        ({1: [2]}, "a column's name is a text; found 1"),
        (3, "expected a table"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "two columns have the same name: x"),
    ],
)
def test_what_is_no_table_of_python(data: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        table_of(data)  # type: ignore[arg-type]
