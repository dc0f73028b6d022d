"""The walk through proposals of news at a terminal: a yes writes one event into the crisis file, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offramp.cli.review_session import today
from offramp.cli.typed_keys import TypedKeys, show_keys
from offramp.common.errors import OfframpError
from offramp.common.texts import shown_later, tr

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.draft.news.news_folder import News
    from offramp.draft.news.proposals import Proposal

KEYS = {
    "y": shown_later("yes, write it"),
    "n": shown_later("no"),
    "s": shown_later("skip"),
    "u": shown_later("undo"),
    "q": shown_later("quit"),
    "?": shown_later("help"),
}
HELP = shown_later("""\
y  It has happened so, on this day: it is written into the crisis file, now.
n  No: the file stays as it is.      s  Skip it: it waits.
u  Take back the last decision; an event that it wrote is taken out again.
q  Quit; `offramp news` goes on from here.

That words stand in a text does not mean that they say it, nor that it is true: only you can judge that. Two texts \
that disagree are two proposals; at most one of them can be written.""")


@dataclass
class NewsSession:
    """A walk through proposals; `at`: the number of the one that is shown."""

    news: News
    by: str
    screen: Console

    def __post_init__(self) -> None:
        self.typed = TypedKeys(self.screen)
        self.at = next(iter(self.news.waiting), 0)

    def go(self) -> bool:
        """Ask until the person quits or nothing waits; whether nothing does."""
        file = self.news.file
        self.typed.say(tr("A yes writes into {file} ({title}).", file=file.path, title=file.crisis.title))
        while self.news.waiting:
            if self.at not in self.news.waiting:
                self.onwards()
            self.show()
            if not self.answered():
                return False
        return True

    def show(self) -> None:
        """Show the proposal and the keys."""
        from offramp.report.proposals_in_terminal import show_proposal

        self.screen.print()
        show_proposal(self.screen, self.news, self.news.proposal(self.at))
        show_keys(self.screen, self.offered)

    @property
    def offered(self) -> dict[str, str]:
        """The keys that do something; what the file cannot hold cannot be written."""
        refused = self.news.standing(self.at).refused
        return {key: words for key, words in KEYS.items() if key != "y" or not refused}

    def answered(self) -> bool:
        """Do what the next key says, again until it is one that moves on; False to quit."""
        while True:
            key = self.typed.choice(self.offered, HELP, others="y")  # a yes that is refused is told why
            if key == "q":
                return False
            if key == "s":
                self.onwards()
                return True
            if self.decided(key):
                return True
            show_keys(self.screen, self.offered)

    def decided(self, key: str) -> bool:
        """Take a decision, or the last one back; False if nothing has changed."""
        from offramp.draft.news.news_decisions import reject, undo, write_event

        proposal = self.news.proposal(self.at)
        refused = self.news.standing(self.at).refused
        try:
            if key == "y":
                if refused:
                    self.typed.say(tr("It cannot be written: {reason}", reason=refused), style="bold red")
                    return False
                if not (proposal.is_quoted or self.typed.yes(tr("No text has these words. Write it all the same?"))):
                    return False
                self.news = write_event(self.news, self.at, self.by, today())
                self.typed.say(tr("written: {what}", what=self.told(proposal)), style="green")
            elif key == "n":
                self.news = reject(self.news, self.at, self.by, today())
                self.typed.say(tr("rejected, and not written: {what}", what=self.told(proposal)))
            else:
                self.news = undo(self.news, self.by, today())
                self.at = self.news.state.decisions[-1].number
                self.typed.say(tr("taken back: {what}", what=self.told(self.news.proposal(self.at))))
        except OfframpError as error:
            self.typed.say(str(error), style="bold red")
            return self.looked_again()
        return True

    def looked_again(self) -> bool:
        """Read the folder and the crisis file again; whether they have changed."""
        from offramp.draft.news.news_folder import opened_news

        before, self.news = self.news, opened_news(self.news.folder, self.news.file.path)
        return (before.state, before.file) != (self.news.state, self.news.file)

    def told(self, proposal: Proposal) -> str:
        """A proposal in a line."""
        return ", ".join(filter(None, (proposal.words(self.news.file.crisis), proposal.date)))

    def onwards(self) -> None:
        """Go to the next proposal that waits; after the last one to the first."""
        waiting = self.news.waiting
        self.at = next((number for number in waiting if number > self.at), waiting[0] if waiting else self.at)
