"""From a crisis to its game: histories grown a step at a time, all at once, as columns.

Conditions, odds and payments are evaluated once per context, the combinations of values that they name.
A payment is noted as soon as everything that it names is known; a column is dropped after its last
reader, and rows that are then equal become one. What is left is the layered graph of `Game`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expression import SKIPPED_CODE, Expression, evaluate
from offramp.crisis.faults import CrisisError, Fault, Place, listed
from offramp.crisis.model import Chance, Crisis, Move
from offramp.game.columns import UNTOLD, Codes, Column, distinct, narrow, pack
from offramp.game.layers import CHANCE, Contexts, Game, Layer, Memory, OddsTable, Size
from offramp.game.plan import (
    Branch,
    EndRound,
    EnterRounds,
    ExitRounds,
    Operation,
    Pay,
    Scope,
    SetState,
    Show,
    odds_names,
    paid_names,
    plan_of,
)
from offramp.game.rows import BillBook, Frontier, Ids, Trail

MAX_NODES = 2_000_000


def compile_crisis(crisis: Crisis, *, max_nodes: int = MAX_NODES, merge: bool = True) -> Game:
    """Compile a crisis, with its pulled levers, to a game.

    Parameters
    ----------
    max_nodes
        The largest number of nodes, counted before equal ones are found; beyond it compilation stops.
    merge
        False leaves every history a path of its own: the game is then the tree. For checks.

    Raises
    ------
    CrisisError
        A move that can be left without an option, an option whose condition the mover cannot see, a
        history without an ending, a state that is no number, a game beyond `max_nodes`.

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
    compilation = _Compilation(crisis, max_nodes, merge)
    return compilation.game()


