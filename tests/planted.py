"""What somebody plants in a folder: modules that leave a mark when they are run."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

WORDS = "import os\nwith open({mark!r}, 'a') as file:\n    file.write(f'{{__name__}} in {{os.getpid()}}\\n')\n"
"""Code that leaves a mark."""


def plant_modules(folder: Path, mark: Path) -> None:
    """Put a module in the place of every one that a process might ask for; one that is run leaves a mark."""
    words = WORDS.format(mark=str(mark))
    names = {*sys.stdlib_module_names, *packages_distributions(), "sitecustomize", "usercustomize", "offramp"}
    for name in names - set(sys.builtin_module_names):
        if name.isidentifier():
            (folder / f"{name}.py").write_text(words, encoding="utf-8")
    (folder / "planted.pth").write_text(f"import sys; exec({words!r})\n", encoding="utf-8")
