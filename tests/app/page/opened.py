"""The workbench's page in a real browser, as a person opens it: by the link that `offramp app` prints.

    with workbench(browser, served, "#file=crisis.yaml") as page:
        page.get_by_role("switch", name="hotline").click()

Leaving the block fails on any error in the browser's console, on any uncaught error of the page, and on any request
that left for another place than the server. A refusal that a test provokes is named beforehand: `expects=[409]`; a file
that is opened with mistakes in it is refused a solve, `expects=[422]`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect

from tests.app.served import Served

HEIGHT = 900
PATIENCE = 30_000.0
"""So many milliseconds a machine that is busy with other tests may take."""
NO_TOUR = "localStorage.setItem('offramp-tour', 'done')"
STATUS = re.compile(r"the server responded with a status of (\d+)")
WRITE_AT_ONCE = ["clipboard-read", "clipboard-write"]


@contextmanager
def workbench(
    browser: Browser,
    served: Served,
    fragment: str = "",
    *,
    width: int = 1440,
    height: int = HEIGHT,
    scheme: str = "light",
    tour: bool = False,
    token: str | None = None,
    expects: Collection[int] = (),
) -> Iterator[Page]:
    """A page of its own, opened and guarded; `fragment`: what the link says besides the token, as `#part=runs`."""
    with (
        context_of(browser, served, width=width, height=height, scheme=scheme, tour=tour) as context,
        guarded(context, served, expects) as page,
    ):
        said = fragment.lstrip("#")
        page.goto(f"{served.url}/#token={token or served.token}" + (f"&{said}" if said else ""))
        yield page


@contextmanager
def context_of(
    browser: Browser,
    served: Served,
    *,
    width: int = 1440,
    height: int = HEIGHT,
    scheme: str = "light",
    tour: bool = False,
) -> Iterator[BrowserContext]:
    """A person's browser: pages of one context share what the browser keeps."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.grant_permissions(WRITE_AT_ONCE, origin=served.url)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    if not tour:
        context.add_init_script(NO_TOUR)
    yield context
    context.close()


@contextmanager
def guarded(context: BrowserContext, served: Served, expects: Collection[int] = ()) -> Iterator[Page]:
    """A page on which every error and every request to elsewhere is noted, and fails the test in the end."""
    wrong: list[str] = []

    def console(message: ConsoleMessage) -> None:
        status = STATUS.search(message.text)
        if message.type == "error" and not (status and int(status[1]) in expects):
            wrong.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((served.url + "/", "blob:", "data:")):
            wrong.append(f"request: {request.url}")

    page = context.new_page()
    page.on("console", console)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("request", asked)
    yield page
    assert wrong == []


@contextmanager
def held(page: Page, path: str) -> Iterator[None]:
    """Requests to a path of the server wait until the block is left."""
    waiting: list[Route] = []
    page.route(f"**{path}", lambda route: waiting.append(route))
    yield
    for route in waiting:
        route.continue_()
    page.unroute(f"**{path}")


def solved(page: Page) -> None:
    """Wait until the crisis is solved, traced and spread, and the page is at rest."""
    expect(page.locator(".ending .number").first).not_to_be_empty()
    expect(page.locator(".status")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".status")).not_to_contain_text(re.compile("solving|preview", re.IGNORECASE))
    expect(page.locator(".track .band:not(.behind)").first).to_be_attached()


def until(page: Page, expression: str) -> None:
    """Wait until an expression of JavaScript is true; the page's own policy forbids it to evaluate one by itself."""
    for _ in range(int(PATIENCE / 50)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true: {expression}")


def serious(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds that is serious or critical."""
    found_by_axe = Axe().run(page).response["violations"]
    return [
        (entry["id"], [node["html"][:200] for node in entry["nodes"]])
        for entry in found_by_axe
        if entry["impact"] in ("serious", "critical")
    ]


def built() -> None:
    """Fail with what to do where the page has not been built."""
    from offramp.app.page_files import PAGE

    if not (PAGE / "index.html").is_file():
        pytest.fail("the page is not built: run `make page`")
