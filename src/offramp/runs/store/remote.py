"""Runs at a URL, such as in an object store, used through a local copy.

Every byte of a run is compared with its SHA-256 before a number is read from it, so each is downloaded once and kept in
the copy. The store is authoritative: files that have changed there are downloaded again, and every write goes to the
store too, in the same order as on a disk, so a killed process leaves the same files there as on a disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from offramp.common.atomic import PARTIAL, write_whole
from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.faults import CrisisError
from offramp.runs.store.layout import FINISHED, LOCK, MANIFEST, SEAL, locked
from offramp.runs.store.object_store import Store, StoredObject
from offramp.runs.store.whole_files import clear_errors

URL = re.compile(r"([A-Za-z][\w+.-]+):/(/?)(.+)", re.DOTALL)
AT_ONCE = 32
"""Number of files downloaded at a time."""
PATIENCE = 3600.0
"""How long, in seconds, to wait while another process updates the same copy."""


class RunPlace(NamedTuple):
    """Where a run is written: a local folder, and for a run at a URL the store of which the folder is a copy."""

    folder: Path
    store: Store | None = None

    @property
    def name(self) -> str | Path:
        """The name of the run in messages: its URL or its folder."""
        return self.store.url if self.store else self.folder

    def told(self, line: str) -> str:
        """A message with the run's name in place of the local copy's path."""
        return line.replace(str(self.folder), str(self.name))


def url_of(place: str | Path) -> str | None:
    """The URL, if `place` is one; also a URL that was turned into a `Path`, which keeps only one slash."""
    if not isinstance(place, str | Path):
        raise UsageError(f"expected a folder or a URL, found {type(place).__name__}")
    match = URL.fullmatch(str(place))
    if match is None or (isinstance(place, str) and not match[2]):
        return None
    return f"{match[1].lower()}://{match[3].rstrip('/')}"


def local_path(place: str | Path, argument: str) -> Path:
    """A path of this machine; UsageError, which names the command's argument, if it is a URL."""
    if url := url_of(place):
        raise UsageError(f"{argument} must be a folder or file of this machine, found {url}")
    return Path(place)


@contextmanager
def read_from(place: str | Path, *, anew: bool = False) -> Iterator[Path]:
    """A run's local folder: itself, or an up-to-date copy of a run at a URL. Errors name the folder or URL given.

    `anew`: download everything into a temporary copy; else tables are downloaded only for a finished run.

    Raises
    ------
    UsageError
        If there is no run at the URL.
    OfframpError
        If the store cannot be reached.
    """
    url = url_of(place)
    if url is None:
        yield Path(place)
        return
    with ExitStack() as stack:
        copy = Path(stack.enter_context(TemporaryDirectory(prefix="offramp-"))) / "run" if anew else copy_of(url)
        stack.enter_context(_errors_with_url(url, copy))
        store = Store(url)
        listing = store.listing()
        if MANIFEST not in listing:
            raise UsageError(f"{url} is no run: it has no {MANIFEST}")
        _update_copy(store, listing, copy, tables=anew or FINISHED in listing)
        yield copy


@contextmanager
def write_to(place: str | Path) -> Iterator[RunPlace]:
    """Where to write a run; a run at a URL is leased, so that no other process writes it. Errors as in `read_from`."""
    url = url_of(place)
    if url is None:
        yield RunPlace(Path(place))
        return
    store, copy = Store(url), copy_of(url)
    with _errors_with_url(url, copy), store.leased():
        listing = store.listing()
        if MANIFEST not in listing:
            _check_free(store, listing)
        _update_copy(store, listing, copy, tables=True, leased=True)
        yield RunPlace(copy, store)
        with suppress(OfframpError):  # if it fails, the files are downloaded again next time
            _save_stamps_from(store.listing(), copy)


def send(folder: Path, url: str) -> None:
    """Upload a local run to an unused URL, seals and the marker last; errors as in `write_to`."""
    store = Store(url)
    with store.leased():
        _check_free(store, store.listing())
        store.put(folder, sorted((path.name for path in folder.iterdir() if path.name != LOCK), key=_upload_order))


