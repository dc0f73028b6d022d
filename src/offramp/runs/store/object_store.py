"""A folder in an object store, or wherever else fsspec has a URL for: the few things that a run needs of one.

What is where, and with which keys, fsspec knows from its own settings and those of its packages (for S3 the usual AWS
variables and files), so that a URL says all.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from offramp.common.errors import OfframpError, UsageError
from offramp.runs.store.layout import LOCK

STAMPS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "updated", "created")
"""What may tell that an object has changed, the surest first; which of them there is depends on the store."""
_HELD: set[str] = set()
"""The keys of the leases that this process holds."""
LEASE, RENEWED = 90.0, 20.0
"""Seconds for which a process that writes a run is believed to live without a sign of it, and between two signs."""


class StoreError(OfframpError):
    """A store cannot be reached, or refuses."""


class StoredObject(NamedTuple):
    """A file in a store: its bytes, and what changes when it does."""

    bytes: int
    stamp: str


class Store:
    """A folder elsewhere, by its URL, such as `s3://bucket/runs/harbour-1`.

    Its methods raise StoreError.
    """

    def __init__(self, url: str) -> None:
        """Raise UsageError where nothing is known of such URLs, or a package is missing."""
        kind = url.partition("://")[0]
        try:
            import fsspec
        except ImportError:
            raise UsageError(f"{url} needs fsspec: pip install 'offramp[stores]'") from None
        self.url = url
        with self._reached():
            try:
                found: Any = fsspec.core.url_to_fs(url, skip_instance_cache=True)
            except ImportError as error:
                raise UsageError(f"{url} needs a package of its own: {error}") from None
            except ValueError as error:
                raise UsageError(f"{url}: nothing is known of '{kind}://' ({error})") from None
        self._files, root = found
        self._root = root.rstrip("/")
        self._lost = False

    def listing(self) -> dict[str, StoredObject]:
        """The files in the folder by name, but hidden ones; none where there is no such folder."""
        return {
            self._name(entry): StoredObject(int(entry["size"] or 0), _stamp(entry))
            for entry in self._entries()
            if entry["type"] == "file" and not self._name(entry).startswith(".")
        }

    def folders(self) -> list[str]:
        """The names of the folders in it."""
        return sorted(self._name(entry) for entry in self._entries() if entry["type"] == "directory")

    def begin(self) -> None:
        """Make the folder, where folders must be made; but no bucket, which would hide a misspelt one."""
        with self._reached("write"):
            top = self._root.partition("/")[0]
            if top and not self._files.exists(top):
                raise StoreError(f"cannot write {self.url}: there is no bucket '{top}', or it may not be looked at")
            self._files.makedirs(self._root, exist_ok=True)

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is none."""
        with self._reached():
            try:
                return bytes(self._files.cat_file(f"{self._root}/{name}"))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, in the place of what has its name; an object store does that whole or not at all."""
        with self._reached("write"):
            self._files.pipe_file(f"{self._root}/{name}", content)

    def put(self, folder: Path, names: Sequence[str]) -> None:
        """Write files as they stand in a folder here, one after the other."""
        with self._reached("write"):
            for name in names:
                self._files.put_file(str(folder / name), f"{self._root}/{name}")

    def get(self, names: Sequence[str], paths: Sequence[Path]) -> None:
        """Bring files here, several at a time where the store can do that."""
        with self._reached():
            self._files.get([f"{self._root}/{name}" for name in names], [str(path) for path in paths])

    def remove(self, names: Iterable[str]) -> None:
        """Take files away, those that are there."""
        with self._reached("write"):
            for name in names:
                with suppress(FileNotFoundError):
                    self._files.rm_file(f"{self._root}/{name}")

    @contextmanager
    def leased(self) -> Iterator[None]:
        """Be the only process that writes to a run here, by a sign of life that is renewed in it.

        Raises UsageError where another one is. A process that was killed is believed to live for `LEASE` seconds on
        another machine, and no longer on its own.
        """
        if there := self.tenant():
            raise UsageError(
                f"{self.url} is in use: process {there['process']} on {there['host']} is writing this run;"
                f" if it was killed, that is believed {LEASE:.0f} seconds later"
            )
        self.begin()
        key, over = secrets.token_hex(8), threading.Event()
        us = {"host": socket.gethostname(), "process": os.getpid(), "key": key}

        def sign() -> None:
            self.write(LOCK, json.dumps(us | {"at": time.time()}).encode("ascii"))

        def renew() -> None:
            while not over.wait(RENEWED) and not self._lost:
                with suppress(StoreError):  # it may be reached again before the lease ends
                    if self.tenant(key):
                        self._lost = True
                    else:
                        sign()

        sign()
        if (there := self.tenant(key)) is not None:  # who came at the same moment, and later
            raise UsageError(f"{self.url} is in use: process {there['process']} on {there['host']} is writing this run")
        renewing = threading.Thread(target=renew, daemon=True)
        renewing.start()
        _HELD.add(key)
        try:
            yield
        finally:
            _HELD.remove(key)
            over.set()
            renewing.join()
            if not self._lost:
                with suppress(StoreError):
                    self.remove([LOCK])

    def tenant(self, key: str = "") -> dict[str, Any] | None:
        """Who is writing to the run, `key` being our own; None where nobody is."""
        try:
            said = json.loads(self.read(LOCK) or b"")
            host, process, at = str(said["host"]), int(said["process"]), float(said["at"])
            held_by = str(said["key"])
        except (ValueError, KeyError, TypeError):
            return None
        here = host == socket.gethostname()
        gone = here and (held_by not in _HELD if process == os.getpid() else not _lives(process))
        return None if held_by == key or gone or time.time() - at > LEASE else {"host": host, "process": process}

    def _entries(self) -> list[dict[str, Any]]:
        with self._reached():
            self._files.invalidate_cache()
            try:
                return list(self._files.ls(self._root, detail=True))
            except FileNotFoundError:
                return []

    def _name(self, entry: dict[str, Any]) -> str:
        return str(entry["name"]).rstrip("/").rpartition("/")[2]

    @contextmanager
    def _reached(self, verb: str = "read") -> Iterator[None]:
        """Turn what any of the packages raises into StoreError."""
        if verb == "write" and self._lost:
            raise StoreError(f"cannot write {self.url}: another process has taken it over, as this one was silent")
        try:
            yield
        except OfframpError:
            raise
        except Exception as error:  # each package has errors of its own
            reason = (str(error).splitlines() or [""])[0] or type(error).__name__
            raise StoreError(f"cannot {verb} {self.url}: {reason}") from None


def _stamp(entry: dict[str, Any]) -> str:
    said = next((f"{name} {entry[name]}" for name in STAMPS if entry.get(name)), "")
    return f"{entry['size']} bytes {said}"


def _lives(process: int) -> bool:
    """Whether a process of this machine is there, as far as can be asked."""
    if os.name != "posix":  # where to ask is to kill
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
