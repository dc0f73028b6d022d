"""What a person decides is kept by name and date, reaches the crisis file, can be taken back, and overwrites nobody."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.draft_standing import SIDECAR
from offramp.draft.brief_checks import brief_faults
from offramp.draft.brief_records import LeverAct, NamedExpression, claims_of
from offramp.draft.draft_lock import LOCK
from offramp.draft.review.decisions import decide, undo
from offramp.draft.review.hanging import idle_in_words, restored, without
from offramp.draft.review.record_fields import fields_of
from offramp.draft.sidecar import CRISIS, Draft, Verdict, read_draft, write_draft
from tests.draft.review.harbour_draft import TODAY, draft_in


def files(folder: Path) -> tuple[str, str]:
    return (folder / CRISIS).read_text(encoding="utf-8"), (folder / SIDECAR).read_text(encoding="utf-8")


def refused(folder: Path, draft: Draft, record: str, verdict: Verdict, change: Any = None, **more: Any) -> str:
    """What a decision says that is refused; it changes no file."""
    before = files(folder)
    with pytest.raises(UsageError) as error:
        decide(folder, draft, record, verdict, "Ada", TODAY, change, **more)
    assert files(folder) == before
    return str(error.value)


def test_an_accepted_record_is_read_and_the_crisis_file_stays(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    text, _ = files(tmp_path)
    after = decide(tmp_path, draft, "actors.north", "accepted", "Ada", TODAY)
    assert files(tmp_path)[0] == text
    assert read_draft(tmp_path) == after
    assert [(one.record, one.verdict, one.by, one.date) for one in after.decisions] == [
        ("actors.north", "accepted", "Ada", TODAY)
    ]
    assert (after.standing.read, after.standing.total) == (1, len(claims_of(draft.brief)))


def test_a_quote_that_does_not_say_it_goes_and_the_record_is_ours(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    assert "because: 'It has promised'" in files(tmp_path)[0].replace('"', "'")
    after = decide(tmp_path, draft, "actors.north", "not said", "Ada", TODAY)
    record = claims_of(after.brief)["actors.north"]
    assert (record.ours, record.quote, record.para) == (True, "", None)
    assert after.checks["actors.north"].state == "ours"
    assert "because: 'Ours: It has promised'" in files(tmp_path)[0].replace('"', "'")
    assert after.decisions[-1].was[0].entry["quote"] == "Northland has promised an answer"  # kept in the decision
    assert "counts as ours already" in refused(tmp_path, after, "actors.north", "not said")


def test_a_change_keeps_the_quote_only_if_the_person_says_that_it_still_says_it(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    kept = decide(tmp_path, draft, "inputs.hit_odds", "changed", "Ada", TODAY, {"is": "beta(8, 2)"}, still_quoted=True)
    assert "is: 'beta(8, 2)'" in files(tmp_path)[0].replace('"', "'")
    assert kept.checks["inputs.hit_odds"].found
    ours = decide(tmp_path, kept, "inputs.hit_odds", "changed", "Bo", TODAY, {"is": 0.5, "says": "A guess"})
    assert claims_of(ours.brief)["inputs.hit_odds"].ours
    assert (ours.decisions[-1].before, ours.decisions[-1].after) == ("Most expect it", "A guess")


def test_a_change_may_give_other_words_of_the_document_but_no_invented_ones(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    change = {"says": "It may speak", "quote": "its envoys may pass a word on", "para": 3}
    after = decide(tmp_path, draft, "moves.reply", "changed", "Ada", TODAY, change)
    assert after.checks["moves.reply"].state == "exact"
    assert "not in the document" in refused(
        tmp_path, after, "moves.word", "changed", {"quote": "they fired", "para": 1}
    )


@pytest.mark.parametrize(
    ("record", "change", "said"),
    [
        ("inputs.war_cost", {"iss": 3}, "it has no field 'iss'; did you mean 'is'?"),
        ("inputs.war_cost", {"key": "cost"}, "`key` stays: other records know this one by it; reject it instead"),
        ("options.answer.volley", {"of": "reply"}, "`of` stays"),
        ("stakes.north.war", {"when": "never"}, "when: expected 'once', 'each_round' or 'end'"),
        ("endings.war_comes", {"avoid": "perhaps"}, "avoid: expected yes or no"),
        ("inputs.war_cost", {"says": ""}, "says: it may not be empty"),
        ("inputs.war_cost", {"is": "x" * 3_000}, "is: expected at most 2,000 characters, found 3,000"),
        ("inputs.war_cost", {"name": "what war costs"}, "nothing of inputs.war_cost would change"),
        (
            "moves.answer",
            {"by": "nobody"},
            "the draft would be no crisis then: moves.answer: there is no actor 'nobody'",
        ),
        ("steps.hit", {"in_rounds": "no"}, "the draft would be no crisis then: steps."),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_changes(
    tmp_path: Path, record: str, change: dict[str, Any], said: str
) -> None:
    assert said in refused(tmp_path, draft_in(tmp_path), record, "changed", change)


def test_lists_and_yes_or_no_may_be_texts(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    after = decide(tmp_path, draft, "steps.word", "changed", "Ada", TODAY, {"seen_by": "north, south"})
    step = next(step for step in after.brief.steps if step.key == "word")
    assert step.seen_by == ("north", "south")
    written = {field.name: (field.written, field.value) for field in fields_of(step)}
    assert written["seen_by"] == ("list", "north, south")
    assert written["in_rounds"] == ("yes or no", "no")
    assert not {"key", "kind", "quote", "para", "ours"} & set(written)
    after = decide(tmp_path, after, "endings.joined", "changed", "Ada", TODAY, {"avoid": "yes"})
    assert after.brief.endings[1].avoid


def test_what_hangs_on_a_rejected_record_falls_with_it(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    told = without(draft.brief, "options.ally_part.join").fallen
    assert told == ("stakes.south.company", "endings.joined")
    after = decide(tmp_path, draft, "options.ally_part.join", "rejected", "Ada", TODAY)
    assert {"options.ally_part.join", *told} == claims_of(draft.brief).keys() - claims_of(after.brief).keys()
    assert "a joint stand" not in files(tmp_path)[0]
    assert after.standing.total == len(claims_of(draft.brief)) - 3


def test_inputs_that_nothing_uses_any_more_are_said_to_stay(tmp_path: Path) -> None:
    brief = draft_in(tmp_path).brief
    lets = (*brief.lets, NamedExpression(key="risk", value="low_odds + 0"), NamedExpression(key="worst", value="risk"))
    feared = brief.odds[0].model_copy(update={"odds": "worst / 2"})
    alone = brief.model_copy(update={"lets": lets, "odds": (feared,)})
    found = without(alone, f"odds.{feared.id}")
    assert "low_odds" in found.idle  # it was used through two names of `lets`
    pay = next(stake for stake in brief.stakes if "war_cost" in stake.pays)
    assert without(brief, f"stakes.{pay.id}").idle == ()  # another payoff term and a lever name it
    single = brief.model_copy(update={"stakes": (pay,), "levers": (), "lever_acts": ()})
    found = without(single, f"stakes.{pay.id}")
    assert found.idle == ("war_cost",)
    assert "inputs.war_cost" not in found.fallen
    assert idle_in_words(found) == "Nothing else uses the input “what war costs”, which stays."
    assert idle_in_words(without(brief, f"stakes.{pay.id}")) == ""


def test_an_actor_takes_its_moves_payoffs_and_beliefs_along_and_sees_nothing_any_more(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    steps = tuple(
        step.model_copy(update={"seen_by": ("north", "south")}) if step.key == "red_line" else step
        for step in draft.brief.steps
    )
    found = without(draft.brief.model_copy(update={"steps": steps}), "actors.north")
    assert {"moves.answer", "stakes.north.face", "odds.feared", "odds.hoped"} <= set(found.fallen)
    assert next(step.seen_by for step in found.brief.steps if step.key == "red_line") == ("south",)


def test_whatever_is_taken_out_leaves_a_brief_that_can_be_written_and_comes_back_whole(tmp_path: Path) -> None:
    brief = draft_in(tmp_path).brief
    for id_ in claims_of(brief):
        found = without(brief, id_)
        assert brief_faults(found.brief) == (), id_
        assert restored(found.brief, found.was) == brief, id_


def test_the_last_actor_move_or_ending_cannot_be_rejected(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    for record in ("actors.south", "moves.word"):  # what is left are Northland's word and answer, then only its answer
        draft = decide(tmp_path, draft, record, "rejected", "Ada", TODAY)
    assert "the draft would be no crisis then: actors: at least one" in refused(
        tmp_path, draft, "actors.north", "rejected"
    )
    assert "moves: at least one is needed" in refused(tmp_path, draft, "moves.answer", "rejected")


def test_faults_of_the_crisis_file_are_told_and_the_decision_can_be_taken_back(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    after = decide(tmp_path, draft, "endings.calm", "rejected", "Ada", TODAY)
    assert [fault.record for fault in after.faults] == ["endings.joined"]
    assert "no ending holds after" in after.faults[0].message
    assert undo(tmp_path, "Ada", TODAY).faults == ()


@pytest.mark.parametrize(
    ("record", "change", "said"),
    [
        ("inputs.war_cost", {"is": "triangular(1,2"}, "inputs.war_cost: expected ',' or ')' in triangular(...)"),
        ("inputs.war_cost", {"is": "triangular(2,x)"}, "inputs.war_cost: 'mode' of triangular() takes numbers only"),
        ("stakes.north.war", {"pays": "-war_price * war"}, "stakes.north.war: unknown name 'war_price'"),
    ],
)
def test_a_change_that_breaks_the_crisis_file_is_refused_with_its_fault(
    tmp_path: Path, record: str, change: dict[str, Any], said: str
) -> None:
    told = refused(tmp_path, draft_in(tmp_path), record, "changed", change)
    assert told.startswith("the crisis file would have a fault then: ")
    assert said in told


def test_a_change_that_mends_a_fault_may_uncover_those_of_other_records(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    values = [("inputs", "war_cost", "value", "triangular(1,2"), ("stakes", "north.face", "pays", "-war_price * war")]
    lists: dict[str, object] = {}
    for kind, id_, field, value in values:
        entries = getattr(draft.brief, kind)
        lists[kind] = tuple(one.model_copy(update={field: value}) if one.id == id_ else one for one in entries)
    write_draft(tmp_path, draft.model_copy(update={"brief": draft.brief.model_copy(update=lists)}))
    draft = read_draft(tmp_path)
    assert "expected ','" in refused(tmp_path, draft, "inputs.war_cost", "changed", {"is": "uniform(1,2"})
    after = decide(tmp_path, draft, "inputs.war_cost", "changed", "Ada", TODAY, {"is": "triangular(1,2,3)"})
    assert [fault.record for fault in after.faults] == ["stakes.north.face"]
    back = decide(tmp_path, after, "stakes.north.face", "changed", "Ada", TODAY, {"pays": "-war_cost * war"})
    assert back.faults == ()


@pytest.mark.parametrize(
    ("record", "verdict", "change"),
    [
        ("actors.north", "accepted", None),
        ("actors.north", "not said", None),
        ("inputs.war_cost", "changed", {"is": 3}),
        ("moves.answer", "rejected", None),
        ("actors.north", "rejected", None),
        ("inputs.low_odds", "rejected", None),
    ],
)
def test_undo_brings_back_the_brief_the_quotes_and_the_bytes_of_the_crisis_file(
    tmp_path: Path, record: str, verdict: Verdict, change: dict[str, Any] | None
) -> None:
    draft = draft_in(tmp_path)
    text, _ = files(tmp_path)
    decide(tmp_path, draft, record, verdict, "Ada", TODAY, change)
    with pytest.raises(UsageError, match=r"the last decision is by Ada \(.*\), who takes it back"):
        undo(tmp_path, "Bo", TODAY)
    back = undo(tmp_path, "Ada", "2031-03-10")
    assert (back.brief, back.quotes, back.standing.read) == (draft.brief, draft.quotes, 0)
    assert files(tmp_path)[0] == text
    assert [(one.verdict, one.by) for one in back.decisions] == [(verdict, "Ada"), ("taken back", "Ada")]
    with pytest.raises(UsageError, match="there is no decision to take back"):
        undo(tmp_path, "Ada", "2031-03-10")


def test_undo_again_takes_back_the_decision_before(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    for record in ("actors.north", "actors.south"):
        draft = decide(tmp_path, draft, record, "not said", "Ada", TODAY)
    undo(tmp_path, "Ada", TODAY)
    back = undo(tmp_path, "Ada", TODAY)
    assert (back.in_force, len(back.decisions)) == ((), 4)
    assert back.checks["actors.north"].found


def test_a_crisis_file_changed_by_hand_is_never_overwritten_but_records_can_be_accepted(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    draft = decide(tmp_path, draft, "actors.south", "not said", "Ada", TODAY)
    with (tmp_path / CRISIS).open("a", encoding="utf-8") as file:
        file.write("# my own remark\n")
    for verdict, change in (("changed", {"is": 3}), ("rejected", None)):
        said = refused(tmp_path, draft, "inputs.war_cost", verdict, change)  # type: ignore[arg-type]
        assert "crisis.yaml was changed by hand" in said
        assert "move the file to another name" in said
    assert "changed by hand" in refused(tmp_path, draft, "actors.north", "not said")
    with pytest.raises(UsageError, match="changed by hand"):
        undo(tmp_path, "Ada", TODAY)
    after = decide(tmp_path, draft, "actors.north", "accepted", "Ada", TODAY)
    assert after.standing.read == 2
    assert files(tmp_path)[0].endswith("# my own remark\n")
    (tmp_path / CRISIS).rename(tmp_path / "mine.yaml")
    decide(tmp_path, after, "inputs.war_cost", "changed", "Ada", TODAY, {"is": 3})
    assert "is: '3'" in files(tmp_path)[0].replace('"', "'")


def test_a_decision_of_another_person_on_another_record_stays(tmp_path: Path) -> None:
    seen = draft_in(tmp_path)
    decide(tmp_path, seen, "actors.north", "not said", "Ada", TODAY)
    after = decide(tmp_path, seen, "inputs.war_cost", "changed", "Bo", TODAY, {"is": 3})  # Bo saw an older draft
    assert [one.by for one in after.decisions] == ["Ada", "Bo"]
    assert claims_of(after.brief)["actors.north"].ours


def test_a_record_that_another_person_decided_on_meanwhile_must_be_looked_at_again(tmp_path: Path) -> None:
    seen = draft_in(tmp_path)
    decide(tmp_path, seen, "actors.north", "accepted", "Ada", TODAY)
    assert "actors.north was decided meanwhile (accepted by Ada)" in refused(tmp_path, seen, "actors.north", "not said")
    decide(tmp_path, seen, "moves.word", "rejected", "Ada", TODAY)
    assert "options.word.sent was taken out meanwhile" in refused(tmp_path, seen, "options.word.sent", "accepted")


def test_two_people_at_once_lose_no_decision(tmp_path: Path) -> None:
    seen = draft_in(tmp_path)
    ids = list(claims_of(seen.brief))[:20]
    failed: list[BaseException] = []

    def person(name: str, mine: list[str]) -> None:
        try:
            for id_ in mine:
                decide(tmp_path, seen, id_, "accepted", name, TODAY)
        except BaseException as error:
            failed.append(error)

    people = [threading.Thread(target=person, args=(f"p{n}", ids[n::2])) for n in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert failed == []
    assert sorted(read_draft(tmp_path).decided) == sorted(ids)


def test_what_is_not_there_is_refused_with_the_nearest_record(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    said = refused(tmp_path, draft, "actors.nort", "accepted")
    assert said == "there is no record 'actors.nort'; did you mean 'actors.north'?"
    with pytest.raises(UsageError, match="a decision has a name"):
        decide(tmp_path, draft, "actors.north", "accepted", " ", TODAY)


def test_a_draft_that_is_not_done_is_not_reviewed(tmp_path: Path) -> None:
    draft = draft_in(tmp_path, stage="sense")
    assert "the draft is not done" in refused(tmp_path, draft, "actors.north", "accepted")


def test_a_fault_of_a_record_with_a_long_name_is_kept_and_told(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    long = LeverAct(lever="mediation", act="set", on="war_cost", value=f"nowhere{' + 1' * 100}")
    faulty = draft.brief.model_copy(update={"lever_acts": (*draft.brief.lever_acts[2:], long)})
    write_draft(tmp_path, draft.model_copy(update={"brief": faulty}))
    after = decide(tmp_path, draft, "inputs.war_cost", "changed", "Ada", TODAY, {"is": 3})
    assert after.faults[0].record.startswith("lever_acts.mediation.set.war_cost.nowhere + 1")
    assert "nowhere" in after.faults[0].message
    assert read_draft(tmp_path) == after


def test_a_lock_that_is_a_link_empties_no_file(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    (tmp_path / LOCK).symlink_to(tmp_path / "precious")
    with pytest.raises(OfframpError, match="it is a link"):
        decide(tmp_path, draft, "actors.north", "accepted", "Ada", TODAY)
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"


def test_a_sidecar_whose_kept_entries_are_nonsense_is_refused_without_a_traceback(tmp_path: Path) -> None:
    draft = draft_in(tmp_path)
    decide(tmp_path, draft, "inputs.war_cost", "changed", "Ada", TODAY, {"is": 3})
    content = json.loads((tmp_path / SIDECAR).read_text(encoding="utf-8"))
    for kind, place, entry in (("inputs", 900, {}), ("title", 0, {}), ("inputs", 0, {"key": 1})):
        content["decisions"][-1]["was"] = [{"kind": kind, "place": place, "removed": False, "entry": entry}]
        (tmp_path / SIDECAR).write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(OfframpError, match=r"cannot take back the decision on inputs\.war_cost"):
            undo(tmp_path, "Ada", TODAY)
