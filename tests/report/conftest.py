"""What all tests of the report share: a browser, and the run of the Tehran crisis with what it says."""

from __future__ import annotations

import pytest

import offramp
from offramp.runs.result import Run
from offramp.study.brief import Brief, brief
from tests.report.browser import browser
from tests.shipped import tehran

__all__ = ["browser"]  # a fixture


@pytest.fixture(scope="session")
def tehran_summed_up() -> tuple[Run, Brief]:
    """A run, and its brief; no test changes them."""
    run = offramp.run(tehran(), draws=256, seed=1)
    return run, brief(run)
