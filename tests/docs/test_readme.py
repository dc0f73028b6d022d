"""The answer on the Tehran crisis, in the README and on its page, is what the commands give; the README is short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import offramp
from offramp.common.numerals import percent
from offramp.runs.result import Run
from offramp.study.wording import odds_word
from tests.every_command import EVERY_COMMAND
from tests.shipped import tehran

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "docs" / "example.md").read_text(encoding="utf-8")
PLAIN = " ".join(EXAMPLE.split())
ENDINGS = {
    "a joint answer": "joint_answer",
    "an ally's crossing (it crosses the red line on its own)": "allies_cross",
    "a stand-down": "stand_down",
    "a regional war": "war",
}


@pytest.fixture(scope="module")
def run() -> Run:
    return offramp.run(tehran(), draws=2048, seed=1)


def spaced(share: float) -> str:
    return percent(share).replace("%", " %")


@pytest.mark.parametrize("page", [README, EXAMPLE], ids=["README.md", "docs/example.md"])
def test_the_endings_are_those_of_the_run(run: Run, page: str) -> None:
    rows = dict(re.findall(r"^\| ([^|]+?) \| (\d.*?) \|$", page, re.MULTILINE))
    assert len(rows) == len(ENDINGS)
    for words, name in ENDINGS.items():
        interval = run.ending_intervals[name]
        spread = f"{percent(interval.p05).rstrip('%')} to {spaced(interval.p95)}"
        assert rows[words] == f"{spaced(interval.mean)} | {spread} | {odds_word(interval.mean)}"


def test_the_three_heaviest_assumptions_are_those_of_the_run(run: Run) -> None:
    weights = offramp.weigh(run)
    assert weights.heaviest == ("hamas_face", "hezbollah_face", "hamas.rationality")
    for name, words in zip(weights.heaviest, ("(26 %", "(24 %)", "(23 %)"), strict=True):
        assert f"{weights.carried[name]:.0%}" == words.strip("()").replace(" ", "")
        assert words in PLAIN
    passage = next(g for g in weights.groups if (g.ending, g.rests_on) == ("allies_cross", "korybko ¶15"))
    assert f"from {100 * passage.low:.0f} to {100 * passage.high:.0f} %" in PLAIN


def test_the_best_lever_and_the_reason_are_those_of_the_commands() -> None:
    levers = offramp.levers(tehran())
    best, pair = levers.singles[0], levers.pairs[0]
    assert (best.levers, pair.levers) == (("us_restraint",), ("cease_fire_offer", "us_restraint"))
    assert f"war from {percent(levers.before['war']).rstrip('%')} to {spaced(best.after['war'])}" in PLAIN
    assert f"to {spaced(pair.after['war'])}" in PLAIN
    assert best.helps == 1.0
    _, chosen, *reasons = offramp.why(tehran(), "iran_answer").answer
    assert any(f'"{sentence}"' in PLAIN for sentence in reasons)
    likeliest = re.search(r"Iran chooses a staged answer \(([\d.]+)% of cases", chosen)
    assert likeliest is not None
    assert f"Iran chooses a staged answer in {likeliest[1]} % of cases" in PLAIN


def test_what_iran_chooses_over_all_situations_is_what_moves_finds(run: Run) -> None:
    said = next(one for one in offramp.moves(run).answer if one.startswith("At Iran's answer in round 1"))
    shares = re.search(r"a salvo \(([\d.]+)% of cases\), a staged answer \(([\d.]+)%\)", said)
    assert shares is not None
    assert f"a salvo more often, in {shares[1]} % of cases against {shares[2]} %" in PLAIN


def test_what_the_events_say_is_what_update_finds(run: Run) -> None:
    found = offramp.update(run)
    for words, name in (("a joint answer", "joint_answer"), ("war", "war")):
        before, after = found.before[name].mean, found.after[name].mean
        assert f"{words} {percent(before).rstrip('%')} to {spaced(after)}" in PLAIN
    for step, option in (("quiet_word", "send"), ("reading@1", "as_escalation")):
        (odds,) = (one.options[option] for one in found.steps if one.name == step)
        assert f"from {100 * odds[0]:.0f} to {100 * odds[-1]:.0f} %" in PLAIN


def test_every_link_and_picture_of_the_readme_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_is_a_screen_and_a_half() -> None:
    assert len(README.splitlines()) < 75


def test_every_command_has_a_row_in_the_table_of_commands() -> None:
    table = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `offramp (\w+)", table, re.MULTILINE))
    named = set(re.findall(r"`(\w+)[` ]", "".join(re.findall(r"^\| `offramp (?:.*?) \|", table, re.MULTILINE))))
    assert set(EVERY_COMMAND) <= rows | named
