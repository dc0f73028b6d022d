"""Long work shows how far it is also where nobody has a terminal, and short work says nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from offramp.cli import main, progress_lines
from offramp.cli.progress_lines import SECONDS, ProgressLines
from tests.study.known_outcomes.coins import WON, coin_folder


def said(steps: list[tuple[float, float]], total: float = 1.0) -> list[str]:
    """What is said of work that has done so much at such a second."""
    now, lines = 0.0, []
    progress = ProgressLines("fits", total, lines.append, clock=lambda: now)
    for second, done in steps:
        now = second
        progress.reached(done)
    return lines


def test_short_work_and_the_end_of_long_work_are_not_told() -> None:
    assert said([(SECONDS / 2, 0.2), (SECONDS - 1, 0.9), (SECONDS * 9, 1.0)]) == []


def test_lines_keep_apart_in_time_and_in_work() -> None:
    assert said([(11, 0.1), (12, 0.5), (22, 0.6), (40, 0.61), (50, 0.9)]) == [
        "fits: 10% done",
        "fits: 60% done",
        "fits: 90% done",
    ]
    assert len(said([(60.0 * minute, minute / 6000) for minute in range(6000)])) < 20


@pytest.mark.parametrize("counted", [True, False])
def test_a_backtest_in_a_pipe_tells_how_far_it_is_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: bool
) -> None:
    monkeypatch.setattr(progress_lines, "SECONDS", 0.0)
    for name in ("one", "two"):
        coin_folder(tmp_path / name, WON)
    place = tmp_path / "one" if counted else tmp_path
    done = CliRunner().invoke(main, ["backtest", str(place), "--draws", "2048", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)
    assert ("solving draws: 50% done" if counted else "crises: 50% done") in done.stderr.splitlines()
