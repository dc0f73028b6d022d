"""A game as people play it: links, seats that see only what they may, a timer, a facilitator, a debrief."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.page.opened import context_of, workbench
from tests.app.served import Served, serving
from tests.report.axe import serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

STRAIT = files("offramp").joinpath("starter.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def strait(served: Served) -> Served:
    (served.folder / "strait.yaml").write_text(STRAIT, encoding="utf-8")
    return served


@contextmanager
def seated(browser: Browser, served: Served, link: str, **how: int | str) -> Iterator[Page]:
    """A person who follows a link of a match."""
    with workbench(browser, served, token=link.split("#token=")[1], **how) as page:  # type: ignore[arg-type]
        yield page


def lay(
    page: Page, people: tuple[str, ...] = ("Tessia", "Marland"), seed: int = 5, seconds: int | None = None
) -> list[str]:
    """Set a game up by the form; its links, the facilitator's last."""
    form = page.get_by_role("form", name="Start a game")
    for name in ("Tessia", "Marland"):
        form.get_by_role("group", name=name).get_by_label("a person" if name in people else "Offramp").check()
    form.get_by_label("Seed").fill(str(seed))
    if seconds is not None:
        form.get_by_label("Seconds for a choice").fill(str(seconds))
    form.get_by_role("button", name="Start the game").click()
    fields = page.locator(".links input")
    expect(fields).to_have_count(len(people) + 1)
    return [field.input_value() for field in fields.all()]


def asked(page: Page, move: str) -> None:
    expect(page.get_by_role("heading", name=f"You are asked: {move}")).to_be_visible()


def test_two_people_play_a_game_with_secrets_to_its_end_one_of_them_by_keyboard(
    browser: Browser, strait: Served
) -> None:
    with ExitStack() as people:
        host = people.enter_context(workbench(browser, strait, "#file=strait.yaml&part=play"))
        links = lay(host)
        tessia = people.enter_context(seated(browser, strait, links[0]))
        marland = people.enter_context(seated(browser, strait, links[1], width=390))
        asked(tessia, "Tessia's notice")
        expect(marland.get_by_text("The others are choosing.")).to_be_visible()
        assert "token" not in tessia.url

        tessia.keyboard.press("1")
        expect(tessia.get_by_role("button", name="Confirm: silence")).to_be_focused()
        tessia.keyboard.press("Escape")
        expect(tessia.get_by_role("button", name="Confirm")).to_have_count(0)
        tessia.keyboard.press("2")
        expect(tessia.get_by_role("button", name="Confirm: a notice")).to_be_focused()
        tessia.keyboard.press("Enter")
        asked(tessia, "Tessia's answer")
        expect(marland.locator(".story")).to_contain_text("Tessia's notice: a notice")  # it was told
        tessia.keyboard.press("3")
        tessia.keyboard.press("Enter")

        asked(marland, "Marland's reply")
        expect(tessia.get_by_text("resolve")).to_have_count(0)  # a secret of the other side
        assert serious(marland) == []
        marland.get_by_role("button", name="no reply").click()
        marland.get_by_role("button", name="Confirm: no reply").click()
        for page in (tessia, marland):
            expect(page.get_by_text("It ended with: an answer let pass")).to_be_visible()
            expect(page.get_by_role("heading", name="Debrief")).to_be_visible()
        expect(tessia.locator(".odds-steps li")).to_have_count(6)
        tessia.get_by_role("button", name="You, Tessia's answer: a strike").click()
        step = tessia.locator(".replayed")
        expect(step).to_contain_text("What the model expected of you")
        expect(step.locator(".taken")).to_contain_text("strike")
        step.get_by_role("button", name="Next").click()
        expect(step).to_contain_text("Chance, damage")
        step.get_by_role("button", name="Previous").click()
        expect(step).to_contain_text("You, Tessia's answer: a strike")
        assert serious(tessia) == []
        assert marland.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_facilitator_sees_all_and_hands_a_seat_over(browser: Browser, strait: Served) -> None:
    with ExitStack() as people:
        host = people.enter_context(workbench(browser, strait, "#file=strait.yaml&part=play"))
        links = lay(host)
        facilitator = people.enter_context(seated(browser, strait, links[2]))
        tessia = people.enter_context(seated(browser, strait, links[0]))
        expect(facilitator.get_by_text("Waiting for")).to_contain_text(re.compile("tessia", re.IGNORECASE))
        expect(facilitator.locator(".story")).to_contain_text("resolve: a soft government")
        expect(facilitator.get_by_role("heading", name="Odds of the endings now")).to_be_visible()
        assert serious(facilitator) == []
        asked(tessia, "Tessia's notice")
        facilitator.get_by_role("button", name=re.compile("Let Offramp play tessia", re.IGNORECASE)).click()
        expect(tessia.get_by_text("Offramp plays your side from here on")).to_be_visible()
        host.get_by_role("button", name="Show everything").click()
        expect(host.get_by_text(re.compile("Offramp plays tessia now", re.IGNORECASE))).to_be_visible()


