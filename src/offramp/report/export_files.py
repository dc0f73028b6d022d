"""A finding as files: each table as CSV and Parquet, each picture as SVG and PNG."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from offramp.common.printable import printable
from offramp.runs.store.whole_files import check_free, clear_errors, whole_folder, write_parquet
from offramp.study.finding import Finding, Table

_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")
"""Where a spreadsheet may read a formula: at the start of a cell or, if cells end there, after a semicolon."""


def export_finding(finding: Finding, folder: Path) -> None:
    """Write a finding's tables and pictures into a new folder: all or nothing.

    Raises
    ------
    UsageError
        If the folder exists and is not empty.
    OfframpError
        If it cannot be written.
    """
    check_free(folder, "--export")
    with clear_errors(folder), whole_folder(folder) as partial:
        write_finding(finding, partial)


def write_finding(finding: Finding, folder: Path) -> None:
    """Write a finding's tables and pictures into a folder that exists."""
    from offramp.study.drawings import drawings_of

    for table in finding.tables:
        write_table(table, folder)
    drawings = drawings_of(finding)
    if drawings:
        import vl_convert

        for drawing in drawings:
            for name, width in drawing.files.items():
                svg = drawing.document(width)
                (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
                (folder / f"{name}.png").write_bytes(vl_convert.svg_to_png(svg, scale=2.0))


def write_table(table: Table, folder: Path) -> None:
    """Write a table as CSV and Parquet, named as it is."""
    _for_spreadsheets(table).to_pandas().to_csv(folder / f"{table.name}.csv", index=False)
    write_parquet(table.to_pandas(), folder / f"{table.name}.parquet")


def _for_spreadsheets(table: Table) -> Table:
    """The table without text that a spreadsheet would run as a formula; numbers are unchanged."""
    rows = (tuple(_cell(value) if isinstance(value, str) else value for value in row) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _cell(text: str) -> str:
    r"""A text as a cell of a CSV file: on one line, with an apostrophe before a formula (OWASP, "CSV Injection").

    Examples
    --------
    >>> _cell("=1+1"), _cell("\t@SUM(A1)"), _cell("war; -2"), _cell("no-fly zone")
    ("'=1+1", "' @SUM(A1)", "war;' -2", 'no-fly zone')
    """
    return _FORMULA.sub(r"\1'", printable(re.sub(r"[\t\r\n]", " ", text)))
