"""Hovering explains the word under the pointer: keys, names and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.crisis.editor.hovering import Hover, hover
from tests.crisis.editor.texts import TEHRAN, TEXT, browser_slice

CASES = {
    "a key": ("    mem|ory: state", "memory", "memory", "forgets the steps of earlier rounds"),
    "a kind of step": ("  - mo|ve: quiet_word", "move", "move", "an actor chooses an option"),
    "a section": ("tim|eline:", "timeline", "timeline", "The steps, in order"),
    "an input in an expression": (
        "1 - inter|cept * overload",
        "intercept",
        "intercept: an input, beta(12, 4)",
        "Median 0.761; nine draws in ten lie between 0.56 and 0.9",
    ),
    "an input where it is declared": ("\n  over|load:", "overload", "overload: an input", "share of those odds"),
    "its cite": ("weight|_lapse, inside", "weight_lapse", "weight_lapse: an input", "Cites korybko ¶7"),
    "a distribution": ('"pe|rt(0.3', "pert", "pert(low, mode, high)", "Median 0.513"),
    "a move": ("if: rel|ay == pass", "relay", "relay: a move of us", "Happens only if quiet_word == send"),
    "who sees a move": ("if: rel|ay == pass", "relay", "relay: a move of us", "Seen by us only"),
    "a chance step": ("(bre|ach == lapse", "breach", "breach: a chance step", "Seen by israel only"),
    "a state": ("until: wa|r == 1", "war", "war: a state", "Starts at 0, becomes max(war, spiral == spirals)"),
    "a let": ("grave| * (reply", "grave", "grave: a let", "damage == hits or reading"),
    "an actor": ("by: ir|an\n", "iran", "Iran: an actor", "Moves: quiet_word and iran_answer"),
    "who is told": ("to: [u|s]", "us", "United States: an actor", "Rationality lognormal(median=4"),
    "an option that is compared": (
        "relay == pass|_on\n",
        "pass_on",
        "pass_on: an option of relay, a move of us",
        "Other options: keep",
    ),
    "an option of a list": ("[salvo, br|oad])", "broad", "broad: an option of iran_answer", "stand_down, staged"),
    "a limited option": (
        "only_if: {sta|ged",
        "staged",
        "staged: an option of iran_answer",
        "quiet_word != stay_silent",
    ),
    "a value in odds": ("{low: iran_low, hi|gh", "high", "high: an option of iran_red_line", "Other options: low"),
    "the rest": ("high: re|st}", "rest", "rest", "1 minus"),
    "a function": ("becomes: ma|x(war", "max", "max(a, b, ..)", "largest"),
    "a comparison": ("iran_answer =|= broad)", "==", "==", "1 if it holds"),
    "a cite": ("cite: kory|bko ¶13", "korybko ¶13", "korybko: a source", "Andrew Korybko, 2024-07-31"),
    "a lever": ("  hot|line:", "hotline", "hotline: a lever", "tested line"),
    "an ending": ("  allies|_cross:", "allies_cross", "allies_cross: an ending", "alone == 1"),
    "a payoff term": (
        "    reply_|cost:",
        "reply_cost",
        "reply_cost: a payoff term of israel",
        "rebuke * (reply == broad)",
    ),
    "when it is paid": ("when: each|_round", "each_round", "each_round", "end of every round"),
    "what was observed": (
        "1, hezbollah_ch|oice: join",
        "hezbollah_choice",
        "hezbollah_choice: a move of hezbollah",
        "hold, join",
    ),
    "what a lever sets": ("set: {tal|ks:", "talks", "talks: an input", "cease-fire"),
}


def at(text: str, marked: str, path: Path | None = TEHRAN) -> Hover | None:
    """The help at the bar."""
    plain = marked.replace("|", "", 1)
    assert plain in text, marked
    return hover(text, text.index(plain) + marked.index("|"), path)


@pytest.mark.parametrize("end", ["", "\nbroken: {[\n"], ids=["valid", "broken at the end"])
@pytest.mark.parametrize("case", CASES)
def test_help_on_a_word(case: str, end: str) -> None:
    marked, word, title, part = CASES[case]
    help_text = at(TEXT + end, marked)
    assert help_text is not None
    assert browser_slice(TEXT, help_text.start, help_text.end) == word
    assert help_text.title.startswith(title)
    assert part in " ".join(help_text.paragraphs)


@pytest.mark.parametrize("marked", ["# Red| lines", "|\nformat", 'because: "Ours: an ans|wer'])
def test_some_places_have_no_help(marked: str) -> None:
    assert at(TEXT, marked) is None


def test_cited_words_are_shown_only_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("Hidden words", encoding="utf-8")
    (tmp_path / "in" / "a.txt").write_text("A title\n\nThe second paragraph", encoding="utf-8")
    text = "sources:\n  a: {title: A, file: %s}\ninputs:\n  x: {is: 1, cite: a ¶2}\n"
    inside = at(text % "a.txt", "cite: a| ¶2", tmp_path / "in" / "crisis.yaml")
    assert inside is not None
    assert inside.paragraphs[-1] == "Cites a ¶2: The second paragraph"
    outside = at((text % "../secret.txt").replace("¶2", "¶1"), "cite: a| ¶1", tmp_path / "in" / "crisis.yaml")
    assert outside is not None
    assert outside.paragraphs[-1] == "Cites a ¶1"


SEVERAL = """\
sources:
  a: {title: A report, file: a.txt}
  b: {title: Another, file: b.txt}
