"""Proposals of news in a terminal: one with its paragraphs, or all in a list."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid
from rich.text import Text

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.names import capital
from offramp.draft.news.news_folder import News
from offramp.draft.news.news_state import NewsDecision
from offramp.draft.news.observable import EventStanding
from offramp.draft.news.proposals import Proposal, Support
from offramp.report.marked_quotes import marked


def show_proposal(console: Console, news: News, proposal: Proposal) -> None:
    """Print a proposal: what the file would say, what speaks against it, and its paragraphs with the quotes marked."""
    standing = news.standing(proposal.number)
    console.rule(
        f"[bold]{_text(tr('{number} waiting', number=len(news.waiting)))}[/bold] · "
        + _text(tr("proposal {number} of {all}", number=proposal.number, all=len(news.proposals))),
        align="left",
        style="dim",
    )
    console.print(Text(capital(printable(proposal.words(news.file.crisis))), "bold"))
    console.print(_file_says(proposal, standing))
    for caution in _cautions(news, proposal, standing):
        console.print(Text(printable(tr("Take care: {caution}.", caution=caution)), "yellow"))
    for support in proposal.supports:
        console.print()
        console.print(_source(console, news, support))


def show_proposals(console: Console, news: News) -> None:
    """Print all proposals with their sources, and what became of them."""
    waiting = set(news.waiting)
    wait = tr("{number} of {all} proposals wait", number=len(waiting), all=len(news.proposals))
    console.print(f"[bold]{_text(wait)}[/bold]")
    rows = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for heading in ("#", tr("day"), tr("proposal"), tr("sources"), tr("state")):
        rows.add_column(heading, overflow="fold")
    for proposal in news.proposals:
        rows.add_row(
            str(proposal.number),
            _text(proposal.date),
            _text(proposal.words(news.file.crisis)),
            _text(", ".join(dict.fromkeys(support.place for support in proposal.supports))),
            _text(state_in_words(news, proposal)),
            style="" if proposal.number in waiting else "dim",
        )
    console.print(rows)


def state_in_words(news: News, proposal: Proposal) -> str:
    """What became of a proposal, and what speaks against it."""
    standing, decision = news.standing(proposal.number), news.state.decided.get(proposal.number)
    if decision is not None:
        return _decided(decision)
    if standing.same:
        return tr("observed already, {entry}", entry=standing.known)
    if not proposal.position:
        first = tr("fits no step")
    elif standing.refused:
        first = tr("cannot be written: {reason}", reason=standing.refused)
    else:
        first = tr("waits")
    return "; ".join([first, *_cautions(news, proposal, standing)])


def _decided(decision: NewsDecision) -> str:
    if decision.verdict == "written":
        return tr("written by {person}", person=decision.by)
    if decision.verdict == "rejected":
        return tr("rejected by {person}", person=decision.by)
    return tr("taken back by {person}", person=decision.by)


def _file_says(proposal: Proposal, standing: EventStanding) -> Text:
    """What a yes would write, or why nothing can be written."""
    if standing.refused:
        day = f"{proposal.date}. " if proposal.date else ""
        refused = tr("It cannot be written: {reason}.", reason=standing.refused)
        return Text(printable(f"{day}{refused}"), "red")
    return Text(printable(tr("The file would say: {line}", line=standing.line)))


def _cautions(news: News, proposal: Proposal, standing: EventStanding) -> list[str]:
    """What a person should know before a yes."""
    found = [
        tr(
            "proposal {number} disagrees: {event}, on {date} ({places})",
            number=other.number,
            event=other.words(news.file.crisis),
            date=other.date,
            places=listed(dict.fromkeys(support.place for support in other.supports)),
        )
        for other in map(news.proposal, proposal.against)
    ]
    if not proposal.is_quoted:
        found.append(tr("no words of a text stand behind it"))
    for support in proposal.supports:
        if support.is_suspicious:
            found.append(tr("{place} may speak to a language model, not to you", place=support.place))
        if support.fault and proposal.position and support.fault not in proposal.faults:
            found.append(tr("{place} does not count: {reason}", place=support.place, reason=support.fault))
    return [*found, *standing.cautions]


def _source(console: Console, news: News, support: Support) -> Text:
    """The paragraph with the quote marked, and why it is cited; or that the words are in no paragraph."""
    check = support.check
    if check.paragraph is None:
        words = f"“{support.quote}”" if support.quote else tr("none")
        missing = tr("{text} does not hold the words that were given: {words}", text=support.name, words=words)
        found = Text(printable(missing), "yellow")
    else:
        source = news.sources[support.text - 1]
        place = tr("{place}, of {date}", place=support.place, date=source.as_of) if source.as_of else support.place
        paragraph = source.paragraphs[check.paragraph - 1]
        found = marked(console, place, paragraph, check.start, check.end, console.width)
    found.append(f"\n{printable(tr('Why: {reason}', reason=support.says))}", "dim not bold not reverse")
    return found


def _text(text: str) -> str:
    return escape(printable(text))
