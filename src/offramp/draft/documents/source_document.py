"""Reads a document from a stranger: which kind it is, within bounds, in a process of its own."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from offramp.common.bounded import read_bounded
from offramp.common.errors import UsageError
from offramp.common.isolation import PACKAGE_FOLDER, command, environment
from offramp.common.nearby_paths import why_unreadable
from offramp.common.words import quoted

Kind = Literal["text", "markdown", "html", "pdf"]

MAX_BYTES = 20_000_000
"""Maximum bytes of a document."""
SECONDS = 60
"""Time limit for reading a document."""
MEMORY = 1_500_000_000
"""Maximum bytes of data of the process that reads it."""
SUFFIXES: dict[str, Kind] = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".pdf": "pdf",
}  # fmt: skip
READ = "text (.txt), Markdown (.md), saved pages (.html, .htm) and PDF (.pdf)"
LIBRARY: dict[Kind, str] = {"markdown": "lxml", "html": "lxml", "pdf": "pypdf"}
"""The library of the extra `draft` that each kind needs."""

_URL = re.compile(r"(?:[a-z][a-z0-9+.-]+:/|www\.)", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_OTHER = {
    b"PK\x03\x04": "an archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"{\\rtf": "an RTF document",
    b"bplist": "a web archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
}


@dataclass(frozen=True)
class Document:
    """A document as a reader sees it.

    Attributes
    ----------
    name : The file's name.
    sha256 : The SHA-256 of the file, in hexadecimal.
    title : Its title, or None.
    paragraphs : Its paragraphs, each one line; the first is ¶1.
    dropped : What was left out, because a reader does not see it or it is not the account, such as "2 comments".
    rule : How paragraphs were told apart.
    suspicious : The numbers of paragraphs that may speak to a machine, from 1 (`suspicion.suspicious`).
    """

    name: str
    sha256: str
    title: str | None
    paragraphs: tuple[str, ...]
    dropped: tuple[str, ...]
    rule: str
    suspicious: tuple[int, ...]


def read_document(path: Path) -> Document:
    """The paragraphs of a document. Nothing is fetched, and no file but this one is opened.

    Raises
    ------
    UsageError
        If the file is of another kind, is too large, cannot be read or holds no text, or a library is missing.
    """
    if _URL.match(str(path)) and not path.exists():
        raise UsageError(
            f"{quoted(str(path))} is an address, and nothing is fetched: open it in a browser, save the page "
            "(as HTML or PDF) and name the file"
        )
    try:
        content = read_bounded(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {why_unreadable(path, error)}") from None
    return document_of(path, content)


def document_of(path: Path, content: bytes) -> Document:
    """The paragraphs of a document with this content; `path` gives its name and, by the suffix, its kind.

    Raises
    ------
    UsageError
        As for `read_document`.
    """
    kind = _kind(path, content)
    library = LIBRARY.get(kind)
    if library is not None and find_spec(library) is None:
        raise UsageError(f"{path} needs {library} to be read: pip install 'offramp[draft]'")
    answer = _read_apart(path, kind, content)
    return Document(
        path.name,
        hashlib.sha256(content).hexdigest(),
        answer["title"],
        tuple(answer["paragraphs"]),
        tuple(answer["dropped"]),
        answer["rule"],
        tuple(answer["suspicious"]),
    )


def _kind(path: Path, content: bytes) -> Kind:
    """The kind of a document, by its content if that is plain, else by the file's suffix."""
    other = next((name for start, name in _OTHER.items() if content.startswith(start)), None)
    if other is not None:
        raise UsageError(f"{path} is {other}; what can be read is {READ}: save it as one of these")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    named = SUFFIXES.get(path.suffix.lower())
    if _PAGE.search(content[:1024].replace(b"\0", b"")) and named != "markdown":
        return "html"
    if named is None:
        raise UsageError(f"{path} is none of what can be read: {READ}; save it as one of these")
    if named == "pdf":
        raise UsageError(f"{path} is not a PDF, though its name says so")
    return named


def _read_apart(path: Path, kind: Kind, content: bytes) -> dict[str, Any]:
    """The answer of a process that reads the document: a hostile document can hang or kill only that."""
    try:
        process = subprocess.run(
            command("offramp.draft.documents.document_process", kind, str(SECONDS), str(MEMORY)),
            input=content,
            capture_output=True,
            timeout=SECONDS,
            cwd=PACKAGE_FOLDER,
            env=environment(),
            check=False,
        )
        answer: dict[str, Any] = json.loads(process.stdout)
    except subprocess.TimeoutExpired:
        raise UsageError(f"{path} takes longer than {SECONDS} seconds to read: give a part of it") from None
    except ValueError:  # the process was killed, by its own bounds or by the system's
        raise UsageError(f"{path} cannot be read: it is broken, or needs too much memory or time") from None
    if "error" in answer:
        raise UsageError(f"{path}: {answer['error']}")
    return answer
