"""A process that begins rival drafts or takes their alignment is killed between any two writes: nothing is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from offramp.draft.drafting import resumed
from offramp.draft.rivals.alignment import alignment_in
from offramp.draft.rivals.rival_drafts import RIVALS, begin_rivals, label_of
from offramp.draft.variation import variations
from offramp.study.key_map import MAP_FILE
from tests.draft.rivals.identical import SAME
from tests.draft.scripted import NOTE, driven, parts

DRAFTS = variations(2, len(NOTE.paragraphs))
WRITES = 5
"""The plan, and the account and the sidecar of both drafts."""


class Killed(BaseException):
    """Stands for a signal that no program can catch: the writes after it are not made."""


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of writes that are left before the process is killed; -1: none kills it."""
    left = [-1]
    replace = os.replace

    def killed(source: str, target: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    return left


@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_rival_drafts_that_were_killed_are_begun_by_the_same_command(
    tmp_path: Path, kill: list[int], write: int
) -> None:
    kill[0] = write
    with pytest.raises(Killed):
        begin_rivals(NOTE, tmp_path, DRAFTS, "2031-03-02")
    kill[0] = -1
    begin_rivals(NOTE, tmp_path, DRAFTS, "2031-03-02")
    for variation in DRAFTS:
        sidecar = json.loads((tmp_path / label_of(variation.number) / "crisis.draft.json").read_text())
        assert sidecar["variation"]["number"] == variation.number
    kill[0] = WRITES + 1
    begin_rivals(NOTE, tmp_path, DRAFTS, "2031-03-02")
    assert kill[0] == WRITES + 1  # nothing is written again


def test_an_alignment_that_was_killed_before_its_map_writes_it_later(tmp_path: Path, kill: list[int]) -> None:
    begin_rivals(NOTE, tmp_path, DRAFTS)
    for variation in DRAFTS:
        folder = tmp_path / label_of(variation.number)
        driven(folder, resumed(folder), parts(), lambda draft: {"notes": [{"says": "Nothing to change"}]})
    alignment = alignment_in(tmp_path)
    kill[0] = 1
    with pytest.raises(Killed):
        alignment.take(SAME)
    assert alignment_in(tmp_path).state.rows is None  # the answer was on its way
    kill[0] = 2
    with pytest.raises(Killed):
        alignment.take(SAME)
    kill[0] = -1
    assert not (tmp_path / MAP_FILE).exists()
    assert '"rows"' in (tmp_path / RIVALS).read_text()
    assert alignment_in(tmp_path).prompt() is None
    assert "war_comes: {draft-1: war_comes, draft-2: war_comes}" in (tmp_path / MAP_FILE).read_text()
