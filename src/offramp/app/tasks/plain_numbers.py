"""Numbers as JSON has them: None for what is no number."""

from __future__ import annotations

from collections.abc import Mapping


def numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    """Named numbers."""
    return {name: finite(value) for name, value in values.items()}


def finite(value: float) -> float | None:
    """One number."""
    return float(value) if abs(value) < float("inf") else None
