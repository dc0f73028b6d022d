"""The Python of docs/fitting.md runs, and the options that the page names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offramp.cli import main
from offramp.fitting.fit_folder import read_fit

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fitting.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## What the answer says") :].split("\n## ")[0]


def test_the_python_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crises").symlink_to(ROOT / "crises")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    exec(block.replace("fit.effects()", "fit.effects(20)").replace('over("balance")', 'over("balance", 20)'), {})
    assert read_fit("fits/deterrence").errors == "sandwich"


def test_the_options_of_the_page_are_those_of_the_command() -> None:
    options = {option for parameter in main.commands["fit"].params for option in parameter.opts}
    named = set(re.findall(r"`(--[a-z-]+)", SECTION)) - {"--fit"}
    assert named >= {"--se", "--effects", "--over", "--out", "--replications", "--json"}
    assert named <= options
