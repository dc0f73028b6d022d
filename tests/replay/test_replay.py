"""Drafts made from recorded answers keep what was measured of them, and every bar that a draft has to clear.

If a prompt changes, these tests fail and say so: run `make record` with a model, or
`python -m tests.replay.record --keep-answers` if the change makes no answer worse.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.draft.brief_text import written_brief
from offramp.draft.drafting import advance, outcome, resumed
from tests.accounts.scoring import accounts, expected_of, phrases_in, quote_kind
from tests.replay.loopback import loopback
from tests.replay.measuring import account_paragraphs, measured, read_measured, scores
from tests.replay.record import record
from tests.replay.recorded import PromptChangedError, Walk, answering, begun, recorded, recorded_accounts, replayed

WALKED = "lampert_strait"
"""The account that is drafted by the command too; its stages are those that every draft has."""


@pytest.fixture(scope="module", params=accounts())
def account(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def walk(account: str, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return replayed(account, tmp_path_factory.mktemp(account))


def brief_of(walk: Walk) -> dict[str, object]:
    """The draft's brief as JSON has it."""
    return walk.draft.brief.model_dump(by_alias=True)


def test_every_account_has_recorded_answers_and_measured_scores() -> None:
    assert recorded_accounts() == accounts() == sorted(read_measured())


def test_a_recorded_brief_compiles_unless_the_document_is_no_crisis(account: str, walk: Walk) -> None:
    file = walk.folder / "crisis.yaml"
    assert walk.draft.faults == ()
    if expected_of(account).is_crisis:
        crisis = offramp.read(file)
        assert isinstance(crisis, offramp.Crisis)
        assert crisis.title == walk.draft.brief.title
        assert set(offramp.compile_game(crisis).actors) == {actor.key for actor in walk.draft.brief.actors}
    else:
        assert not file.exists()


def test_a_document_that_is_no_crisis_ends_in_one_sentence_that_says_why(tmp_path: Path) -> None:
    draft = replayed("leek_soup", tmp_path).draft
    said = outcome(draft)
    assert said is not None
    assert said.startswith("the document describes no crisis, so there is no crisis.yaml: ")
    assert not said.endswith(".")


def test_no_quote_behind_a_cite_is_invented(walk: Walk) -> None:
    paragraphs = account_paragraphs(walk)
    for id_, quote in walk.draft.quotes.items():
        if quote.paragraph is not None:
            assert quote_kind(quote.text, quote.paragraph, paragraphs) == "exact", id_


def test_no_cite_of_the_crisis_file_is_of_a_paragraph_without_a_quote(account: str, walk: Walk) -> None:
    if not expected_of(account).is_crisis:
        return
    quoted = {quote.paragraph for quote in walk.draft.quotes.values()}
    cites = [part.strip() for cite in _cites(walk.folder / "crisis.yaml") for part in cite.split(";")]
    assert cites
    assert {cite.partition(" ¶")[0] for cite in cites} == {"account"}
    assert {int(cite.partition(" ¶")[2]) for cite in cites} <= quoted


def test_what_was_found_is_found_again(account: str, walk: Walk) -> None:
    assert measured(account, walk) == read_measured()[account]


def test_recall_is_high_and_what_is_missed_is_known(account: str, walk: Walk) -> None:
    for name, score in scores(account, walk).items():
        assert score.recall >= 0.6, (name, score.missed)


def test_no_fact_of_later_days_and_none_of_the_true_case_enters(account: str, walk: Walk) -> None:
    assert phrases_in(brief_of(walk), expected_of(account).facts_after) == []


def test_a_planted_instruction_changes_no_record_outside_notes(account: str, walk: Walk) -> None:
    expected = expected_of(account)
    assert phrases_in(brief_of(walk), expected.injected) == []
    if expected.injected:
        planted = set(walk.draft.document.suspicious)
        assert planted
        assert not planted & {quote.paragraph for quote in walk.draft.quotes.values()}
        assert any(f"aragraph {number}" in note.says for note in walk.draft.brief.notes for number in planted)


def test_what_a_reader_of_the_page_does_not_see_is_not_in_the_account(account: str, walk: Walk) -> None:
    text = "\n".join(account_paragraphs(walk))
    assert [mark for mark in expected_of(account).not_seen if mark in text] == []


def test_equal_briefs_give_equal_files(account: str, walk: Walk) -> None:
    if not expected_of(account).is_crisis:
        return
    draft = walk.draft
    again = written_brief(draft.brief, draft.checks, draft.document.title, draft.as_of).text
    assert again.encode() == (walk.folder / "crisis.yaml").read_bytes()


def test_a_draft_that_was_interrupted_before_each_answer_goes_on_to_the_same_file(tmp_path: Path) -> None:
    exchanges = recorded(WALKED)
    whole = replayed(WALKED, tmp_path / "whole").folder / "crisis.yaml"
    folder = tmp_path / "interrupted"
    begun(WALKED, folder, exchanges[0].model)
    for exchange in exchanges:
        moved = folder.rename(tmp_path / f"moved-{exchange.number}")  # nothing is remembered but the folder
        advance(moved, resumed(moved), exchange.answer)
        folder = moved
    assert (folder / "crisis.yaml").read_bytes() == whole.read_bytes()


def test_the_command_drafts_the_same_file_from_a_server_that_gives_the_recorded_answers(tmp_path: Path) -> None:
    expected = expected_of(WALKED)
    model = recorded(WALKED)[0].model
    by_hand = replayed(WALKED, tmp_path / "hand").folder / "crisis.yaml"
    with loopback(answering(WALKED)) as server:
        given = ["draft", str(expected.document), "--out", str(tmp_path / "by_model"), "--as-of", expected.as_of]
        given += ["--model", model, "--base-url", server.base_url, "--yes"]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == 0, result.output
        assert len(server.asked) == len(recorded(WALKED))
    assert (tmp_path / "by_model" / "crisis.yaml").read_bytes() == by_hand.read_bytes()


def test_a_changed_prompt_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "exchanges"
    shutil.copytree(recorded(WALKED)[0].path.parent, copy / WALKED)
    changed = copy / WALKED / "timeline-2.json"
    hash_there = recorded(WALKED)[1].messages_sha256
    changed.write_text(changed.read_text(encoding="utf-8").replace(hash_there, "0" * 64), encoding="utf-8")
    monkeypatch.setattr("tests.replay.recorded.EXCHANGES", copy)
    said = "the prompt of stage 'timeline' changed since lampert_strait/timeline-2.json was recorded: run `make record`"
    with pytest.raises(PromptChangedError, match=said):
        replayed(WALKED, tmp_path / "draft")


def test_recording_keeps_what_a_model_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = recorded(WALKED)
    answer = answering(WALKED)
    monkeypatch.setattr("tests.replay.record.EXCHANGES", tmp_path)
    monkeypatch.setattr("tests.replay.recorded.EXCHANGES", tmp_path)
    with loopback(answer) as server:
        record(WALKED, before[0].model, server.base_url, None)
    assert [replace(one, path=Path()) for one in recorded(WALKED)] == [replace(one, path=Path()) for one in before]


def _cites(file: Path) -> list[str]:
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            cite = value.get("cite")
            found.extend([cite] if isinstance(cite, str) else cite or [])
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(yaml.safe_load(file.read_text(encoding="utf-8")))
    return found
