"""Cites are checked against the text of their sources."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.faults import CrisisError
from offramp.crisis.reading import read_text
from offramp.crisis.reasoned_parts import MAX_CITES
from offramp.crisis.steps import Chance, Move, Reason
from tests.examples import examples

CRISIS = """format: 1
title: Cited
sources:
  cable: {title: The cable, file: sources/cable.txt}
actors: {north: {name: North}}
inputs:
  luck: {is: 0.5, because: test, cite: CITE}
timeline: [{chance: weather, odds: {fair: luck, foul: rest}}]
endings: {all: otherwise}
"""
TEXT = "A title\n\nA boat was sunk\nat night.\n   \nNobody saw it happen.\n"


def read(folder: Path, cite: str, text: str | None = TEXT) -> offramp.Crisis:
    if text is not None:
        (folder / "sources").mkdir()
        (folder / "sources" / "cable.txt").write_text(text, encoding="utf-8")
    path = folder / "crisis.yaml"
    path.write_text(CRISIS.replace("CITE", cite), encoding="utf-8")
    return offramp.read(path)


@pytest.mark.parametrize(
    ("cite", "first_words"),
    [
        ("cable ¶1", "A title"),
        ("cable ¶2", "A boat was sunk at night."),
        ("cable ¶3", "Nobody saw it happen."),
        ("'cable \"sunk at night\"'", "sunk at night."),
    ],
)
def test_a_cite_shows_the_first_words_of_its_passage(tmp_path: Path, cite: str, first_words: str) -> None:
    (cited,) = read(tmp_path, cite).cites
    assert cited.first_words == first_words


@pytest.mark.parametrize(
    ("cite", "message"),
    [
        ("cable ¶4", "source 'cable' has paragraphs ¶1 to ¶3"),
        ("'cable \"seen by all\"'", "source 'cable' does not contain the phrase"),
        ("cabel ¶1", "unknown source 'cabel' in a cite; did you mean 'cable'?"),
        ("cable 1", "expected a cite such as"),
    ],
)
def test_a_cite_of_a_missing_passage_is_a_fault(tmp_path: Path, cite: str, message: str) -> None:
    with pytest.raises(offramp.CrisisError) as caught:
        read(tmp_path, cite)
    assert message in str(caught.value)


def test_a_cite_is_accepted_unchecked_if_the_text_is_not_available(tmp_path: Path) -> None:
    (cited,) = read(tmp_path, "cable ¶99", text=None).cites
    assert cited.first_words is None


SEVERAL = """format: 1
title: Cited everywhere
sources:
  cable: {title: The cable, file: sources/cable.txt}
  wire: {title: A wire without its text}
actors: {north: {name: North, cite: CITE}}
inputs: {luck: {is: "uniform(0, 1)", cite: CITE}, wind: {is: "uniform(0, 1)", cite: CITE}}
correlations: [{of: [luck, wind], rho: 0.1, cite: CITE}]
timeline:
  - chance: weather
    options: {fair: {name: fair weather, because: It is spring, cite: CITE}, foul: {cite: CITE}}
    odds: {fair: luck, foul: rest}
    seen_by: []
    cite: CITE
  - {move: sail, by: north, options: {go: {says: It sails, cite: CITE}, stay: at anchor}, cite: CITE}
  - {tell: weather, to: [north], cite: CITE}
  - {state: boats, start: 1, becomes: boats * (weather == fair), cite: CITE}
