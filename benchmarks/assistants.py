"""How long an assistant waits for `offramp mcp`: its start, a solve of the Tehran crisis, and *what if*."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from row import Row, bounded, seconds

import offramp
from offramp.crisis.reading import read

CRISES = Path(__file__).parents[1] / "crises"
FILE = "tehran-2024/crisis.yaml"
STARTS, SOLVES = 7, 30
START_SECONDS, SOLVE_MILLISECONDS = 1.0, 100.0
WHAT_IF = {"relay": "pass_on"}
"""Washington passes the word on."""


class Talk:
    """A line to a server, as the protocol is written."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.number = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        result: dict[str, Any] = json.loads(self.process.stdout.readline())["result"]
        return result

    def greet(self) -> None:
        client = {"name": "benchmark", "version": "1"}
        self.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)

    def solve(self, **arguments: Any) -> dict[str, float]:
        answer = self.ask("tools/call", name="solve", arguments={"file": FILE, **arguments})
        rows = json.loads(answer["content"][0]["text"])["endings"]
        return {row["ending"]: row["probability"] for row in rows}


@contextmanager
def server() -> Iterator[Talk]:
    """A server, from a cold shell."""
    command = [str(Path(sys.executable).with_name("offramp")), "mcp", "--root", str(CRISES)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        try:
            yield Talk(process)
        finally:
            process.kill()


def start() -> Row:
    """From the shell to the answer of `initialize`."""
    times = []
    for _ in range(STARTS):
        started = time.perf_counter()
        with server() as talk:
            talk.greet()
            times.append(time.perf_counter() - started)
    what = f"`offramp mcp` from a cold shell to its first answer, median of {STARTS}"
    return bounded(what, statistics.median(times), START_SECONDS, "s", f"at most {max(times):.2f} s")


def solve() -> Row:
    """The same solve again and again, in a process that has the crisis."""
    crisis = read(CRISES / FILE)
    taken = _times(offramp.solve(crisis).endings)
    return bounded("an assistant's solve of the Tehran crisis, warm: median", taken, SOLVE_MILLISECONDS, "ms")


def what_if() -> Row:
    """A supposition, each time with another value of an input, so that nothing is at hand."""
    crisis = read(CRISES / FILE)
    name = next(iter(crisis.inputs))
    values = crisis.inputs[name].distribution.quantile(np.linspace(0.4, 0.6, SOLVES)).tolist()
    times = []
    with server() as talk:
        talk.greet()
        talk.solve(suppose=WHAT_IF)
        for value in values:
            started = time.perf_counter()
            found = talk.solve(suppose=WHAT_IF, set={name: value})
            times.append(time.perf_counter() - started)
            _compared(found, offramp.solve(crisis.supposing(WHAT_IF), given={name: value}).endings)
    what = f"the same, supposing that Washington passes the word on, {name} changed each time: median"
    return Row(what, seconds(statistics.median(times)))


def _times(expected: Any) -> float:
    """The median of the milliseconds of a solve with nothing changed."""
    times = []
    with server() as talk:
        talk.greet()
        _compared(talk.solve(), expected)
        for _ in range(SOLVES):
            started = time.perf_counter()
            talk.solve()
            times.append(time.perf_counter() - started)
    return 1e3 * statistics.median(times)


def _compared(found: dict[str, float], expected: Any) -> None:
    if any(abs(found[name] - share) > 1e-12 for name, share in expected.items()):
        raise RuntimeError(f"the assistant was told {found}, the library says {dict(expected)}")
