"""What all tests rest on: how many run at once, and that what they start hears Ctrl-C, as at a person's terminal."""

from __future__ import annotations

import os
import signal

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell has it for what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests often wait for a browser, another process, or a time to pass."""
    return (os.cpu_count() or 1) + 1
