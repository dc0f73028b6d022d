"""`offramp app`: the workbench in the browser."""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import guarded, main
from offramp.cli.parameter_types import FilePath, WholeNumber
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.app.listening import Listening
    from offramp.app.login import Door

PORT = 8321
PASSWORD_BYTES = 10_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@main.command(short_help="Write, solve and vary a crisis in the browser.")
@click.argument("target", metavar="[FILE or DIR]", type=FilePath(), required=False)
@click.option("--port", type=WholeNumber(0, 65535), default=None, help=f"[{PORT}, or the next that is free]")
@click.option("--no-open", is_flag=True, help="Only print the link; open no browser.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to serve on.")
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A host name that others use for this machine; may be repeated.",
)
@click.option("--password-file", type=FilePath(), default=None, help="A file with the password for other users.")
@click.option(
    "--trusted-proxy-header",
    "header",
    default=None,
    metavar="NAME",
    help="The header that a proxy sets for users who have logged in.",
)
@click.option(
    "--trusted-proxy", "proxies", multiple=True, metavar="ADDRESS", help="The address of that proxy [127.0.0.1]."
)
@guarded
def app(
    target: Path | None,
    port: int | None,
    no_open: bool,
    host: str,
    names: tuple[str, ...],
    password_file: Path | None,
    header: str | None,
    proxies: tuple[str, ...],
) -> int:
    """Open the workbench on a crisis FILE, on a folder, or on the current folder: write, solve, vary, run and play.

    Of a folder, its crisis.yaml is opened, or else the crisis that was changed last.

    It is served to this machine only, and only to those who have the printed link. To serve others, give --host
    ADDRESS, --allow-host NAME for each name that they use, and a --password-file, or the header of a proxy that has
    logged them in.
    """
    from offramp.app import check_installed

    check_installed()
    root, opened = _open(target)
    door = _door(host, names, password_file, header, proxies)
    listening = _listening(host, port)
    from offramp.app.browser import open_link
    from offramp.app.folder import Folder
    from offramp.app.listening import serve
    from offramp.app.server import app_of
    from offramp.app.start import workbench

    bench = workbench(Folder(root), opened)
    application = app_of(bench, _hosts(listening.host, listening.port, names), door)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.port}/"
    link = f"{address}#token={bench.token}"

    def ready() -> None:
        # what is printed may be kept in a log that others read: where there is a login, it holds no key
        click.echo(link if door is None else address)
        if door is not None:
            there = tr("Enter the password there.") if door.password else tr("Open it through the proxy, logged in.")
            click.echo(there)
        if not no_open:
            bench.run_beside(open_link(link))

    with contextlib.suppress(KeyboardInterrupt):  # the usual way to end it
        serve(application, listening, ready)
    return 0


def _open(target: Path | None) -> tuple[Path, str | None]:
    """The folder to open, and the crisis file to open in it: the one given, or that of the folder, if it has any."""
    path = (target or Path()).absolute()
    try:
        path = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise OfframpError(f"cannot open {target}: {getattr(error, 'strerror', None) or error}") from None
    from offramp.app.folder import SUFFIXES, Folder

    if path.is_dir():
        return path, Folder(path).main_file()
    if not path.is_file() or path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
        raise UsageError(f"{target} is no crisis file: its name must end in .yaml or .yml")
    return path.parent, path.name


def _door(
    host: str, names: tuple[str, ...], password_file: Path | None, header: str | None, proxies: tuple[str, ...]
) -> Door | None:
    """How other users log in, if any may; UsageError if the workbench would be open to other machines without login."""
    from offramp.app.login import SHORTEST, Door

    password = None
    if password_file is not None:
        try:
            password = read_bounded(password_file, PASSWORD_BYTES).decode().strip()
        except (OSError, ValueError) as error:
            raise OfframpError(f"cannot read {password_file}: {getattr(error, 'strerror', None) or error}") from None
        if len(password) < SHORTEST:
            raise UsageError(f"a password needs at least {SHORTEST} characters, {password_file} holds {len(password)}")
    if header is not None and not names:
        raise UsageError("--trusted-proxy-header needs --allow-host NAME: the name under which the proxy is reached")
    if header is not None and host not in LOOPBACK and not proxies:
        raise UsageError(
            f"on {host} anyone could send that header: give --trusted-proxy ADDRESS, or serve on 127.0.0.1"
        )
    if proxies and header is None:
        raise UsageError("--trusted-proxy goes with --trusted-proxy-header NAME")
    if password is None and header is None:
        if host not in LOOPBACK or names:
            raise UsageError(
                f"to serve other machines give --password-file FILE, with a password of at least {SHORTEST} characters;"
                " or, behind a proxy that logs users in and removes the header from all other requests,"
                " --trusted-proxy-header NAME with --allow-host NAME"
            )
        return None
    return Door(password, header, frozenset(proxies or LOOPBACK))


def _listening(host: str, port: int | None) -> Listening:
    from offramp.app.listening import listen

    try:
        return listen(host, PORT if port is None else port, 100 if port is None else 1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port or PORT} is in use; choose another --port, or leave it out") from None
        raise UsageError(f"cannot serve on {host}: {error.strerror or error}") from None


def _hosts(host: str, port: int, names: tuple[str, ...]) -> frozenset[str]:
    """The accepted values of the Host header."""
    local = [*LOOPBACK[:2], "[::1]", f"[{host}]" if ":" in host else host, *names]
    return frozenset(name.lower() for name in names) | frozenset(f"{name}:{port}".lower() for name in local)
