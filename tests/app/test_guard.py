"""Only who has the token calls, from the page that is served, with JSON of a bounded size."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from offramp.app import middleware
from offramp.app.folder import Folder
from offramp.app.middleware import Guard, Receive, Scope, Send
from offramp.app.start import workbench
from tests.app.served import Served


def test_a_call_without_the_token_or_with_another_is_refused(served: Served) -> None:
    for said in (None, "Bearer x", f"Bearer {served.token}x", f"Basic {served.token}", "Bearer é", "Bearer"):
        raw = [] if said is None else [(b"Authorization", said.encode())]
        with served.anonymous() as client:
            answer = client.get("/api/hello", headers=raw)
        assert answer.status_code == 401
        assert "open the link" in answer.json()["error"]


def test_a_token_in_the_address_lets_nobody_in(served: Served) -> None:
    with served.anonymous() as client:
        assert client.get("/api/hello", params={"token": served.token}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
def test_a_foreign_host_is_refused_even_the_page(served: Served, host: str) -> None:
    for path in ("/", "/api/hello"):
        answer = served.client.get(path, headers={"Host": host.format(port=served.port)})
        assert answer.status_code in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1", "http://localhost:{port}"])
def test_a_page_of_another_origin_is_refused(served: Served, origin: str) -> None:
    answer = served.client.get("/api/hello", headers={"Origin": origin.format(port=served.port)})
    assert answer.status_code == 403
    assert served.client.get("/api/hello", headers={"Origin": served.url}).status_code == 200


def test_localhost_is_served_too(served: Served) -> None:
    host = f"localhost:{served.port}"
    assert served.client.get("/api/hello", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(served: Served, kind: str) -> None:
    body = json.dumps(served.setting()).encode()
    assert served.client.post("/api/solve", content=body, headers={"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"\xff\xfe", b"nul", b"1"]
)
def test_broken_json_is_one_sentence(served: Served, body: bytes) -> None:
    answer = served.client.post("/api/solve", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert 0 < len(answer.json()["error"]) < 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"given": {"gain": "1"}},
        {"given": {"gain": True}},
        {"given": [1]},
        {"levers": "hotline"},
        {"text": 5},
        {"number": -1},
        {"client": ""},
        {"client": "x" * 65},
        {"more": 1},
        {"rationality": "much"},
    ],
)
def test_a_wrong_shape_is_named_in_one_sentence(served: Served, wrong: dict[str, object]) -> None:
    body = served.setting() | {"client": "shape", "number": 1} | wrong
    answer = served.client.post("/api/solve", json=body)
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.json()["error"]


def test_numbers_that_are_none_are_refused(served: Served) -> None:
    for value in ("NaN", "Infinity", "-Infinity", "1e999"):
        body = json.dumps(served.setting(given={"gain": 0}) | {"client": "nan", "number": 1}).replace(
            '"gain": 0', f'"gain": {value}'
        )
        answer = served.client.post("/api/solve", content=body.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 422


def test_every_answer_carries_the_headers_that_keep_a_page_safe(served: Served) -> None:
    for path, status in (("/", 200), ("/api/hello", 200), ("/api/nothing", 404), ("/page/nothing.js", 404)):
        answer = served.client.get(path)
        assert answer.status_code == status
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        if path.startswith("/api"):
            assert answer.headers["cache-control"] == "no-store"
    refused = served.client.get("/", headers={"Host": "evil.example"})
    assert "content-security-policy" in refused.headers


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(served: Served) -> None:
    head = _head(served, "Content-Length: 100000000")
    assert b" 413 " in _answer(served, head)
    assert _served_still(served)


def test_a_body_that_grows_too_large_is_refused_while_it_is_sent(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(_head(served, "Transfer-Encoding: chunked"))
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        answer = b""
        try:
            for _ in range(1000):
                connection.sendall(chunk)
            raise AssertionError("60 MB were taken")
        except OSError:
            pass  # it was closed
        try:
            answer = connection.recv(65536)
        except OSError:
            answer = b"HTTP/1.1 413 "  # the answer went with the connection
    assert b" 413 " in answer
    assert _served_still(served)


def test_a_request_that_is_not_answered_in_its_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is that of every route: here one that never answers."""
    sent: list[MutableMapping[str, Any]] = []

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def ask(path: str) -> None:
        bench = workbench(Folder(Path(__file__).parent))
        headers = [(b"host", b"here"), (b"authorization", f"Bearer {bench.token}".encode())]
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        async with asyncio.timeout(1.0):
            await Guard(silent, bench, frozenset({"here"}))(scope, receive, send)

    monkeypatch.setattr(middleware, "ROUTE_SECONDS", 0.1)
    asyncio.run(ask("/api/files"))
    assert sent[0]["status"] == 503
    assert json.loads(sent[1]["body"])["error"].startswith("there was no answer after 0.1 seconds; try again")
    with pytest.raises(TimeoutError):  # a study may take longer
        asyncio.run(ask("/api/study"))


def test_a_file_larger_than_a_crisis_may_be_is_refused(served: Served) -> None:
    answer = served.solve("#" * 2_000_001)
    assert answer.status_code == 422
    assert "text" in answer.json()["error"]


def test_a_head_without_end_is_refused(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        try:
            for _ in range(10_000):
                connection.sendall(b"X-Long: " + b"a" * 1_000 + b"\r\n")
            raise AssertionError("10 MB of headers were taken")
        except OSError:
            pass
    assert _served_still(served)


def test_a_second_host_or_token_in_one_request_is_refused(served: Served) -> None:
    head = f"GET /api/hello HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer x\r\n"
    head += f"Authorization: Bearer {served.token}\r\n\r\n"
    assert b" 400 " in _answer(served, head.encode())


def test_two_hundred_idle_sockets_and_slow_bodies_keep_nobody_waiting(served: Served) -> None:
    idle = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(200)]
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(_head(served, "Content-Length: 1000") + b"{")
        assert served.solve().status_code == 200
        assert served.client.get("/").status_code == 200
    finally:
        for connection in idle + slow:
            connection.close()


def test_a_socket_that_asks_for_nothing_is_closed(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        assert connection.recv(1) == b""


def test_a_flood_of_sockets_closes_the_oldest_idle_one_and_serves_others(served: Served) -> None:
    sockets = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(600)]
    try:
        assert _served_still(served)
        sockets[0].settimeout(3)  # before its time is over
        assert sockets[0].recv(1) == b""
    finally:
        for connection in sockets:
            connection.close()


def _head(served: Served, *more: str) -> bytes:
    lines = [
        "POST /api/solve HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        f"Authorization: Bearer {served.token}",
        "Content-Type: application/json",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(served: Served, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(request)
        return connection.recv(65536)


def _served_still(served: Served) -> bool:
    return served.client.get("/api/hello").status_code == 200
