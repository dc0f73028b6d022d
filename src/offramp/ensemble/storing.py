"""A run on disk: a folder with everything needed to read it and to repeat it.

`manifest.json` says what was run; `draws.parquet` holds one row a draw, `moves.parquet` one row an option
of an information set; `evidence.parquet`, where the crisis has `observed`, what each draw says of that, one row a
draw; `crisis.yaml` is the file as it was. The folder appears whole or not at all.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.crisis.faults import OfframpError, UsageError
from offramp.ensemble.result import Ensemble
from offramp.game.layers import described_sees

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


def free_folder(crisis_path: str) -> Path:
    """`runs/NAME-N` with the first N that is free; NAME is that of the crisis."""
    path = Path(crisis_path).resolve()
    name = path.parent.name if path.stem == "crisis" else path.stem
    number = 1
    while (folder := Path("runs") / f"{name}-{number}").exists():
        number += 1
    return folder


def check_free(folder: Path, option: str = "--out") -> None:
    """Raise UsageError where a run cannot be written to `folder`; nothing that exists is overwritten."""
    blocking = next((parent for parent in folder.parents if parent.exists() and not parent.is_dir()), None)
    if blocking is not None:
        raise UsageError(f"cannot write {folder}: {blocking} is a file, not a folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists already; nothing is overwritten: choose another {option}, or remove it")


def write_run(
    ensemble: Ensemble, folder: Path, command: str, report: Callable[[Ensemble, dict[str, Any]], str]
) -> None:
    """Write a run; `report` makes the page from the ensemble and the manifest.

    Raises
    ------
    OfframpError
        Where the folder cannot be written; nothing is left behind then.
    """
    check_free(folder)
    manifest = manifest_of(ensemble, command)
    with whole_folder(folder) as partial:
        (partial / "crisis.yaml").write_text(ensemble.crisis.text, encoding="utf-8")
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        write_parquet(ensemble.to_pandas(), partial / "draws.parquet")
        write_parquet(situations_frame(ensemble), partial / "moves.parquet")
        if ensemble.evidence:
            write_parquet(ensemble.evidence.to_pandas(), partial / "evidence.parquet")
        (partial / "report.html").write_text(report(ensemble, manifest), encoding="utf-8")


def manifest_of(ensemble: Ensemble, command: str) -> dict[str, Any]:
    """Everything needed to repeat a run, and what came of it."""
    crisis, summary = ensemble.crisis, ensemble.to_dict()
    return {
        "title": crisis.title,
        "crisis": Path(crisis.path).name,
        "sha256": hashlib.sha256(crisis.text.encode("utf-8")).hexdigest(),
        "levers": list(crisis.pulled),
        "draws": ensemble.draws,
        "seed": ensemble.seed,
        "command": command,
        "written": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(ensemble.seconds, 3),
        "versions": {name: version(name) for name in ("offramp", "numpy", "scipy", "numba")}
        | {"python": platform.python_version()},
        "size": ensemble.game.size.to_dict(),
        "converged": summary["converged"],
        "status": summary["status"],
        "traced": summary["traced"],
        "unconverged": summary["unconverged"],
        "cites_checked": sum(cite.found is not None for cite in crisis.cites),
        "endings": summary["endings"],
    }


def situations_frame(ensemble: Ensemble) -> pd.DataFrame:
    """One row an option of an information set: `set` and `slot` are places in the profile, `share` a mean over the
    converged draws, `deviation` the standard deviation over them.
    """
    import pandas as pd

    number_of = {situation.slots.start: number for number, situation in enumerate(ensemble.game.situations)}
    rows = []
    for summary in ensemble.by_situation:
        situation = summary.situation
        for slot, (option, share) in zip(
            range(situation.slots.start, situation.slots.stop), summary.options.items(), strict=True
        ):
            rows.append(
                {
                    "set": number_of[situation.slots.start],
                    "slot": slot,
                    "reached": summary.reached,
                    "share": share,
                    "deviation": summary.deviations[option],
                    "move": situation.move,
                    "round": situation.round,
                    "actor": situation.actor,
                    "sees": described_sees(situation),
                    "option": option,
                }
            )
    named = ["set", "slot", "reached", "share", "deviation", "move", "round", "actor", "sees", "option"]
    return pd.DataFrame(rows, columns=named)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute("COPY frame TO ? (FORMAT parquet)", [str(path)])


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the final one that takes its name once all is written; OfframpError where that fails."""
    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        partial.chmod(0o755)
        yield partial
        if folder.exists():
            folder.rmdir()
        os.replace(partial, folder)
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
