"""Open the browser on a link that other users of the machine must not see.

The address that a browser opens is on its command line, which every user of the machine can read. So the browser opens
a file that only its owner may read, and the file redirects to the link.
"""

from __future__ import annotations

import asyncio
import html
import shutil
import tempfile
import threading
import webbrowser
from pathlib import Path

from offramp.common.texts import catalogue, tr

LIFETIME = 60.0
"""Seconds until the file is deleted: a browser may have to start first."""
PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}"><title>Offramp</title>
<p><a href="{link}">{text}</a></p>
</html>
"""


async def open_link(link: str) -> None:
    """Open a link in the browser through a temporary file, deleted after a minute or when this is cancelled."""
    folder = Path(tempfile.mkdtemp(prefix="offramp-"))  # only its owner may read it
    try:
        page = folder / "open.html"
        page.touch(mode=0o600)
        text, language = html.escape(tr("Open the workbench")), catalogue().language
        page.write_text(PAGE.format(link=html.escape(link), text=text, language=language), encoding="utf-8")
        threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
        await asyncio.sleep(LIFETIME)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
