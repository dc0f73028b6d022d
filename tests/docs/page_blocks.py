"""The commands and lines of code of a page, in the order in which a reader meets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("docs/*.md"), *ROOT.glob("crises/*/README.md"), *ROOT.glob("*.md")]
)
"""Every page of the documentation, as a path from the root."""
FENCE = re.compile(r"^```(\w*).*\n((?:.*\n)*?)```$", re.MULTILINE)
INDENTED = re.compile(r"(?<=\n\n)(?:    .+\n)+")
SHELL = ("sh", "bash", "console")
CODE = ("python", "sql")


@dataclass(frozen=True)
class Piece:
    """One command, or one block of code."""

    page: str
    section: str
    line: int
    kind: str
    text: str


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands_in(block: str, kind: str) -> list[tuple[int, str]]:
    """The commands of a block, each with its line in it; what a console shows besides is no command."""
    found = []
    lines = block.splitlines()
    for number, line in enumerate(lines):
        text = line.strip()
        if kind == "console":
            text = text[2:] if text.startswith("$ ") else ""
        if text and not text.startswith("#") and not (number and lines[number - 1].endswith("\\")):
            following = iter(lines[number + 1 :])
            while text.endswith("\\"):
                text = text[:-1] + next(following).strip()
            found.append((number, text))
    return found


def pieces(page: str) -> list[Piece]:
    """All commands and code of a page. An indented block is one of commands if it begins with one."""
    text = read(page)
    fenced = [(found.start(2), found[1], found[2]) for found in FENCE.finditer(text)]
    outside = FENCE.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), text)
    indented = [(found.start(), "indented", found[0]) for found in INDENTED.finditer(outside)]
    result = []
    for start, kind, block in sorted(fenced + indented):
        line = text.count("\n", 0, start) + 1
        section = re.findall(r"^## (.+)$|\Z", outside[:start], re.MULTILINE)[-2:][0]
        if kind in CODE:
            result.append(Piece(page, section, line, kind, block))
        elif kind in SHELL or (kind == "indented" and re.match(r"(offramp|pip|make|python|uvx|pipx) ", block.strip())):
            commands = commands_in(block, kind)
            result += [Piece(page, section, line + below, "command", command) for below, command in commands]
    return result


def inline_commands(page: str) -> list[str]:
    """The commands that a page names within a sentence or table."""
    outside = FENCE.sub("", read(page))
    named = re.findall(r"(?<!`)`(offramp [^`]+)`(?!`)", outside)
    return [" ".join(command.replace("\\|", "|").split()) for command in named]
