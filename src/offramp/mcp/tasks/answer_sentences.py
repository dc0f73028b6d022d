"""The first line of an answer: what was found, with the conditions under which it holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from offramp.common.words import listed

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis


def conditions(crisis: Crisis, how: str) -> str:
    """The conditions of a figure: how it was solved, the levers pulled, as of when, and what a person has read.

    Examples
    --------
    `2,048 draws, seed 1; no levers pulled; from the outset`.
    """
    from offramp.crisis.names import names_of
    from offramp.study.basis import as_of_when

    levers = listed(names_of(crisis).pulled, 20)
    moment = as_of_when(crisis).strip().rstrip(".")
    parts = [
        how,
        f"levers pulled: {levers}" if levers else "no levers pulled",
        f"{moment[:1].lower()}{moment[1:]}" if moment else "from the outset",
        str(crisis.draft or ""),
    ]
    return "; ".join(filter(None, parts))


def draws_in_words(draws: int, seed: int) -> str:
    """The draws of a figure: `2,048 draws, seed 1`."""
    return f"{draws:,} draw{'s' * (draws != 1)}, seed {seed}"


def sentence_of(found: Iterable[str], under: str) -> str:
    """What was found, with its conditions in brackets.

    Examples
    --------
    >>> sentence_of(["War has 6.1%.", "Peace has the rest."], "64 draws, seed 1; no levers pulled; from the outset")
    'War has 6.1%. Peace has the rest (64 draws, seed 1; no levers pulled; from the outset).'
    """
    return f"{'. '.join(one.rstrip(' .') for one in found)} ({under})."


def plain(value: Any) -> Any:
    """A value for JSON: NaN and infinity become None, tuples lists.

    Examples
    --------
    >>> plain({"low": float("nan"), "levers": ("hotline",)})
    {'low': None, 'levers': ['hotline']}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
