"""The opened folder: which crisis files are in it, and reading and writing them, and nothing outside it.

A path of a request is either `shipped:NAME`, a crisis that comes with Offramp and is only read, or leads from the
opened folder to a file in it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import Any

from offramp.app.http_errors import Refused
from offramp.app.schemas import FILE_BYTES
from offramp.common.atomic import write_whole
from offramp.common.bounded import open_regular, read_bounded
from offramp.common.isolation import PACKAGE_FOLDER

SUFFIXES = (".yaml", ".yml")
SHIPPED = "shipped:"
ENTRIES, DEPTH = 2_000, 4
"""So many entries of folders are looked at, so many folders deep."""
_PLACES = tuple(f"{place}{os.sep}" for place in (Path(PACKAGE_FOLDER).parent, gettempdir(), Path.home()))
_HEAD = 4_096
"""A title stands within so many bytes."""


def shipped_crises() -> dict[str, Path]:
    """The crises that come with Offramp, by name, and the starter: in the package, or, in a checkout, beside it."""
    import offramp

    package = Path(offramp.__file__).resolve().parent
    found = next((place for place in (package / "crises", package.parents[1] / "crises") if place.is_dir()), None)
    files = sorted(found.glob("*/crisis.yaml")) if found else []
    return {file.parent.name: file for file in files} | {"starter": package / "starter.yaml"}


@dataclass(frozen=True)
class FileText:
    """A file's text as it is on disk; `sha`: of its bytes, SHA-256 in hexadecimal."""

    text: str
    sha: str


@dataclass(frozen=True, eq=False)
class Folder:
    """An opened folder; `root` is absolute, without links."""

    root: Path
    shipped: Mapping[str, Path] = field(default_factory=shipped_crises)
    saving: Lock = field(default_factory=Lock, repr=False)

    def within(self, path: str, kind: str = "file") -> Path:
        """The place of a path of a request, which need not exist; Refused where it is not in the folder."""
        parts = path.split("/")
        if not path.isprintable() or "\\" in path or ":" in path or len(path) > 1000:
            raise Refused(422, f"that is no name of a {kind}; expected one such as folder/name")
        if any(part in ("", ".", "..") for part in parts):
            raise Refused(403, f"a {kind} is named from the opened folder, within it: no `..`, no `/` at the start")
        if any(part.startswith(".") for part in parts):
            raise Refused(403, f"hidden files are left alone: choose a {kind} whose name does not begin with a dot")
        try:
            place = self.root.joinpath(*parts).resolve()
        except (OSError, RuntimeError, ValueError):
            raise Refused(404, f"there is no {kind} {path}") from None
        if not place.is_relative_to(self.root):
            raise Refused(403, f"{path} leads out of the opened folder; copy the {kind} into it")
        if any(part.startswith(".") for part in place.relative_to(self.root).parts):
            raise Refused(403, f"{path} leads to a hidden file; copy it to a name of its own")
        return place

    def shown(self, message: str) -> str:
        """A message without the places on this machine: of the opened folder, of Offramp, and of the user's files."""
        for place in (f"{self.root}{os.sep}", *_PLACES):
            if len(place) > 1:
                message = message.replace(place, "")
        return message

    def crisis(self, path: str) -> Path:
        """The place of a crisis file, which need not exist; Refused where the path is none of one."""
        if path.startswith(SHIPPED):
            name = path.removeprefix(SHIPPED)
            if name not in self.shipped:
                raise Refused(404, f"no crisis '{name[:60]}' comes with Offramp; there are: {', '.join(self.shipped)}")
            return self.shipped[name]
        place = self.within(path, "crisis file")
        if place.suffix.lower() not in SUFFIXES:
            raise Refused(422, "a crisis file's name ends in .yaml or .yml")
        return place

    def read(self, path: str) -> FileText:
        """A crisis file's text; Refused where there is none, or it is too large or no text."""
        return _held(self.crisis(path), path)

    def sha(self, path: str) -> str | None:
        """The SHA-256 of a crisis file, or None where there is none."""
        try:
            return self.read(path).sha
        except Refused as refused:
            if refused.status == 404 and not path.startswith(SHIPPED):
                return None
            raise

    def writable(self, path: str) -> bool:
        """Whether a crisis file may be saved where it is."""
        place = self.crisis(path)
        return not path.startswith(SHIPPED) and all(os.access(each, os.W_OK) for each in (place, place.parent))

    def save(self, path: str, text: str, was: str | None) -> str:
        """Write a crisis file, whole or not at all, if it is still what it `was` (None: not there); gives its SHA-256.

        Raises
        ------
        Refused
            409, with what is there now, where the file has changed; 403 or 422 where it cannot be written.
        """
        if path.startswith(SHIPPED):
            raise Refused(403, "a crisis that comes with Offramp is not changed: save it under a name of your own")
        place = self.crisis(path)
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise Refused(422, "the text holds half of a character (a lone surrogate); remove it") from None
        if len(content) > FILE_BYTES:
            raise Refused(413, f"a crisis file may have {FILE_BYTES:,} bytes, this has {len(content):,}")
        with self.saving:
            try:
                there: FileText | None = _held(place, path)
            except Refused as refused:
                if refused.status != 404:
                    raise
                there = None
            if (there.sha if there else None) != was:
                said = "has changed on disk" if there and was else "is there already" if there else "is gone from disk"
                message = f"{path} {said}: look at both, then keep one"
                raise Refused(409, message, sha=there.sha if there else None, text=there.text if there else None)
            _write(place, path, content)
        return hashlib.sha256(content).hexdigest()

    @cached_property
    def summaries(self) -> tuple[dict[str, Any], ...]:
        """The crises that come with Offramp: path, title and summary."""
        from offramp.crisis.reading import read

        crises = {SHIPPED + name: read(path) for name, path in self.shipped.items()}
        return tuple({"path": path, "title": each.title, "summary": each.summary} for path, each in crises.items())

    def files(self) -> list[dict[str, Any]]:
        """The crisis files of the folder, the nearest first; runs are passed over."""
        found = map(_described, _crisis_files(self.root))
        return sorted(found, key=lambda file: (file["path"].count("/"), file["path"]))


