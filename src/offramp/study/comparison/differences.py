"""Where two crises differ: their files cut into parts that can be compared, exchanged and put together again.

A part is what an analyst would change at a time: an input's distribution, an actor, a payoff term, the odds of a
chance step, the steps of the timeline, the endings, ... Two things are kept apart because they move nothing: words
(titles, reasons, sources), and what an equilibrium does not depend on (levers not pulled, what was observed).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.faults import Faults
from offramp.crisis.model import Crisis
from offramp.crisis.observation import as_written
from offramp.crisis.parts import DEFAULT_RATIONALITY
from offramp.crisis.reading import read_text
from offramp.crisis.schema import STEP_KINDS
from offramp.crisis.sections.option_numbers import is_bare_number
from offramp.crisis.text.document import Scalar
from offramp.crisis.text.loading import load

Key = tuple[str, ...]
"""A part's name: `("inputs", "misreading")`, `("payoffs", "iran", "face")`, `("timeline",)`."""
Plain = Any  # str | list[Plain] | dict[str, Plain]; recursive, so left open
Parts = Mapping[Key, Plain]

WORDS = ("name", "says", "unit", "because", "cite")
"""Keys whose values are for readers: no number depends on them."""
ODDS = ("odds", "weights", "grid", "points", "believed_by")
AHEAD = {"acts": tr("as of now")}
"""The mark of a lever that is pulled since now."""
FIRST_DAY = "0001-01-01"
"""The day on which rounds of some length begin in a composed crisis, unless they say so: no number depends on it."""
_TOKEN = re.compile(r"[\w.]+|\S")


@dataclass(frozen=True)
class CrisisParts:
    """A crisis in parts: what can move a number, what is words only, and what no equilibrium depends on.

    `words` and `idle` are by thing: an actor, a lever, a step, each of which may have several parts.
    """

    parts: Parts
    words: Parts
    idle: Parts

    def whole(self, key: Key) -> Plain:
        """A part with its words."""
        part = self.parts.get(key)
        return part | self.words.get(key, {}) if isinstance(part, dict) else part


def written(crisis: Crisis) -> CrisisParts:
    """The parts of a crisis's file, with those of its pulled levers, and as of now with what is known."""
    faults = Faults()
    document = _plain(load(crisis.text.encode(), faults))
    parts: dict[Key, Plain] = {}
    words: dict[Key, Plain] = {(name,): document.pop(name, None) for name in ("title", "as_of", "summary")}
    words |= {("sources", name): source for name, source in document.pop("sources", {}).items()}
    observed = document.pop("observed", None)
    idle: dict[Key, Plain] = {("observed",): observed if crisis.outset is None else None}
    idle["cases",] = document.pop("cases", None)
    for name, entry in document.pop("measures", {}).items():
        part = entry if isinstance(entry, dict) else {"is": entry}
        parts["measures", name], words["measures", name] = _apart(part, WORDS)
    for name, entry in document.get("inputs", {}).items():
        parts["inputs", name], words["inputs", name] = _apart(entry, WORDS)
    for name, entry in document["actors"].items():
        _, words["actors", name] = _apart(entry, WORDS)
        usual = {"memory": "recall", "choice": "logit", "rationality": f"{DEFAULT_RATIONALITY:g}"}
        parts |= {("actors", name, key): entry.get(key, default) for key, default in usual.items()}
    for actor, terms in document.get("payoffs", {}).items():
        for name, term in terms.items():
            part = term if isinstance(term, dict) else {"pays": term}
            parts["payoffs", actor, name], words["payoffs", actor, name] = _apart(part, WORDS)
    levers = document.get("levers", {})
    for name in crisis.pulled:
        levers[name], words["levers", name] = _apart(levers[name], ("cost", *WORDS))
    idle |= {("unpulled", name): entry for name, entry in levers.items() if name not in crisis.pulled}
    before = crisis.outset if crisis.past else crisis.pulled
    parts["pulled",] = [
        [name, levers[name] | (AHEAD if place >= len(before or ()) else {})] for place, name in enumerate(crisis.pulled)
    ]
    if crisis.past:
        parts["known",] = {at: "|".join(values) for at, values in as_written(crisis.facts).items()}
    parts |= {("let", name): text for name, text in document.get("let", {}).items()}
    pairs = ({"of": sorted(pair["of"]), "rho": pair["rho"]} for pair in document.get("correlations", []))
    parts["correlations",] = sorted(pairs, key=lambda pair: pair["of"])
    parts["timeline",] = [_stripped(step, parts, words) for step in document["timeline"]]
    for name, entry in document["endings"].items():
        if isinstance(entry, dict):
            words["ending", name] = {key: value for key, value in entry.items() if key != "if"}
            document["endings"][name] = entry["if"]
    parts["endings",] = [list(item) for item in document["endings"].items()]
    return CrisisParts(parts, *({key: entry for key, entry in things.items() if entry} for things in (words, idle)))


