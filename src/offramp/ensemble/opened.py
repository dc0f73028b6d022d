"""A run on disk, opened: the ensemble as it was solved, and what is known of how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import UsageError
from offramp.crisis.model import Crisis
from offramp.ensemble.evidence import read_evidence
from offramp.ensemble.result import Ensemble, SituationMeans
from offramp.ensemble.running import occurrences_of
from offramp.solve.principal import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Run:
    """A run: its folder, its manifest, and its ensemble."""

    folder: Path
    manifest: Mapping[str, Any]
    ensemble: Ensemble

    def __repr__(self) -> str:
        return f"{self.folder}\n{self.ensemble!r}"


def open_run(folder: str | Path) -> Run:
    """Open a run.

    Raises
    ------
    UsageError
        Where there is no run, or it is damaged.
    """
    from offramp.crisis.reading import read_text

    folder = Path(folder)
    manifest = read_manifest(folder)
    own = folder / "crisis.yaml"
    content = own.read_bytes() if own.is_file() else b""
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise UsageError(f"{own} is not the crisis that was run; the run's files do not belong together")
    crisis = read_text(content, str(own)).with_levers(*manifest["levers"])
    try:
        return Run(folder, manifest, _ensemble(crisis, folder, manifest))
    except (KeyError, ValueError, StopIteration):
        raise UsageError(f"{folder / 'draws.parquet'} does not hold the draws of this crisis") from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run, its main entries present and of the right kind; raises as `open_run`."""
    path = folder / "manifest.json"
    for needed in (path, folder / "draws.parquet"):
        if not needed.is_file():
            raise UsageError(f"{folder} is no run: it has no {needed.name}")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        checked = {
            "sha256": str(manifest["sha256"]),
            "title": str(manifest["title"]),
            "levers": [str(name) for name in manifest["levers"]],
            "draws": int(manifest["draws"]),
            "seed": int(manifest["seed"]),
            "seconds": float(manifest["seconds"]),
            "cites_checked": int(manifest["cites_checked"]),
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{path} is not the manifest of a run") from None
    return manifest | checked


def _ensemble(crisis: Crisis, folder: Path, manifest: Mapping[str, Any]) -> Ensemble:
    game = crisis.compile()
    draws, evidence = int(manifest["draws"]), folder / "evidence.parquet"
    occurrences = occurrences_of(game)
    # by place, in the order of `Ensemble.to_pandas`: DuckDB gives names that differ in capitals only a number
    columns = iter(_columns(folder / "draws.parquet", draws))

    def rows(count: int) -> Array:
        return np.array([next(columns).astype(np.float64) for _ in range(count)]).reshape(count, draws)

    next(columns)  # the draw's number
    inputs = dict(zip(crisis.inputs, rows(len(crisis.inputs)), strict=True))
    endings, terms, own_eyes = rows(len(crisis.endings)), rows(len(crisis.terms)), rows(len(game.actors))
    taken = tuple(rows(len(occurrence.options)) for occurrence in occurrences)
    regret, regret_once = rows(len(game.actors)), rows(len(game.actors))
    residual, sweeps = rows(1)[0], next(columns).astype(np.int64)
    status = np.array([STATUSES.index(name) for name in next(columns)], dtype=np.int8)
    return Ensemble(
        crisis=crisis,
        game=game,
        seed=int(manifest["seed"]),
        draws=draws,
        inputs=inputs,
        endings=endings,
        terms=terms,
        own_eyes=own_eyes,
        occurrences=occurrences,
        taken=taken,
        situations=_situations(folder / "moves.parquet", game.slots, game.size.information_sets),
        regret_once=regret_once,
        regret=regret,
        residual=residual,
        sweeps=sweeps,
        status=status,
        seconds=float(manifest["seconds"]),
        evidence=read_evidence(game, _columns(evidence, draws), draws) if evidence.is_file() else None,
    )


def _columns(path: Path, rows: int) -> Iterator[NDArray[Any]]:
    """The columns of a table, in order, missing numbers as NaN."""
    import duckdb

    try:
        with duckdb.connect() as connection:
            found = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
    except duckdb.Error:
        raise UsageError(f"{path} cannot be read as a table") from None
    if len(found) != rows:
        raise UsageError(f"{path} has {len(found):,} rows, not {rows:,}")
    for place in range(found.shape[1]):
        yield found.iloc[:, place].to_numpy()


def _situations(path: Path, slots: int, sets: int) -> SituationMeans:
    """The means by information set, from the table of moves: a row a slot, `set`, `slot`, ... its first columns."""
    held, slot, reached, share, deviation = (column for column, _ in zip(_columns(path, slots), range(5), strict=False))
    by_set, choice, spread = np.zeros(sets), np.zeros(slots), np.zeros(slots)
    by_set[held.astype(int)] = reached
    choice[slot.astype(int)], spread[slot.astype(int)] = share, deviation
    return SituationMeans(by_set, choice, spread)
