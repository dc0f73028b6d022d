"""Promises of the endings' rows: each decision is written at once, and no row counts that was not judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.draft.rivals.endings_rows import (
    EndingsRows,
    confirmed_rows,
    endings_rows,
    judged_same,
    taken_apart,
    with_row,
)
from tests.draft.rivals.two_harbours import two_harbours


@pytest.fixture
def found(tmp_path: Path) -> EndingsRows:
    return endings_rows(two_harbours(tmp_path))


def test_each_decision_is_on_the_disk_at_once_and_all_together_confirm_the_map(found: EndingsRows) -> None:
    assert found.waiting == ("war", "calm")
    assert found.only_in == {"draft-1": ("joined",)}
    with pytest.raises(UsageError, match="'war' is not judged yet"):
        confirmed_rows(found, "Ada")
    for shared in ("war", "calm"):
        found = judged_same(found, shared)
        assert endings_rows(found.folder) == found
    assert not found.key_map.are_endings_confirmed
    found = confirmed_rows(found, "Ada")
    again = endings_rows(found.folder)
    assert again.key_map.are_endings_confirmed
    assert again.key_map.confirmation is not None
    assert again.key_map.confirmation.by == "Ada"


def test_a_row_that_is_changed_is_asked_for_again_and_no_longer_confirmed(found: EndingsRows) -> None:
    found = confirmed_rows(judged_same(judged_same(found, "war"), "calm"), "Ada")
    path = found.folder / "map.yaml"
    path.write_text(path.read_text().replace("draft-1: calm", "draft-1: joined"))
    changed = endings_rows(found.folder)
    assert changed.waiting == ("calm",)
    assert not changed.key_map.are_endings_confirmed


def test_a_condition_that_is_changed_is_asked_for_again_and_no_longer_confirmed(found: EndingsRows) -> None:
    judged = judged_same(judged_same(found, "war"), "calm")
    crisis = found.folder / "draft-2" / "crisis.yaml"
    text = crisis.read_text()
    assert 'if: "war == 1"' in text
    changed = text.replace('if: "war == 1"', 'if: "war == 1 or ally_part == join"')
    crisis.write_text(changed)
    with pytest.raises(UsageError, match="condition was changed meanwhile"):
        confirmed_rows(judged, "Ada")
    assert endings_rows(found.folder).waiting == ("war", "calm")
    crisis.write_text(text)
    confirmed_rows(endings_rows(found.folder), "Ada")
    crisis.write_text(text.replace('name: "the war"', 'name: "a war"'))
    assert endings_rows(found.folder).key_map.are_endings_confirmed
    crisis.write_text(changed)
    assert not endings_rows(found.folder).key_map.are_endings_confirmed


def test_what_a_person_reads_is_what_is_solved(found: EndingsRows) -> None:
    path = found.folder / "map.yaml"
    text = path.read_text()
    path.write_text(text.replace("draft-1: draft-1/", "draft-1: ./draft-2/../draft-1/"))
    assert endings_rows(found.folder).drafts == found.drafts
    for other, said in (("draft-2/", "the file of 'draft-1' is not that of the draft; write draft-1/"), ("../", "out")):
        path.write_text(text.replace("draft-1: draft-1/", f"draft-1: {other}"))
        with pytest.raises(UsageError, match=said):
            endings_rows(found.folder)


def test_endings_that_are_not_the_same_count_each_in_its_draft(found: EndingsRows) -> None:
    after = taken_apart(judged_same(found, "war"), "war")
    assert after.waiting == ("calm",)
    assert after.only_in == {"draft-1": ("war_comes", "joined"), "draft-2": ("war_comes", "joined")}
    assert endings_rows(found.folder) == after


def test_a_row_that_a_person_types_is_judged_and_wrong_keys_are_all_told(found: EndingsRows) -> None:
    after = with_row(found, "war", {"draft-1": ["war_comes"], "draft-2": ["war_comes"]})
    assert after.waiting == ("calm",)
    after = with_row(after, "joint", {"draft-1": ["joined"], "draft-2": ["joined"]})
    assert after.rows["joint"] == {"draft-1": ("joined",), "draft-2": ("joined",)}
    with pytest.raises(UsageError) as raised:
        with_row(after, "joint", {"draft-1": ["jioned"], "draft-2": ["calm", "joined", "joined"]})
    assert str(raised.value).split("; ") == [
        "draft-1 has no ending 'jioned'",
        "did you mean 'joined'?",
        "'calm' of draft-2 is in the row 'calm' already",
        "an ending of draft-2 stands there twice",
    ]
    with pytest.raises(UsageError, match="endings of two drafts or more"):
        with_row(after, "alone", {"draft-1": ["joined"]})
    with pytest.raises(UsageError, match="a key has letters"):
        with_row(after, "../x", {"draft-1": ["joined"], "draft-2": ["joined"]})
    assert endings_rows(found.folder) == after


def test_nothing_is_written_over_what_somebody_else_has_changed(found: EndingsRows) -> None:
    judged_same(found, "war")
    for change in (judged_same, taken_apart):
        with pytest.raises(UsageError, match="was changed meanwhile"):
            change(found, "calm")


def test_a_map_that_is_edited_meanwhile_is_not_overwritten(found: EndingsRows) -> None:
    path = found.folder / "map.yaml"
    path.write_text(path.read_text().replace("draft-1: calm", "draft-1: joined"))
    mine = path.read_text()
    with pytest.raises(UsageError, match="was changed meanwhile"):
        taken_apart(found, "war")
    assert path.read_text() == mine


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("draft-2: draft-2/crisis.yaml", "draft-3: draft-2/crisis.yaml", "is no label of `files`"),
        ("files:", "file:", "unknown key 'file'"),
    ],
)
def test_a_map_from_a_stranger_is_a_message(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = two_harbours(tmp_path) / "map.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(OfframpError) as raised:
        endings_rows(tmp_path)
    assert said in str(raised.value)


def test_a_row_with_an_ending_that_a_review_took_out_waits_and_can_be_edited(found: EndingsRows) -> None:
    path = found.folder / "map.yaml"
    path.write_text(path.read_text().replace("[war_comes, joined]", "[war_comes, joind]"))
    found = judged_same(endings_rows(found.folder), "calm")
    assert found.waiting == ("war",)
    assert (found.shown("draft-2", "joind").name, found.shown("draft-2", "joind").words) == ("joind", "")
    with pytest.raises(UsageError, match="draft-2 has no ending 'joind'; did you mean 'joined'"):
        judged_same(found, "war")
    assert with_row(found, "war", {"draft-1": ["war_comes"], "draft-2": ["war_comes"]}).waiting == ()


def test_a_map_of_other_files_than_the_drafts_is_refused(tmp_path: Path) -> None:
    path = two_harbours(tmp_path) / "map.yaml"
    path.write_text(path.read_text().replace("draft-2", "second"))
    with pytest.raises(UsageError, match="'second' is none of the drafts"):
        endings_rows(tmp_path)
    path.unlink()
    with pytest.raises(UsageError, match=r"has no map\.yaml yet"):
        endings_rows(tmp_path)


def test_an_ending_is_shown_with_its_words_and_the_documents(found: EndingsRows) -> None:
    ending = found.shown("draft-1", "war_comes")
    assert (ending.name, ending.claim, ending.paragraph) == ("the war", "It is feared", None)
    assert ending.words.startswith("It ends with the war if")
