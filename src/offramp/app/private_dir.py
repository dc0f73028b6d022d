"""The workbench's private folder in the opened folder: `.offramp`, which only its owner may read.

Each file is signed with a key that is kept outside the folder, so that files in a folder from somebody else are not
trusted.
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
MAX_BYTES = 10_000_000
"""Larger files are not read: no workbench writes them."""
KEY_BYTES = 32


@dataclass(frozen=True)
class PrivateFile:
    """The content of a file; `ours`: whether this user's workbench wrote it, for this path."""

    value: Any
    ours: bool


def private_folder(root: Path, *parts: str) -> Path:
    """The private folder in the opened folder, or a subfolder of it; created if missing.

    Raises
    ------
    OfframpError
        If it cannot be created, or leads out of the opened folder.
    """
    folder = root.joinpath(NAME, *parts)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not folder.resolve().is_relative_to(root):
            raise OfframpError(f"{NAME} leads out of the opened folder; remove that link")
    except OSError as error:
        raise OfframpError(f"cannot write to {NAME} in the opened folder: {error.strerror or error}") from None
    return folder


def save(path: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all, readable for its owner only; OfframpError if that fails."""
    content = json.dumps({"seal": _seal(path, value), "kept": value}, ensure_ascii=False, indent=1)
    try:
        write_whole(path, content.encode(), mode=0o600)
    except OSError as error:
        raise OfframpError(f"cannot write {NAME}/{path.name}: {error.strerror or error}") from None


def load(path: Path) -> PrivateFile:
    """The content of a file; None, and not ours, if there is no file or it cannot be read."""
    try:
        content = json_of(read_bounded(path, MAX_BYTES, follow=False))
        match content:
            case {"seal": str(seal), "kept": value}:
                return PrivateFile(value, hmac.compare_digest(seal.encode(), _seal(path, value).encode()))
        return PrivateFile(content, False)
    except (OSError, ValueError):
        return PrivateFile(None, False)


def _seal(path: Path, value: Any) -> str:
    """The signature of a value at a path; it cannot be made without the key."""
    sealed = json.dumps([str(path), value], ensure_ascii=False)
    return hmac.new(_key(), sealed.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


@cache
def _key() -> bytes:
    """The key of this user, created if missing; if it cannot be stored, a key for this process only."""
    path = Path(click.get_app_dir("offramp")) / "key"
    new_key = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError), open(path, "xb", opener=_open_for_owner) as file:
            file.write(new_key)
        stored = read_bounded(path, KEY_BYTES)
    except OSError:
        return new_key
    return stored if len(stored) == KEY_BYTES else new_key


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
