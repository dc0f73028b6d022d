"""A run at a URL, such as in an object store, used through a local copy.

Every byte of a run is compared with its SHA-256 before a number is read from it, so each is downloaded once and kept in
the copy. The store is authoritative: files that have changed there are downloaded again, and every write goes to the
store too, in the same order as on a disk, so a killed process leaves the same files there as on a disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from offramp.common.atomic import PARTIAL, write_whole
from offramp.common.errors import OfframpError
from offramp.common.user_cache import cache_folder
from offramp.crisis.faults import CrisisError
from offramp.runs.store.layout import FINISHED, LOCK, MANIFEST, SEAL, locked
from offramp.runs.store.life import STATES
from offramp.runs.store.object_store import ObjectStore, StoredObject
from offramp.runs.store.whole_files import clear_errors

AT_ONCE = 32
"""Number of files downloaded at a time."""
PATIENCE = 3600.0
"""How long, in seconds, to wait while another process updates the same copy."""

Listing = Mapping[str, StoredObject]


class RemoteStore:
    """A folder at a URL, with a copy on this machine; its methods as in `Store`."""

    def __init__(self, url: str, objects: ObjectStore | None = None) -> None:
        """`objects`: what is at the URL, if it is open already."""
        self.place = self.address = url
        if objects is not None:
            self._objects = objects
        self._same: set[str] = set()
        """Files of which this process knows that they are the same in the copy and at the URL."""

    @cached_property
    def _objects(self) -> ObjectStore:
        return ObjectStore(self.place)

    @cached_property
    def folder(self) -> Path:
        return copy_of(self.place)

    def runs(self) -> list[RemoteStore]:
        folders = map(self._objects.inside, self._objects.folders())
        return [RemoteStore(folder.url, folder) for folder in folders if folder.exists(MANIFEST)]

    def sizes(self) -> dict[str, int]:
        return {name: entry.bytes for name, entry in self._objects.listing().items()}

    def is_running(self) -> bool:
        return self._objects.writer() is not None

    @contextmanager
    def reading(self) -> Iterator[Path]:
        """Tables are downloaded only for a finished run."""
        with self._errors_with_url(self.folder):
            listing = self._listing_of_run()
            self._update_copy(listing, tables=FINISHED in listing)
            yield self.folder

    @contextmanager
    def fresh(self, *names: str) -> Iterator[Path]:
        with TemporaryDirectory(prefix="offramp-") as temporary:
            folder = Path(temporary) / "run"
            with self._errors_with_url(folder):
                listed = [] if names else sorted(self._listing_of_run())
                folder.mkdir()
                self._read_into(folder, names)
                for some in _parts(listed):
                    self._objects.get(some, [folder / name for name in some])
                yield folder

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._errors_with_url(self.folder), self._objects.leased():
            listing = self._objects.listing()
            if MANIFEST not in listing:
                self._check_free(listing)
            self._update_copy(listing, tables=True, leased=True)
            yield
            with suppress(OfframpError):  # if it fails, the files are downloaded again next time
                self._save_same(self._objects.listing())

    @contextmanager
    def adding(self) -> Iterator[Path]:
        with TemporaryDirectory(prefix="offramp-") as temporary:
            folder = Path(temporary)
            yield folder
            self._upload(folder)

    @contextmanager
    def building(self) -> Iterator[Path]:
        with TemporaryDirectory(prefix="offramp-") as temporary:
            folder = Path(temporary) / "run"
            with self._errors_with_url(folder):
                yield folder
                with self._objects.leased():
                    self._check_free(self._objects.listing())
                    self._upload(folder)

    def put(self, *names: str) -> None:
        self._objects.put(self.folder, names)
        self._same |= set(names)

    def remove(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        self._objects.remove(names)

    def fetch(self, *names: str) -> None:
        self._same |= self._read_into(self.folder, names)
        if not names:
            listing = self._objects.listing()
            self._save_same(listing)
            self._bring(listing)

    def _listing_of_run(self) -> Listing:
        """The files of the run; UsageError if there is none."""
        listing = self._objects.listing()
        if MANIFEST not in listing:
            STATES["other" if listing else "absent"].check("read", self.place)
        return listing

    def _check_free(self, listing: Listing) -> None:
        STATES["other" if listing else "absent"].check("begin", self.place)

    def _upload(self, folder: Path) -> None:
        """Upload the files of a folder, seals and the marker last."""
        names = [path.name for path in folder.iterdir() if path.name != LOCK]
        self._objects.put(folder, sorted(names, key=lambda name: (name == FINISHED, name.endswith(SEAL), name)))

    def _read_into(self, folder: Path, names: Sequence[str]) -> set[str]:
        """Download small files; give the names of those that exist."""
        contents = {name: content for name in names if (content := self._objects.read(name)) is not None}
        for name, content in contents.items():
            write_whole(folder / name, content)
        return set(contents)

    def _update_copy(self, listing: Listing, *, tables: bool, leased: bool = False) -> None:
        """Bring the copy up to date with the listing, if needed; see `_bring`.

        Waits for another process that updates the copy, but not for one that writes the run; if it is `leased`, there
        is none.
        """
        if any(self._changes(listing, tables)):
            with clear_errors(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder, PATIENCE if leased or not self.is_running() else 1.0):
                self._bring(listing, tables)

    def _bring(self, listing: Listing, tables: bool = True) -> None:
        """Make the copy equal to the listing: download changed files, delete files that are not listed.

        Without `tables` none is downloaded, and those in the copy stay as they are.
        """
        copy, (surplus, wanted) = self.folder, self._changes(listing, tables)
        with clear_errors(copy):
            stamps = {name: stamp for name, stamp in self._saved_stamps().items() if name not in {*surplus, *wanted}}
            self._save_stamps(stamps)
            for name in surplus:
                (copy / name).unlink(missing_ok=True)
            for names in _parts(wanted):
                partial = [copy / f".{name}{PARTIAL}" for name in names]
                self._objects.get(names, partial)
                for name, path in zip(names, partial, strict=True):
                    path.replace(copy / name)
                stamps |= {name: listing[name].stamp for name in names}
                self._save_stamps(stamps)

    def _changes(self, listing: Listing, tables: bool) -> tuple[list[str], list[str]]:
        """Files in the copy that are not listed, and listed files that the copy lacks or has in another version."""
        local = {path.name for path in self.folder.iterdir()} - {LOCK} if self.folder.is_dir() else set()
        stamps = self._saved_stamps()
        wanted = [
            name
            for name, entry in listing.items()
            if (tables or not name.endswith(".parquet")) and (name not in local or stamps.get(name) != entry.stamp)
        ]
        return sorted(local - listing.keys()), sorted(wanted)

    def _save_same(self, listing: Listing) -> None:
        """Record the stamps of the files that are known to be the same in the copy and in the listing."""
        same = {name: listing[name].stamp for name in self._same & listing.keys() if (self.folder / name).is_file()}
        self._save_stamps(self._saved_stamps() | same)

    def _saved_stamps(self) -> dict[str, str]:
        """By file of the copy, its stamp in the store when it was downloaded."""
        try:
            stamps = json.loads(self._stamps_file.read_bytes())
            return {str(name): str(stamp) for name, stamp in stamps.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def _save_stamps(self, stamps: dict[str, str]) -> None:
        write_whole(self._stamps_file, json.dumps(stamps).encode("utf-8"))

    @property
    def _stamps_file(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.json")

    @contextmanager
    def _errors_with_url(self, folder: Path) -> Iterator[None]:
        """Replace the path of a local folder by the URL in error messages."""
        try:
            yield
        except CrisisError as error:
            raise CrisisError(error.path.replace(str(folder), self.place), error.faults) from None
        except OfframpError as error:
            raise type(error)(str(error).replace(str(folder), self.place)) from None


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Names of files that are downloaded at once."""
    return (names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE))


def copy_of(url: str) -> Path:
    """The local folder of a run's copy."""
    name = re.sub(r"[^\w.-]", "-", url.rpartition("/")[2])[:40]
    return cache_folder() / "runs" / f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"
