"""A proposal against a crisis file: known already, contradicted, impossible, or the line that it would add."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.editor.observing import MAX_NOTE
from offramp.draft.news.observable import CrisisOnDisk, EventStanding, crisis_text, note_of, standing_of, with_event
from offramp.draft.news.proposals import Proposal, Support
from offramp.draft.quotes import QuoteCheck
from tests.draft.news.news_sets import HARBOUR

FILE = CrisisOnDisk(Path("crisis.yaml"), HARBOUR)
QUOTE = "a port was struck"


def support(name: str = "herald.txt", paragraph: int | None = 3, quote: str = QUOTE, **more: Any) -> Support:
    state = "failed" if paragraph is None else "exact"
    return Support(1, name, "why", quote, QuoteCheck(state, paragraph, 0, 5, quote if paragraph else ""), **more)


def proposal(position: str, value: str, date: str, *supports: Support, **more: Any) -> Proposal:
    return Proposal(1, position, value, date, supports or (support(),), **more)


def standing(position: str, value: str, date: str, text: str = HARBOUR) -> EventStanding:
    return standing_of(CrisisOnDisk(Path("crisis.yaml"), text), proposal(position, value, date))


def test_what_the_file_would_say_is_the_line_that_a_yes_adds() -> None:
    one = proposal("answer@1", "strike", "2031-03-12")
    line = "{date: 2031-03-12, round: 1, answer: strike}  # herald.txt ¶3: “a port was struck”"
    assert standing_of(FILE, one) == EventStanding(line)
    assert with_event(FILE, one) == f"{HARBOUR}  - {line}\n"


@pytest.mark.parametrize("observed", ["observed: []\n", "observed: [{date: 2031-03-02, order: escalate}]\n", ""])
def test_the_line_is_shown_as_it_is_however_the_list_is_written(observed: str) -> None:
    text = HARBOUR[: HARBOUR.index("observed:")] + observed
    found = standing("answer@1", "strike", "2031-03-12", text)
    assert found.line == "{date: 2031-03-12, round: 1, answer: strike}  # herald.txt ¶3: “a port was struck”"


def test_the_line_is_shown_as_it_is_between_events_that_begin_as_it_does() -> None:
    text = HARBOUR.replace("order: escalate}", "order: escalate}\n  - {date: 2031-03-12, proof: there}")
    found = standing("answer@1", "strike", "2031-03-12", text)
    assert found.line == "{date: 2031-03-12, round: 1, answer: strike}  # herald.txt ¶3: “a port was struck”"


def test_what_is_observed_already_is_marked_and_not_written_again() -> None:
    found = standing("order", "escalate", "2031-03-04")
    known = "line 27: on 2031-03-04, Northland's order: an escalation"
    assert (found.same, found.known, found.line) == (True, known, "")
    with pytest.raises(UsageError, match="the file says it already, line 27"):
        with_event(FILE, proposal("order", "escalate", "2031-03-04"))


def test_the_same_value_on_another_day_and_one_of_several_are_no_more_than_that() -> None:
    assert standing("order", "escalate", "2031-03-05").refused.startswith(
        "the file says it already, but of another day"
    )
    several = HARBOUR.replace("order: escalate}", "order: [escalate, wait]}")
    assert standing("order", "wait", "2031-03-04", several).refused.startswith(
        "the file says that it was one of several"
    )
    assert not standing("order", "escalate", "2031-03-05").same


def test_another_value_than_the_file_has_contradicts_it() -> None:
    found = standing("order", "wait", "2031-03-04")
    assert (found.same, found.refused.partition(",")[0]) == (False, "the file says something else")
    assert found.to_dict()["contradicts_the_file"] == found.known


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (("answer@1", "strike", "2031-03-03"), "is observed on 2031-03-03, but 'order' comes before it"),
        (("reply@1", "skipped", "2031-03-12"), "observed 'reply' in round 1 = skipped cannot have happened"),
        (("reply@2", "absorb", "2031-03-25"), "observed 'reply' in round 2 = absorb cannot have happened"),
    ],
)  # fmt: skip
def test_an_event_that_the_timeline_cannot_hold_is_refused_with_the_reason(
    event: tuple[str, str, str], reason: str
) -> None:
    happened = "  - {date: 2031-03-12, round: 1, answer: strike}\n"
    text = HARBOUR + (happened if event[0] == "reply@1" else "")
    if event[0] == "reply@2":
        text += f"{happened}  - {{date: 2031-03-13, round: 1, reply: yield_}}\n"
    found = standing(*event, text)
    assert reason in found.refused
    with pytest.raises(UsageError, match="this was not written: "):
        with_event(CrisisOnDisk(Path("crisis.yaml"), text), proposal(*event))


def test_a_value_whose_odds_are_zero_cannot_be_observed() -> None:
    text = HARBOUR.replace("there: 0.41", "there: 0")
    assert "its odds are zero there" in standing("proof", "there", "2031-03-04", text).refused
    assert standing("proof", "lacking", "2031-03-04", text).refused == ""


@pytest.mark.parametrize(
    ("position", "date", "caution"),
    [
        ("answer@1", "2031-03-08", "before the days of that round (2031-03-10 to 2031-03-23)"),
        ("answer@1", "2031-03-25", "after the days of that round"),
        ("proof", "2031-03-01", "before `as_of` (2031-03-02)"),
    ],
)
def test_what_check_would_warn_of_is_said_beforehand(position: str, date: str, caution: str) -> None:
    found = standing(position, "there" if position == "proof" else "strike", date)
    assert found.refused == ""
    assert [caution in one for one in found.cautions] == [True]


def test_a_proposal_with_faults_or_without_a_step_is_never_written() -> None:
    for one in (proposal("", "", "2031-03-12"), proposal("answer@1", "strike", "2031-03-12", faults=("no",))):
        assert standing_of(FILE, one).refused
        with pytest.raises(UsageError, match="this was not written"):
            with_event(FILE, one)


def test_a_note_names_the_places_and_quotes_the_words_within_its_bound() -> None:
    supports = [support(), support("ledger.md", 1), support("late.txt", 2, fault="too late"), support("x.txt", None)]
    assert note_of(proposal("a", "b", "", *supports)) == "herald.txt ¶3, ledger.md ¶1: “a port was struck”"
    assert note_of(proposal("a", "b", "", support("x.txt", None))) == "x.txt, whose words were not found"
    many = [support(f"{'n' * 50}{number}.txt", 1, "word " * 90) for number in range(9)]
    long = note_of(proposal("a", "b", "", *many))
    assert len(long) <= MAX_NOTE
    assert long.endswith("…”")


@pytest.mark.parametrize("letter", ["\n", "\u2028", "\x1b", "\u202e", "\x85", "\xa0", "\u00ad"])
def test_no_letter_of_a_quote_or_name_breaks_the_line(letter: str) -> None:
    words = f"a port{letter}- {{date: 2031-03-13, round: 2, answer: pause}} # x"
    one = proposal("answer@1", "strike", "2031-03-12", support(f"he{letter}rald.txt", 3, words))
    after = with_event(FILE, one)
    assert len(after.splitlines()) == len(HARBOUR.splitlines()) + 1
    assert len(CrisisOnDisk(FILE.path, after).crisis.observed) == 2


def test_a_file_that_is_no_crisis_file_is_a_plain_message(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9\n")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    for name in ("latin.yaml", "none.yaml", "loop.yaml"):
        with pytest.raises(OfframpError, match="cannot read"):
            crisis_text(tmp_path / name)
    with pytest.raises(OfframpError, match=r" is a folder, and a file is expected here$"):
        crisis_text(tmp_path)
