"""The inside of a process of a pool: takes calls from standard input, one at a time, and answers on standard output.

It ends when the server does, however that ends: its standard input is then closed.
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
"""A message is its length, then so many bytes of pickle."""
TOO_LARGE = "this needs more memory than the workbench may take: make the crisis smaller, or use `memory: state`"


def main() -> None:
    """Serve the calls of the pool that started this process; arguments: bytes of memory, niceness."""
    bytes_of_memory, niceness = map(int, sys.argv[1:])
    _stand_back(niceness)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, calls), daemon=True).start()
    _limit(bytes_of_memory)
    while True:
        answer = _answer(calls.get())
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _listen(stream: BinaryIO, calls: queue.SimpleQueue[bytes]) -> None:
    """Hand on calls; end the process, whatever it is doing, when there is nobody to call."""
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
        return _packed(False, (500, "the workbench has a fault of its own; what it was is printed where it runs", {}))


def _packed(done: bool, value: Any) -> bytes:
    return pickle.dumps((done, value), pickle.HIGHEST_PROTOCOL)


def _stand_back(niceness: int) -> None:
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)


def _limit(most: int) -> None:
    """No more than so many bytes for data; where the system knows such a limit."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
