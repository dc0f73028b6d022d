"""The editor underlines the faults of `offramp check`, each at the faulty word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.game.checks.text_checks import Checked, check_text
from tests.crisis.editor.texts import TEHRAN, TEXT, browser_slice


def underlined(text: str) -> list[str]:
    return [browser_slice(text, fault.start, fault.end) for fault in check_text(text, TEHRAN).faults]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("by: iran\n", "by: irna\n", ["irna"]),
        ("reply == absorb)\n", "reply == absorbb)\n", ["absorbb"]),
        ("odds: {low: iran_low", "odds: {low: iran_lo", ["iran_lo"]),
        ("    memory: state\n", "    memori: state\n", ["memori"]),
        ('is: "beta(12, 4)"', 'is: "beta(12, -4)"', ["beta(12, -4)"]),
        ('is: "beta(12, 4)"', 'is: "beat(12, 4)"', ["beat"]),
        ("as_of: 2024-07-31", "as_of: 2024-07-41", ["2024-07-41"]),
        ("cite: korybko ¶7", "cite: korybka ¶7", ["korybka ¶7"]),
        ("becomes: max(war, spiral", "becomes: max(war spiral", ["spiral"]),
        ("grave * (reply == absorb)\n", "grave & (reply == absorb)\n", ["&"]),
        ("rho: 0.3", "rho: 1.3", ["1.3"]),
        ("title: After the killing in Tehran", "title: After: the killing in Tehran", [":"]),
        ("when: each_round", "when: each round", ["each round"]),
    ],
)
def test_the_word_that_is_wrong_is_underlined(old: str, new: str, words: list[str]) -> None:
    assert old in TEXT
    assert underlined(TEXT.replace(old, new, 1)) == words


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_columns_and_offsets_count_utf_16_units_whatever_the_line_ends(end: str, before: str) -> None:
    text = before + TEXT.replace("odds: {low: iran_low", "odds: {low: 0 * iran_lo + '😀' + oops", 1)
    text = text.replace("'😀'", "0", 1).replace("title: After", "title: 😀 After", 1).replace("\n", end)
    marked = text.replace("seen_by: [iran]", "seen_by: [iran, '😀😀', irann]", 1)
    found = check_text(marked, TEHRAN).faults
    assert [browser_slice(marked, fault.start, fault.end) for fault in found][-1] == "irann"
    last = found[-1]
    line = marked.removeprefix("\ufeff").split(end)[last.line - 1]
    assert browser_slice(line, last.column - 1, last.end_column - 1) == "irann"


def test_a_fault_on_the_first_line_of_a_file_with_a_byte_order_mark() -> None:
    text = "\ufeffformt: 1\n" + TEXT.split("format: 1\n", 1)[1]
    assert underlined(text) == ["formt"]


def test_they_are_those_of_the_command_line(tmp_path: Path) -> None:
    broken = TEXT.replace("by: iran\n", "by: irna\n").replace("iran_low", "iran_lo", 1).replace("seen_by", "sen_by", 1)
    for text in (TEXT, broken):
        file = tmp_path / "crisis.yaml"
        file.write_text(text, encoding="utf-8")
        said = json.loads(CliRunner().invoke(main, ["check", str(file), "--json", "--cites"]).stdout)
        found = check_text(text, file).to_dict()
        assert isinstance(found["faults"], list)
        shown = [{key: fault[key] for key in ("line", "column", "message")} for fault in found["faults"]]
        assert shown == said.get("faults", said.get("warnings"))
        assert found["ok"] == said["ok"]
        if said["ok"]:
            assert {key: found[key] for key in ("size", "reveals", "cites")} == {
                key: said[key] for key in ("size", "reveals", "cites")
            }


def test_a_warning_is_no_error() -> None:
    text = TEXT.replace("endings:\n", "endings:\n  never: war == 2\n")
    checked = check_text(text, TEHRAN)
    assert checked.ok
    assert [(fault.severity, browser_slice(text, fault.start, fault.end)) for fault in checked.faults] == [
        ("warning", "never")
    ]


def test_a_crisis_that_is_too_large_is_an_error() -> None:
    checked = check_text(TEXT, TEHRAN, max_nodes=50)
    assert not checked.ok
    assert checked.game is None
    assert "nodes" in checked.faults[0].message


def test_what_was_checked_can_be_used_on() -> None:
    checked: Checked = check_text(TEXT, TEHRAN)
    assert checked.crisis is not None
    assert checked.game is not None
    assert checked.game.crisis is checked.crisis


def test_no_file_outside_the_folder_of_the_crisis_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("The first words\n", encoding="utf-8")
    folder = tmp_path / "crisis"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "inside.txt").write_text("Plain words\n", encoding="utf-8")
    for file, found in [("../secret.txt", None), ("link.txt", None), ("inside.txt", "Plain words")]:
        text = TEXT.replace("sources/five-takeaways.txt", file)
        text = "\n".join(line for line in text.split("\n") if not line.strip().startswith("cite:"))
        text = text.replace(", cite: korybko ¶11}", "}").replace("    rho", "    rho")
        text = text.replace('differences least surely, and how surely is least known"', 'x"\n    cite: korybko ¶1')
        checked = check_text(text, folder / "crisis.yaml")
        assert checked.crisis is not None, checked.faults
        assert [cite.first_words for cite in checked.crisis.cites] == [found]
