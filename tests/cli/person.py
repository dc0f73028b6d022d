"""A person at a pseudo-terminal: types keys, and sees what is printed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.copies import OFFRAMP, Copy

PATIENCE = 60.0


@dataclass
class Person:
    """A person at a pseudo-terminal: types keys, and sees what is printed."""

    process: subprocess.Popen[bytes]
    terminal: int
    seen: str = ""
    read_up_to: int = 0

    def sees(self, text: str) -> str:
        """Wait until a text is printed after what was seen before, on a line or several; all that was printed since."""
        wanted = re.compile(r"\s+".join(map(re.escape, re.split(r"\s+", text))))
        end = time.monotonic() + PATIENCE
        while (found := wanted.search(self.seen, self.read_up_to)) is None:
            assert time.monotonic() < end, self.seen[self.read_up_to :]
            self.read()
        start, self.read_up_to = self.read_up_to, found.end()
        return self.seen[start : self.read_up_to]

    def read(self) -> bool:
        if select.select([self.terminal], [], [], 0.1)[0]:
            try:
                content = os.read(self.terminal, 65_536)
            except OSError:
                return False
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", content.decode()).replace("\r", "")
            return bool(content)
        return self.process.poll() is None

    def types(self, keys: str) -> None:
        time.sleep(0.15)  # keys that are typed before a prompt are dropped, so that none decides on what is not seen
        os.write(self.terminal, keys.encode())

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + PATIENCE
        while self.read() and time.monotonic() < end:
            pass
        return self.process.wait(PATIENCE)


@contextmanager
def at_terminal(*arguments: str, columns: int = 80) -> Iterator[Person]:
    """Start a command of Offramp at a pseudo-terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = os.environ | {"TERM": "xterm", "COLUMNS": str(columns)}
    with Copy([str(OFFRAMP), *arguments], stdin=follower, stdout=follower, stderr=follower, env=env) as process:
        os.close(follower)
        person = Person(process, leader)
        try:
            yield person
        finally:
            process.kill()
    os.close(leader)
