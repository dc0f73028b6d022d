"""`offramp draft DOCUMENT --rivals K`: several drafts by models or by pasting, and their alignment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.draft_shown import show_document, size_of_text
from offramp.cli.inquiry_by_model import agreed_to, answered_by_model, server_not_named
from offramp.cli.inquiry_by_pasting import paste, take_answer, write_prompt
from offramp.cli.model_options import ModelRequest
from offramp.cli.screen import next_commands
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.draft.rivals.alignment import FEWEST, alignment_in
from offramp.draft.rivals.rival_drafts import RivalDraft, begin_rivals, read_rivals, rival_drafts
from offramp.draft.rivals.rival_inquiry import bound_in_words, cost_in_words, rival_inquiry, standing_in_words, twins
from offramp.draft.sidecar import Draft, paragraphs_of_draft
from offramp.draft.variation import variations
from offramp.study.key_map import MAP_FILE
from offramp.study.key_map_reading import read_map

if TYPE_CHECKING:
    from offramp.draft.documents.source_document import Document


def begin_all(
    document: Document,
    folder: Path,
    as_of: str | None,
    count: int,
    models: Sequence[str],
    temperature: float | None,
) -> None:
    """Begin rival drafts, or go on with beginning them, and show the document."""
    planned = variations(count, len(document.paragraphs), models, temperature)
    begin_rivals(document, folder, planned, as_of)
    first = rival_drafts(folder, read_rivals(folder))[0]
    show_document(first.folder, first.draft, document.rule)


def go_on_with_rivals(folder: Path, request: ModelRequest | None, answer: str | None, *, is_pasting: bool) -> int:
    """Go on with rival drafts: by models, by pasting, or with an answer to the alignment."""
    drafts = rival_drafts(folder, read_rivals(folder))
    waiting = [one for one in drafts if not one.is_done]
    if answer is not None:
        return _taken(folder, waiting, answer)
    if request is not None:
        return _by_models(folder, drafts, request)
    asked = next((one for one in waiting if one.draft.model), None)
    if asked is not None and not is_pasting:
        raise server_not_named(rival_inquiry(asked))
    return _by_pasting(folder, drafts)


def _by_models(folder: Path, drafts: Sequence[RivalDraft], request: ModelRequest) -> int:
    """Ask for what is left, draft by draft, after one consent to all of it."""
    requests = {one.label: request_for(one.draft, request) for one in drafts}
    waiting = [one for one in drafts if not one.is_done]
    aligning = requests[drafts[0].label]
    for checked in (*(requests[one.label] for one in waiting), aligning):
        checked.check()
    is_aligned = read_rivals(folder).rows is not None
    if not is_aligned or waiting:
        models = dict.fromkeys([*(requests[one.label].model for one in waiting), aligning.model])
        if not agreed_to(_consent(drafts[0], waiting, list(models), request), request):
            click.echo(tr("nothing was sent; everything so far waits in {folder}", folder=folder))
            return 1
    for one in waiting:
        made = one.draft.variation.words if one.draft.variation is not None else ""
        place = trn(
            "{draft} of {count} ({made})", "{draft} of {count} ({made})", len(drafts), draft=one.label, made=made
        )
        click.echo(f"\n{place}")
        _, code = answered_by_model(rival_inquiry(one), requests[one.label], request)
        if code:
            return code
    if _cannot_be_aligned(rival_drafts(folder, read_rivals(folder))):
        return _show(folder)
    alignment = alignment_in(folder)
    if alignment.prompt() is not None:
        click.echo()
        _, code = answered_by_model(alignment, aligning, request)
        if code:
            return code
    return _show(folder)


def request_for(draft: Draft, request: ModelRequest) -> ModelRequest:
    """The request for a rival draft: the model of the command, else the one that is planned, or that has answered."""
    if draft.variation is None:
        return request
    model = request.model or draft.variation.model
    return replace(request, model=model, temperature=draft.variation.temperature).of(draft.models)


def _consent(first: RivalDraft, waiting: Sequence[RivalDraft], models: Sequence[str], request: ModelRequest) -> str:
    if waiting:
        drafts = trn(
            "the document ({size}) and what is drafted from it, for {count} draft; then what the drafts hold, to be "
            "aligned",
            "the document ({size}) and what is drafted from it, for {count} drafts, none of which is told of the "
            "others; then what they hold, to be aligned",
            len(waiting),
            size=size_of_text(paragraphs_of_draft(first.folder)),
        )
    else:
        drafts = tr("what is drafted, with its quotes from the document, to be aligned")
    parts = [
        tr(
            "This is sent to {server}, for {models}: {what}.",
            server=request.server.name,
            models=listed(models, 9),
            what=drafts,
        ),
        cost_in_words(waiting),
        bound_in_words(len(waiting), request.limits),
        tr("Nothing is sent to anybody else."),
    ]
    return " ".join(part for part in parts if part)


def _by_pasting(folder: Path, drafts: Sequence[RivalDraft]) -> int:
    """Write the next prompt of every draft that waits, or of the alignment, and say which to paste."""
    waiting = [one for one in drafts if not one.is_done]
    if not waiting:
        if _cannot_be_aligned(drafts) or not paste(alignment_in(folder)):
            return _show(folder)
        click.echo(tr("Use a new conversation for it, too."))
        return 0
    paths = [path for one in waiting if (path := write_prompt(rival_inquiry(one))) is not None]
    _show_drafts(drafts)
    click.echo(click.wrap_text(cost_in_words(waiting), 80))
    paste_it = tr(
        "Next: paste all of {file} into an assistant, and save its answer in a file, such as answer.txt.", file=paths[0]
    )
    apart = (
        tr("Use a new conversation for each prompt: no draft may know of the others.")
        if len(waiting) == 1
        else tr(
            "Use a new conversation for each prompt: no draft may know of the others; the order of the drafts does not "
            "matter."
        )
    )
    click.echo(click.wrap_text(f"{paste_it} {apart}", 80, "", "      "))
    click.echo(f"      {_drafting(waiting[0].folder)} --answer answer.txt")
    click.echo(tr("{command} says what is next.", command=f"`{_drafting(folder)}`"))
    return 0


def _taken(folder: Path, waiting: Sequence[RivalDraft], answer: str) -> int:
    """Take an answer to the alignment, and write its prompt again if it cannot be used."""
    if waiting:
        labels = listed((one.label for one in waiting), 9)
        raise UsageError(
            f"an answer belongs to one draft, and {labels} wait{'s' * (len(waiting) == 1)} for one: "
            f"{_drafting(waiting[0].folder)} --answer FILE"
        )
    alignment, code = take_answer(alignment_in(folder), answer)
    return code if paste(alignment) else _show(folder)


def show_rivals_next(folder: Path) -> None:
    """What to do once one draft of several is done."""
    drafts = rival_drafts(folder, read_rivals(folder))
    done = sum(one.is_done for one in drafts)
    click.echo(
        trn(
            "{done} of {count} rival drafts is done; go on: {command}",
            "{done} of {count} rival drafts are done; go on: {command}",
            len(drafts),
            done=done,
            command=_drafting(folder),
        )
    )


def _drafting(folder: Path) -> str:
    """The command that goes on with a draft, or with several."""
    return shlex.join(("offramp", "draft", str(folder)))


def _show_drafts(drafts: Sequence[RivalDraft]) -> None:
    click.echo()
    for one in drafts:
        click.echo(click.wrap_text(standing_in_words(one), 80, "", "    "))
    for first, second in twins(drafts):
        text = tr(
            "warning: {first} and {second} have the same records, word for word. If one answer was given to both, "
            "they are one reading: begin anew in another folder.",
            first=first,
            second=second,
        )
        click.echo(click.wrap_text(text, 80), err=True)


def _show(folder: Path) -> int:
    """What the drafts are, what is aligned, and the next step."""
    drafts = rival_drafts(folder, read_rivals(folder))
    _show_drafts(drafts)
    if reason := _cannot_be_aligned(drafts):
        click.echo(reason)
        return 0
    alignment = alignment_in(folder)
    for line in alignment.found():
        click.echo(click.wrap_text(line, 80, "", "    "))
    for remark in alignment.state.remarks:
        click.echo(click.wrap_text(f"- {remark}", 80, "", "  "))
    place = shlex.quote(str(folder))
    confirm = "" if _are_confirmed(folder) else " --confirm"
    proposals = tr(
        "Each draft is a proposal: no analysis, and no forecast. A model says what is the same in them; whether it is, "
        "only a person can decide."
    )
    click.echo(click.wrap_text(proposals, 80))
    others = tr("{command}, and the others", command=f"offramp review {place}/{drafts[0].label}")
    click.echo(next_commands(f"offramp rivals {place}{confirm}", others))
    return 0


def _are_confirmed(folder: Path) -> bool:
    """Whether a person has confirmed the endings of the map; a map with mistakes is confirmed by nobody."""
    try:
        return read_map(folder / MAP_FILE).are_endings_confirmed
    except OfframpError:
        return False


def _cannot_be_aligned(drafts: Sequence[RivalDraft]) -> str:
    """Why drafts that are all done cannot be aligned; "" if they can."""
    if sum(not one.why_not for one in drafts) >= FEWEST:
        return ""
    return tr("Fewer than two drafts can be compared, so nothing is aligned.")
