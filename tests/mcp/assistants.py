"""An assistant that talks to `offramp mcp`, by the official client, as a test calls it: without `await`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult

from mcp import Client, StdioServerParameters

PATIENCE = 240.0
"""Seconds after which a test gives a silent server up: the very first start compiles the solver's loops."""


@dataclass(frozen=True)
class Assistant:
    """A connected client, and the portal to its event loop."""

    client: Client
    portal: BlockingPortal

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a tool, which must be no error."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result.content
        return text_of(result)

    def whole(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a tool in full, also if it is so long that only a part of it is sent."""
        answer = self.call(tool, **arguments)
        whole: dict[str, Any] = json.loads(self.read(answer["in_full"])) if "in_full" in answer else answer
        return whole

    def refused(self, tool: str, **arguments: Any) -> str:
        """What a tool says is wrong."""
        result = self.result(tool, **arguments)
        assert result.is_error, result.content
        error: str = text_of(result)["error"]
        return error

    def result(self, tool: str, **arguments: Any) -> CallToolResult:
        return self.portal.call(self.client.call_tool, tool, arguments)

    def read(self, uri: str) -> str:
        """The text of a resource."""
        contents = self.portal.call(self.client.read_resource, uri).contents
        return str(contents[0].text)  # type: ignore[union-attr]

    def prompt(self, name: str, **arguments: str) -> str:
        """The text of a prompt."""
        messages = self.portal.call(self.client.get_prompt, name, arguments).messages
        return str(messages[0].content.text)  # type: ignore[union-attr]


def text_of(result: CallToolResult) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(result.content[0].text)  # type: ignore[union-attr]
    return value


def command(root: Path, *options: str) -> list[str]:
    """The command that an assistant starts."""
    return [sys.executable, "-P", "-m", "offramp", "mcp", "--root", str(root), *options]


@contextmanager
def assistant(root: Path, *options: str) -> Iterator[Assistant]:
    """An assistant that has started a server on a folder."""
    program, *arguments = command(root, *options)
    parameters = StdioServerParameters(command=program, args=arguments)
    with start_blocking_portal() as portal:
        client = Client(stdio_client(parameters), read_timeout_seconds=PATIENCE)
        with portal.wrap_async_context_manager(client):
            yield Assistant(client, portal)


@contextmanager
def started(arguments: Sequence[str], **pipes: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process that ends with the test; it is killed after a while, so that no test waits for its words for ever."""
    with subprocess.Popen(arguments, **pipes) as process:
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()


def children(process: int) -> set[int]:
    """The processes that a process has started, and those that these have started, but for the one that lists them."""
    options = ["-e", "-o", "pid=,ppid=,comm="]
    listed = subprocess.run(["ps", *options], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    found: set[int] = set()
    pending = [process]
    for parent in pending:
        own = [int(child) for child, of, name in rows if int(of) == parent and name != "ps"]
        found.update(own)
        pending.extend(own)
    return found


async def ended_when_left(client: Client, file: str) -> bool:
    """Whether a process ends once a solve of a file that takes long is left while it goes on; waits 10 s at most."""
    async with anyio.create_task_group() as group:
        group.start_soon(client.call_tool, "solve", {"file": file})
        await anyio.sleep(0.7)
        before = children(os.getpid())
        group.cancel_scope.cancel()
    with anyio.move_on_after(10.0):
        while before <= children(os.getpid()):
            await anyio.sleep(0.05)
        return True
    return False
