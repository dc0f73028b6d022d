"""The chronicle of a match: everything that has happened so far, in order, and who has seen it.

The game's arrays drop what no longer matters to play; a person does not forget. So the timeline is carried out here
again for the one history that was played, operation by operation of the compiler's plan: steps made and skipped,
values of states, and what each actor was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from offramp.crisis.dates import span_in_words
from offramp.crisis.expressions.exact import exact
from offramp.crisis.expressions.expression import SKIPPED, SKIPPED_CODE, Expression, Rational
from offramp.crisis.steps import Move, State
from offramp.game.columns import NOT_SHOWN, Variable
from offramp.game.operations import EndRound, EnterRounds, ExitRounds, Operation, Scope, SetState, Show, StepOperation
from offramp.play.match import Match, MatchEntry

Kind = Literal["step", "told", "state", "round", "rounds_over"]


@dataclass(frozen=True)
class ChronicleEvent:
    """Something that happened, and the actors who have seen it by now.

    `value`: an option of a step or `skipped` (kinds `step` and, if it was shown to somebody, `told`), or the number of
    a `state`, of a `round` that begins, or of the rounds that were played (`rounds_over`). `actor`: the mover of a
    move. `together`: the steps made at the same time. `entry`: the match's entry of a step that was made. `days`: the
    first and the last day of a round that begins, if it has dates. `past`: whether it was before now, of a crisis as of
    now.
    """

    kind: Kind
    step: str
    round: int
    value: str | float
    actor: str | None
    seen_by: frozenset[str]
    together: tuple[str, ...] = ()
    entry: MatchEntry | None = None
    days: str | None = None
    past: bool = False


def chronicle(match: Match) -> tuple[ChronicleEvent, ...]:
    """All that has happened in a match so far.

    In a `together` that is still open, each actor has seen only its own choice; a choice that is made but not yet
    carried out is among the events.
    """
    chronicler = _Chronicler(match)
    chronicler.carry_out()
    events, past = chronicler.events, match.board.crisis.past
    steps = [event.kind == "step" and (event.step, event.round) in past for event in events]
    now = max((number for number, is_past in enumerate(steps, start=1) if is_past), default=0)
    return (*(replace(event, past=True) for event in events[:now]), *events[now:])


@dataclass
class _Chronicler:
    match: Match
    events: list[ChronicleEvent] = field(default_factory=list)
    codes: dict[Variable, Rational] = field(default_factory=dict)
    """The value of each column: an option's index, or a state's value."""
    round: tuple[int, int] = (0, 0)
    """Which rounds are being played, and the current round; 0 outside rounds."""
    left: bool = False
    """Whether the rounds have been left, so that their other operations are skipped."""

    @property
    def everybody(self) -> frozenset[str]:
        return frozenset(self.match.board.game.actors)

    def carry_out(self) -> None:
        made = {(entry.step, entry.round): entry for entry in self.match.entries}
        for operation in self.match.board.operations:
            if self.left and not isinstance(operation, ExitRounds):
                continue
            self.begin_round(operation)
            match operation:
                case StepOperation():
                    if not self.branch(operation, made):
                        self.veil(operation)
                        return
                case SetState():
                    self.set_state(operation)
                case Show(tell=tell, source=source, column=column, scope=scope):
                    is_shown = tell.condition is None or self.holds(tell.condition, scope)
                    self.codes[column] = self.codes[source] if is_shown else NOT_SHOWN
                    if is_shown:
                        value = self.shown(tell.step, self.codes[source])
                        self.note(ChronicleEvent("told", tell.step, column.round, value, None, frozenset(tell.to)))
                case EnterRounds(condition=condition, scope=scope, exits=exits):
                    if not self.holds(condition, scope):
                        self.leave(exits)
                        self.round = 0, 0
                case EndRound(until=until, last=last, scope=scope, exits=exits):
                    if last or (until is not None and self.holds(until, scope)):
                        self.leave(exits)
                case ExitRounds():
                    played = float(self.round[1])
                    self.note(ChronicleEvent("rounds_over", "round", 0, played, None, self.everybody))
                    self.left, self.round = False, (0, 0)
                case _:
                    pass  # nobody sees payments

    def note(self, event: ChronicleEvent) -> None:
        self.events.append(event)

    def begin_round(self, operation: Operation) -> None:
        """Note the beginning of a round, which everybody sees."""
        if isinstance(operation, StepOperation | SetState | Show):
            here = operation.column.block, operation.column.round
            if here[1] and here != self.round:
                self.round = here
                days = self.days(operation.column.name, here[1])
                self.note(ChronicleEvent("round", "round", here[1], float(here[1]), None, self.everybody, days=days))

    def days(self, step: str, number: int) -> str | None:
        """The days of a round that holds a step, in words."""
        span = self.match.board.crisis.days_of(step, number)
        return None if span is None else span_in_words(span)

    def branch(self, operation: StepOperation, made: Mapping[tuple[str, int], MatchEntry]) -> bool:
        """Note a step that was made or skipped; returns False if the match has not passed it."""
        board, step = self.match.board, operation.step
        entry = made.get((step.key, operation.round))
        if entry is None:
            layer = board.layer_at.get((step.key, operation.round))
            if layer is not None and layer >= board.plays.edges.node_layer[self.match.node]:
                return False
        value = SKIPPED if entry is None else entry.value
        self.codes[operation.column] = SKIPPED_CODE if entry is None else step.options.index(entry.value)
        actor = step.by if isinstance(step, Move) else None
        beside = board.beside.get(step.key, ())
        self.note(ChronicleEvent("step", step.key, operation.round, value, actor, step.seen_by, beside, entry))
        return True

    def veil(self, stopped: StepOperation) -> None:
        """Hide the choices of an open `together`, at which the match has stopped, from all but their own actors."""
        siblings = self.match.board.beside.get(stopped.step.key, ())
        for number, event in enumerate(self.events):
            if event.kind == "step" and event.step in siblings and event.round == stopped.round:
                own = set() if event.entry is None or event.actor is None else {event.actor}
                self.events[number] = replace(event, seen_by=frozenset(own))
        for choice in self.match.pending:
            seen_by = frozenset({choice.actor})
            self.note(ChronicleEvent("step", choice.step, choice.round, choice.option, choice.actor, seen_by, siblings))

    def set_state(self, operation: SetState) -> None:
        state, old = operation.state, operation.old
        if old is None:
            value = self.number(state.start, operation.scope)
        elif state.condition is not None and not self.holds(state.condition, operation.scope):
            value = self.codes[old]
        else:
            value = self.number(state.becomes, operation.scope)
        self.codes[operation.column] = value
        self.note(ChronicleEvent("state", state.key, operation.column.round, float(value), None, state.seen_by))

    def leave(self, exits: Mapping[Variable, Variable | int]) -> None:
        for column, source in exits.items():
            self.codes[column] = self.codes[source] if isinstance(source, Variable) else source
        self.left = True

    def holds(self, condition: Expression, scope: Scope) -> bool:
        return self.number(condition, scope) != 0

    def number(self, expression: Expression, scope: Scope) -> Rational:
        sources = {name: scope[name] for name in expression.names}
        known = {name: self.codes[at] if isinstance(at, Variable) else at for name, at in sources.items()}
        return exact(expression.root, known)

    def shown(self, name: str, code: Rational) -> str | float:
        """A told value for readers: a state's number, or a step's option."""
        step = self.match.board.crisis.named[name]
        if isinstance(step, State):
            return float(code)
        return SKIPPED if code < 0 else step.options[int(code)]
