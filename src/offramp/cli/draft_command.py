"""`offramp draft`: from a document to a crisis file, with a language model or by pasting prompts and answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import guarded, main
from offramp.cli.model_options import ModelRequest, model_options, pasting_options
from offramp.cli.parameter_types import FilePath, FiniteNumber, WholeNumber
from offramp.common.errors import OfframpError, UsageError
from offramp.common.nearby_paths import nearest_path

if TYPE_CHECKING:
    from offramp.draft.draft_inquiry import DraftInquiry


@main.command(short_help="Draft a crisis from a document: a model proposes, you decide.")
@click.argument("place", metavar="DOCUMENT|DIR", type=FilePath())
@click.option("--out", type=FilePath(), metavar="DIR", help="The new folder for the draft.")
@click.option("--as-of", metavar="DATE", help="The day whose knowledge the document has, such as 2031-03-02.")
@click.option("--rivals", type=WholeNumber(2, 9), metavar="K", help="Make K drafts, each without the others.")
@click.option(
    "--rival-model", "rival_models", multiple=True, metavar="NAME", help="Another model of theirs; repeatable."
)
@click.option("--temperature", type=FiniteNumber(0, 2), metavar="T", help="How freely the models choose words.")
@guarded
@model_options()
@pasting_options
def draft(
    place: Path,
    out: Path | None,
    as_of: str | None,
    rivals: int | None,
    rival_models: tuple[str, ...],
    temperature: float | None,
    prompt_only: bool,
    answer: str | None,
    request: ModelRequest | None,
) -> int:
    """Draft a crisis from a DOCUMENT (text, Markdown, a saved page or PDF), or go on with the draft in DIR.

    A language model proposes who acts, what each may do and what each wants. Offramp looks up every quote in the
    document, writes the crisis file and checks it. You decide: offramp review DIR.

    With --prompt-only nothing is sent: you paste each prompt into an assistant, and give its answer with --answer. With
    --model and --base-url the document goes to that server, and nowhere else.

    With --rivals K there are K drafts, each made without the others, in DIR/draft-1 to DIR/draft-K; then a model, or a
    person who pastes, says what is the same in them. The models take turns, and each draft reads the document from
    another paragraph on.
    """
    from offramp.cli.inquiry_by_model import server_not_named
    from offramp.cli.inquiry_by_pasting import take_answer
    from offramp.draft.draft_inquiry import DraftInquiry
    from offramp.draft.drafting import resumed
    from offramp.draft.rivals.rival_drafts import has_rivals

    if rivals is None and (rival_models or temperature is not None):
        raise UsageError("--rival-model and --temperature go with --rivals K")
    if request is None and (rival_models or temperature is not None):
        raise UsageError("--rival-model and --temperature need --model NAME and --base-url URL: the server")
    if place.is_dir():
        if out is not None or as_of is not None or rivals is not None:
            raise UsageError(f"{place} is a folder, with a draft to go on with: give no --out, --as-of and --rivals")
        if has_rivals(place):
            from offramp.cli.rival_drafting import go_on_with_rivals

            return go_on_with_rivals(place, request, answer, is_pasting=prompt_only)
        found = DraftInquiry(place, resumed(place))
        if answer is not None:
            found, code = take_answer(found, answer)
            return _go_on(found, None) or code
        if request is None and found.state.model and found.state.stage != "done" and not prompt_only:
            raise server_not_named(found)
        return _go_on(found, request)
    if answer is not None:
        raise UsageError("--answer goes with the folder of a draft: offramp draft DIR --answer FILE")
    if not place.exists():
        raise OfframpError(f"there is no document and no draft at {place}{nearest_path(place)}")
    if request is None and not prompt_only:
        raise UsageError(
            "no server is named, so nothing is sent: give --model NAME and --base-url URL, or give --prompt-only and "
            "paste each prompt into an assistant"
        )
    if out is None:
        raise UsageError("name the new folder for the draft: --out DIR")
    if rivals is not None:
        models = (request.model, *rival_models) if request is not None else ()
        return _begin_rivals(place, out, as_of, rivals, models, temperature, request)
    return _begin(place, out, as_of, request)


def _begin_rivals(
    document: Path,
    folder: Path,
    as_of: str | None,
    count: int,
    models: tuple[str, ...],
    temperature: float | None,
    request: ModelRequest | None,
) -> int:
    """Read a document, begin rival drafts of it, and show the document."""
    from offramp.cli.rival_drafting import begin_all, go_on_with_rivals
    from offramp.draft.documents.source_document import read_document

    if request is not None:
        for model in models:
            replace(request, model=model).check()
        request = replace(request, model="")  # each draft has its own
    begin_all(read_document(document), folder, as_of, count, models, temperature)
    return go_on_with_rivals(folder, request, None, is_pasting=request is None)


def _begin(document: Path, folder: Path, as_of: str | None, request: ModelRequest | None) -> int:
    """Read a document, begin its draft, and show the document."""
    from offramp.cli.draft_shown import show_document
    from offramp.draft.documents.source_document import read_document
    from offramp.draft.draft_inquiry import DraftInquiry
    from offramp.draft.drafting import begin

    if request is not None:
        request.check()
    source = read_document(document)
    begun = begin(source, folder, as_of)
    show_document(folder, begun, source.rule)
    return _go_on(DraftInquiry(folder, begun), request)


def _go_on(inquiry: DraftInquiry, request: ModelRequest | None) -> int:
    """Ask the model, or write the next prompt; show a draft that is done."""
    from offramp.cli.draft_shown import show_end
    from offramp.cli.inquiry_by_model import by_model
    from offramp.cli.inquiry_by_pasting import paste
    from offramp.cli.rival_drafting import request_for, show_rivals_next
    from offramp.draft.rivals.rival_drafts import has_rivals

    if request is None:
        if paste(inquiry):
            return 0
    else:
        inquiry, code = by_model(inquiry, request_for(inquiry.state, request))
        if code:
            return code
    show_end(inquiry)
    if inquiry.state.variation is not None and has_rivals(inquiry.folder.parent):
        show_rivals_next(inquiry.folder.parent)
    return 0
