"""A draft on disk: it begins with a document, and goes on with each answer.

The sidecar is written before the crisis file, and holds everything that the crisis file is made from. So a draft that
was killed between any two writes goes on from what is there.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from offramp.common.atomic import write_whole
from offramp.common.bounded import read_bounded, sha256_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr, trn
from offramp.crisis.draft_standing import MAX_MODEL, MAX_SIDECAR, SIDECAR
from offramp.draft.brief_checks import brief_faults
from offramp.draft.brief_text import ACCOUNT, written_brief
from offramp.draft.documents.account import account_text
from offramp.draft.documents.source_document import Document
from offramp.draft.draft_lock import alone, overtaken
from offramp.draft.inquiry_state import bounded_messages
from offramp.draft.sidecar import CRISIS, Draft, DraftDocument, crisis_edited, read_draft, write_draft
from offramp.draft.stages import taken
from offramp.draft.variation import Variation

_KEPT_AS_EDITED = tr("{file} was changed by hand, so it was not written again", file=CRISIS)


def begin(
    document: Document,
    folder: Path,
    as_of: str | None = None,
    model: str = "",
    variation: Variation | None = None,
) -> Draft:
    """Begin the draft of a document in a folder: its account and its sidecar are written.

    `variation`: how it differs from its rivals, if it is one of several.

    Raises
    ------
    UsageError
        If the folder holds a draft, a crisis file or another account, or `as_of` is no day.
    OfframpError
        If a file cannot be written.
    """
    for name in (SIDECAR, CRISIS):
        if (folder / name).exists() or (folder / name).is_symlink():
            raise UsageError(f"{folder} holds {name} already; nothing is overwritten: name another folder")
    if as_of is not None:
        as_of = day_of(as_of)
    account = account_text(document.paragraphs).encode()
    file = folder / ACCOUNT
    draft = Draft(
        document=DraftDocument(
            name=document.name[:200],
            sha256=document.sha256,
            title=(document.title or Path(document.name).stem)[:160],
            dropped=bounded_messages(document.dropped),
            suspicious=document.suspicious[:10_000],
        ),
        as_of=as_of,
        model=model[:MAX_MODEL],
        variation=variation,
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.parent.is_symlink() or (file.exists() and read_bounded(file, MAX_SIDECAR, follow=False) != account):
            raise UsageError(f"{file} is another account; nothing is overwritten: name another folder")
        write_whole(file, account)
    except OSError as error:
        raise OfframpError(f"cannot write {file}: {error.strerror or error}") from None
    write_draft(folder, draft)
    return draft


def advance(folder: Path, draft: Draft, answer_text: str) -> Draft:
    """Take an answer: the sidecar is written, and the crisis file as soon as it compiles, or after the last repair.

    An answer that cannot be used is counted and complained of; it never raises.

    Raises
    ------
    UsageError
        If another process has taken an answer or a decision meanwhile. Nothing is changed then.
    OfframpError
        If a file cannot be read or written.
    """
    with alone(folder):
        now = read_draft(folder)
        if (now.answers, now.decisions) != (draft.answers, draft.decisions):
            raise overtaken(folder)
        _catch_up(folder, draft)
        after = taken(draft, answer_text, folder)
        if after.crisis:
            return with_crisis(folder, after.draft, after.crisis)
        write_draft(folder, after.draft)
        return after.draft


def resumed(folder: Path) -> Draft:
    """The draft of a folder, whose crisis file is written if that was interrupted; raises as `read_draft`."""
    draft = read_draft(folder)
    _catch_up(folder, draft)
    return draft


def _catch_up(folder: Path, draft: Draft) -> None:
    """Write the crisis file that the sidecar speaks of, if an earlier process was killed before it could."""
    if draft.crisis_sha256 in (None, _sha256_on_disk(folder)) or crisis_edited(folder, draft):
        return
    if not brief_faults(draft.brief):
        text = written_brief(draft.brief, draft.checks, draft.document.title, draft.as_of).text
        if _sha256(text.encode()) == draft.crisis_sha256:
            _write_crisis(folder, text)


def with_crisis(folder: Path, draft: Draft, text: str) -> Draft:
    """Write a draft's sidecar, then its crisis file; a crisis file that a person has changed stays as it is."""
    if crisis_edited(folder, draft):
        remarks = draft.remarks if _KEPT_AS_EDITED in draft.remarks else (*draft.remarks, _KEPT_AS_EDITED)
        draft = draft.model_copy(update={"remarks": bounded_messages(remarks)})
        write_draft(folder, draft)
        return draft
    hashes = {"crisis_before": _sha256_on_disk(folder), "crisis_sha256": _sha256(text.encode())}
    draft = draft.model_copy(update=hashes)
    write_draft(folder, draft)
    _write_crisis(folder, text)
    return draft


def stuck(draft: Draft) -> str | None:
    """Why a draft should not ask again by itself: too many answers in a row could not be used; None if it may."""
    return None if draft.stage == "done" else draft.stuck_at(draft.stage)


def is_no_crisis(draft: Draft) -> bool:
    """Whether the draft ended because the document describes no crisis."""
    return draft.stage == "done" and not draft.brief.moves


def outcome(draft: Draft) -> str | None:
    """How a draft ended, in one sentence; None if it goes on."""
    if draft.stage != "done":
        return None
    if is_no_crisis(draft):
        notes = " ".join(note.says.rstrip(". ") for note in draft.brief.notes[:1])
        none = tr("the document describes no crisis, so there is no {file}", file=CRISIS)
        return f"{none}: {notes}" if notes else none
    if draft.faults:
        if draft.crisis_sha256:
            return trn(
                "{file} still has {count} fault after the last repair; mend it by hand",
                "{file} still has {count} faults after the last repair; mend it by hand",
                len(draft.faults),
                file=CRISIS,
            )
        return trn(
            "the records still have {count} fault after the last repair, so there is no {file}; begin another draft",
            "the records still have {count} faults after the last repair, so there is no {file}; begin another draft",
            len(draft.faults),
            file=CRISIS,
        )
    return tr("{file} compiles; `offramp review` shows its assumptions one by one", file=CRISIS)


def day_of(text: str) -> str:
    """A day as it is kept; UsageError if the text is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"expected a day such as 2031-03-02, found {text[:40]!r}") from None


def _write_crisis(folder: Path, text: str) -> None:
    try:
        write_whole(folder / CRISIS, text.encode())
    except OSError as error:
        raise OfframpError(f"cannot write {folder / CRISIS}: {error.strerror or error}") from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sha256_on_disk(folder: Path) -> str | None:
    try:
        return sha256_bounded(folder / CRISIS, MAX_SIDECAR)
    except (OSError, ValueError):
        return None