payoffs: {north: {catch: {pays: wind * (sail == go) * boats, cite: CITE}}}
measures: {afloat: {is: boats, cite: CITE}}
endings: {sunk: {if: boats == 0, because: Nobody swims that far, cite: CITE}, home: otherwise}
levers: {buoy: {set: {luck: 0.9}, cite: CITE}}
"""
PLACES = SEVERAL.count("CITE")

cites = st.one_of(
    st.builds("{} ¶{}".format, st.sampled_from(["cable", "wire", "cabel"]), st.integers(1, 5)),
    st.sampled_from(['cable "sunk at night"', 'cable "A boat, was"', "cable 1", "cable", 'wire "never, checked"']),
)


def checked(folder: Path, *written: str) -> tuple[list[tuple[int, int, str]], list[str]]:
    """The faults of a file with these cites, one for each place that can have one, and the cites that it holds."""
    text = SEVERAL
    for cite in written:
        text = text.replace("CITE", cite, 1)
    try:
        crisis = read_text(text.encode(), str(folder / "crisis.yaml"))
    except CrisisError as error:
        return [(fault.place.line, fault.place.column, fault.message) for fault in error.faults], []
    return [], [cite.text for cite in crisis.cites]


@pytest.fixture(scope="module")
def beside_cable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cites")
    (folder / "sources").mkdir()
    (folder / "sources" / "cable.txt").write_text(TEXT, encoding="utf-8")
    return folder


@settings(max_examples=examples(60), deadline=None)
@given(written=st.lists(cites, min_size=1, max_size=MAX_CITES), place=st.integers(0, PLACES - 1))
def test_a_list_of_cites_checks_as_its_cites_do_one_by_one(beside_cable: Path, written: list[str], place: int) -> None:
    good = ["cable ¶2"] * PLACES

    def with_cite(cite: str) -> list[str]:
        return [*good[:place], cite, *good[place + 1 :]]

    quoted = [json.dumps(cite, ensure_ascii=False) for cite in written]
    faults, held = checked(beside_cable, *with_cite(f"[{', '.join(quoted)}]"))
    expected, one_by_one = [], []
    column = 1
    for cite in quoted:
        alone, found = checked(beside_cable, *with_cite(cite))
        expected += [(line, at + column, message) for line, at, message in alone]
        column += len(cite) + 2
        one_by_one += found
    assert faults == sorted(set(expected))
    if not faults:
        assert [Counter(held)[cite] for cite in written] == [
            Counter(written)[cite] + (PLACES - 1) * (cite == "cable ¶2") for cite in written
        ]
        assert set(held) == set(one_by_one)


def test_a_cite_may_stand_wherever_an_assumption_does_and_each_is_checked(beside_cable: Path) -> None:
    wrong = [f"[cable ¶1, cable ¶{9 + place}]" for place in range(PLACES)]
    faults, _ = checked(beside_cable, *wrong)
    assert sorted(message.rpartition("¶")[2] for _, _, message in faults) == sorted(str(9 + n) for n in range(PLACES))


def test_an_option_and_an_ending_keep_their_reason_and_every_cite_once(beside_cable: Path) -> None:
    text = SEVERAL.replace("CITE", """[cable ¶2, cable ¶3, cable ¶2, 'wire "it, sank"']""")
    crisis = read_text(text.encode(), str(beside_cable / "crisis.yaml"))
    cited = ("cable ¶2", "cable ¶3", 'wire "it, sank"')
    weather, sail = crisis.named["weather"], crisis.named["sail"]
    assert isinstance(weather, Chance)
    assert isinstance(sail, Move)
    assert weather.option_details["fair"].reason == Reason("It is spring", cited)
    assert weather.option_details["foul"].reason == Reason(None, cited)
    assert sail.option_details["go"].reason == Reason(None, cited)
    assert sail.option_details["stay"].reason == Reason()
    assert [ending.reason for ending in crisis.endings] == [Reason("Nobody swims that far", cited), Reason()]
    assert crisis.inputs["luck"].reason == Reason(None, cited)


@pytest.mark.parametrize(
    ("cite", "message"),
    [
        ("[]", "expected at least one entry in 'cite', found 0"),
        (f"[{', '.join(['cable ¶1'] * (MAX_CITES + 1))}]", "expected at most 20 in 'cite', found 21"),
        ("[cable ¶1, {cable: 2}]", "expected text in 'cite', found a mapping"),
        ("[cable ¶1, [cable ¶2]]", "expected text in 'cite', found a list"),
        ("{cable: 2}", "expected text in 'cite', found a mapping"),
        ("'cable ¶1, cable ¶2'", "found 'cable ¶1, cable ¶2'; write several cites as a list, [CITE, CITE]"),
    ],
)
def test_what_is_no_cite_and_no_list_of_cites_is_a_fault_at_its_place(tmp_path: Path, cite: str, message: str) -> None:
    with pytest.raises(offramp.CrisisError) as caught:
        read(tmp_path, cite)
    (fault,) = caught.value.faults
    assert message in fault.message


def test_a_comma_that_cuts_a_phrase_in_a_list_is_said_to_do_so(tmp_path: Path) -> None:
    with pytest.raises(offramp.CrisisError) as caught:
        read(tmp_path, '[cable ¶1, cable "sunk, at night"]')
    messages = [fault.message for fault in caught.value.faults]
    assert [message.partition("found ")[2].partition(";")[0] for message in messages] == [
        "'cable \"sunk'",
        "'at night\"'",
    ]
    assert all("in brackets a comma ends a cite: put quotes around" in message for message in messages)


def test_no_warning_asks_for_the_reason_of_an_option_or_an_ending(beside_cable: Path) -> None:
    inputs, rest = SEVERAL.replace("CITE", "cable ¶2", 3).split("correlations:")
    rest = re.sub(r"(, )?cite: CITE", "", rest).replace("foul: {}", "foul: foul weather").replace("    \n", "")
    crisis = read_text(f"{inputs}correlations:{rest}".encode(), str(beside_cable / "crisis.yaml"))
    assert not [warning for warning in crisis.warnings if "neither a reason" in warning.message]