def _held(place: Path, path: str) -> FileText:
    try:
        content = read_bounded(place, FILE_BYTES, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(404, f"there is no file {path}") from None
    except OSError as error:
        status = 413 if error.errno == errno.EFBIG else 403
        raise Refused(status, f"cannot read {path}: {error.strerror or error}") from None
    try:
        return FileText(content.decode(), hashlib.sha256(content).hexdigest())
    except UnicodeDecodeError:
        raise Refused(422, f"{path} is no text in UTF-8") from None


def _write(place: Path, path: str, content: bytes) -> None:
    try:
        mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o644
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        write_whole(place, content, mode)
    except OSError as error:
        said = "its folder does not exist" if error.errno == errno.ENOENT else error.strerror or error
        raise Refused(422, f"cannot write {path}: {said}") from None


def _crisis_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Crisis files and their paths from the root, near ones first; links are not followed."""
    seen, pending = 0, [(root, "", 0)]
    for folder, above, depth in pending:
        try:
            with os.scandir(folder) as entries:
                listed = []
                for entry in entries:
                    seen += 1
                    if seen > ENTRIES:
                        break
                    listed.append(entry)
        except OSError:
            continue
        if any(entry.name == "manifest.json" for entry in listed):
            continue  # a run, with the crisis as it was
        for entry in sorted(listed, key=lambda entry: entry.name):
            if entry.name.startswith(".") or not entry.name.isprintable():
                continue
            if entry.is_dir(follow_symlinks=False) and depth < DEPTH and entry.name != "node_modules":
                pending.append((Path(entry.path), f"{above}{entry.name}/", depth + 1))
            elif entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(SUFFIXES):
                yield Path(entry.path), above + entry.name


def _described(found: tuple[Path, str]) -> dict[str, Any]:
    file, path = found
    try:
        with open_regular(file, follow=False) as opened:
            status = os.fstat(opened.fileno())
            head = opened.read(_HEAD).decode(errors="replace")
    except OSError:
        return {"path": path, "title": None, "bytes": 0, "modified": None}
    return {"path": path, "title": title_in(head), "bytes": status.st_size, "modified": status.st_mtime}


def title_in(head: str) -> str | None:
    r"""The title that stands near the beginning of a crisis file.

    Examples
    --------
    >>> title_in("format: 1\ntitle: 'Harbour incident'\n")
    'Harbour incident'
    """
    for line in head.split("\n"):
        key, colon, rest = line.partition(":")
        if (key, colon) == ("title", ":") and (title := rest.strip()):
            quoted = title[0] in "'\"" and title[-1] == title[0] and len(title) > 2
            return title[1:-1] if quoted else title
    return None
