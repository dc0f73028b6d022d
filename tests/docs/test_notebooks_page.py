"""The page on notebooks: its code runs as one, and its attributes are the widget's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import offramp
from offramp.notebook.explorer import Explorer
from tests.shipped import tehran

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code = "\n".join(re.findall(r"^```python\n(.*?)```$", PAGE, re.M | re.S))
    names: dict[str, object] = {}
    exec(code, names)
    right = offramp.solve(tehran().with_levers("hotline"), given={"war_cost": 9, "talks": 0.6})
    assert isinstance(explorer := names["explorer"], Explorer)
    assert explorer.endings == right.endings


def test_the_attributes_of_the_page_are_those_of_the_widget() -> None:
    table = PAGE.partition("| attribute |")[2].partition("\n\n")[0]
    found = re.findall(r"^\| `(\w+)` \|", table, re.M)
    public = {name for name in Explorer.class_own_traits() if not name.startswith("_")}
    assert {*found} == public
