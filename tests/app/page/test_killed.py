"""The workbench is killed while a person edits, runs and plays, and started again: nothing is lost."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from importlib.resources import files
from itertools import cycle
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.app.jobs import finished, started, until
from tests.app.page.opened import context_of
from tests.app.page.opened import until as until_on
from tests.app.served import Served, serving
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

STRAIT = files("offramp").joinpath("starter.yaml").read_text(encoding="utf-8")
SAVED = [STRAIT + f"# {number} " + "x" * 200_000 + "\n" for number in range(2)]


def saving(served: Served, ended: threading.Event) -> None:
    """Save one text after the other over the same file, until the server is gone."""
    was = None
    headers = {"Authorization": f"Bearer {served.token}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30.0) as client:
        for text in cycle(SAVED):
            try:
                answer = client.put("/api/file", json={"path": "saved.yaml", "text": text, "was": was})
            except httpx.HTTPError:
                return
            was = answer.json()["sha"]
            ended.set()  # at least one save is done


def test_a_person_who_edits_runs_and_plays_loses_nothing_when_the_workbench_is_killed(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "strait.yaml").write_text(STRAIT, encoding="utf-8")
    with ExitStack() as people:
        with serving(tmp_path) as first:
            asked = first.setting(STRAIT, "strait.yaml", seats={"tessia": "person"}, seed=5, seconds=None)
            seat_token = first.client.post("/api/matches", json=asked).json()["seats"]["tessia"]
            opened = people.enter_context(context_of(browser, first))
            desk, seat = opened.new_page(), opened.new_page()
            seat.goto(f"{first.url}/#token={seat_token}")
            expect(seat.get_by_role("heading", name="You are asked: Tessia's notice")).to_be_visible()
            seat.keyboard.press("2")
            seat.keyboard.press("Enter")
            expect(seat.get_by_role("heading", name="You are asked: Tessia's answer")).to_be_visible()
            desk.goto(f"{first.url}/#token={first.token}&file=strait.yaml")
            desk.locator(".cm-content").click()
            desk.keyboard.press("Control+End")
            desk.keyboard.insert_text("# not saved yet")
            until_on(desk, "Object.values(localStorage).some(kept => kept.includes('not saved yet'))")
            run = started(first, path="strait.yaml", draws=65_536)
            until(first, run, lambda row: row["done"] > 0)
            one_is_done = threading.Event()
            writer = threading.Thread(target=saving, args=(first, one_is_done))
            writer.start()
            one_is_done.wait(30)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
            writer.join()
            port = first.port

        assert (tmp_path / "saved.yaml").read_text(encoding="utf-8") in SAVED
        with serving(tmp_path, "--port", str(port)) as second:
            desk.on("dialog", lambda dialog: dialog.accept())
            desk.goto("about:blank")
            desk.goto(f"{second.url}/#token={second.token}&file=strait.yaml")
            desk.get_by_role("button", name="Take the draft").click()
            expect(desk.locator(".cm-content")).to_contain_text("# not saved yet")
            expect(seat.get_by_role("alert")).to_have_count(0)
            seat.keyboard.press("1")
            seat.keyboard.press("Enter")
            expect(seat.get_by_text("It ended with: words only")).to_be_visible()
            begun = until(second, run, lambda row: row["done"] > 0)
            assert begun["state"] in ("running", "finished")
            assert finished(until(second, run, finished, 150.0))
