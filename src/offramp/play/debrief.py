"""The debrief of a match: what each side knew, believed and chose, what its choices cost, and how the odds moved.

A choice is judged by the payoff to come that the mover could expect there, in its own odds, if play continued in
equilibrium. The endings' odds are the analyst's, who knows all that has happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offramp.common.errors import UsageError
from offramp.common.numerals import amount, in_unit, percent, quantity
from offramp.common.texts import tr, trn
from offramp.crisis.names import Names, capital
from offramp.equilibrium.conditioning import condition_play
from offramp.game.agreement import consistent_edges, on_open_plays
from offramp.game.game import PayoffSums, PayoffTerms
from offramp.play.board import Board, BoardNode
from offramp.play.debrief_parts import DebriefStep, Judged, MeasureCame, TermPaid
from offramp.play.match import By, Match, edges_taken
from offramp.play.match_wording import believed, step_in_words
from offramp.study.basis import AS_OF_NOW, one_solve
from offramp.study.explanation.motives import beliefs, is_reached, motives
from offramp.study.explanation.preference import preference
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import telling_facts

TURNS = 3
"""Maximum number of turning points in the answer; none moves the odds by less than `MOVED`."""
MOVED = 0.02
DEAR = 0.005
"""A choice that cost less than this prints as free."""

PLAYERS: Mapping[By, str] = {"person": tr("person"), "offramp": "Offramp", "chance": "–", "past": tr("before now")}

_PAID = Column("got", tr("got"), "amount"), Column("expected", tr("expected"), "amount")


@dataclass(frozen=True, repr=False)
class Debrief(Finding):
    """A finished match: its steps in order, how it ended, what it paid each actor, and what was measured.

    `solved`: the solve that expectations come from. `seats`: the actors that people played.
    """

    crisis: str
    names: Names
    solved: str
    ending: str
    outset: Mapping[str, float]
    seed: int
    seats: tuple[str, ...]
    steps: tuple[DebriefStep, ...]
    paid: tuple[TermPaid, ...]
    as_of_now: bool = False
    measured: tuple[MeasureCame, ...] = ()

    def event(self, step: DebriefStep) -> str:
        """A step in words."""
        return step_in_words(self.names, step.actor, step.step, step.value, step.round)

    def _named(self, step: DebriefStep) -> dict[str, Any]:
        """The names of what a step's plain values hold by keys."""
        names = self.names
        return {
            "step_name": names.step(step.step, step.round),
            "value_name": names.option(step.step, step.value),
            "option_names": {judged.option: self._option(step, judged.option) for judged in step.options},
            "knows": [[names.step(label), names.option(label, value)] for label, value in step.sees.items()],
            "belief_names": [[names.step(b.step, b.round), names.option(b.step, b.value)] for b in step.beliefs],
        }

    def _option(self, step: DebriefStep, key: str) -> str:
        return self.names.option(step.step, key)

    @property
    def title(self) -> str:
        return tr("{crisis}: how it was played", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return self.solved

    @property
    def answer(self) -> tuple[str, ...]:
        return (self._ended(), *self._came(), *self._turning_points(), *self._seats())

    def _ended(self) -> str:
        ending, share = self.names.ending(self.ending), percent(self.outset[self.ending])
        if self.as_of_now:
            return tr(
                "It ended in {ending}, which was {share} likely as of now, when the match began.",
                ending=ending,
                share=share,
            )
        return tr("It ended in {ending}, which was {share} likely at the outset.", ending=ending, share=share)

    def _came(self) -> Iterator[str]:
        for one in self.measured:
            name, came = capital(self.names.measures[one.measure.key]), in_unit(one.came, one.measure.unit)
            said = {"measure": name, "came": came, "expected": quantity(one.expected)}
            if self.as_of_now:
                yield tr("{measure} came to {came}; expected as of now, when the match began: {expected}.", **said)
            else:
                yield tr("{measure} came to {came}; expected at the outset: {expected}.", **said)

    def _turning_points(self) -> Iterator[str]:
        by_swing = sorted(self.steps, key=lambda step: -step.swing)
        turning = [step for step in by_swing if step.swing >= MOVED and step.by != "past"]
        for place, step in enumerate(turning[:TURNS]):
            said = {
                "event": self.event(step),
                "ending": self.names.ending(step.moved),
                "before": percent(step.odds_before[step.moved]),
                "after": percent(step.odds_after[step.moved]),
            }
            if place:
                yield tr("Then: {event}; {ending} went from {before} to {after}.", **said)
            else:
                yield tr("The largest turning point: {event}; {ending} went from {before} to {after}.", **said)

    def _seats(self) -> Iterator[str]:
        for actor in self.seats:
            own = [step for step in self.steps if step.actor == actor and step.by == "person" and step.cost is not None]
            if not own:
                continue
            dearest = max(own, key=lambda step: step.cost or 0.0)
            likely = sum(step.probability >= max(judged.probability for judged in step.options) for step in own)
            opening = trn(
                "{actor} chose the option that the model thought likeliest at {likely} of {count} moves.",
                "{actor} chose the option that the model thought likeliest at {likely} of {count} moves.",
                len(own),
                actor=capital(self.names.actors[actor]),
                likely=likely,
            )
            if (dearest.cost or 0.0) < DEAR:
                free = tr("No choice cost it anything that it could foresee.")
                yield f"{opening} {free}"
                continue
            costly = tr(
                "The most costly choice, {option} at {move}, cost {amount} of payoff to come.",
                option=self._option(dearest, dearest.value),
                move=self.names.step(dearest.step, dearest.round),
                amount=amount(dearest.cost or 0.0),
            )
            yield f"{opening} {costly}"
            if dearest.prefers is not None:
                yield dearest.prefers

    @property
    def tables(self) -> tuple[Table, ...]:
        return (
            self._moves(),
            self._turns(),
            self._minds(),
            self._options(),
            self._payoffs(),
            self._terms(),
            *self._measures(),
        )

    def _moves(self) -> Table:
        columns = (
            Column("number", tr("no."), "count"),
            Column("event", tr("what was done and happened")),
            Column("by", tr("played by")),
            Column("probability", tr("expected"), "share"),
            Column("best", tr("best")),
            Column("cost", tr("cost"), "amount"),
        )
        rows: list[tuple[Value, ...]] = []
        for step in self.steps:
            best = self._option(step, step.best) if step.options else None
            rows.append((step.number, self.event(step), PLAYERS[step.by], step.probability, best, step.cost))
        return Table("moves", tr("Step by step, how likely it was, and what it cost"), columns, tuple(rows))

    def _turns(self) -> Table:
        columns = (
            Column("number", tr("no."), "count"),
            Column("event", tr("event")),
            Column("ending", tr("moved most"), names=self.names.endings),
            Column("before", tr("before"), "share"),
            Column("after", tr("after"), "share"),
            Column("change", tr("points"), "points"),
        )
        rows: list[tuple[Value, ...]] = []
        for step in self.steps:
            before, after = step.odds_before[step.moved], step.odds_after[step.moved]
            rows.append((step.number, self.event(step), step.moved, before, after, after - before))
        caption = tr("How the odds moved: of each step the ending that it moved most")
        return Table("turns", caption, columns, tuple(rows))

    def _minds(self) -> Table:
        columns = (
            Column("number", tr("no."), "count"),
            Column("who", tr("who")),
            Column("move", tr("move")),
            Column("knew", tr("knew")),
            Column("believed", tr("believed (at the outset)")),
        )
        rows = tuple((step.number, step.name, *self._minds_at(step)) for step in self.steps if step.options)
        return Table("minds", tr("What each side knew, and what it believed of what it had not seen"), columns, rows)

    def _minds_at(self, step: DebriefStep) -> tuple[str, str, str]:
        knew = self.names.facts(step.facts) or "–"
        return self.names.step(step.step, step.round), knew, believed(self.names, step.beliefs)

    def _options(self) -> Table:
        columns = (
            Column("number", tr("no."), "count"),
            Column("who", tr("who")),
            Column("move", tr("move")),
            Column("option", tr("option")),
            Column("chosen", tr("chosen")),
            Column("probability", tr("expected"), "share"),
            Column("value", tr("worth"), "amount"),
        )
        rows: list[tuple[Value, ...]] = []
        for step in self.steps:
            head = step.number, step.name, self.names.step(step.step, step.round)
            for judged in step.options:
                taken = judged.option == step.value
                rows.append((*head, self._option(step, judged.option), taken, judged.probability, judged.value))
        caption = tr("What was open at each move, how likely the model had it, and the payoff to come")
        return Table("options", caption, columns, tuple(rows), grouped=3)

    def _payoffs(self) -> Table:
        """Every actor's whole payoff."""
        columns = Column("actor", tr("actor"), names=self.names.actors), *_PAID
        rows = []
        for actor in dict.fromkeys(paid.actor for paid in self.paid):
            own = [paid for paid in self.paid if paid.actor == actor]
            rows.append((actor, sum(paid.got for paid in own), sum(paid.expected for paid in own)))
        caption = (
            tr("What it paid, and what was to be expected as of now, when the match began")
            if self.as_of_now
            else tr("What it paid, and what was to be expected at the outset")
        )
        return Table("payoffs", caption, columns, tuple(rows))

    def _terms(self) -> Table:
        """The payoff terms of the actors that people played, or of all if people played none."""
        terms = Column("term", tr("term"), of="actor", names=self.names.terms)
        columns = Column("actor", tr("actor"), names=self.names.actors), terms, *_PAID
        shown = [paid for paid in self.paid if paid.actor in self.seats or not self.seats]
        rows = tuple((paid.actor, paid.term, paid.got, paid.expected) for paid in shown)
        return Table("terms", tr("The same, payoff term by payoff term"), columns, rows, grouped=1)

    def _measures(self) -> tuple[Table, ...]:
        if not self.measured:
            return ()
        columns = (
            Column("measure", tr("measure"), names=self.names.measures),
            Column("came", tr("came to"), "number"),
            Column("expected", tr("expected"), "number"),
            Column("unit", tr("unit")),
        )
        rows = tuple((one.measure.key, one.came, one.expected, one.measure.unit or "") for one in self.measured)
        caption = (
            tr("Measures, and what was to be expected as of now, when the match began")
            if self.as_of_now
            else tr("Measures, and what was to be expected at the outset")
        )
        return (Table("measures", caption, columns, rows),)

    @property
    def notes(self) -> tuple[str, ...]:
        agrees = tr("What was before now was drawn so that it agrees with that.")
        return (
            tr(
                "Expected: how likely the model held it, just before, that this would come out. Cost: the payoff to"
                " come of the best option less that of the chosen one, as the mover could judge it there, in its own"
                " odds, play going on in equilibrium; what came of it is another matter. The endings' odds are the"
                " analyst's, who knows all that had happened."
            ),
            tr("Seed {seed}: with it and the same choices the match comes out the same.", seed=self.seed),
            *([f"{AS_OF_NOW} {agrees}"] if self.as_of_now else []),
        )

    def to_dict(self) -> dict[str, Any]:
        """The tables, and under `entries` each step with all that is known about it."""
        details = {
            "ending": self.ending,
            "outset": dict(self.outset),
            "seed": self.seed,
            "seats": list(self.seats),
            "endings": dict(self.names.endings),
            "entries": [step.to_dict() | self._named(step) for step in self.steps],
        }
        return super().to_dict() | details


def debrief(match: Match) -> Debrief:
    """What each side knew, believed, was expected to do, and did, in a finished match.

    Raises
    ------
    UsageError
        A match that is not over: its debrief would reveal what is hidden.
    """
    if match.ending is None:
        raise UsageError("the match is not over: there is no debrief before its end")
    board = match.board
    edges = edges_taken(match)
    return Debrief(
        crisis=board.crisis.title,
        names=board.names,
        solved=one_solve(board.solution),
        ending=match.ending,
        outset=board.odds(board.game.root, board.plays.at_once),
        seed=match.seed,
        seats=match.seats,
        steps=tuple(_steps(match, edges)),
        paid=tuple(_paid(board, edges)),
        as_of_now=board.game.as_of_now,
        measured=tuple(_measured(match)),
    )


def _steps(match: Match, edges: Iterable[int]) -> Iterator[DebriefStep]:
    board, node, settled = match.board, match.board.game.root, match.board.plays.at_once
    odds = board.odds(node, settled)
    for number, (entry, edge) in enumerate(zip(match.entries, edges, strict=True), start=1):
        place, before = board.place(node), odds
        settled = max(settled, int(board.plays.ending[edge]))
        node = int(board.plays.edges.child[edge])
        odds = board.odds(node, settled)
        name = "chance" if entry.actor is None else board.crisis.actors[entry.actor].name
        fields = vars(entry) | {"number": number, "name": name, "odds_before": before, "odds_after": odds}
        judged = {} if place.held < 0 or entry.by == "past" else _judged(board, place, entry.value)
        yield DebriefStep(**fields, **judged)


def _judged(board: Board, place: BoardNode, value: str) -> dict[str, Any]:
    """The fields of a `DebriefStep` that judge a move."""
    solution, situation = board.solution, board.situation(place.held)
    worth = solution.option_values[situation.slots].tolist()
    shares = solution.choice[situation.slots].tolist()
    options = tuple(map(Judged, situation.options, shares, worth))
    chosen = worth[situation.options.index(value)]
    cost = max(worth) - chosen
    reached = is_reached(solution, place.held)
    prefers = None
    if reached and cost >= DEAR:
        open_ = {motive.option: motive for motive in motives(board.block, solution, place.held)}
        best = max(options, key=lambda judged: judged.value).option
        names, (move, actor) = board.names, (place.step, situation.actor)
        words = names.options_of(move), names.terms_of(actor)
        prefers = preference(names.actors[actor], open_[best], open_[value], *words)
    others = [other for other in board.game.situations if (other.move, other.round) == (place.step, place.round)]
    facts = telling_facts(others)(situation)
    return {
        "sees": situation.sees,
        "facts": {label: fact for label, fact in facts.items() if label != "round" or not place.round},
        "beliefs": beliefs(board.block, solution, place.held) if reached else (),
        "options": options,
        "cost": cost,
        "gain": chosen - sum(share * one for share, one in zip(shares, worth, strict=True)),
        "prefers": prefers,
    }


def _measured(match: Match) -> Iterator[MeasureCame]:
    """What each measure came to: its amount given every step of the match, however likely play was."""
    board, block = match.board, match.board.block.measured
    if block is None:
        return
    known = {(entry.step, entry.round): (entry.value,) for entry in match.entries}
    edges = consistent_edges(block.game, known)
    assert edges is not None
    played = condition_play(block, block.structure.uniform(block.draws), on_open_plays(block.game, edges))
    for measure, came in zip(board.crisis.measures, played.terms[:, 0] / played.likelihood[0], strict=True):
        yield MeasureCame(measure, float(came), board.solution.measures[measure.key])


def _paid(board: Board, edges: Iterable[int]) -> Iterator[TermPaid]:
    """What each payoff term paid along the edges taken, and what it was expected to pay."""
    game, got = board.game, dict.fromkeys(range(len(board.crisis.terms)), 0.0)
    waiting = [game.root_payoff, *(int(game.edge_payoff[edge]) for edge in edges)]
    while waiting:
        payoff = waiting.pop()
        for position, part in enumerate(game.payoff_entries):
            match part:
                case PayoffSums(first=first, left=left, right=right) if first <= payoff < first + len(left):
                    waiting += [int(left[payoff - first]), int(right[payoff - first])]
                case PayoffTerms(first=first, term=int(term), contexts=contexts) if (
                    first <= payoff < first + contexts.count
                ):
                    got[term] += float(board.block.tables.amounts[position][payoff - first, 0])
                case _:
                    pass
    for number, paid in enumerate(board.crisis.terms):
        yield TermPaid(paid.actor, paid.key, got[number], board.solution.payoffs[paid.actor][paid.key])
