"""A browser for the tests of notebooks."""

from tests.report.browser import browser

__all__ = ["browser"]  # a fixture
