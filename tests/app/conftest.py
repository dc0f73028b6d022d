"""One workbench for all tests that need no other: a folder with the Tehran crisis and a small one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.app.served import SMALL, Served, serving
from tests.shipped import CRISES


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running workbench."""
    folder = tmp_path_factory.mktemp("opened")
    shutil.copy(CRISES / "tehran-2024" / "crisis.yaml", folder / "crisis.yaml")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as running:
        yield running
