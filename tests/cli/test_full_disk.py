"""Where nothing more can be written, a command says so in one line, leaves nothing half-written, and works later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.served import SMALL
from tests.copies import OFFRAMP, Copy

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a full device of Linux")

LIMITED = """
import resource, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from offramp.cli import main
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    ended(folder, OFFRAMP, "run", "small.yaml", "--draws", "64", "--out", "run")
    return folder


def ended(folder: Path, *command: str | Path, out: str = os.devnull) -> tuple[int, str]:
    """How a command ends that is started in a folder, and what it says on standard error."""
    with open(out, "wb") as full:
        process = Copy(list(map(str, command)), cwd=folder, stdout=full, stderr=subprocess.PIPE)
    with process:
        said = process.communicate()[1].decode()
    return process.returncode, said


def limited(folder: Path, limit: int, *arguments: str) -> tuple[int, str]:
    """The same of a command whose files cannot be longer than so many bytes."""
    return ended(folder, sys.executable, "-c", LIMITED, str(limit), *arguments)


@pytest.mark.parametrize(
    "command",
    ["schema", "--help", "--version", "check small.yaml", "solve small.yaml --json", "solve small.yaml", "endings run"],
)
def test_output_that_cannot_be_written_is_one_line(folder: Path, command: str) -> None:
    found = ended(folder, OFFRAMP, *command.split(), out="/dev/full")
    assert found == (2, "cannot write the output: No space left on device\n")


@pytest.mark.parametrize("limit", [0, 100, 400, 800])
def test_an_export_is_written_whole_or_not_at_all(folder: Path, limit: int) -> None:
    before = sorted(folder.iterdir())
    assert limited(folder, limit, "endings", "run", "--export", "out") == (2, "cannot write out: File too large\n")
    assert sorted(folder.iterdir()) == before


def test_of_a_brief_both_files_are_written_or_none(folder: Path) -> None:
    before = sorted(folder.iterdir())
    brief = ("report", "run", "--brief", "--out", "brief.html")
    assert limited(folder, 20_000, *brief) == (2, "cannot write brief.docx: File too large\n")
    assert sorted(folder.iterdir()) == before
    assert ended(folder, OFFRAMP, *brief)[0] == 0
    assert {"brief.html", "brief.docx"} <= {file.name for file in folder.iterdir()}
