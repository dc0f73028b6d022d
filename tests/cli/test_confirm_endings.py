"""`offramp rivals DIR --confirm`: a person says at a terminal which endings are the same."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from offramp.cli import main
from offramp.draft.rivals.endings_rows import confirmed_rows, endings_rows, judged_same
from offramp.study.key_map_reading import read_map
from tests.cli.person import at_terminal
from tests.draft.rivals.two_harbours import two_harbours

PROMPT = "? help"
CRISIS = """
format: 1
title: A dispute
actors: {north: {name: North}}
timeline: [{move: answer, by: north, options: [wait, talk, hit]}]
payoffs: {north: {gain: answer == hit}}
endings: {OTHERSONE: {if: answer == hit, name: the storm}, quiet: otherwise}
"""


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
        person.types("n\n")
        assert "Every row is judged: 1 ending is the same" in person.sees(PROMPT)
        person.types("u")
        assert "2 of 2 · calm" in person.sees(PROMPT)
        person.types("y")
        last = person.sees(PROMPT)
        assert "only in draft-2: a joint stand (joined)" in last
        assert "Press one of" not in last  # Enter is no key
        assert not endings_rows(tmp_path).key_map.are_endings_confirmed
        person.types("y")
        person.sees("The endings are confirmed by Ada.")
        assert person.ends() == 0
    assert endings_rows(tmp_path).key_map.are_endings_confirmed


def test_a_map_that_a_person_has_written_is_confirmed_as_a_whole(tmp_path: Path) -> None:
    for name, one, others in (("a", "war", ""), ("b", "strike", "siege: answer == talk, ")):
        (tmp_path / f"{name}.yaml").write_text(CRISIS.replace("ONE", one).replace("OTHERS", others))
    path = tmp_path / "both.yaml"
    files = "files: {a: a.yaml, b: b.yaml}\n"
    rows = "endings: {war: {a: war, b: [siege, strike]}, quiet: {a: quiet}}\n"
    for text, why in ((files, "nothing to confirm"), (files + rows, "asks a person at a terminal")):
        path.write_text(text)
        result = CliRunner().invoke(main, ["rivals", str(path), "--confirm"])
        assert result.exit_code == 2
        assert why in result.stderr
    for key, said in (("n", "nothing is confirmed: change the rows in"), ("y", "The endings are confirmed by Ada.")):
        with at_terminal("rivals", str(path), "--confirm", "--by", "Ada") as person:
            shown = person.sees("Are the endings of each row the same?")
            assert "b, 2 endings that count as one:" in shown
            assert "the storm (strike), if answer == hit" in shown
            assert "siege (siege), if answer == talk" in shown
            assert "quiet (quiet), otherwise" in shown
            person.types(f"{key}\n")
            person.sees(said)
            assert person.ends() == 0
        assert read_map(path).are_endings_confirmed == (key == "y")


def test_only_a_person_at_a_terminal_confirms(tmp_path: Path) -> None:
    found = endings_rows(two_harbours(tmp_path))
    result = CliRunner().invoke(main, ["rivals", str(tmp_path), "--confirm"], input="yyy")
    assert (result.exit_code, endings_rows(tmp_path)) == (2, found)
    assert "asks a person at a terminal" in result.stderr
    assert CliRunner().invoke(main, ["rivals", str(tmp_path), "--by", "Ada"]).exit_code == 2
    confirmed_rows(judged_same(judged_same(found, "war"), "calm"), "Ada")
    result = CliRunner().invoke(main, ["rivals", str(tmp_path), "--confirm"])
    assert result.exit_code == 0
    assert "Ada confirmed the endings on " in result.stdout
