"""An elicitation file is read like a crisis file: all mistakes at once, with their places, and bounds on everything."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError
from offramp.crisis.faults import CrisisError
from offramp.elicitation.estimates import estimates_of
from offramp.elicitation.panel_file import MAX_EXPERTS, MAX_QUESTIONS, panel_of, read_panel
from tests.elicitation.panels import OFFICERS, PUBLISHED, panel, panel_text
from tests.examples import examples

SEED = """\
seeds:
  boats:
    asks: How many boats were there?
    truth: 12
    answers: {amber: [5, 10, 20], birch: [10, 11, 13], cedar: [1, 4, 9]}
"""


def faults(text: str | bytes) -> list[str]:
    """The mistakes of a file, as `LINE:COLUMN: message`."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(CrisisError) as caught:
        panel_of(data, "p")
    return [fault.located("p").removeprefix("p:") for fault in caught.value.faults]


def test_a_file_is_read_as_it_is_written() -> None:
    of = panel(OFFICERS + SEED)
    assert (of.title, of.experts, of.probabilities) == (
        "Three officers",
        ("amber", "birch", "cedar"),
        (0.05, 0.5, 0.95),
    )
    question = of.questions["war_cost"]
    assert (question.asks, question.unit, question.low, question.high, question.log, question.truth) == (
        "How many lost rounds is the war worth?",
        "lost rounds",
        0.0,
        None,
        False,
        None,
    )
    assert question.answers == {"amber": (2, 5, 9), "birch": (3, 6, 12), "cedar": (4, 8, 20)}
    assert of.seeds["boats"].truth == 12


@pytest.mark.parametrize("close", ["[0.0000000001, 50, 95]", "[5, 50, 99.99999999999999]", "[5, 5.001]"])
def test_percentiles_that_rounding_would_make_one_are_refused(close: str) -> None:
    (fault,) = faults(f"{OFFICERS}percentiles: {close}\n")
    assert "percentiles increase, from above 0 to below 100, by at least 0.01, as in [5, 50, 95]" in fault
    assert panel(f"{OFFICERS}percentiles: [0.01, 50, 99.99]\n").probabilities == (0.0001, 0.5, 0.9999)


def test_other_percentiles_can_be_asked_for() -> None:
    of = read_panel(PUBLISHED / "tobacco.yaml")
    assert of.probabilities == (0.05, 0.25, 0.5, 0.75, 0.95)
    assert len(of.seeds) == 10


CASES = [
    ("", "", ["1:1: the file is empty; expected an elicitation, a mapping that begins with `format: 1`"]),
    ("format: 1", "format: 2", ["1:9: expected 1 in 'format', found '2'"]),
    ("experts:", "expert:", ["1:1: missing `experts`", "3:1: unknown key 'expert'; did you mean 'experts'?"]),
    (
        "cedar]",
        "cedar, \N{CYRILLIC SMALL LETTER A}mber]",
        [
            "3:32: expert '\N{CYRILLIC SMALL LETTER A}mber' looks like 'amber' in line 3; take another pseudonym: "
            "'\N{CYRILLIC SMALL LETTER A}mber' has U+0430 CYRILLIC SMALL LETTER A, 'amber' U+0061 LATIN SMALL LETTER A"
        ],
    ),
    ("cedar]", "cedar, amber]", ["3:32: expert 'amber' is named already in line 3"]),
    ("cedar]", "J. Doe]", None),
    ("      cedar:", "      ceder:", ["13:7: unknown expert 'ceder'; did you mean 'cedar'?"]),
    (
        "[4, 8, 20]",
        "[4, 20, 8]",
        ["13:22: p95 of 'cedar', 8, must be above p50, 20"],
    ),
    ("[4, 8, 20]", "[4, 8]", ["13:14: expected 3 percentiles of 'cedar' (p5, p50, p95), found 2"]),
    (
        "[4, 8, 20]",
        "4, 8, 20",
        [
            "13:14: expected a list of numbers in the answer of 'cedar', found '4, 8, 20'; write them in brackets",
        ],
    ),
    ("[2, 5, 9]", "[two, 5, 9%]", None),
    (
        "[2, 5, 9]",
        "[0, 5, 9]",
        ["11:15: p5 of 'amber', 0, must be above 'low', 0"],
    ),
    ("low: 0", "high: 15", ["13:21: p95 of 'cedar', 20, must be below 'high', 15"]),
    (
        "low: 0",
        "scale: logarithmic",
        ["9:12: expected linear or log in 'scale', found 'logarithmic'; expected one of linear and log"],
    ),
    ("low: 0", "scale: log\n    low: 0", ["10:10: a logarithmic scale has positive numbers only; found 0 in low"]),
    (
        "low: 0",
        "truth: 4",
        ["9:5: unknown key 'truth' in 'war_cost'; expected one of asks, unit, low, high, scale, answers and input"],
    ),
    ("    asks: How many lost rounds is the war worth?\n", "", ["6:3: missing `asks` in 'war_cost'"]),
    ("low: 0", "low: 1e400", ["9:10: expected a number up to 1e+15, found '1e400'; use another unit"]),
    ("low: 0", "low: 1,5", ["9:10: expected a number in low, found '1,5'; write no comma in a number"]),
    (
        "low: 0",
        "low: 5%",
        ["9:10: expected a number in low, found '5%'; write the number alone: 5 % as 0.05, or as 5 if the unit is %"],
    ),
    (
        "asks: How",
        'asks: "\\e[31mHow',
        ["7:11: expected a text of at most 500 characters, without control characters, in 'asks'"],
    ),
    ("title: Three", "title: Three\ntitle: Four", None),
]


