"""What the workbench keeps of its own in the opened folder: `.offramp`, which only its owner may read.

Each file is sealed with a key that is kept outside of the folder: what comes with a folder from somebody else is not
taken for the workbench's own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded
from offramp.common.errors import OfframpError

NAME = ".offramp"
MOST_BYTES = 10_000_000
"""A larger file was not written by a workbench."""
KEY_BYTES = 32


@dataclass(frozen=True)
class PrivateFile:
    """What a file holds; `ours`: a workbench of this user has written it, for this folder and this name."""

    value: Any
    ours: bool


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
    content = json.dumps({"seal": _seal(path, value), "kept": value}, ensure_ascii=False, indent=1)
    try:
        write_whole(path, content.encode(), mode=0o600)
    except OSError as error:
        raise OfframpError(f"cannot write {NAME}/{path.name}: {error.strerror or error}") from None


def load(path: Path) -> PrivateFile:
    """What a file holds; None, and not ours, where there is none, or it cannot be read."""
    try:
        found = json_of(read_bounded(path, MOST_BYTES, follow=False))
        match found:
            case {"seal": str(seal), "kept": value}:
                return PrivateFile(value, hmac.compare_digest(seal.encode(), _seal(path, value).encode()))
        return PrivateFile(found, False)
    except (OSError, ValueError):
        return PrivateFile(None, False)


def _seal(path: Path, value: Any) -> str:
    """The seal of a value under a name: nobody can make it who lacks the key."""
    sealed = json.dumps([str(path), value], ensure_ascii=False)
    return hmac.new(_key(), sealed.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


@cache
def _key() -> bytes:
    """The key of this user, made where there is none; of this process alone, where it cannot be kept."""
    place = Path(click.get_app_dir("offramp")) / "key"
    fresh = secrets.token_bytes(KEY_BYTES)
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError), open(place, "xb", opener=_for_its_owner) as file:
            file.write(fresh)
        found = read_bounded(place, KEY_BYTES)
    except OSError:
        return fresh
    return found if len(found) == KEY_BYTES else fresh


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
