"""The templates that `offramp new` copies: small crises of one idea each, a starter and a blank one."""

from __future__ import annotations

from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.words import expected

_PACKAGE = Path(__file__).resolve().parents[1]
STARTER = "starter"
"""The template of `offramp new` without `--from`."""


def templates() -> dict[str, Path]:
    """The files of all templates by name: the starter, the blank one, then those of one idea each."""
    ideas = {path.stem: path for path in sorted((_PACKAGE / "templates").glob("*.yaml"))}
    return {STARTER: _PACKAGE / "starter.yaml", "blank": ideas.pop("blank"), **ideas}


def template_text(name: str) -> str:
    """The text of a template.

    Raises
    ------
    UsageError
        If there is no template of that name.
    """
    files = templates()
    if name not in files:
        raise UsageError(f"no template '{name[:60]}'{expected(name, files, len(files))}")
    return files[name].read_text(encoding="utf-8")


def template_line(name: str) -> str:
    """One line on a template: the second line of its file, a comment, after the title in it.

    Examples
    --------
    >>> template_line("blank")
    'a skeleton with every part, to be filled in from top to bottom'
    """
    return template_text(name).split("\n", 2)[1].partition(": ")[2].rstrip(".")
