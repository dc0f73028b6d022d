"""Reads `outcome.yaml`: how a crisis ended, how much of that its writer knew, and the base rate without the model.

The file stands beside the crisis file. It is read to score the crisis, never by the model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from offramp.common.words import expected, listed, quoted
from offramp.crisis import scalars
from offramp.crisis.editor.file_change import file_bytes
from offramp.crisis.faults import Faults, Location, without_faults
from offramp.crisis.model import Crisis
from offramp.crisis.text.document import Scalar, Value, YamlMapping, shown_value
from offramp.crisis.text.loading import load

Knew = Literal["none", "some", "all"]
MAX_TEXT = 2_000
EXPECTED = "an outcome, a mapping with `because`, `knew`, `knew_how` and `base_rate`"
ROUNDING = 1e-6
"""By how much a sum of probabilities may differ from 1."""

_KEYS = ("ending", "on", "due", "because", "knew", "knew_how", "base_rate")
_NEEDED = ("because", "knew", "knew_how", "base_rate")
_RATE_KEYS = ("endings", "of")
_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:e-?[0-9]{1,2})?")


@dataclass(frozen=True)
class KnownOutcome:
    """What came about, or when it will be known.

    `ending`: the key of the ending, on the day `on`; both None while the crisis is open, which is then scored on the
    day `due`. A crisis that was over on the day `on` without `ending` fits no ending of the model, and is scored on its
    events alone. `because`: why it is this ending, or none. `knew`: how much of the outcome the writer of the crisis
    knew, and `knew_how`. `base_rate`: the probability of every ending without the model; `base_rate_of`: where that is
    from.
    """

    ending: str | None
    on: date | None
    due: date | None
    because: str
    knew: Knew
    knew_how: str
    base_rate: Mapping[str, float]
    base_rate_of: str


def read_outcome(path: Path, crisis: Crisis) -> KnownOutcome:
    """The outcome of a crisis.

    Raises
    ------
    CrisisError
        If the file has mistakes, or names an ending that the crisis does not have; it holds all of them.
    OfframpError
        If there is no such file, it is not a regular file, or it is too large.
    """
    data = file_bytes(path)

    def read(faults: Faults) -> KnownOutcome | None:
        root = load(data, faults, EXPECTED)
        return None if root is None else _outcome(root, crisis, faults)

    return without_faults(str(path), read)


def _outcome(root: Value, crisis: Crisis, faults: Faults) -> KnownOutcome | None:
    if not isinstance(root, YamlMapping):
        faults.add(root.place, f"expected {EXPECTED}, found {shown_value(root)}")
        return None
    parts = _part(root, _KEYS, _NEEDED, "", faults)
    endings = [ending.key for ending in crisis.endings]
    ending = _one_of(parts.get("ending"), endings, "the key of an ending of the crisis", faults)
    on, due = (_day(parts.get(key), key, faults) for key in ("on", "due"))
    knew = _one_of(parts.get("knew"), get_args(Knew), "a word for 'knew'", faults)
    is_open = "ending" not in parts and "due" in parts
    if "due" in parts and not is_open:
        faults.add(root.key("due").place, "the crisis is decided, so it has no 'due'")
    if is_open and "on" in parts:
        faults.add(root.key("on").place, "the crisis is open, so it has no 'on'")
    if "ending" in parts and "on" not in parts:
        faults.add(root.place, "missing `on`, the date of the ending")
    if not {"ending", "on", "due"} & parts.keys():
        wanted = "`due`, while it is open; or `on` alone, if it was over then in no ending of the model"
        faults.add(root.place, f"missing `ending` and `on` of a decided crisis; or {wanted}")
    for key, day in (("on", on), ("due", due)):
        _check_after_events(day, key, parts, crisis, faults)
    if is_open and knew not in (None, "none"):
        faults.add(parts["knew"].place, f"the crisis is open: expected none in 'knew', found {quoted(str(knew))}")
    because, how = (_text(parts.get(key), key, faults) for key in ("because", "knew_how"))
    rate, of = _base_rate(parts.get("base_rate"), endings, faults)
    if faults:
        return None
    kept: Knew = next(one for one in get_args(Knew) if one == knew)
    return KnownOutcome(ending, on, due, because, kept, how, rate, of)


def _check_after_events(day: date | None, key: str, parts: Mapping[str, Value], crisis: Crisis, faults: Faults) -> None:
    """Check that a crisis is not over, or scored, before what was observed of it."""
    last = max((event.date for event in crisis.observed if event.date is not None), default=None)
    if day is not None and last is not None and day < date.fromisoformat(last):
        faults.add(
            parts[key].place,
            f"{day} is before {last}, the last event that was observed: expected that day or a later one in '{key}'",
        )


def _base_rate(value: Value, endings: Sequence[str], faults: Faults) -> tuple[dict[str, float], str]:
    """The probability of every ending, and where it is from."""
    if not isinstance(value, YamlMapping):
        if value is not None:
            wanted = "a mapping with `endings` and `of` in 'base_rate'"
            faults.add(value.place, f"expected {wanted}, found {shown_value(value)}")
        return {}, ""
    parts = _part(value, _RATE_KEYS, _RATE_KEYS, " in 'base_rate'", faults)
    of, given = _text(parts.get("of"), "of", faults), parts.get("endings")
    if not isinstance(given, YamlMapping):
        if given is not None:
            faults.add(given.place, f"expected a probability of every ending, found {shown_value(given)}")
        return {}, of
    _part(given, endings, endings, " in 'endings', which has every ending of the crisis", faults)
    rate = {str(key): _probability(one, key, faults) for key, one in given.items() if key in endings}
    total = math.fsum(rate.values())
    if len(rate) == len(endings) and not math.isnan(total) and abs(total - 1.0) > ROUNDING:
        faults.add(given.place, f"the probabilities of the endings sum to {total:g}; expected 1")
    return {key: rate[key] / total for key in endings if key in rate and total}, of


def _part(
    block: YamlMapping, keys: Sequence[str], needed: Sequence[str], where: str, faults: Faults
) -> dict[str, Value]:
    """The values of a mapping by key; unknown keys and missing ones are faults."""
    for key in block:
        if key not in keys:
            faults.add(key.place, f"unknown key {quoted(key)}{where}{expected(key, keys)}")
    if missing := [key for key in needed if key not in block]:
        faults.add(block.place, f"missing {listed(f'`{key}`' for key in missing)}{where}")
    return {str(key): value for key, value in block.items()}


def _one_of(value: Value, words: Sequence[str], wanted: str, faults: Faults) -> str | None:
    if value is None:
        return None
    if isinstance(value, Scalar) and value in words:
        return str(value)
    hint = expected(value, words) if isinstance(value, Scalar) else ""
    faults.add(_place(value), f"expected {wanted}, found {shown_value(value)}{hint}")
    return None


def _day(value: Value, key: str, faults: Faults) -> date | None:
    if value is None:
        return None
    if isinstance(value, Scalar) and scalars.is_date(value):
        return date.fromisoformat(value)
    faults.add(_place(value), f"expected {scalars.DATE_WORDS} in '{key}', found {shown_value(value)}")
    return None


def _text(value: Value, key: str, faults: Faults) -> str:
    """A text on one line; empty, with a fault added, if it is none, and empty if there is no value."""
    if value is None:
        return ""
    if not isinstance(value, Scalar) or not value.strip():
        faults.add(_place(value), f"expected text in '{key}', found {shown_value(value)}")
        return ""
    text = " ".join(value.split())
    if len(text) > MAX_TEXT or not text.isprintable():
        wanted = f"a text of at most {MAX_TEXT:,} characters, without control characters"
        faults.add(_place(value), f"expected {wanted}, in '{key}'")
    return text


def _probability(value: Value, key: Scalar, faults: Faults) -> float:
    """A probability above 0, so that no score is infinite; NaN, with a fault added, if it is none."""
    if isinstance(value, Scalar) and _NUMBER.fullmatch(value) and 0.0 < float(value) <= 1.0:
        return float(value)
    wanted = f"a probability above 0, such as 0.2, of '{key}'"
    faults.add(_place(value), f"expected {wanted}, found {shown_value(value)}")
    return math.nan


def _place(value: Value) -> Location:
    place = value.place
    assert isinstance(place, Location)
    return place
