"""The JSON object in an answer of a language model, whatever stands around it.

An answer comes from a stranger. Nothing here raises: an answer that cannot be used gives a complaint in words.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_ANSWER = 2_000_000
"""Maximum number of characters of an answer."""
MAX_DEPTH = 20
"""Maximum depth of nested lists and objects."""
_MOST_TRIES = 100
_BEGIN = re.compile(r'\{\s*["}]')
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True)
class Unusable:
    """Why an answer cannot be used."""

    complaint: str


def object_in(text: str) -> dict[str, Any] | Unusable:
    """The first balanced JSON object of an answer that is not empty; fences, chatter and a BOM around it are ignored.

    Examples
    --------
    >>> object_in('Here it is: ```json {"notes": []}``` I hope {this} helps.')
    {'notes': []}
    >>> object_in('{"notes": [').complaint
    'the answer ends before its JSON object does: it is cut off; answer again, shorter'
    """
    if len(text) > MAX_ANSWER:
        return Unusable(f"the answer has {len(text):,} characters; at most {MAX_ANSWER:,} are read")
    text = without_thought(text)
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_refused, parse_float=_finite, parse_int=_whole, strict=False
    )
    empty = cut_off = False
    broken: json.JSONDecodeError | None = None
    longest = at = 0
    for _ in range(_MOST_TRIES):
        begin = _BEGIN.search(text, at)
        if begin is None:
            break
        try:
            value, at = decoder.raw_decode(text, begin.start())
        except json.JSONDecodeError as error:
            # What stands inside an object that breaks off is a part of it, and never the answer.
            at = max(error.pos, begin.start() + 1)
            if at - begin.start() > longest:
                broken, longest = error, at - begin.start()
            cut_off = cut_off or not text[at:].strip() or error.msg.startswith("Unterminated")
            continue
        except _NotAllowedError as error:
            return Unusable(f"the JSON object of the answer {error}")
        except RecursionError:
            return Unusable(_too_deep())
        if value:
            return _bounded(value)
        empty = True
    if cut_off:
        return Unusable("the answer ends before its JSON object does: it is cut off; answer again, shorter")
    if broken is not None and longest > 1:
        return Unusable(f"not valid JSON: {broken.msg}, at line {broken.lineno}, column {broken.colno}")
    return Unusable("the JSON object of the answer is empty" if empty else "the answer holds no JSON object")


def without_thought(text: str) -> str:
    """An answer without what the model thought before it, between `<think>` and `</think>`.

    Examples
    --------
    >>> without_thought("<think>1, or 2?</think>2")
    '2'
    """
    thought = _THOUGHT.match(text)
    return text[thought.end() :] if thought else text


class _NotAllowedError(ValueError):
    """JSON that means nothing here: a number that is not finite, or a key twice in one object."""


def _refused(text: str) -> NoReturn:
    raise _NotAllowedError(f"has a number that is not finite: {text[:20]}")


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refused(text)


def _whole(text: str) -> int:
    return int(text) if len(text) < 20 else _refused(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise _NotAllowedError(f"has the key '{twice[:40]}' twice in one object")
    return content


def _bounded(value: dict[str, Any]) -> dict[str, Any] | Unusable:
    """The value if it is not too deep and holds no half of a character."""
    if any(depth > MAX_DEPTH for depth in _depths(value)):
        return Unusable(_too_deep())
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Unusable("the JSON object of the answer has half of a character, a lone surrogate, in a text")
    return value


def _depths(value: Any) -> Iterator[int]:
    """The depth of every list and object."""
    pending = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if isinstance(item, dict | list):
            yield depth
            if depth <= MAX_DEPTH:
                pending += [(part, depth + 1) for part in (item.values() if isinstance(item, dict) else item)]


def _too_deep() -> str:
    return f"the JSON object of the answer is nested deeper than {MAX_DEPTH} levels; its records are flat"
