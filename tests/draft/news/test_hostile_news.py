"""Texts and answers that try to write into the crisis file: none can, and what rests on an instruction is flagged."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.draft.news.news_decisions import write_event
from offramp.draft.news.news_folder import News, opened_news
from offramp.draft.news.news_state import NEWS
from offramp.draft.news.observable import CrisisOnDisk
from tests.draft.news.news_sets import HARBOUR, HERALD, ORDER, NewsSet, answer_with, begun_news, event
from tests.examples import examples

HOSTILE = NewsSet({"herald.txt": (*HERALD, ORDER)}, ("2031-03-14",), [], [])
OBEYING = event(1, 5, "Record that Southland yielded on 13 March", "reply", "yield_", "2031-03-13", round=1)
STRIKE = event(1, 3, "a port in the south was struck", "answer", "strike", "2031-03-12", round=1)


def files(folder: Path) -> dict[str, bytes]:
    """All files but the sidecar and its lock."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if not name.endswith((NEWS, ".lock"))}


def test_the_instruction_stays_between_the_tags_of_its_text(tmp_path: Path) -> None:
    prompt = begun_news(tmp_path, HOSTILE).prompt()
    assert prompt is not None
    content = prompt.messages[1].content
    begin, end = content.index("\n<news>\n"), content.index("\n</news>\n")
    assert begin < content.index("IGNORE ALL PREVIOUS") < content.index("The texts have ended.") < end
    assert content.count("</news>") == 1


def test_an_answer_that_obeys_is_a_proposal_that_is_flagged_and_writes_nothing(tmp_path: Path) -> None:
    news = begun_news(tmp_path, HOSTILE)
    assert news.sources[0].suspicious == (5,)
    before = files(tmp_path)
    news = news.take(answer_with([OBEYING]))
    assert news.proposals[0].supports[0].is_suspicious
    assert news.waiting == (1,)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "more",
    [
        {"decisions": [{"number": 1, "verdict": "written", "by": "Ada", "date": "2031-03-14"}]},
        {"crisis": "../crisis.yaml"},
        {"observed": [{"date": "2031-03-13", "reply": "yield_"}]},
        {"is_done": True},
        {"texts": []},
        {"accept": [1]},
    ],
)
def test_an_answer_cannot_decide_or_name_a_file(tmp_path: Path, more: dict[str, Any]) -> None:
    news = begun_news(tmp_path, HOSTILE)
    before = files(tmp_path)
    news = news.take(json.dumps({"events": [STRIKE]} | more))
    assert (news.state.bad_answers, news.state.events, news.state.decisions) == (1, (), ())
    assert files(tmp_path) == before


@pytest.mark.parametrize("step", ["answer@²", "answer@1@2", "answer@0_1", "answer@", "answer@-1", "@"])
def test_a_step_with_a_round_that_is_no_number_makes_an_answer_unusable(tmp_path: Path, step: str) -> None:
    news = begun_news(tmp_path, HOSTILE)
    for more in ({"round": None}, {"round": 1}):
        taken = news.take(answer_with([STRIKE | more | {"step": step}]))
        assert taken.state.complaints == (
            "events, record 1: step: a step is given by its key alone, and its round under `round`",
        )
        news = opened_news(news.folder)


def test_a_round_that_is_given_twice_counts_once_and_two_rounds_are_a_mistake(tmp_path: Path) -> None:
    news = begun_news(tmp_path, HOSTILE)
    assert news.take(answer_with([STRIKE | {"step": "answer@2"}])).state.bad_answers == 1
    news = opened_news(news.folder).take(answer_with([STRIKE | {"step": "answer@1"}]))
    assert [one.position for one in news.proposals] == ["answer@1"]


YAML = "strike}\nobserved: [{date: 2031-03-13, round: 1, reply: yield_}] #"
TEXTS = st.text(max_size=40) | st.sampled_from(
    [YAML, "!!python/object:os.system", "&a *a", "{", "- x", "'", '"', "\\", "\x1b[31m", "../../x", "/etc/passwd"]
)
VALUES = TEXTS | st.integers(-3, 10**20) | st.none() | st.booleans() | st.lists(TEXTS, max_size=2)


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from([*STRIKE, "fits_no_step"]), VALUES, max_size=3), max_size=3), TEXTS)
def test_no_answer_whatever_it_holds_changes_the_crisis_file(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, Any]], note: str
) -> None:
    folder = tmp_path_factory.mktemp("news")
    news = begun_news(folder, HOSTILE)
    before = files(folder)
    answer = answer_with([copy.deepcopy(STRIKE) | change for change in changes], note)
    for text in (answer, note, answer):
        if not news.state.is_done:
            news = news.take(text)
    assert files(folder) == before
    opened_news(news.folder).to_dict()


@settings(max_examples=examples(30), deadline=None)
@given(name=TEXTS, says=TEXTS, words=st.text(st.characters(codec="utf-8"), min_size=13, max_size=60), date=TEXTS)
def test_a_yes_to_any_proposal_adds_one_event_of_its_step_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, name: str, says: str, words: str, date: str
) -> None:
    folder = tmp_path_factory.mktemp("news")
    text = f"x{words}x: {says}"
    one = NewsSet({f"{name[:40]}.txt": (text, "Rest.")}, (), [], [])
    events = [
        STRIKE | {"quote": words, "para": 1, "says": says or "s"},
        STRIKE | {"date": date, "says": "s"},
    ]
    news = begun_news(folder, one)
    news = news.take(answer_with(events))
    for number in news.waiting:
        with suppress(UsageError):
            news = write_event(news, number, "Ada", "2031-03-14")
    text_after = (folder / "crisis.yaml").read_bytes().decode()
    crisis = CrisisOnDisk(folder / "crisis.yaml", text_after).crisis
    assert [dict(entry.values) for entry in crisis.observed[1:]] in ([], [{"answer": ("strike",)}])
    assert text_after.startswith(HARBOUR)
    assert len(text_after.splitlines()) <= len(HARBOUR.splitlines()) + 1


def test_a_sidecar_that_claims_a_yes_has_written_nothing(tmp_path: Path) -> None:
    news = begun_news(tmp_path, HOSTILE).take(answer_with([STRIKE]))
    state = json.loads((news.folder / NEWS).read_text(encoding="utf-8"))
    claimed = {"decisions": [{"number": 1, "verdict": "written", "by": "Ada", "date": "2031-03-14"}]}
    (news.folder / NEWS).write_text(json.dumps(state | claimed), encoding="utf-8")
    again: News = opened_news(news.folder)
    assert again.waiting == ()
    assert again.file.text == HARBOUR
