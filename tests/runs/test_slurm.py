"""The guide's script for Slurm, as it stands in docs/clusters.md, on a Slurm that answers here; skipped elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.runs.folders import bytes_of
from tests.runs.test_evidence import RAID

pytest.importorskip("distributed")

GUIDE = Path(__file__).parents[2] / "docs" / "clusters.md"
DRAWS = 60_000
SMALL = {
    r"\d+:00:00": "0:10:00",
    r"--array=\S+": "--array=1-3%1",
    r"--cpus-per-task=\d+": "--cpus-per-task=1",
    r"--mem=\S+": "--mem=1G",
    r"--draws \d+": f"--draws {DRAWS}",
    r"--out \S+": "--out run",
}
"""What of the guide's script is made smaller here."""


def asked(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def answers() -> bool:
    return bool(shutil.which("sbatch")) and subprocess.run(["sinfo"], check=False, capture_output=True).returncode == 0


def jobs(names: str, *more: str) -> list[str]:
    return asked("squeue", "--me", "--noheader", "--format=%i", f"--name={names}", *more).split()


@pytest.mark.skipif(not answers(), reason="no Slurm answers here (sbatch, sinfo)")
def test_the_guides_script_makes_the_same_bytes_though_a_job_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = re.search(r"```sh\n(#!/bin/bash\n.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert script is not None
    small = script[1]
    for large, instead in SMALL.items():
        small, found = re.subn(large, instead, small)
        assert found, large
    (tmp_path / "offramp.sh").write_text(small, encoding="utf-8")
    (tmp_path / "crisis.yaml").write_text(RAID, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    job = asked("sbatch", "--parsable", "--output=said", "offramp.sh")
    try:
        begun = time.monotonic()
        while not Path("run/chunk-00003.sha256").exists():
            assert time.monotonic() - begun < 120
            time.sleep(0.05)
        (first,) = jobs("offramp-workers", "--states=running")
        asked("scancel", first)
        while jobs("offramp,offramp-workers"):  # the workers end with the run
            assert time.monotonic() - begun < 240
            time.sleep(0.5)
    finally:
        asked("scancel", job)
    assert first.endswith("_1")
    assert "run:    run" in Path("said").read_text(encoding="utf-8")
    asked(sys.executable, "-m", "offramp", "run", "crisis.yaml", f"--draws={DRAWS}", "--out=undisturbed")
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "undisturbed")
