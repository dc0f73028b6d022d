"""Runs elsewhere: at a URL, such as in an object store, worked with through a copy on this machine.

Every byte of a run is compared with its SHA-256 before a number is taken from it, so every byte has to come here once;
the copy keeps it. What is there counts, not the copy: what has changed since is brought anew, and what is written here
is written there, in the same order as on a disk, so that a process that is killed leaves what it would leave on one.
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
"""So many files are brought at a time."""
PATIENCE = 3600.0
"""Seconds for which another process may be bringing the same copy up to date."""


class RunPlace(NamedTuple):
    """Where a run is written: a folder of this machine, and for a run elsewhere the store of which it is the copy."""

    folder: Path
    store: Store | None = None

    @property
    def name(self) -> str | Path:
        """What the run is called."""
        return self.store.url if self.store else self.folder

    def told(self, line: str) -> str:
        """A line in which the run is called so."""
        return line.replace(str(self.folder), str(self.name))


def url_of(place: str | Path) -> str | None:
    """The URL that a place is named by, if it is one; a `Path`, which keeps only one slash, is understood too."""
    found = URL.fullmatch(str(place))
    if found is None or (isinstance(place, str) and not found[2]):
        return None
    return f"{found[1].lower()}://{found[3].rstrip('/')}"


def no_url(place: str | Path, what: str) -> Path:
    """A folder of this machine; UsageError where it is a URL, which `what` cannot be."""
    if url := url_of(place):
        raise UsageError(f"{what} is a folder or file of this machine, found {url}")
    return Path(place)


@contextmanager
def read_from(place: str | Path, *, anew: bool = False) -> Iterator[Path]:
    """A run's folder on this machine: itself, or an up-to-date copy. Errors name the place as it was asked for.

    `anew`: everything is brought, into a copy that goes again; else tables are brought of a finished run only.

    Raises
    ------
    UsageError
        Where there is no run at a URL.
    OfframpError
        Where the store cannot be reached.
    """
    url = url_of(place)
    if url is None:
        yield Path(place)
        return
    with ExitStack() as stack:
        copy = Path(stack.enter_context(TemporaryDirectory(prefix="offramp-"))) / "run" if anew else copy_of(url)
        stack.enter_context(_told(url, copy))
        store = Store(url)
        listing = store.listing()
        if MANIFEST not in listing:
            raise UsageError(f"{url} is no run: it has no {MANIFEST}")
        _renew(store, listing, copy, tables=anew or FINISHED in listing)
        yield copy


@contextmanager
def write_to(place: str | Path) -> Iterator[RunPlace]:
    """Where a run is written, which for a run elsewhere nobody else writes meanwhile; errors as in `read_from`."""
    url = url_of(place)
    if url is None:
        yield RunPlace(Path(place))
        return
    store, copy = Store(url), copy_of(url)
    with _told(url, copy), store.leased():
        listing = store.listing()
        if MANIFEST not in listing:
            _check_free(store, listing)
        _renew(store, listing, copy, tables=True, ours=True)
        yield RunPlace(copy, store)
        with suppress(OfframpError):  # else what was written here is brought again, next time
            _know_as(store.listing(), copy)


def send(folder: Path, url: str) -> None:
    """Write a run that is here to a URL where nothing is, what others go by last; errors as in `write_to`."""
    store = Store(url)
    with store.leased():
        _check_free(store, store.listing())
        store.put(folder, sorted((path.name for path in folder.iterdir() if path.name != LOCK), key=_as_written))


def _check_free(store: Store, listing: Mapping[str, StoredObject]) -> None:
    if listing:
        raise UsageError(f"{store.url} exists already; nothing is overwritten: choose another --out, or remove it")


def _as_written(name: str) -> tuple[bool, bool]:
    return name == FINISHED, name.endswith(SEAL)


def copy_of(url: str) -> Path:
    """The folder of this machine in which the copy of a run is."""
    try:
        import platformdirs
    except ImportError:
        raise UsageError(f"{url} needs platformdirs: pip install 'offramp[stores]'") from None
    name = re.sub(r"[^\w.-]", "-", url.rpartition("/")[2])[:40]
    return platformdirs.user_cache_path("offramp") / "runs" / f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def complete(store: Store, copy: Path) -> None:
    """Bring what others have written while the copy was being written to; what is in the copy is as in the store."""
    listing = store.listing()
    _know_as(listing, copy)
    _bring(store, listing, copy)


def _know_as(listing: Mapping[str, StoredObject], copy: Path) -> None:
    """Note that what is in the copy is as it is listed."""
    _know(copy, {name: entry.stamp for name, entry in listing.items() if (copy / name).is_file()})


def _renew(store: Store, listing: Mapping[str, StoredObject], copy: Path, *, tables: bool, ours: bool = False) -> None:
    """Make the copy what is listed, unless it is that, as `_bring`.

    Who else does that is waited for, but not who writes the run, which is nobody else where it is `ours`.
    """
    if any(_changed(listing, copy, tables)):
        with clear_errors(copy):
            copy.mkdir(parents=True, exist_ok=True)
        with locked(copy, PATIENCE if ours or not store.tenant() else 1.0):
            _bring(store, listing, copy, tables)


def _bring(store: Store, listing: Mapping[str, StoredObject], copy: Path, tables: bool = True) -> None:
    """Make the copy what is listed: what has changed is brought, what is not listed goes.

    Without `tables` none is brought, and those that are there stay as they are.
    """
    gone, wanted = _changed(listing, copy, tables)
    with clear_errors(copy):
        known = {name: stamp for name, stamp in _known(copy).items() if name not in {*gone, *wanted}}
        _know(copy, known)
        for name in gone:
            (copy / name).unlink(missing_ok=True)
        for first in range(0, len(wanted), AT_ONCE):
            names = wanted[first : first + AT_ONCE]
            partial = [copy / f".{name}{PARTIAL}" for name in names]
            store.get(names, partial)
            for name, path in zip(names, partial, strict=True):
                path.replace(copy / name)
            known |= {name: listing[name].stamp for name in names}
            _know(copy, known)


def _changed(listing: Mapping[str, StoredObject], copy: Path, tables: bool) -> tuple[list[str], list[str]]:
    """What is in the copy and not listed, and what is listed and not in the copy as it is now."""
    here = {path.name for path in copy.iterdir()} - {LOCK} if copy.is_dir() else set()
    known = _known(copy)
    wanted = [
        name
        for name, entry in listing.items()
        if (tables or not name.endswith(".parquet")) and (name not in here or known.get(name) != entry.stamp)
    ]
    return sorted(here - listing.keys()), sorted(wanted)


def _known(copy: Path) -> dict[str, str]:
    """By file of a copy the stamp that it had in the store when it was brought."""
    try:
        found = json.loads(_notes(copy).read_bytes())
        return {str(name): str(stamp) for name, stamp in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _know(copy: Path, known: dict[str, str]) -> None:
    write_whole(_notes(copy), json.dumps(known).encode("utf-8"))


def _notes(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.json")


@contextmanager
def _told(url: str, copy: Path) -> Iterator[None]:
    """Name the run by its URL, and not by its copy, in what goes wrong."""
    try:
        yield
    except CrisisError as error:
        raise CrisisError(error.path.replace(str(copy), url), error.faults) from None
    except OfframpError as error:
        raise type(error)(str(error).replace(str(copy), url)) from None
