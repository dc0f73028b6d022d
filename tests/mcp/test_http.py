"""Over HTTP only this machine is served, only with the token, and to no page of a browser."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from mcp.client.streamable_http import streamable_http_client

from mcp import Client
from offramp.crisis.templates import STARTER, template_text
from offramp.mcp.assistant_prompts import PROMPTS
from offramp.mcp.resources import RESOURCES
from offramp.mcp.stdio_transport import MOST_LINE
from offramp.mcp.toolbox import TOOLS
from tests.app.served import SMALL
from tests.mcp.assistants import PATIENCE, children, command, ended_when_left, started, text_of
from tests.mcp.test_confined import unseen
from tests.processes import is_running

TOKEN = "a-token-of-thirty-two-characters"
GREETING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("root")
    (root / "small.yaml").write_text(SMALL, encoding="utf-8")
    (root / "slow.yaml").write_text(unseen(16), encoding="utf-8")
    file = tmp_path_factory.mktemp("own") / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    arguments = command(root, "--max-calls", "1", "--http", "--port", "0", "--token-file", str(file))
    errors = file.with_name("errors")
    with errors.open("w") as stderr, started(arguments, stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        assert TOKEN not in said
        yield said.split()[1]
        own = children(process.pid)
        with unfinished(said.split()[1]):
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        told = errors.read_text(encoding="utf-8")
        assert "Traceback" not in told
        assert "ERROR" not in told
        assert not any(map(is_running, own))


@contextmanager
def unfinished(address: str) -> Iterator[None]:
    """A request whose body does not end."""
    url = httpx.URL(address)
    head = f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nAuthorization: Bearer {TOKEN}\r\n"
    with socket.create_connection((url.host, url.port or 0)) as slow:
        slow.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n".encode())
        time.sleep(0.2)
        yield


def post(address: str, content: bytes | None = None, **headers: str) -> httpx.Response:
    own = {
        "authorization": f"Bearer {TOKEN}",
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(GREETING).encode() if content is None else content
    return httpx.post(address, content=body, headers=own | given, timeout=30)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    own = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
    async with own, Client(streamable_http_client(address, http_client=own), read_timeout_seconds=PATIENCE) as client:
        yield client


def test_the_official_client_gets_answers_and_a_call_that_it_leaves_ends(address: str) -> None:
    async def asked() -> tuple[dict[str, Any], bool]:
        async with connected(address) as client:
            result = await client.call_tool("solve", {"file": "small.yaml"})
            return text_of(result), await ended_when_left(client, "slow.yaml")

    with start_blocking_portal() as portal:
        answer, ended = portal.call(asked)
    assert answer["converged"]
    assert ended


def test_tools_resources_and_prompts_are_the_same_as_over_standard_input(address: str) -> None:
    async def asked() -> tuple[list[str], set[str], str, list[str], str]:
        async with connected(address) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            listed = (await client.list_resources()).resources
            templates = (await client.list_resource_templates()).resource_templates
            uris = {one.uri for one in listed} | {one.uri_template for one in templates}
            starter = (await client.read_resource("offramp://starter")).contents[0].text  # type: ignore[union-attr]
            prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
            drafted = await client.get_prompt("draft", {"document": "account.txt"})
            return tools, uris, starter, prompts, drafted.messages[0].content.text  # type: ignore[union-attr]

    with start_blocking_portal() as portal:
        tools, uris, starter, prompts, drafted = portal.call(asked)
    assert tools == [tool.name for tool in TOOLS]
    assert uris == {one.uri for one in RESOURCES}
    assert starter == template_text(STARTER)
    assert prompts == [prompt.name for prompt in PROMPTS]
    assert "account.txt" in drafted


def test_forty_calls_at_once_are_all_answered_with_progress_for_the_slow_one(address: str) -> None:
    told: list[str | None] = []
    found: dict[float, float] = {}

    async def hear(done: float, total: float | None, words: str | None) -> None:
        told.append(words)

    async def asked() -> None:
        async with connected(address) as client, anyio.create_task_group() as group:

            async def ask(value: float) -> None:
                result = await client.call_tool("solve", {"file": "small.yaml", "set": {"gain": value}})
                found[value] = text_of(result)["endings"][0]["probability"]

            with anyio.move_on_after(2.5):
                await client.call_tool("solve", {"file": "slow.yaml"}, progress_callback=hear)
            for number in range(40):
                group.start_soon(ask, number / 40)

    with start_blocking_portal() as portal:
        portal.call(asked)
    assert told[0] == "solving, for 1 s so far"
    assert [found[value] for value in sorted(found)] == sorted(found.values())
    assert len(set(found.values())) == 40


def test_a_session_begins_with_the_token(address: str) -> None:
    assert post(address).status_code == 200


@pytest.mark.parametrize("token", ["", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN])
def test_without_the_token_nothing_is_served(address: str, token: str) -> None:
    refused = post(address, authorization=token)
    assert refused.status_code == 401
    assert TOKEN not in refused.text
    for method in ("GET", "DELETE", "PUT"):
        assert httpx.request(method, address, headers={"authorization": token}).status_code == 401


def test_a_token_in_the_address_or_a_cookie_opens_nothing(address: str) -> None:
    assert httpx.post(f"{address}?token={TOKEN}&access_token={TOKEN}", json=GREETING).status_code == 401
    assert httpx.post(address, json=GREETING, headers={"cookie": f"token={TOKEN}"}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80"])
def test_another_host_is_refused(address: str, host: str) -> None:
    assert post(address, host=host).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_a_page_of_another_origin_is_refused(address: str, origin: str) -> None:
    assert post(address, origin=origin).status_code == 403


def test_what_is_too_large_or_no_request_is_refused(address: str) -> None:
    assert post(address, b"x" * (MOST_LINE + 1)).status_code == 413
    assert post(address, b"hello").status_code == 400
    assert post(address, content_type="text/plain").status_code == 400
    assert post(address, b"[" * 100_000).status_code == 400
    root = address.removesuffix("/mcp")
    assert {httpx.get(root + path).status_code for path in ("/", "/sse", "/.well-known/openid-configuration")} == {404}
    assert post(address).status_code == 200


def test_no_other_machine_is_served(address: str) -> None:
    port = int(address.split(":")[2].split("/")[0])
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=False).stdout
    if not listening:
        pytest.skip("no list of listening sockets here")
    assert [line.split()[3] for line in listening.splitlines() if f":{port} " in line] == [f"127.0.0.1:{port}"]
