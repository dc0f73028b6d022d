"""The notebooks of the documentation run from top to bottom, and show what is committed.

`python -m tests.docs.test_notebooks` runs them and writes what they show into them.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.notebook.notebook_servers import homes
from tests.shipped import CRISES

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 300_000
WIDGET = "application/vnd.jupyter.widget-view+json"
"""What a page without Python cannot show; the table beside it is shown in its place."""
COMPARED = ("text/html", "text/plain")


def executed(path: Path, folder: Path) -> nbformat.NotebookNode:
    """A notebook, run in a copy of its place in the repository; a cell that fails ends it."""
    place = folder / "docs" / "notebooks"
    place.mkdir(parents=True)
    shutil.copytree(CRISES, folder / "crises")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place)}})
    client.execute(env=homes(folder))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if len(data) > 1:  # a table or a picture, and the same for a terminal
                data.pop("text/plain", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def shown(notebook: nbformat.NotebookNode) -> list[list[dict[str, Any]]]:
    """What each cell of code shows as text and tables; of a picture, only that there is one."""
    return [
        [
            {"stream": output.text}
            if output.output_type == "stream"
            else {kind: output.data[kind] if kind in COMPARED else "" for kind in sorted(output.data)}
            for output in cell.outputs
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_is_committed(path: Path, tmp_path: Path) -> None:
    assert shown(executed(path, tmp_path)) == shown(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_asks_nobody(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert WIDGET not in text
    assert "<script" not in text
    notebook = json.loads(text)
    places = re.findall(r"\]\(([^)#]+)", "".join("".join(cell["source"]) for cell in notebook["cells"]))
    assert places
    assert [place for place in places if not (FOLDER / place).is_file()] == []


if __name__ == "__main__":
    for one in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as name:
            nbformat.write(executed(one, Path(name)), one)
