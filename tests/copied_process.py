"""Main program of the process that `copies` copies: loads Offramp, and copies itself whenever it is asked.

Its standard input is a socket, on which the request comes with the three streams of the copy. It runs no thread, as the
copy of a process with threads may hang.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import pickle
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing import process
from types import ModuleType
from typing import Any, NoReturn

import offramp
from tests import copies

LONGEST = 1_000_000
"""Maximum length of a request, in bytes."""
LAZY = ("altair", "duckdb", "jinja2", "pandas", "rich.console", "vl_convert", "xarray", "tests.runs.test_evidence")
LAZY += ("distributed.cli.dask_scheduler", "distributed.cli.dask_worker")
"""Modules that commands and tests load when they need them."""


def main() -> NoReturn:
    """Copy this process for each request."""
    for name in (*LAZY, *(found.name for found in pkgutil.walk_packages(offramp.__path__, "offramp."))):
        if not name.endswith("__main__"):
            import_module(name)
    from offramp.app.tasks.live_tasks import warm, warm_side
    from offramp.report.filled_page import environment

    warm()
    warm_side()
    for template in ("page.html", "brief.html"):
        environment().get_template(template)
    gc.freeze()
    assert len(os.listdir("/proc/self/task")) == 1
    copy_for(socket.socket(fileno=os.dup(0)))


def copy_for(asked: socket.socket) -> NoReturn:
    """Copy this process for each request, until the socket is closed."""
    while True:
        request, streams, _, _ = socket.recv_fds(asked, LONGEST, 3)
        if not request:
            os._exit(0)
        if copied(asked):
            asked.close()
            leave(lambda request=request, streams=streams: become(*pickle.loads(request), streams))
        for stream in streams:
            os.close(stream)


def copied(asked: socket.socket) -> bool:
    """Whether this is the copy; its parent ends at once, so that the process that asked becomes its parent."""
    reading, writing = os.pipe()
    if between := os.fork():
        os.waitpid(between, 0)
        asked.send(os.read(reading, 20))
        os.close(reading)
        os.close(writing)
        return False
    if number := os.fork():
        os.write(writing, str(number).encode())
        os._exit(0)
    os.close(reading)
    os.close(writing)
    return True


def leave(work: Callable[[], None]) -> NoReturn:
    """Work, then end as Python does, but for the memory of the original, which would take time to free."""
    try:
        work()
        code: Any = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def become(
    words: list[bytes], folder: str, surroundings: dict[str, str], new_session: bool, streams: list[int]
) -> None:
    """Do what Python does at its start, then run the command, or the lines of `-c`."""
    if new_session:
        os.setsid()
    if words[1:2] == [b"app"]:
        copy_what_it_starts(streams)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    errors = [stream.errors for stream in (sys.stdin, sys.stdout, sys.stderr)]
    for own, stream in enumerate(streams):
        os.dup2(stream, own)
        os.close(stream)
    os.chdir(folder)
    process.ORIGINAL_DIR = folder  # type: ignore[attr-defined]
    tempfile.tempdir = None
    os.environ.clear()
    os.environ.update(surroundings)
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding, errors=errors[0])  # noqa: SIM115
    sys.stdout = sys.__stdout__ = written(1, encoding, errors[1])
    sys.stderr = sys.__stderr__ = written(2, encoding, errors[2])
    program, *arguments = map(os.fsdecode, words)
    sys.modules["__main__"] = module = ModuleType("__main__")
    if arguments[:1] == ["-c"]:
        sys.path[0], sys.argv = "", arguments[:1] + arguments[2:]
        exec(compile(arguments[1], "<string>", "exec"), vars(module))
    elif arguments[:2] == ["-P", "-m"]:
        del sys.path[0]
        sys.argv = arguments[2:]
        import_module(arguments[2]).main()
    else:
        from offramp.cli import main as command

        sys.path[0], sys.argv = os.path.dirname(program), [program, *arguments]
        sys.exit(command())


def copy_what_it_starts(streams: list[int]) -> None:
    """Leave a copy behind that is copied for each process of Offramp that this one, which runs threads, starts."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        for stream in (*streams, ours.fileno()):
            os.close(stream)
        copy_for(theirs)
    theirs.close()
    copies.original = lambda: ours
    subprocess.Popen = copies.Copy  # type: ignore[misc]


def written(number: int, encoding: str, errors: str | None) -> Any:
    """A stream to write to, which a terminal sees line by line."""
    stream = io.TextIOWrapper(open(number, "wb"), encoding, errors)  # noqa: SIM115
    at_once = bool(os.environ.get("PYTHONUNBUFFERED"))
    stream.reconfigure(line_buffering=at_once or number == 2 or stream.isatty(), write_through=at_once)
    return stream


if __name__ == "__main__":
    main()
