"""Without a named server nothing is sent: real processes under a guard that writes down every use of the network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_draft import PARTS
from tests.copies import OFFRAMP
from tests.draft.briefs import PARAGRAPHS
from tests.draft.news.news_sets import HARBOUR, HERALD, answer_with, event

GUARD = """
import os, sys

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
                 "socket.bind", "urllib.Request", "http.client.connect"):
        with open(os.environ["GUARD_LOG"], "a") as log:
            log.write(f"{os.getpid()} {event} {arguments!r}\\n")

sys.addaudithook(guard)
with open(os.environ["GUARD_LOG"] + ".on", "a") as log:
    log.write(f"{os.getpid()}\\n")
"""
IN_HERALD = answer_with([event(1, 3, "a port in the south was struck", "answer", "strike", "2031-03-12", round=1)])
PAGE = """<!doctype html><html><head><title>The harbour</title>
<link rel="stylesheet" href="http://192.0.2.1/style.css"><script src="http://192.0.2.1/track.js"></script>
<base href="http://192.0.2.1/"></head><body>{}<img src="http://192.0.2.1/pixel.png" alt="a boat">
<iframe src="http://192.0.2.1/frame.html"></iframe></body></html>
"""


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which every use of the network is written down, by all processes that the test starts."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    log = tmp_path / "network.log"
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("GUARD_LOG", str(log))
    monkeypatch.chdir(tmp_path)
    return log


def started(*arguments: str) -> str:
    """What a real process says, which must succeed."""
    done = subprocess.run([OFFRAMP, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


def processes(log: Path) -> int:
    return len(Path(f"{log}.on").read_text(encoding="utf-8").splitlines())


def test_the_guard_sees_a_connection(guarded: Path) -> None:
    code = "import socket; socket.create_server(('127.0.0.1', 0)).close()"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "socket.bind" in guarded.read_text(encoding="utf-8")


def test_a_draft_by_pasting_and_its_review_use_no_network(guarded: Path) -> None:
    page = PAGE.format("".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS))
    Path("page.html").write_text(page, encoding="utf-8")
    said = started("draft", "page.html", "--out", "d", "--prompt-only")
    assert "3 paragraphs" in said
    assert processes(guarded) >= 2  # the command, and the process that reads the document
    for number, stage in enumerate(("extract", "timeline", "numbers", "sense"), start=1):
        Path("answer.txt").write_text(PARTS[stage], encoding="utf-8")
        assert Path(f"d/{number}-{stage}.prompt.md").is_file()
        said = started("draft", "d", "--answer", "answer.txt")
    assert "crisis.yaml compiles" in said
    assert "actors.north" in started("review", "d", "--list")
    started("review", "d", "--record", "actors.north", "--accept", "--by", "A reader")
    started("review", "d", "--record", "actors.south", "--not-said", "--by", "A reader")
    started("check", "d/crisis.yaml")
    assert not guarded.exists()


def test_news_by_pasting_use_no_network(guarded: Path) -> None:
    Path("crisis.yaml").write_text(HARBOUR, encoding="utf-8")
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in HERALD)
    Path("herald.html").write_text(PAGE.format(paragraphs), encoding="utf-8")
    Path("answer.txt").write_text(IN_HERALD, encoding="utf-8")
    started("news", "herald.html", "--crisis", "crisis.yaml", "--out", "n", "--prompt-only")
    assert processes(guarded) >= 2
    assert "1 of 1 proposals wait" in started("news", "n", "--answer", "answer.txt")
    started("news", "n", "--list")
    assert not guarded.exists()


@pytest.mark.parametrize("command", [["draft", "account.txt"], ["news", "account.txt", "--crisis", "crisis.yaml"]])
def test_nothing_slow_is_loaded_to_write_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("account.txt").write_text("\n\n".join(PARAGRAPHS), encoding="utf-8")
    Path("crisis.yaml").write_text(HARBOUR, encoding="utf-8")
    code = f"""
import sys
from offramp.cli import main
try:
    main([*{command}, "--out", "d", "--prompt-only"])
except SystemExit as end:
    assert not end.code, end.code
print(sorted({{"scipy.stats", "pandas", "openai", "httpx2", "xarray"}} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
