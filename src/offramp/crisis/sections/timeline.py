"""Reads the timeline of a crisis file, in order: each step may name only what has a value by then."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from offramp.common.words import expected, listed, nearest, quoted
from offramp.crisis import scalars, schema
from offramp.crisis.dates import Times, length_of
from offramp.crisis.expressions.expression import Expression
from offramp.crisis.sections.described import Reasons, described, option_details
from offramp.crisis.sections.naming import Namespace, Scope
from offramp.crisis.sections.odds import Written, intended_values, read_odds, written_odds
from offramp.crisis.sections.option_numbers import described_points, equal_odds
from offramp.crisis.sections.resolving import KIND_WORDS
from offramp.crisis.sections.viewers import Viewers, actors_named, check_until, with_state_viewers
from offramp.crisis.sections.written_steps import check_among, name_of_step
from offramp.crisis.steps import Chance, Move, Odds, Rounds, State, Step, Tell, Together
from offramp.crisis.text.document import Scalar


@dataclass(eq=False)
class TimelineReader:
    """Reads steps in order, and records which names have a value at each point."""

    names: Namespace
    reason: Reasons
    everybody: frozenset[str]
    as_of: Scalar | None = None
    """The date from which rounds count if they do not say."""
    end_of_rounds: date | None = None
    """The last day of the rounds read so far that have dates."""
    known: set[str] = field(default_factory=set)
    """Names that may be used now: steps and states read so far, and states whose start value is known."""
    completed: set[str] = field(default_factory=set)
    """Names read outside rounds, or in rounds that are complete: a `start` may use them."""
    pending_starts: dict[str, list[tuple[str, set[str]]]] = field(default_factory=lambda: defaultdict(list))
    """By step: the states whose `start` names it, each with the names that its start still needs."""
    positions: dict[str, int] = field(default_factory=dict)
    """Position of a step in the timeline; for a step inside rounds, the position of its rounds."""
    rounds_of: dict[str, int] = field(default_factory=dict)
    """Position of the rounds, for steps inside rounds only."""
    order: dict[str, int] = field(default_factory=dict)
    """Number of timeline entries up to a step, including entries inside rounds; a `together` counts as one."""
    entries: int = 0
    public: set[str] = field(default_factory=set)
    """The steps that everybody sees."""
    counts: dict[int, int] = field(default_factory=dict)
    """Maximum number of rounds, by the position of the rounds in the timeline."""
    closed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The closed options of each move."""
    viewers: dict[str, frozenset[str]] = field(default_factory=dict)
    """Who sees a state, if the file gives `seen_by`."""
    position: int = 0
    names_in_rounds: list[str] | None = None
    """Names read so far in the current rounds; None outside rounds."""

    def read(self, parts: Sequence[schema.Step]) -> tuple[tuple[Step, ...], Viewers]:
        """All steps, and for every state the actors who see everything it names."""
        self.read_starts(parts)
        steps = []
        for self.position, part in enumerate(parts):
            step = self.step(part)
            if step is not None:
                steps.append(step)
        complete_steps, default_viewers = with_state_viewers(tuple(steps), self.everybody, self.viewers)
        check_until(self.names, complete_steps, self.everybody)
        return complete_steps, default_viewers

    def read_starts(self, parts: Sequence[schema.Step]) -> None:
        """Record what the `start` of each state names, before any step is read."""
        for part in parts:
            if isinstance(part, schema.StatePart):
                needed = set(self.names.facts_in(part.start))
                if not needed:
                    self.known.add(str(part.state))
                for name in needed:
                    self.pending_starts[name].append((str(part.state), needed))
            elif isinstance(part, schema.RoundsPart):
                self.read_starts(part.steps)

    def add_name(self, name: str) -> None:
        """Record that a step has been read and may be named from here on."""
        self.known.add(name)
        self.positions[name] = self.position
        self.order[name] = self.entries
        if self.names_in_rounds is None:
            self.complete(name)
        else:
            self.names_in_rounds.append(name)
            self.rounds_of[name] = self.position

    def complete(self, name: str) -> None:
        """Record that `start` may use a name; states whose start has all its names get a value."""
        self.completed.add(name)
        for state, needed in self.pending_starts.pop(name, ()):
            needed.discard(name)
            if not needed:
                self.known.add(state)

    def scope(self, what: str, *, inputs: bool = False, own: str = "", siblings: Collection[str] = ()) -> Scope:
        return Scope(what, self.known, inputs, self.names_in_rounds is not None or bool(self.counts), own, siblings)

    def expression(self, text: Scalar | None, scope: Scope) -> Expression | None:
        return None if text is None else self.names.expression(text, scope)

    def seen_by(self, words: Sequence[Scalar] | None, name: str) -> frozenset[str]:
        return self.everybody if words is None else frozenset(actors_named(self.names, words, f"seen_by of '{name}'"))

    def step(self, part: schema.Step) -> Step | None:
        self.entries += 1
        match part:
            case schema.ChancePart() | schema.MovePart():
                step = self.chance_or_move(part, ())
                self.add_name(step.key)
                return step
            case schema.TellPart():
                return self.tell(part)
            case schema.StatePart():
                return self.state(part)
            case schema.TogetherPart():
                return self.together(part)
            case _:
                return self.rounds(part)

    def chance_or_move(self, part: schema.ChancePart | schema.MovePart, siblings: Collection[str]) -> Chance | Move:
        step = self.chance(part, siblings) if isinstance(part, schema.ChancePart) else self.move(part, siblings)
        if step.seen_by == self.everybody:
            self.public.add(step.key)
        return step

    def chance(self, part: schema.ChancePart, siblings: Collection[str]) -> Chance:
        name = part.chance
        self.check_odds(part)
        kind = "odds" if part.weights is None or part.odds is not None else "weights"
        written = written_odds(part)
        options = intended_values(part, self.names.mentions)
        self.check_options(name, options)
        values = self.names.values_of(name)
        options_written = part.options if part.grid is None else described_points(options, values)
        for key in part.options or ():
            if options and key not in options and part.grid is None:
                message = f"'{key}' in options has no odds; '{name}' has the values {listed(options)}"
                self.names.fault(key.place, f"{message}{nearest(key, options)}")

        def read(own: Written, actor: str = "") -> Odds:
            whose = f"{actor}'s own" if actor else "the"
            scope = self.scope(f"{whose} {kind} of '{name}'", inputs=True, own=name, siblings=siblings)
            return read_odds(self.names, own, kind == "weights", options, scope, believed=bool(actor))

        believed = part.believed_by or {}
        actors_named(self.names, believed, f"believed_by of '{name}'")
        for actor, own in believed.items():
            if isinstance(own, list) != isinstance(written, list):
                form = "rows" if isinstance(written, list) else "one row, without a list"
                message = f"{actor}'s own {kind} of '{name}' must have the same form as the step's: {form}"
                self.names.fault(actor.place, message)
        return Chance(
            key=str(name),
            **described(name, part),
            options=tuple(map(str, options)),
            option_details=option_details(options, options_written, values, self.reason),
            odds=read(written) if part.grid is None else equal_odds(options, part.grid.place),
            believed_by={str(actor): read(own, actor) for actor, own in believed.items()},
            seen_by=self.seen_by(part.seen_by, name),
            condition=self.expression(part.condition, self.scope(f"the `if` of '{name}'", own=name, siblings=siblings)),
            reason=self.reason(part),
            place=name.place,
        )

    def check_odds(self, part: schema.ChancePart) -> None:
        """Report a chance step that does not say in one way how likely its values are."""
        name = part.chance
        given = {"odds": part.odds, "weights": part.weights, "grid": part.grid}
        found = [f"`{key}`" for key, value in given.items() if value is not None]
        if len(found) != 1:
            words = listed(found) if found else "none"
            self.names.fault(name.place, f"a chance step needs one of `odds`, `weights` and `grid`; found {words}")
        if (part.grid is None) != (part.points is None):
            lacks = "`grid`, a distribution" if part.grid is None else "`points`, how many points the grid has"
            self.names.fault((part.grid or part.points or name).place, f"'{name}' lacks {lacks}")
        if part.grid is not None and part.options:
            message = "a grid makes its values, p1 and so on, with their numbers; leave out `options`"
            self.names.fault(next(iter(part.options)).place, message)

    def move(self, part: schema.MovePart, siblings: Collection[str]) -> Move:
        name = part.move
        actors_named(self.names, [part.by], f"`by` of '{name}'")
        self.check_options(name, list(part.options))
        only_if: dict[str, Expression] = {}
        check_among(self.names, part.only_if or (), name, part.options, "in only_if ")
        for option, text in (part.only_if or {}).items():
            condition = self.expression(text, self.scope(f"only_if of '{name}'", own=name, siblings=siblings))
            if condition is not None:
                only_if[str(option)] = condition
        return Move(
            key=str(name),
            **described(name, part),
            by=str(part.by),
            options=tuple(map(str, part.options)),
            option_details=option_details(part.options, part.options, self.names.values_of(name), self.reason),
            closed=self.closed_options(part),
            only_if=only_if,
            seen_by=self.seen_by(part.seen_by, name) | {str(part.by)},
            condition=self.expression(part.condition, self.scope(f"the `if` of '{name}'", own=name, siblings=siblings)),
            reason=self.reason(part),
            place=name.place,
        )

    def closed_options(self, part: schema.MovePart) -> tuple[str, ...]:
        """The closed options of a move, in the order of its options."""
        name = part.move
        self.closed[str(name)] = tuple(str(option) for option in part.options if option in (part.closed or ()))
        check_among(self.names, part.closed or (), name, part.options, "in closed ")
        if part.closed and set(part.options) <= set(part.closed):
            self.names.fault(name.place, f"every option of '{name}' is closed; at least one must be open")
        return self.closed[str(name)]

    def check_options(self, step: Scalar, options: Sequence[Scalar]) -> None:
        """Report options whose names are not allowed."""
        seen: set[str] = set()
        for option in options:
            if isinstance(option, scalars.StandIn):
                continue
            if option in scalars.RESERVED:
                self.names.fault(option.place, f"'{option}' is a word of the language and cannot be a name")
            elif not scalars.is_name(option):
                message = f"expected {scalars.NAME_WORDS} as a value of '{step}', found {quoted(option)}"
                self.names.fault(option.place, message)
            elif option in self.names.symbols:
                other = self.names.symbols[option]
                message = f"option '{option}' of '{step}' has the name of {KIND_WORDS[other.kind]}"
                self.names.fault(option.place, f"{message} (line {other.place.line})")
            elif option in seen:
                self.names.fault(option.place, f"option '{option}' of '{step}' appears twice")
            seen.add(option)

    def tell(self, part: schema.TellPart) -> Tell | None:
        step = part.tell
        what = f"the tell of '{step}'"
        to = actors_named(self.names, part.to, f"`to` of {what}")
        condition = self.expression(part.condition, self.scope(f"the `if` of {what}"))
        reason = self.reason(part)
        if not self.names.may_be(step, "chance", "move", "state"):
            problem = f"'{step}' is not a step" if step in self.names.symbols else f"unknown step '{step}'"
            hint = expected(step, self.names.of_kind("chance", "move", "state"))
            self.names.fault(step.place, f"{problem}; a tell shows an earlier step{hint}")
            return None
        if step not in self.known:
            symbol = self.names.symbols.get(step)
            if symbol is not None and symbol.kind != "broken":
                message = f"'{step}' comes later in the timeline (line {symbol.place.line})"
                self.names.fault(step.place, f"{message}; a tell shows an earlier step")
            return None
        return Tell(str(step), to, condition, reason, step.place)

    def state(self, part: schema.StatePart) -> State | None:
        name = part.state
        start_scope = Scope(f"`start` of '{name}'", self.completed)
        if self.names_in_rounds is not None:
            unknown = "has no value before the rounds; `start` may name only what comes before the rounds"
            start_scope = replace(start_scope, unknown=unknown)
        start = self.names.expression(part.start, start_scope)
        self.add_name(name)
        later = "comes later in the timeline (line {line}); "
        later += "a state comes after the steps that change it, in the same rounds if they repeat"
        changes = replace(self.scope(f"`becomes` of '{name}'"), otherwise=str(name), unknown=later)
        becomes = self.names.expression(part.becomes, changes)
        if becomes is not None:
            self.check_count(part)
        condition = self.expression(part.condition, self.scope(f"the `if` of '{name}'"))
        reason = self.reason(part)
        seen_by = self.seen_by(part.seen_by, name)
        if part.seen_by is not None:
            self.viewers[str(name)] = seen_by
        if start is None or becomes is None:
            return None
        words = described(name, part)
        return State(str(name), words["name"], words["says"], start, becomes, seen_by, condition, reason, name.place)

    def check_count(self, part: schema.StatePart) -> None:
        """Report a `becomes` such as `+1`, which is the new value as it stands, and adds nothing to the state."""
        text = part.becomes.strip()
        if text.startswith("+") and part.state not in self.names.named_in(part.becomes):
            amount = text.lstrip("+ ")
            added = amount if re.fullmatch(r"[\w.]+|\([^()]*\)", amount) else f"({amount})"
            message = f"{quoted(text)} adds nothing to the state, as `becomes` gives its new value"
            hint = f"write {part.state} + {added}, or {amount} if you mean that"
            self.names.fault(part.becomes.place, f"{message}; {hint}")

    def together(self, part: schema.TogetherPart) -> Together:
        condition = self.expression(part.condition, self.scope("the `if` of `together`"))
        siblings = [name_of_step(sibling) for sibling in part.together]
        movers: dict[str, str] = {}
        for sibling in part.together:
            if isinstance(sibling, schema.MovePart):
                other = movers.setdefault(sibling.by, sibling.move)
                if other is not sibling.move and not isinstance(sibling.by, scalars.StandIn):
                    message = f"an actor can make only one move inside `together`; '{sibling.by}' also makes '{other}'"
                    self.names.fault(sibling.move.place, message)
        steps = tuple([self.chance_or_move(sibling, siblings) for sibling in part.together])
        for name in siblings:
            self.add_name(name)
        return Together(steps, condition, siblings[0].place)

    def rounds(self, part: schema.RoundsPart) -> Rounds:
        count = int(part.rounds)
        condition = self.expression(part.condition, self.scope("the `if` of `rounds`"))
        self.names_in_rounds = []
        steps = [self.step(inner) for inner in part.steps]
        until = self.expression(part.until, self.scope("`until`"))
        if until is not None and part.until is not None and not until.names:
            message = f"`until` is a condition, such as round == 2; {quoted(part.until)} is the same in every round"
            self.names.fault(part.until.place, message)
        for name in self.names_in_rounds:
            self.complete(name)
        self.names_in_rounds = None
        self.counts[self.position] = count
        kept = tuple(step for step in steps if step is not None)
        return Rounds(count, until, kept, condition, part.rounds.place, self.times(part, count))

    def times(self, part: schema.RoundsPart, count: int) -> Times | None:
        """When the rounds are played; None if the file does not say how long one lasts."""
        length = length_of(part.lasts) if part.lasts is not None else None
        if length is None or part.lasts is None:
            if part.start is not None and part.lasts is None:
                self.names.fault(
                    part.start.place, "rounds that begin on a date need a length, such as `lasts: 2 weeks`"
                )
            return None
        begins = part.start if part.start is not None else self.as_of if self.end_of_rounds is None else None
        if begins is None:
            why = "other rounds with a length come before" if self.end_of_rounds else "the crisis has no `as_of`"
            self.names.fault(part.lasts.place, f"rounds of {length} need the day of the first: add `from` ({why})")
            return None
        if not scalars.is_date(begins):  # a mistake that has been reported
            return None
        times = Times(date.fromisoformat(begins), length)
        try:
            last = times.span(count)[1]
        except OverflowError:
            self.names.fault(part.lasts.place, f"{count} rounds of {length} from {begins} go beyond the year 9999")
            return None
        if self.end_of_rounds is not None and times.start <= self.end_of_rounds:
            message = f"these rounds begin on {begins}, but the rounds before them last until {self.end_of_rounds}"
            self.names.fault(begins.place, message)
        self.end_of_rounds = last
        return times
