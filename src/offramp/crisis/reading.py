"""Reading a crisis file: from text to a checked `Crisis`, or all of its faults at once.

Shape first (`schema`), then names and rules. A part whose shape is wrong is left out of what follows,
but its name stays known, so that one mistake is reported once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from offramp.crisis import schema
from offramp.crisis.advice import static_warnings
from offramp.crisis.cites import CiteChecker
from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.distribution import Distribution, DistributionError, constant, from_expression
from offramp.crisis.document import Block, Items, Scalar, Value, load
from offramp.crisis.expression import Call, Expression, ExpressionError, Name, Number, evaluate, parse
from offramp.crisis.faults import CrisisError, Fault, OfframpError, Place, listed, nearest
from offramp.crisis.model import (
    DEFAULT_RATIONALITY,
    Actor,
    Chance,
    Cite,
    Correlation,
    Crisis,
    Ending,
    Input,
    Lever,
    Move,
    Observation,
    Reason,
    Rounds,
    Source,
    State,
    Step,
    Term,
    correlation_matrix,
    flattened,
)
from offramp.crisis.naming import Namespace, Scope
from offramp.crisis.shape import shape_of
from offramp.crisis.timeline import TimelineReader, declare_steps


def read(path: str | Path) -> Crisis:
    """Read a crisis file and check every rule of the language that does not need the game.

    Raises
    ------
    CrisisError
        With all faults of the file.
    OfframpError
        Where there is no such file.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OfframpError(f"cannot read {path}: {error.strerror or error}") from None
    return read_text(data, str(path))


def read_text(data: bytes, path: str) -> Crisis:
    """Read a crisis from the bytes of its file; `path` locates its sources and names it in messages."""
    root, faults = load(data)
    if root is None:
        raise CrisisError(path, faults)
    document, shape_faults = shape_of(root)
    faults += shape_faults
    if document is None:
        raise CrisisError(path, faults)
    reader = _CrisisReader(document, root, Path(path).parent)
    crisis = reader.crisis(path, data.decode("utf-8-sig"))
    faults += reader.names.faults
    if faults:
        raise CrisisError(path, faults)
    return crisis


