"""The crises that the project ships, for tests."""

from pathlib import Path

import offramp

CRISES = Path(__file__).parents[1] / "crises"


def tehran() -> offramp.Crisis:
    """The Tehran crisis of 2024."""
    return offramp.read(CRISES / "tehran-2024" / "crisis.yaml")
