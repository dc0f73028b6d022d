"""Each weak point that a program looks for is found where it was planted, with its line, and not in a clean crisis."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

import offramp
from offramp.crisis.faults import CrisisError
from offramp.draft.redteam.examining import examined
from offramp.draft.redteam.redteam_folder import begin_redteam, opened_redteam
from offramp.draft.redteam.target import target_of
from offramp.draft.redteam.weak_point import MEANS
from offramp.game.checks.text_checks import check_text
from tests.crises import crisis_texts
from tests.draft.redteam.border import CLEAN, line_of, looked_over, written
from tests.examples import examples
from tests.shipped import CRISES

THREE_ACTORS = (
    "  south: {name: Southland, rationality: 3}",
    "  south: {name: Southland, rationality: 3}\n  east: {name: Eastland}",
)


def test_a_clean_crisis_has_no_weak_point(tmp_path: Path) -> None:
    assert looked_over(tmp_path).points == ()


@pytest.mark.parametrize(
    ("changes", "kind", "about", "words", "at"),
    [
        (
            [("{pays: -0.5 * pain * (reply == fight)", "{pays: -2.0 * (reply == fight)")],
            "equal numbers",
            "payoffs.north.loss, payoffs.south.loss",
            "Northland's and Southland's payoffs have the same term, `-2 * (reply == fight)`: it is",
            ["loss: {pays: -2 *", "loss: {pays: -2.0 *"],
        ),
        (
            [("-0.5 * pain * (reply == fight)", "-2 * (raid == strike)")],
            "equal numbers",
            "payoffs.north.loss, payoffs.south.loss",
            "the same sizes in `-2 * (reply == fight)` and `-2 * (raid == strike)`",
            [],
        ),
        (
            [("rationality: 4", "rationality: 3")],
            "equal numbers",
            "actors.north.rationality, actors.south.rationality",
            "Northland and Southland have the same rationality, 3 (the default):",
            ["{name: Northland", "{name: Southland"],
        ),
        (
            [("uniform(0.6, 1.6)", "uniform(0.5, 1.5)")],
            "equal numbers",
            "inputs.prize, inputs.pain",
            "the prize and the pain have the same distribution, uniform(low=0.5, high=1.5), and stand for different",
            ["prize: {name", "pain: {name"],
        ),
        (
            [("-1.2 * (reply == absorb) * (line == low)", "-0.1 * (reply == absorb)")],
            "best option",
            "",
            "the best option of 'reply' is 'absorb' in every situation and all 64 draws",
            ["move: reply"],
        ),
        (
            [("-1.2 * (reply == absorb) * (line == low)", "-0.5 * (reply == absorb)")],
            "best option",
            "timeline.reply.seen",
            "the reply: what Southland has seen makes no difference to what it chooses, which differs by under 0.10%",
            ["move: reply"],
        ),
        (
            [
                ("[absorb, fight]", "[absorb, fight, plead]"),
                ("(reply == absorb) * (line", "(reply != fight) * (line"),
                ("-0.5 * pain * (reply == fight)", "-0.5 * pain * (reply == fight) - 0.3 * (reply == plead)"),
            ],
            "best option",
            "timeline.reply.plead",
            "the reply: plead is the best option in none of 128 cases (64 draws, and all that Southland may know)",
            ["move: reply"],
        ),
        (
            [("-0.5 * pain * (reply == fight)", "-9 * (reply == fight)")],
            "ending",
            "",
            "ending 'war' is only",
            ["war: {if"],
        ),
        (
            [
                ("  calm: {if: otherwise", "  storm: {if: mood == tired, name: a storm}\n  calm: {if: otherwise"),
                (
                    "  war: {if: reply == fight, name: a war, avoid: yes}\n",
                    "  wind: {if: line == low, name: a wind, avoid: yes}\n  war: {if: reply == fight, name: a war}\n",
                ),
            ],
            "ending",
            "endings.wind",
            "no choice has any part in whether it ends in a wind: that depends on chance alone",
            ["wind: {if"],
        ),
        (
            [("prize: prize / 2", "prize: prize * 1.0001")],
            "lever",
            "levers.talks",
            "talks moves no ending",
            ["talks: {name"],
        ),
        (
            [THREE_ACTORS],
            "actor",
            "actors.east",
            "Eastland never moves",
            ["east: {name"],
        ),
        (
            [("seen_by: [north], because: Staff", "seen_by: [north, south], because: Staff")],
            "actor",
            "actors.south.sees",
            "nothing is hidden from Southland: it sees the red line too, which is hidden from others",
            ["south: {name", "chance: line"],
        ),
        (
            [
                ("seen_by: [north], because: Staff", "because: Staff"),
                ("seen_by: [south], cite", "cite"),
            ],
            "actor",
            "timeline",
            "everybody sees everything",
            ["chance: line"],
        ),
        (
            [(", because: Also officers, cite: cable ¶1", ", because: We guess")],
            "source",
            "inputs",
            "1 of 2 inputs has no source: the pain",
            ["pain: {name"],
        ),
        (
            [(", file: sources/memo.txt", "")],
            "source",
            "sources.memo.file",
            "the text of B. Writer is not here, so what 4 assumptions cite of it is not looked up: the mood, the reply",
            ["chance: mood", "move: reply", "face: {pays", "-0.5 * pain"],
        ),
        (
            [("memo ¶1", "cable ¶1")],
            "source",
            "sources.cable",
            "all 10 assumptions that cite anything rest on one source, A. Writer",
            ["cable: {title"],
        ),
        (
            [("memo ¶1", "cable ¶1")],
            "source",
            "sources.cable ¶1",
            "7 of the 10 assumptions that cite anything rest on one paragraph, A. Writer ¶1: the prize, the pain",
            [],
        ),
        (
            [("Also officers, cite: cable ¶1", "Also officers, cite: cable ¶2")],
            "quote",
            "inputs.pain",
            "the pain: a number rests on words that speak of no quantity: uniform(low=0.6, high=1.6)",
            ["pain: {name"],
        ),
    ],
)
def test_a_planted_weak_point_is_found(
    changes: list[tuple[str, str]], kind: str, about: str, words: str, at: list[str], tmp_path: Path
) -> None:
    found = looked_over(tmp_path, *changes)
    points = [
        point for point in found.points if point.kind == kind and words in point.says and about in ("", point.about)
    ]
    assert len(points) == 1, found.points
    assert not at or list(points[0].lines) == [line_of(tmp_path, words) for words in at]


def test_a_document_that_is_given_is_looked_up_for_cites_of_the_source_without_a_text(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Only the general knows the general's mood.\n\nFour in ten.\n", encoding="utf-8")
    changes = [
        (", file: sources/memo.txt", ""),
        ("Staff, cite: memo ¶1}\n  - {move: raid", "Staff, cite: memo ¶3}\n  - {move: raid"),
    ]
    changes.append(
        (
            "face: {pays: -1.2 * (reply == absorb) * (line == low), because: Staff, cite: memo ¶1}",
            "face: {pays: -1.2 * (reply == absorb) * (line == low), cite: 'memo \"he is tired of war\"'}",
        )
    )
    points = {point.about: point for point in looked_over(tmp_path, *changes, document=other).points}
    assert points.keys() == {"timeline.mood", "payoffs.south.face"}
    assert points["timeline.mood"].says == "the mood: there is no ¶3 in the document, which has 2 paragraphs"
    quote = points["payoffs.south.face"].quote
    assert quote is not None
    assert (quote.text, quote.state, quote.paragraph) == ("he is tired of war", "failed", None)


def test_what_check_warns_of_is_taken_over_once(tmp_path: Path) -> None:
    points = looked_over(
        tmp_path,
        (
            '  pain: {name: the pain, is: "uniform(0.6, 1.6)", because: Also officers, cite: cable ¶1}',
            '  pain: {name: the pain, is: "uniform(0.6, 1.6)"}',
        ),
    ).points
    assert [(point.kind, point.says) for point in points] == [
        ("check", "input 'pain' has neither a reason (`because`) nor a source (`cite`)")
    ]


def test_an_impossible_lever_is_told_and_hides_no_other_weak_point(tmp_path: Path) -> None:
    levers = (
        "set: {prize: log(prize - 2)}, because: Ours}\n  idle: {name: idle words, set: {pain: pain}, because: Ours}"
    )
    found = looked_over(tmp_path, ("set: {prize: prize / 2}, because: Ours}", levers))
    assert found.solving.trouble == ""
    assert [(point.kind, point.says.partition(":")[0].partition("(")[0]) for point in found.points] == [
        (
            "lever",
            "idle words moves no ending",
        ),
        ("check", "lever 'talks' sets 'prize' to a value that is not a finite number "),
        ("check", "lever 'idle' changes nothing"),
    ]


def test_a_game_too_large_to_solve_says_so_and_keeps_the_other_points(tmp_path: Path) -> None:
    target = target_of(written(tmp_path, ("rationality: 4", "rationality: 3")))
    object.__setattr__(target.game.size, "nodes", 31_251)
    found = examined(target)
    assert [point.about for point in found.points] == ["actors.north.rationality, actors.south.rationality"]
    assert found.solving.trouble.startswith("The game is too large to be solved here")


EXPECTED = {
    "tehran-2024": {
        "payoffs.israel.war, payoffs.iran.war": "Israel's and Iran's payoffs have the same term, `-war_cost * war`",
        "actors.israel.rationality, actors.iran.rationality": "Israel and Iran have the same rationality",
        "inputs.hezbollah_face, inputs.hamas_face": "Hezbollah's loss of face and Hamas's loss of face have the same",
        "timeline.hezbollah_choice.break_out": "crossing alone is the best option in none of 96 cases (32 draws",
        "timeline.hamas_choice.break_out": "crossing alone is the best option in none of 32 cases (32 draws",
        "sources.korybko": "all 34 assumptions that cite anything rest on one source, Andrew Korybko",
        "sources.korybko ¶11": "10 of the 34 assumptions that cite anything rest on one paragraph, Andrew Korybko ¶11",
        "chance": "1 of 6 chance steps has no source: Iran's red line",
    },
    "starter": {"payoffs.tessia.war, payoffs.marland.war": "it is worth as much to both in every draw"},
}
"""Weak points of what the project ships, each read and found right."""


@pytest.mark.parametrize("name", EXPECTED)
def test_the_shipped_crises_have_the_weak_points_that_a_reader_found_right(name: str) -> None:
    starter = Path(offramp.__file__).parent / "starter.yaml"
    points = examined(target_of(starter if name == "starter" else CRISES / name)).points
    assert {point.kind for point in points} <= MEANS.keys()
    for about, words in EXPECTED[name].items():
        assert [point.about for point in points if words in point.says] == [about]


@given(crisis_texts(most_histories=60))
@settings(max_examples=examples(15), deadline=None)
def test_any_crisis_is_looked_over_and_what_is_found_can_be_kept(text: str) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "crisis.yaml").write_text(text, encoding="utf-8")
        target = target_of(folder / "crisis.yaml")
        if not check_text(text, target.file).ok:  # such as a lever that commits to what is never available
            with pytest.raises(CrisisError):
                examined(target)
            return
        found = examined(target)
        ids = [point.id for point in found.points]
        assert len(ids) == len(set(ids))
        lines = len(text.splitlines())
        assert all(1 <= line <= lines for point in found.points for line in point.lines)
        assert begin_redteam(target, found, folder / "red").state == opened_redteam(folder / "red").state
        assert len(opened_redteam(folder / "red").state.points) == len(found.points)


def test_actors_with_the_same_payoffs_throughout_are_left_to_check(tmp_path: Path) -> None:
    south = (
        "    face: {pays: -1.2 * (reply == absorb) * (line == low), because: Staff, cite: memo ¶1}\n"
        "    loss: {pays: -0.5 * pain * (reply == fight), because: Staff, cite: memo ¶1}\n"
    )
    north = (
        "    gain: {pays: prize * (raid == strike) - 0.6 * (mood == tired) * (raid == strike), because: Promised, "
        "cite: cable ¶2}\n    loss: {pays: -2 * (reply == fight), because: Promised, cite: cable ¶2}\n"
    )
    points = looked_over(tmp_path, (south, north)).points
    assert [point.says for point in points if "same" in point.says and point.kind == "equal numbers"] == []
    (one,) = [point for point in points if "have the same payoff terms" in point.says]
    assert one.kind == "check"


def test_an_option_that_is_nearly_always_best_is_pointed_out_with_its_share(tmp_path: Path) -> None:
    higher = ('the prize, is: "uniform(0.5, 1.5)"', 'the prize, is: "uniform(1.58, 2.58)"')
    points = looked_over(tmp_path, higher).points
    (point,) = [point for point in points if point.about == "timeline.raid"]
    assert point.says.startswith("the raid: strike is the best option in 9")
    assert "of 128 cases (64 draws, and all that Northland may know), so that hardly anything makes" in point.says


def test_an_ending_that_is_never_reached_is_left_to_check(tmp_path: Path) -> None:
    never = ("  war: {if: reply", "  hail: {if: line == low and line == high, name: hail}\n  war: {if: reply")
    points = [point for point in looked_over(tmp_path, never).points if "hail" in point.says]
    assert [point.kind for point in points] == ["check"]


def test_an_actor_without_payoffs_wants_nothing(tmp_path: Path) -> None:
    text = written(tmp_path).read_text(encoding="utf-8")
    start, end = text.index("  south:\n    face"), text.index("endings:")
    (tmp_path / "crisis.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    points = {point.about: point for point in examined(target_of(tmp_path / "crisis.yaml")).points}
    assert points["payoffs.south"].says.startswith("Southland wants nothing")
    assert points["payoffs.south"].lines == (8,)


@pytest.mark.parametrize(("condition", "sees"), [("", True), (", if: line == low", False)])
def test_who_is_always_told_of_what_is_hidden_sees_it(condition: str, sees: bool, tmp_path: Path) -> None:
    tell = ("  - {move: reply", f"  - {{tell: mood, to: [south]{condition}}}\n  - {{move: reply")
    abouts = {point.about for point in looked_over(tmp_path, tell).points}
    assert ("actors.south.sees" in abouts) == sees


def test_a_number_that_says_that_it_is_ours_may_cite_words_without_a_quantity(tmp_path: Path) -> None:
    ours = ("Also officers, cite: cable ¶1", "The number is ours, cite: cable ¶2")
    assert looked_over(tmp_path, ours).points == ()


def test_a_crisis_without_sources_gets_one_point_for_all(tmp_path: Path) -> None:
    lines = [line for line in CLEAN.splitlines() if not line.startswith(("sources", "  cable:", "  memo:"))]
    file = tmp_path / "crisis.yaml"
    file.write_text(re.sub(r",? cite: \w+ ¶\d", "", "\n".join(lines)) + "\n", encoding="utf-8")
    points = [point for point in examined(target_of(file)).points if point.kind == "source"]
    assert [point.says for point in points] == [
        "the crisis names no source: all its 10 inputs, moves, chance steps and payoff terms are its own"
    ]
