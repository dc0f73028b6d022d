"""The server needs the extra `mcp` only, and holds nothing that sends a document or decides on an assumption."""

from __future__ import annotations

import subprocess
import sys

import grimp

from offramp.mcp.toolbox import TOOLS

ABSENT = ("fastapi", "openai", "lxml", "pypdf", "distributed", "fsspec")
"""Packages of other extras."""
EVERYTHING = """
import importlib, pkgutil, sys
for name in {absent!r}:
    sys.modules[name] = None
import offramp.mcp, offramp.cli.mcp_command
for module in pkgutil.walk_packages(offramp.mcp.__path__, "offramp.mcp."):
    importlib.import_module(module.name)
from offramp.mcp.tasks.warming import warm
from offramp.app.workers import nursery, pools
"""
DECIDING = (
    "offramp.draft.provider",
    "offramp.draft.guarded_http",
    "offramp.draft.review.decisions",
)


def test_everything_loads_with_the_extra_mcp_only() -> None:
    code = EVERYTHING.format(absent=ABSENT)
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_tool_can_send_anything_or_accept_an_assumption() -> None:
    graph = grimp.build_graph("offramp", cache_dir=None)
    own = [module for module in graph.modules if module.startswith("offramp.mcp")]
    for module in own:
        for target in DECIDING:
            assert graph.find_shortest_chain(importer=module, imported=target) is None, (module, target)
    assert not {tool.name for tool in TOOLS} & {"review", "accept", "approve", "draft", "ask", "send", "confirm"}
