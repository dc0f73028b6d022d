"""A finding shows the same numbers wherever it is shown, and text from a crisis file stays text."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace

import pytest
from rich.console import Console

from offramp.report.findings_in_terminal import MOST_ROWS, show_finding
from offramp.study.finding import Column, Finding, Table, first_rows

COLUMNS = (
    Column("name", "name"),
    Column("share", "share", "share"),
    Column("change", "change", "points"),
    Column("draws", "draws", "count"),
)
ROWS = (("war", 0.25, -0.031, 2048), ("war", 0.5, math.nan, 1), ("[bold]<b>\x1b[31m", math.nan, 0.0, None))


@dataclass(frozen=True, repr=False)
class Example(Finding):
    name: str = "Harbour"
    long: Table | None = None

    @property
    def title(self) -> str:
        return f"{self.name}: what if?"

    @property
    def answer(self) -> tuple[str, ...]:
        return ("War is <likely>.",)

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.long or Table("numbers", "Numbers", COLUMNS, ROWS, grouped=1),)

    @property
    def notes(self) -> tuple[str, ...]:
        return ("Means.",)


def in_terminal(width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show_finding(console, Example())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_same_numbers_stand_in_terminal_text_and_notebook() -> None:
    for shown in (in_terminal(100), repr(Example()), Example()._repr_html_()):
        for said in ("Harbour: what if?", "25.0%", "−3.1", "2,048", "–", "Means."):
            assert said in shown


def test_values_of_a_group_are_read_once() -> None:
    assert [row[0] for row in Example().tables[0].shown()] == ["war", "", "[bold]<b>\\u001b[31m"]


def test_json_has_numbers_and_nothing_where_there_is_none() -> None:
    first, second, third = Example().to_dict()["numbers"]
    assert first == {"name": "war", "share": 0.25, "change": -0.031, "draws": 2048}
    assert (second["change"], third["share"], third["draws"]) == (None, None, None)


def test_a_table_without_rows_is_shown_nowhere_and_kept_in_json() -> None:
    empty = Example(long=Table("numbers", "Numbers over nothing", COLUMNS, ()))
    console = Console(file=io.StringIO(), width=100, highlight=False)
    show_finding(console, empty)
    assert isinstance(console.file, io.StringIO)
    for shown in (console.file.getvalue(), repr(empty), empty._repr_html_()):
        assert "Numbers over nothing" not in shown
    assert empty.to_dict()["numbers"] == []


def test_data_frames_have_the_values_as_they_are() -> None:
    frame = Example().to_pandas()
    assert list(frame.columns) == ["name", "share", "change", "draws"]
    assert list(frame["share"][:2]) == [0.25, 0.5]
    assert Example().to_pandas("numbers").equals(frame)


def test_hostile_text_steers_neither_terminal_nor_notebook() -> None:
    assert "\x1b" not in in_terminal(100)
    assert "[bold]<b>" in in_terminal(100)
    assert "<b>\x1b" not in Example()._repr_html_()
    assert "&lt;likely&gt;" in Example()._repr_html_()


def test_a_long_table_is_cut_in_the_terminal_and_says_so() -> None:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    long = replace(Example().tables[0], rows=ROWS[:1] * (MOST_ROWS + 5))
    show_finding(console, Example(long=long))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert shown.count("2,048") == MOST_ROWS
    assert "5 more rows; --json and --export have all" in shown
    assert len(Example(long=long).to_dict()["numbers"]) == MOST_ROWS + 5


def test_words_have_room_beside_numbers_with_long_headings() -> None:
    words = " ".join(["Southland's answer in round 1: a volley;"] * 6)
    columns = (Column("knows", "where it knows"), *(Column(key, "ending, if always here", "share") for key in "abc"))
    table = Table("numbers", "Numbers", columns, ((words, 0.5, 0.25, 1.0),))
    for width, lines in ((80, 20), (120, 14)):
        console = Console(file=io.StringIO(), width=width, highlight=False)
        show_finding(console, Example(long=table))
        assert isinstance(console.file, io.StringIO)
        shown = console.file.getvalue()
        assert max(map(len, shown.splitlines())) <= width
        assert len(shown.splitlines()) <= lines
        assert ("50.0%" in shown, "100.0%" in shown, "always" in shown) == (True, True, True)


def test_a_table_over_a_range_shows_both_ends_and_another_option_may_write_it() -> None:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    rows = tuple((float(value), outcome) for value in range(25) for outcome in "abcde")
    table = Table("numbers", "Over", (Column("x", "x", "number"), Column("o", "o")), rows, grouped=1, ranges=True)
    shown = first_rows(table, MOST_ROWS)
    assert list(dict.fromkeys(row[0] for row in shown.rows)) == [0.0, 5.0, 10.0, 14.0, 19.0, 24.0]
    assert len(shown.rows) == MOST_ROWS
    show_finding(console, Example(long=table), files="--out")
    assert isinstance(console.file, io.StringIO)
    assert "95 more rows; --json and --out have all" in console.file.getvalue()


def test_a_long_table_alone_prints_its_first_rows() -> None:
    long = replace(Example().tables[0], rows=ROWS[:1] * 5_000)
    assert len(repr(long).splitlines()) < 30
    assert repr(long).endswith("4,980 more rows; to_pandas() has all")
    assert long._repr_html_().count("<tr>") == 21
    assert "4,980 more rows; to_pandas() has all" in long._repr_html_()


def test_a_notebook_shows_the_first_table_and_folds_the_others() -> None:
    class Two(Example):
        @property
        def tables(self) -> tuple[Table, ...]:
            (first,) = super().tables
            return first, replace(first, name="others", caption="Others", rows=first.rows[:1] * 30)

    first, _, others = Two()._repr_html_().partition("<details><summary>Others</summary>")
    assert first.count("<table>") == others.count("<table>") == 1
    assert "10 more rows; to_pandas(&#x27;others&#x27;) has all" in others


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, in_terminal(width).splitlines())) <= width
