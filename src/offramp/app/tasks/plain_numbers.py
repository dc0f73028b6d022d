"""Numbers for JSON: None for NaN and infinity."""

from __future__ import annotations

from collections.abc import Mapping


def numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    """Numbers by name, each as in `finite`."""
    return {name: finite(value) for name, value in values.items()}


def finite(value: float) -> float | None:
    """The number, or None if it is not finite."""
    return float(value) if abs(value) < float("inf") else None
