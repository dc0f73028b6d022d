"""What the worker processes of this machine need, loaded once: they are copies of a process that imports this module.

The import solves a draw of the small crisis, which loads the compiled loops. It leaves no thread behind, as copies of a
process with threads may hang.
"""

from __future__ import annotations

from importlib import import_module

from offramp.crisis.reading import read_text
from offramp.crisis.templates import STARTER, template_text
from offramp.runs.run import run

for module in ("duckdb", "pandas", "scipy.stats", "offramp.runs.chunk_task", "offramp.runs.study_draws"):
    import_module(module)

run(read_text(template_text(STARTER).encode(), "starter.yaml"), draws=1)
