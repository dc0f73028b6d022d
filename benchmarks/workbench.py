"""How long a person at the workbench waits: slider steps of the Tehran crisis, alone and with others, and its start."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
from row import Row, bounded

import offramp
from offramp.crisis.reading import read
from offramp.crisis.steps import Chance, Move
from offramp.gambit.opening import compile_game
from offramp.game.game import Game

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
STEPS, PEOPLE, STEPS_EACH = 200, 20, 15
MEDIAN_MILLISECONDS, LATE_MILLISECONDS, CROWD_MILLISECONDS, COLD_SECONDS = 40.0, 80.0, 400.0, 3.0
SUPPOSE_MILLISECONDS = 60.0
LARGE = 40
"""Coins of a crisis: two to the power of that many histories."""
EXACT = 1e-7
STEP = "Tehran crisis, a slider step of the workbench from request to endings"


class Asked:
    """A connection to a workbench, as a browser keeps one."""

    def __init__(self, link: str) -> None:
        url, _, self.token = link.strip().partition("/#token=")
        self.host = url.removeprefix("http://")
        self.connection = HTTPConnection(self.host, timeout=60)

    def get(self, path: str) -> bytes:
        self.connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        return self.connection.getresponse().read()

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def step(self, value: float, client: str, number: int, supposed: Mapping[str, str] | None = None) -> dict[str, Any]:
        """New endings at a value of the slider's input, given what is supposed."""
        body = {
            "path": "crisis.yaml", "text": _game().crisis.text, "given": {_input(): value}, "client": client,
            "number": number, "supposed": dict(supposed or {}),
        }  # fmt: skip
        status, said = self.post("/api/solve", body)
        if status != 200:
            raise RuntimeError(f"a step was answered {status}: {said}")
        return said


@contextmanager
def workbench() -> Iterator[str]:
    """A workbench on an empty folder: its link."""
    command = [str(Path(sys.executable).with_name("offramp")), "app", "--no-open", "--port", "0"]
    # a user's Python keeps compiled modules
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([*command, folder], stdout=subprocess.PIPE, text=True, env=surroundings)
        assert process.stdout is not None
        try:
            yield process.stdout.readline()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            process.stdout.close()


def median() -> Row:
    """One person drags a slider: the median step."""
    return bounded(f"{STEP}: median", 1e3 * statistics.median(_alone()), MEDIAN_MILLISECONDS, "ms")


def late() -> Row:
    """The same: the 95th percentile."""
    return bounded(f"{STEP}: 95th percentile", 1e3 * _late(_alone()), LATE_MILLISECONDS, "ms")


@cache
def _alone() -> list[float]:
    values = values_of(STEPS)
    with workbench() as link:
        asked = Asked(link)
        for number in range(20):  # every process has then seen the crisis
            asked.step(values[0], "warm", number)
        return timed(asked, values, "one")