@dataclass
class _CrisisReader:
    """One reading of one document."""

    document: schema.CrisisPart
    root: Block
    folder: Path
    names: Namespace = field(default_factory=Namespace)
    cites: list[Cite] = field(default_factory=list)

    def crisis(self, path: str, text: str) -> Crisis:
        document = self.document
        if document.format != "1":
            self.fault(document.format.place, f"format is 1, found '{document.format}'")
        sources = {str(key): _source(key, part) for key, part in document.sources.items()}
        self.cite_checker = CiteChecker(sources, self.folder)
        self.declare()
        inputs = {str(key): self.input(key, part) for key, part in document.inputs.items()}
        actors: dict[str, Actor] = {}
        for key, actor in document.actors.items():
            actors[str(key)] = self.actor(key, actor, inputs)
        correlations = self.correlations(inputs)
        self.names.resolve_lets()
        timeline = TimelineReader(self.names, self.declared("actors"), self.reason)
        steps = timeline.read(document.timeline)
        self.check_until(steps, timeline)
        crisis = Crisis(
            path=path,
            text=text,
            title=str(document.title),
            as_of=_text(document.as_of),
            summary=_text(document.summary),
            sources=sources,
            actors=actors,
            inputs=inputs,
            correlations=correlations,
            timeline=steps,
            terms=self.terms(timeline, steps),
            endings=self.endings(timeline),
            levers={str(key): self.lever(key, part) for key, part in document.levers.items()},
            observed=tuple(self.observation(block, timeline, steps) for block in document.observed),
            cites=tuple(self.cites),
        )
        if self.names.faults:
            return crisis
        return static_warnings(crisis, timeline.natural_viewers)

    def fault(self, place: Place, message: str) -> None:
        self.names.fault(place, message)

    def declared(self, part: str) -> list[str] | None:
        """The keys of a part of the file as written, whatever is wrong with them; None where the part is no mapping."""
        block = self.root.get(Scalar(part))
        return [str(key) for key in block] if isinstance(block, Block) else None

    def declare(self) -> None:
        """Enter all names, those of broken parts as `broken`."""
        document, names = self.document, self.names
        for key in document.actors:
            names.declare(key, "actor")
        for key in document.inputs:
            names.declare(key, "input")
        for key, text in document.let.items():
            names.declare(key, "let")
            names.lets[str(key)] = text
        declare_steps(document.timeline, names)
        for name in _written_names(self.root):
            if name not in names.symbols:
                names.declare(name, "broken")

    def reason(self, part: schema.Reasoned) -> Reason:
        if part.cite is not None:
            cite = self.cite_checker.check(part.cite)
            if isinstance(cite, str):
                self.fault(part.cite.place, cite)
            else:
                self.cites.append(cite)
        return Reason(_text(part.because), _text(part.cite))

    def distribution(self, text: Scalar) -> Distribution | None:
        """The distribution that `text` writes, or None with the fault said."""
        try:
            return from_expression(parse(text))
        except (ExpressionError, DistributionError) as error:
            self.fault(text.at(error.offset), error.message)
            return None

    def input(self, key: Scalar, part: schema.InputPart) -> Input:
        distribution = self.distribution(part.distribution) or constant(1.0)
        return Input(str(key), distribution, self.reason(part), key.place)

    def actor(self, key: Scalar, part: schema.ActorPart, inputs: dict[str, Input]) -> Actor:
        reason = self.reason(part)
        rationality = Expression(f"{DEFAULT_RATIONALITY:g}", key.place, Number(DEFAULT_RATIONALITY))
        if part.rationality is not None:
            rationality = self.rationality(key, part.rationality, reason, inputs) or rationality
        return Actor(str(key), str(part.name), part.memory, rationality, reason, key.place)

    def rationality(self, key: Scalar, text: Scalar, reason: Reason, inputs: dict[str, Input]) -> Expression | None:
        """An expression over inputs; a distribution becomes an input of its own, named after the actor."""
        try:
            root = parse(text)
        except ExpressionError:
            root = Number(0.0)
        if isinstance(root, Call) and root.function in DISTRIBUTIONS:
            distribution = self.distribution(text)
            name = f"{key}.rationality"
            if distribution is not None:
                inputs[name] = Input(name, distribution, reason, text.place, of_actor=str(key))
            return Expression(name, text.place, Name(name))
        return self.names.expression(text, Scope(f"the rationality of '{key}'", None, inputs=True))

    def number(self, text: Scalar, what: str) -> float | None:
        """A plain number; arithmetic is welcome, names are not."""
        distribution = self.distribution(text)
        if distribution is None:
            return None
        if distribution.kind != "constant":
            self.fault(text.place, f"{what} is a number, found '{text}'")
            return None
        return distribution.parameters["value"]

    def correlations(self, inputs: Mapping[str, Input]) -> tuple[Correlation, ...]:
        found: list[Correlation] = []
        for part in self.document.correlations:
            self.reason(part)
            first, second = part.of
            rho = self.number(part.rho, "rho")
            broken = False
            for name in part.of:
                symbol = self.names.symbols.get(name)
                if symbol is None or symbol.kind not in ("input", "broken"):
                    self.fault(name.place, f"unknown input '{name}' in correlations{nearest(name, inputs)}")
                broken = broken or name not in inputs
            if first == second:
                self.fault(second.place, f"'{second}' stands twice in one correlation")
                continue
            if rho is not None and not -1 < rho < 1:
                self.fault(part.rho.place, f"rho lies between -1 and 1, found {rho:g}")
                continue
            if any({first, second} == {known.first, known.second} for known in found):
                self.fault(first.place, f"'{first}' and '{second}' are correlated twice")
                continue
            if rho is not None and not broken:
                found.append(Correlation(str(first), str(second), rho, first.place))
        if found and not self.names.faults and np.linalg.eigvalsh(correlation_matrix(found, list(inputs)))[0] <= 1e-12:
            self.fault(found[-1].place, "the correlations contradict each other: no joint distribution has all of them")
        return tuple(found)

    def check_until(self, steps: tuple[Step, ...], timeline: TimelineReader) -> None:
        """`until` may name only what everyone sees."""
        everybody = frozenset(timeline.actors or ())
        seen: dict[str, frozenset[str]] = {}
        blocks = [step for step in steps if isinstance(step, Rounds)]
        for step in flattened(steps):
            if isinstance(step, Chance | Move | State):
                seen[step.name] = step.seen_by
        for block in blocks:
            if block.until is None:
                continue
            for name in sorted(block.until.names - {"round"}):
                blind = sorted(everybody - seen.get(name, everybody))
                if blind:
                    self.fault(
                        block.until.place,
                        f"`until` may name only what everyone sees; {listed(blind)} cannot see '{name}'",
                    )

    def terms(self, timeline: TimelineReader, steps: tuple[Step, ...]) -> tuple[Term, ...]:
        everything = timeline.known()
        blocks = [index for index, step in enumerate(self.document.timeline) if isinstance(step, schema.RoundsPart)]
        actors = self.declared("actors")
        terms = []
        for actor, parts in self.document.payoffs.items():
            if actors is not None and actor not in actors:
                self.fault(actor.place, f"unknown actor '{actor}' in payoffs{nearest(actor, actors)}")
            for name, part in parts.items():
                text = part.pays if isinstance(part, schema.TermPart) else part
                when = part.when if isinstance(part, schema.TermPart) else None
                reason = self.reason(part) if isinstance(part, schema.TermPart) else Reason()
                what = f"payoff term '{name}' of {actor}"
                pays = self.names.expression(text, Scope(what, everything, inputs=True, round=bool(blocks)))
                if pays is None:
                    continue
                block = self.when(what, name, pays, when, timeline, blocks)
                terms.append(Term(str(actor), str(name), pays, block, reason, name.place))
        return tuple(terms)

    def when(
        self, what: str, name: Scalar, pays: Expression, when: str | None, timeline: TimelineReader, blocks: list[int]
    ) -> int | None:
        """The rounds in which a term is paid, or None where it is paid once."""
        inner = {word: timeline.blocks[word] for word in pays.names if word in timeline.blocks}
        if when is None and (inner or "round" in pays.names):
            word = min(inner, default="round")
            self.fault(name.place, f"{what} names '{word}', which is inside rounds: say `when: each_round` or `when: end`")
        if when != "each_round":
            return None
        own = set(inner.values()) or set(blocks)
        if len(own) != 1:
            found = "there are no rounds" if not own else "it names steps of several rounds" if inner else "there are several rounds"
            self.fault(name.place, f"{what} cannot be paid each_round: {found}")
            return None
        block = own.pop()
        late = sorted(word for word in pays.names if timeline.positions.get(word, -1) > block)
        if late:
            self.fault(name.place, f"{what} is paid each_round and may name no later step; '{late[0]}' comes after the rounds")
        return block

    def endings(self, timeline: TimelineReader) -> tuple[Ending, ...]:
        everything = timeline.known()
        scope = Scope("an ending", everything, round=any(isinstance(part, schema.RoundsPart) for part in self.document.timeline))
        endings: list[Ending] = []
        for name, text in self.document.endings.items():
            if endings and endings[-1].condition is None:
                self.fault(name.place, f"'{endings[-1].name}: otherwise' must come last; '{name}' could never be reached")
            condition = None if text == "otherwise" else self.names.expression(text, scope)
            if text == "otherwise" or condition is not None:
                endings.append(Ending(str(name), condition, name.place))
        return tuple(endings)

    def lever(self, key: Scalar, part: schema.LeverPart) -> Lever:
        symbols = self.names.symbols
        sets: dict[str, Expression] = {}
        for name, text in (part.set or {}).items():
            symbol = symbols.get(name)
            if symbol is None or symbol.kind not in ("input", "broken"):
                inputs = [word for word, other in symbols.items() if other.kind == "input"]
                self.fault(name.place, f"lever '{key}' sets '{name}', which is no input{nearest(name, inputs)}")
            value = self.names.expression(text, Scope(f"lever '{key}'", None, inputs=True))
            if value is not None:
                sets[str(name)] = value
        forbids: dict[str, tuple[str, ...]] = {}
        for move, options in (part.forbid or {}).items():
            symbol = symbols.get(move)
            if symbol is None or symbol.kind not in ("move", "broken"):
                moves = [word for word, other in symbols.items() if other.kind == "move"]
                self.fault(move.place, f"lever '{key}' forbids options of '{move}', which is no move{nearest(move, moves)}")
                continue
            if symbol.kind == "move":
                for option in options:
                    if option not in symbol.options:
                        allowed = listed(symbol.options)
                        self.fault(option.place, f"'{option}' is no option of '{move}' ({allowed}){nearest(option, symbol.options)}")
                if set(symbol.options) <= set(options):
                    self.fault(move.place, f"lever '{key}' forbids every option of '{move}'")
            forbids[str(move)] = tuple(map(str, options))
        if not sets and not forbids and not part.set and not part.forbid:
            self.fault(key.place, f"lever '{key}' does nothing; expected `set` or `forbid`")
        cost = self.number(part.cost, "a lever's cost") if part.cost is not None else None
        return Lever(str(key), sets, forbids, cost, self.reason(part), key.place)

    def observation(self, block: Mapping[Scalar, Scalar], timeline: TimelineReader, steps: tuple[Step, ...]) -> Observation:
        place = next(iter(block)).place if block else Place(1, 1)
        values: dict[str, str] = {}
        date, round_number = "", None
        for key, value in block.items():
            if key == "date":
                try:
                    date = str(schema.date(value))
                except ValueError:
                    self.fault(value.place, f"expected a date such as 2031-03-02, found '{value}'")
            elif key == "round":
                if value.isascii() and value.isdecimal() and len(value) < 9:
                    round_number = int(value)
                else:
                    self.fault(value.place, f"expected the number of a round, found '{value}'")
            else:
                self.observed_value(key, value, values)
        if "date" not in block:
            self.fault(place, "an observation needs a `date`")
        for name in values:
            inside = name in timeline.blocks
            if inside and round_number is None and "round" not in block:
                self.fault(place, f"'{name}' is inside rounds; say in which `round` it was observed")
            if inside and round_number is not None:
                count = next((step.count for index, step in enumerate(steps) if isinstance(step, Rounds)), 0)
                if not 1 <= round_number <= count:
                    self.fault(place, f"round {round_number} does not exist; there are rounds 1 to {count}")
        return Observation(date, round_number, values, place)

    def observed_value(self, key: Scalar, value: Scalar, values: dict[str, str]) -> None:
        symbol = self.names.symbols.get(key)
        if symbol is None or symbol.kind not in ("chance", "move", "broken"):
            steps = [name for name, other in self.names.symbols.items() if other.kind in ("chance", "move")]
            what = f"'{key}' is {'a state; observe the steps that it is made of' if symbol and symbol.kind == 'state' else 'no step'}"
            self.fault(key.place, f"{what}{nearest(key, steps)}")
        elif symbol.kind != "broken" and value not in (*symbol.options, "skipped"):
            hint = nearest(value, symbol.options)
            self.fault(value.place, f"'{value}' is no option of '{key}' ({listed(symbol.options)}){hint}")
        else:
            values[str(key)] = str(value)


def _source(key: Scalar, part: schema.SourcePart) -> Source:
    texts = (_text(part.author), _text(part.date), _text(part.file), _text(part.url))
    return Source(str(key), str(part.title), *texts, key.place)


def _text(scalar: Scalar | None) -> str | None:
    return None if scalar is None else str(scalar)


def _written_names(root: Block) -> list[Scalar]:
    """All names that the file means to declare, whatever is wrong with the parts that declare them."""
    found = [key for part in ("actors", "inputs", "let") if isinstance(block := root.get(Scalar(part)), Block) for key in block]
    stack: list[Value] = [root.get(Scalar("timeline"))]
    while stack:
        value = stack.pop()
        if isinstance(value, Block):
            found += [name for key, name in value.items() if key in ("chance", "move", "state") and isinstance(name, Scalar)]
            stack.extend(value.values())
        elif isinstance(value, Items):
            stack.extend(value)
    return found
