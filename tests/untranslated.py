"""Texts of a module that do not go through the catalogue (`offramp.common.texts`).

`python -m tests.untranslated src/offramp/study` prints them. A text is a string of several words, or what stands where
readers see it: the heading of a column, the caption of a table. Error messages are not texts of pages and findings, nor
is a variable that only they use. A string that is also a message of its module is a key of data, shown by that message.
A message in an f-string counts as untranslated, because Babel does not find it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

CATALOGUE = {"tr", "trn", "woven"}
ERRORS = re.compile(r"(Error|Fault|Refused|Mistake|fault|refused|mistake|compile|match|Literal|Draws)$")
SHOWN = {"Column": (1, "heading"), "Table": (1, "caption")}
LOOKS = {"FONT", "class", "style"}
"""Constants, and attributes of elements, that say how a picture or a page looks."""
WORDS = re.compile(r"[A-Za-z’']{2,}[,;:.]? [A-Za-z]|[a-z][.;:]$|^[,;.]? ?[a-z]+ $|^ [a-z]+[,;.]?$")


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string that readers see in English whatever the catalogue says."""
    module = ast.parse(source)
    yield from _headings(module)
    messages = {
        argument.value
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and _name(call.func) in CATALOGUE
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    for line, text in _under(module, frozenset()):
        if text not in messages:
            yield line, text


def _headings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The headings of columns and the captions of tables that are strings."""
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and _name(call.func) in SHOWN:
            place, keyword = SHOWN[_name(call.func)]
            for shown in (*call.args[place : place + 1], *(one.value for one in call.keywords if one.arg == keyword)):
                if isinstance(shown, ast.Constant) and re.search("[A-Za-z]{2}", str(shown.value)):
                    yield shown.lineno, str(shown.value)


def _under(node: ast.AST, of_errors: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The texts in a node; `of_errors`: the variables around it that only errors use."""
    if isinstance(node, ast.Raise | ast.Assert) or (isinstance(node, ast.Call) and _is_apart(node)):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
        return
    if isinstance(node, ast.FunctionDef):
        of_errors = _of_errors(node)
    if isinstance(node, ast.Assign) and {_name(target) for target in node.targets} <= of_errors | LOOKS:
        return
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and key.value in LOOKS):
                yield from _under(value, of_errors)
        return
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if any(WORDS.search(str(part.value)) for part in node.values if isinstance(part, ast.Constant)):
            yield node.lineno, text
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _inside(part.value)
                yield from _under(part.value, of_errors)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from _under(child, of_errors)


def _inside(value: ast.expr) -> Iterator[tuple[int, str]]:
    """The messages in a part of an f-string, where Babel does not find them."""
    for call in ast.walk(value):
        if isinstance(call, ast.Call) and _name(call.func) in CATALOGUE:
            yield call.lineno, ast.unparse(call)


def _of_errors(function: ast.FunctionDef) -> frozenset[str]:
    """The variables that errors use, and nothing else of the function."""
    raised = [node for error in ast.walk(function) if isinstance(error, ast.Raise) for node in ast.walk(error)]
    used = {id(node): node.id for node in ast.walk(function) if isinstance(node, ast.Name) and _is_used(node)}
    of_errors = {used.pop(id(node)) for node in raised if id(node) in used}
    return frozenset(of_errors - set(used.values()))


def _is_used(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


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
