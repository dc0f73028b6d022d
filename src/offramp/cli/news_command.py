"""`offramp news`: what texts say has happened, as proposals that a person accepts one by one."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import JSON, guarded, main
from offramp.cli.model_options import ModelRequest, model_options, pasting_options
from offramp.cli.parameter_types import FilePath
from offramp.cli.screen import console, next_commands
from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn
from offramp.common.words import expected, listed, quoted

if TYPE_CHECKING:
    from offramp.draft.documents.source_document import Document
    from offramp.draft.news.news_folder import News


@main.command(short_help="Read news for a crisis: what has happened, for you to accept.")
@click.argument("places", metavar="TEXT...|DIR", nargs=-1, required=True, type=FilePath())
@click.option("--crisis", type=FilePath(), metavar="FILE", help="The crisis file.")
@click.option("--out", type=FilePath(), metavar="DIR", help="The new folder for the news.")
@click.option("--as-of", "days", multiple=True, metavar="[TEXT=]DATE", help="The day of the texts, or of one.")
@click.option("--by", default=None, metavar="NAME", help="Who decides [your name on this machine].")
@click.option("--list", "listing", is_flag=True, help="List all proposals and what became of them.")
@JSON
@guarded
@model_options()
@pasting_options
def news(
    places: tuple[Path, ...],
    crisis: Path | None,
    out: Path | None,
    days: tuple[str, ...],
    by: str | None,
    listing: bool,
    as_json: bool,
    prompt_only: bool,
    answer: str | None,
    request: ModelRequest | None,
) -> int:
    """Read what TEXTs (text, Markdown, saved pages or PDF) say has happened in a crisis, or go on with the news in DIR.

    A language model proposes which steps of the crisis the texts settle. Offramp looks up every quote, checks steps,
    options and dates, and puts texts together that say the same. With DIR alone you decide, one by one: only your yes
    writes an event into the crisis file.

    With --prompt-only nothing is sent: you paste the prompt into an assistant, and give its answer with --answer. With
    --model and --base-url the texts and the steps go to that server, and nowhere else. Odds and payoffs stay here.
    """
    if not any(place.is_dir() for place in places):
        if answer is not None or listing or as_json or by is not None:
            raise UsageError("--answer, --list, --json and --by go with the folder of news: offramp news DIR")
        if request is None and not prompt_only:
            raise UsageError(
                "no server is named, so nothing is sent: give --model NAME and --base-url URL, or give --prompt-only "
                "and paste the prompt into an assistant"
            )
        if crisis is None or out is None:
            raise UsageError("name the crisis file and the new folder for the news: --crisis FILE --out DIR")
        return _begin(places, crisis, out, days, request)
    if len(places) > 1 or out is not None or days:
        raise UsageError("a folder, with news to go on with, stands alone: give no texts, no --out and no --as-of")
    from offramp.cli.inquiry_by_pasting import take_answer
    from offramp.draft.news.news_folder import opened_news

    found = opened_news(places[0], crisis)
    if answer is not None:
        found, code = take_answer(found, answer)
        return _asked(found, None) or code
    if listing or as_json:
        return _listed(found, as_json)
    if request is not None or prompt_only or (not found.state.is_done and not found.state.events):
        return _asked(found, request)
    return _walked(found, by)


def _begin(
    places: Sequence[Path], crisis: Path, folder: Path, days: Sequence[str], request: ModelRequest | None
) -> int:
    """Read the texts, begin the news, and show what was read."""
    from offramp.draft.documents.source_document import read_document
    from offramp.draft.news.news_folder import begin_news
    from offramp.draft.news.news_records import MOST_TEXTS

    if request is not None:
        request.check()
    if len(places) > MOST_TEXTS:
        raise UsageError(f"give at most {MOST_TEXTS} texts, found {len(places)}")
    dated = _days(places, days)
    documents = [read_document(place) for place in places]
    found = begin_news(documents, crisis, folder, dated)
    _show_texts(found, documents)
    return _asked(found, request)


def _days(places: Sequence[Path], days: Sequence[str]) -> dict[int, str]:
    """The days of texts by their numbers: `DATE` is that of all texts without one of their own."""
    every = [day for day in days if "=" not in day]
    if len(every) > 1:
        raise UsageError(f"--as-of gives two days for all texts, {listed(map(quoted, every))}; name one: TEXT=DATE")
    found = dict.fromkeys(range(1, len(places) + 1), every[0]) if every else {}
    for day in days:
        text, equals, date = day.rpartition("=")
        if equals:
            numbers = [number for number, place in enumerate(places, start=1) if text in (str(place), place.name)]
            if not numbers:
                known = [str(place) for place in places]
                raise UsageError(f"--as-of names {quoted(text)}, which is none of the texts{expected(text, known)}")
            found |= dict.fromkeys(numbers, date)
    return found


def _show_texts(found: News, documents: Sequence[Document]) -> None:
    """Each text with what was read and left out, and the paragraphs to read with care."""
    from offramp.cli.draft_shown import size_of_text
    from offramp.common.printable import printable
    from offramp.crisis.draft_standing import unread_beside

    for number, (source, document) in enumerate(zip(found.sources, documents, strict=True), start=1):
        if source.as_of:
            text = tr("Text {number}: {name}, of {day}", number=number, name=source.name, day=source.as_of)
        else:
            text = tr("Text {number}: {name}", number=number, name=source.name)
        click.echo(printable(f"{text}: {size_of_text(source.paragraphs)}; {document.rule}"))
        if document.dropped:
            dropped = listed(document.dropped, 20)
            click.echo(f"  {tr('left out, as no reader sees it or it is not the text: {parts}', parts=dropped)}")
        if source.suspicious:
            marks = listed((f"¶{number}" for number in source.suspicious), 20)
            message = tr(
                "warning: {marks} of {name} may speak to a model, not to you: read it with care",
                marks=marks,
                name=source.name,
            )
            click.echo(printable(message), err=True)
    if any(source.as_of is None for source in found.sources):
        click.echo(tr("A text without --as-of DATE has no day, so none of its events counts as too late."))
    standing = unread_beside(found.file.path)
    if standing is not None:
        note = tr("note: {standing} A yes changes its file by hand, so review it first.", standing=standing.sentence)
        click.echo(note, err=True)


def _asked(found: News, request: ModelRequest | None) -> int:
    """Ask the model, or write the next prompt; show news that are done."""
    from offramp.cli.inquiry_by_model import by_model
    from offramp.cli.inquiry_by_pasting import paste

    if request is None:
        if paste(found):
            return 0
    else:
        found, code = by_model(found, request)
        if code:
            return code
    from offramp.common.printable import printable
    from offramp.report.proposals_in_terminal import show_proposals

    click.echo()
    show_proposals(console(), found)
    for remark in found.state.remarks:
        click.echo(click.wrap_text(f"- {printable(remark)}", 80, "", "  "))
    proposals = tr(
        "These are proposals of a model. Offramp has looked up their quotes in the texts, and nothing is written yet."
    )
    click.echo(click.wrap_text(proposals, 80))
    click.echo(next_commands(shlex.join(found.command)))
    return 0


def _listed(found: News, as_json: bool) -> int:
    """Print all proposals."""
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        return 0
    from offramp.report.proposals_in_terminal import show_proposals

    show_proposals(console(), found)
    return 0


def _walked(found: News, by: str | None) -> int:
    """Walk through the proposals; however it ends, every decision is kept."""
    from offramp.cli.news_session import NewsSession
    from offramp.cli.review_session import user_name

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("only a person's yes writes an event, at a terminal, and this is none; see --list or --json")
    session = NewsSession(found, by or user_name(), console())
    try:
        finished = session.go()
    except (KeyboardInterrupt, EOFError):
        with suppress(OSError):  # the terminal may be closed
            stopped = tr("stopped; every decision is kept; {command} goes on", command=shlex.join(found.command))
            session.typed.say(f"\n{stopped}")
        return 130
    if finished:
        session.typed.say(tr("No proposal waits."), style="bold")
    else:
        waits, command = len(session.news.waiting), shlex.join(found.command)
        session.typed.say(
            trn("{count} waits; {command} goes on.", "{count} wait; {command} goes on.", waits, command=command)
        )
    count = sum(decision.verdict == "written" for decision in session.news.state.in_force)
    path = found.file.path
    session.typed.say(
        trn("{count} event written into {file}.", "{count} events written into {file}.", count, file=path)
    )
    if count:
        session.typed.say(next_commands(f"offramp solve {shlex.quote(str(path))} --now"))
    return 0
