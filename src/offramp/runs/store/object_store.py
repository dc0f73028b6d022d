"""A folder in an object store, or anything else that has an fsspec URL, with the few operations that a run needs.

Endpoints and credentials come from the settings of fsspec and its packages (for S3 the usual AWS variables and files),
so a URL is all that Offramp needs.
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
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple

from offramp.common.errors import OfframpError, UsageError
from offramp.runs.store.layout import LOCK

STAMPS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "updated", "created")
"""Keys of a listing that show whether an object has changed, the most reliable first; stores offer different ones."""
_OWN_LEASES: set[str] = set()
"""The keys of the leases that this process holds."""
LEASE, RENEWED = 90.0, 20.0
"""Seconds until the lease of a silent process ends, and seconds between two renewals."""


class StoreError(OfframpError):
    """A store cannot be reached, or refuses an operation."""


class StoredObject(NamedTuple):
    """A file in a store: its size in bytes, and a stamp that changes when the file does."""

    bytes: int
    stamp: str


class ObjectStore:
    """A folder at a URL, such as `s3://bucket/runs/harbour-1`.

    Its methods raise StoreError.
    """

    def __init__(self, url: str) -> None:
        """Raise UsageError if the URL's protocol is unknown, or a package is missing."""
        protocol = url.partition("://")[0]
        try:
            import fsspec
        except ImportError:
            raise UsageError(f"{url} needs fsspec: pip install 'offramp[stores]'") from None
        self.url = url
        with self._clear_errors():
            try:
                opened: Any = fsspec.core.url_to_fs(url, skip_instance_cache=True)
            except ImportError as error:
                raise UsageError(f"{url} needs another package: {error}") from None
            except ValueError as error:
                raise UsageError(f"{url}: '{protocol}://' is unknown ({error})") from None
        self._files, root = opened
        self._root = root.rstrip("/")
        self._lost = False

    def listing(self) -> dict[str, StoredObject]:
        """The files in the folder by name, without hidden ones; empty if there is no such folder."""
        return {
            self._name(entry): StoredObject(int(entry["size"] or 0), _stamp(entry))
            for entry in self._entries()
            if entry["type"] == "file" and not self._name(entry).startswith(".")
        }

    def folders(self) -> list[str]:
        """The names of the folders in this folder."""
        return sorted(self._name(entry) for entry in self._entries() if entry["type"] == "directory")

    def inside(self, name: str) -> ObjectStore:
        """A folder in this one, over the same connection: a new one would take a tenth of a second or more."""
        folder = copy(self)
        folder.url, folder._root = f"{self.url}/{name}", f"{self._root}/{name}"
        return folder

    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""
        with self._clear_errors():
            return bool(self._files.isfile(f"{self._root}/{name}"))

    def begin(self) -> None:
        """Create the folder, if the store has folders; but no bucket, since its name may be misspelt."""
        with self._clear_errors("write"):
            bucket = self._root.partition("/")[0]
            if bucket and not self._files.exists(bucket):
                raise StoreError(f"cannot write {self.url}: there is no bucket '{bucket}', or access is denied")
            self._files.makedirs(self._root, exist_ok=True)

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is no such file."""
        with self._clear_errors():
            try:
                return bytes(self._files.cat_file(f"{self._root}/{name}"))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, replacing any with the same name; an object store does that whole or not at all."""
        with self._clear_errors("write"):
            self._files.pipe_file(f"{self._root}/{name}", content)

    def put(self, folder: Path, names: Sequence[str]) -> None:
        """Upload files from a local folder, one after the other."""
        with self._clear_errors("write"):
            for name in names:
                self._files.put_file(str(folder / name), f"{self._root}/{name}")

    def get(self, names: Sequence[str], paths: Sequence[Path]) -> None:
        """Download files, several at a time if the store can do that."""
        with self._clear_errors():
            self._files.get([f"{self._root}/{name}" for name in names], [str(path) for path in paths])

    def remove(self, names: Iterable[str]) -> None:
        """Delete files, if they exist."""
        with self._clear_errors("write"):
            for name in names:
                with suppress(FileNotFoundError):
                    self._files.rm_file(f"{self._root}/{name}")

    @contextmanager
    def leased(self) -> Iterator[None]:
        """Hold a lease on the run at this URL, so that no other process writes to it; a thread renews the lease.

        Raises UsageError if another process holds one. After a process was killed, its lease ends at once on its own
        machine, and on other machines after `LEASE` seconds.
        """
        if writer := self.writer():
            raise UsageError(
                f"{self.url} is in use: process {writer['process']} on {writer['host']} is writing this run;"
                f" if it was killed, the run becomes free after {LEASE:.0f} seconds"
            )
        self.begin()
        key, ended = secrets.token_hex(8), threading.Event()
        own = {"host": socket.gethostname(), "process": os.getpid(), "key": key}

        def sign() -> None:
            self.write(LOCK, json.dumps(own | {"at": time.time()}).encode("ascii"))

        def renew() -> None:
            while not ended.wait(RENEWED) and not self._lost:
                with suppress(StoreError):  # the store may be reachable again before the lease ends
                    if self.writer(key):
                        self._lost = True
                    else:
                        sign()

        sign()
        if (writer := self.writer(key)) is not None:  # another process took the lease at the same moment
            raise UsageError(
                f"{self.url} is in use: process {writer['process']} on {writer['host']} is writing this run"
            )
        renewing = threading.Thread(target=renew, daemon=True)
        renewing.start()
        _OWN_LEASES.add(key)
        try:
            yield
        finally:
            _OWN_LEASES.remove(key)
            ended.set()
            renewing.join()
            if not self._lost:
                with suppress(StoreError):
                    self.remove([LOCK])

    def writer(self, own_key: str = "") -> dict[str, Any] | None:
        """The other process that is writing to the run, if any; `own_key`: key of our own lease."""
        try:
            lease = json.loads(self.read(LOCK) or b"")
            host, process, at = str(lease["host"]), int(lease["process"]), float(lease["at"])
            key = str(lease["key"])
        except (ValueError, KeyError, TypeError):
            return None
        on_this_machine = host == socket.gethostname()
        gone = on_this_machine and (key not in _OWN_LEASES if process == os.getpid() else not _is_alive(process))
        return None if key == own_key or gone or time.time() - at > LEASE else {"host": host, "process": process}

    def _entries(self) -> list[dict[str, Any]]:
        with self._clear_errors():
            self._files.invalidate_cache()
            try:
                return list(self._files.ls(self._root, detail=True))
            except FileNotFoundError:
                return []

    def _name(self, entry: dict[str, Any]) -> str:
        return str(entry["name"]).rstrip("/").rpartition("/")[2]

    @contextmanager
    def _clear_errors(self, verb: str = "read") -> Iterator[None]:
        """Turn any error of fsspec and its packages into StoreError."""
        if verb == "write" and self._lost:
            raise StoreError(f"cannot write {self.url}: another process took it over while the store was unreachable")
        try:
            yield
        except OfframpError:
            raise
        except Exception as error:  # each package has its own errors
            reason = (str(error).splitlines() or [""])[0] or type(error).__name__
            raise StoreError(f"cannot {verb} {self.url}: {reason}") from None


def _stamp(entry: dict[str, Any]) -> str:
    stamp = next((f"{name} {entry[name]}" for name in STAMPS if entry.get(name)), "")
    return f"{entry['size']} bytes {stamp}"


def _is_alive(process: int) -> bool:
    """Whether a process of this machine exists, as far as can be known."""
    if os.name != "posix":  # on Windows os.kill would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to another user
        return True
    return True
