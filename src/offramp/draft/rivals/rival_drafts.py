"""Several drafts of one document in a folder: `draft-1`, `draft-2` and so on, and `rivals.json`, which plans them.

The plan is written before the first draft, and each draft is one like any other; so nothing is lost if a process that
begins them, or goes on with one, is killed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr
from offramp.crisis.draft_standing import SIDECAR
from offramp.draft.brief_records import MANY
from offramp.draft.documents.source_document import Document
from offramp.draft.drafting import begin, day_of, resumed
from offramp.draft.inquiry_state import Day, InquiryState, KeptPart, Short, read_state, write_state
from offramp.draft.sidecar import CRISIS, Draft
from offramp.draft.variation import MOST_RIVALS, Variation

RIVALS = "rivals.json"
"""The file that plans the drafts, and keeps what is aligned."""
Section = Literal["actors", "steps", "options", "inputs", "endings"]
SECTIONS: tuple[Section, ...] = get_args(Section)
"""What is aligned. Steps are moves, unknowns and states."""
RowKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]
RowKeys = Annotated[tuple[RowKey, ...], Field(min_length=1, max_length=MANY)]


class AlignedRow(KeptPart):
    """One thing that several drafts have: its shared key, its key or keys in each draft, and why they are the same."""

    key: RowKey
    keys: Annotated[dict[RowKey, RowKeys], Field(max_length=MOST_RIVALS)]
    why: Annotated[str, Field(max_length=400)] = ""


Rows = Mapping[Section, tuple[AlignedRow, ...]]


class RivalsState(InquiryState):
    """Which drafts there are of which document, and what is aligned.

    `sha256`: of the document. `rows`: None until an answer is taken. `judged`: the hash of each row of endings that a
    person has confirmed, by its shared key.
    """

    format: Literal[1] = 1
    document: Short
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    as_of: Day | None = None
    drafts: tuple[Variation, ...] = Field(min_length=2, max_length=MOST_RIVALS)
    rows: dict[Section, Annotated[tuple[AlignedRow, ...], Field(max_length=4 * MANY)]] | None = None
    judged: Annotated[dict[RowKey, Short], Field(max_length=MANY)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _numbered(self) -> RivalsState:
        if [one.number for one in self.drafts] != list(range(1, len(self.drafts) + 1)):
            raise ValueError("the drafts are numbered from 1, in their order")
        return self


@dataclass(frozen=True)
class RivalDraft:
    """One of several drafts: its label, which is the name of its folder, and the draft as it stands."""

    label: str
    folder: Path
    draft: Draft

    @property
    def is_done(self) -> bool:
        """Whether it asks nothing more."""
        return self.draft.stage == "done"

    @property
    def why_not(self) -> str:
        """Why a draft that is done cannot be aligned; "" if it can."""
        if self.draft.faults or not (self.folder / CRISIS).is_file():
            return tr("its {file} has faults", file=CRISIS) if self.draft.brief.moves else tr("it describes no crisis")
        return ""


def label_of(number: int) -> str:
    """The name of a rival draft's folder, which is its label in the map of keys."""
    return f"draft-{number}"


def has_rivals(folder: Path) -> bool:
    """Whether a folder holds rival drafts."""
    return (folder / RIVALS).is_file()


def begin_rivals(
    document: Document, folder: Path, drafts: tuple[Variation, ...], as_of: str | None = None
) -> RivalsState:
    """Begin rival drafts of a document; those that an earlier call with the same plan has begun stay as they are.

    Raises
    ------
    UsageError
        If the folder holds a draft or rival drafts of another plan, or `as_of` is no day.
    OfframpError
        If a file cannot be written.
    """
    state = RivalsState(
        document=document.name[:200], sha256=document.sha256, as_of=as_of and day_of(as_of), drafts=drafts
    )
    if (folder / RIVALS).exists():
        found = read_rivals(folder)
        if (found.sha256, found.as_of, found.drafts) != (state.sha256, state.as_of, state.drafts):
            raise UsageError(
                f"{folder} holds other rival drafts already; nothing is overwritten: name another folder, or go on "
                f"with them: offramp draft {folder}"
            )
        state = found
    elif (folder / SIDECAR).exists():
        raise UsageError(f"{folder} holds {SIDECAR} already; nothing is overwritten: name another folder")
    else:
        write_rivals(folder, state)
    for variation in drafts:
        place = _place_of(folder, variation.number)
        if not (place / SIDECAR).exists():
            begin(document, place, as_of, variation=variation)
    return state


def read_rivals(folder: Path) -> RivalsState:
    """The plan of a folder's rival drafts, and what is aligned.

    Raises
    ------
    UsageError
        If the folder holds no rival drafts.
    OfframpError
        If the file cannot be read.
    """
    missing = f"{folder} holds no rival drafts: there is no {RIVALS}; begin with `offramp draft DOCUMENT --rivals 3`"
    return read_state(folder / RIVALS, RivalsState, missing)


def write_rivals(folder: Path, state: RivalsState) -> None:
    """Write the plan and what is aligned; OfframpError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
    write_state(folder / RIVALS, state, {"format": state.format})


def rival_drafts(folder: Path, state: RivalsState) -> tuple[RivalDraft, ...]:
    """The drafts as they stand, in their order.

    Raises
    ------
    UsageError
        If one was not begun, or its folder leads elsewhere.
    OfframpError
        If one cannot be read.
    """
    found = []
    for variation in state.drafts:
        place = _place_of(folder, variation.number)
        if not (place / SIDECAR).exists():
            raise UsageError(
                f"{place} was not begun; give the same command with the document again, with --rivals {variation.of} "
                f"and --out {folder}"
            )
        found.append(RivalDraft(label_of(variation.number), place, resumed(place)))
    return tuple(found)


def _place_of(folder: Path, number: int) -> Path:
    place = folder / label_of(number)
    if place.is_symlink():
        raise UsageError(f"{place} leads out of the folder of the rival drafts: remove that link")
    return place