def _late(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def suppose() -> Row:
    """Each option of each step is supposed once, as by a click on it; the median answer."""
    value = values_of(1)[0]
    crisis = _game().crisis
    rounds = {layer.step: layer.round for layer in reversed(_game().layers)}
    observed = {(step, event.round or 0) for event in crisis.observed for step in event.values}
    facts = [
        {f"{step.key}@{rounds[step.key]}" if rounds.get(step.key) else step.key: option}
        for step in crisis.steps()
        if isinstance(step, Chance | Move) and (step.key, rounds.get(step.key, 0)) not in observed
        for option in step.options
    ]
    times = []
    with workbench() as link:
        asked = Asked(link)
        for number in range(20):
            asked.step(value, "warm", number)
        for number, fact in enumerate(facts):
            start = time.perf_counter()
            found = asked.step(value, "one", number, fact)
            times.append(time.perf_counter() - start)
            solution = offramp.solve(crisis.supposing(fact), given={_input(): value})
            if any(abs(found["endings"][name] - share) > EXACT for name, share in solution.endings.items()):
                raise RuntimeError(f"given {fact} the workbench answered {found['endings']}")
    what = f"Tehran crisis, *suppose this happened*, each of {len(facts)} options not yet observed once: median"
    return bounded(what, 1e3 * statistics.median(times), SUPPOSE_MILLISECONDS, "ms")


def together() -> Row:
    """Twenty people drag at once."""
    values = values_of(STEPS_EACH)
    found: list[list[float]] = [[] for _ in range(PEOPLE)]
    with workbench() as link:

        def drag(place: int) -> None:
            asked = Asked(link)
            asked.step(values[0], f"warm {place}", 0)
            found[place] = timed(asked, values[place % STEPS_EACH :] + values[: place % STEPS_EACH], f"person {place}")

        _side_by_side(drag, PEOPLE)
    times = [taken for each in found for taken in each]
    if len(times) != PEOPLE * STEPS_EACH:
        raise RuntimeError("a step was lost")
    detail = f"median {1e3 * statistics.median(times):.0f} ms; none lost, all right"
    what = f"{STEP}, {PEOPLE} people at once on {os.cpu_count()} cores: 95th percentile"
    return bounded(what, 1e3 * _late(times), CROWD_MILLISECONDS, "ms", detail)


def _side_by_side(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def cold() -> Row:
    """From the shell to the page and the first endings."""
    times, value = [], values_of(1)[0]
    for _ in range(3):
        start = time.perf_counter()
        with workbench() as link:
            asked = Asked(link)
            asked.get("/")
            page = time.perf_counter() - start
            asked.step(value, "first", 0)
            times.append((time.perf_counter() - start, page))
    solved, page = sorted(times)[1]
    what = "`offramp app` from a cold shell to the first endings of the Tehran crisis"
    return bounded(what, solved, COLD_SECONDS, "s", f"page after {page:.1f} s")


def large() -> Row:
    """A crisis of two to the fortieth histories is refused; what another person's step then takes at most."""
    coins = "".join(f"  - {{chance: c{number}, odds: {{a: 0.5, b: rest}}}}\n" for number in range(LARGE))
    heads = " + ".join(f"(c{number} == a)" for number in range(LARGE))
    text = (
        f"format: 1\ntitle: Coins\nactors: {{north: {{name: North}}}}\ntimeline:\n{coins}"
        f"  - {{move: answer, by: north, options: [hold, strike]}}\n"
        f"payoffs: {{north: {{gain: (answer == hold) * ({heads})}}}}\n"
        "endings: {war: answer == strike, quiet: otherwise}\n"
    )
    values = values_of(STEPS_EACH)
    answers: list[tuple[int, str]] = []
    times: list[float] = []
    with workbench() as link:

        def work(place: int) -> None:
            asked = Asked(link)
            if place == 0:
                times.extend(timed(asked, values, "another"))
                return
            for number in range(10):
                body = {"path": "a.yaml", "text": f"{text}# {place} {number}\n", "client": f"{place}", "number": number}
                status, said = asked.post("/api/solve", body)
                answers.append((status, str(said.get("error"))))

        for number in range(20):
            Asked(link).step(values[0], "warm", number)
        _side_by_side(work, 5)
    if len(answers) != 40 or any(status != 422 or "too large" not in said for status, said in answers):
        raise RuntimeError(f"the crises were answered {answers}")
    return bounded("A slider step while 4 others send crises of 10^12 histories: the longest", max(times), 1.0, "s")


def timed(asked: Asked, values: list[float], client: str) -> list[float]:
    """The seconds of each step; RuntimeError where its endings are not those of a traced solve."""
    times = []
    for number, value in enumerate(values):
        start = time.perf_counter()
        said = asked.step(value, client, number)
        times.append(time.perf_counter() - start)
        for name, probability in _traced(value).items():
            if abs(said["endings"][name] - probability) > EXACT:
                raise RuntimeError(f"at {value} the workbench answered {said['endings']}")
    return times


@cache
def _game() -> Game:
    return compile_game(read(CRISIS))


@cache
def _input() -> str:
    return next(iter(_game().crisis.inputs))


@cache
def _traced(value: float) -> dict[str, float]:
    return dict(offramp.solve(_game(), given={_input(): value}).endings)


def values_of(count: int) -> list[float]:
    """Values of the slider's input, as one drags it to and fro; each is solved here beforehand."""
    places = 0.5 + 0.45 * np.sin(np.linspace(0, 6.0, count))
    values = _game().crisis.inputs[_input()].distribution.quantile(places).round(3).tolist()
    for value in values:
        _traced(value)
    return list(values)
