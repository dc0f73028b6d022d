"""Reads an elicitation file: a checked `Panel`, or all its mistakes with line and column.

The file is YAML, read as a crisis file is. Every number, text and list has a bound.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from offramp.common.lookalikes import letter_difference, skeleton
from offramp.common.words import expected, listed, quoted
from offramp.crisis import scalars
from offramp.crisis.editor.file_change import file_bytes
from offramp.crisis.faults import Faults, Location, without_faults
from offramp.crisis.text.document import Items, Scalar, Value, YamlMapping, shown_value
from offramp.crisis.text.loading import load
from offramp.elicitation.panel import USUAL, Panel, PanelQuestion, percentile_names

MAX_EXPERTS = 100
MAX_QUESTIONS = 500
"""Maximum number of questions, and of seed questions."""
MAX_PERCENTILES = 9
CLOSEST = 0.01
"""Smallest distance between two percentiles, and from 0 and 100; less has no weight left after rounding."""
MAX_TEXT = 500
LARGEST = 1e15
SMALLEST = 1e-15
"""On a logarithmic scale numbers lie between this and `LARGEST`; elsewhere a number may be 0."""
RESOLUTION = 1e-9
"""Smallest difference of neighbouring percentiles, relative to the larger; of logarithms, to the larger or 1."""
EXPECTED = "an elicitation, a mapping that begins with `format: 1`"

_FILE_KEYS = ("format", "title", "percentiles", "experts", "questions", "seeds")
_QUESTION_KEYS = ("asks", "unit", "low", "high", "scale", "answers", "input")
_SEED_KEYS = ("asks", "unit", "low", "high", "scale", "answers", "truth")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_MAX_DIGITS = 40


def read_panel(path: str | Path) -> Panel:
    """The panel of an elicitation file.

    Raises
    ------
    CrisisError
        If the file has mistakes; it holds all of them.
    OfframpError
        If there is no such file, it is not a regular file, or it is too large.
    """
    return panel_of(file_bytes(Path(path)), str(path))


def panel_of(data: bytes, path: str) -> Panel:
    """Like `read_panel`, from the bytes of a file; `path` names it in messages."""

    def read(faults: Faults) -> Panel | None:
        root = load(data, faults, EXPECTED)
        return None if root is None else _PanelReader(faults, path, data).panel(root)

    return without_faults(path, read)


@dataclass
class _PanelReader:
    """Turns the document into a panel; each part that does not fit is a fault, and the others are read on."""

    faults: Faults
    path: str
    data: bytes
    probabilities: tuple[float, ...] = USUAL
    experts: Mapping[str, Location] = field(default_factory=dict)

    def panel(self, root: Value) -> Panel | None:
        if not isinstance(root, YamlMapping):
            self.faults.add(root.place, f"expected {EXPECTED}, found {shown_value(root)}")
            return None
        parts = self.part(root, _FILE_KEYS, ("format", "title", "experts"), "")
        version = parts.get("format")
        if version is not None and version != "1":
            self.faults.add(version.place, f"expected 1 in 'format', found {shown_value(version)}")
        title = self.text(parts.get("title"), "title")
        self.probabilities = self.percentiles(parts.get("percentiles"))
        self.experts = self.pseudonyms(parts.get("experts"))
        questions = self.questions(parts.get("questions"), "questions")
        seeds = self.questions(parts.get("seeds"), "seeds")
        if not questions and not seeds and not self.faults:
            self.faults.add(root.place, "expected at least one question, in `questions` or in `seeds`")
        for key in seeds:
            if key in questions:
                self.faults.add(seeds[key].place, f"'{key}' is a question already; give the seed question another key")
        text = self.data.decode("utf-8-sig", "replace")
        experts = tuple(self.experts)
        return Panel(self.path, text, title or "", self.probabilities, experts, questions, seeds)

    def percentiles(self, value: Value) -> tuple[float, ...]:
        if value is None:
            return USUAL
        numbers = self.numbers(value, "percentiles", None)
        if numbers is None:
            return USUAL
        if not 2 <= len(numbers) <= MAX_PERCENTILES:
            self.faults.add(value.place, f"expected 2 to {MAX_PERCENTILES} percentiles, found {len(numbers)}")
            return USUAL
        if not all(round(high - low, 9) >= CLOSEST for low, high in pairwise((0.0, *numbers, 100.0))):
            wanted = f"percentiles increase, from above 0 to below 100, by at least {CLOSEST:g}, as in [5, 50, 95]"
            self.faults.add(value.place, wanted)
            return USUAL
        return tuple(round(number / 100.0, 12) for number in numbers)

    def pseudonyms(self, value: Value) -> dict[str, Location]:
        if value is None:
            return {}
        if not isinstance(value, Items):
            self.faults.add(value.place, f"expected a list of pseudonyms in 'experts', found {shown_value(value)}")
            return {}
        if not 1 <= len(value) <= MAX_EXPERTS:
            self.faults.add(value.place, f"expected 1 to {MAX_EXPERTS} experts, found {len(value)}")
        experts: dict[str, Location] = {}
        for item in value[:MAX_EXPERTS]:
            if not isinstance(item, Scalar) or not scalars.is_name(item):
                wanted = f"a pseudonym, {scalars.NAME_WORDS}"
                self.faults.add(item.place, f"expected {wanted}, found {shown_value(item)}")
            elif item in experts:
                self.faults.add(item.place, f"expert '{item}' is named already in line {experts[item].line}")
            elif (twin := _twin(item, experts)) is not None:
                message = f"expert '{item}' looks like '{twin}' in line {experts[twin].line}; take another pseudonym"
                self.faults.add(item.place, f"{message}: {letter_difference(item, twin)}")
            else:
                experts[str(item)] = item.place
        return experts

    def questions(self, value: Value, section: str) -> dict[str, PanelQuestion]:
        if value is None:
            return {}
        if not isinstance(value, YamlMapping):
            self.faults.add(value.place, f"expected a mapping of questions in '{section}', found {shown_value(value)}")
            return {}
        if len(value) > MAX_QUESTIONS:
            self.faults.add(value.place, f"expected at most {MAX_QUESTIONS} in '{section}', found {len(value):,}")
            return {}
        read = {str(key): self.question(key, part, section == "seeds") for key, part in value.items()}
        return {key: question for key, question in read.items() if question is not None}

    def question(self, key: Scalar, value: Value, is_seed: bool) -> PanelQuestion | None:
        if not scalars.is_name(key):
            self.faults.add(key.place, f"expected {scalars.NAME_WORDS} as the key of a question, found {quoted(key)}")
            return None
        if not isinstance(value, YamlMapping):
            self.faults.add(_place(value, key), f"expected a mapping in '{key}', found {shown_value(value)}")
            return None
        needed = ("asks", "answers", "truth") if is_seed else ("asks", "answers")
        parts = self.part(value, _SEED_KEYS if is_seed else _QUESTION_KEYS, needed, f" in '{key}'", key.place)
        log = self.is_log(parts.get("scale"))
        low, high, truth = (self.number(parts.get(name), name, log) for name in ("low", "high", "truth"))
        if low is not None and high is not None and not low < high:
            self.faults.add(parts["high"].place, f"'high' must be above 'low', {low:g}; found {high:g}")
            low = high = None
        lowest, highest = -math.inf if low is None else low, math.inf if high is None else high
        if truth is not None and not lowest <= truth <= highest:
            self.faults.add(parts["truth"].place, f"the true value, {truth:g}, is outside the natural bounds")
        answers = self.answers(parts.get("answers"), key, log, (lowest, highest))
        return PanelQuestion(
            key=str(key),
            asks=self.text(parts.get("asks"), "asks") or "",
            answers=answers,
            place=key.place,
            unit=self.text(parts.get("unit"), "unit"),
            low=low,
            high=high,
            log=log,
            truth=truth,
            input=self.input(parts.get("input")),
        )

    def answers(
        self, value: Value, question: Scalar, log: bool, bounds: tuple[float, float]
    ) -> dict[str, tuple[float, ...]]:
        """The answers by expert, in the order of the experts."""
        if value is None:
            return {}
        if not isinstance(value, YamlMapping) or not value:
            percentiles = ", ".join(percentile_names(self.probabilities))
            wanted = f"a mapping of answers, as in EXPERT: [{percentiles}]"
            self.faults.add(_place(value, question), f"expected {wanted} in '{question}', found {shown_value(value)}")
            return {}
        read: dict[str, tuple[float, ...]] = {}
        for expert, answer in value.items():
            if self.experts and expert not in self.experts:
                self.faults.add(expert.place, f"unknown expert {quoted(expert)}{expected(expert, self.experts)}")
                continue
            numbers = self.numbers(answer, f"the answer of {quoted(expert)}", log)
            if numbers is not None and self.fits(numbers, answer, expert, log, bounds):
                read[str(expert)] = numbers
        return {expert: read[expert] for expert in self.experts if expert in read}

    def fits(
        self, numbers: tuple[float, ...], answer: Items, expert: Scalar, log: bool, bounds: tuple[float, float]
    ) -> bool:
        """Whether an answer has as many percentiles as asked for, increasing and within the natural bounds."""
        names = percentile_names(self.probabilities)
        if len(numbers) != len(names):
            wanted = f"{len(names)} percentiles of '{expert}' ({', '.join(names)})"
            self.faults.add(answer.place, f"expected {wanted}, found {len(numbers)}")
            return False
        misfit = _misfit(numbers, names, log, bounds)
        if misfit is not None:
            place, message = misfit
            self.faults.add(answer[place].place, f"{names[place]} of '{expert}', {numbers[place]:g}, {message}")
        return misfit is None

    # -- values --------------------------------------------------------------------------------------------

    def part(
        self, block: YamlMapping, keys: Sequence[str], needed: Sequence[str], where: str, place: Location | None = None
    ) -> dict[str, Value]:
        """The values of a mapping by key; unknown keys and missing ones are faults."""
        for key in block:
            if key not in keys:
                self.faults.add(key.place, f"unknown key {quoted(key)}{where}{expected(key, keys)}")
        missing = [key for key in needed if key not in block]
        if missing:
            self.faults.add(place or block.place, f"missing {listed(f'`{key}`' for key in missing)}{where}")
        return {str(key): value for key, value in block.items()}

    def text(self, value: Value, key: str) -> str | None:
        """A text of one line; None, with a fault added, if it is none, or if there is no value."""
        if value is None:
            return None
        if not isinstance(value, Scalar) or not value.strip():
            self.faults.add(value.place, f"expected text in '{key}', found {shown_value(value)}")
            return None
        text = " ".join(value.split())
        if len(text) > MAX_TEXT or not text.isprintable():
            wanted = f"a text of at most {MAX_TEXT} characters, without control characters"
            self.faults.add(value.place, f"expected {wanted}, in '{key}'")
            return None
        return text

    def input(self, value: Value) -> str | None:
        if value is None or (isinstance(value, Scalar) and scalars.is_name(value)):
            return None if value is None else str(value)
        self.faults.add(value.place, f"expected the key of an input in 'input', found {shown_value(value)}")
        return None

    def is_log(self, value: Value) -> bool:
        if value is not None and value not in ("linear", "log"):
            hint = expected(value, ("linear", "log")) if isinstance(value, Scalar) else ""
            self.faults.add(value.place, f"expected linear or log in 'scale', found {shown_value(value)}{hint}")
        return bool(value == "log")

    def numbers(self, value: Value, what: str, log: bool | None) -> tuple[float, ...] | None:
        """A list of numbers; None, with faults added, if it is none. `log`: as for `number`."""
        if not isinstance(value, Items):
            hint = "; write them in brackets" if isinstance(value, Scalar) and "," in value else ""
            self.faults.add(value.place, f"expected a list of numbers in {what}, found {shown_value(value)}{hint}")
            return None
        numbers = [self.number(item, what, log) for item in value]
        return tuple(number for number in numbers if number is not None) if None not in numbers else None

    def number(self, value: Value, what: str, log: bool | None) -> float | None:
        """A plain number within the bounds, which is positive on a logarithmic scale; None, with a fault, otherwise."""
        if value is None:
            return None
        if not isinstance(value, Scalar) or len(value) > _MAX_DIGITS or not _NUMBER.fullmatch(value):
            hint = ""
            if isinstance(value, Scalar) and value.endswith("%"):
                hint = "; write the number alone: 5 % as 0.05, or as 5 if the unit is %"
            elif isinstance(value, Scalar) and "," in value:
                hint = "; write no comma in a number"
            self.faults.add(value.place, f"expected a number in {what}, found {shown_value(value)}{hint}")
            return None
        number = float(value)
        if abs(number) > LARGEST or (log and 0.0 < number < SMALLEST):
            self.faults.add(
                value.place, f"expected a number up to {LARGEST:g}, found {quoted(value)}; use another unit"
            )
            return None
        if log and number <= 0.0:
            message = f"a logarithmic scale has positive numbers only; found {number:g} in {what}"
            self.faults.add(value.place, message)
            return None
        return number


def _twin(pseudonym: str, experts: Iterable[str]) -> str | None:
    """The expert whose pseudonym looks the same, or differs in capitals alone, or None."""
    plain = skeleton(pseudonym).casefold()
    return next((expert for expert in experts if skeleton(expert).casefold() == plain), None)


def _misfit(
    numbers: Sequence[float], names: Sequence[str], log: bool, bounds: tuple[float, float]
) -> tuple[int, str] | None:
    """The first percentile that is out of order, out of bounds or too close to its neighbour, and what it must be."""
    ordered = [bounds[0], *numbers, bounds[1]]
    called = ["'low'", *names, "'high'"]
    for place, (first, second) in enumerate(pairwise(ordered)):
        at = min(place, len(numbers) - 1)
        other, number, must = (place, first, "above") if place == at else (place + 1, second, "below")
        if not first < second:
            return at, f"must be {must} {called[other]}, {number:g}"
        if math.isfinite(first) and math.isfinite(second):
            ends = [math.log(end) if log else end for end in (first, second)]
            if ends[1] - ends[0] < RESOLUTION * max(map(abs, [*ends, 1.0 if log else 0.0])):
                return (
                    at,
                    f"is so close to {called[other]} that rounding errors hide the difference; ask for that instead",
                )
    return None


def _place(value: Value, key: Scalar) -> Location:
    """The place of a value, or of its key if the value is empty."""
    if isinstance(value, Scalar) and not value:
        return key.place
    return value.place  # type: ignore[no-any-return]
