"""The picture and the table of docs/architecture.md are those of the code."""

from __future__ import annotations

import ast
import re
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import offramp

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = Path(offramp.__file__).parent
ARROWS = re.findall(r'^  (\w+)(?:\(\[.*\]\))? -->\|"([\w.]+)"\| (\w+)', PAGE, re.M)
ROWS = re.findall(r"^\| `(\w+)` \| [^|]* \| `([\w.]+)` \| ([\w, ]+) \|$", PAGE, re.M)


def named(dotted: str) -> Any:
    """What a name such as `runs.chunk.Collected.ensemble` names in the package."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        if (PACKAGE / Path(*parts[:end])).with_suffix(".py").is_file():
            return reduce(getattr, parts[end:], import_module(".".join(["offramp", *parts[:end]])))
    raise LookupError(dotted)


def test_the_picture_names_six_structures_in_the_order_of_the_data() -> None:
    assert [source for source, _, _ in ARROWS] == ["file", *(name for name, _, _ in ROWS)]
    assert [target for _, _, target in ARROWS] == [*(name for name, _, _ in ROWS), "reader"]


@pytest.mark.parametrize(("source", "function", "target"), ARROWS)
def test_an_arrow_is_a_function_that_takes_the_one_and_gives_the_other(source: str, function: str, target: str) -> None:
    """By its annotations, or as a subclass of what it is said to give."""
    annotations = named(function).__annotations__
    if target != "reader":
        given = re.findall(r"\w+", annotations["return"])
        module = vars(import_module(named(function).__module__))
        kinds = [module.get(name) for name in given]
        wanted = named({name: f"{place}.{name}" for name, place, _ in ROWS}[target])
        assert any(isinstance(kind, type) and issubclass(kind, wanted) for kind in kinds)


@pytest.fixture(scope="module")
def imports() -> list[tuple[str, str | None, str]]:
    """What the files of the package import: the package that imports, the module that it imports from, and the name."""
    return [
        (path.relative_to(PACKAGE).parts[0], node.module, one.name)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    ]


@pytest.mark.parametrize(("name", "place", "readers"), ROWS)
def test_a_structure_is_defined_and_read_where_the_table_says(
    name: str, place: str, readers: str, imports: list[tuple[str, str | None, str]]
) -> None:
    assert isinstance(named(f"{place}.{name}"), type)
    found = {who for who, *what in imports if what == [f"offramp.{place}", name]}
    assert sorted(found - {"__init__.py"}) == readers.split(", ")


def test_every_package_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ", PAGE.split("## Packages")[1], re.M)
    packages = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()]
    assert sorted(rows) == sorted(packages)
