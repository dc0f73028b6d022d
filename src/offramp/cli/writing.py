"""Files that a command writes: whole or not at all, and over nothing that exists."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.crisis.faults import OfframpError, UsageError

if TYPE_CHECKING:
    from offramp.study.finding import Finding


def check_free(target: Path, option: str) -> None:
    """Raise UsageError where there is a file already, or none can be."""
    blocking = next((parent for parent in target.parents if parent.exists() and not parent.is_dir()), None)
    if blocking is not None:
        raise UsageError(f"cannot write {target}: {blocking} is a file, not a folder")
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already; nothing is overwritten: choose another {option}, or remove it")


def write_whole(target: Path, content: bytes) -> None:
    """Write a file, with the folders above it; raise OfframpError where that fails, leaving nothing behind."""
    partial: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        partial = Path(name)
        with open(handle, "wb") as file:
            file.write(content)
        partial.chmod(0o644)
        os.replace(partial, target)
    except OSError as error:
        raise OfframpError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def export_finding(finding: Finding, pictures: Mapping[str, Callable[[], str]], folder: Path) -> None:
    """Write a finding's tables as CSV and Parquet and its pictures, drawn as SVG, also as PNG: all or nothing."""
    from offramp.ensemble.storing import check_free as check_folder
    from offramp.ensemble.storing import whole_folder, write_parquet

    check_folder(folder, "--export")
    with whole_folder(folder) as partial:
        for table in finding.tables:
            frame = table.to_pandas()
            frame.to_csv(partial / f"{table.name}.csv", index=False)
            write_parquet(frame, partial / f"{table.name}.parquet")
        if pictures:
            import vl_convert

            for name, draw in pictures.items():
                svg = draw()
                (partial / f"{name}.svg").write_text(svg, encoding="utf-8")
                (partial / f"{name}.png").write_bytes(vl_convert.svg_to_png(svg, scale=2.0))


def size_in_words(size: int) -> str:
    """A file's size in words."""
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
