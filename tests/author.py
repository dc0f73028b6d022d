"""The author of random crises, valid by construction: what a user could have written.

It keeps a list of facts: what a condition at this point may name, and who sees it. States are decimals, which floats do
not hold; odds are eighths, so that two ways of computing them agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.phrases import (
    ACTORS,
    COEFFICIENTS,
    CONDITIONS,
    GRIDS,
    NUMBER_PAYMENTS,
    NUMBERS,
    OPTIONS,
    PAYMENTS,
    POINTS,
    RATIONALITIES,
    SHARES,
    SMALL_RATIONALITIES,
    STAKES,
    UPDATES,
    VALUES,
    WEIGHTS,
)

T = TypeVar("T")
Part = dict[str, Any]
Dice = Callable[[int, int], int]
"""Draws a whole number from the least to the most."""


@dataclass(frozen=True)
class Fact:
    """What a condition can name: a step with its options, or a state, which has none."""

    name: str
    options: tuple[str, ...]
    seen_by: frozenset[str]
    numbered: bool = False


ROUND = Fact("round", (), frozenset(ACTORS))


@dataclass
class Author:
    """Writes one crisis; `room` is how many histories there may still be below one history so far.

    `numbered`: whether options may have numbers, and chance steps be grids.
    """

    number: Dice
    room: float
    plain: bool
    numbered: bool = False
    actors: tuple[str, ...] = ACTORS
    facts: list[Fact] = field(default_factory=list)
    lets: dict[str, tuple[str, frozenset[Fact]]] = field(default_factory=dict)
    unplaced: list[tuple[Fact, str]] = field(default_factory=list)
    """States whose start is known and whose entry is still to be written."""
    positions: dict[str, int] = field(default_factory=dict)
    """Where in the timeline a step stands; one inside rounds, where its rounds stand."""
    blocks: dict[str, int] = field(default_factory=dict)
    """The same for steps inside rounds only."""
    blocks_written: list[int] = field(default_factory=list)
    moves: list[Part] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    position: int = 0
    in_rounds: bool = False

    # What is drawn

    def pick(self, items: Sequence[T]) -> T:
        return items[self.number(0, len(items) - 1)]

    def chance_of(self, percent: int) -> bool:
        return self.number(1, 100) > 100 - percent

    def some(self, items: Sequence[T], least: int = 0) -> list[T]:
        kept = [item for item in items if self.chance_of(50)]
        return kept if len(kept) >= least else [self.pick(items)]

    def name(self, kind: str) -> str:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}_{self.counts[kind]}"

    # Expressions

    def atom(self, fact: Fact) -> str:
        if fact is ROUND:
            return f"round {self.pick(['==', '<', '>='])} {self.number(1, 3)}"
        if not fact.options:
            return f"{fact.name} {self.pick(['>', '==', '<='])} {self.pick(['0', '0.5', '1', '0.3', '0.8'])}"
        if fact.numbered and self.chance_of(40):
            return f"value({fact.name}) {self.pick(['>', '==', '<='])} {self.pick(NUMBERS)}"
        option = self.pick([*fact.options, "skipped"] if self.chance_of(15) else fact.options)
        return self.pick([f"{fact.name} == {option}", f"{fact.name} != {option}", f"{fact.name} in [{option}]"])

    def condition(self, facts: Collection[Fact], template: str | None = None) -> tuple[str, frozenset[Fact]]:
        """A condition, or `template` filled with atoms and a state, and the facts that it names."""
        known = {name: (text, named) for name, (text, named) in self.lets.items() if named <= set(facts)}
        if template is None and known and self.chance_of(25):
            name = self.pick(list(known))
            return name, known[name][1]
        text = template or self.pick(CONDITIONS)
        named = {slot: self.pick(list(facts)) for slot in "ab" if f"{{{slot}}}" in text}
        written = {slot: self.atom(fact) for slot, fact in named.items()}
        states = [fact for fact in facts if not fact.options]
        if "{s}" in text:
            named["s"] = self.pick(states)
            written["s"] = named["s"].name
        if "{v}" in text:
            named["v"] = self.pick([fact for fact in facts if fact.numbered])
            written["v"] = f"value({named['v'].name})"
        text = text.format(**written, c=self.pick(COEFFICIENTS))
        facts_named = frozenset(named.values())
        if template is None and self.chance_of(15):
            name = self.name("let")
            self.lets[name] = (text, facts_named)
            return name, facts_named
        return text, facts_named

    def if_of(self, facts: Collection[Fact], percent: int, key: str = "if") -> Part:
        return {key: self.condition(facts)[0]} if facts and self.chance_of(percent) else {}

    # Odds

    def row(self, values: Sequence[str], dead: Collection[str], weights: bool) -> Part:
        """One row of odds or weights, zero exactly at the values in `dead`."""
        live = [value for value in values if value not in dead]
        if weights:
            return {value: self.pick(WEIGHTS) if value in live else "0" for value in values}
        if len(live) > 1 and self.chance_of(35):
            conditional = self.facts and self.chance_of(40)
            first = self.condition(self.facts, "0.125 + 0.25 * ({a})")[0] if conditional else "share / 2"
            return dict.fromkeys(values, "0") | dict.fromkeys(live, "0.25") | {live[0]: first, live[-1]: "rest"}
        eighths = dict.fromkeys(live, 1)
        for _ in range(8 - len(live)):
            eighths[self.pick(live)] += 1
        rest = [self.pick(values)] if self.chance_of(40) else []
        return {value: f"{eighths.get(value, 0) / 8:g}" for value in values} | dict.fromkeys(rest, "rest")

    def odds(self, values: Sequence[str], facts: Collection[Fact]) -> Part:
        weights = self.chance_of(25)
        conditional = self.number(1, 2) if facts and self.chance_of(40) else 0
        conditions = [self.condition(facts)[0] for _ in range(conditional)]
        dead = []
        for _ in range(conditional + 1):
            zeros = [] if self.plain or not self.chance_of(20) else self.some(values)
            dead.append(zeros if len(zeros) < len(values) else [])

        def written() -> Any:
            rows = [self.row(values, zeros, weights) for zeros in dead]
            if not conditions:
                return rows[0]
            return [{"if": condition} | row for condition, row in zip(conditions, rows, strict=False)] + rows[-1:]

        part: Part = {"weights" if weights else "odds": written()}
        believers = self.some(self.actors) if not self.plain and self.chance_of(35) else []
        return part | ({"believed_by": {actor: written() for actor in believers}} if believers else {})

    # Steps

    def enter(self, fact: Fact) -> None:
        """From here on the fact may be named."""
        self.facts.append(fact)

    def place(self, name: str) -> None:
        self.positions[name] = self.position
        if self.in_rounds:
            self.blocks[name] = self.position

    def seen_by(self, mover: str | None = None) -> tuple[Part, frozenset[str]]:
        if self.chance_of(55):
            return {}, frozenset(self.actors)
        viewers = self.some(self.actors)
        return {"seen_by": viewers}, frozenset(viewers) | ({mover} if mover else set())

    def branching(self, options: Sequence[str]) -> list[str]:
        kept = list(options[: max(1, min(self.number(2, len(options)), int(self.room)))])
        self.room /= len(kept)
        return kept

    def chance(self) -> tuple[Part, Fact]:
        grid = self.numbered and self.chance_of(25)
        name, values = self.name("chance"), self.branching(POINTS if grid else VALUES)
        seen, viewers = self.seen_by()
        condition = self.if_of(self.facts, 25)
        if grid:
            part = {"chance": name, "grid": self.pick(GRIDS), "points": str(len(values))}
        else:
            part = {"chance": name} | self.odds(values, self.facts)
        numbered = not grid and self.numbered and self.chance_of(30)
        options = {"options": self.numbers(values)} if numbered else {}
        self.place(name)
        return part | options | condition | seen, Fact(name, tuple(values), viewers, grid or numbered)

    def numbers(self, options: Sequence[str]) -> Part:
        """Options with a number each, written in short or in full."""
        short = {option: float(self.pick(NUMBERS)) for option in options}
        return {o: {"value": f"{x:g}", "name": f"what is {o}"} if self.chance_of(40) else x for o, x in short.items()}

    def move(self, by: str | None = None) -> tuple[Part, Fact]:
        by = by or self.pick(self.actors)
        name, options = self.name("move"), self.branching(OPTIONS)
        seen, viewers = self.seen_by(by)
        numbered = self.numbered and self.chance_of(40)
        written = self.numbers(options) if numbered else list(options)
        part: Part = {"move": name, "by": by, "options": written} | self.if_of(self.facts, 25)
        own_view = [fact for fact in self.facts if by in fact.seen_by]
        limited = options[1:] if own_view and self.chance_of(40) else []
        if limited:
            part["only_if"] = {option: self.condition(own_view)[0] for option in self.some(limited, 1)}
        if len(options) > 1 and self.chance_of(15):
            part["closed"] = options[-1:]
        self.place(name)
        self.moves.append(part)
        return part | seen, Fact(name, tuple(options), viewers, numbered)

    def together(self) -> Part:
        movers = self.some(self.actors, 1)
        condition = self.if_of(self.facts, 25)
        made = [self.move(by) for by in movers] + [self.chance() for _ in range(self.number(0, 1))]
        for _, fact in made:
            self.enter(fact)
        return {"together": [part for part, _ in made]} | condition

    def tell(self) -> Part:
        told = self.pick([fact for fact in self.facts if fact is not ROUND])
        return {"tell": told.name, "to": self.some(self.actors, 1)} | self.if_of(self.facts, 40)

    def settled(self) -> list[Fact]:
        """What a state's `start` may name: steps, and states whose entry has been written."""
        return [fact for fact in self.facts if fact.name in self.positions]

    def start(self, facts: Collection[Fact]) -> tuple[str, frozenset[Fact]]:
        named = facts and self.chance_of(60)
        return self.condition(facts, "{a}") if named else (self.pick(["0", "1", "0.5", "0.1"]), frozenset())

    def plan_state(self) -> None:
        """A state that can be named before its entry is reached; who sees it is written out."""
        viewers = self.some(self.actors)
        fact = Fact(self.name("state"), (), frozenset(viewers))
        self.unplaced.append((fact, self.start(self.settled())[0]))
        self.enter(fact)

    def state(self, outside: Collection[Fact]) -> Part:
        """A state's entry: one planned before, or a new one."""
        if self.unplaced and (self.chance_of(60) or not self.facts):
            fact, start = self.unplaced.pop(0)
            becomes = self.condition([*self.facts, fact], self.pick(UPDATES).replace("{s}", fact.name))[0]
            self.place(fact.name)
            part = {"state": fact.name, "start": start, "becomes": becomes, "seen_by": sorted(fact.seen_by)}
            return part | self.if_of(self.facts, 25)
        name = self.name("state")
        start, in_start = self.start(outside)
        becomes, in_becomes = self.condition(self.facts, self.pick(UPDATES).replace("{s}", name))
        part = {"state": name, "start": start, "becomes": becomes}
        natural = frozenset(self.actors).intersection(*(fact.seen_by for fact in in_start | in_becomes))
        if self.chance_of(25):
            condition, in_condition = self.condition(self.facts)
            part["if"] = condition
            natural = natural.intersection(*(fact.seen_by for fact in in_condition))
        seen, viewers = self.seen_by()
        self.place(name)
        self.enter(Fact(name, (), viewers if seen else natural))
        return part | seen

    def rounds(self) -> Part:
        count = self.pick([2, 3, 1])
        part: Part = {"rounds": str(count)} | self.if_of(self.facts, 30)
        room = self.room
        self.room = room ** (1 / count)
        outside = self.settled()
        self.in_rounds = True
        if ROUND not in self.facts:
            self.enter(ROUND)
        part["steps"] = [self.step(outside) for _ in range(self.number(2, 4))]
        public = [fact for fact in self.facts if fact.seen_by >= set(self.actors)]
        until = self.if_of(public, 50, "until")
        self.in_rounds = False
        self.room = self.room**count
        return part | until

    def step(self, outside: Collection[Fact]) -> Part:
        kinds = ["chance", "move", "move"] if self.room >= 2 else []
        kinds += ["together"] if self.room >= 4 else []
        kinds += ["tell"] if any(fact is not ROUND for fact in self.facts) else []
        kinds += ["state"] if self.facts or self.unplaced else []
        match self.pick(kinds or ["move"]):
            case "tell":
                return self.tell()
            case "state":
                return self.state(outside)
            case "together":
                return self.together()
            case "chance":
                part, fact = self.chance()
            case _:
                part, fact = self.move()
        self.enter(fact)
        return part

    def timeline(self) -> list[Part]:
        steps = []
        for _ in range(self.number(3, 7)):
            if self.chance_of(20):
                self.plan_state()
            if self.chance_of((45, 15, 0)[len(self.blocks_written)]):
                steps.append(self.rounds())
                self.blocks_written.append(self.position)
            else:
                steps.append(self.step(self.settled()))
            self.position += 1
        while self.unplaced:
            fact, start = self.unplaced.pop(0)
            part = {"state": fact.name, "start": start, "becomes": f"{fact.name} + 1", "seen_by": sorted(fact.seen_by)}
            self.place(fact.name)
            steps.append(part)
            self.position += 1
        return steps

    # What follows from the timeline

    def term(self) -> Any:
        blocks = self.blocks_written
        block = self.pick(blocks) if blocks and self.chance_of(50) else None
        facts = self.facts
        if block is not None:
            late = {name for name, position in self.positions.items() if position > block}
            foreign = {name for name, other in self.blocks.items() if other != block}
            facts = [fact for fact in facts if fact.name not in late | foreign]
        moves = [fact for fact in facts if fact.name.startswith("move")]
        facts = moves if moves and self.chance_of(60) else facts
        has_state = any(not fact.options for fact in facts)
        templates = PAYMENTS if has_state else PAYMENTS[:6]
        if any(fact.numbered for fact in facts) and self.chance_of(60):
            templates = NUMBER_PAYMENTS
        pays, named = self.condition(facts, self.pick(templates))
        inner = any(fact.name in self.blocks for fact in named)
        if block is not None and (inner or len(blocks) == 1):
            return {"pays": pays, "when": "each_round"}
        if inner or ROUND in named or self.chance_of(20):
            return {"pays": pays, "when": "end"}
        return pays

    def measures(self) -> dict[str, Part]:
        terms = [term if isinstance(term, dict) else {"pays": term} for term in (self.term(), self.term())]
        return {f"measure_{k}": {"is": term.pop("pays")} | term for k, term in enumerate(terms)}

    def levers(self) -> dict[str, Part]:
        """Levers that set inputs, forbid a last option, allow closed ones, and commit to another than the last.

        The option that an actor is committed to may be available nowhere.
        """
        moves = [move for move in self.moves if len(move["options"]) > 1]
        allowed = {move["move"]: [*move["closed"]] for move in moves if "closed" in move}
        committed = {move["move"]: self.pick([*move["options"]][:-1]) for move in moves[:1] + moves[2:3]}
        forbids = [{move["move"]: [*move["options"]][-1:]} for move in moves]
        calm = {"set": {"share": "share / 2", "stake": "stake + share"}}
        curb = {"set": {"stake": "stake / 2"}} if not forbids or self.chance_of(50) else {}
        return {
            "calm": calm | ({"forbid": deepcopy(self.pick(forbids))} if forbids and self.chance_of(50) else {}),
            "curb": curb | ({"forbid": self.pick(forbids)} if forbids else {}),
            **({"opening": {"allow": allowed}} if allowed else {}),
            **({"pledge": {"commit": committed}} if committed else {}),
        }

    def crisis(self) -> Part:
        self.actors = ACTORS[: self.number(2, 3)]
        actors = {}
        for name in self.actors:
            memory = "recall" if self.plain else self.pick(["recall", "state"])
            rationality = self.pick(SMALL_RATIONALITIES if self.plain else RATIONALITIES)
            actors[name] = {"name": name.title(), "memory": memory, "rationality": rationality}
        inputs = {"share": {"is": self.pick(SHARES)}, "stake": {"is": self.pick(STAKES)}}
        timeline = self.timeline()
        facts = self.facts
        payoffs = {
            actor: {f"term_{k}": self.term() for k in range(self.number(2, 3))} for actor in self.actors if facts
        }
        endings = {f"ending_{k}": self.condition(facts)[0] for k in range(self.number(0, 2)) if facts}
        return {
            "format": "1",
            "title": "A random crisis",
            "actors": actors,
            "inputs": inputs,
            "let": {name: text for name, (text, _) in self.lets.items()},
            "timeline": timeline,
            "payoffs": payoffs,
            "endings": endings | {"other": "otherwise"},
            "levers": self.levers(),
        } | ({"measures": self.measures()} if self.numbered and facts else {})
