"""Main program of a pool's worker process: reads calls from standard input, writes answers to standard output.

It ends when the server ends, for whatever reason, because its standard input is then closed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import struct
import sys
import threading
from typing import Any, BinaryIO

LENGTH = struct.Struct("!Q")
"""A message is its length in bytes, then a pickle of that length."""
TOO_LARGE = "this needs more memory than the workbench may take: make the crisis smaller, or use `memory: state`"


def main() -> None:
    """Serve the calls of the pool that started this process; arguments: bytes of memory, niceness."""
    bytes_of_memory, niceness = map(int, sys.argv[1:])
    _lower_priority(niceness)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output that a library prints must not mix with the answers
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, calls), daemon=True).start()
    _limit_memory(bytes_of_memory)
    while True:
        answer = _answer(calls.get())
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _listen(stream: BinaryIO, calls: queue.SimpleQueue[bytes]) -> None:
    """Queue calls; when the input is closed, end the process at once."""
    while len(head := stream.read(LENGTH.size)) == LENGTH.size:
        calls.put(stream.read(*LENGTH.unpack(head)))
    os._exit(0)


def _answer(call: bytes) -> bytes:
    from offramp.app.http_errors import Refused, refusal_of
    from offramp.common.errors import OfframpError

    try:
        function, args = pickle.loads(call)
        return _packed(True, function(*args))
    except Refused as refused:
        return _packed(False, (refused.status, refused.message, refused.more))
    except OfframpError as error:
        mistake = refusal_of(error)
        return _packed(False, (mistake.status, mistake.message, mistake.more))
    except MemoryError:
        return _packed(False, (503, TOO_LARGE, {}))
    except Exception:
        import traceback

        traceback.print_exc()
        return _packed(False, (500, "the workbench has an internal error; its terminal shows the details", {}))


def _packed(done: bool, value: Any) -> bytes:
    return pickle.dumps((done, value), pickle.HIGHEST_PROTOCOL)


def _lower_priority(niceness: int) -> None:
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)


def _limit_memory(max_bytes: int) -> None:
    """Limit the memory for data, on systems that have such a limit."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, max_bytes))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
