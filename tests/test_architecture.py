"""The package stays a house in which a stranger finds the room: no circles, and one meaning a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import offramp

PACKAGE = Path(offramp.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph("offramp", exclude_type_checking_imports=False, cache_dir=None)
    TopologicalSorter({one: graph.find_modules_directly_imported_by(one) for one in graph.modules}).prepare()


def test_a_file_name_names_one_module() -> None:
    places: dict[str, list[Path]] = defaultdict(list)
    for path in MODULES:
        if path.stem not in ("__init__", "__main__"):
            places[path.stem].append(path)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_public_class_name_has_one_meaning() -> None:
    places: dict[str, list[Path]] = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("package", sorted(path.parent.name for path in MODULES if path.name == "__init__.py"))
def test_no_package_bears_the_name_of_a_public_function(package: str) -> None:
    assert package == "offramp" or package not in offramp.__all__


def test_the_first_line_of_every_module_says_what_lives_there() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []
