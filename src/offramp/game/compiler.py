"""Compiling a crisis to its game: all histories grow together, step by step, as rows of columns.

Conditions, odds and payments are evaluated once for each context, a combination of the values that they name. A
payment is recorded as soon as everything that it names is known. A column is dropped after its last reader, and rows
that are equal from then on are merged. The result is the layered graph of `Game`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.garbage import uncollected
from offramp.common.words import listed
from offramp.crisis.expressions.expression import SKIPPED_CODE
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Position
from offramp.crisis.steps import Chance, Move
from offramp.game.assembly import Assembly, in_round
from offramp.game.columns import NOT_SHOWN, Variable, distinct, narrow, pack, sample_rows
from offramp.game.contexts import Combinations, Levels, Reader
from offramp.game.game import Contexts, EndingState, Game, Memory
from offramp.game.menus import Menus, under
from offramp.game.operations import EndRound, EnterRounds, ExitRounds, Operation, Pay, SetState, Show, StepOperation
from offramp.game.plan import odds_names, plan_of
from offramp.game.private_shocks import check_private_shocks
from offramp.game.rows import Frontier, Ids, Trail

MAX_NODES = 2_000_000


@uncollected()
def compile_crisis(
    crisis: Crisis, *, max_nodes: int = MAX_NODES, merge: bool = True, before: Game | None = None
) -> Game:
    """Compile a crisis, with its pulled levers, to a game.

    Parameters
    ----------
    crisis
        The crisis; its pulled levers remove options here, and set inputs when it is solved.
    max_nodes
        The largest number of nodes, counted before merging; compilation stops beyond it.
    merge
        False keeps every history apart, so the game is the tree.
    before
        The game of `crisis.before_now`, if it is compiled already.

    Raises
    ------
    CrisisError
        If a move can be left without an option, the mover cannot see an option's condition, a history has no ending,
        a state is not a number, the game has more than `max_nodes` nodes, or private shocks cannot be summed exactly.

    Examples
    --------
    >>> from offramp.crisis.reading import read_text
    >>> text = b'''
    ... format: 1
    ... title: A coin and a call
    ... actors: {caller: {name: Caller}}
    ... timeline:
    ...   - {chance: coin, odds: {heads: 0.5, tails: rest}, seen_by: []}
    ...   - {move: call, by: caller, options: [same, other]}
    ... payoffs: {caller: {win: (coin == heads) == (call == same)}}
    ... endings: {all: otherwise}
    ... '''
    >>> compile_crisis(read_text(text, "coin.yaml")).size.histories
    4
    """
    assembly = Assembly(crisis, Trail(merging=merge))
    with np.errstate(over="ignore"):  # counts of histories may exceed the largest float
        reader = Reader(crisis, assembly.levels)
        operations = plan_of(crisis).operations
        game = Compilation(crisis, operations, max_nodes, assembly, reader, Menus(crisis)).game()
    check_private_shocks(game)
    if crisis.measures:
        # a game of its own: what measures name keeps histories apart, which would change the order of all sums
        game = replace(game, measured=compile_crisis(crisis.measuring, max_nodes=max_nodes, merge=merge))
    if not game.as_of_now or crisis.menus == crisis.before_now.menus:
        return game
    return replace(game, before=before or compile_crisis(crisis.before_now, max_nodes=max_nodes, merge=merge))


def compiled_again(game: Game, crisis: Crisis) -> Game | None:
    """The game of the same crisis as of another moment or with other levers, if moves keep their options; else None.

    It has the same graph, so nothing is compiled.
    """
    if crisis.menus != game.crisis.menus:
        return None
    measured = None if game.measured is None else replace(game.measured, crisis=crisis.measuring)
    return replace(game, crisis=crisis, measured=measured, before=None)


@dataclass(eq=False)
class Compilation:
    """A compilation in progress: the operations of a plan, carried out on all histories at once."""

    crisis: Crisis
    operations: tuple[Operation, ...]
    max_nodes: int
    assembly: Assembly
    reader: Reader
    menus: Menus
    index: int = 0
    """The current operation."""
    left: list[Frontier] = field(default_factory=list)
    """The rows that have left the current rounds."""
    ending_states: tuple[EndingState, ...] = ()
    last: Position | None = None
    """The last step, and its round."""
    known_after: dict[int, Position | None] = field(default_factory=dict)
    """For each payment, by position: the step after which everything of it is known."""

    @property
    def trail(self) -> Trail:
        return self.assembly.trail

    def last_frontier(self) -> Frontier:
        """The frontier after all operations."""
        frontier = self.trail.frontier({}, np.ones(1))
        for index, operation in enumerate(self.operations):
            self.index = index
            if isinstance(operation, StepOperation):
                self.last = operation.step.key, operation.round
            frontier = self.carry_out(operation, frontier)
        return frontier

    def game(self) -> Game:
        frontier = self.last_frontier()
        self.menus.check_commitments()
        self.trail.link(frontier, np.full(frontier.rows, ~self.assembly.nodes, dtype=np.int64))
        return self.assembly.game(frontier, self.ending_states, self.known_after)

    def carry_out(self, operation: Operation, frontier: Frontier) -> Frontier:
        """The frontier after an operation."""
        if not frontier.rows and not isinstance(operation, ExitRounds):
            return self.without_rows(operation, frontier)
        match operation:
            case StepOperation():
                return self.branch(operation, frontier)
            case SetState():
                self.set_state(operation, frontier)
            case Show():
                self.show(operation, frontier)
            case Pay():
                self.pay(operation, frontier)
            case EnterRounds():
                leaving = ~self.reader.holds(operation.condition, operation.scope, frontier)
                return self.split(frontier, leaving, operation.exits)
            case EndRound(until=until, last=last, scope=scope, exits=exits):
                leaving = np.ones(frontier.rows, dtype=bool)
                if not last:
                    leaving = self.reader.holds(until, scope, frontier) if until else ~leaving
                return self.split(frontier, leaving, exits)
            case ExitRounds():
                return self.exit_rounds(frontier)
        return self.dropped(frontier)

    def without_rows(self, operation: Operation, frontier: Frontier) -> Frontier:
        """All rows have left the rounds: keep the columns, empty."""
        columns = dict(frontier.columns)
        if isinstance(operation, StepOperation | SetState | Show):
            columns[operation.column] = np.zeros(0, dtype=np.int8)
        frontier.columns = columns
        return frontier

    def fail(self, place: Location, message: str) -> None:
        raise CrisisError(self.crisis.path, [Fault(place, message)])

    def dropped(self, frontier: Frontier) -> Frontier:
        """Drop the columns that no later operation reads, and merge equal rows."""
        dead = [column for column in frontier.columns if column.last_read <= self.index]
        if not dead:
            return frontier
        for column in dead:
            del frontier.columns[column]
        return self.trail.merged(frontier)

    def split(
        self, frontier: Frontier, leaving: NDArray[np.bool_], exits: Mapping[Variable, Variable | int]
    ) -> Frontier:
        """Move the leaving rows out of the rounds; return the others."""
        out, remaining = self.trail.split(frontier, leaving, exits, self.index)
        if out is not None:
            self.left.append(out)
        return remaining

    def exit_rounds(self, frontier: Frontier) -> Frontier:
        """All rows that have left the rounds."""
        pools, self.left = self.left, []
        self.trail.link(frontier, np.zeros(0, dtype=np.int64))
        return self.trail.joined(pools, self.index)

    def set_state(self, operation: SetState, frontier: Frontier) -> None:
        state, old = operation.state, operation.old
        may_keep = old is not None and state.condition is not None and old in frontier.columns
        scope = {**operation.scope, state.key: old} if old is not None and may_keep else operation.scope
        combinations, inverse = self.reader.combinations(scope, frontier)
        changes = np.ones(combinations.count, dtype=bool)
        if old is not None and state.condition is not None:
            changes = combinations.holds(state.condition)
        expression = state.start if old is None else state.becomes
        values, indices = combinations.only(np.flatnonzero(changes)).numbers(expression)
        if operation.column.last_read > self.index:
            codes = np.zeros(combinations.count, dtype=np.int64)
            if may_keep:
                codes = combinations.codes[state.key].astype(np.int64)
            codes[changes] = self.assembly.levels.setdefault(state.key, Levels()).coded(values)[indices]
            frontier.columns[operation.column] = narrow(codes)[inverse]

    def show(self, operation: Show, frontier: Frontier) -> None:
        if operation.column.last_read <= self.index:
            return
        codes = frontier.columns[operation.source]
        if operation.tell.condition is not None:
            shown = self.reader.holds(operation.tell.condition, operation.scope, frontier)
            codes = np.where(shown, codes, np.asarray(NOT_SHOWN, dtype=codes.dtype))
        frontier.columns[operation.column] = codes

    def pay(self, operation: Pay, frontier: Frontier) -> None:
        combinations, inverse = self.reader.combinations(operation.scope, frontier)
        if operation.term is None:
            ending = self.endings(combinations)
            missing = np.flatnonzero(ending < 0)
            if len(missing):
                row = int(np.flatnonzero(ending[inverse] < 0)[0])
                path = self.assembly.path_to(frontier.first + row)
                place = self.crisis.endings[-1].place
                self.fail(place, f"no ending holds after {path}; add a last ending `NAME: otherwise`")
            first = self.assembly.book.new_terms(None, Contexts({}, len(self.crisis.endings)))
            payoff = first + ending[inverse]
        else:
            contexts = combinations.contexts([self.crisis.terms[operation.term].pays])
            self.known_after[len(self.assembly.book.entries)] = self.last
            payoff = self.assembly.book.new_terms(operation.term, contexts) + inverse
        frontier.payoff = self.assembly.book.add(frontier.payoff, payoff.astype(np.int32))

    def endings(self, combinations: Combinations) -> NDArray[np.int64]:
        """The first ending that holds in each combination, or -1."""
        ending = np.full(combinations.count, -1)
        states: list[EndingState] = []
        for number, candidate in enumerate(self.crisis.endings):
            holds = np.ones(combinations.count, dtype=bool)
            if candidate.condition is not None:
                holds = combinations.holds(candidate.condition)
            first = holds & (ending < 0)
            ending[first] = number
            states.append("reached" if first.any() else "shadowed" if holds.any() else "never")
        self.ending_states = tuple(states)
        return ending

    def branch(self, operation: StepOperation, frontier: Frontier) -> Frontier:
        step = operation.step
        happens = np.ones(frontier.rows, dtype=bool)
        for condition in operation.conditions:
            happens &= self.reader.holds(condition, operation.scope, frontier)
        rows = np.flatnonzero(happens)
        if not len(rows):
            if operation.column.last_read > self.index:
                frontier.columns[operation.column] = np.full(frontier.rows, SKIPPED_CODE, dtype=np.int8)
            return self.dropped(frontier)
        if isinstance(step, Move):
            group, available = self.information_sets(operation, step, frontier, rows)
        else:
            group, available = self.chance_groups(operation, step, frontier, rows)
        order = np.argsort(group, kind="stable")
        node_rows, node_group = rows[order], group[order]
        options = available.sum(axis=1)
        edges = int(options[node_group].sum())
        if self.assembly.nodes + frontier.rows + edges > self.max_nodes:
            self.too_large(operation, self.assembly.nodes + len(rows), edges)
        skipped = np.flatnonzero(~happens)
        parent, option = np.nonzero(available[node_group])
        source = np.concatenate([skipped, node_rows[parent]]) if len(skipped) else node_rows[parent]
        columns = {column: codes[source] for column, codes in frontier.columns.items() if column.last_read > self.index}
        lost = len(columns) < len(frontier.columns)
        if operation.column.last_read > self.index:
            codes = np.concatenate([np.full(len(skipped), SKIPPED_CODE), option]) if len(skipped) else option
            columns[operation.column] = narrow(codes)
        else:
            lost = True
        new = self.trail.frontier(columns, frontier.histories[source])
        successors = np.empty(frontier.rows, dtype=np.int64)
        successors[node_rows] = ~(self.assembly.nodes + np.arange(len(node_rows)))
        successors[skipped] = new.first + np.arange(len(skipped))
        self.trail.link(frontier, successors)
        edge_rows = new.first + len(skipped) + np.arange(edges)
        sizes = np.bincount(node_group, minlength=len(available))
        self.assembly.enter_layer(operation, available, sizes, edge_rows, float(frontier.histories[rows].sum()))
        return self.trail.merged(new) if lost else new

    def chance_groups(
        self, operation: StepOperation, step: Chance, frontier: Frontier, rows: Ids
    ) -> tuple[Ids, NDArray[np.bool_]]:
        """Group the rows by the context of the step's odds; every option is available."""
        names = sorted(odds_names(self.crisis, step))
        combinations, group = self.reader.combinations({name: operation.scope[name] for name in names}, frontier, rows)
        rows_of_odds = [row for odds in (step.odds, *step.believed_by.values()) for row in odds.rows]
        contexts = combinations.contexts(
            [entry for row in rows_of_odds for entry in row.entries.values() if entry is not None],
            [row.condition for row in rows_of_odds if row.condition is not None],
        )
        self.assembly.enter_odds(step, operation.round, contexts)
        return group, np.ones((combinations.count, len(step.options)), dtype=bool)

    def information_sets(
        self, operation: StepOperation, move: Move, frontier: Frontier, rows: Ids
    ) -> tuple[Ids, NDArray[np.bool_]]:
        """Group the rows by what the mover remembers, and find the options that each group has."""
        remembered = [column for column in frontier.columns if column.remembered(move.by, self.index)]
        keys, group = distinct(*pack([frontier.columns[column][rows] for column in remembered], len(rows)))
        sample = sample_rows(group, len(keys))
        available = np.ones((len(keys), len(move.options)), dtype=bool)
        closed = self.crisis.menus[move.key, operation.round].closed
        for option, condition in move.only_if.items():
            if option in closed:
                continue
            number = move.options.index(option)
            allowed = self.reader.holds(condition, operation.scope, frontier, rows)
            available[:, number] = allowed[sample]
            differs = np.flatnonzero(allowed != allowed[sample][group])
            if len(differs):
                pair = rows[differs[0]], rows[sample[group[differs[0]]]]
                self.fail_hidden_condition(operation, move, option, frontier, *pair)
        self.menus.restrict(move, operation.round, available)
        stuck = np.flatnonzero(~available.any(axis=1))
        if len(stuck):
            path = self.assembly.path_to(frontier.first + int(rows[sample[stuck[0]]]))
            when = f"{under(self.crisis.pulled)}{in_round(operation.round)} after {path}"
            self.fail(move.place, f"'{move.key}' is left with no option{when}")
        codes = np.array([frontier.columns[column][rows][sample] for column in remembered], dtype=np.int32)
        memory = Memory(operation, tuple(remembered), self.index, codes.reshape(len(remembered), len(keys)))
        self.assembly.memories[len(self.assembly.layers)] = memory
        return group, available

    def fail_hidden_condition(
        self, operation: StepOperation, move: Move, option: str, frontier: Frontier, row: int, other: int
    ) -> None:
        """Refuse an option that is available in one of two rows that the mover cannot distinguish."""
        condition = move.only_if[option]
        hidden = []
        for name in sorted(condition.names):
            column = operation.scope[name]
            if isinstance(column, Variable) and frontier.columns[column][row] != frontier.columns[column][other]:
                hidden.append(f"'{name}'")
        facts = listed(hidden)
        self.fail(
            condition.place,
            f"only_if of option '{option}' depends on {facts}, which {move.by} does not see at '{move.key}': "
            f"it would read {facts} off its own menu",
        )

    def too_large(self, operation: StepOperation, nodes: int, edges: int) -> None:
        step = operation.step
        others = [actor.key for actor in self.crisis.actors.values() if actor.memory == "recall"]
        forget = (
            f", or let {listed(others)} forget earlier rounds (`memory: state`)" if operation.round and others else ""
        )
        self.fail(
            step.place,
            f"'{step.key}'{in_round(operation.round)} makes the game too large: {nodes:,} nodes so far and "
            f"{edges:,} ways on, more than {self.max_nodes:,}; raise --max-nodes{forget}",
        )
