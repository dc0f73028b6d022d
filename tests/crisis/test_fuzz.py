"""Any file becomes a `Crisis` or an `OfframpError`, quickly and in little memory."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.game.compiler import compile_crisis
from offramp.game.tables import Draws, tabulate
from tests.copies import ran
from tests.crisis import hostile
from tests.crisis.recorded import RECORDED
from tests.examples import examples

GIGABYTE = 2**30
BASE = (Path(__file__).parent / "broken" / "crisis.yaml").read_text(encoding="utf-8")
TEXTS = (BASE, RECORDED)
LINES, RECORDED_LINES = [text.splitlines(keepends=True) for text in TEXTS]
TOKENS, RECORDED_TOKENS = [[token for token in re.split(r"(\s+|[{}\[\],:()])", text) if token] for text in TEXTS]
TREES = [yaml.load(text, yaml.CBaseLoader) for text in TEXTS]

MARKS = "{}[]()<>:,-&*!|'\"%@`#?=+/\t\n\r\x00\ufeff\u2028\ud800 é𝟙"
YAML = ["  - ", ": ", "\r\n", "\\ud800", "---\n", "<<: ", "&a ", "*a ", "[" * 60]
NUMBERS = ["1e999", "-1", "0.5", "1/0", "9**9**9", "(" * 60]
WORDS = [
    "rest",
    "otherwise",
    "skipped",
    "round",
    "war",
    "answer",
    "== staged",
    "not ",
    "if: ",
    "seen_by: []\n",
    "grave",
    "value(peace)",
    "sign: 2",
    'grid: "uniform(0, 2)"\n',
    "points: 3\n",
    "estimate: yes",
    "regime.full",
    "@1",
]
OF_THE_PARSER = re.compile("while (?:parsing|scanning)|(?:did|could) not find|in this context|found unexpected")
"""Words of libyaml, which mean nothing to the writer of a crisis."""
FRAGMENTS = st.sampled_from([*MARKS, *YAML, *NUMBERS, *WORDS])


def check(data: bytes) -> None:
    """Read, compile and evaluate; each fault must be one line with a place in the file."""
    try:
        crisis = read_text(data, "crisis.yaml")
        assert isinstance(crisis, Crisis)
        game = compile_crisis(crisis, max_nodes=2_000)
        tabulate(game, Draws(resolved_inputs(crisis, medians(crisis)), ["at the medians"]))
    except CrisisError as error:
        text = data.decode("utf-8-sig", errors="replace")
        lines = [*re.split("\r\n|\r|\n", text), ""]
        for fault in error.faults:
            assert 1 <= fault.place.line <= len(lines)
            assert 1 <= fault.place.column <= len(lines[fault.place.line - 1]) + 1
            assert fault.message.isprintable()
            assert not OF_THE_PARSER.search(fault.message)


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    check(data)


@settings(max_examples=examples(300), deadline=None)
@given(st.text(st.sampled_from("ab:{}[],-&*!|>'\"#%@` \n\t1?"), max_size=60))
def test_any_marks(text: str) -> None:
    check(text.encode())


@st.composite
def mutated(draw: Any, pieces: list[str]) -> bytes:
    """The pieces of a text with some deleted, doubled, swapped, copied, inserted or replaced."""
    pieces = list(pieces)
    for _ in range(draw(st.integers(1, 4))):
        at, other = draw(st.integers(0, len(pieces) - 1)), draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["delete", "double", "swap", "copy", "put in", "replace"])):
            case "delete":
                del pieces[at]
            case "double":
                pieces.insert(at, pieces[at])
            case "swap":
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case "copy":
                pieces[at] = pieces[other]
            case "put in":
                pieces.insert(at, draw(FRAGMENTS | st.text(max_size=3)))
            case "replace":
                pieces[at] = draw(FRAGMENTS | st.text(max_size=3))
    return "".join(pieces).encode("utf-8", "surrogatepass")


@settings(max_examples=examples(400), deadline=None)
@given(mutated(LINES) | mutated(RECORDED_LINES))
def test_the_base_with_lines_changed(data: bytes) -> None:
    check(data)


@settings(max_examples=examples(400), deadline=None)
@given(mutated(TOKENS) | mutated(RECORDED_TOKENS))
def test_the_base_with_words_changed(data: bytes) -> None:
    check(data)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a tree with each of its keys or positions."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [place for key in keys for place in [(value, key), *places(value[key])]]


@st.composite
def rebuilt(draw: Any) -> bytes:
    """One of the texts as a tree, with parts removed or moved to wrong places."""
    tree = copy.deepcopy(draw(st.sampled_from(TREES)))
    for _ in range(draw(st.integers(1, 4))):
        spots = places(tree)
        owner, key = draw(st.sampled_from(spots))
        source, word = draw(st.sampled_from(spots))
        part = copy.deepcopy(source[word])
        match draw(st.sampled_from(["delete", "copy", "scalar", "wrap", "rename"])):
            case "delete":
                del owner[key]
            case "copy":
                owner[key] = part
            case "scalar":
                owner[key] = draw(FRAGMENTS | st.text(max_size=3)).encode(errors="replace").decode()
            case "wrap":
                owner[key] = draw(st.sampled_from([[owner[key]], {str(word): owner[key]}, [], {}]))
            case "rename" if isinstance(owner, dict):
                owner[str(word)] = owner.pop(key)
        if not tree:
            break
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)).encode()


@settings(max_examples=examples(600), deadline=None)
@given(rebuilt())
def test_the_base_with_parts_moved(data: bytes) -> None:
    check(data)


LIMITED = "import sys; from tests.crisis.hostile import limited; limited(sys.argv[1])"


@pytest.mark.parametrize("name", hostile.CASES)
def test_a_hostile_file_costs_less_than_five_seconds_and_a_gigabyte(name: str) -> None:
    """The limit is CPU time, so that a busy machine does not fail the test."""
    done = ran([sys.executable, "-c", LIMITED, name])
    assert done.returncode == 0, done.stderr
    assert hostile.CASES[name][1] in done.stdout
    assert int(done.stderr.split()[0]) < GIGABYTE
