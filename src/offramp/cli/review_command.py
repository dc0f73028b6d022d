"""`offramp review`: a person reads a draft record by record, and decides."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.frame import JSON, guarded, main
from offramp.cli.parameter_types import FilePath
from offramp.cli.review_session import ReviewSession, show_endings, today, user_name
from offramp.cli.screen import console
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.common.words import cut, expected

if TYPE_CHECKING:
    from offramp.draft.review.hanging import WithoutRecord
    from offramp.draft.review.walk import Walk
    from offramp.draft.sidecar import Draft, Verdict


@main.command(short_help="Read the assumptions of a draft one by one.")
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option("--by", default=None, metavar="NAME", help="Who decides [your name on this machine].")
@click.option("--show-endings", "endings_shown", is_flag=True, help="Show the endings before everything is read, too.")
@click.option("--list", "listing", is_flag=True, help="List all records and what became of them.")
@click.option("--record", default=None, metavar="ID", help="Show this record, or decide on it without being asked:")
@click.option("--accept", is_flag=True, help="it is right,")
@click.option("--not-said", is_flag=True, help="its quote does not say it, so it is ours,")
@click.option("--change", "changes", multiple=True, metavar="FIELD=VALUE", help="it has another value; repeatable,")
@click.option("--still-says", is_flag=True, help="and its quote says so, too,")
@click.option("--reject", is_flag=True, help="it is taken out, with what hangs on it.")
@click.option("--yes", is_flag=True, help="With --reject: take out what hangs on it without asking.")
@click.option("--undo", "take_back", is_flag=True, help="Take back the last decision.")
@JSON
@guarded
def review(
    folder: Path,
    by: str | None,
    endings_shown: bool,
    listing: bool,
    record: str | None,
    accept: bool,
    not_said: bool,
    changes: tuple[str, ...],
    still_says: bool,
    reject: bool,
    yes: bool,
    take_back: bool,
    as_json: bool,
) -> int:
    """Read the assumptions of a draft one by one, each beside its paragraph, the heaviest first.

    That words stand in the document does not mean that they say what a record claims: accept it, change it, take it
    out, or say that its quote does not say it. Every decision is kept at once in crisis.draft.json, and crisis.yaml is
    written again. The endings are shown when everything is read.
    """
    from offramp.draft.drafting import resumed
    from offramp.draft.rivals.rival_drafts import RIVALS

    if (folder / RIVALS).is_file():
        raise UsageError(f"{folder} holds rival drafts; review one at a time: offramp review {folder / 'draft-1'}")
    verdict = _verdict(record, accept, not_said, changes, reject, take_back)
    if (still_says and verdict != "changed") or (yes and verdict != "rejected"):
        raise UsageError("--still-says goes with --change, and --yes with --reject")
    draft = resumed(folder)
    name = by or user_name()
    if take_back:
        from offramp.draft.review.decisions import undo

        draft = undo(folder, name, today())
        return _done(folder, draft, draft.decisions[-1].record, as_json)
    if record is not None and verdict is not None:
        draft = _decided(folder, draft, record, verdict, name, changes, still_says, yes)
        return _done(folder, draft, record, as_json)
    if not (record or listing or as_json or (sys.stdin.isatty() and sys.stdout.isatty())):
        raise UsageError(
            "a review asks at a terminal, and this is none; without one use --list, --json, or --record ID with"
            " --accept, --not-said, --change FIELD=VALUE or --reject"
        )
    return _shown(folder, draft, name, record, listing, endings_shown, as_json)


def _shown(
    folder: Path, draft: Draft, by: str, record: str | None, listing: bool, endings_shown: bool, as_json: bool
) -> int:
    """Show one record or all, or walk through them."""
    from offramp.draft.brief_records import claims_of

    if record is not None and record not in (known := claims_of(draft.brief)):
        raise UsageError(f"there is no record '{cut(record, 60)}'{expected(record, known)}")
    from offramp.draft.review.record_weights import input_weights
    from offramp.draft.review.walk import walk_of
    from offramp.draft.sidecar import paragraphs_of_draft
    from offramp.report.walk_in_terminal import show_entry, show_walk

    paragraphs = paragraphs_of_draft(folder)
    if not as_json:
        click.echo(tr("weighing the assumptions ..."), err=True)
    weights = input_weights(folder)
    walk = walk_of(draft, paragraphs, weights)
    if record is not None:
        found = next(entry for entry in walk.entries if entry.id == record)
        if as_json:
            click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        else:
            show_entry(console(), walk, found)
    elif as_json:
        click.echo(json.dumps(_as_json(draft, walk), indent=2, ensure_ascii=False))
    elif listing:
        show_walk(console(), walk)
    else:
        return _walked(ReviewSession(folder, draft, paragraphs, weights, by, endings_shown, console()))
    return 0


def _walked(session: ReviewSession) -> int:
    """Walk through the records, then show the endings; however it ends, all decisions are kept."""
    command = f"`offramp review {shlex.quote(str(session.folder))}`"
    try:
        finished = session.go()
    except (KeyboardInterrupt, EOFError):
        with suppress(OSError):  # the terminal may be closed
            standing = session.draft.standing
            stopped = tr(
                "stopped; every decision is kept: {standing}; {command} goes on", standing=standing, command=command
            )
            session.typed.say(f"\n{stopped}")
        return 130
    if not finished:
        kept = tr("Every decision is kept; {command} goes on.", command=command)
        session.typed.say(f"{session.draft.standing.sentence} {kept}")
        if not session.show_endings:
            session.typed.say(tr("The endings are shown when everything is read, or with --show-endings."))
        return 0
    session.typed.say(tr("Everything is read."), style="bold")
    show_endings(session.screen, session.folder)
    return 0


def _verdict(
    record: str | None, accept: bool, not_said: bool, changes: tuple[str, ...], reject: bool, take_back: bool
) -> Verdict | None:
    """The decision that the options ask for, if any."""
    asked: list[Verdict] = []
    asked += ["accepted"] if accept else []
    asked += ["not said"] if not_said else []
    asked += ["changed"] if changes else []
    asked += ["rejected"] if reject else []
    if len(asked) + take_back > 1:
        raise UsageError("one decision at a time: --accept, --not-said, --change, --reject or --undo")
    if asked and record is None:
        raise UsageError("name the record that is decided on: --record ID; --list shows them")
    return asked[0] if asked else None


def _decided(
    folder: Path,
    draft: Draft,
    record: str,
    verdict: Verdict,
    by: str,
    changes: tuple[str, ...],
    still_says: bool,
    yes: bool,
) -> Draft:
    from offramp.draft.review.decisions import decide
    from offramp.draft.review.hanging import idle_in_words, without

    change = {}
    for text in changes:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--change takes FIELD=VALUE, found '{text[:60]}'")
        change[name.strip()] = value.strip()
    if verdict == "rejected":
        found = without(draft.brief, record)
        if found.fallen and not yes:
            raise UsageError(_fall(draft, record, found))
        if idle := idle_in_words(found):
            click.echo(idle, err=True)
    return decide(folder, draft, record, verdict, by, today(), change, still_quoted=still_says)


def _fall(draft: Draft, record: str, found: WithoutRecord) -> str:
    """What falls with a record, in words."""
    from offramp.draft.brief_records import entries_of
    from offramp.draft.review.hanging import idle_in_words
    from offramp.draft.review.record_words import words_of

    entries = dict(entries_of(draft.brief))
    more = [f"  {id_}: {words_of(draft.brief, entries[id_])}" for id_ in found.fallen]
    fall = "one more falls" if len(more) == 1 else f"{len(more)} more fall"
    idle = idle_in_words(found)
    return "\n".join([f"with {record} {fall}; --yes takes all of it out:", *more, *([idle] if idle else [])])


def _done(folder: Path, draft: Draft, record: str, as_json: bool) -> int:
    """Print what a decision came to."""
    last = draft.decisions[-1]
    if as_json:
        from offramp.draft.review.walk import walk_of
        from offramp.draft.sidecar import paragraphs_of_draft

        click.echo(
            json.dumps(_as_json(draft, walk_of(draft, paragraphs_of_draft(folder))), indent=2, ensure_ascii=False)
        )
        return 0
    from offramp.draft.review.record_words import decided_in_words

    click.echo(f"{record}: {decided_in_words(last)}\n{draft.standing.sentence}")
    for fault in draft.faults:
        click.echo(
            tr(
                "fault: {record}: {message}; --undo takes the decision back",
                record=fault.record,
                message=fault.message,
            ),
            err=True,
        )
    return 0


def _as_json(draft: Draft, walk: Walk) -> dict[str, Any]:
    standing = draft.standing
    return {
        "model": standing.model,
        "read": standing.read,
        "total": standing.total,
        "order": walk.order,
        "faults": [fault.model_dump() for fault in draft.faults],
        "records": [entry.to_dict() for entry in walk.entries],
    }
