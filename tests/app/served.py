"""A workbench as it is started by a person: a process of its own on a free port, and a client with its token."""

from __future__ import annotations

import itertools
import os
import signal
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import httpx

from tests.copies import OFFRAMP, Copy

SMALL = """\
format: 1
title: One choice
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 2}}
inputs:
  gain: {is: "uniform(0, 2)", because: A round guess}
  harm: {is: 1.5, because: Another}
timeline:
  - {move: answer, by: north, options: [hold, strike]}
  - {move: reply, by: south, options: [absorb, retaliate]}
payoffs:
  north: {prize: gain * (answer == strike), pain: -2 * harm * (answer == strike and reply == retaliate)}
  south: {face: (answer == strike) * (reply == retaliate) - 0.5 * (reply == retaliate)}
endings: {war: answer == strike and reply == retaliate, quiet: otherwise}
levers:
  hotline: {set: {gain: gain / 2}, cost: 1, because: A tested line}
"""
"""A crisis that is solved in a moment."""

OWN = {"XDG_CONFIG_HOME": tempfile.mkdtemp(prefix="offramp-tests-")}
"""Where workbenches under test keep their key: not among the files of whoever runs the tests."""


TRUSTED = ssl.create_default_context()
"""Made once: every client that makes its own reads all authorities, for a workbench that encrypts nothing."""


@dataclass(eq=False)
class Served:
    """A running workbench; `client` asks it with its token."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    token: str
    client: httpx.Client = field(repr=False)
    numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def setting(self, text: str = SMALL, path: str = "small.yaml", **more: Any) -> dict[str, Any]:
        """A body that names a setting."""
        return {"path": path, "text": text, "given": {}, "levers": [], "rationality": None, **more}

    def solve(self, text: str = SMALL, *, client: str = "test", **more: Any) -> httpx.Response:
        """A slider step, numbered after the last."""
        body = self.setting(text, **more) | {"client": client, "number": next(self.numbers)}
        return self.client.post("/api/solve", json=body)

    def anonymous(self, **headers: str) -> httpx.Client:
        """A client without the token."""
        return httpx.Client(base_url=self.url, headers=headers, timeout=60.0, verify=TRUSTED)


def entered(url: str, options: Mapping[str, str]) -> str:
    """The token of somebody who logs in as the options of `offramp app` allow."""
    file, header = options.get("--password-file"), options.get("--trusted-proxy-header")
    body = {"password": Path(file).read_text(encoding="utf-8").strip()} if file else {}
    answer = httpx.post(f"{url}/api/enter", json=body, headers={header: "somebody"} if header else None, verify=TRUSTED)
    return str(answer.json()["token"])


@contextmanager
def serving(
    target: Path,
    *options: str,
    start: type[subprocess.Popen[str]] = Copy,
    cwd: Path | None = None,
    said: IO[str] | None = None,
    **variables: str,
) -> Iterator[Served]:
    """`offramp app` on a folder or a file, until the block ends.

    `start` starts its process, in the folder `cwd`; `said`: a file for what it complains of; `variables` of its
    environment.
    """
    command = [str(OFFRAMP), "app", str(target), "--no-open", *options]
    if "--port" not in options:
        command += ["--port", "0"]
    process = start(
        command, stdout=subprocess.PIPE, stderr=said, text=True, cwd=cwd, env=os.environ | {**OWN, **variables}
    )
    assert process.stdout is not None
    try:
        link = process.stdout.readline().strip()
        if not link:
            raise RuntimeError(f"the workbench did not start: {process.wait()}")
        url, _, token = link.rstrip("/").partition("/#token=")
        token = token or entered(url, dict(pairwise(options)))
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60.0, verify=TRUSTED) as client:
            folder = target if target.is_dir() else target.parent
            yield Served(process, folder, url, token, client)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
