"""`offramp rivals DIR --confirm`: a person says at a terminal which endings are the same."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from offramp.cli import main
from offramp.draft.rivals.endings_rows import confirmed_rows, endings_rows, judged_same
from tests.cli.person import at_terminal
from tests.draft.rivals.two_harbours import two_harbours

PROMPT = "? help"


def test_a_person_confirms_row_by_row_and_each_decision_is_kept_at_once(tmp_path: Path) -> None:
    two_harbours(tmp_path)
    with at_terminal("rivals", str(tmp_path), "--confirm", "--by", "Ada") as person:
        first = person.sees(PROMPT)
        assert "1 of 2 · war" in first
        assert "2 endings that count as one:" in first
        assert "It rests on no words of the document." in first
        person.types("e")
        person.sees("draft-1 [war_comes]: ")
        person.types("\n")
        person.sees("draft-2 [war_comes joined]: ")
        person.types("war_comes\n")
        assert "2 of 2 · calm" in person.sees(PROMPT)
        assert endings_rows(tmp_path).rows["war"]["draft-2"] == ("war_comes",)
        person.types("n")
        assert "Every row is judged: 1 ending is the same" in person.sees(PROMPT)
        person.types("u")
        assert "2 of 2 · calm" in person.sees(PROMPT)
        person.types("y")
        last = person.sees(PROMPT)
        assert "only in draft-2: a joint stand (joined)" in last
        assert not endings_rows(tmp_path).key_map.are_endings_confirmed
        person.types("y")
        person.sees("The endings are confirmed by Ada.")
        assert person.ends() == 0
    assert endings_rows(tmp_path).key_map.are_endings_confirmed


def test_only_a_person_at_a_terminal_confirms(tmp_path: Path) -> None:
    found = endings_rows(two_harbours(tmp_path))
    result = CliRunner().invoke(main, ["rivals", str(tmp_path), "--confirm"], input="yyy")
    assert (result.exit_code, endings_rows(tmp_path)) == (2, found)
    assert "asked of a person at a terminal" in result.stderr
    assert CliRunner().invoke(main, ["rivals", str(tmp_path), "--by", "Ada"]).exit_code == 2
    confirmed_rows(judged_same(judged_same(found, "war"), "calm"), "Ada")
    result = CliRunner().invoke(main, ["rivals", str(tmp_path), "--confirm"])
    assert result.exit_code == 0
    assert "Ada confirmed the endings on " in result.stdout
