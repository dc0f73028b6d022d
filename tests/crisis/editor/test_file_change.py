"""A change of a crisis file as it is shown before it is written."""

from __future__ import annotations

from pathlib import Path

from offramp.crisis.editor.file_change import FileChange


def test_every_line_that_changes_is_shown_also_one_that_begins_with_dashes() -> None:
    change = FileChange(Path("crisis.yaml"), b"a: 1\n-- old\nb: 2\n", b"a: 1\n++ new\nb: 2\n", ("a",))
    assert list(change.lines()) == ["@@ -2 +2 @@", "--- old", "+++ new"]
    assert list(FileChange(Path("crisis.yaml"), b"a: 1\n", b"a: 1\n", ()).lines()) == []
