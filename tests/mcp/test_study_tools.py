"""Every tool that studies a run or a crisis gives, after its sentence, what the command line prints as JSON."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.crisis.templates import STARTER, template_text
from tests.mcp.assistants import Assistant

OUTSET = "; no levers pulled; from the outset)."


def printed(root: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What a command prints with --json, run in the folder."""
    before = Path.cwd()
    os.chdir(root)
    try:
        result = CliRunner().invoke(main, [*arguments, "--json"])
    finally:
        os.chdir(before)
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout, parse_constant=lambda name: None)
    return found


@pytest.fixture(scope="module", autouse=True)
def written(root: Path) -> None:
    """The run `runs/a`, and files that differ from `crisis.yaml`."""
    text = template_text(STARTER)
    (root / "other.yaml").write_text(text.replace("(0.6, 1.4, 2.2)", "(0.6, 1.0, 2.2)"), encoding="utf-8")
    seen = "observed:\n  - {date: 2031-05-14, answer: strike}\n"
    (root / "later.yaml").write_text(text.partition("\nobserved:")[0] + "\n" + seen, encoding="utf-8")
    renamed = re.sub(r"\bprotest\b", "words_only", text)
    (root / "rival.yaml").write_text(renamed, encoding="utf-8")
    rows = "files: {first: crisis.yaml, second: rival.yaml}\nendings: {protest: {first: protest, second: words_only}}\n"
    options = "options: {answer.protest: {first: answer.protest, second: answer.words_only}}\n"
    (root / "map.yaml").write_text(rows + options, encoding="utf-8")
    printed(root, "run", "crisis.yaml", "--draws", "256", "--seed", "7", "--out", "runs/a")


STUDIES: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("endings", {"run": "runs/a"}, ["runs/a"], f"(256 draws, seed 7{OUTSET}"),
    (
        "endings",
        {"run": "runs/a", "suppose": {"answer": "strike"}},
        ["runs/a", "--suppose", "answer=strike"],
        "(256 draws, seed 7; no levers pulled; supposing Tessia's answer: a strike).",
    ),
    ("moves", {"run": "runs/a"}, ["runs/a"], f"(256 draws, seed 7{OUTSET}"),
    ("weigh", {"run": "runs/a", "ending": "war"}, ["runs/a", "--ending", "war"], f"(256 draws, seed 7{OUTSET}"),
    (
        "worth",
        {"run": "runs/a", "for": "marland", "draws": 64},
        ["runs/a", "--for", "marland", "--draws", "64"],
        f"(64 draws, seed 7{OUTSET}",
    ),
    ("update", {"run": "runs/a"}, ["runs/a"], f"(256 draws, seed 7{OUTSET}"),
    ("update", {"run": "runs/a", "from": "later.yaml"}, ["runs/a", "--from", "later.yaml"], "(256 draws, seed 7;"),
    (
        "levers",
        {"file": "crisis.yaml", "draws": 32, "seed": 3, "below": 0.05},
        ["crisis.yaml", "--draws", "32", "--seed", "3", "--below", "0.05"],
        f"(32 draws, seed 3{OUTSET}",
    ),
    ("why", {"file": "crisis.yaml", "ending": "war"}, ["crisis.yaml", "--ending", "war"], OUTSET),
    (
        "why",
        {
            "file": "crisis.yaml",
            "move": "reply",
            "sees": {"answer": "strike"},
            "set": {"war_cost": 5},
            "levers": ["hotline"],
            "rationality": 2.5,
        },
        [
            "crisis.yaml",
            "reply",
            "--given",
            "answer=strike",
            "--set",
            "war_cost=5",
            "--lever",
            "hotline",
            "--rationality",
            "2.5",
        ],
        "(one solve at the medians of the inputs, but what war costs = 5, with rationality 2.5 for all actors; levers "
        "pulled: a tested hotline; from the outset).",
    ),
    (
        "map",
        {"file": "crisis.yaml", "x": "face", "y": "war_cost", "size": 3, "move": "answer", "levers": ["hotline"]},
        ["crisis.yaml", "--x", "face", "--y", "war_cost", "--size", "3", "--move", "answer", "--lever", "hotline"],
        "levers pulled: a tested hotline; from the outset).",
    ),
    (
        "compare",
        {"a": "crisis.yaml", "b": "other.yaml", "draws": 32},
        ["crisis.yaml", "other.yaml", "--draws", "32"],
        f"(A is crisis.yaml, B is other.yaml; 32 draws, seed 1{OUTSET}",
    ),
    (
        "compare",
        {"a": "crisis.yaml", "b": "rival.yaml", "map": "map.yaml", "draws": 16},
        ["crisis.yaml", "rival.yaml", "--map", "map.yaml", "--draws", "16"],
        f"16 draws, seed 1{OUTSET}",
    ),
    (
        "compare",
        {"a": "crisis.yaml", "b": "rival.yaml", "map": "map.yaml", "draws": 16, "suppose": {"answer": "protest"}},
        ["crisis.yaml", "rival.yaml", "--map", "map.yaml", "--draws", "16", "--suppose", "answer=protest"],
        "16 draws, seed 1; A: no levers pulled; supposing Tessia's answer: a protest; B: no levers pulled; supposing",
    ),
    (
        "compare",
        {"a": "runs/a", "b": "other.yaml", "draws": 16},
        ["runs/a", "other.yaml", "--draws", "16"],
        f"16 draws, seed 7{OUTSET}",
    ),
]


@pytest.mark.parametrize(
    ("study", "asked", "command", "under"), STUDIES, ids=[f"{s[0]}-{n}" for n, s in enumerate(STUDIES)]
)
def test_a_study_has_the_figures_of_the_command_line_after_a_sentence_with_its_conditions(
    one: Assistant, root: Path, study: str, asked: dict[str, Any], command: list[str], under: str
) -> None:
    answer = one.whole(study, **asked)
    assert next(iter(answer)) == "sentence"
    sentence = answer.pop("sentence")
    assert sentence.endswith(under) or under in sentence
    assert answer == printed(root, study, *command)
    assert sentence.startswith(answer["answer"][0].rstrip(" ."))


def test_a_mistake_is_answered_in_the_words_of_the_tools(one: Assistant) -> None:
    few = {"file": "crisis.yaml", "draws": 16, "suppose": {"answer": "strike"}}
    assert re.search(r"ask again with [\d,]+ draws", one.refused("levers", **few))
    assert "did you mean 'blows'" in one.refused("weigh", run="runs/a", ending="blowz")
    assert "there is no run runs/b" in one.refused("endings", run="runs/b")
    assert "give one of them" in one.refused("why", file="crisis.yaml", move="reply", ending="war")
    assert "did you mean 'face'" in one.refused("map", file="crisis.yaml", x="fase", y="war_cost")
    assert "did you mean 'draws'" in one.refused("levers", file="crisis.yaml", draw=16)
    assert "expected a number of at most 4,096, found 5000" in one.refused("levers", file="crisis.yaml", draws=5000)
    assert "within it" in one.refused("compare", a="../a.yaml", b="crisis.yaml")
    mapped = {"a": "crisis.yaml", "b": "rival.yaml", "map": "map.yaml"}
    assert "did you mean 'protest'" in one.refused("compare", **mapped, suppose={"answer": "protesst"})
    assert "cannot read none.yaml" in one.refused("compare", **mapped | {"map": "none.yaml"})
