"""What all tests of the report share: a browser."""

from __future__ import annotations

from tests.report.browser import browser

__all__ = ["browser"]  # a fixture