def matched(a: CrisisParts, b: CrisisParts, told: frozenset[str]) -> tuple[CrisisParts, CrisisParts]:
    """Two crises as written, cut into the same parts if they have the same things.

    Two endings that stand for the same outcomes, by their conditions and all before them, are the same ending under
    another name, unless a map has `told` what they are; B's gets A's name. An actor that only one crisis has is one
    part. Measures that are not the same in both are not compared.
    """
    a, b = _of_same_measures(a, b), _of_same_measures(b, a)
    found = _renamed(a.parts["endings",], b.parts["endings",])
    names = {new: old for new, old in found.items() if not told & {new, old}}
    endings = [[names.get(name, name), condition] for name, condition in b.parts["endings",]]
    parts = {**b.parts, ("endings",): endings}
    in_a: Parts = {("endings", old): old for old in names.values()}
    in_b: Parts = {("endings", old): new for new, old in names.items()}
    return (
        replace(a, parts=_whole_actors(a.parts, parts), words={**a.words, **in_a}),
        replace(b, parts=_whole_actors(parts, a.parts), words={**b.words, **in_b}),
    )


def _of_same_measures(own: CrisisParts, other: CrisisParts) -> CrisisParts:
    """A crisis whose measures are those that are the same in another; the rest are among what no ending depends on."""
    apart = [
        key for key in own.parts if key[0] == "measures" and _normal(own.parts[key]) != _normal(other.parts.get(key))
    ]
    return CrisisParts(
        {key: part for key, part in own.parts.items() if key not in apart},
        {key: part for key, part in own.words.items() if key not in apart},
        {**own.idle, **{key: own.whole(key) for key in apart}},
    )


def _renamed(a: list[list[str]], b: list[list[str]]) -> dict[str, str]:
    """The endings of B that are endings of A under another name: A's name by B's."""
    names: dict[str, str] = {}
    for (old, condition), (new, other) in zip(a, b, strict=False):
        if _normal(condition) != _normal(other):
            break
        if old != new and old not in dict(b) and new not in dict(a):
            names[new] = old
    return names


def _whole_actors(parts: Parts, other: Parts) -> dict[Key, Plain]:
    """The parts, with all parts of an actor that the other crisis lacks joined into one."""
    own = {key[1] for key in parts if key[0] == "actors"} - {key[1] for key in other if key[0] == "actors"}
    joined: dict[Key, Plain] = {}
    for key, part in parts.items():
        if key[0] == "actors" and key[1] in own:
            joined.setdefault(key[:2], {})[key[2]] = part
        else:
            joined[key] = part
    return joined


def _plain(value: Plain) -> Plain:
    """Values of a file as plain ones, without their positions."""
    if isinstance(value, dict):
        return {str(key): _plain(_options(child) if key == "options" else child) for key, child in value.items()}
    return [_plain(child) for child in value] if isinstance(value, list) else str(value)


def _options(written: Plain) -> Plain:
    """Options with their names and numbers under keys: whether a text has quotes says which of the two it is."""
    if not isinstance(written, dict):
        return written
    return {
        option: {"value" if is_bare_number(part) else "name": part} if isinstance(part, Scalar) else part
        for option, part in written.items()
    }


def _apart(entry: dict[str, Plain], words: Iterable[str]) -> tuple[dict[str, Plain], dict[str, Plain]]:
    """An entry without some of its keys, and those alone."""
    kept = {key: value for key, value in entry.items() if key not in words}
    return kept, {key: value for key, value in entry.items() if key in words}


def _stripped(step: dict[str, Plain], parts: dict[Key, Plain], words: dict[Key, Plain]) -> dict[str, Plain]:
    """A step without reasons and odds, which become parts of their own."""
    kept, own_words = _apart(step, WORDS)
    if isinstance(options := kept.get("options"), dict):
        numbers = {option: {"value": part["value"]} for option, part in options.items() if "value" in part}
        own_words["options"] = {option: _apart(part, WORDS)[1] for option, part in options.items()}
        if "chance" in step:  # without numbers its odds name the options
            kept, _ = _apart(kept, ("options",))
            kept |= {"options": numbers} if numbers else {}
        elif numbers:
            kept["options"] = {option: numbers.get(option, {"name": option}) for option in options}
        else:
            kept["options"] = list(options)
    words["steps", _name_of(step)] = own_words
    if "chance" in step:
        kept, parts["odds", step["chance"]] = _apart(kept, ODDS)
    inner = {
        key: [_stripped(child, parts, words) for child in kept[key]] for key in ("steps", "together") if key in kept
    }
    return kept | inner


def composed(parts: Parts, path: str) -> Crisis:
    """The crisis made of some parts, its levers pulled, as of now if something is known; entries are sorted by name, so
    it depends on the parts alone.

    Raises
    ------
    CrisisError
        If the parts do not make a crisis.
    UsageError
        If what is known names what the crisis does not have.
    """
    document: dict[str, Any] = {"format": "1", "title": "-", "as_of": FIRST_DAY}
    for key in sorted(parts):
        *above, last = key
        if key[0] not in ("odds", "pulled", "known"):
            place = document
            for name in above:
                place = place.setdefault(name, {})
            place[last] = parts[key]
    for name, entry in document["actors"].items():
        entry["name"] = name
    document["timeline"] = [_with_odds(step, parts) for step in parts["timeline",]]
    levers = {name: _apart(lever, AHEAD)[0] for name, lever in parts["pulled",]}
    document["endings"], document["levers"] = dict(parts["endings",]), levers
    text = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    crisis = read_text(text.encode(), path)
    since = [name for name, lever in parts["pulled",] if lever.keys() & AHEAD.keys()]
    crisis = crisis.with_levers(*(name for name in levers if name not in since))
    known = {at: values.split("|") for at, values in parts.get(("known",), {}).items()}
    return (crisis.supposing(known) if known else crisis).with_levers(*since)


