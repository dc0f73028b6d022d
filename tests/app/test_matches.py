"""People play from links of their own: each sees what its actor has seen and nothing else, and a match outlives the
server."""

from __future__ import annotations

import json
import random
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from offramp.crisis.reading import read_text
from offramp.play.board import set_up
from offramp.play.chronicle import chronicle
from offramp.play.match import Match, awaiting, begin, choose
from tests.app.served import Served, serving

CRISIS = """\
format: 1
title: The harbour
actors: {north: {name: North}, south: {name: South}, east: {name: East}}
timeline:
  - {chance: hidden_line, odds: {xlow: 0.5, xhigh: 0.5}, seen_by: [south]}
  - {move: word, by: north, options: [xsend, xkeep], seen_by: []}
  - {tell: word, to: [south], if: word == xsend}
  - rounds: 2
    steps:
      - {move: answer, by: north, options: [xhold, xstrike], seen_by: [south]}
      - together:
          - {move: side, by: east, options: [xjoin, xaway], seen_by: [north]}
          - {move: guard, by: south, options: [xopen, xshut], seen_by: []}
      - {chance: damage, odds: {xnone: 0.5, xhit: 0.5}, seen_by: [east]}
      - {move: reply, by: south, if: answer == xstrike, options: [xyield, xfight], seen_by: [north]}
payoffs:
  north: {hurt: {pays: -1 * (reply == xfight), when: each_round}}
  south: {pride: {pays: 1 * (reply == xfight) * (hidden_line == xlow), when: each_round}}
  east: {gain: {pays: 0.3 * (side == xjoin) * (damage == xnone), when: each_round}}
endings: {quarrel: reply == xfight, calm: otherwise}
"""
"""Every option has a name that nothing else has, so that a value that is sent can be found in what is sent."""
EVERY = frozenset(re.findall(r"\bx[a-z]+", CRISIS))
SEATS = ("north", "south", "east")


class Seats:
    """A match over HTTP, looked at and played with the tokens of its links."""

    def __init__(self, served: Served, seats: Mapping[str, str], **more: Any) -> None:
        asked = served.setting(CRISIS, "harbour.yaml", seats=dict(seats), **more)
        answer = served.client.post("/api/matches", json=asked)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        self.match, self.tokens = found["match"], {**found["seats"], "": found["facilitator"]}
        self.client = served.client

    def ask(self, looker: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[looker]}"}
        return self.client.request(method, path, headers=headers, **more)

    def look(self, looker: str, **params: Any) -> httpx.Response:
        answer = self.ask(looker, "GET", "/api/match", params=params)
        assert answer.status_code == 200, answer.text
        return answer

    def choose(self, looker: str, actor: str, option: str, **more: Any) -> httpx.Response:
        body = {"match": self.match, "actor": actor, "option": option, **more}
        return self.ask(looker, "POST", "/api/match/choose", json=body)


def people(*actors: str) -> dict[str, str]:
    return {actor: "person" if actor in actors else "offramp" for actor in SEATS}


def bytes_of(answer: httpx.Response) -> bytes:
    """All that an answer says: its status, its head but for the clock and the match's name, and its body."""
    head = sorted((name, value) for name, value in answer.headers.items() if name != "date")
    return repr((answer.status_code, head)).encode() + answer.content


def known(match: Match, actor: str) -> set[str]:
    """Every option that an actor may know of: seen, or open or closed to itself at a move of its own."""
    crisis = match.board.crisis
    seen = {str(event.value) for event in chronicle(match) if actor in event.seen_by}
    own = {option for step in crisis.steps() if getattr(step, "by", "") == actor for option in step.options}
    return seen | own


def options_in(content: bytes) -> set[str]:
    """The options of the crisis that something holds, in any place."""
    return {option for option in EVERY if option.encode() in content}


