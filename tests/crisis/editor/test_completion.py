"""Completion offers exactly the words that are allowed at each place of a file."""

from __future__ import annotations

import pytest

from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.editor import vocabulary
from offramp.crisis.editor.completion import Completions, complete
from offramp.crisis.expressions.expression import FUNCTIONS
from tests.shipped import CRISES

HEAD = """\
format: 1
title: A test
sources:
  cable-7: {title: The cable}
  paper: {title: The paper}
actors:
  north: {name: Northland}
  south: {name: Southland}
inputs:
  shot_down: {is: "beta(4, 6)", because: We guess}
  war_cost: {is: 5}
let:
  grave: answer == strike
timeline:
  - chance: mood
    odds: {calm: shot_down, tense: rest}
    seen_by: [south]
  - move: answer
    by: north
    options: [wait, staged, strike]
"""
TAIL = """
payoffs:
  north: {face: -1 * (answer == wait)}
endings:
  war: answer == strike
  peace: otherwise
"""
MOVE = HEAD + "  - move: reply\n    by: south\n    options: [absorb, hit_back]\n"
CLOSED = HEAD + "  - move: reply\n    by: south\n    options: [absorb, hit_back, talk]\n    closed: [talk]\n"
ROUNDS = HEAD + "  - rounds: 2\n    steps:\n      - {state: war, start: 0, becomes: war}\n      - move: raid\n"


def offered(text: str) -> Completions:
    """The completions at the bar in a text."""
    return complete(text.replace("|", "", 1), text.index("|"))


def labels(text: str) -> list[str]:
    return [item.label for item in offered(text).items]


