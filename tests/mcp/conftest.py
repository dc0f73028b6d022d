"""One server for the modules that ask it ordinary questions: a start costs seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offramp.crisis.templates import STARTER, template_text
from tests.mcp.assistants import Assistant, assistant


@pytest.fixture(scope="package")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server, with the starter in it; modules add their files under names of their own."""
    folder = tmp_path_factory.mktemp("root").resolve()
    (folder / "sub").mkdir()
    for file in ("crisis.yaml", "sub/crisis.yaml"):
        (folder / file).write_text(template_text(STARTER), encoding="utf-8")
    return folder


@pytest.fixture(scope="package")
def one(root: Path) -> Iterator[Assistant]:
    with assistant(root, "--max-draws", "500000", "--max-calls", "2") as connected:
        yield connected
