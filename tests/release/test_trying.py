"""Which Pythons a release is tried with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from release.trying import interpreter, interpreters

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_the_python_on_the_path_is_found_and_one_that_does_not_run_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"python{HERE}").symlink_to(Path(sys.executable).resolve())
    (tmp_path / "python3.99").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.99").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert interpreter(HERE) == tmp_path / f"python{HERE}"
    assert interpreter("3.99") is None


def test_a_version_that_is_missing_ends_the_release_and_the_message_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / f"python{HERE}").symlink_to(Path(sys.executable).resolve())
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SystemExit, match=rf'no Python 3\.99 .* `make release PYTHONS="{HERE}"`'):
        interpreters([HERE, "3.99"])
