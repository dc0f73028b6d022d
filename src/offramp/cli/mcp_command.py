"""`offramp mcp`: Offramp as tools for an assistant, over the Model Context Protocol."""

from __future__ import annotations

import contextlib
import gc
import os
import secrets
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.frame import guarded, main
from offramp.cli.parameter_types import FilePath, FiniteNumber, WholeNumber
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import shown_later, tr, translated

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

    from offramp.mcp.protocol_methods import ProtocolMethods

PORT = 8331
SHORTEST, TOKEN_BYTES = 20, 1_000
BY_HAND = shown_later("""It waits for an assistant's messages on standard input. An assistant starts this
command by itself: write it into the assistant's settings. With --http you start
it, and the assistant connects. Ctrl-C ends it.""")


@main.command(short_help="Serve Offramp's tools to an assistant.")
@click.option(
    "--root",
    type=FilePath(),
    required=True,
    metavar="DIR",
    help="The folder that the assistant may use: it reads nothing outside it.",
)
@click.option("--overwrite", is_flag=True, help="Let it also overwrite files, instead of writing new ones only.")
@click.option(
    "--max-draws", type=WholeNumber(1, 1_000_000), default=100_000, metavar="N", help="Draws of a run [100,000]."
)
@click.option(
    "--max-seconds", type=FiniteNumber(1, 86_400), default=60, metavar="S", help="Seconds of work for a call [60]."
)
@click.option(
    "--max-calls",
    type=WholeNumber(1, 64),
    metavar="N",
    help="Calls worked on at once [the number of cores, at least 2].",
)
@click.option("--http", is_flag=True, help="Serve on 127.0.0.1 over HTTP, instead of standard input and output.")
@click.option("--port", type=WholeNumber(0, 65535), default=None, help=f"The port of --http [{PORT}].")
@click.option(
    "--token-file",
    type=FilePath(),
    default=None,
    metavar="FILE",
    help="A file with the token of --http [a new token at each start].",
)
@guarded
def mcp(
    root: Path,
    overwrite: bool,
    max_draws: int,
    max_seconds: float,
    max_calls: int | None,
    http: bool,
    port: int | None,
    token_file: Path | None,
) -> int:
    """Serve Offramp's tools to an assistant, over the Model Context Protocol.

    The assistant starts this command and talks to it on standard input and output. With --http it is served on this
    machine to those who have the token, which is printed.
    """
    if not http and (port is not None or token_file is not None):
        raise UsageError("--port and --token-file go with --http")
    if find_spec("mcp") is None:
        raise UsageError("an assistant's server needs more packages: pip install 'offramp[mcp]'")
    try:
        folder = root.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise OfframpError(f"cannot open {root}: {getattr(error, 'strerror', None) or error}") from None
    if not folder.is_dir():
        raise UsageError(f"--root takes a folder, {root} is none")

    def methods() -> ProtocolMethods:
        from offramp.app.folder import Folder
        from offramp.mcp.calls import Caps
        from offramp.mcp.protocol_methods import ProtocolMethods

        caps = Caps(max_draws, max_seconds, max_calls or max(2, os.cpu_count() or 1))
        return ProtocolMethods(Folder(folder), caps, overwrite=overwrite)

    gc.disable()  # loading makes much and frees nothing: the collector would only delay the first answer
    from offramp.mcp.assistant_server import server_of

    server = server_of(methods)
    gc.enable()
    with contextlib.suppress(KeyboardInterrupt):
        if http:
            _serve_http(server, PORT if port is None else port, token_file)
        else:
            from offramp.mcp.stdio_transport import serve_stdio

            if sys.stdin.isatty():
                click.echo(translated(BY_HAND), err=True)
            serve_stdio(server)
    return 0


def _serve_http(server: Server[Any], port: int, token_file: Path | None) -> None:
    from offramp.app.listening import listen
    from offramp.mcp.http_transport import HOST, address_of, serve_http

    token = secrets.token_urlsafe(32) if token_file is None else _token_in(token_file)
    try:
        listening = listen(HOST, port, 1)
    except OSError as error:
        raise UsageError(f"cannot serve on port {port}: {error.strerror or error}; choose another --port") from None

    def ready() -> None:
        key = token if token_file is None else tr("(the token in {file})", file=token_file)
        rows = (tr("address:"), address_of(listening)), (tr("header:"), f"Authorization: Bearer {key}")
        width = max(len(label) for label, _ in rows)
        for label, what in rows:
            click.echo(f"{label:{width}} {what}")

    serve_http(server, listening, token, ready)


def _token_in(file: Path) -> str:
    try:
        token = read_bounded(file, TOKEN_BYTES).decode("ascii").strip()
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    if len(token) < SHORTEST or not token.isprintable() or " " in token:
        raise UsageError(f"a token has at least {SHORTEST} characters and no spaces; {file} holds none")
    return token