timeline:
  - {chance: fog, odds: {thick: 0.5, thin: rest}, options: {thick: {because: It is autumn, cite: [a ¶2, b ¶1]}}}
  - {move: sail, by: north, options: {go: {cite: [b ¶1, a "second paragraph"]}, stay: at anchor}}
endings:
  sunk: {if: sail == go, because: Nobody swims that far, cite: [a ¶2, b ¶1]}
"""


@pytest.mark.parametrize(
    ("marked", "title", "said"),
    [
        ("cite: [a| ¶2, b ¶1]}}}", "a: a source", ["A report", "Cites a ¶2: The second paragraph"]),
        ("cite: [a ¶2, b| ¶1]}}}", "b: a source", ["Another", "Cites b ¶1: Words of b"]),
        (
            "{th|ick: {because",
            "thick: an option of fog",
            ["It is autumn", "Cites a ¶2: The second paragraph", "Cites b ¶1: Words of b"],
        ),
        (
            "if: sail == g|o",
            "go: an option of sail, a move of north",
            ["Cites b ¶1: Words of b", 'Cites a "second paragraph": second paragraph'],
        ),
        (
            "su|nk:",
            "sunk: an ending",
            ["Nobody swims that far", "Cites a ¶2: The second paragraph", "Cites b ¶1: Words of b"],
        ),
    ],
)
def test_every_cite_of_a_list_is_shown(tmp_path: Path, marked: str, title: str, said: list[str]) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nThe second paragraph", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Words of b", encoding="utf-8")
    shown = at(SEVERAL, marked, tmp_path / "crisis.yaml")
    assert shown is not None
    assert shown.title == title
    assert list(shown.paragraphs[-len(said) :]) == said


@pytest.mark.parametrize(
    ("ending", "title", "number"),
    [
        ("ask == on|e", "one: an option of ask, a move of north", "Its number is 1 / 2."),
        ("ask == tw|o", "two: an option of ask, a move of north", "Its number is 2."),
        ("cost == p|3", "p3: an option of cost", "Its number is 2.5."),
        ("val|ue(ask) > 1", "value(STEP)", "0 if it is skipped"),
    ],
)
def test_help_on_an_option_tells_its_number(ending: str, title: str, number: str) -> None:
    text = (
        'actors: {north: {name: N}}\ntimeline:\n  - {chance: cost, grid: "uniform(0, 3)", points: 3}\n'
        "  - {move: ask, by: north, options: {one: 1 / 2, two: {value: 2}, three: a price}}\nendings:\n  e: "
    )
    help_there = hover(f"{text}{ending.replace('|', '')}\n", len(text) + ending.index("|"))
    assert help_there is not None
    assert help_there.title == title
    assert number in help_there.paragraphs[0]
