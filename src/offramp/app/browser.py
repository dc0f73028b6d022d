"""Opening the browser on a link that nobody else may see.

Every user of a machine sees the command lines of all, and a browser is started with what it is to open on its own. So
it gets a page, a file that only its owner may read, which leads on to the link.
"""

from __future__ import annotations

import asyncio
import html
import shutil
import tempfile
import threading
import webbrowser
from pathlib import Path

THERE = 60.0
"""Seconds until the page goes: a browser may have to start first."""
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}"><title>Offramp</title>
<p><a href="{link}">Open the workbench</a></p>
</html>
"""


async def lead_to(link: str) -> None:
    """Open a page in the browser that leads to a link; it goes after a minute, or when this is cancelled."""
    folder = Path(tempfile.mkdtemp(prefix="offramp-"))  # its owner's alone
    try:
        page = folder / "open.html"
        page.touch(mode=0o600)
        page.write_text(PAGE.format(link=html.escape(link)), encoding="utf-8")
        threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
        await asyncio.sleep(THERE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
