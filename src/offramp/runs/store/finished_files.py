"""The files of a finished run, compared with their SHA-256, and the fingerprint that they make together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offramp.common.errors import UsageError
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.layout import MANIFEST, MOVES, resume_command, tables_of
from offramp.runs.store.recognising import permitted
from offramp.runs.store.store import store_at
from offramp.runs.store.whole_files import sha256_of


def finished_run(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The manifest of a finished run, and the expected SHA-256 of each file.

    Raises
    ------
    UsageError
        If there is no run, it is not finished, or its manifest, crisis or marker is damaged.
    """
    life = permitted(folder, "read")
    assert life.manifest is not None
    assert life.finished is not None
    return life.manifest, life.finished["sha256"]


def check_file(folder: Path, name: str, sums: Mapping[str, str]) -> Path:
    """The path of a run's file, once its SHA-256 is compared; UsageError, which names the file, if it differs."""
    path = folder / name
    try:
        matches = sha256_of(path) == sums.get(name)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing; {resume_command(folder)} restores it") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    if not matches:
        change = "it has changed since the run finished" if name == MANIFEST else "it has changed since it was written"
        remedy = "" if name == MANIFEST else f"; {resume_command(folder)} restores it"
        raise UsageError(f"{path} is damaged: {change}{remedy}")
    return path


def fingerprint_of(folder: str | Path) -> str:
    """The fingerprint that `open_run` gives the run in a folder or at a URL; raises as `finished_run`.

    All files are compared with their SHA-256, but for kept strategies; nothing is compiled.
    """
    with store_at(folder).reading() as local:
        manifest, sums = finished_run(local)
        for number in range(len(chunk_sizes(manifest["draws"]))):
            for name in tables_of({}, number):
                check_file(local, name, sums)
        check_file(local, MOVES, sums)
    return fingerprint(sums)


def fingerprint(sums: Mapping[str, str]) -> str:
    """The SHA-256 of the names and the SHA-256 of all files of a finished run, which tells it from every other."""
    return hashlib.sha256(json.dumps(sorted(sums.items())).encode()).hexdigest()
