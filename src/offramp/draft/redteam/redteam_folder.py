"""A red team in a folder: what a program found, what a model adds if it is asked, and what a person marks.

The crisis file is read when a red team begins or looks again. Nothing here writes to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from offramp.common.atomic import write_whole
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr, trn
from offramp.crisis.checks.sources import paragraphs_of
from offramp.crisis.draft_standing import MAX_SIDECAR
from offramp.draft.brief_text import ACCOUNT
from offramp.draft.documents.account import account_text
from offramp.draft.draft_lock import alone, overtaken
from offramp.draft.inquiry import credited
from offramp.draft.inquiry_state import begin_folder
from offramp.draft.prompts import Prompt
from offramp.draft.provider import ServerReply
from offramp.draft.redteam.examining import Examined
from offramp.draft.redteam.looked_at import kept_point, looked_at, words
from offramp.draft.redteam.questions import STEPS, earlier_question, question, taken
from offramp.draft.redteam.redteam_finding import Mark, WeakPoints
from offramp.draft.redteam.redteam_state import (
    MOST_MARKS,
    MOST_POINTS,
    REDTEAM,
    KeptPoint,
    PointMark,
    RedTeamState,
    read_redteam,
    write_redteam,
)
from offramp.draft.redteam.target import Target
from offramp.draft.redteam.weak_point import WeakPoint
from offramp.draft.taken_back import name_of


@dataclass(frozen=True)
class RedTeam:
    """A red team of a folder, with the paragraphs of the document; see `Inquiry`."""

    folder: Path
    state: RedTeamState
    document: tuple[str, ...]

    @property
    def finding(self) -> WeakPoints:
        """Its weak points, with what a person marked."""
        state = self.state
        return WeakPoints(state.title, state.file, state.numbered, state.solving, state.moment, state.remarks)

    @property
    def sends(self) -> str:
        return tr(
            "the document ({paragraphs} paragraphs, {characters} characters), and the crisis in words with its "
            "reasons, without what comes of it",
            paragraphs=len(self.document),
            characters=f"{sum(map(len, self.document)):,}",
        )

    @property
    def command(self) -> tuple[str, ...]:
        return "offramp", "redteam", str(self.folder)

    @property
    def step(self) -> str:
        return STEPS[self.state.stage]

    @property
    def stuck(self) -> str | None:
        return None if self.state.stage == "done" else self.state.stuck_at()

    def prompt(self) -> Prompt | None:
        return question(self.state, self.document)

    def take(self, text: str, reply: ServerReply | None = None) -> RedTeam:
        """The red team after an answer, which is written first. A bad answer is counted.

        Raises
        ------
        UsageError
            If another process has taken an answer meanwhile.
        OfframpError
            If a file cannot be read or written.
        """
        with alone(self.folder):
            now = opened_redteam(self.folder)
            if (now.state.answers, now.state.sha256) != (self.state.answers, self.state.sha256):
                raise overtaken(self.folder)
            return _with_state(now, taken(credited(now.state, reply), text, now.document))

    def found(self) -> Iterator[str]:
        """What the model has proposed so far, and what became of its quotes."""
        proposed = [one.point for one in self.state.numbered if one.point.by]
        quoted = [point.quote for point in proposed if point.quote is not None]
        failed = sum(quote.state == "failed" for quote in quoted)
        yield tr(
            "{proposed} proposed so far: {quoted} with words of the document, {failed} with words that are NOT in the "
            "document, {unquoted} without any",
            proposed=len(proposed),
            quoted=len(quoted) - failed,
            failed=failed,
            unquoted=len(proposed) - len(quoted),
        )

    def earlier(self, text: str) -> int | None:
        return earlier_question(self.state.stage, text)


def begin_redteam(target: Target, found: Examined, folder: Path) -> RedTeam:
    """Begin a red team in a new folder, or let the one in it look again.

    What it finds again keeps its number and its marks. What a program no longer finds stays, as gone. What a model has
    proposed stays; it is asked again only if it had not answered everything.

    Raises
    ------
    UsageError
        If the folder holds anything else, or the red team of another document.
    OfframpError
        If a file cannot be read or written.
    """
    fields = looked_at(target, found)
    fresh = tuple(map(kept_point, found.points))
    if (folder / REDTEAM).is_file():
        with alone(folder):
            before = opened_redteam(folder)
            if target.document and before.document and target.document != before.document:
                raise UsageError(f"{folder} is of another document: name another folder")
            fields |= {"points": _joined(before.state.points, fresh)}
            if before.state.stage == "support":
                fields |= {"stage": "missing"}  # the numbers of the claims may be others
            document = target.document or before.document
            _write_document(folder, document)
            return _with_state(replace(before, document=document), before.state.model_copy(update=fields))
    begin_folder(folder)
    _write_document(folder, target.document)
    more = len(fresh) - MOST_POINTS
    left = trn(
        "{count} more weak point was found, and is not kept",
        "{count} more weak points were found, and are not kept",
        more,
    )
    remarks = (left,) if more > 0 else ()
    state = RedTeamState(**fields, points=fresh[:MOST_POINTS], remarks=remarks)
    return _with_state(RedTeam(folder, state, target.document), state)


def opened_redteam(folder: Path) -> RedTeam:
    """The red team of a folder; raises UsageError if it holds none, and OfframpError if a file cannot be read."""
    state = read_redteam(folder)
    return RedTeam(folder, state, tuple(paragraphs_of(folder, ACCOUNT) or ()))


def marked(team: RedTeam, marks: Iterable[tuple[int, Mark]], note: str, by: str, date: str) -> RedTeam:
    """The red team after a person has marked weak points, which is written first.

    Raises
    ------
    UsageError
        If there is no weak point of a number, or no room.
    OfframpError
        If the sidecar cannot be read or written.
    """
    name = name_of(by, "say who marks it: a mark has a name")
    with alone(team.folder):
        now = opened_redteam(team.folder)
        fresh = []
        for number, mark in marks:
            if not 1 <= number <= len(now.state.points):
                raise UsageError(f"there is no weak point {number}; there are {len(now.state.points)}")
            fresh.append(PointMark(number=number, mark=mark, note=words(" ".join(note.split())), by=name, date=date))
        if len(now.state.marks) + len(fresh) > MOST_MARKS:
            raise UsageError(f"there are {len(now.state.marks):,} marks, and no more can be kept")
        return _with_state(now, now.state.model_copy(update={"marks": (*now.state.marks, *fresh)}))


def _joined(before: tuple[KeptPoint, ...], fresh: tuple[KeptPoint, ...]) -> tuple[KeptPoint, ...]:
    """The points of an earlier look with those of a new one, under the numbers that they had."""
    new = {_id(point): point for point in fresh}
    kept = [point if point.by else new.pop(_id(point), point.model_copy(update={"gone": True})) for point in before]
    return (*kept, *new.values())[:MOST_POINTS]


def _id(kept: KeptPoint) -> str:
    point: WeakPoint = kept.point
    return point.id


def _with_state(team: RedTeam, state: RedTeamState) -> RedTeam:
    write_redteam(team.folder, state)
    return replace(team, state=state)


def _write_document(folder: Path, document: tuple[str, ...]) -> None:
    """Write the text of the document, if there is one and it is not there yet."""
    content: Any = account_text(document).encode(errors="replace")
    file = folder / ACCOUNT
    try:
        if not document or (file.is_file() and read_bounded(file, MAX_SIDECAR, follow=False) == content):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.parent.is_symlink() or file.exists():
            raise UsageError(f"{file} is another document; nothing is overwritten: name another folder")
        write_whole(file, content)
    except OSError as error:
        raise OfframpError(f"cannot write {file}: {error.strerror or error}") from None
