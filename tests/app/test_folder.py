"""Files are read and written inside the opened folder only, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.app import folder as folder_module
from offramp.app.folder import Folder, shipped_crises
from offramp.app.http_errors import Refused


@pytest.fixture
def opened(tmp_path: Path) -> Folder:
    """A folder with a crisis, beside a secret."""
    (tmp_path / "secret.yaml").write_text("secret")
    root = tmp_path / "opened"
    (root / "sub").mkdir(parents=True)
    (root / "crisis.yaml").write_bytes(b"title: A\r\n# \xc3\xa9\n")
    (root / "sub" / "two.yml").write_text("title: 'Two'\n")
    return Folder(root.resolve())


OUTSIDE = (
    "../secret.yaml",
    "sub/../../secret.yaml",
    "/etc/hosts.yaml",
    "//etc/hosts.yaml",
    "./../secret.yaml",
    "..",
    "",
    "sub/",
    "sub//two.yml",
    ".hidden.yaml",
    ".git/x.yaml",
    "sub/.x.yaml",
    "a\0.yaml",
    "a\n.yaml",
    "..\\secret.yaml",
    "C:/x.yaml",
    "shipped:../tehran-2024",
    "shipped:",
    "x" * 2_000 + ".yaml",
    "x" * 900 + ".yaml",
    "sub/" + "é" * 128 + "/x.yaml",
    "\ud800.yaml",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_paths_that_lead_out_or_hide_are_refused(opened: Folder, path: str) -> None:
    for use in (opened.read, opened.crisis, lambda path: opened.save(path, "x", None)):
        with pytest.raises(Refused) as refused:
            use(path)
        assert refused.value.status in (403, 404, 422)
        assert "secret" not in str(refused.value.more)


@pytest.mark.parametrize("path", ["x" * 900, "sub/" + "é" * 128])
def test_a_run_with_a_name_that_no_file_can_have_is_refused(opened: Folder, path: str) -> None:
    with pytest.raises(Refused, match="the name of a run folder has at most 255 bytes"):
        opened.run(path)


@given(st.lists(st.sampled_from(["..", ".", "", "sub", "a.yaml", "~", "\\", "..\\", "%2e%2e", "a"]), min_size=1))
def test_no_path_made_of_such_parts_leads_out(parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        (root / "sub").mkdir()
        try:
            found = Folder(root, {}).within("/".join(parts))
        except Refused:
            return
        assert found.is_relative_to(root)


def test_links_out_of_the_folder_are_refused_and_not_listed(opened: Folder) -> None:
    (opened.root / "out.yaml").symlink_to(opened.root.parent / "secret.yaml")
    (opened.root / "away").symlink_to(opened.root.parent)
    (opened.root / "hidden.yaml").symlink_to(opened.root / ".git")
    for path in ("out.yaml", "away/secret.yaml", "hidden.yaml"):
        for use in (opened.read, lambda path: opened.save(path, "changed", None)):
            with pytest.raises(Refused) as refused:
                use(path)
            assert refused.value.status == 403
    assert (opened.root.parent / "secret.yaml").read_text() == "secret"
    assert [file["path"] for file in opened.files()] == ["crisis.yaml", "sub/two.yml"]


def test_what_is_no_ordinary_file_is_refused(opened: Folder) -> None:
    os.mkfifo(opened.root / "pipe.yaml")
    (opened.root / "folder.yaml").mkdir()
    for path in ("pipe.yaml", "folder.yaml"):
        with pytest.raises(Refused) as refused:
            opened.read(path)
        assert refused.value.status == 403
    assert "pipe.yaml" not in [file["path"] for file in opened.files()]


@pytest.mark.parametrize("name", ["notes.txt", "crisis.yaml.bak", "yaml", "sub"])
def test_only_crisis_files_are_read_and_written(opened: Folder, name: str) -> None:
    with pytest.raises(Refused, match=r"\.yaml or \.yml"):
        opened.save(name, "x", None)


def test_a_text_comes_as_it_is_and_goes_as_it_is(opened: Folder) -> None:
    held = opened.read("crisis.yaml")
    assert held.text == "title: A\r\n# é\n"
    sha = opened.save("crisis.yaml", "\ufeff" + held.text + "# more\r", held.sha)
    content = (opened.root / "crisis.yaml").read_bytes()
    assert content == b"\xef\xbb\xbftitle: A\r\n# \xc3\xa9\n# more\r"
    assert sha == hashlib.sha256(content).hexdigest() == opened.sha("crisis.yaml")


def test_a_file_that_has_changed_on_disk_is_not_overwritten(opened: Folder) -> None:
    held = opened.read("crisis.yaml")
    (opened.root / "crisis.yaml").write_text("of another")
    with pytest.raises(Refused, match="has changed on disk") as refused:
        opened.save("crisis.yaml", "mine", held.sha)
    assert refused.value.status == 409
    assert refused.value.more["text"] == "of another"
    assert refused.value.more["sha"] == opened.sha("crisis.yaml")
    with pytest.raises(Refused, match="exists already"):
        opened.save("crisis.yaml", "mine", None)
    (opened.root / "crisis.yaml").unlink()
    with pytest.raises(Refused, match="was deleted") as refused:
        opened.save("crisis.yaml", "mine", held.sha)
    assert refused.value.more == {"sha": None, "text": None}
    assert opened.sha("crisis.yaml") is None


def test_a_save_that_fails_leaves_the_file_and_nothing_else(opened: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    held = opened.read("crisis.yaml")
    before = sorted(os.listdir(opened.root))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_module.os, "fsync", full)
    with pytest.raises(Refused, match="No space left"):
        opened.save("crisis.yaml", "half", held.sha)
    assert opened.read("crisis.yaml") == held
    assert sorted(os.listdir(opened.root)) == before


def test_a_save_keeps_the_mode_of_the_file(opened: Folder) -> None:
    (opened.root / "crisis.yaml").chmod(0o600)
    opened.save("crisis.yaml", "x", opened.sha("crisis.yaml"))
    assert stat.S_IMODE((opened.root / "crisis.yaml").stat().st_mode) == 0o600
    assert opened.save("sub/new.yaml", "x", None)
    assert stat.S_IMODE((opened.root / "sub" / "new.yaml").stat().st_mode) == 0o644


def test_a_folder_that_is_not_there_is_not_made(opened: Folder) -> None:
    with pytest.raises(Refused, match="its folder does not exist"):
        opened.save("no/new.yaml", "x", None)


def test_text_that_is_too_large_or_broken_is_refused(opened: Folder) -> None:
    with pytest.raises(Refused) as refused:
        opened.save("new.yaml", "é" * 1_000_001, None)
    assert refused.value.status == 413
    with pytest.raises(Refused, match="surrogate"):
        opened.save("new.yaml", "\udc00", None)
    (opened.root / "bytes.yaml").write_bytes(b"\xff")
    with pytest.raises(Refused, match="UTF-8"):
        opened.read("bytes.yaml")
    (opened.root / "large.yaml").write_bytes(b"#" * 2_000_001)
    with pytest.raises(Refused, match="larger"):
        opened.read("large.yaml")


def test_runs_and_hidden_folders_are_passed_over_and_the_listing_is_bounded(opened: Folder) -> None:
    for name in ("runs/crisis-1", ".git", "a/b/c/d/e"):
        (opened.root / name).mkdir(parents=True)
        (opened.root / name / "crisis.yaml").write_text("title: X\n")
    (opened.root / "runs/crisis-1/manifest.json").write_text("{}")
    assert [file["path"] for file in opened.files()] == ["crisis.yaml", "sub/two.yml"]
    assert [file["title"] for file in opened.files()] == ["A", "Two"]
    many = opened.root / "many"
    many.mkdir()
    for number in range(2_100):
        (many / f"{number}.yaml").touch()
    assert len(opened.files()) <= 2_000


def test_an_outcome_is_not_listed_among_the_crises(opened: Folder) -> None:
    before = opened.files()
    (opened.root / "outcome.yaml").write_text("ending: war\n", encoding="utf-8")
    assert opened.files() == before


def test_shipped_crises_are_read_and_never_written(opened: Folder) -> None:
    assert "tehran-2024" in shipped_crises()
    held = opened.read("shipped:tehran-2024")
    assert "Tehran" in held.text
    assert not opened.writable("shipped:tehran-2024")
    with pytest.raises(Refused, match="under another name"):
        opened.save("shipped:tehran-2024", "x", held.sha)
    with pytest.raises(Refused, match="tehran-2024"):
        opened.read("shipped:teheran")
