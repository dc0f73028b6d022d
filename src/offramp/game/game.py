"""The compiled game: a layered graph of arrays that serves every draw.

A node is a chance event or a decision. Nodes are ordered in layers (one step of the timeline, in one round), and within
a layer in groups: an information set of the mover, or the nodes of a chance step with the same odds. A group's nodes
are consecutive and have the same options, so a node's edges are numbered by its group's options. Children always lie
in later layers; the last node is the end of play and has no edges.

Payoffs accumulate along the edges. An edge's payoff is a number: 0 is none, the others are payoff terms in their
contexts (`PayoffTerms`) and sums of two earlier payoffs (`PayoffSums`). Amounts depend on the draw; structure does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import told_apart
from offramp.common.printable import printable
from offramp.crisis.expressions.expression import Node, Rational
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.crisis.observation import Position
from offramp.game.columns import LAST_ROUND, NOT_SHOWN
from offramp.game.last_draw import LastDraw

if TYPE_CHECKING:
    from offramp.game.columns import Variable
    from offramp.game.operations import StepOperation

CHANCE = -1
"""The actor of a chance layer."""
NO_TEXTS: Mapping[str, str] = {}
"""The `texts` of a situation whose numbers need none; shared, as there may be millions of situations."""

Int = NDArray[np.int32]
EndingState = Literal["reached", "shadowed", "never"]


@dataclass(frozen=True, eq=False, repr=False)
class Contexts:
    """Combinations of the values that expressions name: for each name, one value per context.

    `values`: option codes of steps, floats of everything else. `exact`: the exact values of states. `decided`: whether
    each condition in the expressions that names no input holds.
    """

    values: Mapping[str, NDArray[np.generic]]
    count: int
    exact: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)
    decided: Mapping[Node, NDArray[np.bool_]] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Mapping[tuple[str, float], str]:
        """By state and value, the text of the values that six digits do not tell apart from another context's."""
        return {
            (name, value): text for name in self.exact for value, text in told_apart(self.values[name].tolist()).items()
        }


@dataclass(frozen=True)
class OddsTable:
    """A chance layer's odds: one row for each context (a group of nodes), `options` slots per row from `first_slot`."""

    step: str
    round: int
    first_slot: int
    options: int
    contexts: Contexts


@dataclass(frozen=True)
class PayoffTerms:
    """Payoffs `first`, `first + 1`, ...: one for each context of a payoff term or, if `term` is None, each ending."""

    first: int
    term: int | None
    contexts: Contexts


@dataclass(frozen=True)
class PayoffSums:
    """Payoffs `first`, `first + 1`, ...: sums of two earlier ones."""

    first: int
    left: Int
    right: Int


PayoffEntries = PayoffTerms | PayoffSums


@dataclass(frozen=True)
class Layer:
    """One step in one round: its mover, or `CHANCE`, and the range of its groups."""

    step: str
    round: int
    actor: int
    first_group: int
    end_group: int


@dataclass(frozen=True)
class Situation:
    """An information set: what its actor knows when it moves.

    `sees` maps labels to options or numbers: a plain name for a current value, `name@2` for round 2, `name@start` for
    a state's start. `slots`: its options' positions in a profile. `texts`: by label, the text of numbers
    that six digits do not tell apart from another value of the state.
    """

    move: str
    round: int
    actor: str
    sees: Mapping[str, str | float]
    options: tuple[str, ...]
    slots: slice
    texts: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def text(self, label: str) -> str:
        """What `sees` has for a label, as text."""
        value = self.sees[label]
        return value if isinstance(value, str) else self.texts.get(label) or format(value, "g")


@dataclass(frozen=True, eq=False, repr=False)
class Memory:
    """What the mover of a layer remembers: columns and, for each of the layer's groups, their codes."""

    branch: StepOperation
    columns: tuple[Variable, ...]
    operation: int
    codes: NDArray[np.int32]
    """(columns, groups)"""


