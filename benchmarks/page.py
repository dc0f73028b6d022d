"""How long a person at the page waits, in a real Chromium: slider steps until painted, and the first endings."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright
from row import Row, bounded
from workbench import workbench

STEPS, WARM_UP, STARTS = 120, 20, 5
PAUSE = 60
"""Milliseconds between steps that are measured one by one: each is painted before the next."""
MEDIAN_MILLISECONDS, LATE_MILLISECONDS, COLD_SECONDS, WEIGHT = 20.0, 80.0, 3.0, 1.5
SLIDERS = "#slider-war_cost", "#slider-foresight"
STEP = "Tehran crisis on the page, a slider step to new endings painted"
PAINTED = "performance.getEntriesByName('step').map(entry => entry.duration)"
FIRST = """() => new Promise(painted => {
  const look = () => [...document.querySelectorAll('.ending .number')].some(number => number.textContent)
    ? requestAnimationFrame(() => setTimeout(() => painted(performance.now()))) : requestAnimationFrame(look)
  look()
})"""
SOLVED = """() => new Promise(ready => {
  const look = () => document.querySelector('.track .band:not(.behind)') ? ready(true) : setTimeout(look, 50)
  look()
})"""


def median() -> Row:
    """One step of a slider at a time, by an arrow key: from its event to the frame in which its endings are painted."""
    what = f"{STEPS} steps by an arrow key, each to a new value"
    return bounded(f"{STEP}: median", statistics.median(_stepped()), MEDIAN_MILLISECONDS, "ms", what)


def late() -> Row:
    """The slow ones of the same steps."""
    return bounded(f"{STEP}: 95th percentile", float(np.quantile(_stepped(), 0.95)), LATE_MILLISECONDS, "ms")


@cache
def _stepped() -> list[float]:
    """What is solved before a key is pressed is part of it; no value is set twice."""
    taken: list[float] = []
    with _browser() as browser, workbench() as link:
        page = _opened(browser, link)
        page.evaluate(SOLVED)
        for slider in SLIDERS:
            page.locator(slider).press("Home")
            for number in range(WARM_UP + STEPS // len(SLIDERS)):
                if number == WARM_UP:
                    page.evaluate("performance.clearMeasures('step')")
                page.keyboard.press("ArrowRight")
                page.wait_for_timeout(PAUSE)
            page.wait_for_timeout(500)
            taken += page.evaluate(PAINTED)
    if len(taken) != STEPS:
        raise RuntimeError(f"{STEPS} steps were made, {len(taken)} painted")
    return taken


def jumped() -> Row:
    """One jump of a slider at a time, by a click on its track: nothing of it can be solved before."""
    chance = np.random.default_rng(1)
    with _at_slider() as (page, box):
        for number in range(WARM_UP + STEPS):
            if number == WARM_UP:
                page.evaluate("performance.clearMeasures('step')")
            page.mouse.click(box["x"] + chance.uniform(0.05, 0.95) * box["width"], box["y"] + box["height"] / 2)
            page.wait_for_timeout(PAUSE)
        page.wait_for_timeout(500)
        return _unbounded("a jump by a click", page.evaluate(PAINTED), "jumps")


def dragged() -> Row:
    """A slider dragged without a rest; a step that is overtaken counts until a later one is painted."""
    with _at_slider() as (page, box):
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.4 * box["width"], middle)
        page.mouse.down()
        for number in range(WARM_UP + 2 * STEPS):
            if number == WARM_UP:
                page.wait_for_timeout(500)
                page.evaluate("performance.clearMeasures('step')")
            share = 0.5 + 0.35 * np.sin(number / 12)
            page.mouse.move(box["x"] + float(share) * box["width"], middle)
            page.wait_for_timeout(10)
        page.mouse.up()
        page.wait_for_timeout(500)
        return _unbounded("dragged without a rest", page.evaluate(PAINTED), "steps")


@contextmanager
def _at_slider() -> Iterator[tuple[Page, FloatRect]]:
    """A page with the solved crisis, and where its first slider is."""
    with _browser() as browser, workbench() as link:
        page = _opened(browser, link)
        page.evaluate(SOLVED)
        slider = page.locator(SLIDERS[0])
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        yield page, box


def _unbounded(how: str, taken: list[float], what: str) -> Row:
    """The median and the slow ones of the steps made in a way that has no bar."""
    late = np.quantile(taken, 0.95)
    shown = f"{statistics.median(taken):.3g} ms; 95th percentile {late:.3g} ms ({len(taken)} {what})"
    return Row(f"{STEP}, {how}: median", shown)


def cold() -> Row:
    """From a server and a browser that have just started to the first endings painted."""
    taken = []
    for _ in range(STARTS):
        with _browser() as browser, workbench() as link:
            started = time.perf_counter()
            page = _opened(browser, link)
            page.evaluate(FIRST)
            taken.append(time.perf_counter() - started)
    what = "The page opened on a workbench that has just started, to the first endings painted"
    return bounded(what, statistics.median(taken), COLD_SECONDS, "s", f"the longest of {STARTS}: {max(taken):.2g} s")


def weight() -> Row:
    """All that the browser loads to show the page, before compression."""
    with _browser() as browser, workbench() as link:
        page = browser.new_page()
        sizes = []
        page.on(
            "response", lambda response: sizes.append(len(response.body())) if "/api/" not in response.url else None
        )
        page.goto(link.strip())
        page.evaluate(FIRST)
    return bounded("The page's weight, uncompressed", sum(sizes) / 1e6, WEIGHT, "MB")


@contextmanager
def _browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def _opened(browser: Browser, link: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script("localStorage.setItem('offramp-tour', 'done')")
    page.goto(link.strip())
    return page


if __name__ == "__main__":
    for row in (median(), late(), jumped(), dragged(), cold(), weight()):
        print(row)