@dataclass
class _Compilation:
    crisis: Crisis
    max_nodes: int
    merge: bool
    trail: Trail = field(default_factory=Trail)
    book: BillBook = field(default_factory=BillBook)
    layers: list[Layer] = field(default_factory=list)
    memories: dict[int, Memory] = field(default_factory=dict)
    odds: list[OddsTable] = field(default_factory=list)
    levels: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    group_sizes: list[NDArray[np.int64]] = field(default_factory=list)
    group_options: list[NDArray[np.int64]] = field(default_factory=list)
    slot_options: list[NDArray[np.int64]] = field(default_factory=list)
    edge_rows: list[Ids] = field(default_factory=list)
    nodes: int = 0
    groups: int = 0
    slots: int = 0
    odds_slots: int = 0
    nodes_tree: float = 0.0
    index: int = 0
    """The operation that is being carried out."""
    left: list[Frontier] = field(default_factory=list)
    """The rows that have left the rounds."""

    def game(self) -> Game:
        frontier = self.trail.frontier({}, np.ones(1))
        operations = plan_of(self.crisis).operations
        for self.index, operation in enumerate(operations):
            frontier = self.carry_out(operation, frontier)
        self.trail.link(frontier, np.full(frontier.rows, ~self.nodes, dtype=np.int64))
        return self.finished(frontier)

    def carry_out(self, operation: Operation, frontier: Frontier) -> Frontier:
        if not frontier.rows and not isinstance(operation, ExitRounds):
            return self.nothing_left(operation, frontier)
        match operation:
            case Branch():
                return self.branch(operation, frontier)
            case SetState():
                self.set_state(operation, frontier)
            case Show():
                self.show(operation, frontier)
            case Pay():
                self.pay(operation, frontier)
            case EnterRounds():
                leaves = ~self.holds(operation.condition, operation.scope, frontier)
                return self.split(frontier, leaves, operation.exits)
            case EndRound(until=until, last=last, scope=scope, exits=exits):
                leaves = np.ones(frontier.rows, dtype=bool)
                if not last:
                    leaves = self.holds(until, scope, frontier) if until else ~leaves
                return self.split(frontier, leaves, exits)
            case ExitRounds():
                return self.exit_rounds(frontier)
        return self.dropped(frontier)

    def nothing_left(self, operation: Operation, frontier: Frontier) -> Frontier:
        """No row plays on in these rounds: carry the columns along, empty."""
        columns = dict(frontier.columns)
        if isinstance(operation, Branch | SetState | Show):
            columns[operation.column] = np.zeros(0, dtype=np.int8)
        frontier.columns = columns
        return frontier

    # -- values and contexts -------------------------------------------------------------------------

    def contexts(self, names: Mapping[str, Column | int] | Scope, frontier: Frontier, rows: Ids | None = None) -> tuple[Contexts, Ids]:
        """The distinct combinations of the values of names, and for each row its combination."""
        columns = {name: column for name, column in names.items() if isinstance(column, Column)}
        codes = {name: frontier.columns[column] for name, column in columns.items()}
        count = frontier.rows
        if rows is not None:
            codes = {name: column[rows] for name, column in codes.items()}
            count = len(rows)

        key, size = pack(list(codes.values()), count)
        found, inverse = distinct(key, size)
        sample = np.empty(len(found), dtype=np.int64)
        sample[inverse] = np.arange(count)
        values: dict[str, NDArray[np.generic]] = {
            name: self.decoded(columns[name], column[sample]) for name, column in codes.items()
        }
        for name, column in names.items():
            if not isinstance(column, Column):
                values[name] = np.full(len(found), float(column))
        return Contexts(values, len(found)), inverse

    def decoded(self, column: Column, codes: Codes) -> NDArray[np.generic]:
        """Codes as expressions want them: numbers for states and `round`, option codes for steps."""
        if column.kind == "state":
            return self.levels[column.name][codes]
        return codes.astype(np.float64 if column.kind == "round" else np.int32)

    def scoped(self, expression: Expression, scope: Scope) -> dict[str, Column | int]:
        return {name: scope[name] for name in expression.names if name in scope}

    def holds(self, condition: Expression, scope: Scope, frontier: Frontier, rows: Ids | None = None) -> NDArray[np.bool_]:
        """For each row whether a condition holds."""
        contexts, inverse = self.contexts(self.scoped(condition, scope), frontier, rows)
        value = self.numbers(condition, contexts)
        held: NDArray[np.bool_] = (value != 0.0)[inverse]
        return held

    def numbers(self, expression: Expression, contexts: Contexts) -> NDArray[np.float64]:
        """The expression's value in each context; what is no finite number is a fault."""
        value = np.broadcast_to(evaluate(expression.root, contexts.values), (contexts.count,))
        wrong = np.flatnonzero(~np.isfinite(value))
        if len(wrong):
            given = described(self.crisis, contexts, int(wrong[0]))
            self.fail(expression.place, f"'{expression.text}' is not a finite number{given}")
        return value

    def fail(self, place: Place, message: str) -> None:
        raise CrisisError(self.crisis.path, [Fault(place, message)])

    # -- rows ----------------------------------------------------------------------------------------

    def dropped(self, frontier: Frontier) -> Frontier:
        """Drop the columns that no later operation reads, and make equal rows one."""
        dead = [column for column in frontier.columns if column.last_read <= self.index]
        if not dead:
            return frontier
        for column in dead:
            del frontier.columns[column]
        return self.merged(frontier)

    def merged(self, frontier: Frontier) -> Frontier:
        if not self.merge or frontier.rows < 2:
            return frontier
        key, size = frontier.key(list(frontier.columns))
        found, inverse = distinct(key, size)
        if len(found) == frontier.rows:
            return frontier
        sample = np.empty(len(found), dtype=np.int64)
        sample[inverse] = np.arange(frontier.rows)
        columns = {column: codes[sample] for column, codes in frontier.columns.items()}
        histories = np.bincount(inverse, weights=frontier.histories, minlength=len(found))
        new = self.trail.frontier(columns, histories)
        self.trail.link(frontier, new.first + inverse)
        return new

    def split(self, frontier: Frontier, leaves: NDArray[np.bool_], exits: Mapping[Column, Column | int]) -> Frontier:
        """Send rows out of the rounds with the columns known there; return those that play on."""
        going, staying = np.flatnonzero(leaves), np.flatnonzero(~leaves)
        goes = np.empty(frontier.rows, dtype=np.int64)
        if len(going):
            columns: dict[Column, Codes] = {}
            for column, source in exits.items():
                if column.last_read > self.index:
                    if isinstance(source, Column):
                        columns[column] = frontier.columns[source][going]
                    else:
                        columns[column] = narrow(np.full(len(going), source))
            for column, codes in frontier.columns.items():
                if column.last_read > self.index:
                    columns[column] = codes[going]
            out = self.trail.frontier(columns, frontier.histories[going])
            goes[going] = out.first + np.arange(len(going))
            self.left.append(out)
        inside = {column: codes[staying] for column, codes in frontier.columns.items() if column.last_read > self.index}
        on = self.trail.frontier(inside, frontier.histories[staying])
        goes[staying] = on.first + np.arange(len(staying))
        self.trail.link(frontier, goes)
        if len(going):
            self.left[-1] = self.merged(self.left[-1])
        return self.merged(on)

    def exit_rounds(self, frontier: Frontier) -> Frontier:
        """All rows that left the rounds, together; what a row never came to is skipped."""
        pools, self.left = self.left, []
        self.trail.link(frontier, np.zeros(0, dtype=np.int64))
        wanted = dict.fromkeys(column for pool in pools for column in pool.columns if column.last_read > self.index)
        columns: dict[Column, Codes] = {}
        for column in wanted:
            blank = UNTOLD if column.kind == "told" else SKIPPED_CODE
            columns[column] = np.concatenate(
                [pool.columns.get(column, np.full(pool.rows, blank, dtype=np.int8)) for pool in pools]
            )
        new = self.trail.frontier(columns, np.concatenate([pool.histories for pool in pools]))
        first = new.first
        for pool in pools:
            self.trail.link(pool, first + np.arange(pool.rows))
            first += pool.rows
        return self.merged(new)

    # -- operations ----------------------------------------------------------------------------------

    def set_state(self, operation: SetState, frontier: Frontier) -> None:
        state, old = operation.state, operation.old
        scope = dict(operation.scope)
        if old is None:
            contexts, inverse = self.contexts(scope, frontier)
            value = self.numbers(state.start, contexts)
        else:
            kept = state.condition is not None and old in frontier.columns
            if kept:
                scope[state.name] = old
            contexts, inverse = self.contexts(scope, frontier)
            value = self.numbers(state.becomes, contexts)
            if state.condition is not None and kept:
                happens = evaluate(state.condition.root, contexts.values) != 0.0
                value = np.where(happens, value, contexts.values[state.name].astype(np.float64))
        if operation.column.last_read <= self.index:
            return
        levels = self.levels.get(state.name, np.zeros(0))
        fresh = np.setdiff1d(value, levels)
        self.levels[state.name] = np.concatenate([levels, fresh])
        order = np.argsort(self.levels[state.name], kind="stable")
        codes = order[np.searchsorted(self.levels[state.name], value, sorter=order)]
        frontier.columns[operation.column] = narrow(codes)[inverse]

    def show(self, operation: Show, frontier: Frontier) -> None:
        if operation.column.last_read <= self.index:
            return
        codes = frontier.columns[operation.source]
        if operation.tell.condition is not None:
            told = self.holds(operation.tell.condition, operation.scope, frontier)
            codes = np.where(told, codes, np.asarray(UNTOLD, dtype=codes.dtype))
        frontier.columns[operation.column] = codes

    def pay(self, operation: Pay, frontier: Frontier) -> None:
        contexts, inverse = self.contexts(operation.scope, frontier)
        if operation.term is None:
            ending = self.endings(contexts)
            missing = np.flatnonzero(ending < 0)
            if len(missing):
                row = int(np.flatnonzero(ending[inverse] < 0)[0])
                path = self.path_to(frontier, row)
                place = self.crisis.endings[-1].place
                self.fail(place, f"no ending holds after {path}; add a last ending `NAME: otherwise`")
            first = self.book.leaves(None, Contexts({}, len(self.crisis.endings)))
            bill = first + ending[inverse]
        else:
            bill = self.book.leaves(operation.term, contexts) + inverse
        frontier.bill = self.book.add(frontier.bill, bill.astype(np.int32))

    def endings(self, contexts: Contexts) -> NDArray[np.int64]:
        """For each context the first ending that holds, or -1."""
        ending = np.full(contexts.count, -1)
        for number, candidate in enumerate(self.crisis.endings):
            holds = np.ones(contexts.count, dtype=bool)
            if candidate.condition is not None:
                holds = self.numbers(candidate.condition, contexts) != 0.0
            ending[(ending < 0) & holds] = number
        return ending

    def branch(self, operation: Branch, frontier: Frontier) -> Frontier:
        step = operation.step
        happens = np.ones(frontier.rows, dtype=bool)
        for condition in operation.conditions:
            happens &= self.holds(condition, operation.scope, frontier)
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
        if self.nodes + frontier.rows + edges > self.max_nodes:
            self.too_large(operation, edges)
        skipped = np.flatnonzero(~happens)
        parent, option = np.nonzero(available[node_group])
        source = np.concatenate([skipped, node_rows[parent]]) if len(skipped) else node_rows[parent]
        columns = {
            column: codes[source] for column, codes in frontier.columns.items() if column.last_read > self.index
        }
        lost = len(columns) < len(frontier.columns)
        if operation.column.last_read > self.index:
            codes = np.concatenate([np.full(len(skipped), SKIPPED_CODE), option]) if len(skipped) else option
            columns[operation.column] = narrow(codes)
        else:
            lost = True
        new = self.trail.frontier(columns, frontier.histories[source])
        goes = np.empty(frontier.rows, dtype=np.int64)
        goes[node_rows] = ~(self.nodes + np.arange(len(node_rows)))
        goes[skipped] = new.first + np.arange(len(skipped))
        self.trail.link(frontier, goes)
        self.edge_rows.append(new.first + len(skipped) + np.arange(edges))
        self.enter_layer(operation, available, np.bincount(node_group, minlength=len(available)))
        self.nodes_tree += float(frontier.histories[rows].sum())
        return self.merged(new) if lost else new

    def enter_layer(self, operation: Branch, available: NDArray[np.bool_], sizes: NDArray[np.int64]) -> None:
        step = operation.step
        actor = CHANCE if isinstance(step, Chance) else list(self.crisis.actors).index(step.by)
        count = len(available)
        self.layers.append(Layer(step.name, operation.round, actor, self.groups, self.groups + count))
        self.group_sizes.append(sizes)
        self.group_options.append(available.sum(axis=1))
        if actor != CHANCE:
            option = np.nonzero(available)[1]
            self.slot_options.append(option)
            self.slots += len(option)
        self.groups += count
        self.nodes += int(sizes.sum())

    def chance_groups(self, operation: Branch, step: Chance, frontier: Frontier, rows: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        names = odds_names(self.crisis, step)
        contexts, group = self.contexts({name: operation.scope[name] for name in names}, frontier, rows)
        self.odds.append(OddsTable(step.name, operation.round, self.odds_slots, len(step.options), contexts))
        self.odds_slots += contexts.count * len(step.options)
        return group, np.ones((contexts.count, len(step.options)), dtype=bool)

    def information_sets(self, operation: Branch, move: Move, frontier: Frontier, rows: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        """Group the rows by what the mover remembers, and find the options that each group has."""
        remembered = [column for column in frontier.columns if column.remembered(move.by, self.index)]

        key, size = pack([frontier.columns[column][rows] for column in remembered], len(rows))
        found, group = distinct(key, size)
        sample = np.empty(len(found), dtype=np.int64)
        sample[group] = np.arange(len(rows))
        available = np.ones((len(found), len(move.options)), dtype=bool)
        for option, condition in move.only_if.items():
            number = move.options.index(option)
            held = self.holds(condition, operation.scope, frontier, rows)
            available[:, number] = held[sample]
            differs = np.flatnonzero(held != held[sample][group])
            if len(differs):
                self.hidden_menu(operation, move, option, frontier, rows[differs[0]], rows[sample[group[differs[0]]]])
        for option in self.crisis.forbidden(move.name):
            available[:, move.options.index(option)] = False
        stuck = np.flatnonzero(~available.any(axis=1))
        if len(stuck):
            path = self.path_to(frontier, int(rows[sample[stuck[0]]]))
            levers = f" under {listed(self.crisis.pulled)}" if self.crisis.pulled else ""
            self.fail(move.place, f"'{move.name}' is left with no option{levers}{in_round(operation.round)} after {path}")
        codes = np.array([frontier.columns[column][rows][sample] for column in remembered], dtype=np.int32)
        memory = Memory(operation, tuple(remembered), self.index, codes.reshape(len(remembered), len(found)))
        self.memories[len(self.layers)] = memory
        return group, available

    def hidden_menu(self, operation: Branch, move: Move, option: str, frontier: Frontier, one: int, other: int) -> None:
        """An option is open at one row and not at another that the mover cannot tell apart."""
        condition = move.only_if[option]
        hidden = []
        for name in sorted(condition.names):
            column = operation.scope[name]
            if isinstance(column, Column) and frontier.columns[column][one] != frontier.columns[column][other]:
                hidden.append(f"'{name}'")
        facts = listed(hidden)
        self.fail(
            condition.place,
            f"only_if of option '{option}' depends on {facts}, which {move.by} does not see at '{move.name}': "
            f"it would read {facts} off its own menu",
        )

    def too_large(self, operation: Branch, edges: int) -> None:
        step = operation.step
        others = [actor.key for actor in self.crisis.actors.values() if actor.memory == "recall"]
        forget = f", or let {listed(others)} forget earlier rounds (`memory: state`)" if operation.round and others else ""
        self.fail(
            step.place,
            f"'{step.name}'{in_round(operation.round)} makes the game too large: {self.nodes:,} nodes so far and "
            f"{edges:,} ways on, more than {self.max_nodes:,}; raise --max-nodes{forget}",
        )

    def path_to(self, frontier: Frontier, row: int) -> str:
        """The choices that lead to a row, for messages."""
        parts: list[str] = []
        at: int | None = frontier.first + row
        first_nodes = np.concatenate([[0], np.cumsum([int(sizes.sum()) for sizes in self.group_sizes])])
        while at is not None:
            layer = next((number for number, rows in enumerate(self.edge_rows) if len(rows) and rows[0] <= at <= rows[-1]), None)
            if layer is None:
                at = self.trail.came_from(at)
                continue
            node, option = self.edge_of(layer, at - int(self.edge_rows[layer][0]))
            where = self.layers[layer]
            name = self.crisis.named[where.step].options[option]  # type: ignore[union-attr]
            parts.append(f"{where.step} = {name}{in_round(where.round)}")
            at = self.trail.came_from(~(int(first_nodes[layer]) + node))
        return ", ".join(reversed(parts)) or "the beginning"

    def edge_of(self, layer: int, edge: int) -> tuple[int, int]:
        """The node of its layer and the option's number of an edge of a layer."""
        sizes, options = self.group_sizes[layer], self.group_options[layer]
        ends = np.cumsum(sizes * options)
        group = int(np.searchsorted(ends, edge, side="right"))
        within = edge - int(ends[group] - sizes[group] * options[group])
        node = int(sizes[:group].sum()) + within // int(options[group])
        number = within % int(options[group])
        if self.layers[layer].actor == CHANCE:
            return node, number
        moves_before = sum(1 for other in self.layers[:layer] if other.actor != CHANCE)
        slot = int(options[:group].sum()) + number
        return node, int(self.slot_options[moves_before][slot])

    def finished(self, frontier: Frontier) -> Game:
        """Put the arrays together; every edge finds its node and its bill."""
        node, bill = self.trail.resolve(self.book)
        rows = np.concatenate([*self.edge_rows, np.zeros(0, dtype=np.int64)])
        sizes = np.concatenate([*self.group_sizes, np.zeros(0, dtype=np.int64)])
        options = np.concatenate([*self.group_options, np.zeros(0, dtype=np.int64)])
        is_move = np.concatenate(
            [np.full(layer.end_group - layer.first_group, layer.actor != CHANCE) for layer in self.layers] or [np.zeros(0, bool)]
        )
        profile_slots = np.concatenate([[0], np.cumsum(np.where(is_move, options, 0))])
        odds_slots = np.concatenate([[0], np.cumsum(np.where(is_move, 0, options))])
        group_slot = np.where(np.append(is_move, True), profile_slots, odds_slots)
        information_sets = {actor: 0 for actor in self.crisis.actors}
        for layer in self.layers:
            if layer.actor != CHANCE:
                information_sets[list(self.crisis.actors)[layer.actor]] += layer.end_group - layer.first_group
        histories = float(frontier.histories.sum())
        size = Size(
            histories=int(histories),
            nodes_tree=int(self.nodes_tree + histories),
            nodes=self.nodes + frontier.rows,
            information_sets=sum(information_sets.values()),
            information_sets_of=information_sets,
        )
        return Game(
            crisis=self.crisis,
            actors=tuple(self.crisis.actors),
            layers=tuple(self.layers),
            group_node=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
            group_slot=group_slot.astype(np.int32),
            group_options=options.astype(np.int32),
            group_edge=np.concatenate([[0], np.cumsum(sizes * options)]).astype(np.int64),
            edge_child=node[rows],
            edge_bill=bill[rows],
            root=int(node[0]),
            root_bill=int(bill[0]),
            slots=self.slots,
            slot_option=np.concatenate([*self.slot_options, np.zeros(0, dtype=np.int64)]).astype(np.int32),
            odds=tuple(self.odds),
            odds_slots=self.odds_slots,
            bills=tuple(self.book.bills),
            bill_count=self.book.count,
            believers=believers(self.crisis),
            memories=self.memories,
            levels=self.levels,
            size=size,
        )


def believers(crisis: Crisis) -> tuple[str, ...]:
    """The actors who have odds of their own for some chance step."""
    own = {actor for step in crisis.steps() if isinstance(step, Chance) for actor in step.believed_by}
    return tuple(actor for actor in crisis.actors if actor in own)


def in_round(number: int) -> str:
    """` in round 2`, or nothing outside rounds."""
    return f" in round {number}" if number else ""


def described(crisis: Crisis, contexts: Contexts, context: int) -> str:
    """A context in words: ` where damage = hits, war = 1`."""
    parts = []
    for name, values in sorted(contexts.values.items()):
        value = values[context]
        step = crisis.named.get(name)
        if step is None or not isinstance(step, Chance | Move):
            parts.append(f"{name} = {float(value):g}")
        else:
            parts.append(f"{name} = {'skipped' if value < 0 else step.options[int(value)]}")
    return f" where {', '.join(parts)}" if parts else ""


