"""A person's yes or no to proposals: a yes writes one event into the crisis file, and nothing else ever writes there.

The crisis file is written before the sidecar. If a process is killed between the two, the proposal is one that the file
says already.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace

from offramp.common.atomic import write_whole
from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.editor.observing import add_observed
from offramp.draft.draft_lock import alone
from offramp.draft.news.news_folder import News, opened_news, with_state
from offramp.draft.news.news_state import NewsDecision
from offramp.draft.news.observable import CrisisOnDisk, crisis_text, insertion, note_of, with_event
from offramp.draft.news.proposals import Proposal
from offramp.draft.sidecar import MOST_DECISIONS
from offramp.draft.taken_back import name_of

CHANGED = "the crisis file was changed since you saw this, so nothing was written: look at it again"


def write_event(news: News, number: int, by: str, date: str) -> News:
    """A yes: the event of a proposal is written into the crisis file, and the sidecar keeps who decided.

    Parameters
    ----------
    news
        The news as the person saw them, with the crisis file as it was then.
    number
        The number of the proposal.
    by, date
        Who decides, and the day.

    Raises
    ------
    UsageError
        If the file cannot hold the event (`observable.with_event`), the file or the decisions have changed since, or
        the proposal is decided. Nothing is written then.
    OfframpError
        If a file cannot be read or written.
    """
    with alone(news.folder):
        proposal = _open(news, number)
        before = news.file
        after = with_event(before, proposal)
        _replace(before, after)
        at, length = insertion(before.text, after)
        decision = NewsDecision(number=number, verdict="written", by=name_of(by), date=date, at=at, length=length)
        return _kept(replace(news, file=CrisisOnDisk(before.path, after)), decision)


def reject(news: News, number: int, by: str, date: str) -> News:
    """A no: the sidecar keeps it, and the crisis file stays as it is; raises as `write_event`."""
    with alone(news.folder):
        _open(news, number)
        return _kept(news, NewsDecision(number=number, verdict="rejected", by=name_of(by), date=date))


def undo(news: News, by: str, date: str) -> News:
    """Take back the last decision; an event that it wrote is taken out of the crisis file.

    Raises
    ------
    UsageError
        If there is none, it is another person's, or the crisis file was changed since the event was written.
    OfframpError
        If a file cannot be read or written.
    """
    with alone(news.folder):
        _same(news)
        if not news.state.in_force:
            raise UsageError("there is no decision to take back")
        last = news.state.in_force[-1]
        if last.by != name_of(by):
            raise UsageError(f"the last decision is by {last.by} ({last.verdict}: proposal {last.number})")
        if last.verdict == "written":
            proposal = news.proposal(last.number)
            before = _without(news.file, proposal, last)
            _replace(news.file, before)
            news = replace(news, file=CrisisOnDisk(news.file.path, before))
        decision = NewsDecision(number=last.number, verdict="taken back", by=name_of(by), date=date)
        return _kept(news, decision)


def _without(file: CrisisOnDisk, proposal: Proposal, decision: NewsDecision) -> str:
    """The text of the crisis file before an event was written; only if writing it again gives the present text."""
    before = file.text[: decision.at] + file.text[decision.at + decision.length :]
    try:
        again = add_observed(
            before, str(file.path), proposal.position, proposal.value, proposal.date, note_of(proposal)
        )
    except UsageError:
        again = ""
    if again != file.text:
        raise UsageError(
            "the crisis file was changed since this event was written, so it is not taken out; take out its line "
            f"under `observed` by hand: {proposal.position} = {proposal.value}, {proposal.date}"
        )
    return before


def _open(news: News, number: int) -> Proposal:
    """A proposal that waits for a decision, of news that nobody has changed."""
    _same(news)
    if len(news.state.decisions) >= MOST_DECISIONS:
        raise UsageError(f"there are {MOST_DECISIONS:,} decisions, and no more can be kept")
    proposal = news.proposal(number)
    if number in news.state.decided:
        raise UsageError(f"proposal {number} is decided: {news.state.decided[number].verdict}; take that back first")
    return proposal


def _same(news: News) -> None:
    now = opened_news(news.folder, news.file.path)
    if (now.state.events, now.state.decisions) != (news.state.events, news.state.decisions):
        raise UsageError("another process has decided meanwhile: look at it again")


def _replace(before: CrisisOnDisk, text: str) -> None:
    """Write the crisis file whole, if it is still what it was."""
    try:
        mode = stat.S_IMODE(before.path.stat().st_mode)
        if not os.access(before.path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        content = text.encode()
        if crisis_text(before.path).text != before.text:
            raise UsageError(CHANGED)
        write_whole(before.path, content, mode)
    except OSError as error:
        raise OfframpError(f"cannot write {before.path}: {error.strerror or error}") from None


def _kept(news: News, decision: NewsDecision) -> News:
    update = {"decisions": (*news.state.decisions, decision), "is_done": True}
    return with_state(news, news.state.model_copy(update=update))
