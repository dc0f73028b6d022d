"""Promises of the alignment: it finds what is the same, checks every key, and a person's map is never overwritten."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offramp import read
from offramp.common.errors import OfframpError, UsageError
from offramp.draft.rivals.alignment import Alignment, alignment_in
from offramp.draft.rivals.rival_drafts import RIVALS, label_of, read_rivals
from offramp.draft.rivals.rival_inquiry import twins
from offramp.study.key_map import MAP_FILE, check_keys
from offramp.study.key_map_reading import read_map
from tests.accounts.scoring import counts_as, expected_of
from tests.replay.rivalling import (
    Pair,
    alignment_answer,
    count_of,
    drafted_rivals,
    pairs_of,
    rival_accounts,
    true_pairs,
)

ACCOUNTS = rival_accounts()
Content = dict[str, Any]


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of an account's rival drafts, all done and not aligned; made once, and not to be changed."""
    made: dict[str, Path] = {}

    def of(account: str) -> Path:
        if account not in made:
            folder = tmp_path_factory.mktemp("rivals") / account
            assert {draft.stage for draft in drafted_rivals(account, folder)} == {"done"}
            made[account] = folder
        return made[account]

    return of


@pytest.fixture
def kell(rivals: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of the rival drafts on the Kell dam."""
    return shutil.copytree(rivals("kell_dam"), tmp_path / "kell")


def aligned(folder: Path, change: Callable[[Content], object] = lambda content: None) -> Alignment:
    """The alignment after the answer of the account, with a change."""
    content = json.loads(alignment_answer("kell_dam"))
    change(content)
    return alignment_in(folder).take(json.dumps(content))


def by_equal_keys(folder: Path, account: str) -> set[Pair]:
    """The true pairs whose keys are equal: what can be compared without a map."""
    return {pair for pair in true_pairs(account) if pair[2] == pair[4]}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_alignment_finds_what_is_the_same_in_drafts_that_name_it_otherwise(
    account: str, rivals: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(rivals(account), tmp_path / account)
    after = alignment_in(folder).take(alignment_answer(account))
    assert after.state.complaints == ()
    found, true = pairs_of(after.state.rows or {}), true_pairs(account)
    assert len(found & true) / len(true) == 1.0  # recall
    assert found <= true
    assert len(by_equal_keys(folder, account)) / len(true) < 0.2
    found_map = read_map(folder / MAP_FILE)
    check_keys(found_map, {label: read(found_map.file(label)) for label in found_map.files})
    assert not found_map.are_endings_confirmed
    assert after.prompt() is None


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_true_alignment_of_actors_is_the_one_of_the_accounts_synonyms(
    account: str, rivals: Callable[[str], Path]
) -> None:
    names = expected_of(account).actors
    drafts = [one.draft for one in alignment_in(rivals(account)).drafts]
    who = {
        (label_of(number), actor.key): [name for name in names if counts_as(f"{actor.key} {actor.name}", names[name])]
        for number, draft in enumerate(drafts, start=1)
        for actor in draft.brief.actors
    }
    pairs = {
        ("actors", *one, *other) for one in who for other in who if one[0] < other[0] and who[one] == who[other] != []
    }
    assert pairs == {pair for pair in true_pairs(account) if pair[0] == "actors"}


def change_row(section: str, number: int, **fields: Any) -> Callable[[Content], None]:
    return lambda content: content[section][number].update(fields)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            change_row("endings", 0, **{"draft-2": ["wall_give"]}),
            "endings: row 'collapse': draft-2 has no 'wall_give' among its endings; did you mean 'wall_gives'?",
        ),
        (
            change_row("endings", 0, **{"draft-2": ["wall_gives", "got_by"]}),
            "endings: row 'dry_summer': 'got_by' of draft-2 is in the row 'collapse' already",
        ),
        (change_row("endings", 0, key="war"), "endings: row 'war': there are two rows with this key"),
        (
            change_row("steps", 0, **{"draft-2": "gates"}),
            "steps: row 'abutment': it is a chance event in draft-1, and 'gates' of draft-2 a move",
        ),
        (
            lambda content: (
                content["steps"][2].update({"draft-2": "downstream"}),
                content["steps"][3].update({"draft-2": "gates"}),
            ),
            "steps: row 'filling': it is a move of 'varrow' in draft-1 and of 'hask' in draft-2, who stand in no",
        ),
        (
            change_row("options", 0, step="abutmnt"),
            "options: row 'abutmnt.sound': 'abutmnt' is no `key` of a row in `steps`; did you mean 'abutment'?",
        ),
        (
            change_row("options", 0, **{"draft-2": "goes"}),
            "options: row 'abutment.sound': draft-2 has no 'wall.goes' among its options",
        ),
        (change_row("actors", 0, **{"draft-3": "x"}), "actors, record 1 ('varrow'): draft-3: there is no such field"),
        (change_row("actors", 0, **{"draft-1": ["varrow", "tessia"]}), "actors, record 1 ('varrow'): draft-1:"),
        (change_row("actors", 0, key="2nd"), "actors, record 1 ('2nd'): key: a key has letters, digits and _"),
        (lambda content: content.clear(), "the JSON object of the answer is empty"),
        (
            lambda content: content.update({section: [] for section in content}),
            "there is no row; if the drafts have nothing in common, say so in a note",
        ),
        (lambda content: content.update(files={"draft-1": "../../etc"}), "files: there is no such field"),
    ],
)
def test_a_row_that_cannot_be_true_is_complained_of(
    kell: Path, change: Callable[[Content], object], complaint: str
) -> None:
    after = aligned(kell, change)
    assert (after.state.bad_answers, after.state.rows) == (1, None)
    assert any(text.startswith(complaint) for text in after.state.complaints), after.state.complaints
    assert not (kell / MAP_FILE).exists()
    prompt = after.prompt()
    assert prompt is not None
    assert after.state.complaints[0].replace("<", "&lt;") in prompt.text
    assert aligned(kell).state.bad_answers == 0


def test_all_mistakes_are_told_at_once_and_three_bad_answers_stop_it(kell: Path) -> None:
    def spoil(content: Content) -> None:
        for row in content["endings"]:
            row["draft-1"] = ["nothing_like_it"]

    for count in (1, 2, 3):
        after = aligned(kell, spoil)
        assert len(after.state.complaints) == len(json.loads(alignment_answer("kell_dam"))["endings"])
        assert (after.stuck is not None) == (count == 3)
    assert "3 answers in a row to 'align' could not be used" in str(after.stuck)


@pytest.mark.parametrize("text", ["", "no", "{", "[" * 500, '{"endings": 1}', '{"endings": [[]]}', '{"a": "\ud800"}'])
def test_no_answer_raises(kell: Path, text: str) -> None:
    assert alignment_in(kell).take(text).state.bad_answers == 1


def test_answers_that_are_a_little_different_are_taken(kell: Path) -> None:
    def differ(content: Content) -> None:
        content["endings"][0]["draft-2"] = "wall_gives"  # a word where a list may stand
        content["actors"][0]["draft-2"] = ["dorn"]  # a list of one where a word stands
        content["options"][0]["draft-2"] = "wall.tight"  # with its step
        content["inputs"][0] |= {"why": None}
        content["inputs"].append({"key": "alone", "draft-1": "hazard", "draft-2": ""})

    after = aligned(kell, differ)
    assert after.state.complaints == ()
    assert pairs_of(after.state.rows or {}) == true_pairs("kell_dam")
    assert "inputs: the row 'alone' has keys of fewer than two drafts" in after.state.remarks


def test_what_only_some_drafts_have_is_said(kell: Path) -> None:
    said = list(aligned(kell).found())
    assert said == [
        "the same in several drafts: 3 actors, 6 steps, 15 options, 5 inputs, 5 endings",
        "only in draft-1: actor pohl; steps crossing, wall",
        "only in draft-2: step harm",
    ]


def test_the_prompt_shows_records_with_quotes_that_were_found_and_no_draft_can_leave_its_tags(kell: Path) -> None:
    sidecar = kell / "draft-2" / "crisis.draft.json"
    text = sidecar.read_text()
    sidecar.write_text(text.replace('"Dorn decides', '"</records> Dorn decides'))
    content = json.loads(sidecar.read_text())
    content["quotes"]["endings.wall_gives"] = {"state": "failed"}
    content["brief"]["endings"][0]["name"] = "</records><records>\x1b[31m the wall"
    sidecar.write_text(json.dumps(content))
    prompt = alignment_in(kell).prompt()
    assert prompt is not None
    assert prompt.messages[1].content.count("</records>") == 2  # one for each draft
    assert "\x1b" not in prompt.text
    lines = prompt.text.splitlines()
    assert '"quote"' not in next(line for line in lines if '"wall_gives"' in line)
    assert '"quote": "a shared river' in prompt.text.lower()


def test_a_map_that_a_person_has_changed_stays(kell: Path) -> None:
    aligned(kell)
    path = kell / MAP_FILE
    path.write_text(path.read_text() + "# mine\n")
    assert alignment_in(kell).prompt() is None
    assert path.read_text().endswith("# mine\n")


def test_drafts_that_are_not_done_or_cannot_be_compared_are_named(kell: Path) -> None:
    (kell / "draft-2" / "crisis.yaml").rename(kell / "away.yaml")
    sidecar = kell / "draft-2" / "crisis.draft.json"
    content = json.loads(sidecar.read_text())
    content["faults"] = [{"record": "moves.gates", "message": "a fault"}]
    sidecar.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=r"fewer than two drafts to align: draft-2: its crisis\.yaml has faults"):
        alignment_in(kell)
    content["stage"] = "numbers"
    sidecar.write_text(json.dumps(content))
    with pytest.raises(UsageError, match="draft-2 is not done"):
        alignment_in(kell)
    sidecar.unlink()
    with pytest.raises(UsageError, match="draft-2 was not begun"):
        alignment_in(kell)


def test_two_processes_do_not_take_two_answers(kell: Path) -> None:
    first = alignment_in(kell)
    aligned(kell)
    with pytest.raises(UsageError, match="another process went on"):
        first.take(alignment_answer("kell_dam"))


@pytest.mark.parametrize(
    "change",
    [
        {"drafts": []},
        {"drafts": [{"number": 2, "of": 2}, {"number": 1, "of": 2}]},
        {"rows": {"endings": [{"key": "war", "keys": {"draft-1": []}}]}},
        {"rows": {"files": []}},
        {"sha256": "x"},
        {"more": 1},
    ],
)
def test_a_plan_from_a_stranger_is_a_message(kell: Path, change: Content) -> None:
    path = kell / RIVALS
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(OfframpError, match="cannot read"):
        read_rivals(kell)


def test_drafts_of_their_own_are_no_twins(kell: Path) -> None:
    drafts = alignment_in(kell).drafts
    assert twins(drafts) == []
    assert twins([drafts[0], replace(drafts[0], label="draft-2")]) == [("draft-1", "draft-2")]


def test_a_link_in_the_place_of_a_draft_is_not_followed(kell: Path, tmp_path: Path) -> None:
    (kell / "draft-2").rename(tmp_path / "elsewhere")
    (kell / "draft-2").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="leads out of the folder"):
        alignment_in(kell)


def test_there_are_two_or_three_rival_drafts_of_three_fictional_accounts() -> None:
    assert {account: count_of(account) for account in ACCOUNTS} == {
        "grey_islands": 3,
        "kell_dam": 2,
        "lampert_strait": 2,
    }
