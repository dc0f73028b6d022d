"""The opened folder: list, read and write its crisis files, and nothing outside it.

A path in a request is either `shipped:NAME`, a read-only crisis that comes with Offramp, or relative to the opened
folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePath
from tempfile import gettempdir
from threading import Lock
from typing import Any

from offramp.app.http_errors import Refused
from offramp.app.schemas import FILE_BYTES
from offramp.common.atomic import write_whole
from offramp.common.bounded import open_regular, read_bounded
from offramp.common.isolation import PACKAGE_FOLDER
from offramp.crisis.draft_standing import SIDECAR
from offramp.crisis.gallery import CRISIS, OUTCOME, gallery, title_in
from offramp.crisis.templates import template_line, templates
from offramp.study.known_outcomes.crisis_folder import FIRST

SUFFIXES = (".yaml", ".yml")
SHIPPED = "shipped:"
ENTRIES, DEPTH = 2_000, 4
"""Maximum number of folder entries, and of nested folders, that are searched for crisis files."""
MAX_NAME_BYTES = 255
"""Maximum length of a file's name, which common file systems set."""
_HIDDEN_PATHS = tuple(f"{path}{os.sep}" for path in (Path(PACKAGE_FOLDER).parent, gettempdir(), Path.home()))
_HEAD_BYTES = 4_096
"""Number of bytes at the beginning of a file in which a title is looked for."""


def shipped_crises() -> dict[str, Path]:
    """The crises of the gallery, by name, and the templates."""
    return {name: folder / CRISIS for name, folder in gallery().items()} | templates()


@dataclass(frozen=True)
class FileText:
    """A file's text on disk; `sha`: SHA-256 of its bytes, in hexadecimal."""

    text: str
    sha: str


@dataclass(frozen=True, eq=False)
class Folder:
    """An opened folder; `root` is absolute and without links."""

    root: Path
    shipped: Mapping[str, Path] = field(default_factory=shipped_crises)
    saving: Lock = field(default_factory=Lock, repr=False)

    def within(self, path: str, kind: str = "file") -> Path:
        """The absolute path of a request's path, which need not exist; Refused if it is not in the folder."""
        parts = path.split("/")
        if not path.isprintable() or "\\" in path or ":" in path or len(path) > 1000:
            raise Refused(422, f"that is no name of a {kind}; expected one such as folder/name")
        if any(part in ("", ".", "..") for part in parts):
            raise Refused(403, f"a {kind} is named from the opened folder, within it: no `..`, no `/` at the start")
        if any(part.startswith(".") for part in parts):
            raise Refused(403, f"hidden files are left alone: choose a {kind} whose name does not begin with a dot")
        try:
            target = self.root.joinpath(*parts).resolve()
        except (OSError, RuntimeError, ValueError):
            raise Refused(404, f"there is no {kind} {path}") from None
        if any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in target.parts):
            raise Refused(422, f"the name of a {kind} has at most {MAX_NAME_BYTES} bytes; choose a shorter one")
        if not target.is_relative_to(self.root):
            raise Refused(403, f"{path} leads out of the opened folder; copy the {kind} into it")
        if any(part.startswith(".") for part in target.relative_to(self.root).parts):
            raise Refused(403, f"{path} leads to a hidden file; copy it to another name")
        return target

    def run(self, path: str) -> Path:
        """The absolute path of a run's folder, which need not exist; Refused if it or a file in it may be outside."""
        target = self.within(path, "run folder")
        if has_links(target):
            raise Refused(403, f"{path} holds links, which may lead out of the opened folder; copy their files into it")
        return target

    def without_paths(self, message: str) -> str:
        """A message without paths of this machine: the opened folder, Offramp's and the user's."""
        for prefix in (f"{self.root}{os.sep}", *_HIDDEN_PATHS):
            if len(prefix) > 1:
                message = message.replace(prefix, "")
        return message

    def crisis(self, path: str) -> Path:
        """The absolute path of a crisis file, which need not exist; Refused if the path cannot be one."""
        if path.startswith(SHIPPED):
            name = path.removeprefix(SHIPPED)
            if name not in self.shipped:
                raise Refused(404, f"no crisis '{name[:60]}' comes with Offramp; there are: {', '.join(self.shipped)}")
            return self.shipped[name]
        target = self.within(path, "crisis file")
        if target.suffix.lower() not in SUFFIXES:
            raise Refused(422, "a crisis file's name ends in .yaml or .yml")
        return target

    def read(self, path: str) -> FileText:
        """A crisis file's text; Refused if there is none, or it is too large or not text."""
        return _read(self.crisis(path), path, FILE_BYTES)

    def sha(self, path: str) -> str | None:
        """The SHA-256 of a crisis file; None if there is none."""
        try:
            return self.read(path).sha
        except Refused as refused:
            if refused.status == 404 and not path.startswith(SHIPPED):
                return None
            raise

    def writable(self, path: str) -> bool:
        """Whether a crisis file may be saved."""
        return self.may_write(self.crisis(path)) and not path.startswith(SHIPPED)

    def may_write(self, target: Path) -> bool:
        """Whether a file may be written, or made if there is none."""
        entries = (target, target.parent) if target.exists() else (target.parent,)
        return all(os.access(entry, os.W_OK) for entry in entries)

    def save(self, path: str, text: str, was: str | None) -> str:
        """Write a crisis file, whole or not at all, if its SHA-256 is still `was` (None: no file); give the new one.

        Raises
        ------
        Refused
            409, with the present content, if the file has changed; 403 or 422 if it cannot be written.
        """
        if path.startswith(SHIPPED):
            raise Refused(403, "a crisis that comes with Offramp cannot be changed: save it under another name")
        return self.replace(self.crisis(path), path, text, was, FILE_BYTES)

    def replace(self, target: Path, path: str, text: str, was: str | None, most: int) -> str:
        """Write a file of at most `most` bytes, as `save` does; messages call it `path`."""
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise Refused(422, "the text holds half of a character (a lone surrogate); remove it") from None
        if len(content) > most:
            raise Refused(413, f"{path} may have {most:,} bytes, this has {len(content):,}")
        with self.saving:
            present = self.content(target, path, most)
            if (present.sha if present else None) != was:
                change = "has changed on disk" if present and was else "exists already"
                change = change if present else "was deleted from disk"
                message = f"{path} {change}: look at both, then keep one"
                raise Refused(
                    409, message, sha=present.sha if present else None, text=present.text if present else None
                )
            _write(target, path, content)
        return hashlib.sha256(content).hexdigest()

    def content(self, target: Path, path: str, most: int) -> FileText | None:
        """The text of a file of at most `most` bytes, None if there is no file; Refused if it is not text."""
        try:
            return _read(target, path, most)
        except Refused as refused:
            if refused.status != 404:
                raise
            return None

    @cached_property
    def summaries(self) -> tuple[dict[str, Any], ...]:
        """The crises that come with Offramp: path, title and summary; templates are not among them."""
        from offramp.crisis.reading import read

        crises = {SHIPPED + name: read(path) for name, path in self.shipped.items() if name not in templates()}
        return tuple(
            {"path": path, "title": crisis.title, "summary": crisis.summary} for path, crisis in crises.items()
        )

    @cached_property
    def templates(self) -> tuple[dict[str, str], ...]:
        """The templates of a new crisis: path, name and one line on each."""
        return tuple({"path": SHIPPED + name, "name": name, "says": template_line(name)} for name in templates())

    def files(self) -> list[dict[str, Any]]:
        """The crisis files of the folder, the least nested first; run folders and outcomes are skipped."""
        found = _files_named(self.root, SUFFIXES)
        rows = (_row(file, path) for file, path in found if file.name != OUTCOME)
        return sorted(rows, key=lambda row: (row["path"].count("/"), row["path"]))

    def main_file(self) -> str | None:
        """The folder's own `crisis.yaml`, or else the crisis file that was changed last; None if there is none."""
        found = {row["path"]: row["modified"] or 0.0 for row in self.files() if PurePath(row["path"]).name != FIRST}
        return CRISIS if CRISIS in found else max(found, key=lambda path: found[path], default=None)

    def documents(self) -> list[str]:
        """The documents in the folder that a crisis can be drafted from."""
        from offramp.draft.documents import source_document

        return sorted(path for _, path in _files_named(self.root, tuple(source_document.SUFFIXES)))

    def drafts(self) -> list[str]:
        """The folders of the drafts in the folder, which is "." itself."""
        return sorted(path.rpartition("/")[0] or "." for _, path in _files_named(self.root, (SIDECAR,)))


