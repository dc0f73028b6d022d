"""The page on assistants names every tool, text and prompt that the server offers, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from offramp.mcp.assistant_prompts import PROMPTS
from offramp.mcp.kept_answers import ADDRESS
from offramp.mcp.resources import RESOURCES
from offramp.mcp.toolbox import TOOLS

SECTION = (
    (Path(__file__).parents[2] / "docs" / "assistants.md").read_text(encoding="utf-8").partition("## What it can")[2]
)


def first_cells(heading: str) -> list[str]:
    """The words in code in the first column of the table with this heading."""
    table = SECTION.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"`([^`]+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[2:]))


def test_the_table_of_tools_names_every_tool_once() -> None:
    assert sorted(first_cells("tool")) == sorted(tool.name for tool in TOOLS)


def test_what_a_tool_is_said_to_take_it_takes() -> None:
    table = SECTION.partition("| tool |")[2].partition("\n\n")[0]
    arguments = {tool.name: set(tool.arguments.model_json_schema()["properties"]) for tool in TOOLS}
    for line in table.splitlines()[2:]:
        _, names, _, takes, _ = line.split("|")
        for name in re.findall(r"`(\w+)`", names):
            assert set(re.findall(r"`(\w+)`", takes)) <= arguments[name], name


def test_the_table_of_addresses_names_every_text() -> None:
    named = {re.sub(r"[A-Z]+|payoffs", "*", address) for address in re.findall(r"`(offramp://[^`]+)`", SECTION)}
    offered = {re.sub(r"\{[^}]*\}", "*", resource.uri) for resource in RESOURCES}
    assert named >= offered - {f"{ADDRESS}*"}


def test_the_page_names_every_prompt() -> None:
    assert [prompt.name for prompt in PROMPTS if f"`{prompt.name}`" not in SECTION] == []
