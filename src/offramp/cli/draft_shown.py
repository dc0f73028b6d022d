"""What `offramp draft` shows: the document with its numbers, and what the draft is at the end."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from offramp.cli.screen import next_commands
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import cut, listed
from offramp.crisis.draft_standing import SIDECAR
from offramp.draft.brief_text import ACCOUNT
from offramp.draft.draft_inquiry import DraftInquiry
from offramp.draft.drafting import is_no_crisis, outcome
from offramp.draft.sidecar import CRISIS, Draft, paragraphs_of_draft

MOST_LISTED = 8
"""Entries of a list that are shown."""


def show_document(folder: Path, draft: Draft, rule: str) -> None:
    """The document: how it was divided, what was dropped, each paragraph's first words, and what to read with care."""
    document = draft.document
    paragraphs = paragraphs_of_draft(folder)
    width = min(shutil.get_terminal_size().columns, 120)
    click.echo(f"{document.name}: {size_of_text(paragraphs)}; {rule}")
    if document.dropped:
        dropped = listed(document.dropped, 20)
        click.echo(tr("Left out, as no reader sees it or it is not the account: {parts}.", parts=dropped))
    for number, text in enumerate(paragraphs, start=1):
        click.echo(cut(f"¶{number} {text}", width))
    click.echo(tr("The whole text: {file}", file=folder / ACCOUNT))
    if document.suspicious:
        marks = listed((f"¶{number}" for number in document.suspicious), 20)
        warning = tr("warning: {marks} may speak to a model, not to you: read with care what rests on it", marks=marks)
        click.echo(warning, err=True)


def show_end(inquiry: DraftInquiry) -> None:
    """What the draft is and is not, how much of it nobody has read, and the next step."""
    folder, draft = inquiry.folder, inquiry.state
    standing = draft.standing
    click.echo()
    done = tr("The draft by {model} is done: {outcome}.", model=standing.model, outcome=outcome(draft))
    click.echo(click.wrap_text(done, 80))
    _show_list(tr("Left out of the answers, or ours"), draft.remarks)
    if is_no_crisis(draft):
        return
    _show_list(tr("The model's notes"), [note.says for note in draft.brief.notes])
    _show_list(tr("Changed by the second look, so first in review"), draft.changed_after_solve)
    place = shlex.quote(str(folder))
    faulty = [f"offramp check {place}/{CRISIS}"] if draft.faults and (folder / CRISIS).exists() else []
    proposal = tr(
        "It is a proposal: no analysis, and no forecast. Offramp has checked that the quotes stand in the document. "
        "Whether they say what they are cited for, only a person can decide. Numbers that are marked as ours are "
        "guesses."
    )
    click.echo(click.wrap_text(proposal, 80))
    click.echo(
        trn(
            "{unread} of its {count} assumption is unread.",
            "{unread} of its {count} assumptions are unread.",
            standing.total,
            unread=standing.total - standing.read,
        )
    )
    click.echo(next_commands(f"offramp review {place}", *faulty))


def size_of_text(paragraphs: Sequence[str]) -> str:
    """How long a text is, in words."""
    return trn(
        "{count} paragraph, {characters} characters",
        "{count} paragraphs, {characters} characters",
        len(paragraphs),
        characters=f"{sum(map(len, paragraphs)):,}",
    )


def _show_list(title: str, entries: Sequence[str]) -> None:
    """A short list under a title; nothing if there are no entries."""
    if not entries:
        return
    click.echo(f"{title}:")
    for entry in entries[:MOST_LISTED]:
        click.echo(click.wrap_text(f"- {printable(entry)}", 80, "  ", "    "))
    if (more := len(entries) - MOST_LISTED) > 0:
        click.echo(f"  {trn('and {count} more, in {file}', 'and {count} more, in {file}', more, file=SIDECAR)}")
