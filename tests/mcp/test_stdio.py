"""Standard output carries the protocol only, whatever comes in; the server ends with its input or at a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from offramp.mcp.stdio_transport import MOST_LINE, UNREADABLE
from tests.app.served import SMALL
from tests.cli.person import at_terminal
from tests.mcp.assistants import children, command, started
from tests.mcp.test_confined import unseen
from tests.processes import is_running

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a POSIX system")


PRINTING = """
import os, subprocess
from mcp.server.lowlevel import Server
from mcp_types import ListToolsResult
from offramp.mcp.stdio_transport import serve_stdio
async def list_tools(ctx, params):
    print("a print")
    os.write(1, b"a write\\n")
    subprocess.run(["echo", "a child"], check=True)
    assert os.read(0, 10) == b""
    return ListToolsResult(tools=[])
serve_stdio(Server("printing", on_list_tools=list_tools))
"""


class Line:
    """A server that is talked to a line at a time, as the protocol is written."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def say(self, *lines: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"".join(line + b"\n" for line in lines))
        self.process.stdin.flush()

    def ask(self, number: int, method: str, **params: Any) -> None:
        self.say(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        message: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert message["jsonrpc"] == "2.0"
        return message

    def greet(self) -> dict[str, Any]:
        client = {"name": "test", "version": "1"}
        self.ask(1, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        greeting = self.hear()
        self.say(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode())
        return greeting

    def solve(self, number: int, file: str) -> None:
        self.ask(number, "tools/call", name="solve", arguments={"file": file})


@contextmanager
def talking(root: Path, *instead: str) -> Iterator[Line]:
    pipe = subprocess.PIPE
    with started(instead or command(root), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        yield Line(process)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "slow.yaml").write_text(unseen(16), encoding="utf-8")
    return tmp_path


def test_garbage_is_left_out_output_is_the_protocol_only_and_the_end_of_input_ends_the_server(
    root: Path,
) -> None:
    with talking(root) as line:
        line.say(b"", b"hello", b"\xff\xfe\0", b"[" * 100_000, b"{}", b"null", b'{"jsonrpc": "2.0", "id": {}}')
        assert line.greet()["result"]["serverInfo"]["name"] == "offramp"
        line.say(b"x" * (MOST_LINE + 1), b'{"jsonrpc": "2.0", "method": "notifications/none"}', b"\x1b[2J")
        line.ask(2, "tools/call", name="solve", arguments={"file": "x" * MOST_LINE})
        long = b"x" * MOST_LINE
        line.say(b'{"method": "ping", "params": {"id": 1, "x": "' + long + b'"}, "jsonrpc": "2.0", "id": "b"}')
        line.say(b'{"params": {"x": "' + long + b'", "id": 1}}', b'{"id": 007, "x": "' + long, b'{"id": "\t", ' + long)
        for number in (2, "b"):
            answer = line.hear()
            assert (answer["id"], answer["error"]["code"]) == (number, -32600)
            assert answer["error"]["message"].startswith(f"a message has at most {MOST_LINE:,} bytes")
        line.ask(2, "tools/call", name="solve", arguments={"file": "half of a character \ud83d"})
        line.say(b'{"method": "ping", "params": {"x": ' + b"[" * 999 + b"]" * 999 + b'}, "jsonrpc": "2.0", "id": "b"}')
        for number in (2, "b"):
            answer = line.hear()
            assert (answer["id"], answer["error"]["message"]) == (number, UNREADABLE)
        line.ask(3, "no/such/method")
        assert line.hear()["error"]["code"] == -32601
        line.solve(4, "small.yaml")
        answer = line.hear()
        assert answer["id"] == 4
        assert json.loads(answer["result"]["content"][0]["text"])["converged"]
        assert line.process.stdin is not None
        assert line.process.stdout is not None
        assert line.process.stderr is not None
        own = working(line, 5)
        line.process.stdin.close()
        assert {json.loads(text)["id"] for text in line.process.stdout.read().splitlines()} <= {5}
        assert line.process.wait(5) == 0
        all_end(own)
        said = line.process.stderr.read().decode()
        assert said.count(f"a message of more than {MOST_LINE:,} bytes is left out") == 6
        assert "Traceback" not in said


def test_what_is_printed_goes_to_standard_error(root: Path) -> None:
    with talking(root, sys.executable, "-P", "-c", PRINTING) as line:
        line.greet()
        line.ask(2, "tools/list")
        assert line.hear()["result"]["tools"] == []
        rest, said = line.process.communicate(timeout=10)
        assert rest == b""
        assert all(words in said for words in (b"a print", b"a write", b"a child"))


@pytest.mark.parametrize("sink", ["closed", "full"])
def test_an_output_that_takes_no_more_ends_the_server_and_its_processes_with_one_line(root: Path, sink: str) -> None:
    pipe = subprocess.PIPE
    with open("/dev/full", "wb") as full:
        output = full if sink == "full" else pipe
        with started(command(root), stdin=pipe, stdout=output, stderr=pipe) as process:
            line, own = Line(process), set[int]()
            if process.stdout is not None:
                line.greet()
                line.solve(4, "small.yaml")
                line.hear()
                own = working(line, 2)
                process.stdout.close()
            line.ask(3, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={})
            assert process.wait(20) == 2
            all_end(own)
            assert process.stderr is not None
            said = process.stderr.read().decode().splitlines()
    assert len(said) == 1
    assert said[0].startswith("cannot write to standard output: ")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_server_and_its_processes_end_at_a_signal(root: Path, end: signal.Signals) -> None:
    with talking(root) as line:
        line.greet()
        line.solve(2, "small.yaml")
        line.hear()
        own = working(line, 3)
        line.process.send_signal(end)
        assert line.process.wait(5) == (-end if end is signal.SIGKILL else 0)
        all_end(own)


def test_started_by_hand_it_says_what_it_waits_for(tmp_path: Path) -> None:
    with at_terminal("mcp", "--root", str(tmp_path)) as person:
        said = person.sees("Ctrl-C ends it.")
        assert all(len(line) <= 80 for line in said.splitlines())
        person.types("\x04")
        assert person.ends() == 0


def working(line: Line, number: int) -> set[int]:
    """The processes of a server that works on a solve that takes long."""
    line.solve(number, "slow.yaml")
    time.sleep(0.3)
    own = children(line.process.pid)
    assert len(own) >= 2
    return own


def all_end(processes: set[int]) -> None:
    until = time.monotonic() + 5
    while any(map(is_running, processes)):
        assert time.monotonic() < until
        time.sleep(0.05)
