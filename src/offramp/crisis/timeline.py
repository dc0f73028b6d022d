"""The timeline of a crisis file: steps read in order, each naming only what has a value by then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from offramp.crisis import schema
from offramp.crisis.document import Scalar
from offramp.crisis.expression import Expression
from offramp.crisis.faults import Place, listed, nearest
from offramp.crisis.model import Chance, Move, Odds, Reason, Rounds, Row, State, Step, Tell, Together
from offramp.crisis.naming import Namespace, Scope, actors_named

StartNames = dict[str, frozenset[str]]


def declare_steps(parts: list[schema.Step], names: Namespace) -> None:
    """Enter the names of all steps, so that a step that comes later is known to exist."""
    for part in parts:
        match part:
            case schema.ChancePart():
                names.declare(part.chance, "chance", option_names(part, names))
            case schema.MovePart():
                names.declare(part.move, "move", tuple(map(str, part.options)))
            case schema.StatePart():
                names.declare(part.state, "state")
            case schema.TogetherPart():
                declare_steps(part.together, names)
            case schema.RoundsPart():
                declare_steps(part.steps, names)


def rows_of(odds: object) -> list[dict[Scalar, Scalar]]:
    """The rows of odds, however they are written."""
    return odds if isinstance(odds, list) else [odds] if isinstance(odds, dict) else []


def option_names(part: schema.ChancePart, names: Namespace) -> tuple[str, ...]:
    """The values of a chance step: all that its rows name, in order of first appearance."""
    found: dict[str, None] = {}
    for row in rows_of(part.odds if part.odds is not None else part.weights):
        for key in row:
            if key != "if":
                found.setdefault(str(key))
    return tuple(found)


def place_of(part: schema.Step) -> Place:
    match part:
        case schema.ChancePart():
            return part.chance.place
        case schema.MovePart():
            return part.move.place
        case schema.TellPart():
            return part.tell.place
        case schema.StatePart():
            return part.state.place
        case schema.TogetherPart():
            return place_of(part.together[0])
        case _:
            return place_of(part.steps[0])


@dataclass
class TimelineReader:
    """Reads steps; `actors` is None where the file's actors cannot be read."""

    names: Namespace
    actors: Collection[str] | None
    reason: Callable[[schema.Reasoned], Reason]
    entered: set[str] = field(default_factory=set)
    states: dict[str, State] = field(default_factory=dict)
    starts: StartNames = field(default_factory=dict)
    explicit_viewers: set[str] = field(default_factory=set)
    natural_viewers: dict[str, frozenset[str]] = field(default_factory=dict)
    """Who sees everything that a state names, whatever its `seen_by` says."""
    positions: dict[str, int] = field(default_factory=dict)
    """Where in the timeline a step stands; one inside rounds, where its rounds stand."""
    blocks: dict[str, int] = field(default_factory=dict)
    """The same for steps inside rounds only."""
    outside: set[str] = field(default_factory=set)
    """The steps entered before the rounds that are being read."""
    in_rounds: bool = False
    round_known: bool = False

    def read(self, parts: list[schema.Step]) -> tuple[Step, ...]:
        self.read_starts(parts)
        steps = []
        for position, part in enumerate(parts):
            before = set(self.entered)
            step = self.step(part)
            new = dict.fromkeys(self.entered - before, position)
            self.positions.update(new)
            if isinstance(part, schema.RoundsPart):
                self.blocks.update(new)
            if step is not None:
                steps.append(step)
        return self.with_state_viewers(tuple(steps))

    def known(self) -> set[str]:
        """What has a value by now: steps entered, and states whose start is settled."""
        before = self.outside if self.in_rounds else self.entered
        return self.entered | {name for name, needed in self.starts.items() if needed <= before}

    def scope(self, what: str, *, inputs: bool = False, siblings: Collection[str] = ()) -> Scope:
        return Scope(what, self.known(), inputs, self.in_rounds or self.round_known, siblings)

    def expression(self, text: Scalar | None, scope: Scope) -> Expression | None:
        return None if text is None else self.names.expression(text, scope)

    def read_starts(self, parts: list[schema.Step]) -> None:
        """Find out what the start of each state names, before any step is read."""
        everything = Scope("`start`", self.names.symbols, inputs=True, round=True)
        silent = Namespace(self.names.symbols, self.names.lets)
        for part in parts:
            if isinstance(part, schema.StatePart):
                start = silent.expression(part.start, everything)
                self.starts.setdefault(str(part.state), start.names if start else frozenset())
            elif isinstance(part, schema.RoundsPart):
                self.read_starts(part.steps)

    def step(self, part: schema.Step, siblings: Collection[str] = ()) -> Step | None:
        match part:
            case schema.ChancePart():
                return self.chance(part, siblings)
            case schema.MovePart():
                return self.move(part, siblings)
            case schema.TellPart():
                return self.tell(part)
            case schema.StatePart():
                return self.state(part)
            case schema.TogetherPart():
                return self.together(part)
            case _:
                return self.rounds(part)

    def viewers(self, words: list[Scalar] | None, where: str) -> frozenset[str]:
        if words is None:
            return frozenset(self.actors or ())
        return frozenset(actors_named(self.names, words, where, self.actor_map))

    @property
    def actor_map(self) -> Mapping[str, object] | None:
        return None if self.actors is None else dict.fromkeys(self.actors)

    def chance(self, part: schema.ChancePart, siblings: Collection[str]) -> Chance | None:
        name = part.chance
        if (part.odds is None) == (part.weights is None):
            found = "both" if part.odds is not None else "neither"
            self.names.fault(name.place, f"chance '{name}' needs `odds` or `weights`, one of them; found {found}")
            self.entered.add(str(name))
            return None
        options = option_names(part, self.names)
        self.check_options(name, [key for row in rows_of(part.odds or part.weights) for key in row if key != "if"])
        kind = "odds" if part.odds is not None else "weights"
        written = part.odds if part.odds is not None else part.weights
        odds = self.odds(written, f"the {kind} of '{name}'", kind == "weights", options, siblings)
        believed: dict[str, Odds] = {}
        for actor, own in (part.believed_by or {}).items():
            actors_named(self.names, [actor], f"believed_by of '{name}'", self.actor_map)
            if isinstance(own, list) != isinstance(written, list):
                form = "rows" if isinstance(written, list) else "one row, without a list"
                self.names.fault(actor.place, f"{actor}'s own {kind} of '{name}' must have the form of the step's own: {form}")
            believed[str(actor)] = self.odds(own, f"{actor}'s own {kind} of '{name}'", kind == "weights", options, siblings)
        condition = self.expression(part.condition, self.scope(f"the `if` of '{name}'", siblings=siblings))
        seen_by = self.viewers(part.seen_by, f"seen_by of '{name}'")
        self.entered.add(str(name))
        return Chance(str(name), options, odds, believed, seen_by, condition, self.reason(part), name.place)

    def check_options(self, step: Scalar, options: list[Scalar]) -> None:
        for option in options:
            if not option.isidentifier() or option in schema.RESERVED:
                self.names.fault(option.place, f"'{option}' cannot be an option of '{step}'; expected a name of letters, digits and _")
            elif option in self.names.symbols:
                kind = self.names.symbols[option].kind
                self.names.fault(
                    option.place, f"option '{option}' of '{step}' bears the name of {'a' if kind != 'actor' and kind != 'input' else 'an'} {kind}"
                )

    def odds(
        self, written: object, what: str, normalised: bool, options: tuple[str, ...], siblings: Collection[str]
    ) -> Odds:
        rows = []
        written_rows = rows_of(written)
        rest_allowed = not normalised
        for index, entries in enumerate(written_rows):
            last = index == len(written_rows) - 1
            condition_text = next((value for key, value in entries.items() if key == "if"), None)
            keys = [key for key in entries if key != "if"]
            place = next(iter(entries)).place if entries else Place(1, 1)
            if not keys:
                self.names.fault(place, f"{what}: a row without values")
                continue
            if last and condition_text is not None:
                self.names.fault(condition_text.place, f"{what}: the last row has no `if`, so that one row always counts")
            if not last and condition_text is None:
                self.names.fault(place, f"{what}: only the last row may be without `if`; the rows below it never count")
            condition = self.expression(condition_text, self.scope(f"the `if` in {what}", siblings=siblings))
            parsed: dict[str, Expression | None] = {}
            for key in keys:
                if key not in options:
                    self.names.fault(key.place, f"'{key}' in {what} is no value of the step ({listed(options)}){nearest(key, options)}")
                elif entries[key] == "rest":
                    if not rest_allowed:
                        self.names.fault(entries[key].place, f"{what}: `rest` belongs to odds; weights are normalised anyway")
                    elif None in parsed.values():
                        self.names.fault(entries[key].place, f"{what}: only one value can take the `rest`")
                    parsed[str(key)] = None
                else:
                    expression = self.expression(entries[key], self.scope(what, inputs=True, siblings=siblings))
                    if expression is not None:
                        parsed[str(key)] = expression
            rows.append(Row(condition, parsed, place))
        return Odds(tuple(rows), normalised)

    def move(self, part: schema.MovePart, siblings: Collection[str]) -> Move:
        name = part.move
        actors_named(self.names, [part.by], f"`by` of '{name}'", self.actor_map)
        self.check_options(name, part.options)
        for option in {option for option in part.options if part.options.count(option) > 1}:
            self.names.fault(option.place, f"option '{option}' of '{name}' stands twice")
        only_if: dict[str, Expression] = {}
        for option, text in (part.only_if or {}).items():
            if option not in part.options:
                hint = nearest(option, part.options)
                self.names.fault(option.place, f"'{option}' in only_if is no option of '{name}' ({listed(part.options)}){hint}")
            condition = self.expression(text, self.scope(f"only_if of '{name}'", siblings=siblings))
            if condition is not None:
                only_if[str(option)] = condition
        condition = self.expression(part.condition, self.scope(f"the `if` of '{name}'", siblings=siblings))
        seen_by = self.viewers(part.seen_by, f"seen_by of '{name}'") | {str(part.by)}
        self.entered.add(str(name))
        options = tuple(map(str, part.options))
        return Move(str(name), str(part.by), options, only_if, seen_by, condition, self.reason(part), name.place)

    def tell(self, part: schema.TellPart) -> Tell | None:
        step = part.tell
        to = actors_named(self.names, part.to, f"`to` of the tell of '{step}'", self.actor_map)
        condition = self.expression(part.condition, self.scope(f"the `if` of the tell of '{step}'"))
        symbol = self.names.symbols.get(step)
        if symbol is None or symbol.kind not in ("chance", "move", "state", "broken"):
            found = f"'{step}' is no step" if symbol else f"unknown step '{step}'"
            steps = [name for name, other in self.names.symbols.items() if other.kind in ("chance", "move", "state")]
            self.names.fault(step.place, f"{found}; a tell shows an earlier step{nearest(step, steps)}")
            return None
        if symbol.kind != "broken" and step not in self.known():
            self.names.fault(step.place, f"'{step}' comes later in the timeline (line {symbol.place.line}); a tell shows an earlier step")
            return None
        return Tell(str(step), to, condition, self.reason(part), step.place)

    def state(self, part: schema.StatePart) -> State | None:
        name = part.state
        before = self.outside if self.in_rounds else self.entered
        unknown = "has no value before the rounds; `start` may name only what comes before the rounds" if self.in_rounds else Scope.unknown
        start_scope = Scope(f"`start` of '{name}'", before, unknown=unknown, round=self.round_known)
        start = self.names.expression(part.start, start_scope)
        scope = self.scope(f"`becomes` of '{name}'")
        scope = replace(scope, known={*self.known(), str(name)})
        becomes = self.names.expression(part.becomes, scope)
        condition = self.expression(part.condition, replace(scope, what=f"the `if` of '{name}'"))
        explicit = None if part.seen_by is None else self.viewers(part.seen_by, f"seen_by of '{name}'")
        self.entered.add(str(name))
        if start is None or becomes is None:
            return None
        viewers = frozenset(self.actors or ()) if explicit is None else explicit
        state = State(str(name), start, becomes, viewers, condition, self.reason(part), name.place)
        self.states[str(name)] = state
        if explicit is not None:
            self.explicit_viewers.add(str(name))
        return state

    def together(self, part: schema.TogetherPart) -> Together | None:
        condition = self.expression(part.condition, self.scope("the `if` of `together`"))
        siblings = {str(sibling.chance if isinstance(sibling, schema.ChancePart) else sibling.move)
                    for sibling in part.together if isinstance(sibling, schema.ChancePart | schema.MovePart)}
        movers: dict[str, str] = {}
        steps: list[Chance | Move] = []
        entered = set(self.entered)
        for sibling in part.together:
            if not isinstance(sibling, schema.ChancePart | schema.MovePart):
                kind = schema.step_kind(sibling.model_dump(by_alias=True, exclude_none=True))
                self.names.fault(place_of(sibling), f"`together` holds chance steps and moves; found a `{kind}`")
                continue
            if isinstance(sibling, schema.MovePart):
                if sibling.by in movers:
                    self.names.fault(
                        sibling.move.place, f"inside `together` an actor moves once; '{sibling.by}' makes '{movers[sibling.by]}' too"
                    )
                movers[str(sibling.by)] = str(sibling.move)
            self.entered = set(entered)
            step = self.step(sibling, siblings)
            if isinstance(step, Chance | Move):
                steps.append(step)
        self.entered = entered | siblings
        return Together(tuple(steps), condition, place_of(part)) if steps else None

    def rounds(self, part: schema.RoundsPart) -> Rounds | None:
        place = place_of(part)
        if self.in_rounds:
            self.names.fault(place, "`rounds` cannot hold `rounds`")
            return None
        condition = self.expression(part.condition, self.scope("the `if` of `rounds`"))
        self.outside = set(self.entered)
        self.in_rounds = True
        steps = [self.step(inner) for inner in part.steps]
        until = self.expression(part.until, self.scope("`until`"))
        self.in_rounds, self.round_known = False, True
        return Rounds(part.rounds, until, tuple(step for step in steps if step is not None), condition, place)

    def with_state_viewers(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Settle who sees each state: those who see everything it names, unless the file says otherwise.

        States may name each other, so this is the largest solution, found by taking viewers away.
        """
        viewers: dict[str, frozenset[str]] = {}
        _collect_viewers(steps, viewers)
        self.natural_viewers = dict(viewers)
        everybody = frozenset(self.actors or ())
        for name in self.states:
            self.natural_viewers[name] = everybody
            if name not in self.explicit_viewers:
                viewers[name] = everybody
        changed = True
        while changed:
            changed = False
            for name, state in self.states.items():
                named = state.start.names | state.becomes.names | (state.condition.names if state.condition else frozenset())
                natural = everybody
                for other in named - {name, "round"}:
                    natural &= viewers.get(other, everybody)
                self.natural_viewers[name] = natural
                if name not in self.explicit_viewers and viewers[name] != natural:
                    viewers[name] = natural
                    changed = True
        return _set_viewers(steps, viewers)


def _collect_viewers(steps: tuple[Step, ...], viewers: dict[str, frozenset[str]]) -> None:
    for step in steps:
        if isinstance(step, Chance | Move | State):
            viewers[step.name] = step.seen_by
        elif isinstance(step, Together | Rounds):
            _collect_viewers(step.steps, viewers)


def _set_viewers(steps: tuple[Step, ...], viewers: Mapping[str, frozenset[str]]) -> tuple[Step, ...]:
    settled: list[Step] = []
    for step in steps:
        if isinstance(step, State):
            settled.append(replace(step, seen_by=viewers[step.name]))
        elif isinstance(step, Rounds):
            settled.append(replace(step, steps=_set_viewers(step.steps, viewers)))
        else:
            settled.append(step)
    return tuple(settled)
