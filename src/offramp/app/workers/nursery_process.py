"""Main program of the nursery: loads what worker processes need once, and copies itself for each of them.

Its standard input is a socket: a request asks for a process, and brings the process's own socket. The nursery ends when
the server closes the socket. It runs no thread, as the copy of a process with threads may hang.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from offramp.app.workers.pool_worker import LENGTH, serve

LONGEST = 10_000
"""Maximum length of a request, in bytes."""


def main() -> NoReturn:
    """Start a worker process for each request."""
    os.dup2(2, 1)  # output that a library prints must not be lost
    signal.signal(signal.SIGCHLD, _reap)
    asking = socket.socket(fileno=os.dup(0))
    warmed: set[Callable[[], object]] = set()
    while True:
        request, files, _, _ = socket.recv_fds(asking, LONGEST, 1)
        if not request:
            os._exit(0)  # to free the memory would take time
        memory, niceness, warming = pickle.loads(request)
        if warming is not None and warming not in warmed:
            warming()
            warmed.add(warming)
            gc.freeze()  # the copies share the memory that their garbage collectors leave alone
        with socket.socket(fileno=files[0]) as line:
            try:
                process = os.fork()
            except OSError:  # memory is short
                traceback.print_exc()
                continue
            if process == 0:
                _serve(asking, line, memory, niceness)


def _serve(asking: socket.socket, line: socket.socket, memory: int, niceness: int) -> NoReturn:
    """Be a worker process: tell the process number, then serve calls; never return."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        asking.close()
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        line.sendall(LENGTH.pack(os.getpid()))
        serve(line.makefile("rb"), line.makefile("wb"), memory, niceness)
    except ConnectionError:
        pass  # the process that asked for this one has ended
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _reap(number: int, frame: object) -> None:
    """Take the exit statuses of the worker processes that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()
