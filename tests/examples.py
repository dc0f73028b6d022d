"""How many random examples a property test takes: a tenth of them in `make test`, all of them in `make thorough`."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("OFFRAMP_TESTS") == "thorough"


def examples(whole: int) -> int:
    """The number of examples for a property that deserves `whole` of them."""
    return whole if THOROUGH else max(10, whole // 10)
