"""`offramp.explore` in a real marimo and a real browser, without a network: a slider moves, and other cells follow."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, expect

import offramp
from offramp.common.numerals import percent
from offramp.notebook.slider_steps import swings
from tests.notebook.notebook_servers import PATIENCE, marimo_app
from tests.report.browser import needs_browser
from tests.shipped import CRISES, tehran

pytestmark = needs_browser

LEVER = "hotline"
NOTEBOOK = f"""\
import marimo

app = marimo.App()


@app.cell
def _():
    import json
    import marimo as mo
    import offramp
    crisis = offramp.read({str(CRISES / "tehran-2024" / "crisis.yaml")!r})
    return crisis, json, mo, offramp


@app.cell
def _(crisis, mo, offramp):
    explorer = mo.ui.anywidget(offramp.explore(crisis))
    explorer
    return (explorer,)


@app.cell
def _(explorer, json, mo):
    mo.md("READ" + json.dumps([explorer.value["given"], explorer.value["levers"], explorer.value["endings"]]) + "READ")
    return


@app.cell
def _(crisis, offramp):
    found = offramp.endings(offramp.run(crisis, draws=64))
    found
    return (found,)


@app.cell
def _(found, offramp):
    offramp.drawings_of(found)[0]
    return


if __name__ == "__main__":
    app.run()
"""


def test_a_slider_and_a_lever_solve_and_the_cells_that_use_them_run_again(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "explore.py").write_text(NOTEBOOK)
    crisis = tehran()
    first = next(iter(swings(offramp.compile_game(crisis))))
    ending = crisis.endings[0].name
    asked: set[str] = set()

    def note(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss"):
            asked.add(urlsplit(request.url).hostname or "")

    with marimo_app(tmp_path, "explore.py") as address:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.on("request", note)
        page.goto(address)
        slider = page.get_by_role("slider", name=crisis.inputs[first].name, exact=True)
        slider.wait_for(timeout=PATIENCE)
        slider.press("PageUp")
        page.get_by_role("switch", name=crisis.levers[LEVER].name, exact=True).check()
        given = {first: float(slider.input_value())}
        right = offramp.solve(crisis.with_levers(LEVER), given=given).endings
        for name, share in right.items():
            expect(page.locator(f"[data-ending={name}] .share")).to_have_text(percent(share), timeout=PATIENCE)
        expect(page.locator(".offramp-explore ul")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
        read = page.get_by_text("READ", exact=False).filter(has_text=first)
        expect(read).to_contain_text(LEVER, timeout=PATIENCE)
        shown = read.inner_text().split("READ")[1]
        assert json.loads(shown.replace("“", '"').replace("”", '"')) == [given, [LEVER], right]
        expect(page.get_by_role("table").first).to_contain_text(ending)
        expect(page.locator("svg", has_text=f"{ending}: ")).to_be_visible()
        page.close()
    assert asked == {"127.0.0.1"}
