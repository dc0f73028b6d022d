"""The page on playing: its Python runs, and its commands and options exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offramp.play.model_seat import HOW_TO_ANSWER
from tests.every_command import EVERY_COMMAND

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "playing.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"^```python\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
    exec(code, {})
    assert capsys.readouterr().out.startswith("It ended in ")


def test_the_options_of_the_page_are_those_of_the_command() -> None:
    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    known = {option for parameter in EVERY_COMMAND["play"].params for option in parameter.opts}
    assert named <= known
    assert {option for option in known if option.startswith("--")} - named == {"--max-nodes"}


def test_the_page_quotes_the_one_message_that_only_a_model_gets() -> None:
    assert HOW_TO_ANSWER in " ".join(line.removeprefix("> ") for line in PAGE.splitlines())
