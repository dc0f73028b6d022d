"""Version and requirements are stated in several files; all say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RECIPE: dict[str, Any] = yaml.safe_load((ROOT / "release" / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
IN_CONDA = {"duckdb": "python-duckdb"}
"""Packages with another name in conda-forge."""


def test_the_version_is_the_same_wherever_it_stands() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    stated = {str(citation["version"]), newest[1], RECIPE["context"]["version"]}
    assert stated == {PROJECT["version"]}


def test_the_conda_package_needs_what_the_wheel_and_its_workbench_need() -> None:
    needed = [f"python {PROJECT['requires-python']}"]
    for requirement in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["app"]]:
        name, bounds = re.fullmatch(r"([a-z0-9-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
        needed.append(f"{IN_CONDA.get(name, name)} {bounds}")
    assert RECIPE["requirements"]["run"] == needed


def test_the_versions_of_python_are_the_same_wherever_they_stand() -> None:
    said = [each.rpartition(" :: ")[2] for each in PROJECT["classifiers"] if "Python :: 3." in each]
    makefile = re.search(r"^PYTHONS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert makefile is not None
    assert makefile[1].split() == said
