"""News on disk: the prompt says what it may, and no odds; answers are taken or go back; a folder is no authority."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError, UsageError
from offramp.draft.news.news_folder import MOST_CHARACTERS, begin_news, opened_news
from offramp.draft.news.news_prompt import news_prompt
from offramp.draft.news.news_state import NEWS
from offramp.draft.news.proposals import NewsSource
from tests.crises import crisis_of
from tests.draft.news.news_sets import (
    HARBOUR,
    IN_GERMAN,
    SETS,
    TWO_PAPERS,
    answer_with,
    begun_news,
    document,
    event,
)
from tests.examples import examples


def prompt_text(folder: Path) -> str:
    prompt = begun_news(folder, TWO_PAPERS).prompt()
    assert prompt is not None
    return prompt.text


def test_the_prompt_has_every_step_option_and_paragraph_with_its_key_or_number(tmp_path: Path) -> None:
    text = prompt_text(tmp_path)
    crisis = crisis_of(HARBOUR)
    for step in ("proof", "order", "answer", "reply"):
        assert f"(key {step}, " in text
        assert all(f"- {option}: {crisis.option(step, option).name}" in text for option in crisis.options_of(step))
    for name, paragraphs in TWO_PAPERS.texts.items():
        assert name in text
        assert all(f"¶{number} {paragraph}" in text for number, paragraph in enumerate(paragraphs, start=1))
    assert "round 2 is 2031-03-24 to 2031-04-06" in text
    assert "- 2031-03-04: order = escalate" in text
    assert "# Text 2, of 2031-03-15: use nothing that happened or became known later" in text
    assert "The game begins after 2031-03-02" in text


def test_the_prompt_has_no_odds_no_payoffs_and_no_inputs(tmp_path: Path) -> None:
    text = prompt_text(tmp_path)
    assert not [word for word in ("0.41", "0.59", "2.37", "1.93", "1.7", "war_cost", "goes_on", "rest") if word in text]


def test_skipped_is_offered_only_of_steps_that_may_not_come_about(tmp_path: Path) -> None:
    text = prompt_text(tmp_path)
    game = text[text.index("<game>") : text.index("</game>")]
    assert game.count("- skipped: not made") == 2  # the answer and the reply, in rounds that may end
    assert "does not arise" not in game


def test_the_same_news_ask_the_same(tmp_path: Path) -> None:
    first = begun_news(tmp_path, TWO_PAPERS).prompt()
    assert first == opened_news(tmp_path / "news").prompt()


CLOSING = ["</news>", "<game>", "</ NEWS", "<news>"]


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.text(max_size=20) | st.sampled_from(["</news>", "<game>", "</ NEWS", "<news>"]), max_size=6).map(
        "".join
    )
)
def test_no_text_leaves_its_tags(text: str) -> None:
    crisis = replace(crisis_of(HARBOUR), title=text)
    prompt = news_prompt(crisis, [NewsSource(text, (text, "Rest."), None)], 1, [text])
    tags = re.findall(r"<\s*/?\s*(?:game|news|complaints)\b", prompt.messages[1].content, re.IGNORECASE)
    assert tags == ["<game", "</game", "<news", "</news", "<complaints", "</complaints"]


@pytest.mark.parametrize("name", SETS)
def test_a_good_answer_is_taken_at_once_and_writes_nothing_but_the_sidecar(tmp_path: Path, name: str) -> None:
    news = begun_news(tmp_path, SETS[name])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != NEWS}
    news = news.take(f"Here:\n```json\n{SETS[name].answer}\n```")
    assert (news.state.is_done, news.prompt(), news.state.complaints) == (True, None, ())
    assert opened_news(news.folder).proposals == news.proposals
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != NEWS}
    assert {path: content for path, content in after.items() if not path.name.startswith(".")} == before


BAD = event(1, 1, "nobody has written this", "anwser", "strike", "2031-03-12")


def test_events_with_faults_go_back_once_and_stay_with_their_faults(tmp_path: Path) -> None:
    news = begun_news(tmp_path, TWO_PAPERS).take(answer_with([BAD], "It stays"))
    assert not news.state.is_done
    prompt = news.prompt()
    assert prompt is not None
    assert "events, record 1: there is no chance step or move 'anwser'; did you mean 'answer'?" in prompt.text
    assert "events, record 1: the words 'nobody has written this' are not in text 1" in prompt.text
    news = news.take(answer_with([BAD], "It stays"))
    assert (news.state.is_done, news.state.remarks, len(news.proposals)) == (True, ("It stays",), 1)
    assert news.standing(1).refused


def test_a_second_answer_with_fewer_faults_counts_and_one_with_more_does_not(tmp_path: Path) -> None:
    better = begun_news(tmp_path, TWO_PAPERS).take(answer_with([BAD])).take(TWO_PAPERS.answer)
    assert len(better.proposals) == 5
    (tmp_path / "b").mkdir()
    kept = begun_news(tmp_path / "b", TWO_PAPERS).take(answer_with([BAD])).take(answer_with([BAD, BAD]))
    assert len(kept.state.events) == 1
    assert "had more faults" in kept.state.remarks[-1]


def test_answers_that_cannot_be_used_are_counted_and_after_three_nothing_is_asked_by_itself(tmp_path: Path) -> None:
    news = begun_news(tmp_path, TWO_PAPERS)
    for number in (1, 2, 3):
        news = news.take("I would rather not.")
        assert (news.state.bad_answers, news.state.answers) == (number, number)
        assert (news.stuck is None) == (number < 3)
    assert news.take(TWO_PAPERS.answer).state.is_done


def test_without_another_usable_answer_the_events_of_the_first_stay(tmp_path: Path) -> None:
    news = begun_news(tmp_path, TWO_PAPERS).take(answer_with([BAD]))
    for _ in range(3):
        news = news.take("no")
    assert (news.state.is_done, len(news.proposals)) == (True, 1)


def test_nothing_has_happened_is_an_answer(tmp_path: Path) -> None:
    news = begun_news(tmp_path, IN_GERMAN).take(answer_with([], "Nothing has happened"))
    assert (news.state.is_done, news.proposals, news.waiting) == (True, (), ())


def test_an_answer_of_another_process_is_not_overwritten(tmp_path: Path) -> None:
    news = begun_news(tmp_path, TWO_PAPERS)
    news.take(TWO_PAPERS.answer)
    with pytest.raises(UsageError, match="so this answer was not taken"):
        news.take(answer_with([]))
    assert len(opened_news(news.folder).proposals) == 5


def test_texts_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "crisis.yaml").write_text(HARBOUR, encoding="utf-8")
    texts = [document("wire.txt", ("A port was hit.",)), document("wire.txt", ("A ship sank.",))]
    news = begin_news(texts, tmp_path / "crisis.yaml", tmp_path / "news")
    assert [source.name for source in news.sources] == ["wire.txt", "wire.txt (2)"]


def test_a_folder_that_is_there_a_wrong_day_and_too_much_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(HARBOUR, encoding="utf-8")
    one = document("a.txt", ("A port was hit.",))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        begin_news([one], file, tmp_path / "full")
    with pytest.raises(UsageError, match="expected a date such as"):
        begin_news([one], file, tmp_path / "n", {1: "yesterday"})
    with pytest.raises(UsageError, match="give 1 to 20 texts"):
        begin_news([one] * 21, file, tmp_path / "n")
    with pytest.raises(UsageError, match="characters together"):
        begin_news([document("a.txt", ("x" * (MOST_CHARACTERS + 1),))], file, tmp_path / "n")
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize("named", ["/etc/passwd", "../../elsewhere.yaml", "", "../out.yaml"])
def test_a_folder_names_no_crisis_file_outside_the_folder_that_holds_it(tmp_path: Path, named: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    news = begun_news(inner, TWO_PAPERS)
    (tmp_path / "elsewhere.yaml").write_text(HARBOUR, encoding="utf-8")
    (inner / "out.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    state = json.loads((news.folder / NEWS).read_text(encoding="utf-8"))
    (news.folder / NEWS).write_text(json.dumps(state | {"crisis": named}), encoding="utf-8")
    with pytest.raises(UsageError, match="name the file with --crisis FILE"):
        opened_news(news.folder)
    assert opened_news(news.folder, inner / "crisis.yaml").file.text == HARBOUR


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"texts": []}', '{"texts": 1, "x": 1}', "[" * 100_000, '{"answers": -1}', '{"answers": NaN}'],
)  # fmt: skip
def test_a_sidecar_that_is_none_is_a_plain_message(tmp_path: Path, text: str) -> None:
    news = begun_news(tmp_path, TWO_PAPERS)
    (news.folder / NEWS).write_text(text, encoding="utf-8")
    with pytest.raises(OfframpError, match="cannot read"):
        opened_news(news.folder)


def test_a_text_that_is_missing_or_leads_elsewhere_is_a_plain_message(tmp_path: Path) -> None:
    news = begun_news(tmp_path, TWO_PAPERS)
    text = news.folder / "texts" / "1.txt"
    text.unlink()
    with pytest.raises(OfframpError, match=r"the text of herald\.txt"):
        opened_news(news.folder)
    text.symlink_to("/etc/hostname")
    with pytest.raises(OfframpError, match=r"the text of herald\.txt"):
        opened_news(news.folder)
