"""What the workbench keeps of its own in the opened folder: `.offramp`, which only its owner may read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from offramp.bounded import read_bounded
from offramp.crisis.faults import OfframpError
from offramp.whole import write_whole

NAME = ".offramp"
MOST_BYTES = 10_000_000
"""A larger file was not written by a workbench."""


def kept_in(root: Path, *parts: str) -> Path:
    """A folder of the workbench's own in the opened folder, made where it is missing.

    Raises
    ------
    OfframpError
        Where it cannot be made, or leads out of the opened folder.
    """
    place = root.joinpath(NAME, *parts)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.resolve().is_relative_to(root):
            raise OfframpError(f"{NAME} leads out of the opened folder; remove that link")
    except OSError as error:
        raise OfframpError(f"cannot write to {NAME} in the opened folder: {error.strerror or error}") from None
    return place


def save(path: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all, for its owner only; OfframpError where that fails."""
    try:
        write_whole(path, json.dumps(value, ensure_ascii=False, indent=1).encode(), mode=0o600)
    except OSError as error:
        raise OfframpError(f"cannot write {NAME}/{path.name}: {error.strerror or error}") from None


def load(path: Path) -> Any:
    """A value from its file; None where there is none, or it cannot be read."""
    try:
        return json.loads(read_bounded(path, MOST_BYTES, follow=False))
    except (OSError, ValueError, RecursionError):
        return None
