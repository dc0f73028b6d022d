"""New distributions with reasons and cites change the bytes of what they replace, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.common.errors import UsageError
from offramp.crisis.editor.correlating import CorrelatedPair
from offramp.crisis.editor.grounding import Grounding, NewSource, ground_inputs
from offramp.crisis.reading import read_text

HEAD = "format: 1\ntitle: T\n"
REST = """\
actors: {a: {name: A}}
timeline: [{move: m, by: a, options: [x, y]}]
payoffs: {a: {t: p * (m == x)}}
endings: {all: otherwise}
"""
NEW = Grounding("p", "percentiles(1, 2, 4)", 'Asked: "three", twice', 'panel "What is p?"')
SOURCE = NewSource("panel", "The panel: who", "panel.yaml")


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "panel.yaml").write_text("p:\n  asks: What is p?\n", encoding="utf-8")
    return str(tmp_path / "crisis.yaml")


IS, CITE = '"percentiles(1, 2, 4)"', '"panel \\"What is p?\\""'
BECAUSE = '"Asked: \\"three\\", twice"'
LISTED = 'panel: {title: "The panel: who", file: "panel.yaml"}'
ENTRIES = {
    "flow": (
        'inputs:\n  p: {is: "uniform(0, 1)", because: Ours}  # one\n  q: {is: 3, because: Ours}\n',
        "sources:\n  <S>\ninputs:\n  p: {is: <I>, because: <B>, cite: <C>}  # one\n  q: {is: 3, because: Ours}\n",
    ),
    "flow on one line": (
        "inputs: {p: {because: Ours, is: 3}, q: {is: 4}}  # all\n",
        "sources:\n  <S>\ninputs: {p: {because: <B>, is: <I>, cite: <C>}, q: {is: 4}}  # all\n",
    ),
    "block": (
        "inputs:\n  p:\n    # before\n    is: uniform(0, 1)  # behind\n    unit: days\n\n  q:\n    is: 3\n",
        "sources:\n  <S>\ninputs:\n  p:\n    # before\n    is: <I>  # behind\n    because: <B>\n    cite: <C>\n"
        "    unit: days\n\n  q:\n    is: 3\n",
    ),
    "block scalars": (
        "inputs:\n  p:\n    because: |\n      Ours,\n      in two lines\n    is: >-\n      uniform(0,\n      1)\n",
        "sources:\n  <S>\ninputs:\n  p:\n    because: <B>\n    is: <I>\n    cite: <C>\n",
    ),
    "list of cites": (
        "inputs:\n  p:\n    is: 3\n    cite:\n    - s ¶1\n    - s ¶2\n    because: x\nsources: {s: {title: S}}\n",
        "inputs:\n  p:\n    is: <I>\n    cite: <C>\n    because: <B>\nsources: {s: {title: S}, <S>}\n",
    ),
    "flow cites": (
        "sources:\n  s: {title: S}   # a source\n\ninputs:\n  p: {is: '3', cite: [s ¶1, s ¶2]}\n",
        "sources:\n  s: {title: S}   # a source\n  <S>\n\ninputs:\n  p: {is: <I>, cite: <C>, because: <B>}\n",
    ),
    "quoted keys": (
        "inputs:\n  'p': {\"is\": 3, 'because': 'It''s'}\n",
        "sources:\n  <S>\ninputs:\n  'p': {\"is\": <I>, 'because': <B>, cite: <C>}\n",
    ),
    "crlf": (
        "inputs:\r\n  p: {is: 3}\r\n  q: {is: 4}\r\n",
        "sources:\r\n  <S>\r\ninputs:\r\n  p: {is: <I>, because: <B>, cite: <C>}\r\n  q: {is: 4}\r\n",
    ),
}


@pytest.mark.parametrize(("before", "expected"), ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_values_and_the_source_change_and_no_other_byte(before: str, expected: str, mark: str, path: str) -> None:
    for sign, text in (("<S>", LISTED), ("<I>", IS), ("<B>", BECAUSE), ("<C>", CITE)):
        expected = expected.replace(sign, text)
    head, rest = ((part.replace("\n", "\r\n") if "\r" in before else part) for part in (HEAD, REST))
    after = ground_inputs(mark + head + before + rest, path, [NEW], SOURCE)
    assert after == mark + head + expected + rest
    crisis = read_text(after.encode(), path)
    assert str(crisis.inputs["p"].distribution) == "percentiles(p10=1, p50=2, p90=4)"
    assert (crisis.inputs["p"].reason.because, crisis.inputs["p"].reason.cites) == (NEW.because, (NEW.cite,))
    assert (crisis.sources["panel"].title, crisis.sources["panel"].file) == (SOURCE.title, SOURCE.file)


def test_the_same_again_changes_nothing(path: str) -> None:
    once = ground_inputs(HEAD + ENTRIES["block"][0] + REST, path, [NEW], SOURCE)
    assert ground_inputs(once, path, [NEW], None) == once


def test_two_inputs_change_at_once(path: str) -> None:
    other = Grounding("q", "percentiles(2, 3, 5)", "B", "panel ¶1")
    after = ground_inputs(HEAD + ENTRIES["flow on one line"][0] + REST, path, [NEW, other], SOURCE)
    crisis = read_text(after.encode(), path)
    assert [str(crisis.inputs[key].distribution) for key in "pq"] == [
        "percentiles(p10=1, p50=2, p90=4)",
        "percentiles(p10=2, p50=3, p90=5)",
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("inputs: {q: {is: 3}, p2: {is: 1}}\nlet: {p: q}\n", "the file has no input 'p'"),
        ("inputs:\n  p: &x {is: 3}\n  q: *x\n", "anchor that an alias repeats"),
        ("inputs:\n  p: {is: 3, because: &why Ours}\n  q: {is: 3, because: *why}\n", "anchor that an alias repeats"),
        ("sources: {}\ninputs: {p: {is: 3}}\n", "`sources` is written in a way that cannot be added to"),
        ("inputs: {p: {is: [}\n", "so it was not changed"),
    ],
)
def test_what_cannot_be_changed_is_told_and_left(entry: str, said: str, path: str) -> None:
    with pytest.raises(UsageError, match=said.replace("`", "\\`")):
        ground_inputs(HEAD + entry + REST, path, [NEW], SOURCE)


def test_a_cite_that_the_source_does_not_contain_is_not_written(path: str) -> None:
    wrong = Grounding("p", "3", "A", 'panel "What is q?"')
    with pytest.raises(UsageError, match="this was not written: source 'panel' does not contain"):
        ground_inputs(HEAD + ENTRIES["flow"][0] + REST, path, [wrong], SOURCE)


FITTED = [Grounding(key, "normal(1, 2)", "Fitted", "s ¶1") for key in "pq"]
SOURCES = "sources: {s: {title: S}}\n"
PAIR = [CorrelatedPair("p", "q", "-0.3")]
CORRELATED = {
    "flow": (
        "inputs:\n  p: {is: 3, cite: s ¶1}  # one\n  q: {cite: [s ¶1, s ¶2], is: 3, because: B}\n",
        "inputs:\n  p: {is: <I>, cite: <C>, because: <B>}  # one\n  q: {cite: <C>, is: <I>, because: <B>}\n"
        "correlations:\n  - <P>\n",
    ),
    "block, pairs in lines": (
        "correlations:\n  # before\n  - of: [q, p]\n    rho: 0.1\n  - {of: [p, r], rho: 0.2}  # stays\n"
        "inputs:\n  p:\n    is: 3\n    cite: s ¶1  # old\n    unit: days\n  q: {is: 3}\n  r: {is: 'uniform(0, 1)'}\n",
        "correlations:\n  # before\n  - {of: [p, r], rho: 0.2}  # stays\n  - <P>\n"
        "inputs:\n  p:\n    is: <I>\n    cite: <C>  # old\n    because: <B>\n    unit: days\n"
        "  q: {is: <I>, because: <B>, cite: <C>}\n"
        "  r: {is: 'uniform(0, 1)'}\n",
    ),
    "pairs in brackets": (
        "correlations: [{of: [p, q], rho: 0.1}, {of: [r, p], rho: 0.2}]  # all\n"
        "inputs: {p: {is: 3}, q: {is: 3}, r: {is: 'uniform(0, 1)'}}\n",
        "correlations: [{of: [r, p], rho: 0.2}, <P>]  # all\n"
        "inputs: {p: {is: <I>, because: <B>, cite: <C>}, q: {is: <I>, because: <B>, cite: <C>}, "
        "r: {is: 'uniform(0, 1)'}}\n",
    ),
    "all pairs go": (
        "correlations:\n- {of: [p, q], rho: 0.1}\ninputs: {p: {is: 3}, q: {is: 3}}\n",
        "correlations:\n- <P>\n"
        "inputs: {p: {is: <I>, because: <B>, cite: <C>}, q: {is: <I>, because: <B>, cite: <C>}}\n",
    ),
}


@pytest.mark.parametrize(("before", "expected"), CORRELATED.values(), ids=CORRELATED)
def test_correlations_of_the_inputs_are_replaced(before: str, expected: str, path: str) -> None:
    pair = "{of: [p, q], rho: -0.3}"
    for sign, text in (("<I>", '"normal(1, 2)"'), ("<B>", '"Fitted"'), ("<C>", '"s ¶1"'), ("<P>", pair)):
        expected = expected.replace(sign, text)
    after = ground_inputs(HEAD + SOURCES + before + REST, path, FITTED, None, PAIR)
    assert after == HEAD + SOURCES + expected + REST
    assert ground_inputs(after, path, FITTED, None, PAIR) == after
    assert {pair.rho for pair in read_text(after.encode(), path).correlations} >= {-0.3}


def test_without_new_correlations_the_old_ones_of_the_inputs_go(path: str) -> None:
    after = ground_inputs(HEAD + SOURCES + CORRELATED["pairs in brackets"][0] + REST, path, FITTED, None, [])
    assert "correlations: [{of: [r, p], rho: 0.2}]" in after
    after = ground_inputs(HEAD + SOURCES + CORRELATED["all pairs go"][0] + REST, path, FITTED, None, [])
    assert read_text(after.encode(), path).correlations == ()
