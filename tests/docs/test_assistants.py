"""The page on assistants: its settings start the server, its options exist, its limits are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click import Context

from offramp.app.schemas import FILE_BYTES, NODES
from offramp.app.workers.pools import WAITING
from offramp.cli import mcp_command
from offramp.mcp.http_transport import PATH
from offramp.mcp.kept_answers import MOST_BYTES, MOST_KEPT
from offramp.mcp.stdio_transport import MOST_LINE
from tests.every_command import EVERY_COMMAND

PAGE = (Path(__file__).parents[2] / "docs" / "assistants.md").read_text(encoding="utf-8")
COMMAND = EVERY_COMMAND["mcp"]


def test_the_settings_start_the_command() -> None:
    first, second = (json.loads(text)["mcpServers"]["offramp"] for text in re.findall(r"```json\n(.*?)```", PAGE, re.S))
    name, *options = first["args"]
    assert (first["command"], name) == ("offramp", "mcp")
    given, rest, _ = COMMAND.make_parser(Context(COMMAND)).parse_args([*options])
    assert (given, rest) == ({"root": options[1]}, [])
    assert second["url"] == f"http://127.0.0.1:{mcp_command.PORT}{PATH}"


def test_every_option_is_named_and_exists() -> None:
    exist = {flag for command in EVERY_COMMAND.values() for option in command.params for flag in option.opts}
    named = set(re.findall(r"(--[a-z][a-z-]+)", PAGE))
    assert {flag for option in COMMAND.params for flag in option.opts} <= named <= exist


def test_the_limits_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \| `?(?:--[\w-]+)?`? ?\|$", PAGE, re.MULTILINE))
    defaults = {option.name: option.default for option in COMMAND.params}
    assert rows["draws of a run"] == f"{defaults['max_draws']:,}"
    assert rows["seconds of work for one call"] == f"{defaults['max_seconds']}"
    assert f"calls that are worked on at once; up to {WAITING} more wait" in rows
    assert rows["nodes of a game"] == f"{NODES:,}"
    assert rows["a crisis file"] == f"{FILE_BYTES // 10**6} MB"
    assert rows["a message to the server"] == f"{MOST_LINE // 10**6} MB"
    assert rows["an answer"] == f"{MOST_BYTES // 1000} KB"
    assert f"The last {MOST_KEPT} are kept" in PAGE
    assert f"at least {mcp_command.SHORTEST} characters" in " ".join(PAGE.split())
