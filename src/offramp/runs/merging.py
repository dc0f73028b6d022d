"""Merge runs: collect the chunks of one run that were solved in several folders into a new folder.

For example, an unfinished run is copied to a second machine and continued on both. A chunk's bytes depend only on the
crisis, the seed and its number, so it does not matter where it was solved.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.runs.chunk_task import facts_of_chunk
from offramp.runs.execution import Execution, Page
from offramp.runs.opened import crisis_of_run
from offramp.runs.running import resume
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.database import connected
from offramp.runs.store.layout import CRISIS, MANIFEST, log, read_seal, seal_of, tables_of
from offramp.runs.store.manifest import as_bytes, asked_of, differences
from offramp.runs.store.recognising import life_in, permitted
from offramp.runs.store.store import store_at
from offramp.runs.store.whole_files import clear_errors, sha256_of, whole_folder
from offramp.runs.until import Moments, Watch, read_moments

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Merged:
    """Result of a merge: `done` of `asked` draws present; `left_out` are chunks damaged in every part."""

    folder: Path | str
    done: int
    asked: int
    finished: bool
    left_out: tuple[Path, ...]


def merge(folders: Sequence[str | Path], out: str | Path, *, page: Page | None = None) -> Merged:
    """Collect the chunks of several folders of one run in a new folder, and finish the run if all are present.

    Parameters
    ----------
    folders
        Runs of the same crisis, levers, draws, seed, versions and processor, finished or not; folders or URLs.
    out
        A new or empty folder, or an unused URL. The result has the same bytes as a run solved there, except its log.
    page
        Makes the report of a finished run from the run and its manifest; without it there is no report.

    Raises
    ------
    UsageError
        If there is no run, if the runs differ (the message says in what), or if two hold different bytes for a chunk.
    OfframpError
        If the folder cannot be written.
    """
    parts, whole = [store_at(folder) for folder in folders], store_at(out)
    if len({part.address for part in parts}) < 2:
        raise UsageError("a merge takes two or more runs, each named once")
    if isinstance(whole.place, Path):
        _check_no_run(whole.place)
    with ExitStack() as stack:
        folder = stack.enter_context(whole.building())
        merged = _merged([stack.enter_context(part.fresh()) for part in parts], folder, page)
    return replace(merged, folder=whole.place)


def _check_no_run(out: Path) -> None:
    """Raise UsageError, with the next step, if a merge or a run has begun in this folder before."""
    if (out / MANIFEST).is_file():
        life = life_in(out)
        found = f"{life.state.name}: {life.why}; {life.remedy}" if life.remedy else life.state.name
        raise UsageError(f"{out} holds a run already, which is {found}; to merge again, choose another --out")


def _merged(paths: Sequence[Path], out: Path, page: Page | None) -> Merged:
    manifest = _common_manifest(paths)
    sizes = chunk_sizes(manifest["draws"])
    with connected() as connection:
        chunks = [_chunk_in(paths, manifest, number, size, connection) for number, size in enumerate(sizes)]
    holders = [holder for holder, _ in chunks]
    done = sum(size for size, holder in zip(sizes, holders, strict=True) if holder is not None)
    with clear_errors(out), whole_folder(out) as partial:
        (partial / MANIFEST).write_bytes(as_bytes(manifest))
        shutil.copyfile(paths[0] / CRISIS, partial / CRISIS)
        for number, holder in enumerate(holders):
            if holder is not None:
                for name in (*tables_of(manifest, number), seal_of(number)):
                    shutil.copyfile(holder / name, partial / name)
        log(partial, "merged", done, 0.0)
    left_out = tuple(path for holder, damaged in chunks if holder is None for path in damaged)
    if done < manifest["draws"] and not _is_enough(out, manifest, holders):
        return Merged(out, done, manifest["draws"], False, left_out)
    run = resume(out, execution=Execution(page=page))  # this compares the chunks with their seals again
    return Merged(out, run.draws, run.draws, True, left_out)


def _is_enough(out: Path, manifest: Mapping[str, Any], holders: Sequence[Path | None]) -> bool:
    """Whether a run with a target error has reached it with the chunks that are present."""
    if "until" not in manifest:
        return False
    crisis = crisis_of_run(out, manifest)
    with connected() as connection:

        def read(number: int) -> Moments | None:
            if holders[number] is None:
                return None
            return read_moments(connection, out / tables_of(manifest, number)[0], crisis)

        return Watch(manifest["until"], chunk_sizes(manifest["draws"]), read).look()


def _common_manifest(paths: Sequence[Path]) -> dict[str, Any]:
    """The first run's manifest, which all runs share; UsageError, saying what differs, if they do not.

    Of parts of a draft that was being read meanwhile, the least that was read counts.
    Runs with a target error may have reached it, and then have fewer draws than those that have not.
    """
    first, *others = paths
    manifest = _manifest_of(first)
    crisis_of_run(first, manifest)
    drafts = [manifest["draft"]] if "draft" in manifest else []
    for path in others:
        other = _manifest_of(path)
        crisis_of_run(path, other)
        changed = differences(manifest, other, (first / CRISIS).read_bytes(), (path / CRISIS).read_bytes())
        (draws, until), (others_draws, others_until) = asked_of(manifest), asked_of(other)
        if draws != others_draws:
            more, fewer = (first, path) if draws > others_draws else (path, first)
            changed.append(
                f"the draws ({draws:,} and {others_draws:,};"
                f" `offramp run {fewer} --draws {max(draws, others_draws)}` extends {fewer} to match {more})"
            )
        if until != others_until:
            changed.append(f"the error at which they end ({until or 'none'} and {others_until or 'none'})")
        if not changed:
            equal = {name for name in manifest | other if manifest.get(name) == other.get(name)}
            changed = [name for name in manifest | other if name not in equal | {"draws", "draft"}]
        if changed:
            raise UsageError(f"{first} and {path} are not the same run: they differ in {listed(changed)}")
        drafts += [other["draft"]] if "draft" in other else []
    return manifest | ({"draft": min(drafts, key=lambda draft: draft["read"])} if drafts else {})


def _manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a run that may be merged."""
    manifest = permitted(folder, "merge").manifest
    assert manifest is not None
    return manifest


def _chunk_in(
    paths: Sequence[Path], manifest: Mapping[str, Any], number: int, size: int, connection: duckdb.DuckDBPyConnection
) -> tuple[Path | None, list[Path]]:
    """The folder that holds an intact copy of a chunk, if any, and the tables of the damaged copies."""
    holder, sums, damaged = None, None, list[Path]()
    for path in paths:
        if not (path / seal_of(number)).exists():
            continue
        seal = read_seal(path, manifest, number)
        if seal is None or not _is_intact(path, seal, facts_of_chunk(manifest, number, size), connection):
            damaged.append(path / tables_of(manifest, number)[0])
        elif sums is None:
            holder, sums = path, seal
        elif seal != sums:
            raise UsageError(
                f"{holder} and {path} hold different bytes for chunk {number} ({tables_of(manifest, number)[0]}),"
                f" which the same run cannot; `offramp verify {holder}` and `offramp verify {path}` say which one is"
                " wrong"
            )
    return holder, damaged


def _is_intact(
    folder: Path, seal: Mapping[str, str], facts: Mapping[str, str], connection: duckdb.DuckDBPyConnection
) -> bool:
    """Whether a chunk's tables match its seal and belong to this run."""
    from offramp.runs.store.parquet import facts_of

    try:
        return all(
            sha256_of(folder / name) == digest and facts_of(connection, folder / name) == facts
            for name, digest in seal.items()
        )
    except (OSError, ValueError):
        return False
