"""How a model played some seats, beside the equilibrium: its choices, how its plays ended, and its invalid answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, Literal

from scipy.special import betaincinv

from offramp.common.numerals import percent, span
from offramp.common.words import listed
from offramp.crisis.names import Names, names_of
from offramp.draft.inquiry_state import Usage
from offramp.game.game import Game
from offramp.play.kept_plays import PlaysHeader
from offramp.play.own_draws import OwnDraws
from offramp.play.played_again import PlayOutcome, SeatVisit
from offramp.study.basis import moment, pulled
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import telling_facts

OFTEN = 10
"""With fewer valid answers, an information set has no rows of its own."""
MOST_SENTENCES = 3
"""Maximum number of moves in the answer."""


@dataclass(frozen=True)
class Frequency:
    """How often something came out in plays of a model: `count` times of `total`.

    `expected`: the equilibrium's mean probability over the same histories and draws.
    """

    count: int
    total: int
    expected: float

    @property
    def share(self) -> float:
        return self.count / self.total if self.total else float("nan")

    @cached_property
    def interval(self) -> tuple[float, float]:
        return exact_interval(self.count, self.total)

    @property
    def is_apart(self) -> bool:
        """Whether the equilibrium's probability lies outside the interval."""
        low, high = self.interval
        return not low <= self.expected <= high

    @property
    def gap(self) -> float:
        """How far the equilibrium's probability is from the share; 0 if there is no share."""
        return abs(self.share - self.expected) if self.total else 0.0

    @property
    def rank(self) -> tuple[bool, float]:
        """Sorts what differs from the equilibrium first, by how much."""
        return not self.is_apart, -self.gap

    @property
    def told(self) -> str:
        """The share with its interval, in words."""
        return f"{percent(self.share)} (95% interval {span(*self.interval)})"

    @property
    def beside(self) -> str:
        """The equilibrium's probability, as the end of a sentence."""
        return (
            f"; the equilibrium's {percent(self.expected)} is {'outside' if self.is_apart else 'within'} the interval"
        )

    @property
    def cells(self) -> tuple[int, float, float, float, float]:
        """Its values in the order of `_FREQUENCY`."""
        return self.count, self.share, *self.interval, self.expected


