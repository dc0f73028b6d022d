"""The sidecar of a draft: it reads back as it was written, and says how much is read; a bad one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.draft_standing import MAX_SIDECAR, SIDECAR, DraftStanding, standing_beside
from offramp.draft.brief_records import DraftBrief, claims_of
from offramp.draft.drafting import resumed
from offramp.draft.quotes import verified_brief
from offramp.draft.sidecar import Decision, Draft, DraftDocument, QuoteState, crisis_edited, read_draft, write_draft
from tests.draft.briefs import PARAGRAPHS, harbour

REJECTED = {"record": "actors.north", "verdict": "rejected", "by": "x", "date": "2031-03-05"}
KEPT = {"kind": "actors", "place": 0, "removed": True}


def drafted() -> Draft:
    brief = DraftBrief.model_validate(harbour())
    checks = verified_brief(brief, PARAGRAPHS)
    return Draft(
        document=DraftDocument(name="note.pdf", sha256="a" * 64, title="A note", dropped=("2 comments",)),
        as_of="2031-03-02",
        model="m-7",
        stage="done",
        brief=brief,
        quotes={id_: QuoteState.model_validate(vars(check)) for id_, check in checks.items()},
        decisions=(Decision(record="actors.north", verdict="accepted", by="A. Reader", date="2031-03-05"),),
    )


def test_a_draft_reads_back_as_it_was_written(tmp_path: Path) -> None:
    write_draft(tmp_path, drafted())
    found = read_draft(tmp_path)
    assert found == drafted()
    assert found.checks == verified_brief(found.brief, PARAGRAPHS)


def test_the_standing_beside_a_crisis_counts_what_a_person_has_read(tmp_path: Path) -> None:
    write_draft(tmp_path, drafted())
    total = len(claims_of(drafted().brief))
    assert standing_beside(tmp_path / "crisis.yaml") == DraftStanding("m-7", 1, total)
    assert str(standing_beside(tmp_path / "crisis.yaml")) == f"draft by m-7, 1 of {total} assumptions read"
    every = [
        Decision(record=id_, verdict="accepted", by="A. Reader", date="2031-03-05")
        for id_ in claims_of(drafted().brief)
    ]
    write_draft(tmp_path, drafted().model_copy(update={"decisions": (*every, every[0])}))
    standing = standing_beside(tmp_path / "crisis.yaml")
    assert standing is not None
    assert standing.is_read
    assert standing_beside(tmp_path / "elsewhere" / "crisis.yaml") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"format": 2}',
        '{"standing": {"model": 1, "read": true, "total": "x"}}',
        '{"standing": {"model": "m", "read": 9, "total": 1}}',
        '{"standing": {"model": "m", "read": 1, "total": 1e999}}',
        '{"document": {"name": "x", "sha256": "../../etc/passwd", "title": ""}}',
    ],
)
def test_a_bad_sidecar_is_refused_and_counts_as_not_read(tmp_path: Path, text: str) -> None:
    (tmp_path / SIDECAR).write_text(text, encoding="utf-8")
    with pytest.raises(OfframpError, match=SIDECAR):
        read_draft(tmp_path)
    standing = standing_beside(tmp_path / "crisis.yaml")
    assert standing is not None
    assert not standing.is_read


def test_a_sidecar_that_is_too_large_or_a_link_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / SIDECAR).open("wb") as file:
        file.truncate(MAX_SIDECAR + 1)
    with pytest.raises(OfframpError, match="larger than"):
        read_draft(tmp_path)
    (tmp_path / SIDECAR).unlink()
    (tmp_path / "elsewhere.json").write_text(json.dumps({"standing": {"model": "m", "read": 1, "total": 1}}))
    (tmp_path / SIDECAR).symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(OfframpError, match="cannot read"):
        read_draft(tmp_path)
    standing = standing_beside(tmp_path / "crisis.yaml")
    assert standing is not None
    assert not standing.is_read


def test_a_folder_without_a_draft_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="begin with `offramp draft DOCUMENT`"):
        read_draft(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "nothing"},
        {"as_of": "yesterday"},
        {"decisions": [{"record": "actors.north", "verdict": "loved", "by": "x", "date": "2031-03-05"}]},
        {"decisions": [{**REJECTED, "was": [{**KEPT, "entry": {"key": {"a": {}}}}]}]},
        {"decisions": [{**REJECTED, "was": [{**KEPT, "entry": dict.fromkeys(map(str, range(100)), "")}]}]},
        {"quotes": {"actors.north": {"state": "exact", "paragraph": -1}}},
        {"brief": {"actors": [{"key": "x"}]}},
        {"usage": {"calls": -1}},
        {"other": 1},
    ],
)
def test_every_part_of_a_sidecar_is_checked(tmp_path: Path, change: dict[str, Any]) -> None:
    write_draft(tmp_path, drafted())
    values = json.loads((tmp_path / SIDECAR).read_text(encoding="utf-8"))
    (tmp_path / SIDECAR).write_text(json.dumps(values | change), encoding="utf-8")
    with pytest.raises(OfframpError, match=f"{next(iter(change))}"):
        read_draft(tmp_path)


def test_a_crisis_file_edited_by_hand_is_noticed(tmp_path: Path) -> None:
    assert not crisis_edited(tmp_path, drafted())
    (tmp_path / "crisis.yaml").write_text("format: 1\n", encoding="utf-8")
    assert crisis_edited(tmp_path, drafted())


def test_a_quote_of_which_a_sidecar_says_nothing_was_not_found(tmp_path: Path) -> None:
    write_draft(tmp_path, drafted().model_copy(update={"quotes": {}, "crisis_sha256": "0" * 64}))
    assert {check.state for check in resumed(tmp_path).checks.values()} == {"failed", "ours"}
    exact = QuoteState(state="exact", paragraph=1, start=0, end=5, text="North")
    draft = drafted().model_copy(update={"quotes": dict.fromkeys(("moves.word", "actors.nobody"), exact)})
    assert draft.checks["moves.word"].state == "ours"
    assert "actors.nobody" not in draft.checks
