"""Check the shape of a document against the schema, and report every fault at its place.

Parts that do not fit are repaired as far as possible, so that the rules of the language can be checked for the rest: a
misspelt key is renamed, and stand-ins replace missing values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from offramp.common.lookalikes import plain_hint
from offramp.common.words import did_you_mean, expected, listed, nearest, nearest_word, quoted
from offramp.crisis import scalars, schema
from offramp.crisis.faults import MAX_FAULTS, Faults, Location
from offramp.crisis.shapes import Misfit, ShapeError, as_part, tag
from offramp.crisis.text.document import MAX_DEPTH, Items, Scalar, Value, YamlMapping, scalar_at, shown_value
from offramp.crisis.text.forms import form_of, hint_of_opposite, meant_key
from offramp.crisis.text.located_parts import PARTS, keys_of, part_at, where_it_belongs

_STEP = {"chance": scalars.UNNAMED, "odds": {scalars.UNNAMED: "0"}}
_STAND_INS: dict[str | int, Any] = {
    "format": "1",
    "title": scalars.UNNAMED,
    "actors": {scalars.UNNAMED: {"name": scalars.UNNAMED}},
    "timeline": [_STEP],
    "endings": {scalars.UNNAMED: "otherwise"},
    "name": scalars.UNNAMED,
    "is": "0",
    "if": "0",
    "of": [scalars.UNNAMED, scalars.UNNAMED],
    "rho": "0",
    "odds": _STEP["odds"],
    "weights": _STEP["odds"],
    "by": scalars.UNNAMED,
    "options": [scalars.UNNAMED],
    "to": [scalars.UNNAMED],
    "start": "0",
    "becomes": "0",
    "together": [_STEP],
    "steps": [_STEP],
    "pays": "0",
    "levels": [scalars.UNNAMED],
    "linear": [scalars.UNNAMED],
    "set": {scalars.UNNAMED: "0"},
    "forbid": {scalars.UNNAMED: [scalars.UNNAMED]},
    "allow": {scalars.UNNAMED: [scalars.UNNAMED]},
    "commit": {scalars.UNNAMED: scalars.UNNAMED},
}
"""Stand-ins by key, for required keys, and for lists and mappings that must not be empty."""

_DECLARING = ("sources", "actors", "inputs", "let", "timeline", "steps", "together", "chance", "move", "state")
"""Keys that declare names."""


@dataclass(frozen=True)
class ShapedDocument:
    """A repaired document as typed parts; not `complete` if an unreadable part may declare names."""

    document: schema.CrisisPart
    complete: bool


def shape_of(root: Value, faults: Faults) -> ShapedDocument | None:
    """The document as typed parts, or None if it cannot be repaired."""
    if not isinstance(root, YamlMapping):
        place = root.place if isinstance(root, Scalar | Items) else Location(1, 1)
        faults.add(place, "expected a crisis, a mapping that begins with `format: 1`")
        return None
    repairer = _Repairer(_copy(root), faults, [])
    for _ in range(MAX_DEPTH):
        try:
            return ShapedDocument(as_part(schema.CrisisPart, repairer.root), not repairer.lost_names)
        except ShapeError as error:
            repairer.report_and_repair(error.misfits)
    return None


def _copy(value: Value) -> Value:
    if isinstance(value, YamlMapping):
        block = YamlMapping((key, _copy(child)) for key, child in value.items())
        block.place = value.place
        return block
    if isinstance(value, Items):
        items = Items(_copy(child) for child in value)
        items.place = value.place
        return items
    return value


def _stand_in(value: Any, place: Location) -> Value:
    """Plain values as values of a file, all with the same place."""
    if isinstance(value, dict):
        block = YamlMapping((_stand_in(key, place), _stand_in(child, place)) for key, child in value.items())
        block.place = place
        return block
    if isinstance(value, list):
        items = Items(_stand_in(child, place) for child in value)
        items.place = place
        return items
    scalar = scalars.StandIn(value)
    scalar.place, scalar.quoted, scalar.raw = place, False, None
    return scalar


@dataclass(frozen=True)
class _Problem:
    """A misfit located in the document: `value` is the value of `owner` under `key`.

    `word` is the last key on the path: the key itself, or the key of the list that contains the value.
    """

    kind: str
    loc: tuple[Any, ...]
    context: dict[str, Any]
    owner: Value
    key: Any
    word: Scalar | None
    value: Value

    @property
    def where(self) -> str:
        return f" in {quoted(self.word)}" if self.word is not None else ""

    @property
    def place(self) -> Location:
        """The place of the value, or of its key if the value is empty."""
        if isinstance(self.value, Scalar) and not self.value and not self.value.quoted and self.word is not None:
            return self.word.place
        return self.value.place  # type: ignore[no-any-return]

    @property
    def is_later_pair(self) -> bool:
        """Whether the value is a pair in a list of options, and another pair before it says the same."""
        if self.word != "options" or not isinstance(self.owner, Items) or not isinstance(self.value, YamlMapping):
            return False
        return any(isinstance(entry, YamlMapping) for entry in self.owner[: self.key])

    @property
    def shown(self) -> str:
        """The value, in the words of a message."""
        return shown_value(self.value)


@dataclass(eq=False)
class _Repairer:
    """Reports the errors of a validation and changes the document so that they do not recur."""

    root: YamlMapping
    faults: Faults
    shortened: list[Value]
    """Lists and mappings from which a part was removed: no fault is reported if they are too short."""
    lost_names: bool = False

    def report_and_repair(self, misfits: Sequence[Misfit]) -> None:
        problems = [self.located(misfit) for misfit in misfits[: MAX_FAULTS + 1]]
        misspelt = [(problem.owner, self.meant(problem)) for problem in problems if problem.kind == "unknown"]
        for problem in problems:
            if problem.is_later_pair:
                continue
            missing = problem.loc[-1] if problem.kind == "missing" else None
            if any(owner is problem.value and word == missing for owner, word in misspelt):
                continue
            if not any(value is problem.value for value in self.shortened):
                self.report(problem)
        for problem in reversed(problems):
            self.repair(problem)

    def located(self, misfit: Misfit) -> _Problem:
        owner: Value = None
        value: Value = self.root
        key, word = None, None
        for part in misfit.place:
            if isinstance(value, YamlMapping) and part in value:
                owner, key, word, value = value, part, value.key(part), value[part]
            elif isinstance(value, Items) and isinstance(part, int) and part < len(value):
                owner, key, value = value, part, value[part]
        return _Problem(misfit.fault, misfit.place, misfit.context, owner, key, word, value)

    # -- messages --------------------------------------------------------------------------------------

    def report(self, problem: _Problem) -> None:
        value, place, where, shown = problem.value, problem.place, problem.where, problem.shown
        is_too_deep = len(problem.loc) > 1 and problem.key in keys_of(schema.CrisisPart)
        of_file = where_it_belongs(str(problem.key)) if is_too_deep else ""
        match problem.kind:
            case "unknown":
                place, message = problem.word.place if problem.word else place, self.unknown_key(problem)
                if message is None:
                    return
            case "missing":
                if problem.word is not None and not isinstance(problem.owner, Items):
                    place = problem.word.place
                message = f"missing `{problem.loc[-1]}`{self.part_words(problem)}{self.set_too_deep(problem)}"
            case "no_alternative":
                place, message = self.not_a_step(problem)
            case "part":
                required = [name for name, needed in keys_of(part_at(problem.loc)).items() if needed]
                with_keys = f" with `{'`, `'.join(required)}`" if required else ""
                message = f"expected a mapping{with_keys}{where}, found {shown}{of_file}"
            case "mapping":
                message = f"expected a mapping{where}, found {shown}{self.form(problem) or of_file}"
            case "list":
                hint = "; write [] for nobody, or leave it out for everybody" if problem.key == "seen_by" else ""
                hint = f"; write [{value}]" if self.is_one_name(problem) else self.form(problem) or hint
                message = f"expected a list{where}, found {shown}{hint}"
            case "too_short" | "too_long":
                limit = problem.context.get("max_length", 0)
                length = "at least one entry" if problem.kind == "too_short" else f"at most {limit:,}"
                message = f"expected {'two names' if problem.key == 'of' else length}{where}, found {len(value):,}"
            case "literal":
                allowed = problem.context["allowed"]
                message = f"expected {' or '.join(allowed)}{where}, found {shown}{nearest(str(value), allowed)}"
            case _:
                place, message = self.bad_scalar(problem)
        if problem.kind in ("part", "mapping", "list") and isinstance(value, Scalar):
            message += plain_hint(value)
        self.faults.add(place, message)

    def bad_scalar(self, problem: _Problem) -> tuple[Location, str]:
        expectation = problem.context.get("expected", "text")
        if problem.loc[-1] == "[key]" and problem.word is not None:
            place, shown, where = problem.word.place, quoted(problem.word), ""
            text: Value = problem.word
        else:
            place, shown, where, text = problem.place, problem.shown, problem.where, problem.value
        if expectation == scalars.NAME_WORDS and isinstance(text, Scalar) and text in scalars.RESERVED:
            return place, f"{shown} is a word of the language and cannot be a name"
        if expectation == scalars.NAME_WORDS and isinstance(text, Scalar) and len(text) > scalars.MAX_NAME:
            return place, f"expected a name of at most {scalars.MAX_NAME} characters, found {len(text):,}"
        if expectation == scalars.LABEL_WORDS and isinstance(text, Scalar) and text.strip():
            return place, f"expected {expectation}{where}, found {len(text):,}"
        if expectation == scalars.LABEL_WORDS:
            expectation = "text"
        hint = plain_hint(text) if isinstance(text, Scalar) else self.form(problem)
        joined = re.sub(r"[\W_]+", "_", text).strip("_") if isinstance(text, Scalar) else ""
        if expectation == scalars.NAME_WORDS and not hint and scalars.is_name(joined):
            key, colon, _ = text.partition(":")
            hint = f"; write a space after '{key}:'" if colon and scalars.is_name(key) else f"; write {joined}"
        return place, f"expected {expectation}{where}, found {shown}{hint}"

    def form(self, problem: _Problem) -> str:
        """A hint with the right form of the value, or '' if it is unknown."""
        actors = next((part for key, part in self.root.items() if key == "actors"), None)
        owner, value = problem.owner, problem.value
        if problem.word == "options" and isinstance(owner, Items) and isinstance(value, YamlMapping):
            value = owner  # a list of pairs; its form is a mapping of all of them
        form = form_of(str(problem.word), value, actors if isinstance(actors, YamlMapping) else ())
        return f"; write {form}" if form else ""

    def set_too_deep(self, problem: _Problem) -> str:
        """Where a missing part of the file stands among the names of a section, or ''."""
        missing = problem.loc[-1]
        for section in self.root.values() if problem.value is self.root else ():
            if isinstance(section, YamlMapping) and missing in section and isinstance(section[missing], Scalar):
                return f"; the `{missing}` of line {section.key(missing).place.line} is indented: move it to the margin"
        return ""

    def part_words(self, problem: _Problem) -> str:
        """The part that lacks a key, in the words of a message."""
        kind = next((kind for kind in schema.STEP_KINDS if kind in problem.value), None)
        if not isinstance(problem.owner, Items) or kind is None:
            return problem.where
        name = problem.value[kind]
        named = isinstance(name, Scalar) and kind not in ("together", "rounds")
        return f" in {kind} {quoted(name)}" if named else f" in `{kind}`"

    def unknown_key(self, problem: _Problem) -> str | None:
        """The message about an unknown key; None if a missing dash explains it."""
        keys = keys_of(part_at(problem.loc[:-1]))
        key = str(problem.key)
        kinds = [str(word) for word in problem.owner or () if word in schema.STEP_KINDS]
        if len(kinds) > 1 and key == kinds[1]:
            return f"one step is both `{kinds[0]}` and `{key}`; begin each step with its own dash"
        if len(kinds) > 1 and key in keys_of(PARTS[tag(kinds[1])]):
            return None
        meant = self.meant(problem)
        other = hint_of_opposite(key, keys) or expected(key, keys, 20) + where_it_belongs(key)
        hint = did_you_mean(key, meant) if meant else other
        return f"unknown key {quoted(key)}{hint}"

    def not_a_step(self, problem: _Problem) -> tuple[Location, str]:
        value = problem.value
        kinds = listed(schema.STEP_KINDS)
        if not isinstance(value, YamlMapping):
            return problem.place, f"expected a step, a mapping with one of {kinds}, found {problem.shown}"
        written = next((key for key in value if key in schema.STEP_KINDS), None)
        if written is not None and problem.word == "steps":
            return written.place, f"`rounds` cannot hold `{written}`"
        if written is not None:
            return written.place, f"`together` holds chance steps and moves; found a `{written}`"
        meant = self.meant_kind(value)
        if meant is not None:
            return meant[0].place, f"unknown kind of step {quoted(meant[0])}{did_you_mean(*meant)}"
        return problem.place, f"expected a step, a mapping with one of {kinds}{self.step_hint(problem, value)}"

    def step_hint(self, problem: _Problem, step: YamlMapping) -> str:
        """What a step without its kind is likely to be: a part of the step before, or a step of a kind."""
        by_kind = {kind: set(keys_of(PARTS[tag(kind)])) for kind in schema.STEP_KINDS}
        every = sorted(set().union(*by_kind.values()))
        meant = {str(key): key if key in every else nearest_word(str(key), every) for key in step}
        if not meant:
            return ""
        first, *rest = meant
        earlier = problem.owner[: problem.key] if isinstance(problem.owner, Items) else []
        of_kind = next((at for at in reversed(range(len(earlier))) if schema.step_tag(earlier[at])), len(earlier))
        used = {key for part in earlier[of_kind:] if isinstance(part, YamlMapping) for key in part}
        last = PARTS.get(str(schema.step_tag(earlier[of_kind]))) if of_kind < len(earlier) else None
        if set(meant.values()) <= keys_of(last).keys() - used:
            return f"; a dash begins a new step: remove the one before '{first}'"
        if meant[first] is None:  # the name of the step may stand where its kind belongs
            named, keys = f" {first}" if scalars.is_name(first) else "", {meant[key] for key in rest}
        else:
            named, keys = " NAME", set(meant.values())
        fitting = [kind for kind, own in by_kind.items() if keys and named and keys <= own]
        return f"; begin it with `{fitting[0]}:{named}`" if len(fitting) == 1 else ""

    def is_one_name(self, problem: _Problem) -> bool:
        """Whether the value is a single name in place of a list of names."""
        if not isinstance(problem.value, Scalar) or not scalars.is_name(problem.value):
            return False
        if problem.value.lower() == "null" and not problem.value.quoted:
            return False
        if problem.key in ("seen_by", "to"):
            return any(name == problem.value for key, part in self.root.items() if key == "actors" for name in part)
        return problem.key not in ("timeline", "steps", "together", "correlations", "observed")

    # -- repairs ---------------------------------------------------------------------------------------

    def meant(self, problem: _Problem) -> str | None:
        """The unused key that an unknown key is likely to mean, or None."""
        if problem.owner is None:
            return None
        free = [key for key in keys_of(part_at(problem.loc[:-1])) if key not in problem.owner]
        return nearest_word(str(problem.key), free) or meant_key(str(problem.key), free)

    def meant_kind(self, step: YamlMapping) -> tuple[Scalar, str] | None:
        """A key of the step that is likely to mean a kind of step, and that kind; None if there is none."""
        for key in step:
            kind = nearest_word(key, schema.STEP_KINDS)
            if kind is not None and not any(key in keys_of(PARTS[tag(other)]) for other in schema.STEP_KINDS):
                return key, kind
        return None

    def repair(self, problem: _Problem) -> None:
        owner, key, value = problem.owner, problem.key, problem.value
        match problem.kind:
            case "unknown":
                meant = self.meant(problem)
                if meant is None:
                    self.lost_names |= len(problem.loc) == 1
                    self.remove(owner, key)
                else:
                    _rename(owner, key, meant)
            case "missing":
                missing = problem.loc[-1]
                if missing not in value:
                    self.lost_names |= missing in _DECLARING
                    value[_stand_in(missing, value.place)] = _stand_in(_STAND_INS[missing], value.place)
            case "no_alternative":
                meant_kind = self.meant_kind(value) if isinstance(value, YamlMapping) else None
                if meant_kind is not None:
                    _rename(value, *meant_kind)
                else:
                    self.lost_names |= not isinstance(value, YamlMapping) or schema.step_tag(value) is None
                    owner[key] = _stand_in(_STEP, value.place)
            case "list" if self.is_one_name(problem):
                items = Items([value])
                items.place = value.place
                owner[key] = items
            case "literal":
                owner[key] = _stand_in(problem.context["allowed"][-1], value.place)
            case "scalar" if problem.loc[-1] != "[key]":
                self.lost_names |= key in _DECLARING
                owner[key] = _stand_in(problem.context["stand_in"], value.place)
            case _ if key in _STAND_INS and self.is_needed(problem):
                self.lost_names |= key in _DECLARING
                owner[key] = _stand_in(_STAND_INS[key], value.place)
            case _:
                self.lost_names |= problem.loc[-1] == "[key]" or key in _DECLARING or problem.loc[0] == "sources"
                self.remove(owner, key)

    def is_needed(self, problem: _Problem) -> bool:
        """Whether the problem is the value of a key of the language, rather than of a name from the file."""
        loc = problem.loc
        while loc and str(loc[-1]).startswith("<"):
            loc = loc[:-1]
        return problem.kind != "scalar" and loc[-1:] == (problem.key,) and part_at(loc[:-1]) is not None

    def remove(self, owner: Value, key: Any) -> None:
        if owner is not None and (isinstance(owner, Items) or key in owner):
            del owner[key]
            self.shortened.append(owner)


def _rename(block: YamlMapping, old: Scalar, new: str) -> None:
    """Rename a key of a mapping, keeping the order."""
    items = list(block.items())
    block.clear()
    for key, value in items:
        block[scalar_at(key.place, new) if key == old else key] = value
