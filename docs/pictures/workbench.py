"""Draws docs/pictures/workbench.png: the workbench with the Tehran crisis, an input moved and a lever pulled.

python docs/pictures/workbench.py          # needs the development dependencies, `make page`, and Chromium
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def draw(page: Page, link: str) -> None:
    """Open the workbench, vary the crisis, and take the picture once all is solved."""
    page.add_init_script("localStorage.setItem('offramp-tour', 'done')")
    page.goto(link)
    page.locator(".track .band").first.wait_for()
    page.get_by_role("switch", name="conditions on support").check()
    page.get_by_role("slider", name="the pull of the patron").press("PageUp")
    page.wait_for_timeout(4_000)
    page.get_by_role("button", name="Iran's quiet word").first.click()
    page.locator(".finding").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / "workbench.png")


def main() -> None:
    """Serve an empty folder, in which the Tehran crisis is what is shown."""
    browser = next(found for name in BROWSERS if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "offramp", "app", folder, "--no-open", "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            link = server.stdout.readline().strip()
            with sync_playwright() as playwright:
                opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
                draw(opened.new_page(viewport={"width": 1440, "height": 900}), link)
                opened.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
