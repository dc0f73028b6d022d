"""`offramp mcp`: Offramp as tools for an assistant, over the Model Context Protocol."""

from __future__ import annotations

import contextlib
import gc
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import guarded, main
from offramp.common.errors import OfframpError, UsageError

if TYPE_CHECKING:
    from offramp.mcp.handlers import Handlers


@main.command(short_help="Serve Offramp's tools to an assistant.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that the assistant may use: it reads nothing outside it.",
)
@click.option("--overwrite", is_flag=True, help="Let it also overwrite files, instead of writing new ones only.")
@click.option("--max-draws", type=click.IntRange(1, 1_000_000), default=100_000, show_default=True, metavar="N")
@click.option("--max-seconds", type=click.FloatRange(1, 86_400), default=60, show_default=True, metavar="S")
@click.option("--max-calls", type=click.IntRange(1, 64), default=None, metavar="N", help="[the number of cores]")
@guarded
def mcp(root: Path, overwrite: bool, max_draws: int, max_seconds: float, max_calls: int | None) -> int:
    """Serve Offramp's tools to an assistant, over the Model Context Protocol, on standard input and output."""
    if find_spec("mcp") is None:
        raise UsageError("an assistant's server needs more packages: pip install 'offramp[mcp]'")
    try:
        folder = root.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise OfframpError(f"cannot open {root}: {getattr(error, 'strerror', None) or error}") from None
    if not folder.is_dir():
        raise UsageError(f"--root takes a folder, {root} is none")

    def handlers() -> Handlers:
        from offramp.app.folder import Folder
        from offramp.mcp.calls import Caps
        from offramp.mcp.handlers import Handlers

        caps = Caps(max_draws, max_seconds, max_calls or max(2, os.cpu_count() or 1))
        return Handlers(Folder(folder), caps, overwrite=overwrite)

    gc.disable()  # loading makes much and frees nothing: the collector would only delay the first answer
    from offramp.mcp.assistant_server import server_of
    from offramp.mcp.stdio_transport import serve_stdio

    gc.enable()
    with contextlib.suppress(KeyboardInterrupt):
        serve_stdio(server_of(handlers))
    return 0