EVERY_FUNCTION = list(FUNCTIONS)
CASES = {
    "top-level keys that are not there yet": (
        HEAD + "|" + TAIL,
        ["as_of", "summary", "correlations", "measures", "levers", "observed", "cases"],
    ),
    "a top-level key by its first letters": (HEAD + "le|" + TAIL, ["levers"]),
    "keys of a source": ("sources:\n  a:\n    title: T\n    |", ["author", "date", "file", "url"]),
    "keys of a source in braces": ("sources:\n  a: {title: T, |", ["author", "date", "file", "url"]),
    "keys of an actor, those that begin so first": ("actors:\n  a: {me|", ["memory", "name"]),
    "keys of an input on a line of its own": (
        "inputs:\n  a:\n    |\nlet:\n",
        ["is", "unit", "column", "estimate", "linear", "name", "says", "because", "cite"],
    ),
    "a key between others": (
        "inputs:\n  a:\n    is: 3\n    estimate: yes\n    |\n    cite: x ¶1\n",
        ["unit", "name", "says", "because"],
    ),
    "keys of a column": ("inputs:\n  a: {is: 3, column: gdp, |", ["unit", "levels", "name", "says", "because", "cite"]),
    "keys of a lever": (
        "levers:\n  a:\n    |",
        ["set", "forbid", "allow", "commit", "cost", "name", "says", "because", "cite"],
    ),
    "keys of a term": ("payoffs:\n  a:\n    t: {pays: 1, |}", ["when", "name", "says", "because", "cite"]),
    "keys of a correlation": ("correlations:\n  - {of: [a, b], |}", ["rho", "because", "cite"]),
    "keys of a chance step that is a grid": (
        HEAD + '  - {chance: cost, grid: "uniform(0, 2)", |}' + TAIL,
        ["points", "seen_by", "believed_by", "name", "says", "if", "because", "cite"],
    ),
    "distributions of a grid": (HEAD + "  - {chance: cost, grid: unif|}" + TAIL, ["uniform"]),
    "points of a grid": (
        HEAD + '  - {chance: cost, grid: "uniform(0, 2)", points: 3}' + TAIL + "  cheap: cost == |",
        ["p1", "p2", "p3", "skipped"],
    ),
    "steps that have a value": (
        HEAD + "  - {state: war, start: 0, becomes: 0}" + TAIL + "  high: value(|",
        ["mood", "answer"],
    ),
    "keys of a measure": ("measures:\n  a: {is: 1, |}", ["when", "unit", "name", "says", "because", "cite"]),
    "what a measure may name": (HEAD + "measures: {dead: {is: war_|}}\n", ["war_cost"]),
    "keys of an option": (
        HEAD[: -len("[wait, staged, strike]\n")] + "{wait: {|}}" + TAIL,
        ["value", "name", "says", "because", "cite"],
    ),
    "keys of an ending": (HEAD + "endings:\n  war: {|}", ["if", "avoid", "name", "says", "because", "cite"]),
    "kinds of step": (HEAD + "  - |" + TAIL, ["chance", "move", "tell", "state", "together", "rounds"]),
    "kinds of step in rounds": (
        HEAD + "  - rounds: 2\n    steps:\n      - |" + TAIL,
        ["chance", "move", "tell", "state", "together"],
    ),
    "kinds of step in together": (HEAD + "  - together:\n      - |", ["chance", "move"]),
    "keys of a move": (
        HEAD + "  - move: reply\n    by: south\n    |" + TAIL,
        ["options", "closed", "only_if", "seen_by", "name", "says", "if", "because", "cite"],
    ),
    "keys of a chance step that has odds": (
        HEAD + "  - chance: x\n    odds: {a: 1}\n    |",
        ["options", "seen_by", "believed_by", "name", "says", "if", "because", "cite"],
    ),
    "keys of a tell": (HEAD + "  - {tell: mood, |}", ["to", "if", "because", "cite"]),
    "keys of a state": (
        HEAD + "  - state: war\n    start: 0\n    |",
        ["becomes", "seen_by", "name", "says", "if", "because", "cite"],
    ),
    "keys of rounds": (HEAD + "  - rounds: 2\n    |", ["steps", "until", "lasts", "from", "if"]),
    "who moves": (HEAD + "  - move: reply\n    by: |" + TAIL, ["north", "south"]),
    "who sees, once each": (HEAD + "  - chance: x\n    seen_by: [north, |]", ["south"]),
    "who sees, in a list that is not closed": (
        HEAD + "  - chance: x\n    seen_by: [|\n    odds: {a: 1}",
        ["north", "south"],
    ),
    "who sees, in a list of dashes": (HEAD + "  - chance: x\n    seen_by:\n      - no|", ["north"]),
    "who is told": (HEAD + "  - {tell: mood, to: [|", ["north", "south"]),
    "what is told": (HEAD + "  - tell: |" + TAIL, ["mood", "answer"]),
    "who believes": (HEAD + "  - chance: x\n    odds: {a: 1}\n    believed_by: {|}", ["north", "south"]),
    "what is believed in": (
        HEAD + "  - chance: x\n    odds: {a: 1, b: rest}\n    believed_by: {north: {|}}",
        ["a", "b"],
    ),
    "a distribution": ("inputs:\n  a: {is: |}", list(DISTRIBUTIONS)),
    "a distribution in quotes": ('inputs:\n  a:\n    is: "be|', ["beta"]),
    "nothing among the numbers of a distribution": ('inputs:\n  a:\n    is: "beta(|', []),
    "a rationality": (
        HEAD.replace("Northland}", "Northland, rationality: |}"),
        [*DISTRIBUTIONS, "shot_down", "war_cost", *EVERY_FUNCTION],
    ),
    "a memory": ("actors:\n  a: {memory: |}", ["recall", "state"]),
    "when a term is paid": ("payoffs:\n  a:\n    t:\n      when: |", ["each_round", "end"]),
    "a condition names steps before it, and no inputs": (
        HEAD + "  - move: reply\n    if: |" + TAIL,
        ["mood", "answer", "grave", *EVERY_FUNCTION],
    ),
    "an option of the step that is compared": (
        HEAD + "  - move: reply\n    if: answer == |",
        ["wait", "staged", "strike", "skipped"],
    ),
    "an option that is not this one": (HEAD + "  - move: reply\n    if: mood != te|" + TAIL, ["tense"]),
    "options of a list, once each": (
        HEAD + "  - move: reply\n    if: answer in [staged, |]",
        ["wait", "strike", "skipped"],
    ),
    "an option in a condition in braces": (
        HEAD + "  - {move: reply, if: answer == st|, by: south}",
        ["staged", "strike"],
    ),
    "an option after a bracket": (HEAD + "  - move: reply\n    if: (mood == calm and answer == w|", ["wait"]),
    "how a step is compared": (HEAD + "  - move: reply\n    if: answer |", ["==", "!=", "in"]),
    "what limits an option": (MOVE + "    only_if: {|}", ["absorb", "hit_back"]),
    "what limits an option, once each": (MOVE + "    only_if:\n      absorb: grave\n      |", ["hit_back"]),
    "under which condition": (MOVE + "    only_if: {absorb: |}", ["mood", "answer", "grave", *EVERY_FUNCTION]),
    "odds may name inputs": (
        HEAD + "  - chance: x\n    odds: {a: s|}",
        ["shot_down", "sqrt", "answer", "war_cost", "rest", "abs"],
    ),
    "a row of odds": (
        HEAD + "  - chance: x\n    odds:\n      - {if: grave, a: 1, b: rest}\n      - {|}",
        ["if", "a", "b"],
    ),
    "the condition of a row names no input": (
        HEAD + "  - chance: x\n    odds:\n      - {if: |, a: 1}",
        ["mood", "answer", "grave", *EVERY_FUNCTION],
    ),
    "weights have no rest": (HEAD + "  - chance: x\n    weights: {a: re|}", []),
    "a sibling is not named": (
        HEAD + "  - together:\n      - {move: a, by: north, options: [x]}\n      - {chance: b, if: |, odds: {y: 1}}",
        ["mood", "answer", "grave", *EVERY_FUNCTION],
    ),
    "a state that simply starts can be named before it": (
        HEAD + "  - move: reply\n    if: |\n  - {state: war, start: 0, becomes: 1}\n",
        ["mood", "answer", "war", "grave", *EVERY_FUNCTION],
    ),
    "a state becomes what itself was": (
        HEAD + "  - state: war\n    start: 0\n    becomes: max(wa|",
        ["war"],
    ),
    "a state in rounds starts from what was before the rounds": (
        ROUNDS + "        options: [x]\n      - state: more\n        start: |\n",
        ["mood", "answer", "grave", *EVERY_FUNCTION],
    ),
    "a round ends by what was played in it": (
        ROUNDS + "        options: [x]\n    until: ra|",
        ["raid", "grave"],
    ),
    "the round in rounds": (ROUNDS + "        if: rou|", ["round"]),
    "a term may name inputs and all steps": (
        HEAD + "payoffs:\n  north:\n    t: {pays: w|}",
        ["war_cost", "answer", "shot_down"],
    ),
    "whose payoffs": (HEAD + "payoffs:\n  north: {t: 1}\n  |", ["south"]),
    "an ending names no input": (HEAD + "endings:\n  war: w|", ["answer", "otherwise"]),
    "the last ending": (HEAD + "endings:\n  war: ot|", ["otherwise"]),
    "what a lever sets": (HEAD + "levers:\n  a: {set: {|}}", ["shot_down", "war_cost"]),
    "to what a lever sets it": (
        HEAD + "levers:\n  a: {set: {war_cost: |}}",
        ["shot_down", "war_cost", *EVERY_FUNCTION],
    ),
    "which move a lever touches": (MOVE + "levers:\n  a: {forbid: {|}}", ["answer", "reply"]),
    "which options a lever forbids": (HEAD + "levers:\n  a:\n    forbid: {answer: [wait, |]}", ["staged", "strike"]),
    "which options of a move are closed": (HEAD + "    closed: [staged, |]\n", ["wait", "strike"]),
    "which move has closed options": (CLOSED + "levers:\n  a: {allow: {|}}", ["reply"]),
    "which closed options a lever allows": (CLOSED + "levers:\n  a: {allow: {reply: [|]}}", ["talk"]),
    "to what a lever commits an actor": (CLOSED + "levers:\n  a: {commit: {reply: |}}", ["absorb", "hit_back", "talk"]),
    "which inputs are correlated": (HEAD + "correlations:\n  - {of: [shot_down, |]}", ["war_cost"]),
    "a source": (HEAD + "  - {move: reply, cite: |}", ["cable-7", "paper"]),
    "a source by its first letters": (HEAD + "  - {move: reply, cite: cable-|}", ["cable-7"]),
    "a paragraph": (HEAD + "  - {move: reply, cite: cable-7 |}", ["¶"]),
    "a source in a list": (HEAD + "  - {move: reply, cite: [cable-7 ¶2, pa|]}", ["paper"]),
    "a paragraph in a list": (HEAD + "  - {move: reply, cite: [cable-7 ¶2, cable-7 |]}", ["¶"]),
    "a source in a list on lines of its own": (
        HEAD + "endings:\n  war:\n    cite:\n      - cable-7 ¶2\n      - |",
        ["cable-7", "paper"],
    ),
    "what was observed": (HEAD + "observed:\n  - {date: 2031-01-01, |}", ["round", "mood", "answer"]),
    "as what it was observed": (HEAD + "observed:\n  - {answer: |}", ["wait", "staged", "strike", "skipped"]),
    "nothing where a new name is given": (HEAD + "  - move: |" + TAIL, []),
    "nothing in a text": (HEAD.replace("A test", "A test of a|"), []),
    "nothing in a comment": (HEAD + "# by: n|\n" + TAIL, []),
    "the version": ("format: |", ["1"]),
    "an empty file": ("|", ["format", "title", "actors", "timeline", "endings"]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_offered(case: str) -> None:
    text, expected = CASES[case]
    offered_labels = labels(text)
    if case == "an empty file":
        offered_labels = [label for label in offered_labels if label in expected]
    assert offered_labels == expected


def test_a_completion_replaces_the_word_at_the_cursor() -> None:
    text = "actors:\n  😀: {me|xx: 1}"
    completions = offered(text)
    units = text.replace("|", "").encode("utf-16-le")
    assert units[2 * completions.start : 2 * completions.end].decode("utf-16-le") == "mexx"


def test_a_new_key_is_completed_with_its_colon() -> None:
    assert offered("inputs:\n  a: {be|}").items[0].to_dict()["insert"] == "because: "
    assert offered("inputs:\n  a: {be|: x}").items[0].to_dict()["insert"] == "because"


def test_a_step_is_completed_with_its_dash() -> None:
    assert offered("timeline:\n  |").items[0].insert == "- chance: "
    assert offered("timeline:\n  - |").items[0].insert == "chance: "
    assert offered(HEAD + "  |" + TAIL).items[0].insert == "- chance: "
    assert offered(HEAD + "  - tell: mood\n    to:\n      - north\n      |").items[0].insert == "- south"


def test_a_list_is_completed_with_its_brackets() -> None:
    assert offered(HEAD + "  - {tell: mood, to: |}").items[0].insert == "[north]"
    assert offered(HEAD + "  - {tell: mood, to: [|]}").items[0].to_dict()["insert"] == "north"


def test_a_distribution_is_completed_with_placeholders() -> None:
    item = offered("inputs:\n  a: {is: tri|}").items[0].to_dict()
    assert (item["insert"], item["snippet"]) == ('"triangular(5, 7, 10)"', '"triangular(${low}, ${mode}, ${high})"')
    assert offered('inputs:\n  a: {is: "tri|').items[0].snippet == "triangular(${low}, ${mode}, ${high})"


def test_completions_describe_keys_and_names() -> None:
    key = offered("actors:\n  a: {mem|}").items[0]
    assert key.info.startswith("`recall`: remembers all it has seen")
    name = offered(HEAD + "  - {move: x, if: mo|}").items[0]
    assert name.detail == "mood: a chance step"


def test_every_word_of_the_language_is_described() -> None:
    assert vocabulary.DISTRIBUTIONS.keys() == set(DISTRIBUTIONS) == vocabulary.EXAMPLES.keys()
    assert vocabulary.FUNCTIONS.keys() == FUNCTIONS.keys()


def test_options_are_offered_anywhere_in_the_shipped_crisis() -> None:
    text = (CRISES / "tehran-2024" / "crisis.yaml").read_text(encoding="utf-8")
    at = text.index("pass_on or quiet_word")
    completions = complete(text, at)
    assert [item.label for item in completions.items] == ["pass_on", "keep", "skipped"]
    assert text[completions.start : completions.end] == "pass_on"