@pytest.mark.parametrize("seed", range(2))
def test_no_answer_to_a_seat_holds_a_value_that_its_actor_has_not_seen(served: Served, seed: int) -> None:
    luck = random.Random(seed)
    board = set_up(read_text(CRISIS.encode(), "harbour.yaml"))
    mirror = begin(board, SEATS, seed)
    seats = Seats(served, people(*SEATS), seed=seed)
    versions: dict[str, int] = {}
    views: dict[str, bytes] = {}
    while True:
        for actor in SEATS:
            wrong = seats.choose(actor, actor, "xnothing")
            assert wrong.status_code in (409, 422)
            foreign = seats.choose(actor, next(other for other in SEATS if other != actor), "xhold")
            assert foreign.status_code == 403
            answer = seats.look(actor)
            for each in (answer, wrong, foreign, seats.ask(actor, "GET", "/api/hello")):
                assert options_in(bytes_of(each)) - {"xhold"} <= known(mirror, actor)
            view = {name: value for name, value in answer.json().items() if name != "version"}
            shown, version = json.dumps(view).encode(), answer.json()["version"]
            if actor in views:
                assert (version != versions[actor]) == (shown != views[actor])
            versions[actor], views[actor] = version, shown
            assert (view["status"] == "asked") == (actor in awaiting(mirror))
        assert len(seats.look("").json()["timeline"]) >= len(mirror.entries)
        if mirror.finished:
            break
        actor = luck.choice(awaiting(mirror))
        option = luck.choice(json.loads(views[actor])["asked"]["options"])
        assert seats.ask(actor, "GET", "/api/match/debrief").status_code == 409
        chosen = seats.choose(actor, actor, option, version=versions[actor])
        assert chosen.status_code == 200, chosen.text
        mirror = choose(mirror, actor, option)
        assert options_in(bytes_of(chosen)) <= known(mirror, actor)
    assert seats.look("north").json()["ending"] == mirror.ending
    found = seats.ask("north", "GET", "/api/match/debrief").json()
    assert [entry["value"] for entry in found["entries"]] == [entry.value for entry in mirror.entries]
    listed = served.client.get("/api/matches").json()["matches"]
    assert next(row for row in listed if row["match"] == seats.match)["seed"] == seed


def test_matches_that_differ_only_in_what_a_seat_has_not_seen_give_it_the_same_bytes(served: Served) -> None:
    board = set_up(read_text(CRISIS.encode(), "harbour.yaml"))
    lines: dict[str, int] = {}
    for seed in range(40):
        lines.setdefault(begin(board, SEATS, seed).entries[0].value, seed)
    assert len(lines) == 2
    low, high = (Seats(served, people(*SEATS), seed=seed) for seed in lines.values())

    def said(*answers: httpx.Response) -> list[bytes]:
        names = (low.match.encode(), high.match.encode())
        return [bytes_of(answer).replace(names[0], b"ID").replace(names[1], b"ID") for answer in answers]

    for actor in ("north", "east"):
        assert said(low.look(actor)) == said(high.look(actor))
    assert said(low.look("south")) != said(high.look("south"))
    for seats, word in ((low, "xkeep"), (high, "xkeep")):
        seats.choose("north", "north", word)
    for seats, option in ((low, "xhold"), (high, "xstrike")):  # east does not see the answer
        seats.choose("north", "north", option)
    for seats, option in ((low, "xopen"), (high, "xshut")):  # nor what south does, nor that it has done it
        seats.choose("south", "south", option)
    assert said(low.look("east")) == said(high.look("east"))
    first, second = (seats.choose("east", "east", "xnothing") for seats in (low, high))
    assert said(first) == said(second)


def test_a_seat_that_waits_is_woken_by_what_it_sees_and_by_nothing_else(served: Served) -> None:
    seats = Seats(served, people("east", "south"), seed=2)
    before = seats.look("east").json()
    assert before["asked"]["move"] == "side"
    woken: list[dict[str, Any]] = []
    waiting = Thread(target=lambda: woken.append(seats.look("east", after=before["version"]).json()), daemon=True)
    waiting.start()
    assert seats.choose("south", "south", "xopen").status_code == 200
    assert seats.look("east").json() == before
    time.sleep(0.3)
    assert not woken
    assert seats.choose("east", "east", "xjoin").status_code == 200
    waiting.join(10)
    assert [view["version"] for view in woken] == [before["version"] + 1]


def test_a_choice_counts_once_and_only_where_it_was_asked_for(served: Served) -> None:
    seats = Seats(served, people("north"), seed=2)
    version = seats.look("north").json()["version"]
    assert seats.choose("north", "north", "xkeep", version=version).status_code == 200
    again = seats.choose("north", "north", "xkeep", version=version)
    assert (again.status_code, again.json()["stale"]) == (409, True)
    assert seats.choose("north", "north", "xhold").status_code == 200


def test_a_link_is_for_its_match_and_seat_alone(served: Served) -> None:
    first, second = Seats(served, people("north", "south")), Seats(served, people("north"))
    assert first.ask("north", "GET", "/api/match", params={"match": second.match}).status_code == 403
    assert first.choose("south", "north", "xkeep").status_code == 403
    for path in ("/api/matches", "/api/runs", "/api/ledger", "/api/files"):
        assert first.ask("north", "GET", path).status_code == 403
    body = {"match": first.match, "actor": "south"}
    assert first.ask("north", "POST", "/api/match/hand-over", json=body).status_code == 403
    hello = first.ask("south", "GET", "/api/hello").json()
    assert (hello["role"], hello["match"], hello["seat"]) == ("seat", first.match, "south")


