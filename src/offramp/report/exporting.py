"""A finding as files: each table as CSV and Parquet, each picture as SVG and PNG."""

from __future__ import annotations

from pathlib import Path

from offramp.ensemble.storing import check_free, whole_folder, write_parquet
from offramp.study.finding import Finding


def export_finding(finding: Finding, folder: Path) -> None:
    """Write a finding's tables and pictures into a new folder: all or nothing.

    Raises
    ------
    UsageError
        Where the folder exists and is not empty.
    OfframpError
        Where it cannot be written.
    """
    check_free(folder, "--export")
    from offramp.report.drawings import drawings_of

    drawings = drawings_of(finding)
    with whole_folder(folder) as partial:
        for table in finding.tables:
            frame = table.to_pandas()
            frame.to_csv(partial / f"{table.name}.csv", index=False)
            write_parquet(frame, partial / f"{table.name}.parquet")
        if drawings:
            import vl_convert

            for drawing in drawings:
                for name, width in drawing.files.items():
                    svg = drawing.document(width)
                    (partial / f"{name}.svg").write_text(svg, encoding="utf-8")
                    (partial / f"{name}.png").write_bytes(vl_convert.svg_to_png(svg, scale=2.0))
