"""The page on asking experts: its file is read, its output is the command's, its options exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.elicitation import panel_file
from tests.every_command import EVERY_COMMAND

PAGE = (Path(__file__).parents[2] / "docs" / "elicitation.md").read_text(encoding="utf-8")
((FILE,), (OUTPUT,)) = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("yaml", "text"))


def test_the_file_gives_the_output_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("panel.yaml").write_text(FILE, encoding="utf-8")
    result = CliRunner().invoke(main, ["elicit", "panel.yaml"])
    assert result.exit_code == 0
    assert result.output.startswith(OUTPUT)


def test_every_option_of_the_page_is_one_of_the_command() -> None:
    options = {option for parameter in EVERY_COMMAND["elicit"].params for option in parameter.opts}
    assert set(re.findall(r"--[a-z]+", PAGE)) <= options


def test_every_key_and_bound_of_the_file_is_on_the_page() -> None:
    keys = {*panel_file._FILE_KEYS, *panel_file._QUESTION_KEYS, *panel_file._SEED_KEYS}
    assert [key for key in keys if not re.search(rf"`{key}[`:]|^ *{key}:", PAGE, re.MULTILINE)] == []
    assert f"At most {panel_file.MAX_EXPERTS} experts" in PAGE
    assert f"{panel_file.MAX_QUESTIONS} questions" in PAGE.replace("\n", " ")
