"""A draft says in every finding that it is one, which does not make it a crisis as of now."""

from __future__ import annotations

from pathlib import Path

from offramp.crisis.reading import read
from offramp.draft.sidecar import CRISIS
from offramp.game.compiler import compile_crisis
from offramp.runs.run import run_in_memory
from offramp.study.histories.paths import paths
from offramp.study.interventions.levers_study import levers
from offramp.study.outlook.endings import endings
from offramp.study.outlook.one_draw import moves
from tests.draft.review.harbour_draft import draft_in


def test_a_draft_without_events_is_not_said_to_be_as_of_now(tmp_path: Path) -> None:
    draft_in(tmp_path)
    crisis = read(tmp_path / CRISIS)
    run = run_in_memory(crisis, compile_crisis(crisis), draws=64, seed=1)
    for finding in (endings(run), moves(run), moves(run, draw=3), levers(run), paths(crisis)):
        assert "Draft by m-7, 0 of 54 assumptions read." in finding.basis, finding.title
        assert not any("As of now" in note for note in finding.notes), finding.title
