"""The tutorial: its files, written part by part, are accepted, its commands print what it shows, its tables are right.

Each `<!-- part of FILE -->` is added to the file; each `<!-- replaces in FILE -->` changes it, `old -> new` a line. In
a console block `[...]` stands for any text; lines may be broken elsewhere than on the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_cli import done

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^(?:<!-- (part of|replaces in) (\S+) -->\n)?```(\w+)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


def rows(title: str) -> dict[str, str]:
    """The rows of the table whose head begins with `title`."""
    table = PAGE.partition(f"| {title}")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| (\d.*?) \| (.*?) \|$", table, re.MULTILINE))


def test_the_files_and_commands_of_the_page_give_what_it_shows(tmp_path: Path) -> None:
    for folder in ("reef", "weeks"):
        (tmp_path / folder).mkdir()
    for mark, name, language, text in BLOCKS:
        if language == "console":
            command, _, shown = text.removeprefix("$ offramp ").partition("\n")
            parts = [r"\s+".join(map(re.escape, part.split())) for part in shown.split("[...]")]
            found = done(tmp_path, *command.split())
            assert re.fullmatch(r"\s*(?:.*\s*)?".join(parts) + r"\s*", found, re.DOTALL), found
            continue
        file = tmp_path / name
        written = file.read_text(encoding="utf-8") if file.exists() else ""
        if mark == "replaces in":
            for line in text.splitlines():
                old, _, new = line.partition(" -> ")
                assert written.count(old) == 1
                written = written.replace(old, new)
            text = ""
        file.write_text(written + text, encoding="utf-8")
    assert "0 warnings" in done(tmp_path, "check", "reef/crisis.yaml")


def test_the_price_of_a_disaster_makes_the_gamble_even() -> None:
    for chance, cost in rows("it would just accept").items():
        one, many = map(int, chance.split(" in "))
        assert (1 - one / many) * 1 == pytest.approx(one / many * int(cost))


def test_a_difference_is_chosen_as_often_as_the_table_says() -> None:
    assert len(rows("one option is better by")) == 6
    for better, chosen in rows("one option is better by").items():
        share = 100 / (1 + np.exp(-3 * float(better)))
        digits = chosen.split()[0]
        assert f"{share:.{len(digits.partition('.')[2])}f}" == digits
    assert "95 times in 100" in rows("one option is better by")["1"]
