"""A lever that changes nothing is warned of where it stands, and only such a lever."""

from __future__ import annotations

import pytest

from offramp.crisis.gallery import gallery, gallery_files
from offramp.crisis.reading import read_text
from offramp.crisis.templates import template_text, templates
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.crises import crisis_of

BASE = """
format: 1
title: Advice
actors: {north: {name: North, rationality: zeal}}
inputs:
  luck: {is: "uniform(0.1, 0.4)", because: test}
  cost: {is: 0.5, because: test}
  zeal: {is: "uniform(2, 4)", because: test}
  spare: {is: 1, because: test}
  aid: {is: 2, because: test}
timeline:
  - {move: answer, by: north, options: [hold, strike, wait], closed: [wait], only_if: {strike: 1 == 1}}
  - {chance: reply, odds: {fight: luck, yield: rest}}
  - {move: after, by: north, if: answer == strike, options: [stop, go], only_if: {go: answer == hold}}
payoffs: {north: {harm: -cost * (reply == fight), gain: 0.3 * (answer == strike) + 0.1 * (after == stop)}}
endings: {clash: {if: reply == fight, avoid: yes}, calm: otherwise}
levers:
  tried: {LEVER}
  other: {OTHER}
"""


def warned(lever: str, other: str = "allow: {answer: [wait]}") -> list[str]:
    """The warnings that begin with the first lever."""
    crisis = crisis_of(BASE.replace("LEVER", lever).replace("OTHER", other))
    said = [warning.located("a.yaml") for warning in warnings_of(compile_game(crisis))]
    return [text for text in said if ": lever 'tried'" in text]


@pytest.mark.parametrize(
    ("lever", "why"),
    [
        ("set: {cost: 0.5}", "it sets 'cost' to what it is anyway, 0.5"),
        ("set: {cost: 1 / 4 + 0.25}", "it sets 'cost' to what it is anyway, 0.5"),
        ("set: {luck: luck}", "it sets 'luck' to what it is anyway"),
        ("set: {luck: 'min(luck, 0.9)'}", "in the values tried, it sets 'luck' to what it is anyway"),
        ("set: {spare: 3}", "nothing uses 'spare', which it sets"),
        (
            "set: {spare: 3, cost: cost}",
            "nothing uses 'spare', which it sets, and it sets 'cost' to what it is anyway, 0.5",
        ),
        ("forbid: {after: [go]}", "'go' of 'after', which it forbids, is never available"),
    ],
)
def test_a_lever_that_changes_nothing_is_warned_of_with_the_reason(lever: str, why: str) -> None:
    advice = "change something else, or leave it out"
    assert warned(lever) == [f"a.yaml:18:3: lever 'tried' changes nothing: {why}; {advice}"]


@pytest.mark.parametrize(
    ("lever", "other"),
    [
        ("set: {cost: 0.6}", "allow: {answer: [wait]}"),
        ("set: {luck: 'min(luck, 0.35)'}", "allow: {answer: [wait]}"),
        ("set: {zeal: 3}", "allow: {answer: [wait]}"),
        ("set: {cost: 0.5}", "set: {cost: 0.9}"),
        ("set: {spare: 3}", "set: {cost: cost / spare}"),
        ("set: {spare: 3, cost: 0.6}", "allow: {answer: [wait]}"),
        ("forbid: {answer: [strike]}", "allow: {answer: [wait]}"),
        ("forbid: {answer: [wait]}", "allow: {answer: [wait]}"),
        ("allow: {answer: [wait]}", "set: {cost: 0.9}"),
        ("commit: {answer: strike}, set: {zeal: zeal}", "allow: {answer: [wait]}"),
        ("set: {cost: 0.5}, forbid: {answer: [strike]}", "allow: {answer: [wait]}"),
    ],
)
def test_a_lever_that_changes_something_alone_or_with_another_is_not_warned_of(lever: str, other: str) -> None:
    assert warned(lever, other) == []


@pytest.mark.parametrize("name", [*templates(), *gallery()])
def test_no_lever_of_the_templates_and_the_gallery_is_warned_of(name: str) -> None:
    text = gallery_files(name)["crisis.yaml"] if name in gallery() else template_text(name).encode()
    warnings = warnings_of(compile_game(read_text(text, f"{name}.yaml")))
    assert not [warning.message for warning in warnings if warning.message.startswith("lever ")]