def test_whoever_sets_a_game_up_is_shown_what_is_hidden_only_when_they_ask(browser: Browser, strait: Served) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=play") as host:
        lay(host)
        expect(host.get_by_role("button", name="Show everything")).to_be_visible()
        for hidden in ("resolve", "soft", "Waiting for", "Odds of the endings", "Seed 5"):
            expect(host.locator(".room-view").get_by_text(hidden)).to_have_count(0)
        assert serious(host) == []
        host.get_by_role("button", name="Show everything").press("Enter")
        expect(host.locator(".story")).to_contain_text("resolve: a soft government")


def test_the_timer_hands_a_choice_over(browser: Browser, strait: Served) -> None:
    with ExitStack() as people:
        host = people.enter_context(workbench(browser, strait, "#file=strait.yaml&part=play"))
        links = lay(host, ("Tessia",), seconds=5)
        tessia = people.enter_context(seated(browser, strait, links[0]))
        expect(tessia.get_by_role("timer").or_(tessia.get_by_role("heading", name="Debrief")).first).to_be_visible()
        expect(tessia.get_by_role("heading", name="Debrief")).to_be_visible()
        expect(tessia.locator(".story .own")).to_have_count(2)


def test_a_finished_game_is_replayed_step_by_step(browser: Browser, strait: Served) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=play") as host:
        lay(host, ("Tessia",), seed=77)
        host.get_by_role("button", name="Show everything").click()
        host.get_by_role("button", name=re.compile("Let Offramp play tessia", re.IGNORECASE)).click()
        expect(host.get_by_role("heading", name="Debrief")).to_be_visible()
        host.get_by_role("button", name="All games").click()
        games = host.get_by_role("region", name="Finished: games").locator("li").filter(has_text="seed 77")
        games.get_by_role("button", name="Replay and debrief").click()
        step = host.locator(".replayed")
        expect(step).to_contain_text(re.compile(r"1 of \d"))
        step.get_by_role("button", name="Next").press("Enter")
        expect(step).to_contain_text(re.compile(r"2 of \d"))


def test_a_link_is_copied_and_a_seat_taken_here(browser: Browser, strait: Served) -> None:
    with workbench(browser, strait, "#file=strait.yaml&part=play") as host:
        links = lay(host)
        host.get_by_role("button", name=re.compile("Copy the link of tessia", re.IGNORECASE)).click()
        expect(host.get_by_text("is copied.")).to_be_visible()
        assert host.evaluate("navigator.clipboard.readText()") == links[0]
        with host.context.expect_page() as opened:
            host.get_by_role("link", name=re.compile("Play here: marland", re.IGNORECASE)).click()
        expect(opened.value.get_by_text("You are Marland")).to_be_visible()
        expect(host.get_by_role("button", name="All games")).to_be_visible()


def test_a_seat_says_that_the_server_is_away_and_comes_back_by_itself(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "strait.yaml").write_text(STRAIT, encoding="utf-8")
    with ExitStack() as people:
        with serving(tmp_path) as first:
            asked_for = first.setting(STRAIT, "strait.yaml", seats={"tessia": "person"}, seed=5, seconds=None)
            token = first.client.post("/api/matches", json=asked_for).json()["seats"]["tessia"]
            context = people.enter_context(context_of(browser, first))
            page = context.new_page()
            page.goto(f"{first.url}/#token={token}")
            asked(page, "Tessia's notice")
            page.keyboard.press("2")
            page.keyboard.press("Enter")
            asked(page, "Tessia's answer")
            port = first.port
        expect(page.get_by_role("alert")).to_contain_text("Your game is saved")
        with serving(tmp_path, "--port", str(port)):
            expect(page.get_by_role("alert")).to_have_count(0)
            page.keyboard.press("1")
            page.keyboard.press("Enter")
            expect(page.get_by_text("It ended with: words only")).to_be_visible()
