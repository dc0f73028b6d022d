"""The options of the studies, as a request has them: which there are, and what each may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from offramp.common.errors import UsageError
from offramp.common.words import expected, quoted

Reader = Callable[[str, Any], Any]

DRAWS = 4096
"""The most draws that a study solves itself."""
WIDEST = 61
"""The largest map: so many points along each axis."""
LONGEST = 200
"""The longest word."""


def word(name: str, value: Any) -> str:
    if isinstance(value, str) and 0 < len(value) <= LONGEST:
        return value
    raise UsageError(f"'{name}' takes a name, found {_found(value)}")


def whole(low: int, high: int) -> Reader:
    def read(name: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise UsageError(f"'{name}' takes a whole number from {low:,} to {high:,}, found {_found(value)}")

    return read


def number(name: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise UsageError(f"'{name}' takes a number, found {_found(value)}")


def share(name: str, value: Any) -> float:
    if not 0.0 <= (found := number(name, value)) <= 1.0:
        raise UsageError(f"'{name}' takes a number between 0 and 1, found {found:g}")
    return found


def numbers(name: str, value: Any) -> dict[str, float]:
    return {key: number(f"{name}: {key}", one) for key, one in _mapping(name, value).items()}


def facts(name: str, value: Any) -> dict[str, str]:
    return {key: word(f"{name}: {key}", one) for key, one in _mapping(name, value).items()}


def words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and len(value) <= LONGEST:
        return tuple(word(name, one) for one in value)
    raise UsageError(f"'{name}' takes a list of names, found {_found(value)}")


SEED = whole(0, 2**53 - 1)
SOLVE: Mapping[str, Reader] = {"rationality": number, "given": numbers, "levers": words}
STUDIES: Mapping[str, Mapping[str, Reader]] = {
    "endings": {},
    "moves": {},
    "weigh": {"ending": word},
    "levers": {"ending": word, "below": share, "draws": whole(1, DRAWS), "seed": SEED},
    "worth": {"ending": word, "for": word, "draws": whole(1, DRAWS)},
    "map": {"x": word, "y": word, "ending": word, "move": word, "size": whole(2, WIDEST)}
    | {"given": numbers, "levers": words},
    "update": {"from": word},
    "paths": {"to": word, "top": whole(1, 100), **SOLVE},
    "why": {"move": word, "sees": facts, **SOLVE},
    "compare": {"draws": whole(1, DRAWS), "seed": SEED},
}
"""For each study its options, as on the command line, and how each is read."""
NEEDED = {"map": ("x", "y"), "why": ("move",)}


def options_of(study: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a request, checked; those that are None are left out.

    Raises
    ------
    UsageError
        For an unknown study or option, one that is missing, and a value that is not what the option takes.

    Examples
    --------
    >>> options_of("weigh", {"ending": "war"})
    {'ending': 'war'}
    >>> options_of("levers", {"bellow": 0.1})
    Traceback (most recent call last):
    offramp.common.errors.UsageError: 'levers' has no option 'bellow'; did you mean 'below'?
    """
    if study not in STUDIES:
        raise UsageError(f"there is no study {quoted(study)}{expected(study, STUDIES, 20)}")
    known = STUDIES[study]
    read = {}
    for name, value in asked.items():
        if name not in known:
            hint = expected(name, known, 20) or "; it takes none"
            raise UsageError(f"'{study}' has no option {quoted(name)}{hint}")
        if value is not None:
            read[name] = known[name](name, value)
    for name in NEEDED.get(study, ()):
        if name not in read:
            raise UsageError(f"'{study}' needs '{name}'")
    return read


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and len(value) <= 1000 and all(len(key) <= LONGEST for key in value):
        return value
    raise UsageError(f"'{name}' takes values by name, found {_found(value)}")


def _found(value: Any) -> str:
    return quoted(str(value)) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
