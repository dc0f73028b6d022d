"""Promises of maps of keys: what is written is read back; all mistakes are told at once, each at its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.reading import read_text
from offramp.study.key_map import IN_TWO, SECTIONS, KeyMap, check_keys, keys_of, text_of_map, write_map
from offramp.study.key_map_reading import read_map
from tests.examples import examples

CRISIS = """
format: 1
title: A dispute
actors: {north: {name: North, rationality: "uniform(1, 2)"}, south: {name: South}}
inputs: {gain: {is: "uniform(0, 2)"}}
let: {struck: answer == strike}
timeline:
  - {move: answer, by: north, options: [hold, strike]}
  - {chance: damage, odds: {slight: 0.5, grave: rest}}
  - {state: anger, start: 0, becomes: 1 if struck else 0}
payoffs: {north: {prize: gain * struck}}
measures: {harm: anger}
endings: {war: answer == strike, quiet: otherwise}
levers: {calm: {set: {gain: 0}}}
"""
MAP = """\
files: {first: a/crisis.yaml, second: b/crisis.yaml}
endings:
  war: {first: war, second: [clash, siege]}
  quiet: {first: quiet}
options: {answer.strike: {first: answer.strike, second: reply.attack}}
"""


def read_from(folder: Path, text: str) -> KeyMap:
    (folder / "map.yaml").write_text(text)
    return read_map(folder / "map.yaml")


def mistakes_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(CrisisError) as raised:
        read_from(folder, text)
    return [line.removeprefix(f"{folder / 'map.yaml'}:") for line in str(raised.value).splitlines()]


def test_rows_hold_the_keys_of_each_file(tmp_path: Path) -> None:
    found = read_from(tmp_path, MAP)
    assert found.rows("endings") == {
        "war": {"first": ("war",), "second": ("clash", "siege")},
        "quiet": {"first": ("quiet",)},
    }
    assert found.shared("endings", "second") == {"clash": "war", "siege": "war"}
    assert found.rows("actors") == {}
    assert found.file("second") == tmp_path / "b/crisis.yaml"
    assert found.labels_of(tmp_path / "b" / "crisis.yaml", tmp_path / "b" / ".." / "a" / "crisis.yaml") == (
        "second",
        "first",
    )


def test_every_mistake_is_told_at_its_place_with_the_nearest_right_word(tmp_path: Path) -> None:
    text = """\
files: {first: a.yaml, second: ""}
ending: {}
endings:
  war: {first: war, secnd: war}
  peace: {first: war}
  2nd: [a]
actors: {north: {first: [a, b]}}
options: {hold: {first: answer.hold}}
inputs: {r: {first: north.rationality}}
confirmed: {endings: {by: R. Vale, on: tomorrow, sha256: 0, at: 1}}
"""
    expected = [
        "1:32: expected a text of 1 to 1,000 characters in the path of 'second', found nothing",
        "2:1: unknown key 'ending'; did you mean 'endings'?",
        "4:21: 'secnd' is no label of `files`; did you mean 'second'?",
        "5:18: 'war' of 'first' is already in the row 'war'; a key stands in one row of `endings`",
        "6:3: expected a name of letters, digits and _, not a digit first, in a shared key of `endings`; found '2nd'",
        "6:8: expected a mapping in the row '2nd', such as {first: KEY, second: KEY}; found a list",
        "7:25: expected one key in the row 'north'; only of endings may several count as one",
        "8:11: expected STEP.OPTION, two names with a dot, in a shared key of `options`; found 'hold'",
        "9:21: expected a name of letters, digits and _, not a digit first, in the row 'r'; found 'north.rationality'; "
        "a rationality goes with its actor",
        "10:40: expected a date such as 2031-03-02 in `on`, found 'tomorrow'",
        "10:61: unknown key 'at' in `confirmed`; expected one of by, on and sha256",
    ]
    assert mistakes_of(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: the file is empty; expected a map of keys (it begins with `files:`)"),
        ("- 1", "1:1: expected a map of keys (it begins with `files:`)"),
        ("endings: {}", "1:1: missing `files`: {LABEL: PATH} of each crisis file"),
        ("files: {a: b}", "1:8: `files` names 2 to 40 crisis files, found 1"),
        ("files: []", "1:8: expected a mapping in `files`, such as"),
        ("files: {a: b, c: d}\nendings: {war: {}}", "2:16: the row 'war' names no key of any file"),
        ("files: {a: b, c: d}\nendings: {war: {a: []}}", "2:20: expected a key or several in the row 'war'"),
        (
            "files: {a: b, c: d}\nendings: {war: {a: {x: y}}}",
            "2:20: expected a name of letters, digits and _, not a digit first",
        ),
        ("files: {a: b, c: d}\nconfirmed: {endings: {by: me}}", "2:22: missing `on` in `confirmed`"),
        (
            "files: {a: b, c: d}\nconfirmed: {ending: x}",
            "2:13: unknown key 'ending' in `confirmed`; did you mean 'endings'?",
        ),
        ('files: {a: "b\\0", c: d}', "1:12: expected a text of 1 to 1,000 characters"),
        ("files: {a: b, c: d}\nendings: " + "[" * 50 + "]" * 50, "nested more than 40 deep"),
        ("x: &a [1, 1]\ny: &b [*a, *a, *a]\n" + "z: [*b, *b]\n" * 2, "duplicate key 'z'"),
    ],
)
def test_a_strange_file_is_a_message_and_no_traceback(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(mistakes_of(tmp_path, text))


def test_a_missing_map_or_a_folder_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(OfframpError, match="cannot read"):
        read_map(tmp_path / "none.yaml")
    with pytest.raises(OfframpError, match=r" is a folder, and a file is expected here$"):
        read_map(tmp_path)


def test_the_keys_of_a_crisis_are_those_of_its_file() -> None:
    crisis = read_text(CRISIS.encode(), "crisis.yaml")
    assert {section: keys_of(crisis, section) for section in SECTIONS} == {
        "endings": ("war", "quiet"),
        "actors": ("north", "south"),
        "steps": ("answer", "damage", "anger"),
        "options": ("answer.hold", "answer.strike", "damage.slight", "damage.grave"),
        "inputs": ("gain",),
        "payoffs": ("north.prize",),
        "measures": ("harm",),
        "let": ("struck",),
        "levers": ("calm",),
    }


def test_keys_that_a_crisis_lacks_are_told_at_their_places(tmp_path: Path) -> None:
    text = """\
