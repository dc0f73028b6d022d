"""Only a person's yes writes an event; nothing that changed meanwhile is overwritten, and a yes can be taken back."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.draft.news import news_decisions
from offramp.draft.news.news_decisions import reject, undo, write_event
from offramp.draft.news.news_folder import News, opened_news
from offramp.draft.news.news_state import NEWS
from tests.draft.news.news_sets import DISAGREE, HARBOUR, TWO_PAPERS, NewsSet, begun_news

TODAY = "2031-03-16"
STRIKE = "  - {date: 2031-03-12, round: 1, answer: strike}  # herald.txt ¶3: “a port in the south was struck”\n"


def answered(folder: Path, one: NewsSet = TWO_PAPERS) -> News:
    return begun_news(folder, one).take(one.answer)


def crisis_in(folder: Path) -> str:
    return (folder / "crisis.yaml").read_bytes().decode()


def test_a_yes_writes_one_line_and_keeps_who_decided(tmp_path: Path) -> None:
    news = answered(tmp_path)
    assert news.waiting == (2, 3, 4, 5)
    news = write_event(news, 2, "Ada", TODAY)
    assert crisis_in(tmp_path) == HARBOUR + STRIKE
    assert news.waiting == (3, 4, 5)
    (decision,) = news.state.in_force
    assert (decision.number, decision.verdict, decision.by, decision.date) == (2, "written", "Ada", TODAY)
    again = opened_news(tmp_path / "news")
    assert (again.state, again.file.text) == (news.state, news.file.text)


def test_a_no_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    news = reject(answered(tmp_path), 2, "Ada", TODAY)
    assert crisis_in(tmp_path) == HARBOUR
    assert news.waiting == (3, 4, 5)
    with pytest.raises(UsageError, match="proposal 2 is decided: rejected"):
        write_event(news, 2, "Ada", TODAY)


def test_a_yes_that_makes_the_history_impossible_is_refused(tmp_path: Path) -> None:
    news = reject(answered(tmp_path), 2, "Ada", TODAY)
    text = crisis_in(tmp_path) + "  - {date: 2031-03-12, round: 1, answer: pause}\n"
    (tmp_path / "crisis.yaml").write_text(text, encoding="utf-8")
    news = opened_news(tmp_path / "news")
    with pytest.raises(UsageError, match="cannot have happened after what was observed before it: no history has it"):
        write_event(news, 4, "Ada", TODAY)
    assert crisis_in(tmp_path) == text
    assert len(opened_news(tmp_path / "news").state.decisions) == 1


def test_after_a_yes_a_text_that_disagrees_is_refused(tmp_path: Path) -> None:
    text = HARBOUR + "  - {date: 2031-03-12, round: 1, answer: strike}\n"
    news = begun_news(tmp_path, DISAGREE, text).take(DISAGREE.answer)
    assert news.waiting == (1, 2)
    news = write_event(news, 1, "Ada", TODAY)
    assert news.waiting == (2,)
    with pytest.raises(UsageError, match="the file says something else, line 29: on 2031-03-14"):
        write_event(news, 2, "Ada", TODAY)


def test_a_file_that_was_edited_meanwhile_is_not_written_until_it_was_looked_at_again(tmp_path: Path) -> None:
    news = answered(tmp_path)
    edited = HARBOUR.replace("0.41", "0.43")
    (tmp_path / "crisis.yaml").write_text(edited, encoding="utf-8")
    with pytest.raises(UsageError, match="changed since you saw this, so nothing was written"):
        write_event(news, 2, "Ada", TODAY)
    assert crisis_in(tmp_path) == edited
    assert opened_news(tmp_path / "news").state.decisions == ()
    write_event(opened_news(tmp_path / "news"), 2, "Ada", TODAY)
    assert crisis_in(tmp_path) == edited + STRIKE


def test_a_decision_of_another_process_is_seen_first(tmp_path: Path) -> None:
    news = answered(tmp_path)
    write_event(news, 2, "Bo", TODAY)
    for decide in (write_event, reject):
        with pytest.raises(UsageError, match="another process has decided meanwhile"):
            decide(news, 3, "Ada", TODAY)


def test_a_yes_is_taken_back_to_the_byte(tmp_path: Path) -> None:
    news = write_event(write_event(answered(tmp_path), 2, "Ada", TODAY), 4, "Ada", TODAY)
    news = undo(news, "Ada", TODAY)
    assert crisis_in(tmp_path) == HARBOUR + STRIKE
    news = undo(news, "Ada", TODAY)
    assert crisis_in(tmp_path) == HARBOUR
    assert news.waiting == (2, 3, 4, 5)
    assert [decision.verdict for decision in news.state.decisions] == ["written", "written", "taken back", "taken back"]
    with pytest.raises(UsageError, match="there is no decision to take back"):
        undo(news, "Ada", TODAY)


@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_a_file_with_other_line_breaks_or_a_mark_at_its_start_keeps_them(tmp_path: Path, line: str) -> None:
    text = "\ufeff" + HARBOUR.replace("\n", line)
    news = begun_news(tmp_path, TWO_PAPERS)
    (tmp_path / "crisis.yaml").write_bytes(text.encode())
    news = write_event(opened_news(news.folder).take(TWO_PAPERS.answer), 2, "Ada", TODAY)
    assert crisis_in(tmp_path) == text + STRIKE.replace("\n", line)
    undo(news, "Ada", TODAY)
    assert crisis_in(tmp_path) == text


def test_a_yes_is_not_taken_back_from_a_file_that_was_edited_since(tmp_path: Path) -> None:
    news = write_event(answered(tmp_path), 2, "Ada", TODAY)
    edited = crisis_in(tmp_path).replace("answer: strike}", "answer: pause}")
    (tmp_path / "crisis.yaml").write_text(edited, encoding="utf-8")
    with pytest.raises(UsageError, match="take out its line under `observed` by hand"):
        undo(opened_news(news.folder), "Ada", TODAY)
    assert crisis_in(tmp_path) == edited


def test_no_sidecar_can_have_other_text_taken_out(tmp_path: Path) -> None:
    news = write_event(answered(tmp_path), 2, "Ada", TODAY)
    for at, length in ((0, 60), (len(HARBOUR) - 40, len(STRIKE) + 40), (10_000, 5)):
        forged = news.state.in_force[-1].model_copy(update={"at": at, "length": length})
        text = news.state.model_copy(update={"decisions": (forged,)}).model_dump_json(exclude_defaults=True)
        (news.folder / NEWS).write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match="by hand"):
            undo(opened_news(news.folder), "Ada", TODAY)
        assert crisis_in(tmp_path) == HARBOUR + STRIKE


def test_another_persons_decision_stays(tmp_path: Path) -> None:
    news = write_event(answered(tmp_path), 2, "Bo", TODAY)
    with pytest.raises(UsageError, match="the last decision is by Bo"):
        undo(news, "Ada", TODAY)
    with pytest.raises(UsageError, match="say who decides"):
        undo(news, "\n", TODAY)


def test_killed_after_the_file_was_written_the_event_is_known_and_not_written_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = answered(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(news_decisions, "_kept", killed)
        with pytest.raises(KeyboardInterrupt):
            write_event(news, 2, "Ada", TODAY)
    again = opened_news(news.folder)
    assert again.file.text == HARBOUR + STRIKE
    assert again.waiting == (3, 4, 5)
    assert again.standing(2).same


def test_the_permissions_of_the_file_stay_and_a_link_to_it_stays_a_link(tmp_path: Path) -> None:
    news = answered(tmp_path)
    real = tmp_path / "crisis.yaml"
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    write_event(opened_news(news.folder, link), 2, "Ada", TODAY)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == HARBOUR + STRIKE
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_a_plain_message(tmp_path: Path) -> None:
    news = answered(tmp_path)
    (tmp_path / "crisis.yaml").chmod(0o440)
    with pytest.raises(OfframpError, match="cannot write"):
        write_event(news, 2, "Ada", TODAY)
    assert opened_news(news.folder).state.decisions == ()
