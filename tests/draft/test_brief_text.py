"""A brief is written as a crisis file: every text reads back as it was, and each line knows its record."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.printable import printable
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.draft.brief_checks import brief_faults
from offramp.draft.brief_records import DraftBrief, claims_of, entries_of
from offramp.draft.brief_text import WrittenBrief, written_brief
from offramp.draft.quotes import verified_brief
from offramp.gambit.opening import compile_game
from tests.draft.briefs import EXPECTED, PARAGRAPHS, harbour
from tests.examples import examples

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(lambda text: text.split())
EXPRESSIONS = (
    ("steps", "happens_if"), ("steps", "becomes"), ("restrictions", "only_if"), ("inputs", "is"), ("odds", "odds"),
    ("odds", "when"), ("stakes", "pays"), ("endings", "if"), ("lets", "is"), ("options", "value"), ("levers", "cost"),
    ("lever_acts", "value"),
)  # fmt: skip


def written(values: dict[str, Any]) -> WrittenBrief:
    brief = DraftBrief.model_validate(values)
    assert brief_faults(brief) == ()
    return written_brief(brief, verified_brief(brief, PARAGRAPHS), "Note on the harbour", "2031-03-02")


def read_in(folder: Path, text: str) -> Crisis:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "account.txt").write_text("\n\n".join(PARAGRAPHS), encoding="utf-8")
    return read_text(text.encode(), str(folder / "crisis.yaml"))


def one_line(text: str) -> str:
    return " ".join(printable(text).split())


def test_every_kind_of_record_is_written_and_the_crisis_compiles(tmp_path: Path) -> None:
    crisis = read_in(tmp_path, written(harbour()).text)
    assert crisis.title == "Harbour incident"
    assert crisis.as_of == "2031-03-02"
    assert [ending.key for ending in crisis.endings] == ["war_comes", "joined", "calm"]
    assert crisis.avoided == ("war_comes",)
    assert set(crisis.levers) == {"mediation", "pact"}
    assert compile_game(crisis).size.nodes > 10
    reason = crisis.named["red_line"].reason
    assert reason.because == (
        "Only Southland knows it. It is hidden. Ours: As the input has it; The rest; Northland thinks it less likely"
    )


def test_what_is_ours_never_carries_a_cite_and_what_is_found_cites_its_paragraph() -> None:
    values = harbour()
    values["actors"][1] |= {"quote": "Southland has told all of its red line"}
    document = yaml.safe_load(written(values).text)
    parts = [*document["actors"].values(), *document["inputs"].values(), *document["endings"].values()]
    parts += [term for terms in document["payoffs"].values() for term in terms.values()]
    for part in parts:
        assert ("cite" in part) == (not part["because"].startswith("Ours"))
    assert document["actors"]["north"]["cite"] == "account ¶2"
    assert document["actors"]["south"] == {"name": "Southland", "because": "Ours: It has a red line"}
    assert document["inputs"]["hit_odds"]["cite"] == "account ¶2"  # the quote was said to be in another paragraph
    assert document["inputs"]["low_odds"]["because"].endswith("; the scale is ours")


def test_the_scale_of_payoffs_is_ours_whatever_a_quote_counts() -> None:
    values = harbour()
    values["stakes"][0] |= EXPECTED
    document = yaml.safe_load(written(values).text)
    assert document["payoffs"]["north"]["face"]["because"] == "It has promised; the scale is ours"
    assert document["payoffs"]["north"]["face"]["cite"] == "account ¶2"


@settings(max_examples=examples(100), deadline=None)
@given(TEXT, TEXT, TEXT)
def test_any_text_reads_back_as_it_was(title: str, name: str, says: str) -> None:
    values = harbour()
    values["title"] = title
    values["actors"][0] |= {"name": name, "wants": says}
    values["options"][0]["name"] = name
    values["endings"][0] |= {"name": name, "says": says}
    text = written(values).text
    document = yaml.safe_load(text)
    assert document["title"] == one_line(title)
    assert document["actors"]["north"]["name"] == one_line(name)
    assert document["actors"]["north"]["says"] == one_line(says)
    assert document["endings"]["war_comes"]["name"] == one_line(name)
    assert one_line(says).rstrip(". ").removeprefix("Ours:").strip() in document["endings"]["war_comes"]["because"]
    crisis = read_text(text.encode(), "crisis.yaml")
    assert crisis.actors["north"].name == one_line(name)
    assert crisis.option("word", "silent").name == one_line(name)


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(EXPRESSIONS), st.integers(0, 20))
def test_a_fault_in_a_record_is_found_in_a_line_of_this_record(place: tuple[str, str], number: int) -> None:
    kind, field = place
    values = harbour()
    entries = [entry for entry in values[kind] if entry.get(field)]
    entries[number % len(entries)][field] = "no_such_name +"
    found = written(values)
    brief = DraftBrief.model_validate(values)
    at = {id(entry): id_ for (id_, _), entry in zip(entries_of(brief), all_entries(values), strict=True)}
    with pytest.raises(CrisisError) as error:
        read_text(found.text.encode(), "crisis.yaml")
    named = {found.record_at[fault.place.line - 1] for fault in error.value.faults}
    assert at[id(entries[number % len(entries)])] in named


def all_entries(values: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = [name for name in DraftBrief.model_fields if name not in ("title", "summary", "rounds")]
    return [entry for kind in kinds for entry in values.get(kind, [])]


def test_equal_briefs_give_equal_bytes_and_every_claim_is_in_the_file() -> None:
    first, again = written(harbour()), written(copy.deepcopy(harbour()))
    assert first == again
    assert len(first.record_at) == len(first.text.splitlines())
    for id_, record in claims_of(DraftBrief.model_validate(harbour())).items():
        if not id_.startswith("left_out"):
            assert record.says in first.text, id_


@pytest.mark.parametrize(
    ("kind", "number", "change", "id_", "message"),
    [
        ("actors", 1, {"key": "north"}, "actors.north", "another record of this kind has the same key"),
        ("moves", 0, {"by": "east"}, "moves.word", "there is no actor 'east'"),
        ("moves", 0, {"key": "other"}, "moves.other", "it has no options"),
        ("options", 0, {"of": "nothing"}, "options.nothing.silent", "there is no move or unknown 'nothing'"),
        ("steps", 1, {"key": "nothing"}, "steps.nothing", "there is no move 'nothing'"),
        ("steps", 2, {"of": ""}, "steps.word_told", "a tell needs `of`, the step that is told, and `to`"),
        (
            "steps",
            2,
            {"of": "word # to: all"},
            "steps.word_told",
            "`of` is no key; give the key of the step that is told",
        ),
        ("steps", 7, {"start": ""}, "steps.war", "a state needs `start` and `becomes`"),
        ("steps", 0, {"in_rounds": True}, "steps.red_line", "the steps with `in_rounds` must be neighbours"),
        ("restrictions", 0, {"only_if": ""}, "restrictions.answer.staged", "give `only_if` or `closed`"),
        ("odds", 0, {"step": "nothing"}, "odds.low", "there is no unknown 'nothing'"),
        ("odds", 2, {"believed_by": "east"}, "odds.feared", "there is no actor 'east'"),
        ("stakes", 0, {"actor": "east"}, "stakes.east.face", "there is no actor 'east'"),
        ("lever_acts", 0, {"lever": "x"}, "lever_acts.x.allow.reply.truce", "there is no lever 'x'"),
    ],
)
def test_a_part_that_is_not_there_is_named(
    kind: str, number: int, change: dict[str, Any], id_: str, message: str
) -> None:
    values = harbour()
    values[kind][number] |= change
    assert (id_, message) in {(fault.id, fault.message) for fault in brief_faults(DraftBrief.model_validate(values))}


@pytest.mark.parametrize(
    "change",
    [
        {"file": "/etc/passwd"},
        {"key": "north: {x"},
        {"key": "otherwise"},
        {"key": "n" * 65},
        {"name": "n" * 121},
        {"says": ""},
        {"ours": True},
        {"quote": ""},
        {"para": None},
        {"para": 0},
        {"name": ["a"]},
        {"name": True},
    ],
)
def test_a_record_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    values = harbour()
    values["actors"][0] |= change
    with pytest.raises(ValueError, match="actors"):
        DraftBrief.model_validate(values)
