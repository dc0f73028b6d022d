"""The page on solving: its commands print what it shows, and its Python runs.

In a console block `[...]` stands for any lines; lines may be broken elsewhere than on the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import offramp
from offramp.equilibrium.branch.traced import STATUSES, Ended
from offramp.gambit.opening import compile_game
from offramp.runs.result import EARLY, TRACED, TRACED_LATER
from tests.cli.test_cli import done

PAGE = (Path(__file__).parents[2] / "docs" / "solving.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n\$ offramp (.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page."""
    folder = tmp_path_factory.mktemp("solving")
    for name, text in re.findall(r"^<!-- file: (.+?) -->\n```yaml\n((?:.*\n)*?)```$", PAGE, re.MULTILINE):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_a_command_prints_what_the_page_shows(folder: Path, command: str, shown: str) -> None:
    parts = [r"\s+".join(map(re.escape, part.split())) for part in shown.split("[...]")]
    assert re.fullmatch(r"\s*(?:.*\s+)?".join(parts) + r"\s*", done(folder, *command.split()), re.DOTALL)


def test_the_python_of_the_page_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (code,) = re.findall(r"^```python\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
    names: dict[str, object] = {}
    exec(code, names)
    for name, attributes in re.findall(r"^(\w+) = .*# \w+: (.*)$", code, re.MULTILINE):
        found = names[name][0] if isinstance(names[name], tuple) else names[name]
        for attribute in attributes.split(", "):
            assert hasattr(found, attribute), (name, attribute)


def test_every_status_is_on_the_page_and_so_is_how_a_solve_ends() -> None:
    table = re.findall(r"^\| `(.+?)` \| ", PAGE, re.MULTILINE)
    assert sorted(table) == sorted(STATUSES)
    for ended in Ended.__args__:
        assert f"`{ended}`" in PAGE
    assert f"every {TRACED}th draw of the first {EARLY:,} and every {TRACED_LATER:,}th of the others" in " ".join(
        PAGE.split()
    )


def test_the_page_is_right_about_where_the_patrols_are_crossed(folder: Path) -> None:
    game = compile_game(offramp.read(folder / "patrols.yaml"))
    assert offramp.solve(game, rationality=0.68).status == "principal"
    assert offramp.solve(game, rationality=0.69).status == "bifurcation"
