"""`offramp.explore` in a real JupyterLab and browser, without a network: moved by keys, read by the next cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

import offramp
from offramp.common.numerals import percent
from offramp.notebook.slider_steps import swings
from tests.notebook.notebook_servers import PATIENCE, jupyter_lab, notebook_of, run_cell, settle_lab
from tests.report.browser import needs_browser
from tests.shipped import CRISES, tehran

pytestmark = needs_browser

TEHRAN = str(CRISES / "tehran-2024" / "crisis.yaml")
LEVERS = ("hotline", "candid_messenger")
WIDGET = ".offramp-explore"
TOO_WIDE = """widget => [...widget.querySelectorAll('*')].filter(part =>
  part.getBoundingClientRect().right > widget.getBoundingClientRect().right + 1).map(part => part.outerHTML)"""


@cache
def inputs() -> tuple[str, ...]:
    """The inputs in the order of the page."""
    return tuple(swings(offramp.compile_game(tehran())))


def held() -> dict[str, float]:
    """What a cell sets."""
    return {name: tehran().inputs[name].distribution.median * 1.1 for name in inputs()[:2]}


def cells() -> tuple[str, ...]:
    """The notebook's cells."""
    return (
        f"import json, offramp\nexplorer = offramp.explore(offramp.read({TEHRAN!r}))\nexplorer",
        "print(json.dumps([explorer.given, explorer.levers, explorer.endings, explorer.solution.status]))",
        f"explorer.given = {held()!r}\nexplorer.levers = [{LEVERS[0]!r}]",
        f"explorer.given = {{'{inputs()[0]}s': 0.9}}",
        "run = offramp.run(explorer.solution, draws=64)\nrun",
        "offramp.levers(run, draws=8)",
        "offramp.drawings_of(offramp.endings(run))[0]",
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a notebook in JupyterLab."""
    folder = tmp_path_factory.mktemp("lab")
    settle_lab(folder)
    (folder / "explore.ipynb").write_text(notebook_of(*cells()))
    with jupyter_lab(folder) as address:
        yield f"{address}/explore.ipynb"


@pytest.fixture(scope="module")
def page(lab: str, browser: Browser) -> Iterator[Page]:
    """The notebook in the browser, its first cell run; it may ask nobody but its server."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    asked: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss"):
            asked.append(urlsplit(request.url).hostname or "")

    opened.on("request", note)
    opened.goto(lab)
    run_cell(opened, 0)
    opened.locator(WIDGET).wait_for(timeout=PATIENCE)
    yield opened
    assert {*asked} == {"127.0.0.1"}
    opened.close()


@pytest.fixture(autouse=True)
def unvaried(page: Page) -> Iterator[None]:
    """After each test, nothing is varied any more."""
    yield
    if page.get_by_role("button", name="Reset").is_enabled():
        page.get_by_role("button", name="Reset").click()
    shows(page, {}, [])


def called(name: str) -> str:
    """The name of an input on the page."""
    return tehran().inputs[name].name


