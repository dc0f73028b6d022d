"""What was computed once, kept in the user's own cache folder, within a bound on disk.

Each key has a JSON file of its own, sealed, whole or not there. The folder is outside every run and every opened
folder, so nothing that comes from a stranger is read from it. A file that is damaged, foreign or too large counts as
missing. If the folder cannot be read or written, nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded

VARIABLE = "OFFRAMP_CACHE_DIR"
"""Environment variable that names another cache folder, by an absolute path."""
MAX_BYTES = 16_000_000
"""A larger value is not kept, and a larger file is not read."""
MAX_BYTES_IN_ALL = 256_000_000
"""If the files of all keys take more, those that were not used for the longest time are deleted."""
SEAL = hashlib.sha256().digest_size * 2
"""The length of a seal in hexadecimal: the first line of a file."""


def cache_folder() -> Path:
    """The cache folder of Offramp for this user, which need not exist."""
    named = os.environ.get(VARIABLE, "")
    return Path(named) if os.path.isabs(named) else platformdirs.user_cache_path("offramp")


def read_kept(key: str) -> Any:
    """The value kept under a key; None if there is none, or if its file is damaged or of another key."""
    path = _path(key)
    if not path.is_absolute():
        return None
    try:
        seal, body = _parts(read_bounded(path, MAX_BYTES, follow=False))
        if seal != hashlib.sha256(body).hexdigest().encode():
            return None
        match json_of(body):
            case [found, value] if found == key:
                with suppress(OSError):
                    os.utime(path)  # so that it counts as used
                return value
    except (OSError, ValueError):
        pass
    return None


def keep(key: str, value: Any) -> None:
    """Keep a value under a key, whole or not at all; no message if that fails.

    `value` is made of what JSON knows, and is not None; its numbers are finite.
    """
    body = json.dumps([key, value], allow_nan=False, separators=(",", ":")).encode()
    path = _path(key)
    if SEAL + 1 + len(body) > MAX_BYTES or not path.is_absolute():
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body, mode=0o600)
        _delete_unused(path.parent)


def _path(key: str) -> Path:
    return cache_folder() / "kept" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _parts(content: bytes) -> tuple[bytes, bytes]:
    """The seal and what it seals."""
    return content[:SEAL], content[SEAL + 1 :]


def _delete_unused(folder: Path) -> None:
    """Delete the files that were not used for the longest time, until the others are within the bound."""
    with os.scandir(folder) as entries:
        files = [(entry.stat(follow_symlinks=False), entry.path) for entry in entries]
    files.sort(key=lambda file: -file[0].st_mtime_ns)
    total = 0
    for status, path in files:
        total += status.st_size
        if total > MAX_BYTES_IN_ALL:
            Path(path).unlink(missing_ok=True)
