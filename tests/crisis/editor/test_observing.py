"""Writing an event into the file adds one entry to `observed` and changes no other byte."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.editor.observing import add_observed
from offramp.crisis.model import Crisis
from tests.app.served import SMALL
from tests.crises import crisis_of, crisis_texts
from tests.crisis.editor.test_rewriting import content_of
from tests.crisis.editor.texts import TEXT
from tests.examples import examples

Event = dict[str, str]
START = date(2031, 3, 2)


def flow(event: Event) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in event.items()) + "}"


def block(event: Event, indent: str, comment: str) -> str:
    rows = [f"{key}: {value}{comment}" for key, value in event.items()]
    return f"{indent}- " + f"\n{indent}  ".join(rows) + "\n"


def section(events: list[Event], style: str, comment: str) -> str:
    """The section `observed` in one of the styles in which people write it."""
    match style:
        case "flow":
            return f"observed: [{', '.join(map(flow, events))}]{comment}\n"
        case "flow on lines":
            return "observed: [\n" + "".join(f"  {flow(event)},{comment}\n" for event in events) + "]\n"
        case "block":
            return f"observed:{comment}\n" + "".join(f"  - {flow(event)}{comment}\n" for event in events)
        case "block in blocks":
            return "observed:\n" + "".join(f"{comment}\n{block(event, '    ', comment)}" for event in events)
        case _:
            return "observed:\n" + "".join(block(event, "", comment) for event in events)


def event_of(at: tuple[str, int], value: str, day: int) -> Event:
    step, number = at
    return {"date": str(START + timedelta(day))} | ({"round": str(number)} if number else {}) | {step: value}


@st.composite
def histories(draw: Any, crisis: Crisis) -> list[tuple[tuple[str, int], str, int]]:
    """Some steps in the order of play, each with an option and the number of a day, which follows that order."""
    found, day = [], 0
    for group in crisis.positions:
        day += draw(st.integers(0, 2))
        for at in sorted(group):
            if draw(st.booleans()) or not found:
                found.append((at, draw(st.sampled_from(crisis.offered(*at))), day))
    return found


def seen(crisis: Crisis) -> list[tuple[str | None, int | None, dict[str, tuple[str, ...]]]]:
    return [(entry.date, entry.round, dict(entry.values)) for entry in crisis.observed]


def inserted(before: str, after: str) -> list[str]:
    """The texts of which one was put into the first text to get the second; none if more tells them apart."""
    length = len(after) - len(before)
    prefix = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(before))
    starts = (start for start in range(prefix + 1) if before[start:] == after[start + length :])
    return [after[start : start + length] for start in starts]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.data(),
    crisis_texts(most_histories=60),
    st.sampled_from(["flow", "flow on lines", "block", "block in blocks", "block without indent"]),
    st.sampled_from(["", "  # so: {said, [by]: x"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "as seen from # Tunis"]),
    st.booleans(),
)
def test_an_event_is_added_in_the_order_of_dates_and_no_other_byte_changes(
    data: Any, text: str, style: str, comment: str, end: str, note: str, first: bool
) -> None:
    events = data.draw(histories(crisis_of(text)))
    assume(events)
    at, value, day = events.pop(data.draw(st.integers(0, len(events) - 1)))
    if events or not style.startswith("block"):
        observed = section([event_of(*event) for event in events], style, comment)
        text = observed + text if first else text + observed
    text = text.replace("\n", end)
    new = event_of(at, value, day)
    position = f"{at[0]}@{at[1]}" if at[1] else at[0]

    after = add_observed(text, "crisis.yaml", position, value, new["date"], note)

    added = inserted(text, after)
    assert any(flow(new) in one and note in one for one in added)
    assert end == "\n" or not re.search(r"(?<!\r)\n", after)
    before, crisis = crisis_of(text), crisis_of(after)
    expected = seen(before)
    place = sum(entry.date <= new["date"] for entry in before.observed if entry.date)
    expected.insert(place, (new["date"], at[1] or None, {at[0]: (value,)}))
    assert seen(crisis) == expected
    bare = {"observed": None}
    assert content_of(crisis, but="") | bare == content_of(before, but="") | bare


def test_two_events_of_a_day_stand_in_the_order_in_which_they_were_written() -> None:
    after = add_observed(SMALL, "small.yaml", "answer", "strike", "2031-03-09")
    after = add_observed(after, "small.yaml", "reply", "absorb", "2031-03-09", "said at noon")
    assert after == SMALL + (
        "observed:\n  - {date: 2031-03-09, answer: strike}\n  - {date: 2031-03-09, reply: absorb}  # said at noon\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("observed: []", "observed: [{NEW}]"),
        ("observed: [ ]  # none", "observed: [ {NEW}]  # none"),
        ("observed: [{OLD},]", "observed: [{OLD}, {NEW},]"),
        ("observed: &seen [{LATE}]", "observed: &seen [{NEW}, {LATE}]"),
        ("observed:\n  - {OLD}\n  # then", "observed:\n  - {OLD}\n  - {NEW}\n  # then"),
        ("observed:\n  # first\n  - {LATE}", "observed:\n  - {NEW}\n  # first\n  - {LATE}"),
        ("observed:\n\n- {OLD} # x\n\n", "observed:\n\n- {OLD} # x\n- {NEW}\n\n"),
        ("observed:\n  -\n    date: 2031-03-01\n    answer: 'hold' # x", None),
        ("observed:\n  - date: |-\n      2031-03-01\n    answer: hold\n", None),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_line_ends_and_styles_are_kept(before: str, after: str | None, end: str, mark: str) -> None:
    after = after or before.rstrip("\n") + "\n  - {NEW}" + ("\n" if before.endswith("\n") else "")
    words = {"{OLD}": "{date: 2031-03-01, answer: hold}", "{LATE}": "{date: 2031-03-30, reply: absorb}"}
    new = ("reply", "absorb") if "answer" in words["{OLD}"] and "LATE" not in before else ("answer", "hold")
    words["{NEW}"] = f"{{date: 2031-03-09, {new[0]}: {new[1]}}}"
    old, wanted = (mark + SMALL + text for text in (before, after))
    for word, entry in words.items():
        old, wanted = old.replace(word, entry), wanted.replace(word, entry)
    text, expected = old.replace("\n", end), wanted.replace("\n", end)
    assert add_observed(text, "small.yaml", *new, "2031-03-09") == expected


def test_a_first_event_gets_its_section_at_the_end_of_the_file() -> None:
    bare = TEXT[: TEXT.index("\nobserved:")].rstrip("\n")
    written = "observed:\n  - {date: 2024-08-25, round: 1, hezbollah_choice: join}"
    for text, begin, stop in ((bare, "\n\n", "\n"), (bare + "\n", "\n", "\n"), (bare + "\n\n", "", "\n")):
        after = add_observed(text, "crises/tehran-2024/crisis.yaml", "hezbollah_choice@1", "join", "2024-08-25")
        assert after == text + begin + written + stop
    for end in ("\r\n", "\r"):
        after = add_observed(SMALL.replace("\n", end), "small.yaml", "answer", "hold", "2031-03-09")
        assert after == (SMALL + "observed:\n  - {date: 2031-03-09, answer: hold}\n").replace("\n", end)
        apart = SMALL.replace("timeline:", "\ntimeline:")
        after = add_observed(apart.replace("\n", end), "small.yaml", "answer", "hold", "2031-03-09")
        assert after == (apart + "\nobserved:\n  - {date: 2031-03-09, answer: hold}\n").replace("\n", end)
    ended = SMALL + "...\n"
    assert add_observed(ended, "a.yaml", "answer", "hold", "2031-03-09").endswith("answer: hold}\n...\n")
    content = yaml.load(SMALL, Loader=yaml.BaseLoader)
    braces = yaml.safe_dump(content, default_flow_style=True, width=10_000, sort_keys=False).strip()
    after = add_observed(braces, "a.yaml", "answer", "hold", "2031-03-09", "why")
    assert after == braces[:-1] + ", observed: [{date: 2031-03-09, answer: hold}  # why\n  ]}"


@pytest.mark.parametrize(
    ("observed", "given", "message"),
    [
        (
            "[{date: 2031-03-02, answer: hold}]",
            ("answer", "hold", "2031-03-09"),
            "it already: on 2031-03-02, answer: hold",
        ),
        (
            "[{date: 2031-03-02, answer: hold}]",
            ("answer", "strike", "2031-03-09"),
            "line 16 of the file says something else",
        ),
        (
            "[{date: 2031-03-02, answer: [hold, strike]}]",
            ("answer", "hold", "2031-03-09"),
            "else: on 2031-03-02, answer: hold or strike",
        ),
        ("[{date: 2031-03-09, answer: hold}]", ("reply", "absorb", "2031-03-02"), "comes before it in the timeline"),
        (
            "[{date: 2031-03-02, reply: absorb}]",
            ("answer", "hold", "2031-03-09"),
            "is observed on 2031-03-02, but 'ans",
        ),
        ("[]", ("answer", "hold", "9 March"), "expected a date such as 2031-03-02, found '9 March'"),
        ("[]", ("answer", "hold", "2031-02-30"), "expected a date"),
        ("[]", ("answer@1", "hold", "2031-03-09"), "is not inside rounds"),
        ("[]", ("answer", "holt", "2031-03-09"), "did you mean 'hold'"),
        ("[]", ("answer", "hold}, x: {y: z", "2031-03-09"), "is not an option"),
        ("[]", ("anwser", "hold", "2031-03-09"), "did you mean 'answer'"),
        ("[]", ("answer", "hold", "2031-03-09", "one\nobserved: []"), "a note is one line"),
        ("[]", ("answer", "hold", "2031-03-09", "x" * 201), "at most 200 characters"),
        (
            "[{date: 2031-03-02, anwser: hold}]",
            ("reply", "absorb", "2031-03-09"),
            "has a mistake, so it was not changed",
        ),
        ("", ("answer", "hold", "2031-03-09"), "has a mistake, so it was not changed: line 16, expected a list"),
        ("\n  - &x {date: 2031-03-02, answer: hold}\n  - *x", ("reply", "absorb", "2031-03-09"), "observed already"),
        ("[{date: &d 2031-03-02, answer: hold}, {date: *d}]", ("reply", "absorb", "2031-03-09"), "by hand"),
        ("&s\n  - {date: 2031-03-02, answer: hold}", ("reply", "absorb", "2031-03-09"), "by hand"),
        ("\n  # \ud800\n  []", ("answer", "hold", "2031-03-09"), "UTF-8"),
    ],
)
def test_an_event_that_cannot_be_written_is_refused(observed: str, given: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        add_observed(SMALL + f"observed: {observed}\n", "small.yaml", *given)


def test_an_event_that_would_change_another_value_is_refused() -> None:
    ends_here = SMALL + "summary: |\n  What the last line says"
    with pytest.raises(UsageError, match="by hand"):
        add_observed(ends_here, "small.yaml", "answer", "hold", "2031-03-09")
    assert add_observed(ends_here + "\n", "small.yaml", "answer", "hold", "2031-03-09")
