"""A server on this machine that speaks the chat protocol of OpenAI: what it answers is given by a function.

The server answers `POST /v1/chat/completions`, counts what it is asked, and keeps what went wrong in the function, so
that a test fails if a client asked what nobody recorded.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server answers: a model's text, or with another status an error; `delay` in seconds.

    `finish`: why the model stopped; `counts`: whether tokens are counted. `body` is sent in the place of all that, and
    with `drip`, its bytes are sent one by one, that many seconds apart.
    """

    text: str = ""
    status: int = 200
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    finish: str = "stop"
    counts: bool = True
    body: bytes | None = None
    drip: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request: the model's name, the messages, and the headers."""

    model: str
    messages: Sequence[Mapping[str, Any]]
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass
class Loopback:
    """A running server: its address for `--base-url`, and every request in order."""

    base_url: str
    asked: list[Asked]


class UnknownRequestError(LookupError):
    """Nothing is recorded for a request."""


def request_hash(model: str, messages: Sequence[Mapping[str, Any]]) -> str:
    """The SHA-256 of a model's name and of the messages.

    Examples
    --------
    >>> request_hash("m", [{"role": "user", "content": "x"}])[:12]
    'fc692012b8c7'
    """
    plain = [[str(message["role"]), str(message["content"])] for message in messages]
    return hashlib.sha256(json.dumps([model, plain], ensure_ascii=False).encode()).hexdigest()


@contextmanager
def loopback(answer: Callable[[Asked], Reply]) -> Iterator[Loopback]:
    """Serve until the block ends; then raise the first `UnknownRequestError` that `answer` raised."""
    unknown: list[UnknownRequestError] = []
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(Asked(body.get("model", ""), body.get("messages", ()), body, dict(self.headers)))
            if not self.path.endswith("/chat/completions"):
                return self.send(Reply(f"no such address: {self.path}", 404))
            try:
                return self.send(answer(asked[-1]))
            except UnknownRequestError as error:
                unknown.append(error)
                return self.send(Reply(str(error), 404))

        def send(self, reply: Reply) -> None:
            time.sleep(reply.delay)
            content = json.dumps(_completion(reply, asked[-1])).encode() if reply.body is None else reply.body
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                for piece in _pieces(content, reply.drip):
                    self.wfile.write(piece)
            except (BrokenPipeError, ConnectionResetError):  # the client did not wait
                pass

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Loopback(f"http://127.0.0.1:{server.server_port}/v1", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    if unknown:
        raise unknown[0]


def _completion(reply: Reply, asked: Asked) -> dict[str, Any]:
    if reply.status != 200:
        return {"error": {"message": reply.text, "type": "error", "code": reply.status}}
    prompt = sum(len(str(message["content"])) for message in asked.messages) // 4
    answered = len(reply.text) // 4
    usage = {"prompt_tokens": prompt, "completion_tokens": answered, "total_tokens": prompt + answered}
    return {
        "id": f"chatcmpl-{request_hash(asked.model, asked.messages)[:16]}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [
            {
                "index": 0,
                "finish_reason": reply.finish,
                "message": {"role": "assistant", "content": reply.text},
                "logprobs": None,
            }
        ],
        **({"usage": usage} if reply.counts else {}),
    }


def _pieces(content: bytes, pause: float) -> Iterator[bytes]:
    if not pause:
        yield content
        return
    for number in range(len(content)):
        yield content[number : number + 1]
        time.sleep(pause)
