"""Answers of tools as JSON of at most 40 KB; a longer one is cut, and kept in full for a while at an address."""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offramp.common.printable import printable

MOST_BYTES = 40_000
"""Maximum size of an answer."""
MOST_KEPT, MOST_KEPT_BYTES = 64, 64_000_000
"""Maximum number of answers kept in full, and of their bytes in all; the oldest go first."""
ADDRESS = "offramp://answer/"


def json_text(value: Any) -> str:
    """A value as JSON in which no character controls a terminal; ValueError for NaN and infinity."""
    return printable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": ")))


@dataclass(frozen=True)
class AnswerText:
    """The text of an answer; `address` and `size`, in bytes, of the answer in full if this is cut."""

    text: str
    address: str | None = None
    size: int = 0


@dataclass(eq=False)
class KeptAnswers:
    """The answers that were too long, in full, by their keys."""

    texts: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def answer(self, answer: Mapping[str, Any]) -> AnswerText:
        """The text of an answer; if it is too long, its largest parts are left out, and it is kept in full."""
        text = json_text(answer)
        size = len(text.encode())
        if size <= MOST_BYTES:
            return AnswerText(text)
        key = secrets.token_urlsafe(9)
        self._keep(key, text)
        address = ADDRESS + key
        sizes = {name: len(json_text(value).encode()) for name, value in answer.items()}
        left_out: list[str] = []
        while True:
            shown = {name: value for name, value in answer.items() if name not in left_out}
            note = {"left_out": left_out, "in_full": address, "bytes_in_full": size}
            shorter = json_text(shown | note)
            if len(shorter.encode()) <= MOST_BYTES:
                return AnswerText(shorter, address, size)
            left_out.append(max(shown, key=lambda name: sizes[name]))

    def read(self, key: str) -> str | None:
        """An answer in full, if it is still kept; `KEY/PART`: only the part of this name."""
        key, _, part = key.partition("/")
        text = self.texts.get(key)
        if text is None or not part:
            return text
        parts = json.loads(text)
        return json_text(parts[part]) if part in parts else None

    def _keep(self, key: str, text: str) -> None:
        self.texts[key] = text
        while len(self.texts) > 1 and (
            len(self.texts) > MOST_KEPT or sum(map(len, self.texts.values())) > MOST_KEPT_BYTES
        ):
            self.texts.popitem(last=False)
