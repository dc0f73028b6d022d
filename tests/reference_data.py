"""The folder of other people's games, tables and results that tests compare with; it is not part of the project.

`OFFRAMP_REFERENCE_DATA` names it; by default it is looked for beside the checkout. Tests that need it skip without it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("OFFRAMP_REFERENCE_DATA") or Path(__file__).resolve().parents[1] / "../shared/data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data are not here")
