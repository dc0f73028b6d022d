"""How many random examples a property test takes: `make test` a tenth of them, at least ten; `make thorough` all."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("OFFRAMP_TESTS") == "thorough"


def examples(whole: int) -> int:
    """The number of examples for a property that deserves `whole` of them."""
    return whole if THOROUGH else min(whole, max(10, whole // 10))
