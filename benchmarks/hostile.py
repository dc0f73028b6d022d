"""What hostile requests do to others at the workbench: how each is refused, and the longest slider step meanwhile."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from row import Row, bounded
from workbench import STEPS_EACH, Asked, timed, values_of, workbench

SOCKETS, SLOW, TIMES = 200, 20, 5
LONG = 10_000_000
"""Bytes of a body that is too large."""


def hostile() -> Row:
    """200 idle connections, 20 bodies that drip, and every other hostile request, five times each."""
    values = values_of(STEPS_EACH)
    with workbench() as link:
        asked = Asked(link)
        asked.step(values[0], "warm", 0)
        host, port = asked.host.split(":")
        idle = [socket.create_connection((host, int(port))) for _ in range(SOCKETS)]
        slow = [socket.create_connection((host, int(port))) for _ in range(SLOW)]
        for each in slow:
            each.sendall(f"POST /api/solve HTTP/1.1\r\nHost: {asked.host}\r\nAuthorization: Bearer {asked.token}\r\n"
                         "Content-Type: application/json\r\nContent-Length: 999\r\n\r\n{".encode())  # fmt: skip
        answers: Counter[tuple[str, int]] = Counter()
        sending = threading.Thread(target=lambda: answers.update(_sent(asked.host, asked.token)))
        sending.start()
        times = timed(asked, values, "another")
        sending.join()
        times += timed(asked, values, "after")
        for each in (*idle, *slow):
            each.close()
    wrong = {what: status for (what, status), _ in answers.items() if not 400 <= status < 500}
    if wrong:
        raise RuntimeError(f"not refused: {wrong}")
    told = ", ".join(f"{what} {status}" for what, status in sorted(answers))
    what = f"A slider step beside {SOCKETS} idle sockets, {SLOW} slow bodies and hostile requests: the longest"
    return bounded(what, max(times), 1.0, "s", told)


def _sent(host: str, token: str) -> Iterator[tuple[str, int]]:
    """Every kind of hostile request, several times, with the status it is answered."""
    own, json_ = f"Authorization: Bearer {token}", "Content-Type: application/json"
    body = json.dumps({"path": "../secret.yaml", "text": "", "was": None})
    long = "x" * LONG
    kinds = {
        "traversal": ("GET /api/file?path=../../etc/passwd", (f"Host: {host}", own), ""),
        "traversal when saving": ("PUT /api/file", (f"Host: {host}", own, json_), body),
        "oversized": ("POST /api/check", (f"Host: {host}", own, json_), long),
        "broken JSON": ("POST /api/check", (f"Host: {host}", own, json_), "{" * 1000),
        "deep JSON": ("POST /api/check", (f"Host: {host}", own, json_), "[" * 100_000 + "]" * 100_000),
        "foreign Host": ("GET /api/hello", ("Host: example.org", own), ""),
        "foreign Origin": ("GET /api/hello", (f"Host: {host}", own, "Origin: http://example.org"), ""),
        "foreign token": ("GET /api/hello", (f"Host: {host}", "Authorization: Bearer guessed"), ""),
        "no JSON": ("POST /api/check", (f"Host: {host}", own, "Content-Type: text/plain"), "x"),
    }
    for _ in range(TIMES):
        for what, (line, headers, content) in kinds.items():
            yield what, _status(host, line, headers, content)


def _status(host: str, line: str, headers: tuple[str, ...], content: str) -> int:
    name, port = host.split(":")
    head = "\r\n".join((f"{line} HTTP/1.1", *headers, f"Content-Length: {len(content)}", "Connection: close"))
    with socket.create_connection((name, int(port)), timeout=30) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        with suppress(OSError):  # refused before all was sent
            connection.sendall(content.encode())
        answer = b""
        with suppress(ConnectionResetError):
            while b"\r\n" not in answer and (part := connection.recv(4096)):
                answer += part
        return int(answer.split()[1]) if answer else 0
