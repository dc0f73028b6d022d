"""Start the command `offramp`, or lines of Python, as a process that need not load everything first.

On Linux the process is a copy of one that has loaded Offramp. It is a child of this process like any other: it has a
number, folder, environment, streams and exit code of its own, and hears signals. The processes that a workbench starts
are copies too if the workbench is one. What a test says about the start itself, or about where modules come from, it
says about a process that `subprocess` starts.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from offramp.common.isolation import PYARROW

OFFRAMP = Path(sysconfig.get_path("scripts")) / "offramp"
"""The installed command."""
ADOPT = 36
"""PR_SET_CHILD_SUBREAPER: orphans among the descendants of this process become its children."""
COPIED = ("-c", "-P")
"""First arguments of Python: to run lines, or a module of Offramp as Offramp itself starts it."""
ONE_AT_A_TIME = threading.Lock()


@cache
def original() -> socket.socket:
    """The socket on which the process is asked that all others are copies of; it ends with this process."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.copied_process"]
        one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        surroundings = os.environ | one_thread | PYARROW
        process = subprocess.Popen(command, stdin=theirs, cwd=Path(__file__).parents[1], env=surroundings)
    process.returncode = 0  # nobody waits for it
    return ours


class Copy(subprocess.Popen):  # type: ignore[type-arg]
    """As `subprocess.Popen`, of `[OFFRAMP, ...]`, or of `[sys.executable, ...]` with one of `COPIED` first."""

    def _execute_child(self, args: Any, *more: Any) -> None:
        """Start the process, in the place of `Popen`'s own function, which takes 23 arguments."""
        if args[0] == sys.executable and args[1] not in COPIED:
            super()._execute_child(args, *more)  # type: ignore[misc]
            return
        cwd, env, streams, new_session = more[4], more[5], more[9:15], more[20]
        words = [os.fsencode(word) for word in args]
        surroundings = dict(os.environ if env is None else env)
        request = pickle.dumps((words, os.path.abspath(cwd or os.curdir), surroundings, new_session))
        theirs = [own if end == -1 else end for own, end in enumerate((streams[0], streams[3], streams[5]))]
        libc = ctypes.CDLL(None)
        with ONE_AT_A_TIME:
            asked = original()
            libc.prctl(ADOPT, 1, 0, 0, 0)
            socket.send_fds(asked, [request], theirs)
            self.pid = int(asked.recv(20))
            libc.prctl(ADOPT, 0, 0, 0, 0)
        self._child_created = True
        self._close_pipe_fds(*streams)  # type: ignore[attr-defined]


if sys.platform != "linux":
    Copy = subprocess.Popen  # type: ignore[misc, assignment]


def ran(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, answers: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command with `answers` on its standard input, and take what it says."""
    streams: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with Copy(command, cwd=cwd, env=env, encoding="utf-8", **streams) as process:
        try:
            out, said = process.communicate(answers, timeout=120)
        finally:
            process.kill()
    return subprocess.CompletedProcess(command, process.returncode, out, said)
