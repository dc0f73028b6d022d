"""The tool `solve` says what `offramp solve` says, of files in the folder and of no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offramp import read, solve
from offramp.crisis.templates import STARTER, template_text
from tests.mcp.assistants import Assistant, assistant


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    (folder / "sub").mkdir()
    (folder / "sub" / "crisis.yaml").write_text(template_text(STARTER), encoding="utf-8")
    return folder.resolve()


@pytest.fixture(scope="module")
def one(root: Path) -> Iterator[Assistant]:
    with assistant(root) as connected:
        yield connected


def test_solve_gives_the_numbers_of_the_library(one: Assistant, root: Path) -> None:
    answer = one.call("solve", file="sub/crisis.yaml")
    expected = solve(read(root / "sub" / "crisis.yaml"))
    found = {row["ending"]: row["probability"] for row in answer["endings"]}
    assert found == pytest.approx(expected.endings, abs=1e-12)
    assert answer["payoffs"] == pytest.approx({actor: expected.total(actor) for actor in expected.payoffs}, abs=1e-12)
    assert answer["converged"]
    assert next(iter(answer)) == "sentence"
