"""What `offramp draft` shows: the document with its numbers, and what the draft is at the end."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from offramp.common.printable import printable
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
    click.echo(f"{document.name}: {len(paragraphs)} paragraphs, {sum(map(len, paragraphs)):,} characters; {rule}")
    if document.dropped:
        click.echo(f"Left out, as no reader sees it or it is not the account: {listed(document.dropped, 20)}.")
    for number, text in enumerate(paragraphs, start=1):
        click.echo(cut(f"¶{number} {text}", width))
    click.echo(f"The whole text: {folder / ACCOUNT}")
    if document.suspicious:
        marks = listed((f"¶{number}" for number in document.suspicious), 20)
        click.echo(f"warning: {marks} may speak to a model, not to you: read with care what rests on it", err=True)


def show_end(inquiry: DraftInquiry) -> None:
    """What the draft is and is not, how much of it nobody has read, and the next step."""
    folder, draft = inquiry.folder, inquiry.state
    standing = draft.standing
    click.echo()
    click.echo(click.wrap_text(f"The draft by {standing.model} is done: {outcome(draft)}.", 80))
    _show_list("Left out of the answers, or ours", draft.remarks)
    if is_no_crisis(draft):
        return
    _show_list("The model's notes", [note.says for note in draft.brief.notes])
    _show_list("Changed by the second look, so first in review", draft.changed_after_solve)
    place = shlex.quote(str(folder))
    faulty = f"      offramp check {place}/{CRISIS}\n" if draft.faults and (folder / CRISIS).exists() else ""
    click.echo(
        "It is a proposal: no analysis, and no forecast. Offramp has checked that the\n"
        "quotes stand in the document. Whether they say what they are cited for, only a\n"
        "person can decide. Numbers that are marked as ours are guesses.\n"
        f"{standing.total - standing.read} of its {standing.total} assumptions are unread.\n"
        f"Next: offramp review {place}\n{faulty}".rstrip()
    )


def _show_list(title: str, entries: Sequence[str]) -> None:
    """A short list under a title; nothing if there are no entries."""
    if not entries:
        return
    click.echo(f"{title}:")
    for entry in entries[:MOST_LISTED]:
        click.echo(click.wrap_text(f"- {printable(entry)}", 80, "  ", "    "))
    if len(entries) > MOST_LISTED:
        click.echo(f"  and {len(entries) - MOST_LISTED} more, in {SIDECAR}")
