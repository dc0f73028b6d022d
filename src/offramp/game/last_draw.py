"""What a game's expressions came to in the last single draw, so that one changed input computes only what names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Result = TypeVar("Result")


@dataclass(eq=False)
class LastDraw:
    """Results that hold at the inputs' values of the last single draw; each with the inputs that it names."""

    values: dict[str, bytes] = field(default_factory=dict)
    kept: dict[object, tuple[frozenset[str], object]] = field(default_factory=dict)

    def moved_to(self, values: Mapping[str, Array]) -> LastDraw:
        """What still holds at other values of the inputs, (1,) each."""
        new = {name: value.tobytes() for name, value in values.items()}
        changed = {name for name, value in new.items() if self.values.get(name) != value}
        return LastDraw(new, {key: result for key, result in self.kept.items() if result[0].isdisjoint(changed)})

    def result(self, key: object, names: frozenset[str], computed: Callable[[], Result]) -> Result:
        """The result of `computed`, which names `names`, at these values; computed only if it is not kept."""
        if key not in self.kept:
            self.kept[key] = names, computed()
        found: Result = self.kept[key][1]  # type: ignore[assignment]
        return found