@pytest.mark.parametrize(("old", "new", "messages"), CASES)
def test_each_mistake_is_told_with_its_place_and_what_was_expected(
    old: str, new: str, messages: list[str] | None
) -> None:
    text = OFFICERS.replace(old, new, 1) if old else new
    if "\\e" in new:
        text = text.replace("worth?", 'worth?"')
    found = faults(text)
    assert found
    if messages is not None:
        assert found == messages


def test_all_mistakes_are_told_at_once() -> None:
    text = OFFICERS.replace("[2, 5, 9]", "[2, 9, 5]").replace("cedar: [", "ceder: [").replace("unit:", "units:")
    assert [line.split(":")[0] for line in faults(text + SEED.replace("truth: 12", "truth: twelve"))] == [
        "8",
        "11",
        "13",
        "17",
    ]


def test_a_seed_question_needs_its_true_value() -> None:
    assert faults(OFFICERS + SEED.replace("    truth: 12\n", "")) == ["15:3: missing `truth` in 'boats'"]


def test_a_true_value_outside_the_natural_bounds_is_a_mistake() -> None:
    text = OFFICERS + SEED.replace("truth: 12", "high: 11\n    truth: 12").replace("20]", "10.5]").replace(
        "13]", "10.9]"
    )
    assert "18:12: the true value, 12, is outside the natural bounds" in faults(text.replace("10, 11,", "9, 10,"))


def test_a_question_and_a_seed_question_have_different_keys() -> None:
    (message,) = faults(OFFICERS + SEED.replace("boats:", "war_cost:"))
    assert message == "15:3: 'war_cost' is a question already; give the seed question another key"


@pytest.mark.parametrize("answer", [(1e14, 1e14 + 0.125, 1e14 + 0.25), (-3.0, 1.0, 1.0 + 1e-12), (0.0, 1e-15, 5.0)])
def test_differences_that_rounding_errors_lose_are_a_mistake(answer: tuple[float, ...]) -> None:
    text = panel_text({"a": {"x": answer}}, {})
    if answer[2] == 5.0:
        assert estimates_of(panel(text)).estimates[0].used is not None
    else:
        assert "rounding errors hide the difference" in faults(text)[0]


@pytest.mark.parametrize("log", [False, True])
def test_a_percentile_within_rounding_errors_of_a_natural_bound_or_of_1_in_logarithms_is_a_mistake(log: bool) -> None:
    bounds = "    low: 1"
    answer = (1.0000000000001, 2.0, 3.0)
    (message,) = faults(panel_text({"a": {"x": answer}}, {}, log=log, bounds=bounds))
    assert "p5 of 'x', 1, is so close to 'low'" in message
    answer = (1.0, 1.0 + 2.0**-52, 1.0 + 2.0**-51)
    assert "p50 of 'x', 1, is so close to p5" in faults(panel_text({"a": {"x": answer}}, {}, log=log))[0]


def test_many_experts_and_questions_have_a_bound() -> None:
    many = OFFICERS.replace("cedar]", "cedar, " + ", ".join(f"e{n}" for n in range(MAX_EXPERTS)) + "]")
    assert faults(many) == [f"3:10: expected 1 to {MAX_EXPERTS} experts, found {MAX_EXPERTS + 3}"]
    keys = "".join(f"  q{n}: {{asks: What?, answers: {{amber: [1, 2, 3]}}}}\n" for n in range(MAX_QUESTIONS + 1))
    head = OFFICERS[: OFFICERS.index("  war_cost")]
    assert faults(head + keys) == [f"6:3: expected at most {MAX_QUESTIONS} in 'questions', found {MAX_QUESTIONS + 1}"]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff\xfe",
        b"[" * 10_000,
        b"a: &a [1]\nb: [" + b"*a, " * 40_000 + b"]",
        b"format: 1\n" * 20_000,
        b"!!python/object/apply:os.system [true]",
        b"format: 1\ntitle: x\nexperts: [a]\nquestions: {q: {asks: x, answers: {a: [" + b"1, " * 20_000 + b"2]}}}",
        b"x" * 3_000_000,
        b"format: 1\ntitle: {}\nexperts: {a: b}\nquestions: [1]\nseeds: 3\npercentiles: [0, 50, 100]",
        b"format: 1\ntitle: x\nexperts: [a]\nquestions: {q: {asks: x, answers: {a: [[1], {b: 1}, 3]}}}",
        b"format: 1\ntitle: x\nexperts: [a]\nquestions: {? [1] : 2, '': {}, 1: , q: , r: {asks: [], answers: []}}",
    ],
)
def test_a_hostile_file_is_refused_at_once(hostile: bytes) -> None:
    began = time.perf_counter()
    assert faults(hostile)
    assert time.perf_counter() - began < 5.0


@pytest.mark.parametrize("name", ["missing.yaml", "folder", "zero\0"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OfframpError):
        read_panel(tmp_path / name)


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_no_mutation_of_a_file_raises_anything_but_its_mistakes(data: st.DataObject) -> None:
    text = OFFICERS + SEED
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        new = data.draw(
            st.sampled_from(["", ":", "[", "]", "{", "1e999", "nan", "- ", "\n", "  ", "0", "-5", "&a ", "*a"])
        )
        text = text[:start] + new + text[end:]
    try:
        of = panel(text)
    except CrisisError:
        return
    assert of.questions or of.seeds