def has_links(folder: Path) -> bool:
    """Whether a folder, if there is one, holds links."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_symlink() for entry in entries)
    except OSError:
        return False


def _read(file: Path, path: str, most: int) -> FileText:
    """The text of a file, which messages call `path`."""
    try:
        content = read_bounded(file, most, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(404, f"there is no file {path}") from None
    except OSError as error:
        status = 413 if error.errno == errno.EFBIG else 403
        raise Refused(status, f"cannot read {path}: {error.strerror or error}") from None
    try:
        return FileText(content.decode(), hashlib.sha256(content).hexdigest())
    except UnicodeDecodeError:
        raise Refused(422, f"{path} is not text in UTF-8") from None


def _write(file: Path, path: str, content: bytes) -> None:
    """Write a file, which messages call `path`, and keep its permissions."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
        if file.exists() and not os.access(file, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        write_whole(file, content, mode)
    except OSError as error:
        reason = "its folder does not exist" if error.errno == errno.ENOENT else error.strerror or error
        raise Refused(422, f"cannot write {path}: {reason}") from None


def _files_named(root: Path, ends: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """Files whose names end so, with their paths from the root, the least nested first; links are not followed."""
    entries_seen, pending = 0, [(root, "", 0)]
    for folder, prefix, depth in pending:
        try:
            with os.scandir(folder) as entries:
                listed = []
                for entry in entries:
                    entries_seen += 1
                    if entries_seen > ENTRIES:
                        break
                    listed.append(entry)
        except OSError:
            continue
        if any(entry.name == "manifest.json" for entry in listed):
            continue  # a run folder, with a copy of its crisis
        for entry in sorted(listed, key=lambda entry: entry.name):
            if entry.name.startswith(".") or not entry.name.isprintable():
                continue
            if entry.is_dir(follow_symlinks=False) and depth < DEPTH and entry.name != "node_modules":
                pending.append((Path(entry.path), f"{prefix}{entry.name}/", depth + 1))
            elif entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(ends):
                yield Path(entry.path), prefix + entry.name


def _row(file: Path, path: str) -> dict[str, Any]:
    try:
        with open_regular(file, follow=False) as opened:
            status = os.fstat(opened.fileno())
            head = opened.read(_HEAD_BYTES).decode(errors="replace")
    except OSError:
        return {"path": path, "title": None, "bytes": 0, "modified": None}
    return {"path": path, "title": title_in(head), "bytes": status.st_size, "modified": status.st_mtime}
