"""How a model played some seats, beside the equilibrium: its choices, how its plays ended, and its invalid answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, Literal

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import Names, names_of
from offramp.draft.inquiry_state import Usage
from offramp.game.game import Game
from offramp.play.choice_frequency import Frequency, frequencies
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


_UNFAIR = tr(
    "A play that broke off has no ending. If plays break off more often on the way to one ending than to another, the "
    "finished plays are not a fair sample, and their endings differ from the equilibrium's for that reason alone."
)
_FREQUENCY = (
    Column("count", tr("times"), "count"),
    Column("share", tr("model"), "share"),
    Column("low", tr("from"), "share"),
    Column("high", tr("to"), "share"),
    Column("equilibrium", tr("equilibrium"), "share"),
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
        return tr(
            "{crisis}: {model} plays {actors}",
            crisis=self.game.crisis.title,
            model=self.model,
            actors=self._actors("and"),
        )

    @property
    def basis(self) -> str:
        levers = pulled(self.names.pulled)
        said = {"seed": self.draws.seed, "levers": levers}
        if self.draws.is_one:
            plays = trn(
                "{count} play, of one draw, each with its own seed (seed {seed}){levers};"
                " Offramp plays the other seats.",
                "{count} plays, of one draw, each with its own seed (seed {seed}){levers};"
                " Offramp plays the other seats.",
                len(self.outcomes),
                **said,
            )
        else:
            plays = trn(
                "{count} play, each with its own draw and seed (seed {seed}){levers}; Offramp plays the other seats.",
                "{count} plays, each with its own draw and seed (seed {seed}){levers}; Offramp plays the other seats.",
                len(self.outcomes),
                **said,
            )
        return f"{self.header.about} {moment(self.game.crisis)}{plays}"

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
                yield trn(
                    "At {move}, {model} chose {option} in {share} of {count} answer; {beside}.",
                    "At {move}, {model} chose {option} in {share} of {count} answers; {beside}.",
                    one.total,
                    move=self.names.step(move, number),
                    model=self.model,
                    option=self.names.option(move, option),
                    share=one.told,
                    beside=one.beside,
                )

    def _endings_told(self) -> Iterator[str]:
        for ending, one in sorted(self.endings.items(), key=lambda entry: entry[1].rank)[:1]:
            if one.total:
                yield trn(
                    "{share} of {count} finished play ended in {ending}; {beside}.",
                    "{share} of {count} finished plays ended in {ending}; {beside}.",
                    one.total,
                    share=one.told,
                    ending=self.names.ending(ending),
                    beside=self._beside(one),
                )

    def _beside(self, ending: Frequency) -> str:
        """The equilibrium's probability of an ending, which is over all plays, as a clause."""
        if not self.broken_off:
            return ending.beside
        return trn(
            "the equilibrium's {share} also counts the {count} play that broke off",
            "the equilibrium's {share} also counts the {count} plays that broke off",
            self.broken_off,
            share=percent(ending.expected),
        )

    def _invalid_told(self) -> str:
        invalid = sum(len(visit.made.invalid) for visits in self.by_move.values() for visit in visits)
        answers = trn("{count} answer was no option of the menu", "{count} answers were no option of the menu", invalid)
        broken_off = trn("{count} play broke off", "{count} plays broke off", self.broken_off)
        return f"{answers}; {broken_off}."

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._moves(), self._situations(), self._endings(), self._answers(), self._usage())

    def _table(
        self, name: str, caption: str, columns: Sequence[Column], rows: Iterable[tuple[Value, ...]], grouped: int = 1
    ) -> Table:
        """A table that says what its data are about."""
        label = tr("{model}, not {actors}", model=self.model, actors=self._actors("or"))
        if not self.labels_rows:
            caption = tr("{caption} (data about {model_and_not_actors})", caption=caption, model_and_not_actors=label)
            return Table(name, caption, tuple(columns), tuple(rows), grouped - 1)
        labelled = tuple((label, *row) for row in rows)
        return Table(name, caption, (Column("data_about", tr("data about")), *columns), labelled, grouped)

    def _moves(self) -> Table:
        columns = (Column("move", tr("move")), Column("option", tr("option")), *_FREQUENCY)
        rows = [
            (self.names.step(move, number), self.names.option(move, option), *one.cells)
            for (move, number), visits in self.by_move.items()
            for option, one in frequencies(visits).items()
        ]
        return self._table("moves", tr("How the model chose, beside the equilibrium"), columns, rows, grouped=2)

    def _situations(self) -> Table:
        columns = (Column("situation", tr("move, knowing")), Column("option", tr("option")), *_FREQUENCY)
        rows = []
        for held, visits in self.by_situation.items():
            situation = self.game.situations[held]
            others = [
                other
                for other in self.game.situations
                if (other.move, other.round) == (situation.move, situation.round)
            ]
            facts = self.names.facts(telling_facts(others)(situation)) or tr("nothing that sets it apart")
            head = f"{self.names.step(situation.move, situation.round)}: {facts}"
            found = frequencies(visits)
            if sum(one.count for one in found.values()) >= OFTEN:
                rows += [(head, self.names.option(situation.move, option), *one.cells) for option, one in found.items()]
        caption = tr("The same by information set, of those with at least {least} valid answers", least=OFTEN)
        return self._table("situations", caption, columns, rows, grouped=2)

    def _endings(self) -> Table:
        columns = (Column("ending", tr("ending"), names=self.names.endings), *_FREQUENCY)
        rows = [(ending, *one.cells) for ending, one in self.endings.items()]
        finished = sum(one.count for one in self.endings.values())
        caption = trn("How the {count} finished plays ended", "How the {count} finished plays ended", finished)
        return self._table("endings", caption, columns, rows)

    def _answers(self) -> Table:
        columns = (
            Column("move", tr("move")),
            Column("asked", tr("reached"), "count"),
            Column("valid", tr("valid answers"), "count"),
            Column("invalid", tr("invalid answers"), "count"),
            Column("broken_off", tr("broken off"), "count"),
        )
        rows = []
        for key, visits in self.by_move.items():
            valid = sum(visit.made.option is not None for visit in visits)
            invalid = sum(len(visit.made.invalid) for visit in visits)
            rows.append((self.names.step(*key), len(visits), valid, invalid, len(visits) - valid))
        return self._table("answers", tr("The model's answers"), columns, rows)

    def _usage(self) -> Table:
        columns = (
            Column("plays", tr("plays"), "count"),
            Column("finished", tr("finished"), "count"),
            Column("broken_off", tr("broken off"), "count"),
            Column("calls", tr("calls"), "count"),
            Column("input_tokens", tr("tokens sent"), "count"),
            Column("output_tokens", tr("tokens answered"), "count"),
        )
        used, plays = self.usage, len(self.played)
        row = plays, plays - self.broken_off, self.broken_off, used.calls, used.input_tokens, used.output_tokens
        return self._table("usage", tr("Plays, calls and tokens"), columns, [row])

    @property
    def notes(self) -> tuple[str, ...]:
        plays, set_aside = len(self.outcomes), len(self.outcomes) - len(self.played)
        return (
            tr(
                "From, to: the exact 95% interval of the model's probability (Clopper and Pearson). One interval in "
                "twenty misses by chance, so with many rows some do. Equilibrium: the mean of the probabilities that "
                "the equilibrium of each play's draw gives at the same moves, after the same histories."
            ),
            tr(
                "A model is asked again once if its answer is no option of the menu. If that answer is none either, "
                "the play breaks off there: the move counts as reached and broken off, in no frequency, and the play "
                "has no ending. Nothing is put in place of the answer."
            ),
            tr(
                "All plays have the same draw of the inputs; the endings' equilibrium is over all of these plays, those"
                " that broke off too."
            )
            if self.draws.is_one
            else tr(
                "Their draws are those of a run with --draws {draws} --seed {seed}; the endings' equilibrium is over"
                " all of these plays, those that broke off too.",
                draws=plays,
                seed=self.draws.seed,
            ),
            *([_UNFAIR] if self.broken_off else []),
            *(
                [tr("Draws that did not converge, and were not played: {number}.", number=f"{set_aside:,}")]
                if set_aside
                else []
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """The tables, and what they are about."""
        return {"data_about": self.header.about, "model": self.model, "host": self.header.host} | super().to_dict()
