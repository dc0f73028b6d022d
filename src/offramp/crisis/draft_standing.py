"""Whether a crisis is a draft that a person has not read whole: its sidecar beside the crisis file says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from offramp.common.bounded import json_of, read_bounded
from offramp.common.printable import printable

SIDECAR = "crisis.draft.json"
"""The file beside a drafted crisis file that holds the draft: its brief, the quotes and what a person has decided."""
MAX_SIDECAR = 20_000_000
MAX_MODEL = 100
_MOST = 100_000


@dataclass(frozen=True)
class DraftStanding:
    """How much of a draft a person has read: `read` of `total` assumptions; `model` wrote it.

    If its sidecar is not `readable`, none of that is known.

    Examples
    --------
    >>> str(DraftStanding("m-7", 12, 61)), DraftStanding("m-7", 61, 61).is_read
    ('draft by m-7, 12 of 61 assumptions read', True)
    """

    model: str
    read: int
    total: int
    readable: bool = True

    @property
    def is_read(self) -> bool:
        """Whether a person has read everything."""
        return self.readable and self.read >= self.total

    def __str__(self) -> str:
        if not self.readable:
            return f"a draft whose {SIDECAR} cannot be read"
        return printable(f"draft by {self.model}, {self.read} of {self.total} assumptions read")


_UNREADABLE = DraftStanding("", 0, 0, readable=False)


def standing_of(value: object) -> DraftStanding | None:
    """The standing that a JSON value holds, or None if it holds none."""
    if not isinstance(value, dict):
        return None
    model, read, total = value.get("model"), value.get("read"), value.get("total")
    if not (isinstance(model, str) and isinstance(read, int) and isinstance(total, int)):
        return None
    return DraftStanding(model[:MAX_MODEL], read, total) if 0 <= read <= total <= _MOST else None


def standing_beside(crisis_file: Path) -> DraftStanding | None:
    """The standing of the draft beside a crisis file; None if there is no draft.

    A sidecar that cannot be read counts as a draft of which nothing is read.
    """
    try:
        content = json_of(read_bounded(crisis_file.with_name(SIDECAR), MAX_SIDECAR, follow=False))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return _UNREADABLE
    found = standing_of(content.get("standing")) if isinstance(content, dict) else None
    return found or _UNREADABLE