def shows(page: Page, given: dict[str, float], levers: list[str]) -> None:
    """Expect the endings on the page to be those of a solve."""
    right = offramp.solve(tehran().with_levers(*levers), given=given).endings
    for name, share in right.items():
        row = page.locator(f"{WIDGET} [data-ending={name}]")
        expect(row.locator(".share")).to_have_text(percent(share), timeout=PATIENCE)
    expect(page.locator(f"{WIDGET} ul")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    expect(page.locator(f"{WIDGET} .behind")).to_have_count(0)


def printed(page: Page) -> list[object]:
    """What the second cell prints."""
    output = page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output pre")
    run_cell(page, 1)
    found = json.loads(output.last.inner_text())
    assert isinstance(found, list)
    return found


def test_a_slider_moved_by_keys_gives_what_solve_gives_and_the_next_cell_reads_it(page: Page) -> None:
    slider = page.get_by_role("slider", name=called(inputs()[0]), exact=True)
    slider.focus()
    for key in ("PageUp", "PageUp", "ArrowRight"):
        slider.press(key)
    value = float(slider.input_value())
    given = {inputs()[0]: value}
    shows(page, given, [])
    read, levers, endings, status = printed(page)
    assert (read, levers, status) == (given, [], "principal")
    assert value > tehran().inputs[inputs()[0]].distribution.median
    assert endings == offramp.solve(tehran(), given=given).endings


def test_a_lever_is_pulled_by_the_space_bar_and_everything_is_put_back(page: Page) -> None:
    lever = page.get_by_role("switch", name=tehran().levers[LEVERS[1]].name, exact=True)
    lever.press("Space")
    shows(page, {}, [LEVERS[1]])
    assert printed(page)[:2] == [{}, [LEVERS[1]]]
    page.get_by_role("button", name="Reset").click()
    shows(page, {}, [])
    assert printed(page)[:2] == [{}, []]
    expect(lever).not_to_be_checked()


def test_what_python_sets_the_page_shows_and_says(page: Page) -> None:
    run_cell(page, 2)
    shows(page, held(), LEVERS[:1])
    slider = page.get_by_role("slider", name=called(inputs()[1]), exact=True)
    assert float(slider.input_value()) == pytest.approx(held()[inputs()[1]])
    expect(page.get_by_role("switch", name=tehran().levers[LEVERS[0]].name, exact=True)).to_be_checked()
    expect(page.locator(f"{WIDGET} [role=status]")).to_have_text(re.compile(r"\d%, .*points\.$"))
    run_cell(page, 3)
    warning = page.locator(f"{WIDGET} .warning")
    expect(warning).to_have_text(re.compile(f"^Unknown input '{inputs()[0]}s'; did you mean '{inputs()[0]}'"))
    expect(page.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)


def test_a_single_input_goes_back_to_its_median_by_key_and_by_button(page: Page) -> None:
    slider = page.get_by_role("slider", name=called(inputs()[2]), exact=True)
    slider.press("End")
    given = {inputs()[2]: float(slider.get_attribute("max") or "nan")}
    shows(page, given, [])
    slider.press("Delete")
    shows(page, {}, [])
    slider.press("Home")
    page.get_by_role("button", name=f"{called(inputs()[2])}: back to the median").click()
    shows(page, {}, [])
    expect(slider).to_have_attribute("aria-valuetext", re.compile(", the median$"))


def test_the_inputs_that_move_the_endings_are_first_and_the_others_behind_a_fold(page: Page) -> None:
    sliders = page.locator(f"{WIDGET} input[type=range]")
    expect(sliders.filter(visible=True)).to_have_count(12)
    fold = page.locator(f"{WIDGET} summary")
    fold.press("Enter")
    expect(sliders.filter(visible=True)).to_have_count(len(tehran().inputs))
    fold.press("Enter")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_the_widget_is_light_or_dark_as_the_notebook_is_and_axe_finds_nothing(theme: str, page: Page) -> None:
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    dark = re.compile(r"(^| )dark( |$)")
    widget = page.locator(WIDGET)
    if theme.endswith("Dark"):
        expect(widget).to_have_class(dark)
    else:
        expect(widget).not_to_have_class(dark)
    found = Axe().run(page, context=WIDGET)
    assert [violation["id"] for violation in found.response["violations"]] == []


def test_on_a_phone_nothing_is_wider_than_the_widget_and_the_endings_stay_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    widget = page.locator(WIDGET)
    assert widget.evaluate(TOO_WIDE) == []
    assert widget.evaluate("node => node.scrollWidth <= node.clientWidth")
    endings, inputs = (widget.locator(part).bounding_box() for part in (".endings", ".inputs"))
    assert endings is not None
    assert inputs is not None
    assert inputs["y"] + inputs["height"] - endings["y"] < 844
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_results_show_as_tables_and_charts(page: Page) -> None:
    for place, what in ((4, "table"), (5, "table"), (6, "svg, img[src^='data:image/svg']")):
        run_cell(page, place)
        expect(page.locator(".jp-Cell").nth(place).locator(".jp-OutputArea").locator(what).first).to_be_visible()
    expect(page.locator(".jp-Cell").nth(4).locator("caption")).to_contain_text("64 draws")
