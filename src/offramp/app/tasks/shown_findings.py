"""A finding for the page: sentences, tables with formatted cells, notes, and pictures in two widths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.study.finding import Finding, Table


MOST_ROWS = 500
"""Maximum number of rows of a table on the page; an export has all."""


def finding_json(finding: Finding, *, drawn: bool = True) -> dict[str, Any]:
    """A finding as plain values.

    Pictures are SVG elements without style attributes, which a strict Content-Security-Policy would block. If not
    `drawn`, there are none, and the modules that draw are not loaded.
    """
    return {
        "title": finding.title,
        "basis": finding.basis,
        "answer": list(finding.answer),
        "tables": [_table(table) for table in finding.tables],
        "notes": list(finding.notes),
        "pictures": _pictures(finding) if drawn else [],
    }


def _table(table: Table) -> dict[str, Any]:
    columns = [{"name": column.name, "heading": column.heading, "kind": column.kind} for column in table.columns]
    rows, count = [list(row) for row in table.shown()[:MOST_ROWS]], len(table.rows)
    caption = table.caption
    if count > MOST_ROWS:
        caption = tr(
            "{caption} (the first {shown} of {all} rows; an export has all)",
            caption=caption,
            shown=f"{MOST_ROWS:,}",
            all=f"{count:,}",
        )
    keys = [[value if isinstance(value, str | bool) else None for value in row] for row in table.rows[:MOST_ROWS]]
    shown = {"name": table.name, "caption": caption, "columns": columns, "rows": rows, "grouped": table.grouped}
    return shown | ({"keys": keys} if any(column.names for column in table.columns) else {})


def _pictures(finding: Finding) -> list[dict[str, str]]:
    from offramp.study.drawings import drawings_of

    return [
        {"name": drawing.name, "title": drawing.title, "caption": drawing.caption}
        | {which: drawing.element(f"{drawing.name}-{which}", drawing.widths[which]) for which in ("narrow", "wide")}
        for drawing in drawings_of(finding)
    ]
