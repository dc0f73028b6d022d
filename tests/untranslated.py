"""Texts of a module that do not go through the catalogue (`offramp.common.texts`).

`python -m tests.untranslated src/offramp/study` prints them. A text is a string of several words, or what stands where
readers see it: the heading of a column, the caption of a table. Error messages are not texts of pages and findings,
nor are keys: what is compared, what a `Literal` lists, and what the module translates where it is shown.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

CATALOGUE = {"shown_later", "tr", "trn", "woven"}
ERRORS = re.compile(r"^_?check|(Error|Fault|Refused|Mistake|fault|refused|mistake|compile|match|Literal)$")
FAULTS = {"faults", "mistakes"}
KEYED = {"Draws", "PromptMessage", "completes", "held", "index", "replace", "startswith", "within"}
"""Calls whose strings are keys, instructions to a model, or parts of an error message."""
COMPLETING = {"advice", "kind"}
"""Parameters that complete an error message."""
HELP = {"help", "metavar", "short_help", "show_default"}
"""Parameters that are the help of a command."""
TAG = re.compile(r"<[^>]*(>|$)")
CODE = re.compile(
    r"==|^[ `]*offramp |^ *\{\} --|^\{.*\}$|^\w+(\.(\w+|\{\}))+$|^\w+(\.\w+)+\.?$|^[^<]*(\w=[\w\"]|\w-src )"
)
SHOWN = {"Column": (1, "heading"), "Table": (1, "caption"), "with_progress": (0, "label")}
SQL = re.compile(r"(BEGIN|COMMIT|CREATE|INSERT|PRAGMA|SELECT)\b")
LOOKS = {"FONT", "class", "style"}
"""Constants, and attributes of elements, that say how a picture or a page looks."""
RICH = re.compile(r"\[[^\]]*(\]|$)|^(not |bold|dim|italic|red|reverse|yellow| )+$")
"""Markup and styles of a terminal."""
WORDS = re.compile(r"[A-Za-z’']{2,}[,;:.]? [A-Za-z]|[a-z][.;:]$|^[,;.]? ?[a-z]+ $|^ [a-z]+[,;.]?$")


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string that readers see in English whatever the catalogue says."""
    module = ast.parse(source)
    keys = _keys(module)
    yield from _headings(module)
    for line, text in _under(module, frozenset(_only_in_errors(module))):
        if text not in keys:
            yield line, text


def _headings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The headings of columns and the captions of tables that are strings."""
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and _name(call.func) in SHOWN:
            place, keyword = SHOWN[_name(call.func)]
            for shown in (*call.args[place : place + 1], *(one.value for one in call.keywords if one.arg == keyword)):
                if isinstance(shown, ast.Constant) and re.search("[A-Za-z]{2}", str(shown.value)):
                    yield shown.lineno, str(shown.value)


def _under(node: ast.AST, errors: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The texts in a node; `errors`: the names around it that only errors use."""
    if isinstance(node, ast.Raise | ast.Assert | ast.Compare | ast.MatchValue):
        return
    if isinstance(node, ast.Call) and _is_apart(node):
        return
    if isinstance(node, ast.keyword) and node.arg in COMPLETING | HELP:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.FunctionDef):
        if node.name in errors:
            return
        errors |= _only_in_errors(node)
    if isinstance(node, ast.Assign) and all(_name(target) in errors | LOOKS for target in node.targets):
        return
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and key.value in LOOKS):
                yield from _under(value, errors)
        return
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if any(map(_is_text, _constants(node))) and not SQL.match(text) and not CODE.search(text):
            yield node.lineno, text
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _under(part.value, errors)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_text(node.value):
        yield node.lineno, node.value
    for child in _parts(node):
        yield from _under(child, errors)


def _constants(text: ast.JoinedStr) -> list[str]:
    return [str(part.value) for part in text.values if isinstance(part, ast.Constant)]


def _parts(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of a node that may hold texts: not the key of an entry, nor the default of what completes an error."""
    if isinstance(node, ast.Subscript):
        return [] if _name(node.value) == "Literal" else [node.value]
    if isinstance(node, ast.arguments):
        last = zip(reversed([*node.posonlyargs, *node.args]), reversed(node.defaults), strict=False)
        named = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        return [default for of, default in (*last, *named) if default is not None and of.arg not in COMPLETING]
    return ast.iter_child_nodes(node)


def _is_text(text: str) -> bool:
    return bool(WORDS.search(RICH.sub("", TAG.sub("", text)))) and not CODE.search(text) and not SQL.match(text)


def _keys(tree: ast.AST) -> set[str]:
    """The strings that the module passes to the catalogue, or that a `Literal` of it lists: elsewhere they are keys."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in CATALOGUE:
            found |= {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
        elif isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
            found |= {str(one.value) for one in ast.walk(node.slice) if isinstance(one, ast.Constant)}
    return found | {re.sub(r"\{\w+\}", "{}", text) for text in found}


def _only_in_errors(tree: ast.AST) -> set[str]:
    """Names that are read, or called, in error messages alone, and constants that are compared: they give no text."""
    nodes = list(ast.walk(tree))
    apart: list[ast.AST] = [
        node
        for node in nodes
        if isinstance(node, ast.Raise | ast.Compare)
        or (isinstance(node, ast.Call) and _is_apart(node) and _name(node.func) not in CATALOGUE)
    ]
    read = [node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Load) and _name(node)]
    compared = [one for node in nodes if isinstance(node, ast.Compare) for one in node.comparators]
    compared += [one for node in nodes if isinstance(node, ast.Call) and _name(node.func) in KEYED for one in node.args]
    found = {_name(one) for one in compared if _name(one).isupper()}
    while True:
        there = {id(one) for node in apart for one in ast.walk(node)}
        names = {_name(one) for one in read if id(one) in there} - {_name(one) for one in read if id(one) not in there}
        if names <= found:
            return found
        found |= names
        apart += [
            node.value
            for node in nodes
            if isinstance(node, ast.Assign) and all(_name(target) in found for target in node.targets)
        ]


def _is_apart(call: ast.Call) -> bool:
    name = _name(call.func)
    to_faults = isinstance(call.func, ast.Attribute) and _name(call.func.value) in FAULTS
    to_faults |= any(_name(one) in FAULTS for one in call.args)
    return to_faults or name in CATALOGUE | KEYED or bool(ERRORS.search(name))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        for path in [Path(folder)] if folder.endswith(".py") else sorted(Path(folder).rglob("*.py")):
            for line, text in untranslated(path.read_text(encoding="utf-8")):
                print(f"{path}:{line}: {text!r}")
