"""The stages of a draft: what each asks, what an answer may change, and what is left out and told."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.reading import read
from offramp.draft.brief_records import claims_of
from offramp.draft.drafting import advance, begin, is_no_crisis, outcome, stuck
from offramp.draft.inquiry_state import MOST_BAD
from offramp.draft.review.decisions import decide
from offramp.draft.sidecar import CRISIS, Draft, read_draft, write_draft
from offramp.draft.stages import MOST_REPAIRS, next_prompt
from tests.draft.briefs import OURS, PROMISED
from tests.draft.review.harbour_draft import TODAY, draft_in
from tests.draft.scripted import NOTE, answered, begun, driven, parts
from tests.examples import examples

INVENTED = {"quote": "Northland will certainly strike at dawn", "para": 2}


def changed(part: dict[str, Any], kind: str, key: str, /, **change: Any) -> dict[str, Any]:
    """An answer with one record changed."""
    whole = copy.deepcopy(part)
    record = next(entry for entry in whole[kind] if entry["key"] == key)
    record.update(change)
    return whole


def without(part: dict[str, Any], kind: str, key: str) -> dict[str, Any]:
    return part | {kind: [entry for entry in part[kind] if entry["key"] != key]}


def test_a_brief_in_three_answers_becomes_a_crisis_file(tmp_path: Path) -> None:
    draft = driven(tmp_path, begun(tmp_path), parts())
    assert draft.stage == "sense"
    assert draft.faults_at_first == 0
    assert [ending.key for ending in read(tmp_path / CRISIS).endings] == ["war_comes", "joined", "calm"]
    draft = answered(tmp_path, draft, {"notes": [{"says": "The account means it so"}]})
    assert draft.stage == "done"
    assert next_prompt(draft, tmp_path) is None
    assert outcome(draft) is not None
    assert read_draft(tmp_path) == draft


def test_equal_answers_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        driven(tmp_path / name, begun(tmp_path / name), parts(), lambda draft: {"notes": []} | {"stakes": []})
    for file in (CRISIS, "crisis.draft.json", "sources/account.txt"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_same_draft_asks_the_same(tmp_path: Path) -> None:
    draft = begun(tmp_path)
    for stage in ("extract", "timeline", "numbers"):
        assert draft.stage == stage
        assert next_prompt(draft, tmp_path) == next_prompt(read_draft(tmp_path), tmp_path)
        draft = answered(tmp_path, draft, parts()[stage])


# Quotes


def test_quotes_that_fail_go_back_once_and_then_count_as_ours(tmp_path: Path) -> None:
    part = changed(parts()["extract"], "actors", "north", **INVENTED)
    part = changed(part, "moves", "answer", **INVENTED)
    draft = answered(tmp_path, begun(tmp_path), part)
    assert draft.stage == "quotes"
    prompt = next_prompt(draft, tmp_path)
    assert prompt is not None
    assert "actors.north" in prompt.messages[1].content
    assert "actors.south" not in prompt.messages[1].content
    better = {"quotes": [{"record": "actors.north", **PROMISED}, {"record": "moves.answer", **INVENTED}]}
    draft = answered(tmp_path, draft, better)
    assert draft.stage == "timeline"
    assert draft.checks["actors.north"].state == "exact"
    assert draft.checks["moves.answer"].state == "failed"
    driven(tmp_path, draft, parts())
    assert INVENTED["quote"] not in (tmp_path / CRISIS).read_text(encoding="utf-8")
    assert read(tmp_path / CRISIS).named["answer"].reason.because.startswith("Ours: ")


@pytest.mark.parametrize(("stage", "kind", "key"), [("timeline", "endings", "calm"), ("numbers", "inputs", "war_cost")])
def test_quotes_of_later_stages_go_back_once_too(tmp_path: Path, stage: str, kind: str, key: str) -> None:
    bad = {"quote": str(INVENTED["quote"]), "para": 1, "ours": False}
    answers = parts() | {stage: changed(parts()[stage], kind, key, **bad)}
    draft = driven(tmp_path, begun(tmp_path), answers)
    assert draft.stage == "quotes"
    draft = answered(tmp_path, draft, {"quotes": [{"record": f"{kind}.{key}", "ours": True}]})
    assert draft.stage == ("numbers" if stage == "timeline" else "sense")
    assert draft.checks[f"{kind}.{key}"].state == "ours"


def test_an_answer_on_quotes_changes_nothing_else(tmp_path: Path) -> None:
    draft = answered(tmp_path, begun(tmp_path), changed(parts()["extract"], "actors", "north", **INVENTED))
    other = {"quotes": [{"record": "actors.south", "ours": True}, {"record": "actors.nobody", "ours": True}]}
    after = answered(tmp_path, draft, other)
    assert after.brief == draft.brief
    assert len(after.remarks) == 2


def test_a_draft_goes_on_without_better_quotes(tmp_path: Path) -> None:
    draft = answered(tmp_path, begun(tmp_path), changed(parts()["extract"], "actors", "north", **INVENTED))
    draft = answered(tmp_path, draft, *["I cannot."] * MOST_BAD)
    assert draft.stage == "timeline"
    assert stuck(draft) is None


# What may enter


def test_what_the_first_stage_did_not_find_is_ours_later(tmp_path: Path) -> None:
    late = without(parts()["extract"], "options", "volley")
    option = {"of": "answer", "key": "volley", "name": "a volley", "says": "It strikes", **PROMISED}
    again = {"key": "north", "name": "The North", "says": "Another name", **PROMISED}
    timeline = parts()["timeline"] | {"options": [option], "actors": [again]}
    draft = answered(tmp_path, begun(tmp_path), late, timeline)
    assert draft.stage == "numbers"
    assert draft.checks["options.answer.volley"].state == "ours"
    assert draft.brief.actors[0].name == "Northland"
    assert len(draft.remarks) == 2


def test_a_record_without_support_or_with_two_kinds_is_ours(tmp_path: Path) -> None:
    part = changed(parts()["extract"], "actors", "north", quote="", para=None)
    part = changed(part, "actors", "south", ours=True)
    draft = answered(tmp_path, begun(tmp_path), part)
    assert {draft.checks[f"actors.{key}"].state for key in ("north", "south")} == {"ours"}


def test_null_means_that_a_field_is_not_there_and_one_actor_is_a_list(tmp_path: Path) -> None:
    answers = copy.deepcopy(parts())
    for part in answers.values():
        for kind in ("actors", "options", "steps", "stakes"):
            for record in part.get(kind, ()):
                for field in ("quote", "para", "ours"):
                    record.setdefault(field, None)
    answers["timeline"]["steps"][0]["seen_by"] = "south"
    answers["timeline"]["levers"][0]["cost"] = None
    draft = driven(tmp_path, begun(tmp_path), answers)
    assert draft.stage == "sense"
    assert draft.brief.steps[0].seen_by == ("south",)


def test_of_two_actors_with_one_key_the_first_is_taken(tmp_path: Path) -> None:
    extract = parts()["extract"]
    twice = [*extract["actors"], extract["actors"][0] | {"name": "The North"}]
    draft = answered(tmp_path, begun(tmp_path), extract | {"actors": twice})
    assert [actor.name for actor in draft.brief.actors] == ["Northland", "Southland"]
    assert len(draft.remarks) == 1


def test_two_rows_of_odds_or_terms_with_one_key_get_keys_of_their_own(tmp_path: Path) -> None:
    numbers = parts()["numbers"]
    rows = [row | {"key": "row"} for row in numbers["odds"]]
    terms = [term | {"key": "term"} for term in numbers["stakes"]]
    draft = driven(tmp_path, begun(tmp_path), parts() | {"numbers": numbers | {"odds": rows, "stakes": terms}})
    assert draft.stage == "sense"
    assert [row.odds for row in draft.brief.odds if row.step == "red_line"] == [
        row["odds"] for row in rows if row["step"] == "red_line"
    ]
    assert len({row.key for row in draft.brief.odds}) == len(rows)
    assert [term.pays for term in draft.brief.stakes] == [term["pays"] for term in terms]


def test_a_row_of_odds_without_a_condition_comes_last(tmp_path: Path) -> None:
    numbers = parts()["numbers"]
    draft = driven(tmp_path, begun(tmp_path), parts() | {"numbers": numbers | {"odds": numbers["odds"][::-1]}})
    assert draft.stage == "sense"


# Bad answers


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("No.", "holds no JSON object"),
        ({"actors": [{"key": "north"}]}, "actors, record 1 ('north'): says: this field is missing"),
        ({"actors": "Northland"}, "actors: "),
        ({"file": "/etc/passwd"}, "file: there is no such field"),
        ({"notes": [{"says": "x" * 500}]}, "notes, record 1: says: "),
        (parts()["extract"] | {"moves": []}, "moves: none is given"),
        (
            changed(parts()["extract"], "actors", "north", key="two words"),
            "actors, record 1 ('two words'): key: a key has",
        ),
        (changed(parts()["extract"], "actors", "north", path="../x"), "path: there is no such field"),
    ],
)
def test_a_bad_answer_is_counted_and_complained_of(tmp_path: Path, answer: Any, complaint: str) -> None:
    draft = begun(tmp_path)
    before = next_prompt(draft, tmp_path)
    after = answered(tmp_path, draft, answer)
    assert (after.stage, after.bad_answers, after.answers) == ("extract", 1, 1)
    assert complaint in after.complaints[0]
    assert after.brief == draft.brief
    prompt = next_prompt(after, tmp_path)
    assert prompt is not None
    assert before is not None
    assert after.complaints[0] in prompt.messages[1].content
    assert prompt.number == 2
    assert stuck(after) is None
    assert "actors" in (stuck(answered(tmp_path, after, "{", '{"actors": 1}')) or "")
    write_draft(tmp_path, after)
    assert answered(tmp_path, after, parts()["extract"]).complaints == ()


def test_more_records_than_a_brief_holds_are_a_bad_answer(tmp_path: Path) -> None:
    draft = answered(tmp_path, begun(tmp_path), parts()["extract"])
    many = [{"of": "answer", "key": f"more{n}", "name": "more", "says": "More", **OURS} for n in range(290)]
    after = answered(tmp_path, draft, parts()["timeline"] | {"options": many})
    assert after.bad_answers == 1
    assert "options" in after.complaints[0]
    assert read_draft(tmp_path) == after


# No crisis


def test_a_document_that_is_no_crisis_ends_at_once(tmp_path: Path) -> None:
    draft = answered(tmp_path, begun(tmp_path), {"title": "Soup", "notes": [{"says": "It is a recipe."}]})
    assert is_no_crisis(draft)
    assert next_prompt(draft, tmp_path) is None
    assert "no crisis" in (outcome(draft) or "")
    assert (outcome(draft) or "").endswith(": It is a recipe")
    assert not (tmp_path / CRISIS).exists()
    assert draft.returns == {}


# Repairs


def faulty(tmp_path: Path, **answers: Any) -> Draft:
    return driven(tmp_path, begun(tmp_path), parts() | answers)


def test_a_repair_sees_the_fault_by_record_and_may_change_only_that(tmp_path: Path) -> None:
    draft = faulty(tmp_path, numbers=changed(parts()["numbers"], "stakes", "company", pays="0.2 * (ally_part == joni)"))
    assert draft.stage == "repair"
    assert draft.faults[0].record == "stakes.south.company"
    assert not (tmp_path / CRISIS).exists()
    prompt = next_prompt(draft, tmp_path)
    assert prompt is not None
    assert "stakes.south.company: 'joni' is not an option of 'ally_part'" in prompt.messages[1].content
    assert set(prompt.schema["properties"]) == {"stakes", "notes", "remove", "order"}
    whole = {entry["key"]: entry for entry in parts()["numbers"]["stakes"] if entry["actor"] == "south"}
    stray = whole["war"] | {"pays": "0"}
    new = whole["face"] | {"key": "pride"}
    after = answered(tmp_path, draft, {"stakes": [whole["company"], stray, new], "remove": ["stakes.south.war"]})
    assert after.stage == "sense"
    assert {stake.key: stake.pays for stake in after.brief.stakes if stake.actor == "south"} == {
        key: entry["pays"] for key, entry in whole.items()
    }
    assert sum("stakes.south" in remark for remark in after.remarks) == 3
    assert after.faults_at_first == 1
    assert after.returns["repair"] == 1


def test_a_missing_record_may_be_added(tmp_path: Path) -> None:
    numbers = parts()["numbers"]
    draft = faulty(tmp_path, numbers=numbers | {"odds": [row for row in numbers["odds"] if row["step"] != "hit"]})
    assert [fault.message for fault in draft.faults] == ["it has no odds"]
    after = answered(tmp_path, draft, {"odds": [row for row in numbers["odds"] if row["step"] == "hit"]})
    assert after.stage == "sense"


def test_an_option_added_by_a_repair_is_ours(tmp_path: Path) -> None:
    extract = parts()["extract"]
    extract = extract | {"options": [option for option in extract["options"] if option["of"] != "word"]}
    draft = faulty(tmp_path, extract=extract)
    words = [option | PROMISED for option in parts()["extract"]["options"] if option["of"] == "word"]
    for word in words:
        word.pop("ours")
    after = answered(tmp_path, draft, {"options": words})
    assert after.stage == "sense"
    assert after.checks["options.word.sent"].state == "ours"


def test_a_record_that_gets_another_key_keeps_its_words(tmp_path: Path) -> None:
    extract, numbers = parts()["extract"], parts()["numbers"]
    clash = numbers["inputs"][0] | {"key": "volley", "name": "a clash"}
    draft = faulty(tmp_path, numbers=numbers | {"inputs": [*numbers["inputs"], clash]})
    assert "has the name of an input (record inputs.volley)" in draft.faults[0].message
    prompt = next_prompt(draft, tmp_path)
    assert prompt is not None
    assert {"options", "inputs"} <= set(prompt.schema["properties"])
    after = answered(tmp_path, draft, {"remove": ["inputs.volley"], "inputs": [clash | {"key": "clash"}]})
    assert after.stage == "sense"
    assert after.checks["options.answer.volley"].state == "elsewhere"

    draft = read_draft(tmp_path).model_copy(update={"stage": "repair", "faults": draft.faults})
    volley = next(option for option in extract["options"] if option["key"] == "volley") | {"key": "salvo"}
    renamed = answered(tmp_path, draft, {"remove": ["options.answer.volley"], "options": [volley]})
    assert renamed.checks["options.answer.salvo"].state == "elsewhere"


def test_steps_may_be_put_in_another_order(tmp_path: Path) -> None:
    timeline = parts()["timeline"]
    steps = timeline["steps"]
    order = [step["key"] for step in steps]
    draft = faulty(tmp_path, timeline=timeline | {"steps": [steps[0], steps[2], steps[1], *steps[3:]]})
    assert draft.stage == "repair"
    after = answered(tmp_path, draft, {"order": order})
    assert after.stage == "sense"
    assert [step.key for step in after.brief.steps] == order


def test_the_acts_of_a_lever_are_given_whole(tmp_path: Path) -> None:
    timeline = parts()["timeline"]
    acts = [act for act in timeline["lever_acts"] if act["lever"] == "pact"]
    wrong = [act | ({"value": "voley"} if act["value"] == "volley" else {}) for act in timeline["lever_acts"]]
    draft = faulty(tmp_path, timeline=timeline | {"lever_acts": wrong})
    assert draft.stage == "repair"
    after = answered(tmp_path, draft, {"lever_acts": acts})
    assert after.stage == "sense"
    assert sorted(act.id for act in after.brief.lever_acts if act.lever == "pact") == sorted(
        f"pact.{act['act']}.{act['on']}.{act['value']}" for act in acts
    )
    assert [act.on for act in after.brief.lever_acts if act.lever == "mediation"] == ["reply", "war_cost"]


def test_a_game_that_is_too_large_goes_back(tmp_path: Path) -> None:
    timeline = parts()["timeline"] | {"rounds": {"count": 12}}
    draft = faulty(tmp_path, timeline=timeline)
    assert "too large" in draft.faults[0].message
    assert draft.faults[0].message.endswith(
        "more than 300,000: fewer rounds, fewer options or fewer hidden facts make it smaller"
    )
    prompt = next_prompt(draft, tmp_path)
    assert prompt is not None
    assert "rounds" in prompt.schema["properties"]
    after = answered(tmp_path, draft, {"rounds": {"count": 2, "until": "war == 1"}})
    assert after.stage == "sense"


def test_after_the_last_repair_the_faults_are_told_and_the_file_is_there(tmp_path: Path) -> None:
    draft = faulty(tmp_path, numbers=changed(parts()["numbers"], "stakes", "company", pays="0.2 * (ally_part == joni)"))
    for _ in range(MOST_REPAIRS):
        assert draft.stage == "repair"
        draft = answered(tmp_path, draft, {"notes": [{"says": "I see no fault"}]})
    assert draft.stage == "done"
    assert draft.returns["repair"] == MOST_REPAIRS
    assert "1 fault" in (outcome(draft) or "")
    assert (tmp_path / CRISIS).exists()


# The second look


def test_a_second_look_changes_at_most_five_records_and_adds_none(tmp_path: Path) -> None:
    draft = driven(tmp_path, begun(tmp_path), parts())
    stakes = [entry | {"name": "another name"} for entry in parts()["numbers"]["stakes"]]
    inputs = [entry | {"name": "another name"} for entry in parts()["numbers"]["inputs"]]
    added = stakes[0] | {"key": "more"}
    after = answered(tmp_path, draft, {"stakes": [added, *stakes], "inputs": inputs})
    assert after.stage == "done"
    assert len(after.changed_after_solve) == 5
    assert all(claims_of(after.brief)[id_].name == "another name" for id_ in after.changed_after_solve)  # type: ignore[attr-defined]
    assert sum(record.name == "another name" for record in (*after.brief.stakes, *after.brief.inputs)) == 5
    assert "stakes.north.more: a second look adds no record; ignored" in after.remarks
    assert "another name" in (tmp_path / CRISIS).read_text(encoding="utf-8")


def test_a_second_look_that_breaks_the_file_is_not_taken(tmp_path: Path) -> None:
    draft = driven(tmp_path, begun(tmp_path), parts())
    before = (tmp_path / CRISIS).read_bytes()
    after = answered(tmp_path, draft, {"stakes": [parts()["numbers"]["stakes"][0] | {"pays": "nothing_known"}]})
    assert after.stage == "done"
    assert after.brief == draft.brief
    assert after.changed_after_solve == ()
    assert (tmp_path / CRISIS).read_bytes() == before
    assert any("not taken" in remark for remark in after.remarks)


def test_a_crisis_file_changed_by_hand_is_not_written_again(tmp_path: Path) -> None:
    draft = driven(tmp_path, begun(tmp_path), parts())
    (tmp_path / CRISIS).write_text("# mine", encoding="utf-8")
    after = answered(tmp_path, draft, {"notes": []} | {"stakes": [parts()["numbers"]["stakes"][0] | {"name": "pride"}]})
    assert (tmp_path / CRISIS).read_text(encoding="utf-8") == "# mine"
    assert any("changed by hand" in remark for remark in after.remarks)


def test_a_draft_does_not_begin_over_other_work(tmp_path: Path) -> None:
    begun(tmp_path / "a")
    for name in ("crisis.draft.json", "crisis.yaml", "sources/account.txt"):
        file = tmp_path / name / name
        file.parent.mkdir(parents=True)
        file.write_text("mine", encoding="utf-8")
        with pytest.raises(UsageError, match="nothing is overwritten"):
            begun(tmp_path / name)
        assert file.read_text(encoding="utf-8") == "mine"
    (tmp_path / "linked").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked" / "sources").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        begun(tmp_path / "linked")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    with pytest.raises(UsageError, match="expected a day"):
        begin(NOTE, tmp_path / "c", "2031-02-30")


def test_json_of_any_kind_is_taken_or_complained_of(tmp_path: Path) -> None:
    draft = begun(tmp_path)
    for value in (
        {"actors": None},
        {"actors": [None]},
        {"actors": [[]]},
        {"rounds": 3},
        {"title": {"a": 1}},
        {"notes": [1]},
    ):
        write_draft(tmp_path, draft)
        after = answered(tmp_path, draft, json.dumps(value))
        assert after.bad_answers == 1, value


WORDS = ["answer == volley", "rest", "otherwise", "9 ** 9 ** 9", "1 / 0", "volley", "north", "red_line", "x" * 3000]
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 10**6)
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.lists(st.text(max_size=5), max_size=2)
    | st.sampled_from(WORDS)
)


def test_of_two_processes_that_answer_at_once_one_is_refused_and_no_answer_is_lost(tmp_path: Path) -> None:
    seen = begun(tmp_path)
    text = json.dumps(parts()["extract"])
    taken: list[Draft] = []
    refused: list[str] = []

    def process() -> None:
        try:
            taken.append(advance(tmp_path, seen, text))
        except UsageError as error:
            refused.append(str(error))

    both = [threading.Thread(target=process) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [draft.answers for draft in taken] == [1]
    assert refused == [f"another process went on with {tmp_path} meanwhile, so this answer was not taken"]
    assert read_draft(tmp_path) == taken[0]


def test_an_answer_overwrites_no_decision_that_was_made_meanwhile(tmp_path: Path) -> None:
    seen = draft_in(tmp_path)
    decided = decide(tmp_path, seen, "actors.north", "accepted", "Ada", TODAY)
    with pytest.raises(UsageError, match="this answer was not taken"):
        advance(tmp_path, seen, "{}")
    assert read_draft(tmp_path) == decided


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_no_answer_raises_and_every_draft_reads_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("draft") / "new"
    draft = begun(folder)
    for _ in range(9):
        if draft.stage == "done":
            break
        whole = copy.deepcopy(
            parts().get(draft.stage) or data.draw(st.sampled_from([parts()["numbers"], {"notes": []}]))
        )
        if data.draw(st.booleans()):
            records = [record for part in whole.values() if isinstance(part, list) for record in part]
            for record in data.draw(st.lists(st.sampled_from(records), max_size=2)) if records else ():
                record[data.draw(st.sampled_from([*record, "other"]))] = data.draw(VALUES)
            for kind in data.draw(st.lists(st.sampled_from(sorted(whole)), max_size=2)):
                entries = whole[kind]
                whole[kind] = data.draw(VALUES | st.just(entries[1:] if isinstance(entries, list) else entries))
        draft = answered(folder, draft, whole)
        assert read_draft(folder) == draft
        next_prompt(draft, folder)