def _check_free(store: Store, listing: Mapping[str, StoredObject]) -> None:
    if listing:
        raise UsageError(f"{store.url} exists already; nothing is overwritten: choose another --out, or remove it")


def _upload_order(name: str) -> tuple[bool, bool]:
    return name == FINISHED, name.endswith(SEAL)


def copy_of(url: str) -> Path:
    """The local folder of a run's copy."""
    try:
        import platformdirs
    except ImportError:
        raise UsageError(f"{url} needs platformdirs: pip install 'offramp[stores]'") from None
    name = re.sub(r"[^\w.-]", "-", url.rpartition("/")[2])[:40]
    return platformdirs.user_cache_path("offramp") / "runs" / f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def download_new(store: Store, copy: Path) -> None:
    """Download what workers have written to the store; the files already in the copy are the same as in the store."""
    listing = store.listing()
    _save_stamps_from(listing, copy)
    _download(store, listing, copy)


def _save_stamps_from(listing: Mapping[str, StoredObject], copy: Path) -> None:
    """Record that the files in the copy are the same as in the listing."""
    _save_stamps(copy, {name: entry.stamp for name, entry in listing.items() if (copy / name).is_file()})


def _update_copy(
    store: Store, listing: Mapping[str, StoredObject], copy: Path, *, tables: bool, leased: bool = False
) -> None:
    """Bring the copy up to date with the listing, if needed; see `_download`.

    Waits for another process that updates the copy, but not for one that writes the run; if it is `leased`, there is
    none.
    """
    if any(_changes(listing, copy, tables)):
        with clear_errors(copy):
            copy.mkdir(parents=True, exist_ok=True)
        with locked(copy, PATIENCE if leased or not store.writer() else 1.0):
            _download(store, listing, copy, tables)


def _download(store: Store, listing: Mapping[str, StoredObject], copy: Path, tables: bool = True) -> None:
    """Make the copy equal to the listing: download changed files, delete files that are not listed.

    Without `tables` none is downloaded, and those in the copy stay as they are.
    """
    surplus, wanted = _changes(listing, copy, tables)
    with clear_errors(copy):
        stamps = {name: stamp for name, stamp in _saved_stamps(copy).items() if name not in {*surplus, *wanted}}
        _save_stamps(copy, stamps)
        for name in surplus:
            (copy / name).unlink(missing_ok=True)
        for first in range(0, len(wanted), AT_ONCE):
            names = wanted[first : first + AT_ONCE]
            partial = [copy / f".{name}{PARTIAL}" for name in names]
            store.get(names, partial)
            for name, path in zip(names, partial, strict=True):
                path.replace(copy / name)
            stamps |= {name: listing[name].stamp for name in names}
            _save_stamps(copy, stamps)


def _changes(listing: Mapping[str, StoredObject], copy: Path, tables: bool) -> tuple[list[str], list[str]]:
    """The files in the copy that are not listed, and the listed files that the copy lacks or has in another version."""
    local = {path.name for path in copy.iterdir()} - {LOCK} if copy.is_dir() else set()
    stamps = _saved_stamps(copy)
    wanted = [
        name
        for name, entry in listing.items()
        if (tables or not name.endswith(".parquet")) and (name not in local or stamps.get(name) != entry.stamp)
    ]
    return sorted(local - listing.keys()), sorted(wanted)


def _saved_stamps(copy: Path) -> dict[str, str]:
    """By file of a copy, its stamp in the store when it was downloaded."""
    try:
        stamps = json.loads(_stamps_file(copy).read_bytes())
        return {str(name): str(stamp) for name, stamp in stamps.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _save_stamps(copy: Path, stamps: dict[str, str]) -> None:
    write_whole(_stamps_file(copy), json.dumps(stamps).encode("utf-8"))


def _stamps_file(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.json")


@contextmanager
def _errors_with_url(url: str, copy: Path) -> Iterator[None]:
    """Replace the copy's path by the URL in error messages."""
    try:
        yield
    except CrisisError as error:
        raise CrisisError(error.path.replace(str(copy), url), error.faults) from None
    except OfframpError as error:
        raise type(error)(str(error).replace(str(copy), url)) from None
