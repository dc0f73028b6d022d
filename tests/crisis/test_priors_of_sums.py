"""`is` of a sum is one prior for all its coefficients, or a mapping with one for each."""

from __future__ import annotations

import pytest

from offramp.crisis.faults import CrisisError
from tests.crises import crisis_of

TEXT = """\
format: 1
title: T
actors: {a: {name: A}}
inputs:
  x: {is: 1, column: x, because: B}
  r: {is: dem, column: r, levels: [dem, mix], because: B}
  s: {linear: [1, x, r], is: <IS>, because: B}
timeline: [{move: m, by: a, options: [p, q]}]
payoffs: {a: {t: s * (m == p)}}
endings: {e: m == p, f: otherwise}
"""


def priors(written: str) -> dict[str, str]:
    """The distributions of the coefficients if `is` is written so."""
    crisis = crisis_of(TEXT.replace("<IS>", written))
    assert crisis.warnings == ()
    return {key: str(entry.distribution) for key, entry in crisis.inputs.items() if entry.of_sum}


def test_a_mapping_gives_each_coefficient_its_prior() -> None:
    written = '{1: "normal(0, 2)", r.dem: "uniform(0, 1)", r.mix: "normal(0, 5)", x: "normal(1, 1)"}'
    assert priors(written) == {
        "s.1": "normal(mean=0, sd=2)",
        "s.x": "normal(mean=1, sd=1)",
        "s.r.dem": "uniform(low=0, high=1)",
        "s.r.mix": "normal(mean=0, sd=5)",
    }
    assert set(priors('"normal(0, 5)"').values()) == {"normal(mean=0, sd=5)"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "<IS>",
            '{1: "normal(0, 1)", r: "normal(0, 1)", r.dem: "normal(0, 1)"}',
            [
                "crisis.yaml:7:3: `is` of 's' lacks the prior of 'x' and 'r.mix'",
                "crisis.yaml:7:50: 'r' is not in `linear` of 's'; expected one of 1, x, r.dem and r.mix",
            ],
        ),
        (
            "<IS>",
            '{1: 3, x: "normal(0, 1)", r.dem: "normal(0, 1)", r.mix: "normal(0, sd)"}',
            [
                "crisis.yaml:7:34: 's.1' is estimated; its `is` is its prior, a distribution such as normal(0, 5); "
                "found 3",
                "crisis.yaml:7:97: 'sd' of normal() takes numbers only; found 'sd'",
            ],
        ),
        ("<IS>", "{}", ["crisis.yaml:7:30: expected at least one entry in 'is', found 0"]),
        ("is: 1,", "is: {1: 3},", ["crisis.yaml:5:12: `is` of 'x' is a number or one distribution; a mapping is for"]),
        ("is: dem,", "is: {dem: 1},", ["crisis.yaml:6:12: `is` of 'r' is a number or one distribution; a mapping is"]),
    ],
)
def test_what_a_mapping_lacks_or_has_too_much_is_told_with_its_place(old: str, new: str, said: list[str]) -> None:
    with pytest.raises(CrisisError) as caught:
        crisis_of(TEXT.replace(old, new).replace("<IS>", '"normal(0, 1)"'))
    lines = str(caught.value).splitlines()
    assert len(lines) == len(said)
    for line, expected in zip(lines, said, strict=True):
        assert line.startswith(expected)
