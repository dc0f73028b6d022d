"""In a folder that may only be read, what reads works, and what writes says so in one line and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from offramp.runs.running import run_into
from tests.crises import crisis_of
from tests.runs.test_damaged import TEXT

READS = [
    "check c.yaml",
    "solve c.yaml",
    "runs .",
    "endings run",
    "moves run",
    "levers run",
    "verify run",
    "verify part",
    "clean .",
    "redteam c.yaml",
    "forecast list",
    "forecast score",
]
WRITES = [
    "new other",
    "run c.yaml --draws 16",
    "run c.yaml --draws 16 --out other",
    "run part",
    "run run --draws 32",
    "merge part part2 --out other",
    "report run",
    "report run --brief",
    "endings run --export other",
    "export c.yaml --efg other.efg",
    "redteam c.yaml --out other",
    "draft account.txt --out other --prompt-only",
    "play c.yaml --as a --save other.json",
    "forecast add --claim x --probability 0.2 --due 2031-02-01 --rule y",
]
CHILD = """
import json, os, sys
from click.testing import CliRunner
from offramp.cli import main
os.chdir(sys.argv[1])
for command in sys.argv[2:]:
    result = CliRunner(env={"COLUMNS": "400"}).invoke(main, command.split())
    sound = result.exception is None or isinstance(result.exception, SystemExit)
    print(json.dumps([command, result.exit_code, sound, result.stderr]))
"""


@pytest.mark.skipif(os.name != "posix", reason="rights of a POSIX system")
def test_a_folder_that_may_only_be_read_is_read_and_not_written(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(TEXT)
    (tmp_path / "account.txt").write_text("A strike began. It ended.")
    for name in ("run", "part"):
        run_into(crisis_of(TEXT), tmp_path / name, draws=16)
    (tmp_path / "part" / "finished.json").unlink()
    shutil.copytree(tmp_path / "part", tmp_path / "part2")
    kept = "forecast add --claim rain --probability 0.3 --due 2031-01-01 --rule gauge"
    subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), kept], check=True, capture_output=True)
    paths = [tmp_path, *tmp_path.rglob("*")]
    before = {path: path.read_bytes() for path in paths if path.is_file()}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    command = [sys.executable, "-c", CHILD, str(tmp_path), *READS, *WRITES]
    if os.geteuid() == 0:  # who may write everywhere gives that up
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    try:
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    finally:
        for path in paths:
            path.chmod(0o755)
    for words, code, sound, said in map(json.loads, lines):
        assert sound, words
        assert code == (0 if words in READS else 2), (words, said)
        if words in WRITES:
            told = said.splitlines()[-1]
            assert told.startswith("cannot "), (words, said)
            assert told.endswith(("Permission denied", "attempt to write a readonly database")), (words, said)
    assert len(lines) == len(READS) + len(WRITES)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