def _with_odds(step: dict[str, Plain], parts: Parts) -> dict[str, Plain]:
    inner = {key: [_with_odds(child, parts) for child in step[key]] for key in ("steps", "together") if key in step}
    odds: dict[str, Plain] = parts.get(("odds", step.get("chance", "")), {})
    return step | odds | inner


def differing(a: Parts, b: Parts) -> tuple[Key, ...]:
    """The parts that differ or are in one only; the order of keys and the space between words do not count."""
    return tuple(key for key in sorted({*a, *b}) if _normal(a.get(key)) != _normal(b.get(key)))


def _normal(value: Plain) -> str:
    return json.dumps(_spaced(value), sort_keys=True)


def _spaced(value: Plain) -> Plain:
    if isinstance(value, dict):
        return {key: _spaced(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_spaced(child) for child in value]
    return value and " ".join(_TOKEN.findall(value))


def shown(value: Plain) -> str:
    """A part as text on one line; a dash if there is none."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        if list(value) in (["is"], ["pays"]):
            return shown(*value.values())
        return "; ".join(f"{key}: {shown(child)}" for key, child in value.items())
    return ", ".join(map(shown, value)) if isinstance(value, list) else str(value)


def changes(key: Key, a: Plain, b: Plain) -> tuple[str, str]:
    """What differs in a part, in A and in B; of a part with entries, only those that differ."""
    if a is None or b is None or not isinstance(a, dict | list):
        return shown(a), shown(b)
    in_a, in_b = (_entries(key, part) for part in (a, b))
    names = [name for name in {**in_a, **in_b} if _normal(in_a.get(name)) != _normal(in_b.get(name))]
    if not names:
        return (tr("the same in another order"),) * 2
    left, right = ({name: part[name] for name in names if name in part} or None for part in (in_a, in_b))
    return shown(left), shown(right)


def _entries(key: Key, part: Plain) -> dict[str, Plain]:
    """The entries of a part by name; each key of a step is an entry."""
    if isinstance(part, dict):
        return dict(_of_mapping(part, ""))
    if key == ("correlations",):
        return {listed(pair["of"]): pair["rho"] for pair in part}
    if key == ("timeline",):
        return dict(_of_steps(part))
    return dict(part)


def _of_mapping(value: Plain, above: str) -> Iterator[tuple[str, Plain]]:
    items = (
        value.items()
        if isinstance(value, dict)
        else ((tr("row {number}", number=row), one) for row, one in enumerate(value, start=1))
    )
    for name, child in items:
        where = f"{above} {name}".strip()
        if isinstance(child, str):
            yield where, child
        else:
            yield from _of_mapping(child, where)


def _of_steps(steps: list[Plain]) -> Iterator[tuple[str, Plain]]:
    for step in steps:
        name = _name_of(step)
        yield name, tr("made")
        for part, value in step.items():
            if part in ("steps", "together"):
                yield from _of_steps(value)
            elif part not in STEP_KINDS:
                yield f"{name}, {part}", value


def _name_of(step: dict[str, Plain]) -> str:
    """A step with its kind: `move answer`, `rounds 2`, `together`."""
    kind = next(kind for kind in step if kind in STEP_KINDS)
    return f"{kind} {step[kind]}" if isinstance(step[kind], str) else kind


def only_in_words(a: CrisisParts, b: CrisisParts, keys: Iterable[Key]) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """The things that differ in words only, and the things that differ but that nothing depends on.

    `keys`: the parts that differ. The words of a thing that differs in a part belong to that difference.
    """
    mentioned = {thing for key in keys for thing in _things(key, a.parts.get(key), b.parts.get(key))}
    words, idle = (differing(left, right) for left, right in ((a.words, b.words), (a.idle, b.idle)))
    return tuple(key for key in words if key not in mentioned), tuple(key for key in idle if key not in mentioned)


def _things(key: Key, a: Plain, b: Plain) -> set[Key]:
    """The things that the difference of a part belongs to."""
    match key:
        case ("actors", name, *_):
            return {("actors", name)}
        case ("odds", name):
            return {("steps", _name_of({"chance": name}))}
        case ("timeline",) | ("pulled",):
            in_a, in_b = (_entries(key, part) for part in (a, b))
            names = [name for name in {**in_a, **in_b} if _normal(in_a.get(name)) != _normal(in_b.get(name))]
            kinds = ["steps"] if key == ("timeline",) else ["levers", "unpulled"]
            return {(kind, name.partition(",")[0]) for name in names for kind in kinds}
    return {key}
