"""A process that drafts is killed between any two writes: the next one goes on from what is on disk, to equal files."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from offramp.draft.drafting import advance, resumed
from offramp.draft.sidecar import CRISIS, read_draft
from tests.copies import ran
from tests.draft.scripted import begun, driven, parts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

WRITES = 8
"""The account and the sidecar at the beginning, the sidecar after each answer, and the crisis file twice."""
SECOND_LOOK = {"stakes": [parts()["numbers"]["stakes"][0] | {"name": "another name"}]}
CODE = """
import os, signal, sys
from pathlib import Path
from tests.draft.scripted import begun, driven
from tests.draft.test_killed_draft import ANSWERS

replace, left, after = os.replace, int(sys.argv[2]), sys.argv[3] == "after"

def killed(source, target):
    global left
    left -= 1
    if left == 0 and not after:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

os.replace = killed
folder = Path(sys.argv[1])
driven(folder, begun(folder), ANSWERS)
print("finished")
"""
ANSWERS = parts() | {"sense": SECOND_LOOK}


def drafting(folder: Path, write: int, moment: str) -> CompletedProcess[str]:
    """A process that drafts, and is killed at this write."""
    return ran([sys.executable, "-c", CODE, str(folder), str(write), moment], cwd=Path(__file__).parents[2])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a draft that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "draft"
    assert driven(folder, begun(folder), ANSWERS).stage == "done"
    return folder


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_a_draft_that_was_killed_goes_on(tmp_path: Path, whole: Path, write: int, moment: str) -> None:
    folder = tmp_path / "draft"
    ended = drafting(folder, write, moment)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    draft = resumed(folder) if (folder / "crisis.draft.json").exists() else begun(folder)
    assert driven(folder, draft, ANSWERS).stage == "done"
    for file in (CRISIS, "sources/account.txt"):
        assert (folder / file).read_bytes() == (whole / file).read_bytes()
    assert resumed(folder).brief == resumed(whole).brief
    assert resumed(folder).changed_after_solve == resumed(whole).changed_after_solve == ("stakes.north.face",)


def test_an_answer_brings_the_crisis_file_that_a_killed_process_owes(tmp_path: Path, whole: Path) -> None:
    folder = tmp_path / "draft"
    drafting(folder, WRITES, "before")
    draft = read_draft(folder)
    assert draft.stage == "done"
    assert (folder / CRISIS).read_bytes() != (whole / CRISIS).read_bytes()
    advance(folder, draft, "")
    assert (folder / CRISIS).read_bytes() == (whole / CRISIS).read_bytes()


def test_all_writes_of_a_draft_are_tried(tmp_path: Path) -> None:
    ended = drafting(tmp_path / "draft", WRITES + 1, "before")
    assert ended.stdout.strip() == "finished", ended.stderr
