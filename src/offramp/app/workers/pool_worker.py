"""A pool's worker process: reads calls, writes answers.

It ends when the server ends, for whatever reason, because the stream of calls is then closed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

if TYPE_CHECKING:
    from offramp.app.http_errors import Refused

LENGTH = struct.Struct("!Q")
"""A message is its length in bytes, then a pickle of that length."""
TOO_LARGE = "this needs more memory than it may take: make the crisis smaller, or use `memory: state`"


def main() -> None:
    """Serve the calls that come from standard input; arguments: bytes of memory, niceness."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output that a library prints must not mix with the answers
    serve(sys.stdin.buffer, answers, *map(int, sys.argv[1:]))


def serve(calls: BinaryIO, answers: BinaryIO, bytes_of_memory: int, niceness: int) -> NoReturn:
    """Answer calls until their stream is closed, within bounds on memory and at a lower priority."""
    _lower_priority(niceness)
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(calls, waiting), daemon=True).start()
    _limit_memory(bytes_of_memory)
    while True:
        answer = _answer(waiting.get())
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _listen(stream: BinaryIO, calls: queue.SimpleQueue[bytes]) -> None:
    """Queue calls; when the input is closed, end the process at once."""
    with contextlib.suppress(OSError):
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
        return _refusal(refused)
    except OfframpError as error:
        return _refusal(refusal_of(error))
    except MemoryError:
        return _refusal(Refused(503, TOO_LARGE))
    except Exception:
        import traceback

        traceback.print_exc()
        return _refusal(Refused(500, "the workbench has an internal error; its terminal shows the details"))


def _refusal(refused: Refused) -> bytes:
    return _packed(False, (refused.status, refused.message, refused.more))


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
