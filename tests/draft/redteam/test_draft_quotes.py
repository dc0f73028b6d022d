"""What a person found not to be said counts, and lines are named only while the crisis file is the draft's own."""

from __future__ import annotations

from pathlib import Path

from offramp.draft.redteam.draft_quotes import failing_quotes
from offramp.draft.review.decisions import decide
from offramp.draft.sidecar import read_draft
from tests.draft.scripted import begun, driven, parts


def test_a_quote_that_a_person_found_not_to_say_it_is_a_weak_point_with_its_line(tmp_path: Path) -> None:
    draft = driven(tmp_path, begun(tmp_path), {**parts(), "quotes": {"quotes": []}, "sense": {"notes": []}})
    assert list(failing_quotes(draft, tmp_path)) == []
    decide(tmp_path, draft, "actors.north", "not said", "Ada", "2031-05-01")
    (point,) = failing_quotes(read_draft(tmp_path), tmp_path)
    assert point.says == "It has promised. Ada found that the quote does not say so"
    assert point.about == "actors.north"
    file = tmp_path / "crisis.yaml"
    assert "north" in file.read_text(encoding="utf-8").splitlines()[point.lines[0] - 1]
    file.write_text(f"# mine\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    assert [one.lines for one in failing_quotes(read_draft(tmp_path), tmp_path)] == [()]
