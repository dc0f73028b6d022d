"""The walk: what a person reads first, what each record is said to do, and when it counts as read."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.crisis.draft_standing import standing_beside
from offramp.draft.brief_records import NamedExpression, claims_of
from offramp.draft.review.decisions import decide
from offramp.draft.review.record_names import BriefNames
from offramp.draft.review.record_weights import NO_WEIGHT, InputWeights, RecordWeight, input_weights, record_weights
from offramp.draft.review.record_words import words_of
from offramp.draft.review.walk import walk_of
from offramp.draft.sidecar import CRISIS, paragraphs_of_draft
from tests.app.served import SMALL
from tests.draft.briefs import PARAGRAPHS
from tests.draft.review.harbour_draft import TODAY, draft_in

WEIGHTS = InputWeights({"war_cost": 0.7, "hit_odds": 0.2})


def test_changed_after_a_solve_come_first_then_flagged_then_the_heaviest_then_the_brief_s_order(tmp_path: Path) -> None:
    draft = draft_in(tmp_path, changed_after_solve=("endings.calm", "odds.hits"))
    walk = walk_of(draft, PARAGRAPHS, WEIGHTS)
    ids = [entry.id for entry in walk.entries]
    assert ids[:2] == ["odds.hits", "endings.calm"]  # the heavier of the two first
    assert ids[2:6] == ["actors.south", "unknowns.red_line", "steps.red_line", "inputs.low_odds"]  # of paragraph 3
    assert ids[6:10] == ["inputs.war_cost", "stakes.north.war", "stakes.south.war", "levers.mediation"]
    assert ids[10:12] == ["inputs.hit_odds", "odds.staged_hits"]
    rest = [id_ for id_ in claims_of(draft.brief) if id_ not in ids[:12]]
    assert ids[12:] == rest
    assert walk.order == "changed after a solve first, then flagged, then the heaviest for the endings"


def test_a_name_of_lets_weighs_what_it_stands_for(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    lets = tuple(let.model_copy(update={"value": "hit_odds > war_cost"}) for let in draft.brief.lets)
    brief = draft.brief.model_copy(update={"lets": lets})
    assert record_weights(brief, WEIGHTS.by_input)["stakes.south.face"] == RecordWeight(0.7, "war_cost")
    assert record_weights(draft.brief, WEIGHTS.by_input)["stakes.south.face"] == NO_WEIGHT


def test_a_weight_is_said_to_be_that_of_the_input(tmp_path: Path) -> None:
    said = {entry.id: entry.carries for entry in walk_of(draft_in(tmp_path), PARAGRAPHS, WEIGHTS).entries}
    assert said["inputs.war_cost"] == "It carries about 70% of the variance of the endings together (128 draws)."
    for id_ in ("stakes.north.war", "levers.mediation"):  # one names it, the other sets it
        assert said[id_] == (
            "Its input, what war costs, carries about 70% of the variance of the endings together (128 draws)."
        )
    assert said["odds.hits"].startswith("Its input, the odds of a hit, carries about 20% of the variance")
    assert said["actors.north"] == ""


def test_without_weights_the_order_is_that_of_the_brief_and_the_reason_is_said(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    (tmp_path / CRISIS).write_text("format: 1\n", encoding="utf-8")
    weights = input_weights(tmp_path)
    walk = walk_of(
        draft.model_copy(update={"document": draft.document.model_copy(update={"suspicious": ()})}), PARAGRAPHS, weights
    )
    assert [entry.id for entry in walk.entries] == list(claims_of(draft.brief))
    assert walk.order.startswith("changed after a solve first, then flagged, then in the order of the brief, because")
    assert "crisis.yaml" in walk.order
    assert str(tmp_path) not in walk.order


def test_the_inputs_of_a_crisis_that_solves_are_weighed(tmp_path: Path) -> None:
    (tmp_path / CRISIS).write_text(SMALL, encoding="utf-8")
    found = input_weights(tmp_path)
    assert found.why_not == ""
    assert found.by_input == {"gain": pytest.approx(1.0, abs=0.05)}  # the only input that is uncertain


def test_the_words_of_the_document_are_found_but_unread_until_a_person_has_decided(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    entries = {entry.id: entry for entry in walk_of(draft, PARAGRAPHS).entries}
    assert {entry.is_read for entry in entries.values()} == {False}
    said = {id_: entries[id_].standing for id_ in ("actors.north", "actors.south", "unknowns.hit", "moves.reply")}
    assert said == {
        "actors.north": "found, unread",
        "actors.south": "found but for marks, case or spaces, unread",
        "unknowns.hit": "found in another paragraph, unread",
        "moves.reply": "ours, unread",
    }
    after = decide(tmp_path, draft, "actors.north", "accepted", "Ada", TODAY)
    entry = next(entry for entry in walk_of(after, PARAGRAPHS).entries if entry.id == "actors.north")
    assert (entry.is_read, entry.standing) == (True, "found; accepted by Ada on 2031-03-09")
    standing = standing_beside(tmp_path / CRISIS)
    assert str(standing) == f"draft by m-7, 1 of {len(entries)} assumptions read"


def test_a_record_has_its_paragraph_with_the_span_of_its_quote(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    entries = {entry.id: entry for entry in walk_of(draft, paragraphs_of_draft(tmp_path)).entries}
    found = entries["unknowns.hit"]
    assert (found.paragraph, found.text) == (2, PARAGRAPHS[1])
    assert found.text[found.start : found.end] == "nine in ten observers expect a volley"
    assert (entries["moves.reply"].paragraph, entries["moves.reply"].text) == (None, "")
    other = walk_of(draft, ("Another account.",) * 3).entries  # the account was changed by hand
    assert {entry.paragraph for entry in other} == {None}


def test_a_quote_is_looked_for_in_the_account_whatever_the_sidecar_says_of_it(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    actor = draft.brief.actors[0].model_copy(update={"quote": "Northland has promised a war"})
    brief = draft.brief.model_copy(update={"actors": (actor, *draft.brief.actors[1:])})
    entries = {entry.id: entry for entry in walk_of(draft.model_copy(update={"brief": brief}), PARAGRAPHS).entries}
    assert (entries["actors.north"].standing, entries["actors.north"].paragraph) == ("not found, so ours, unread", None)
    assert entries["moves.answer"].standing == "found, unread"


def test_a_record_is_said_in_words_with_names_in_place_of_keys(tmp_path: Path) -> None:
    words = {entry.id: entry.words for entry in walk_of(draft_in(tmp_path), PARAGRAPHS).entries}
    assert words["options.answer.volley"] == "Northland may choose a volley (Northland's answer), which counts as 2"
    assert words["unknowns.red_line"] == "Hidden: Southland's red line, known to Southland"
    assert words["unknowns.hit"] == "Chance: the hit, seen by everyone once it happens"
    assert words["steps.word_told"] == "Southland is told Northland's word, if Northland's word is a word"
    assert (
        words["restrictions.answer.staged"] == "Northland may choose a staged answer only if Northland's word is a word"
    )
    assert words["inputs.war_cost"] == "What war costs: triangular(4, 6, 9), in lost rounds"
    assert words["odds.feared"] == (
        "Odds of “a low red line” for Southland's red line, as Northland believes: the odds of a low red line / 2"
    )
    assert words["odds.hits"] == "Odds of “a hit” for the hit: the odds of a hit"
    assert words["stakes.north.face"] == (
        "Counts for Northland in each round: face = −1 if Northland's answer is no answer"
    )
    assert words["stakes.south.face"].endswith(
        "× (Southland's reply is no reply) × struck × (1 + (the hit is a hit));"
        " struck is: Northland's answer is a staged answer or a volley"
    )
    assert " in each of at most 2 rounds (until war is 1)" in words["steps.answer"]
    assert words["endings.war_comes"] == "It ends with the war if war is 1; to be avoided"
    assert words["endings.calm"] == "It ends with calm in all other cases"
    assert words["levers.pact"].endswith(
        "Northland's answer: not a staged answer; the ally's part: always holding still"
    )
    assert words["left_out.harbour"] == "The model leaves this out"


def test_every_let_and_every_act_of_a_lever_stands_in_the_words_of_a_record(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    lets = (
        *draft.brief.lets,
        NamedExpression(key="long_war", value="war == 1 and struck"),
        NamedExpression(key="dear", value="war_cost > 5"),
    )
    endings = (draft.brief.endings[0].model_copy(update={"condition": "long_war"}), *draft.brief.endings[1:])
    levers = (draft.brief.levers[0].model_copy(update={"cost": "1 + dear"}), *draft.brief.levers[1:])
    brief = draft.brief.model_copy(update={"lets": lets, "endings": endings, "levers": levers})
    entries = walk_of(draft.model_copy(update={"brief": brief}), PARAGRAPHS).entries
    words = {entry.id: entry.words for entry in entries}
    assert words["endings.war_comes"] == (
        "It ends with the war if long war; to be avoided; long war is: war is 1 and struck;"
        " struck is: Northland's answer is a staged answer or a volley"
    )
    names = BriefNames.of(brief)
    for let in brief.lets:
        said = f"{let.key.replace('_', ' ')} is: {names.in_words(let.value)}"
        assert any(said in text for text in words.values()), let.key
    for act in brief.lever_acts:
        said = words_of(brief, act, names)
        assert said.lower() in words[f"levers.{act.lever}"].lower(), act.id


def test_an_expression_that_cannot_be_read_is_shown_as_it_is(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    stakes = (draft.brief.stakes[0].model_copy(update={"pays": "1 +* ("}), *draft.brief.stakes[1:])
    broken = draft.model_copy(update={"brief": draft.brief.model_copy(update={"stakes": stakes})})
    words = {entry.id: entry.words for entry in walk_of(broken, PARAGRAPHS, WEIGHTS).entries}
    assert words["stakes.north.face"].endswith("face = 1 +* (")