def exact_interval(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a probability of which `count` of `total` trials came out (Clopper and Pearson 1934).

    Examples
    --------
    >>> [round(end, 4) for end in exact_interval(2, 10)], exact_interval(0, 0)
    ([0.0252, 0.5561], (0.0, 1.0))
    """
    tail = (1.0 - level) / 2.0
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1.0 - tail)) if count < total else 1.0
    return low, high


_UNFAIR = (
    "A play that broke off has no ending. If plays break off more often on the way to one ending than to another, the "
    "finished plays are not a fair sample, and their endings differ from the equilibrium's for that reason alone."
)
_FREQUENCY = (
    Column("count", "times", "count"),
    Column("share", "model", "share"),
    Column("low", "from", "share"),
    Column("high", "to", "share"),
    Column("equilibrium", "equilibrium", "share"),
)


@dataclass(frozen=True, repr=False, eq=False)
class ModelSeats(Finding):
    """The plays of a model in some seats of a game: what they share, their draws, and how each came out.

    `labels_rows`: whether every row of the tables says what it is about, or their captions do.
    """

    header: PlaysHeader
    draws: OwnDraws
    outcomes: tuple[PlayOutcome, ...]
    labels_rows: bool = True

    @property
    def model(self) -> str:
        """The model's name."""
        return self.header.model

    @cached_property
    def game(self) -> Game:
        """The game that is played."""
        return self.draws.game

    @cached_property
    def names(self) -> Names:
        """The names of its parts."""
        return names_of(self.game.crisis)

    @cached_property
    def played(self) -> tuple[PlayOutcome, ...]:
        """The plays that are not set aside."""
        return tuple(one for one in self.outcomes if not one.play.is_set_aside)

    @property
    def title(self) -> str:
        return f"{self.game.crisis.title}: {self.model} plays {self._actors('and')}"

    @property
    def basis(self) -> str:
        plays = _some(len(self.outcomes), "play", "plays")
        draws = "of one draw, each with its own seed" if self.draws.is_one else "each with its own draw and seed"
        return (
            f"{self.header.about} {moment(self.game.crisis)}{plays}, {draws} (seed {self.draws.seed})"
            f"{pulled(self.names.pulled)}; Offramp plays the other seats."
        )

    @property
    def answer(self) -> tuple[str, ...]:
        return (*self._choices_told(), *self._endings_told(), self._invalid_told())

    def _actors(self, last: Literal["and", "or"]) -> str:
        return listed((self.names.actors[actor] for actor in self.header.seats), last=last)

    @cached_property
    def by_move(self) -> Mapping[tuple[str, int], tuple[SeatVisit, ...]]:
        """The questions to the model by move and round, in the order of the game."""
        return self._grouped(lambda visit: (visit.made.move, visit.made.round))

    @cached_property
    def by_situation(self) -> Mapping[int, tuple[SeatVisit, ...]]:
        """The questions to the model by information set."""
        return self._grouped(lambda visit: visit.place.held)

    def _grouped(self, key: Callable[[SeatVisit], Any]) -> dict[Any, tuple[SeatVisit, ...]]:
        groups: dict[Any, list[SeatVisit]] = {}
        visits = [visit for outcome in self.played for visit in outcome.visits]
        for visit in sorted(visits, key=lambda visit: (visit.place.layer, visit.place.held)):
            groups.setdefault(key(visit), []).append(visit)
        return {one: tuple(found) for one, found in groups.items()}

    @cached_property
    def endings(self) -> Mapping[str, Frequency]:
        """The endings of finished plays, beside their mean odds over the draws of all plays."""
        finished = Counter(one.play.ending for one in self.played if one.play.ending is not None)
        odds = [one.odds for one in self.played]
        return {
            ending: Frequency(finished[ending], finished.total(), fmean(one[ending] for one in odds))
            for ending in (odds[0] if odds else ())
        }

    @property
    def broken_off(self) -> int:
        """The number of plays that broke off."""
        return sum(one.play.ending is None for one in self.played)

    @property
    def usage(self) -> Usage:
        """What the plays used."""
        used = Usage()
        for one in self.outcomes:
            used = used + one.play.usage
        return used

    def _choices_told(self) -> Iterator[str]:
        """The options that the model chose much more or less often than the equilibrium does, one a move."""
        found = {
            key: max(choices.items(), key=lambda choice: choice[1].gap)
            for key, visits in self.by_move.items()
            if (choices := frequencies(visits))
        }
        for (move, number), (option, one) in sorted(found.items(), key=lambda entry: entry[1][1].rank)[:MOST_SENTENCES]:
            if one.total:
                yield (
                    f"At {self.names.step(move, number)}, {self.model} chose {self.names.option(move, option)} in "
                    f"{one.told} of {_some(one.total, 'answer', 'answers')}{one.beside}."
                )

    def _endings_told(self) -> Iterator[str]:
        for ending, one in sorted(self.endings.items(), key=lambda entry: entry[1].rank)[:1]:
            if one.total:
                plays = _some(one.total, "finished play", "finished plays")
                broken_off = _some(self.broken_off, "play that broke off", "plays that broke off")
                beside = (
                    f"; the equilibrium's {percent(one.expected)} also counts the {broken_off}"
                    if self.broken_off
                    else one.beside
                )
                yield f"{one.told} of {plays} ended in {self.names.ending(ending)}{beside}."

    def _invalid_told(self) -> str:
        invalid = sum(len(visit.made.invalid) for visits in self.by_move.values() for visit in visits)
        plays = "play" if self.broken_off == 1 else "plays"
        answers = _some(invalid, "answer was", "answers were")
        return f"{answers} no option of the menu; {self.broken_off:,} {plays} broke off."

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._moves(), self._situations(), self._endings(), self._answers(), self._usage())

    def _table(
        self, name: str, caption: str, columns: Sequence[Column], rows: Iterable[tuple[Value, ...]], grouped: int = 1
    ) -> Table:
        """A table that says what its data are about."""
        label = f"{self.model}, not {self._actors('or')}"
        if not self.labels_rows:
            return Table(name, f"{caption} (data about {label})", tuple(columns), tuple(rows), grouped - 1)
        labelled = tuple((label, *row) for row in rows)
        return Table(name, caption, (Column("data_about", "data about"), *columns), labelled, grouped)

    def _moves(self) -> Table:
        columns = (Column("move", "move"), Column("option", "option"), *_FREQUENCY)
        rows = [
            (self.names.step(move, number), self.names.option(move, option), *one.cells)
            for (move, number), visits in self.by_move.items()
            for option, one in frequencies(visits).items()
        ]
        return self._table("moves", "How the model chose, beside the equilibrium", columns, rows, grouped=2)

    def _situations(self) -> Table:
        columns = (Column("situation", "move, knowing"), Column("option", "option"), *_FREQUENCY)
        rows = []
        for held, visits in self.by_situation.items():
            situation = self.game.situations[held]
            others = [
                other
                for other in self.game.situations
                if (other.move, other.round) == (situation.move, situation.round)
            ]
            facts = self.names.facts(telling_facts(others)(situation)) or "nothing that sets it apart"
            head = f"{self.names.step(situation.move, situation.round)}: {facts}"
            found = frequencies(visits)
            if sum(one.count for one in found.values()) >= OFTEN:
                rows += [(head, self.names.option(situation.move, option), *one.cells) for option, one in found.items()]
        caption = f"The same by information set, of those with at least {OFTEN} valid answers"
        return self._table("situations", caption, columns, rows, grouped=2)

    def _endings(self) -> Table:
        columns = (Column("ending", "ending", names=self.names.endings), *_FREQUENCY)
        rows = [(ending, *one.cells) for ending, one in self.endings.items()]
        caption = f"How the {sum(one.count for one in self.endings.values()):,} finished plays ended"
        return self._table("endings", caption, columns, rows)

    def _answers(self) -> Table:
        columns = (
            Column("move", "move"),
            Column("asked", "reached", "count"),
            Column("valid", "valid answers", "count"),
            Column("invalid", "invalid answers", "count"),
            Column("broken_off", "broken off", "count"),
        )
        rows = []
        for key, visits in self.by_move.items():
            valid = sum(visit.made.option is not None for visit in visits)
            invalid = sum(len(visit.made.invalid) for visit in visits)
            rows.append((self.names.step(*key), len(visits), valid, invalid, len(visits) - valid))
        return self._table("answers", "The model's answers", columns, rows)

    def _usage(self) -> Table:
        columns = (
            Column("plays", "plays", "count"),
            Column("finished", "finished", "count"),
            Column("broken_off", "broken off", "count"),
            Column("calls", "calls", "count"),
            Column("input_tokens", "tokens sent", "count"),
            Column("output_tokens", "tokens answered", "count"),
        )
        used, plays = self.usage, len(self.played)
        row = plays, plays - self.broken_off, self.broken_off, used.calls, used.input_tokens, used.output_tokens
        return self._table("usage", "Plays, calls and tokens", columns, [row])

    @property
    def notes(self) -> tuple[str, ...]:
        plays, set_aside = len(self.outcomes), len(self.outcomes) - len(self.played)
        draws = (
            "All plays have the same draw of the inputs"
            if self.draws.is_one
            else f"Their draws are those of a run with --draws {plays} --seed {self.draws.seed}"
        )
        return (
            "From, to: the exact 95% interval of the model's probability (Clopper and Pearson). One interval in twenty "
            "misses by chance, so with many rows some do. Equilibrium: the mean of the probabilities that the "
            "equilibrium of each play's draw gives at the same moves, after the same histories.",
            "A model is asked again once if its answer is no option of the menu. If that answer is none either, the "
            "play breaks off there: the move counts as reached and broken off, in no frequency, and the play has no "
            "ending. Nothing is put in place of the answer.",
            f"{draws}; the endings' equilibrium is over all of these plays, those that broke off too.",
            *([_UNFAIR] if self.broken_off else []),
            *([f"Draws that did not converge, and were not played: {set_aside:,}."] if set_aside else []),
        )

    def to_dict(self) -> dict[str, Any]:
        """The tables, and what they are about."""
        return {"data_about": self.header.about, "model": self.model, "host": self.header.host} | super().to_dict()


def frequencies(visits: Sequence[SeatVisit]) -> dict[str, Frequency]:
    """How often each option was chosen at some moves that have a valid answer, beside the equilibrium's mean there."""
    valid = [visit for visit in visits if visit.made.option is not None]
    options = dict.fromkeys(option for visit in visits for option in visit.shares)
    chosen = Counter(visit.made.option for visit in valid)
    return {
        option: Frequency(
            chosen[option],
            len(valid),
            sum(visit.shares.get(option, 0.0) for visit in valid) / len(valid) if valid else float("nan"),
        )
        for option in options
    }


def _some(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
