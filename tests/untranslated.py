"""Texts of a module that do not go through the catalogue (`offramp.common.texts`).

`python -m tests.untranslated src/offramp/study` prints them. A text is a string of several words, or what stands where
readers see it: the heading of a column, the caption of a table. Error messages are not texts of pages and findings.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

CATALOGUE = {"tr", "trn", "woven"}
ERRORS = re.compile(r"(Error|Fault|Refused|Mistake|fault|refused|mistake|compile|match|Literal)$")
SHOWN = {"Column": (1, "heading"), "Table": (1, "caption")}
WORDS = re.compile(r"[A-Za-z’']{2,}[,;:.]? [A-Za-z]|[a-z][.;:]$|^[,;.]? ?[a-z]+ $|^ [a-z]+[,;.]?$")


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string that readers see in English whatever the catalogue says."""
    yield from _under(ast.parse(source))


def _under(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Raise | ast.Assert) or (isinstance(node, ast.Call) and _is_apart(node)):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
        return
    if isinstance(node, ast.Call) and _name(node.func) in SHOWN:
        place, keyword = SHOWN[_name(node.func)]
        shown = [*node.args[place : place + 1], *(one.value for one in node.keywords if one.arg == keyword)]
        for one in shown:
            if isinstance(one, ast.Constant) and re.search("[A-Za-z]{2}", str(one.value)):
                yield one.lineno, str(one.value)
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if any(WORDS.search(str(part.value)) for part in node.values if isinstance(part, ast.Constant)):
            yield node.lineno, text
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _under(part.value)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from _under(child)


def _is_apart(call: ast.Call) -> bool:
    name = _name(call.func)
    return name in CATALOGUE or bool(ERRORS.search(name))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        for path in [Path(folder)] if folder.endswith(".py") else sorted(Path(folder).rglob("*.py")):
            for line, text in untranslated(path.read_text(encoding="utf-8")):
                print(f"{path}:{line}: {text!r}")
