"""The server needs the extra `mcp` only, loads what it needs late, and neither sends a document nor decides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from click.testing import CliRunner

from offramp.cli import main
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


def test_before_the_first_answer_only_the_protocol_is_loaded() -> None:
    loaded = "offramp.cli, offramp.mcp.assistant_server, offramp.mcp.stdio_transport"
    late = ("numpy", "yaml", "offramp.mcp.protocol_methods", "offramp.app.schemas", "offramp.crisis.model")
    code = f"import sys, {loaded}\nprint([name for name in {late!r} if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    )


def test_without_the_extra_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    asked = ["mcp", "--root", str(tmp_path)]
    code = f"import sys\nsys.modules['mcp'] = None\nfrom offramp.cli import main\nmain({asked!r})"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "an assistant's server needs more packages: pip install 'offramp[mcp]'\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--root", "none"], "cannot open none: No such file or directory"),
        (["--root", "token"], "--root takes a folder, token is none"),
        (["--root", ".", "--port", "1"], "--port and --token-file go with --http"),
        (["--root", ".", "--http", "--token-file", "token"], "a token has at least 20 characters and no spaces"),
        (["--root", ".", "--http", "--token-file", "none"], "cannot read none: No such file or directory"),
    ],
)
def test_a_wrong_option_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text("short")
    result = CliRunner().invoke(main, ["mcp", *options])
    assert result.exit_code == 2
    assert result.output.startswith(says)
