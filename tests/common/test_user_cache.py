"""Promises of the cache: a value comes back whole or not at all, only its own key has it, and the disk has a bound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import platformdirs
import pytest

from offramp.common import user_cache
from offramp.common.user_cache import cache_folder, keep, read_kept

VALUE = {"rows": [[0.1, "ä\u2028"], [5e-324, None]], "more": True}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path))
    return tmp_path / "kept"


def sealed(body: bytes) -> bytes:
    return sha256(body).hexdigest().encode() + b"\n" + body


def test_a_value_comes_back_as_it_was_and_only_under_its_key(folder: Path) -> None:
    assert read_kept("one") is None
    keep("one", VALUE)
    assert read_kept("one") == VALUE
    assert read_kept("another") is None
    assert folder.stat().st_mode & 0o77 == 0
    assert [path.stat().st_mode & 0o77 for path in folder.iterdir()] == [0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:40],
        lambda content: b"",
        lambda content: content.replace(b"0.1", b"0.9"),
        lambda content: sealed(content[65:].replace(b"one", b"two")),
        lambda content: sealed(b'["one"'),
        lambda content: sealed(b'["one",NaN]'),
        lambda content: sealed(b'"one"'),
        lambda content: sealed(b"[" * 100_000),
        lambda content: sealed(b"\xff"),
        lambda content: sealed(json.dumps(["one", "x" * user_cache.MAX_BYTES]).encode()),
    ],
)
def test_a_file_that_is_not_whole_or_of_another_key_counts_as_missing(
    folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    keep("one", VALUE)
    (path,) = folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert read_kept("one") is None
    keep("one", VALUE)
    assert read_kept("one") == VALUE


def test_what_is_no_file_counts_as_missing(folder: Path, tmp_path: Path) -> None:
    keep("one", VALUE)
    (path,) = folder.iterdir()
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert read_kept("one") is None
    path.unlink()
    os.mkfifo(path)
    assert read_kept("one") is None
    path.unlink()
    path.mkdir()
    assert read_kept("one") is None
    keep("one", VALUE)  # which cannot replace a folder, and says nothing


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_is_said(tmp_path: Path, folder: Path) -> None:
    folder.write_text("a file in place of the folder")
    keep("one", VALUE)
    assert read_kept("one") is None
    folder.unlink()
    keep("one", "x" * user_cache.MAX_BYTES)
    assert read_kept("one") is None
    assert not folder.exists()


def test_a_relative_folder_which_a_stranger_may_have_filled_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keep("one", VALUE)
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv(user_cache.VARIABLE, tmp_path.name)
    assert cache_folder() == platformdirs.user_cache_path("offramp")
    (tmp_path / "kept").rename(tmp_path / "planted")
    (tmp_path / "offramp").mkdir()
    (tmp_path / "planted").rename(tmp_path / "offramp" / "kept")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path(tmp_path.name) / name)
    assert read_kept("one") is None
    keep("two", VALUE)
    assert len([*(tmp_path / "offramp" / "kept").iterdir()]) == 1


def test_beyond_the_bound_what_was_not_used_for_longest_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, key in enumerate("abc"):
        keep(key, "x" * 1000)
        newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    (folder / ".left-behind.partial").write_bytes(b"x" * 1000)
    os.utime(folder / ".left-behind.partial", (0, 0))
    assert read_kept("a")
    monkeypatch.setattr(user_cache, "MAX_BYTES_IN_ALL", 3500)
    keep("d", "x" * 1000)
    assert [key for key in "abcd" if read_kept(key)] == ["a", "c", "d"]
    assert len([*folder.iterdir()]) == 3


LOOP = """
import sys
from offramp.common.user_cache import keep, read_kept
keep("shared", sys.argv[1] * 50_000)
for _ in range(100):
    found = read_kept("shared")
    assert found in ("a" * 50_000, "b" * 50_000), found
    keep("shared", sys.argv[1] * 50_000)
"""


def test_two_processes_at_once_find_whole_values(folder: Path) -> None:
    both = [subprocess.Popen([sys.executable, "-c", LOOP, letter], stderr=subprocess.PIPE) for letter in "ab"]
    assert [(process.communicate()[1], process.returncode) for process in both] == [(b"", 0)] * 2
    assert len([*folder.iterdir()]) == 1
