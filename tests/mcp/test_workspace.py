"""New files are written and others are not, inside the folder only, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.mcp.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links of a POSIX system")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path.resolve()
    root = base / "root"
    (root / "sub").mkdir(parents=True)
    (root / "old.txt").write_text("old")
    (base / "outside.txt").write_text("outside")
    (root / "up").symlink_to(base)
    (root / "link.txt").symlink_to(base / "outside.txt")
    (root / "broken.txt").symlink_to(base / "nowhere.txt")
    (root / "inner.txt").symlink_to("old.txt")
    return root


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with what it holds or leads to."""
    return {
        str(path.relative_to(folder)): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_a_new_file_is_written(root: Path) -> None:
    Workspace(Folder(root)).write("sub/new.txt", "é")
    assert (root / "sub" / "new.txt").read_bytes() == "é".encode()


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "file",
    [
        *(
            "../outside.txt",
            "up/outside.txt",
            "up/new.txt",
            "link.txt",
            "broken.txt",
            "sub",
            "sub/",
            "",
            ".",
            "/new.txt",
        ),
        *(".hidden.txt", ".git/config", "sub/.x", "none/new.txt", "old.txt/new.txt", "a\nb.txt", "s3://bucket/new.txt"),
    ],
)
def test_nothing_is_written_outside_or_through_a_link(root: Path, file: str, overwrite: bool) -> None:
    before = snapshot(root.parent)
    with pytest.raises(Refused):
        Workspace(Folder(root), overwrite).write(file, "new")
    assert snapshot(root.parent) == before


@pytest.mark.parametrize("file", ["old.txt", "inner.txt"])
def test_a_file_that_exists_is_written_only_with_overwrite(root: Path, file: str) -> None:
    with pytest.raises(Refused, match="exists already: choose another name, or start the server with --overwrite"):
        Workspace(Folder(root)).write(file, "new")
    assert (root / "old.txt").read_text() == "old"
    Workspace(Folder(root), overwrite=True).write(file, "new")
    assert (root / "old.txt").read_text() == "new"


def test_a_file_that_is_no_text_or_too_large_stays(root: Path) -> None:
    (root / "old.txt").write_bytes(b"\xff\xfe")
    for text, most in (("new", 100), ("x" * 101, 100), ("\ud800", 100)):
        with pytest.raises(Refused):
            Workspace(Folder(root), overwrite=True).write("old.txt", text, most)
    assert (root / "old.txt").read_bytes() == b"\xff\xfe"
