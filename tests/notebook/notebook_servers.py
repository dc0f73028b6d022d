"""JupyterLab and marimo, served for a browser from a folder of their own, on a free port, without a network."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

STARTS = 90
"""Seconds in which a server must answer."""
PATIENCE = 90_000
"""Milliseconds in which a cell must have run."""


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def notebook_of(*cells: str) -> str:
    """A notebook with cells of code, not run yet."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps(
        {
            "cells": [code | {"id": f"cell-{place}", "source": source} for place, source in enumerate(cells)],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def settle_lab(folder: Path, theme: str = "JupyterLab Light") -> None:
    """Write the settings of a user of JupyterLab: a theme, and that it asks nobody for news."""
    settings = {"notification": {"fetchNews": "false", "checkForUpdates": False}, "themes": {"theme": theme}}
    place = folder / "homes" / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    place.mkdir(parents=True, exist_ok=True)
    for name, values in settings.items():
        (place / f"{name}.jupyterlab-settings").write_text(json.dumps(values))


def homes(folder: Path) -> dict[str, str]:
    """The environment of a server that keeps nothing in, and takes nothing from, the home of the user.

    A package that compiles grammars of addresses, for more than a second in each process, is as if not installed:
    jsonschema asks for it as soon as it is loaded, and no schema here needs it.
    """
    names = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "IPYTHONDIR",
        "HOME",
    )
    places = {name: folder / "homes" / name.lower() for name in (*names, "XDG_CONFIG_HOME", "PYTHONPATH")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    (places["PYTHONPATH"] / "rfc3987_syntax.py").write_text("raise ImportError", encoding="utf-8")
    no_way_out = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
    return os.environ | {name: str(place) for name, place in places.items()} | no_way_out


@contextmanager
def serving(module: str, arguments: Sequence[str], folder: Path, answers: str) -> Iterator[None]:
    """A server of a Python module, in a folder, once it answers at a URL."""
    log = folder / "server.log"
    with log.open("wb") as said:
        command = [sys.executable, "-m", module, *arguments]
        server = subprocess.Popen(
            command, cwd=folder, env=homes(folder), stdout=said, stderr=said, stdin=subprocess.DEVNULL
        )
    try:
        end = time.monotonic() + STARTS
        while True:
            try:
                with urlopen(answers, timeout=5):
                    break
            except (URLError, TimeoutError, ConnectionError):
                if server.poll() is not None or time.monotonic() > end:
                    raise AssertionError(log.read_text(errors="replace")) from None
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[str]:
    """JupyterLab over a folder; yields the address under which a notebook of it is opened alone, up to its name."""
    port = free_port()
    arguments = (
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.allow_root=True",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )
    with serving("jupyterlab", arguments, folder, f"http://127.0.0.1:{port}/api"):
        yield f"http://127.0.0.1:{port}/doc/tree"


@contextmanager
def marimo_app(folder: Path, name: str, *, how: str = "run") -> Iterator[str]:
    """A notebook of marimo, run as an app or opened to be edited; yields its address."""
    port = free_port()
    arguments = ("-q", how, name, "--headless", "--no-token", "--port", str(port))
    with serving("marimo", arguments, folder, f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}"


def run_cell(page: Page, place: int) -> None:
    """Run a cell of a notebook open in JupyterLab by its keys, and wait until it is done."""
    cell = page.locator(".jp-Notebook .jp-Cell").nth(place)
    begun = cell.locator(".jp-InputArea-prompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    for _ in range(20):  # before the kernel is connected, the keys do nothing
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        with suppress(PlaywrightTimeout):
            begun.wait_for(timeout=3_000)
            break
    cell.locator(".jp-InputArea-prompt", has_text=re.compile(r"\[\d+\]")).wait_for(timeout=PATIENCE)
