"""What all tests of the page share: a browser, and that the page is built."""

from __future__ import annotations

import pytest

from tests.app.page.opened import built
from tests.report.browser import browser

__all__ = ["browser"]  # a fixture


@pytest.fixture(autouse=True)
def page_is_built() -> None:
    """Every test of the page needs it built."""
    built()
