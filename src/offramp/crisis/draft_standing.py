"""Whether a crisis is a draft that a person has not read whole: its sidecar beside the crisis file says so.

`offramp.read` puts it into `Crisis.draft`; from there the terminal, findings, runs and reports say it.
"""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from offramp.common.bounded import json_of, read_bounded
from offramp.common.errors import OfframpError
from offramp.common.nearby_paths import why_unreadable
from offramp.common.printable import printable
from offramp.common.texts import tr

SIDECAR = "crisis.draft.json"
"""The file beside a drafted crisis file that holds the draft: its brief, the quotes and what a person has decided."""
MAX_SIDECAR = 20_000_000
MAX_MODEL = 100
_MOST = 100_000


@dataclass(frozen=True)
class DraftStanding:
    """How much of a draft a person has read: `read` of `total` assumptions; `model` wrote it.

    A draft without assumptions is not read. `model` is empty if the sidecar cannot be read.

    Examples
    --------
    >>> str(DraftStanding("m-7", 12, 61)), DraftStanding("m-7", 61, 61).is_read
    ('draft by m-7, 12 of 61 assumptions read', True)
    >>> str(DraftStanding("", 0, 0)), DraftStanding("", 0, 0).is_read
    ('a draft whose crisis.draft.json cannot be read', False)
    """

    model: str
    read: int
    total: int

    @property
    def is_read(self) -> bool:
        """Whether a person has read everything."""
        return 0 < self.total <= self.read

    def __str__(self) -> str:
        if not self.model:
            return tr("a draft whose {file} cannot be read", file=SIDECAR)
        standing = tr(
            "draft by {model}, {read} of {total} assumptions read", model=self.model, read=self.read, total=self.total
        )
        return printable(standing)

    @property
    def sentence(self) -> str:
        """It as a sentence: `Draft by m-7, 12 of 61 assumptions read.`."""
        text = str(self)
        return f"{text[:1].upper()}{text[1:]}."


def as_json_key(standing: DraftStanding | None) -> dict[str, Any]:
    """The standing under the key `draft` of a JSON object; nothing if there is none.

    Examples
    --------
    >>> as_json_key(DraftStanding("m-7", 12, 61)), as_json_key(None)
    ({'draft': {'model': 'm-7', 'read': 12, 'total': 61}}, {})
    """
    return {} if standing is None else {"draft": asdict(standing)}


def standing_of(value: object) -> DraftStanding | None:
    """The standing that a JSON value holds, or None if it holds none."""
    if not isinstance(value, dict):
        return None
    model, read, total = value.get("model"), value.get("read"), value.get("total")
    if not (isinstance(model, str) and type(read) is type(total) is int):
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
        return DraftStanding("", 0, 0)
    found = standing_of(content.get("standing")) if isinstance(content, dict) else None
    return found or DraftStanding("", 0, 0)


def unread_beside(crisis_file: Path) -> DraftStanding | None:
    """The standing of the draft beside a crisis file; None if there is no draft, or a person has read it whole."""
    standing = standing_beside(crisis_file)
    return None if standing is None or standing.is_read else standing


def unreadable(crisis_file: Path, error: OSError | ValueError) -> OfframpError:
    """The error of a crisis file that cannot be read; a draft that has none yet says what to do next."""
    place, sidecar = crisis_file.parent, crisis_file.parent / SIDECAR
    if isinstance(error, FileNotFoundError) and SIDECAR.startswith(f"{crisis_file.stem}.") and sidecar.is_file():
        command = shlex.join(["offramp", "draft", str(place)])
        how = f"the draft in {place} is not done, or ended without one; `{command}` says what is next"
        return OfframpError(f"there is no {crisis_file}: {how}")
    if isinstance(error, IsADirectoryError):
        own = crisis_file / "crisis.yaml"
        what = "a run" if (crisis_file / "manifest.json").is_file() else "a folder"
        then = f"; the crisis file in it is {own}" if own.is_file() else ""
        return OfframpError(f"{crisis_file} is {what}, and a file is expected here{then}")
    return OfframpError(f"cannot read {crisis_file}: {why_unreadable(crisis_file, error)}")