files: {first: a.yaml, second: b.yaml}
endings: {war: {first: warr, second: anything}}
steps: {reply: {first: answer, second: x}}
options: {answer.strike: {first: answer.strike}, damage.slight: {first: damage.slihgt}}
"""
    key_map = read_from(tmp_path, text)
    with pytest.raises(CrisisError) as raised:
        check_keys(key_map, {"first": read_text(CRISIS.encode(), "a.yaml")})
    assert [fault.located("map") for fault in raised.value.faults] == [
        "map:2:24: 'warr' is none of the endings of 'first' (a.yaml); did you mean 'war'?",
        "map:4:34: 'answer.strike' of 'first' belongs to 'reply', not to 'answer'; write `reply.…`, "
        "or the row `answer: {first: answer}` under `steps`",
        "map:4:73: 'damage.slihgt' is none of the options of 'first' (a.yaml); did you mean 'damage.slight'?",
    ]


def test_a_confirmation_holds_for_the_rows_that_were_confirmed_and_no_others(tmp_path: Path) -> None:
    found = read_from(tmp_path, MAP)
    assert not found.are_endings_confirmed
    confirmed = found.confirmed("R. Vale", "2031-03-02")
    assert confirmed.are_endings_confirmed
    write_map(confirmed)
    text = (tmp_path / "map.yaml").read_text()
    assert read_map(tmp_path / "map.yaml").are_endings_confirmed
    assert read_from(tmp_path, text.replace("answer.strike", "answer.stay")).are_endings_confirmed
    for old, new in (
        ("siege", "sieges"),
        ("quiet: {first: quiet}", "quiet: {second: quiet}"),
        ("b/crisis", "c/crisis"),
    ):
        assert old in text
        assert not read_from(tmp_path, text.replace(old, new, 1)).are_endings_confirmed


def test_only_files_inside_the_folder_of_the_map_are_opened(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(tmp_path / "crisis.yaml")
    key_map = read_from(inner, "files: {up: ../crisis.yaml, root: /etc/passwd, link: link.yaml, own: a/../b.yaml}")
    assert key_map.file_inside("own") == inner / "a/../b.yaml"
    for label in ("up", "root", "link"):
        with pytest.raises(UsageError, match=f"the file of '{label}' is outside the folder of the map"):
            key_map.file_inside(label)
    with pytest.raises(UsageError, match="names no file"):
        key_map.labels_of(inner / "b.yaml", inner / "other.yaml")


NAMES = st.from_regex("[a-z][a-z0-9_]{0,6}x", fullmatch=True) | st.sampled_from(["no", "null", "yes", "on", "é"])


@st.composite
def maps(draw: st.DrawFn) -> KeyMap:
    labels = draw(st.lists(st.sampled_from(["first", "second", "3", "no", "draft-1"]), min_size=2, unique=True))
    sections = {}
    for section in draw(st.sets(st.sampled_from(SECTIONS))):
        name = st.builds("{}.{}".format, NAMES, NAMES) if section in IN_TWO else NAMES
        rows = {}
        for shared in draw(st.sets(name, min_size=1, max_size=3)):
            own = st.sets(st.just(shared), min_size=1)
            chosen = draw(st.sets(st.sampled_from(labels), min_size=1))
            rows[shared] = {label: tuple(sorted(draw(own))) for label in labels if label in chosen}
        sections[section] = rows
    files = {label: f"{label}/crisis.yaml" for label in labels}
    written = KeyMap(Path("map.yaml"), files, sections)
    return draw(st.sampled_from([written, written.confirmed("Ann: “no”", "2031-03-02")]))


@given(maps())
@settings(max_examples=examples(40), deadline=None)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, key_map: KeyMap) -> None:
    written = replace(key_map, path=tmp_path_factory.getbasetemp() / "map.yaml")
    write_map(written)
    found = read_map(written.path)
    assert found == written
    assert found.are_endings_confirmed == (written.confirmation is not None)
    assert text_of_map(found) == text_of_map(written)
