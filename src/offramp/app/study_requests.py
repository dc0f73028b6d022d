"""Options of studies in requests: which options a study has, and which values they take."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from offramp.common.errors import UsageError
from offramp.common.words import expected, quoted
from offramp.study.options import STUDIES, StudyOption

Reader = Callable[[str, Any], Any]

MAX_LENGTH = 200
"""Maximum length of a name, and of a list of names."""


def word(name: str, value: Any) -> str:
    if isinstance(value, str) and 0 < len(value) <= MAX_LENGTH:
        return value
    raise UsageError(f"'{name}' takes a name, found {_in_words(value)}")


def whole(low: int, high: int) -> Reader:
    def read(name: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise UsageError(f"'{name}' takes a whole number from {low:,} to {high:,}, found {_in_words(value)}")

    return read


def number(name: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise UsageError(f"'{name}' takes a number, found {_in_words(value)}")


def share(name: str, value: Any) -> float:
    if not 0.0 <= (probability := number(name, value)) <= 1.0:
        raise UsageError(f"'{name}' takes a number between 0 and 1, found {probability:g}")
    return probability


def numbers(name: str, value: Any) -> dict[str, float]:
    return {key: number(f"{name}: {key}", entry) for key, entry in _mapping(name, value).items()}


def facts(name: str, value: Any) -> dict[str, str]:
    return {key: word(f"{name}: {key}", entry) for key, entry in _mapping(name, value).items()}


def flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise UsageError(f"'{name}' takes true or false, found {_in_words(value)}")


def words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and len(value) <= MAX_LENGTH:
        return tuple(word(name, entry) for entry in value)
    raise UsageError(f"'{name}' takes a list of names, found {_in_words(value)}")


def _reader(option: StudyOption) -> Reader:
    match option.kind:
        case "name":
            return word
        case "names":
            return words
        case "whole":
            return whole(option.low, option.high)
        case "share":
            return share
        case "values":
            return numbers
        case "facts":
            return facts
        case "number":
            return number
        case "flag":
            return flag


def options_of(study: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check the options of a request; those that are None are left out.

    Raises
    ------
    UsageError
        If the study or an option is unknown, a required option is missing, or a value is invalid.

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
    known = {option.name: _reader(option) for option in STUDIES[study]}
    read = {}
    for name, value in request.items():
        if name not in known:
            hint = expected(name, known, 20) or "; it takes none"
            raise UsageError(f"'{study}' has no option {quoted(name)}{hint}")
        if value is not None:
            read[name] = known[name](name, value)
    for option in STUDIES[study]:
        if option.needed and option.name not in read:
            raise UsageError(f"'{study}' needs '{option.name}'")
    return read


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and len(value) <= 1000 and all(len(key) <= MAX_LENGTH for key in value):
        return value
    raise UsageError(f"'{name}' takes values by name, found {_in_words(value)}")


def _in_words(value: Any) -> str:
    return quoted(str(value)) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
