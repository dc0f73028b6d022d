"""`offramp mcp`: Offramp as tools for an assistant, over the Model Context Protocol."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from offramp.cli.frame import guarded, main
from offramp.common.errors import OfframpError, UsageError


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
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        raise UsageError("an assistant's server needs more packages: pip install 'offramp[mcp]'")
    import gc

    gc.disable()  # loading makes much and frees nothing: the collector would only delay the first answer
    from offramp.app.folder import Folder
    from offramp.mcp.assistant_server import AssistantServer
    from offramp.mcp.calls import Caps
    from offramp.mcp.stdio_transport import serve_stdio

    try:
        folder = Folder(root.resolve(strict=True))
    except (OSError, RuntimeError, ValueError) as error:
        raise OfframpError(f"cannot open {root}: {getattr(error, 'strerror', None) or error}") from None
    if not folder.root.is_dir():
        raise UsageError(f"--root takes a folder, {root} is none")
    caps = Caps(draws=max_draws, seconds=max_seconds)
    if max_calls is not None:
        caps = Caps(draws=max_draws, seconds=max_seconds, calls=max_calls)
    gc.enable()
    with contextlib.suppress(KeyboardInterrupt):
        serve_stdio(AssistantServer(folder, caps, overwrite=overwrite).server)
    return 0
