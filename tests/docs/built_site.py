"""The documentation site as the tests build it: once, whoever of them asks first."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[2]


def built(folder: Path) -> Path:
    """The folder of the built pages, in a folder that the processes of one test run share."""
    site, failed = folder / "site", folder / "site-failed.txt"
    with FileLock(folder / "site.lock"):
        if not site.exists() and not failed.exists():
            options = ["--fail-on-warning", "--keep-going", "--quiet", "--conf-dir", "docs"]
            places = ["--doctree-dir", str(folder / "doctrees"), ".", str(site)]
            command = [sys.executable, "-m", "sphinx", *options, *places]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                failed.write_text(done.stdout + done.stderr, encoding="utf-8")
    assert not failed.exists(), failed.read_text(encoding="utf-8")
    return site


class Page(HTMLParser):
    """What a page links to, what it loads, and the names of its places."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.places |= {given["id"]} if "id" in given else set()
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("index", "search", "next", "prev"):
            self.loaded.append(given.get("href", ""))
        self.loaded += [value for name in ("src", "data", "poster") if (value := given.get(name, ""))]
        self.loaded += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
