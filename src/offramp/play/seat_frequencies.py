"""How a model played some seats, beside the equilibrium: its choices, how its plays ended, and its invalid answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scipy.special import betaincinv

from offramp.common.numerals import percent, span
from offramp.common.words import listed
from offramp.crisis.names import Names
from offramp.draft.limits import both
from offramp.draft.sidecar import Usage
from offramp.game.game import Game
from offramp.play.model_seat import ModelPlay, SeatVisit
from offramp.study.basis import moment, pulled
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import telling_facts

OFTEN = 10
"""With fewer valid answers, an information set has no rows of its own."""
MOST_SENTENCES = 3
"""Maximum number of moves, and of endings, in the answer."""


@dataclass(frozen=True)
class PlayOutcome:
    """A play of a model, its moves, and the endings' odds in the equilibrium of its draw."""

    play: ModelPlay
    visits: tuple[SeatVisit, ...]
    odds: Mapping[str, float]


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


_FREQUENCY = (
    Column("count", "times", "count"),
    Column("share", "model", "share"),
    Column("low", "from", "share"),
    Column("high", "to", "share"),
    Column("equilibrium", "equilibrium", "share"),
)


@dataclass(frozen=True, repr=False, eq=False)
class ModelSeats(Finding):
    """The plays of a model in some seats of a game.

    `about`: what the data say; `set_aside`: plays whose draw's solve did not converge; `asked_for`: plays that were
    asked for, of which `outcomes` are those that are finished or broken off.
    """

    game: Game
    names: Names
    about: str
    model: str
    host: str
    seats: tuple[str, ...]
    seed: int
    asked_for: int
    set_aside: int
    is_one_draw: bool
    outcomes: tuple[PlayOutcome, ...]

    @property
    def title(self) -> str:
        return f"{self.game.crisis.title}: {self.model} plays {self._actors}"

    @property
    def basis(self) -> str:
        crisis, plays = self.game.crisis, len(self.outcomes)
        which = f"{plays:,} of {self.asked_for:,} plays" if plays < self.asked_for else f"{plays:,} plays"
        draws = "one draw, a seed each" if self.is_one_draw else "each with its own draw and seed"
        levers = pulled(self.names.pulled)
        return (
            f"{self.about} {moment(crisis)}{which}, {draws} (seed {self.seed}){levers}; the other seats are Offramp's."
        )

    @property
    def answer(self) -> tuple[str, ...]:
        return (*self._choices_told(), *self._endings_told(), self._invalid_told())

    @property
    def _actors(self) -> str:
        return listed(self.names.actors[actor] for actor in self.seats)

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
        visits = [visit for outcome in self.outcomes for visit in outcome.visits]
        for visit in sorted(visits, key=lambda visit: (visit.place.layer, visit.place.held)):
            groups.setdefault(key(visit), []).append(visit)
        return {one: tuple(found) for one, found in groups.items()}

    @cached_property
    def endings(self) -> Mapping[str, Frequency]:
        """The endings of finished plays, beside their mean odds over the draws of all plays."""
        finished = Counter(one.play.ending for one in self.outcomes if one.play.ending is not None)
        plays = max(len(self.outcomes), 1)
        return {
            ending: Frequency(
                finished[ending], finished.total(), sum(one.odds[ending] for one in self.outcomes) / plays
            )
            for ending in (self.outcomes[0].odds if self.outcomes else ())
        }

    @property
    def broken_off(self) -> int:
        """The number of plays that broke off."""
        return sum(one.play.ending is None for one in self.outcomes)

    @property
    def usage(self) -> Usage:
        """What the plays used."""
        used = Usage()
        for one in self.outcomes:
            used = both(used, one.play.usage)
        return used

    def _choices_told(self) -> Iterator[str]:
        found = [
            (key, option, one) for key, visits in self.by_move.items() for option, one in frequencies(visits).items()
        ]
        told: set[tuple[str, int]] = set()
        for key, option, one in sorted(found, key=lambda entry: -abs(entry[2].share - entry[2].expected)):
            if key in told or not one.total or len(told) == MOST_SENTENCES:
                continue
            told.add(key)
            answers = "answer" if one.total == 1 else "answers"
            yield (
                f"At {self.names.step(*key)}, {self.model} chose {self.names.option(key[0], option)} in "
                f"{_told(one)} of {one.total:,} {answers}; the equilibrium does in {percent(one.expected)}."
            )

    def _endings_told(self) -> Iterator[str]:
        by_gap = sorted(self.endings.items(), key=lambda entry: -abs(entry[1].share - entry[1].expected))
        for ending, one in by_gap[:1]:
            if one.total:
                plays = "play" if one.total == 1 else "plays"
                yield (
                    f"{_told(one)} of {one.total:,} finished {plays} ended in {self.names.ending(ending)}; in "
                    f"equilibrium {percent(one.expected)} do."
                )

    def _invalid_told(self) -> str:
        invalid = sum(len(visit.made.invalid) for visits in self.by_move.values() for visit in visits)
        plays = "play" if self.broken_off == 1 else "plays"
        answers = _some(invalid, "answer was", "answers were")
        return f"{answers} no option of the menu; {self.broken_off:,} {plays} broke off."

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._moves(), self._situations(), self._endings(), self._answers(), self._usage())

    def _table(self, name: str, caption: str, columns: Sequence[Column], rows: Iterable[tuple[Value, ...]]) -> Table:
        """A table of which every row says what its data are about."""
        first = Column("data_about", "data about")
        labelled = tuple((f"{self.model}, not {self._actors}", *row) for row in rows)
        return Table(name, caption, (first, *columns), labelled, grouped=2)

    def _moves(self) -> Table:
        columns = (Column("move", "move"), Column("option", "option"), *_FREQUENCY)
        rows = [
            (self.names.step(move, number), self.names.option(move, option), *one.cells)
            for (move, number), visits in self.by_move.items()
            for option, one in frequencies(visits).items()
        ]
        return self._table("moves", "How the model chose, beside the equilibrium", columns, rows)

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
        return self._table("situations", caption, columns, rows)

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
        used, plays = self.usage, len(self.outcomes)
        row = plays, plays - self.broken_off, self.broken_off, used.calls, used.input_tokens, used.output_tokens
        return self._table("usage", "Plays, calls and tokens", columns, [row])

    @property
    def notes(self) -> tuple[str, ...]:
        draws = (
            "All plays have the same draw of the inputs"
            if self.is_one_draw
            else f"The draws are the first {self.asked_for:,} of a run with seed {self.seed}"
        )
        return (
            "From, to: the exact 95% interval of the model's probability (Clopper and Pearson). One interval in twenty "
            "misses by chance, so with many rows some do. Equilibrium: the mean of the probabilities that the "
            "equilibrium of each play's draw gives at the same moves, after the same histories.",
            "A model is asked again once if its answer is no option of the menu. If that answer is none either, the "
            "play breaks off there: the move counts as reached and broken off, in no frequency, and the play has no "
            "ending. Nothing is put in place of the answer.",
            f"{draws}; the endings' equilibrium is over all of these plays, those that broke off too.",
            *(
                [f"{_some(self.set_aside, 'play is', 'plays are')} left out: the solve of the draw did not converge."]
                if self.set_aside
                else []
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """The tables, and what they are about."""
        return {"data_about": self.about, "model": self.model, "host": self.host} | super().to_dict()


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


def _told(one: Frequency) -> str:
    return f"{percent(one.share)} (95% interval {span(*one.interval)})"


def _some(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
