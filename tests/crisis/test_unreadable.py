"""All mistakes with braces, brackets and commas in a file are reported at once."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from tests.crisis.test_broken_files import edited, faults_of

BROKEN = {
    "brackets in a reason": ("because: Ours}\ncorr", "because: x [y] z}\ncorr"),
    "a brace that is missing in a list": ("rho: -0.3}", "rho: -0.3"),
    "brackets in braces": ("{if: channel == notice, hits", "{if: (channel in [notice]), hits"),
    "a brace for a bracket": ("options: [silent, notice]", "options: [silent, notice}"),
    "a bracket for a brace": ("odds: {low: 0.4, high: rest}", "odds: {low: 0.4, high: rest]"),
    "a bracket that is missing": ("to: [south]", "to: [south"),
    "a comma for a bracket": ("options: [sign, wait]", "options: [sign, wait,"),
    "a brace for a bracket in braces": ("{answer: [volley]}", "{answer: [volley}"),
    "a brace that is missing": ("intercept / 4}, cost: 1}", "intercept / 4}, cost: 1"),
    "a brace that is missing, over two lines": (
        "channel == notice}\n          - ",
        "channel ==\n                notice\n          - ",
    ),
    "the last brace is missing": ("answer: staged}", "answer: staged"),
    "a brace in a note": ("cite: cable ¶2}", "cite: cable ¶2 # and {more}"),
}


def _words(fault: str) -> str:
    """A message without its lines and columns."""
    return re.sub("[0-9]+", "N", fault)


@pytest.mark.parametrize(("first", "second"), list(combinations(BROKEN, 2)))
def test_two_mistakes_with_brackets_give_exactly_their_two_messages(first: str, second: str) -> None:
    alone = [faults_of(edited(BROKEN[name]).encode()) for name in (first, second)]
    assert [len(faults) for faults in alone] == [1, 1]
    both = faults_of(edited(BROKEN[first], BROKEN[second]).encode())
    assert sorted(map(_words, both)) == sorted(_words(fault) for faults in alone for fault in faults)


@pytest.mark.parametrize("line", ["k#: 'a's b'", "k#: [a, b", "k#: {a: b}}", 'k#: "a', "k#: a: b", "k#: 1\n l#: 2"])
def test_of_very_many_mistakes_the_first_ones_are_told_and_that_there_may_be_more(line: str) -> None:
    text = "format: 1\n" + "".join(f"{line}\n".replace("#", str(number)) for number in range(10_000))
    *first, last = faults_of(text.encode())
    assert len(first) > 10
    assert len({_words(fault) for fault in [re.sub("'k[0-9]+'", "", fault) for fault in first]}) == 1
    assert last.endswith("the file is read no further; mend what is found above, then check it again")
