"""Draws docs/pictures/explore.png: `offramp.explore` in JupyterLab, an input moved and a lever pulled.

python -m docs.pictures.explore          # needs the development dependencies and Chromium
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.notebook.notebook_servers import PATIENCE, jupyter_lab, notebook_of, run_cell, settle_lab
from tests.report.browser import found

HERE = Path(__file__).resolve().parent
TEHRAN = HERE.parents[1] / "crises" / "tehran-2024" / "crisis.yaml"


def main() -> None:
    """Run one cell in a notebook of its own, vary the crisis by keys, and take the picture of the widget."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        settle_lab(folder)
        (folder / "explore.ipynb").write_text(
            notebook_of(f"import offramp\nofframp.explore(offramp.read({str(TEHRAN)!r}))")
        )
        with jupyter_lab(folder) as address:
            browser = playwright.chromium.launch(executable_path=found(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1200, "height": 1000})
            page.goto(f"{address}/explore.ipynb")
            run_cell(page, 0)
            page.get_by_role("switch", name="conditions on support").check(timeout=PATIENCE)
            page.get_by_role("slider", name="the pull of the patron").press("PageUp")
            page.locator(".offramp-explore ul[aria-busy=false]").wait_for(timeout=PATIENCE)
            page.wait_for_timeout(1_000)
            page.locator(".offramp-explore").screenshot(path=HERE / "explore.png")
            browser.close()


if __name__ == "__main__":
    main()