def test_a_briefing_is_for_a_seat_and_the_same_whatever_happens(served: Served) -> None:
    seats = Seats(served, people("south", "north"), seed=5)
    before = seats.ask("south", "GET", "/api/match/briefing")
    assert [stake["term"] for stake in before.json()["stakes"]] == ["pride"]
    assert seats.choose("north", "north", "xsend").status_code == 200
    other = Seats(served, people("south"), seed=6).ask("south", "GET", "/api/match/briefing")
    assert bytes_of(before) == bytes_of(seats.ask("south", "GET", "/api/match/briefing")) == bytes_of(other)
    assert seats.ask("", "GET", "/api/match/briefing").status_code == 422


def test_seats_handed_over_are_played_by_offramp_to_the_end(served: Served) -> None:
    seats = Seats(served, people("north", "south"), seed=5)
    for actor in ("north", "south"):
        body = {"match": seats.match, "actor": actor}
        assert seats.ask("", "POST", "/api/match/hand-over", json=body).status_code == 200
    assert seats.look("north").json()["status"] == "finished"
    assert seats.choose("north", "north", "xhold").status_code == 409
    assert seats.ask("south", "GET", "/api/match/debrief").status_code == 200


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"seats": {"north": "offramp"}}, "at least one seat"),
        ({"seats": {"nroth": "person"}}, "did you mean 'north'?"),
        ({"seats": {"north": "somebody"}}, "person"),
        ({"seats": {"north": "person"}, "seconds": 1}, "seconds"),
        ({"seats": {"north": "person"}, "seed": -1}, "seed"),
        ({"seats": {"north": "person"}, "levers": ["nothing"]}, "nothing"),
        ({"seats": {"north": "person"}, "text": "format: 1"}, "line"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(served: Served, more: dict[str, Any], words: str) -> None:
    answer = served.client.post("/api/matches", json=served.setting(CRISIS, "harbour.yaml") | more)
    assert (answer.status_code, words in answer.json()["error"]) == (422, True), answer.text


@contextmanager
def killed(folder: Path, port: str, **more: Any) -> Iterator[tuple[Seats, list[Any]]]:
    """A match in a workbench that was killed after the choice `xkeep`; before that, what was seen."""
    with serving(folder, "--port", port) as served:
        seats = Seats(served, people("north", "east"), seed=2, **more)
        seats.choose("north", "north", "xkeep")
        seen = [seats.look(looker).json() for looker in ("north", "east", "")]
        served.process.kill()
        served.process.wait()
    yield seats, seen


def test_a_match_goes_on_with_the_same_links_after_the_workbench_was_killed(tmp_path: Path) -> None:
    with killed(tmp_path, "0") as (seats, seen), serving(tmp_path) as served:
        seats.client = served.client
        assert [seats.look(looker).json() for looker in ("north", "east", "")] == seen
        assert seats.choose("north", "north", "xhold", version=seen[0]["version"]).status_code == 200
        assert seats.look("east").json()["status"] == "asked"
        (saved,) = (tmp_path / ".offramp" / "matches").iterdir()
        assert stat.S_IMODE(saved.stat().st_mode) == 0o600
        assert not any(token in saved.read_text() for token in seats.tokens.values())


def test_a_huge_file_among_saved_matches_hides_no_others(tmp_path: Path) -> None:
    with killed(tmp_path, "0") as (seats, seen):
        with (tmp_path / ".offramp" / "matches" / "hugehugehuge.json").open("wb") as file:
            file.truncate(10**12)
        with serving(tmp_path) as served:
            seats.client = served.client
            assert [seats.look(looker).json() for looker in ("north", "east", "")] == seen


def test_a_turn_whose_time_is_up_is_taken_by_offramp_even_after_a_restart(tmp_path: Path) -> None:
    with killed(tmp_path, "0", seconds=5) as (seats, seen), serving(tmp_path) as served:
        seats.client = served.client
        assert seen[0]["deadline"]
        end = time.monotonic() + 60.0
        while (now := seats.look("north", after=seen[0]["version"]).json())["version"] == seen[0]["version"]:
            assert time.monotonic() < end
        assert now["timeline"][-1]["own"] or len(now["timeline"]) > len(seen[0]["timeline"])
        entries = seats.look("").json()["timeline"]
        assert "offramp" in {event["by"] for event in entries if event["step"] == "answer"}