@dataclass(frozen=True)
class Size:
    """Counts of the tree and of the compiled graph; `nodes` include the end, `histories` are whole plays.

    Counts beyond 2**53 are rounded to the nearest float, and cut off at the largest float.
    """

    histories: int
    nodes_tree: int
    nodes: int
    information_sets: int
    information_sets_of: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The counts as plain values."""
        return asdict(self)


@dataclass(frozen=True, repr=False, eq=False)
class Game:
    """A compiled crisis.

    `group_node`: (groups + 1,) first node of each group; `group_slot`: (groups + 1,) first slot, in the
    profile for a move, in the odds for a chance group; `group_edge`: (groups + 1,) first edge, the edges
    of a node being consecutive; `edge_child`, `edge_payoff`: (edges,). `slot_option`: (slots,) the option's
    number in its move. `root_payoff` is the payoff before the first node.
    """

    crisis: Crisis
    actors: tuple[str, ...]
    layers: tuple[Layer, ...]
    group_node: Int
    group_slot: Int
    group_options: Int
    group_edge: NDArray[np.int64]
    edge_child: Int
    edge_payoff: Int
    root: int
    root_payoff: int
    slots: int
    slot_option: Int
    odds: tuple[OddsTable, ...]
    odds_slots: int
    payoff_entries: tuple[PayoffEntries, ...]
    payoff_count: int
    believers: tuple[str, ...]
    """The actors with their own odds: belief systems 1, 2, ...; 0 is the analyst's."""
    memories: Mapping[int, Memory]
    """By position of the layer."""
    levels: Mapping[str, Sequence[Rational]]
    """Each state's values, by code."""
    ending_states: tuple[EndingState, ...]
    """For each ending: reached, shadowed (holds only where an earlier one does), or never."""
    size: Size
    known_after: Mapping[int, Position | None] = field(default_factory=dict)
    """By position in `payoff_entries` of a payoff term: the last step on which it depends, or None for none."""
    measured: Game | None = None
    """The game with the crisis's measures in place of payoffs, played by the same profiles; None without measures."""
    before: Game | None = None
    """The game that was played up to now, if levers pulled since then change its options; else None: this one."""

    @property
    def nodes(self) -> int:
        """The number of nodes without the end of play, which is node `nodes`."""
        return int(self.group_node[-1])

    @property
    def as_of_now(self) -> bool:
        """Whether a step of the timeline is past, made or not; if not, the crisis is taken from its outset."""
        return bool(self.crisis.past)

    @cached_property
    def past(self) -> int:
        """The number of layers up to now."""
        known = self.crisis.past
        return max((end for end, layer in enumerate(self.layers, 1) if (layer.step, layer.round) in known), default=0)

    @cached_property
    def paid(self) -> frozenset[int]:
        """Positions in `payoff_entries` of what was paid up to now: all that it depends on was known."""
        known = self.crisis.past
        if not known:
            return frozenset()
        return frozenset(place for place, step in self.known_after.items() if step is None or step in known)

    @cached_property
    def last_draw(self) -> list[LastDraw]:
        """The one entry is what is kept of the last single draw whose numbers were computed."""
        return [LastDraw()]

    @property
    def so_far(self) -> Game:
        """The game that was played up to now."""
        return self.before or self

    @property
    def past_groups(self) -> int:
        """The number of groups up to now."""
        return self.layers[self.past - 1].end_group if self.past else 0

    @property
    def past_slots(self) -> int:
        """The number of slots of the profile up to now; they come first."""
        return self._past_options(moves=True)

    @property
    def past_odds_slots(self) -> int:
        """The number of slots of the odds up to now; they come first."""
        return self._past_options(moves=False)

    def _past_options(self, moves: bool) -> int:
        layers = [layer for layer in self.layers[: self.past] if (layer.actor != CHANCE) == moves]
        return sum(slots.stop - slots.start for slots in map(self.slots_of, layers))

    def slots_of(self, layer: Layer) -> slice:
        """The slots of a layer: in the profile for a move, in the odds for a chance step."""
        first = int(self.group_slot[layer.first_group])
        return slice(first, first + int(self.group_options[layer.first_group : layer.end_group].sum()))

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """The information sets, in the order of the profile."""
        return tuple(
            one for place, layer in self.moving_layers for one in self._situations(layer, self.memories[place])
        )

    @cached_property
    def numbers(self) -> Mapping[tuple[str, float], str]:
        """By state and value, the text of the values that six digits do not tell apart from another of the state."""
        return {
            (state, value): text
            for state, levels in self.levels.items()
            for value, text in told_apart(map(float, levels)).items()
        }

    @cached_property
    def texts(self) -> Mapping[str, Mapping[int, str]]:
        """By state and code, the text of the values in `numbers`; exact if no float tells the value from another."""
        texts = {}
        for state, levels in self.levels.items():
            floats = [float(level) for level in levels]
            count = Counter(floats)
            texts[state] = {
                code: self.numbers[state, value] if count[value] == 1 else str(levels[code])
                for code, value in enumerate(floats)
                if count[value] > 1 or (state, value) in self.numbers
            }
        return texts

    @cached_property
    def names(self) -> Names:
        """The names of the crisis's parts, with the game's `numbers`."""
        return replace(names_of(self.crisis), numbers=self.numbers)

    @cached_property
    def moving_layers(self) -> tuple[tuple[int, Layer], ...]:
        """The layers of the information sets, in the order of the profile, with their places in `layers`.

        Where sets do not fit into a single layer, it is the first one.
        """
        found, end = [], 0
        for place, layer in enumerate(self.layers):
            if layer.actor != CHANCE and self.group_slot[layer.first_group] >= end:
                found.append((place, layer))
                end = self.slots_of(layer).stop
        return tuple(found)

    def _situations(self, layer: Layer, memory: Memory) -> Iterator[Situation]:
        actor = self.actors[layer.actor]
        names = self.crisis.options_of(layer.step)
        first = self.group_slot[layer.first_group : layer.end_group].tolist()
        count = self.group_options[layer.first_group : layer.end_group].tolist()
        numbers = self.slot_option[first[0] : first[-1] + count[-1]].tolist()
        for (sees, texts), slot, options in zip(self._sees(actor, memory), first, count, strict=True):
            begin = slot - first[0]
            chosen = tuple(names[number] for number in numbers[begin : begin + options])
            yield Situation(layer.step, layer.round, actor, sees, chosen, slice(slot, slot + options), texts)

    def _sees(self, actor: str, memory: Memory) -> Iterator[tuple[dict[str, str | float], Mapping[str, str]]]:
        """What the actor sees at each of a layer's information sets, and the `texts` of that."""
        branch = memory.branch
        codes = memory.codes.tolist()
        steps = [(column, row) for column, row in zip(memory.columns, codes, strict=True) if column.kind != "round"]
        counts = {
            column.block: row for column, row in zip(memory.columns, codes, strict=True) if column.kind == "round"
        }
        latest = max([branch.block, *counts])
        labels = [
            (column, _label(self.crisis, column, actor, memory), row, self.texts.get(column.name))
            for column, row in steps
        ]
        for group in range(memory.codes.shape[1]):
            played = {block: int(row[group]) for block, row in counts.items()}
            if branch.block:
                played[branch.block] = branch.round
            sees: dict[str, str | float] = {}
            texts: dict[str, str] = {}
            if latest:
                sees["round"] = float(played[latest])
                sees |= {f"round (rounds {block})": float(n) for block, n in played.items() if block != latest}
            for column, label, row, known in labels:
                code = row[group]
                if code == NOT_SHOWN:
                    continue
                if column.block != branch.block and column.block in played:
                    # skip a round that was not played, and a state's last value, which has the plain label
                    over = column.round - played[column.block]
                    if over > 0 or (over == 0 and column.kind == "state"):
                        continue
                sees[label] = self.value_of(column.name, code)
                if known and code in known:
                    texts[label] = known[code]
            yield sees, texts or NO_TEXTS

    def value_of(self, name: str, code: int) -> str | float:
        """The option, `skipped`, or the state's number for a code in a column of `name`."""
        if name in self.levels:
            return float(self.levels[name][code])
        return "skipped" if code < 0 else self.crisis.options_of(name)[code]

    def __repr__(self) -> str:
        size = self.size
        return printable(
            f"Game of '{self.crisis.title}': {size.histories:,} histories, {size.nodes_tree:,} nodes in the tree, "
            f"{size.nodes:,} after merging, {size.information_sets:,} information sets"
        )


def described_sees(situation: Situation) -> str:
    """What an information set knows, in words: `round 2, channel = give_notice`."""
    parts = []
    for label in situation.sees:
        text = situation.text(label)
        parts.append(f"round {text}" if label == "round" else f"{label} = {text}")
    return ", ".join(parts)


def _label(crisis: Crisis, column: Variable, actor: str, memory: Memory) -> str:
    name = column.name
    if column.kind == "tell":
        tells = [number for number, tell in enumerate(crisis.tells) if tell.step == column.name and actor in tell.to]
        if actor in crisis.named[name].seen_by or column.tell != tells[0]:
            name = f"{name} (told {tells.index(column.tell) + 1})"
    if column.kind == "state":
        if memory.operation < column.replaced:
            return name
        return f"{name}@{column.round or 'start'}"
    current = (column.block, column.round) == (memory.branch.block, memory.branch.round)
    return name if current or column.round in (0, LAST_ROUND) else f"{name}@{column.round}"
