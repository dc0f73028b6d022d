"""The workbench's page in a real browser, as a person opens it: by the link that `offramp app` prints.

    with workbench(browser, served, "#file=crisis.yaml") as page:
        page.get_by_role("switch", name="hotline").click()

Leaving the block fails on any error in the browser's console, on any uncaught error of the page, and on any request
that left for another place than the server. A refusal that a test provokes is named beforehand: `expects=[409]`; a file
that is opened with mistakes in it is refused a solve, `expects=[422]`.

A person's pages follow each other in one context, emptied of what the last one kept, and in one process, which an idle
page keeps alive: a context and a process of its own for each page would double what the browser costs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect

from tests.app.served import Served

HEIGHT = 900
PATIENCE = 30_000.0
"""So many milliseconds a machine that is busy with other tests may take."""
NO_TOUR = "localStorage.setItem('offramp-tour', 'done')"
STATUS = re.compile(r"the server responded with a status of (\d+)")
WRITE_AT_ONCE = ["clipboard-read", "clipboard-write"]
IDLE: dict[Page, Served] = {}
"""Pages that keep the process of a workbench's pages alive, and whose they are."""


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
    with emptied(browser, served, tour=tour) as context, guarded(context, served, expects) as page:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        said = fragment.lstrip("#")
        page.goto(f"{served.url}/#token={token or served.token}" + (f"&{said}" if said else ""))
        yield page


@contextmanager
def emptied(browser: Browser, served: Served, *, tour: bool = False) -> Iterator[BrowserContext]:
    """The context in which a person's pages follow each other; the next person's if somebody has a page open."""
    person = next(number for number in count() if not set(shared(browser, number).pages) - set(IDLE))
    context, idle = shared(browser, person), idle_page(browser, served, person)
    idle.evaluate("localStorage.clear()" if tour else f"localStorage.clear(); {NO_TOUR}")
    try:
        yield context
    finally:
        for page in set(context.pages) - set(IDLE):
            page.close()


@cache
def shared(browser: Browser, person: int) -> BrowserContext:
    """A context that lives as long as its browser."""
    return new_context(browser)


@cache
def idle_page(browser: Browser, served: Served, person: int) -> Page:
    """A page that shows nothing of a workbench, and shares what the browser keeps of it."""
    for page in [page for page, other in IDLE.items() if other.process.poll() is not None]:
        del IDLE[page]
        page.close()
    context = shared(browser, person)
    context.grant_permissions(WRITE_AT_ONCE, origin=served.url)
    page = context.new_page()
    IDLE[page] = served
    page.goto(f"{served.url}/page/none")
    return page


@contextmanager
def context_of(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    """The browser of a person who outlives a workbench."""
    context = new_context(browser)
    context.grant_permissions(WRITE_AT_ONCE, origin=served.url)
    context.add_init_script(NO_TOUR)
    yield context
    context.close()


def new_context(browser: Browser) -> BrowserContext:
    """A context in which nothing moves by itself, and a busy machine is waited for."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": HEIGHT})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return context


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


def built() -> None:
    """Fail with what to do where the page has not been built."""
    from offramp.app.page_files import PAGE

    if not (PAGE / "index.html").is_file():
        pytest.fail("the page is not built: run `make page`")
