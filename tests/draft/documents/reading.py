"""Reads a document of a test within this process, without the bounds of a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.draft.documents.document_process import answered


@dataclass(frozen=True)
class Read:
    """What was read."""

    title: str | None
    paragraphs: list[str]
    dropped: tuple[str, ...]
    rule: str
    suspicious: tuple[int, ...]


def read(kind: str, content: str | bytes) -> Read:
    return Read(**answered(kind, content.encode() if isinstance(content, str) else content))
