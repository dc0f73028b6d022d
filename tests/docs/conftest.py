"""The built site, and a browser for its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.built_site import built
from tests.report.browser import browser

__all__ = ["browser"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of the built pages; the processes of one run of the tests share it."""
    own = tmp_path_factory.getbasetemp()
    return built(own.parent if hasattr(request.config, "workerinput") else own)
