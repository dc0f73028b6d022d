"""The public names of Offramp with their docstrings, grouped by the package that they come from."""

import inspect
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, NumpyDocstring

import offramp

GROUPS = {
    "crisis": "The crisis file",
    "gambit": "Reading and compiling",
    "game": "The compiled game",
    "equilibrium": "One solve",
    "runs": "Runs",
    "study": "Studies",
    "elicitation": "Elicitation",
    "fitting": "Fitting",
    "play": "Play",
    "notebook": "In a notebook",
    "common": "Errors",
}
"""Packages in the order of the page, and the heading of each; another package comes last, under its own name."""


def documented(name: str) -> list[str]:
    """The directive that shows one name: a function, or a class with its own public attributes and methods."""
    if not inspect.isclass(getattr(offramp, name)):
        return [f".. autofunction:: {name}", ""]
    return [f".. autoclass:: {name}", "   :members:", ""]


def python_reference() -> str:
    """All names of `offramp.__all__`."""
    groups: dict[str, list[str]] = {package: [] for package in GROUPS}
    for name in sorted(set(offramp.__all__) - {"__version__"}):
        groups.setdefault(offramp._MODULES[name].split(".")[0], []).append(name)
    lines = []
    for package, names in groups.items():
        if names:
            heading = GROUPS.get(package, package.capitalize())
            lines += [f"## {heading}", "", "```{eval-rst}", ".. currentmodule:: offramp", ""]
            lines += [line for name in names for line in documented(name)]
            lines += ["```", ""]
    return "\n".join(lines)


def sections(app: Sphinx, what: str, name: str, documented: object, options: object, lines: list[str]) -> None:
    """Turn the sections of a docstring, in numpydoc's order, into fields; the docstring of an attribute has none."""
    if what not in ("attribute", "data", "property"):
        lines[:] = NumpyDocstring(lines, Config(napoleon_use_rtype=False), app, what, name, documented, options).lines()


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", sections)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
