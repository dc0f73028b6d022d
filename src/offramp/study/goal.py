"""The endings to avoid: by what a lever is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.model import Crisis

Array = NDArray[np.float64]

TO_AVOID = "endings to avoid"
"""The key of the sum of several endings in tables; with its space it is no ending's key."""


@dataclass(frozen=True)
class Goal:
    """The endings to avoid, judged by the sum of their probabilities.

    `names`: by key, as readers see them. `why`: they were `asked for`, the file has `marked` them, or neither, and it
    is the `first` of the file.
    """

    names: Mapping[str, str]
    why: Literal["asked for", "marked", "first"]

    @property
    def key(self) -> str:
        """The key of the ending, or that of the sum of several."""
        return next(iter(self.names)) if len(self.names) == 1 else TO_AVOID

    @property
    def name(self) -> str:
        """What is to be avoided, in a sentence."""
        return next(iter(self.names.values())) if len(self.names) == 1 else tr("the endings to avoid")

    @property
    def stated(self) -> str:
        """A sentence that says which endings are to be avoided, and why these."""
        if self.why == "first":
            return tr("No ending is marked `avoid`, so levers are judged by the first, {ending}.", ending=self.name)
        if len(self.names) == 1:
            return tr("The ending to avoid is {ending}.", ending=self.name)
        return tr("The endings to avoid are {endings}.", endings=listed(self.names.values()))

    def total(self, crisis: Crisis, endings: Array) -> Array:
        """The probability of the endings to avoid, (draws,), from that of every ending, (endings, draws)."""
        return np.asarray(endings[[crisis.ending_index(key) for key in self.names]].sum(axis=0))

    def with_total(self, crisis: Crisis, endings: Array) -> Array:
        """The probability of every ending, and a row more for the sum of several to avoid: (rows, draws)."""
        if len(self.names) == 1:
            return endings
        return np.concatenate([endings, self.total(crisis, endings)[None]])

    def labels(self, crisis: Crisis) -> list[str]:
        """The keys of the rows of `with_total`."""
        return [ending.key for ending in crisis.endings] + ([TO_AVOID] if len(self.names) > 1 else [])


def goal_of(crisis: Crisis, ending: str | None) -> Goal:
    """The endings to avoid: the one asked for, or those that the file marks, or else its first.

    Raises
    ------
    UsageError
        If there is no ending of that name, or none at all.
    """
    if not crisis.endings:
        raise UsageError(f"{crisis.path} has no endings")
    if ending is not None:
        crisis.ending_index(ending)
    chosen = crisis.avoided if ending is None else (ending,)
    marked = any(one.avoid for one in crisis.endings)
    names = {one.key: one.name for one in crisis.endings if one.key in chosen}
    return Goal(names, "asked for" if ending is not None else "marked" if marked else "first")
