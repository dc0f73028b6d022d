"""Colours of a PDF, from the numbers and the colour spaces that its pages name (ISO 32000-2, 8.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject

Ink = tuple[float, float, float]
"""A colour as shares of red, green and blue."""


def resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def entry(container: Any, key: Any) -> Any:
    """An entry of a dictionary, None if there is none or it is no dictionary."""
    container = resolved(container)
    return resolved(container.get(key)) if isinstance(container, DictionaryObject) else None


def ink_of(numbers: Sequence[float]) -> Ink | None:
    """A colour as red, green and blue, from grey, red-green-blue or cyan-magenta-yellow-black."""
    if len(numbers) == 1:
        return (numbers[0], numbers[0], numbers[0])
    if len(numbers) == 3:
        return (numbers[0], numbers[1], numbers[2])
    if len(numbers) == 4:
        cyan, magenta, yellow, black = numbers
        return ((1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black))
    return None


def parts_of(name: Any, resources: Any) -> int | None:
    """How many numbers a colour has, None for a colour space whose numbers mean something else."""
    device = {"/DeviceGray": 1, "/DeviceRGB": 3, "/DeviceCMYK": 4, "/CalGray": 1, "/CalRGB": 3}
    if str(name) in device:
        return device[str(name)]
    space = entry(entry(resources, "/ColorSpace"), name)
    if isinstance(space, ArrayObject) and space:
        kind = str(resolved(space[0]))
        if kind == "/ICCBased" and len(space) > 1:
            count = entry(space[1], "/N")
            return int(count) if count in (1, 3, 4) else None
        return device.get(kind)
    return device.get(str(space))
