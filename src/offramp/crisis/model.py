"""A crisis file that has been read: names resolved, every rule of the language checked.

`offramp.crisis.reading.read` makes it; the compiler and everything after it rely on it. Expressions name inputs,
steps, states and `round` only: names of `let` have been replaced by their expressions, and a comparison of a step with
its options is an `Is` node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from offramp.common.arguments import checked_types
from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.words import listed, nearest_key
from offramp.crisis.dates import Times
from offramp.crisis.draft_standing import DraftStanding
from offramp.crisis.expressions.expression import SKIPPED, Linear
from offramp.crisis.faults import Fault
from offramp.crisis.lever import Lever, Menu, menu_of
from offramp.crisis.observation import Facts, Observation, Position, facts_of, supposed_positions
from offramp.crisis.parts import Actor, Cite, Correlation, Ending, Input, Measure, Source, Term
from offramp.crisis.recorded_cases import RecordedCases
from offramp.crisis.steps import Chance, Move, Option, Rounds, State, Step, Tell, flattened, positions_of


@dataclass(frozen=True, repr=False)
class Crisis:
    """A crisis, read and checked.

    `pulled` are the levers in force, set by `with_levers`; `outset`: those pulled before `now`, or None if the crisis
    is taken from its outset; `supposed`: what is supposed besides what was observed. `allow_outside`: whether its
    sources may be outside its folder. `draft`: of a draft that a person has not read whole, how much of it is read.
    `sums`: the inputs with `linear`, which are sums of coefficients. `cases`: what each row of a table of past crises
    says of play.
    """

    path: str
    text: str
    title: str
    as_of: str | None
    summary: str | None
    sources: Mapping[str, Source]
    actors: Mapping[str, Actor]
    inputs: Mapping[str, Input]
    correlations: tuple[Correlation, ...]
    timeline: tuple[Step, ...]
    terms: tuple[Term, ...]
    endings: tuple[Ending, ...]
    levers: Mapping[str, Lever]
    observed: tuple[Observation, ...]
    cites: tuple[Cite, ...]
    warnings: tuple[Fault, ...] = ()
    pulled: tuple[str, ...] = field(default=())
    outset: tuple[str, ...] | None = None
    supposed: tuple[Observation, ...] = ()
    measures: tuple[Measure, ...] = ()
    allow_outside: bool = False
    draft: DraftStanding | None = field(default=None, compare=False)
    sums: Mapping[str, Linear] = field(default_factory=dict)
    cases: RecordedCases | None = None

    def steps(self) -> Iterator[Step]:
        """Every step; a `together` or `rounds` comes before the steps inside it."""
        yield from flattened(self.timeline)

    @cached_property
    def named(self) -> Mapping[str, Chance | Move | State]:
        """The chance steps, moves and states by name."""
        return {step.key: step for step in self.steps() if isinstance(step, Chance | Move | State)}

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """The inputs that vary between draws, before any lever sets them."""
        return tuple(name for name, entry in self.inputs.items() if entry.distribution.kind != "constant")

    @cached_property
    def effective_inputs(self) -> tuple[str, ...]:
        """The uncertain inputs whose draws affect the game: no pulled lever replaces them, or only from now on."""
        effective: set[str] = set()
        for pulled in (self.pulled, self.outset if self.past and self.outset is not None else self.pulled):
            depends_on = {name: {name} for name in self.inputs}
            for lever in pulled:
                sets = self.levers[lever].sets
                depends_on |= {name: set().union(*(depends_on[other] for other in sets[name].names)) for name in sets}
            effective = effective.union(*depends_on.values())
        return tuple(name for name in self.uncertain if name in effective)

    def options_of(self, name: str) -> tuple[str, ...]:
        """The options of a chance step or move."""
        step = self.named[name]
        assert not isinstance(step, State)
        return step.options

    def option(self, step: str, key: str) -> Option:
        """An option of a chance step or move."""
        named = self.named[step]
        assert not isinstance(named, State)
        return named.option_details[key]

    @cached_property
    def avoided(self) -> tuple[str, ...]:
        """The endings to be avoided: those that the file marks, or else its first ending."""
        marked = tuple(ending.key for ending in self.endings if ending.avoid)
        return marked or (self.endings[0].key,)

    def days_of(self, step: str, number: int) -> tuple[date, date] | None:
        """The first and the last day of the round of a step; None outside rounds, or if these have no dates."""
        times = self._times.get(step)
        return times.span(number) if times is not None and number else None

    @cached_property
    def last_day(self) -> date | None:
        """The last day of the last rounds that have dates; None if none have."""
        ends = [step.times.span(step.count)[1] for step in self.timeline if isinstance(step, Rounds) and step.times]
        return max(ends, default=None)

    @cached_property
    def _times(self) -> Mapping[str, Times]:
        return {
            step.key: block.times
            for block in self.timeline
            if isinstance(block, Rounds) and block.times is not None
            for step in flattened(block.steps)
            if isinstance(step, Chance | Move | State)
        }

    @cached_property
    def tells(self) -> tuple[Tell, ...]:
        """The tells, in file order."""
        return tuple(step for step in self.steps() if isinstance(step, Tell))

    def ending_index(self, name: str) -> int:
        """The index of an ending; UsageError with the nearest name if there is no such ending."""
        names = [ending.key for ending in self.endings]
        if name not in names:
            hint = nearest_key(name, {ending.key: ending.name for ending in self.endings})
            raise UsageError(f"unknown ending '{name}'{hint} (endings: {listed(names)})")
        return names.index(name)

    def measure_index(self, name: str) -> int:
        """The index of a measure; UsageError with the nearest name if there is no such measure."""
        names = [measure.key for measure in self.measures]
        if name not in names:
            known = f"measures: {listed(names)}" if names else f"{self.path} has no measures"
            hint = nearest_key(name, {measure.key: measure.name for measure in self.measures})
            raise UsageError(f"unknown measure '{name}'{hint} ({known})")
        return names.index(name)

    @property
    def choice_rules(self) -> dict[str, str]:
        """The rule of every actor's choice, or none of them if all choose by logit."""
        rules = {key: actor.choice for key, actor in self.actors.items()}
        return dict(rules) if {*rules.values()} - {"logit"} else {}

    @property
    def measuring(self) -> Crisis:
        """The crisis with its measures in place of the payoffs, paid to nobody: play stays the same if it is given."""
        terms = tuple(
            Term("", one.key, one.name, one.says, one.pays, one.each_round, one.reason, one.place)
            for one in self.measures
        )
        return replace(self, terms=terms, measures=())

    @checked_types
    def with_levers(self, *names: str) -> Crisis:
        """The crisis with levers pulled, in this order.

        Raises
        ------
        UsageError
            If a lever is unknown.
        """
        named = {lever.key: lever.name for lever in self.levers.values()}
        if unknown := list(dict.fromkeys(name for name in names if name not in self.levers)):
            known = f"levers: {listed(self.levers)}" if self.levers else "the crisis has no levers"
            said = "; ".join(f"unknown lever '{name}'{nearest_key(name, named)}" for name in unknown)
            raise UsageError(f"{said} ({known})")
        return replace(self, pulled=(*self.pulled, *names))

    def now(self) -> Crisis:
        """The crisis as it stands now: directly after the last step that was observed or is supposed.

        What was played until then stays as it was, and levers pulled from here on act on later steps only. Levers that
        were pulled before are part of what was played.
        """
        return self if self.outset is not None else replace(self, outset=self.pulled)

    @checked_types
    def supposing(self, facts: Mapping[str, str | Sequence[str]]) -> Crisis:
        """The crisis as it would stand `now` if these steps had taken these values.

        Parameters
        ----------
        facts
            By step (`reply`), or by step and round inside rounds (`reply@2`): an option, or several of which the step
            took one; `skipped` if it was not made.

        Raises
        ------
        UsageError
            If a step, a value or a round is unknown, or contradicts what was observed or supposed before.
        """
        choices = [step for step in self.named.values() if isinstance(step, Chance | Move)]
        rounds = {
            step.key: block.count
            for block in self.timeline
            if isinstance(block, Rounds)
            for step in flattened(block.steps)
            if isinstance(step, Chance | Move)
        }
        supposed = supposed_positions(facts, {step.key: step.options for step in choices}, rounds)
        for at, values in supposed.items():
            if not set(values) & set(self.facts.get(at, values)):
                found, known = (self.by_name(at, some) for some in (values, self.facts[at]))
                raise UsageError(f"what is supposed, {found}, contradicts {known}")
        entries = tuple(
            Observation(None, number or None, {step: values}, self.named[step].place)
            for (step, number), values in supposed.items()
        )
        return replace(self.now(), supposed=(*self.supposed, *entries))

    def by_name(self, at: Position, values: Iterable[str]) -> str:
        """A step in a round and some of its values, in a message: `the answer in round 2: a salvo or no answer`."""
        step, number = at
        names = (value if value == SKIPPED else self.option(step, value).name for value in values)
        when = f" in round {number}" if number else ""
        return printable(f"{self.named[step].name}{when}: {listed(names, last='or')}")

    @cached_property
    def facts(self) -> Facts:
        """What was observed and is supposed, by step and round."""
        return facts_of((*self.observed, *self.supposed))

    @cached_property
    def positions(self) -> tuple[frozenset[Position], ...]:
        """Every chance step and move in every round, in the order of play; steps made at the same time are together."""
        return tuple(positions_of(self.timeline, 0))

    @cached_property
    def past(self) -> frozenset[Position]:
        """The chance steps and moves up to now; none if the crisis is taken from its outset."""
        if self.outset is None:
            return frozenset()
        known = [place for place, together in enumerate(self.positions, start=1) if together & self.facts.keys()]
        return frozenset().union(*self.positions[: max(known, default=0)])

    @property
    def before_now(self) -> Crisis:
        """The crisis as of now without the levers pulled since."""
        return self if self.outset is None else replace(self, pulled=self.outset)

    @cached_property
    def menus(self) -> Mapping[Position, Menu]:
        """What the pulled levers make of each move's options, by move and round; those pulled since now act ahead."""
        menus = {}
        for step, number in (at for together in self.positions for at in together):
            move = self.named[step]
            if isinstance(move, Move):
                pulled = self.outset if self.outset is not None and (step, number) in self.past else self.pulled
                menus[step, number] = menu_of(move, [self.levers[name] for name in pulled])
        return menus

    def offered(self, step: str, number: int) -> tuple[str, ...]:
        """The options of a step in a round, without closed ones that no lever allows."""
        menu = self.menus.get((step, number))
        return tuple(option for option in self.options_of(step) if menu is None or option not in menu.closed)

    def __repr__(self) -> str:
        choices = [step for step in self.steps() if isinstance(step, Chance | Move)]
        moves = sum(isinstance(step, Move) for step in choices)
        return printable(
            f"Crisis '{self.title}' ({self.path}): {len(self.actors)} actors, {moves} moves, "
            f"{len(choices) - moves} chance steps, {len(self.inputs)} inputs, {len(self.levers)} levers; "
            f"endings: {listed(ending.key for ending in self.endings)}"
        )
