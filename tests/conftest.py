"""What all tests rest on: how many run at once, that what they start hears Ctrl-C, a cache folder of their own."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Generator

import pytest

from offramp.common.isolation import ONE_THREAD

LONGEST = ("test_installed.py", "test_notebooks.py", "test_killed.py")
"""Files of tests that take half a minute or more each."""

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell has it for what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

for name in ONE_THREAD:  # before NumPy is loaded, as the command does: on two, small products take a third more in all
    os.environ.setdefault(name, "1")

os.environ["OFFRAMP_CACHE_DIR"] = tempfile.mkdtemp(prefix="offramp-tests-")  # not among the files of the user
atexit.register(shutil.rmtree, os.environ["OFFRAMP_CACHE_DIR"], ignore_errors=True)
atexit.register(gc.unfreeze)  # what `pytest_collection` sets apart is freed at the end of the process, and not before


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests wait now and then; with two more, each takes longer by more than that."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for nothing to free among what is collected, now or later: that would take a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first, so that in the end no process waits for another's."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
