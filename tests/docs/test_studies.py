"""The page on what a run says: its Python runs and gives what it names, its commands and options exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from offramp.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    offramp (.*)$|`offramp ([^`]*)`", PAGE, re.MULTILINE)


def test_the_python_of_the_page_runs_and_gives_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"^```python\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
    names: dict[str, object] = {}
    shown = re.compile(r"^(offramp\..*?)  # (\w+): (.*)$")
    for line in code.splitlines():
        if found := shown.match(line):
            answer = eval(found[1], names)
            assert type(answer).__name__ == found[2]
            for attribute in found[3].split(", "):
                assert hasattr(answer, attribute), (found[2], attribute)
        else:
            exec(line, names)


def test_every_command_of_the_page_exists_with_its_options() -> None:
    assert len(COMMANDS) > 20
    for parts in COMMANDS:
        words = [word.strip("[]") for word in shlex.split("".join(parts))]
        command: click.Command = main
        while isinstance(command, click.Group) and words:
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None
            command = found
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options | {"--json"}
