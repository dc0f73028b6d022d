"""Routes that solve the crisis as it stands in the editor: slider steps, what follows when a slider rests, and why."""

from __future__ import annotations

from collections import OrderedDict
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Name, ScenarioRequest
from offramp.app.tasks import live_tasks
from offramp.app.workbench import Asking, Bench, Workbench, answered

router = APIRouter()
CLIENTS, CRISES = 4_096, 4_096
QUICK_SECONDS = 0.25
"""A crisis whose slider steps take longer never holds all processes."""


class SliderStep(ScenarioRequest):
    """A step of a slider: the `number`th of a client."""

    client: Annotated[str, Field(min_length=1, max_length=64)]
    number: Annotated[int, Field(ge=0, lt=2**53)]


class Resting(ScenarioRequest):
    """A setting at which the slider rests, and the width of the picture in pixels."""

    width: Annotated[int, Field(ge=200, le=4_000)] = 1096


class Spreading(ScenarioRequest):
    """A setting, and how many draws to spread it over."""

    draws: Annotated[int, Field(ge=1, le=live_tasks.MOST_SPREAD)] = 256


class WhyRequest(ScenarioRequest):
    """A move, and what its actor is to know there."""

    move: Name
    sees: dict[Name, Annotated[str, Field(max_length=200)]] = Field(default_factory=dict, max_length=1000)


@router.post("/api/solve")
async def solve(asked: SliderStep, bench: Bench, caller: Asking, request: Request) -> Response:
    """New endings; of the steps of a client that wait only the last is solved."""
    line = (caller.token, asked.client)
    steps: Steps = bench.parts.setdefault("steps", Steps())
    steps.enter(line, asked.number)
    setting = setting_of(asked, bench)
    long = steps.crises.get(setting.key, 0.0) >= QUICK_SECONDS
    seconds, found = await bench.live.call(live_tasks.timed_solve, setting, key=setting.key, line=line, long=long)
    steps.took(setting.key, seconds)
    return answered({"number": asked.number, **found})


class Steps:
    """The last slider step of each client; and how long steps of a crisis take, in seconds."""

    def __init__(self) -> None:
        self.last: OrderedDict[tuple[str, str], int] = OrderedDict()
        self.crises: OrderedDict[str, float] = OrderedDict()

    def enter(self, line: tuple[str, str], number: int) -> None:
        """Note a step; Refused (409) where a later one came before it."""
        if number < self.last.get(line, 0):
            raise Refused(409, "a later step of this slider came before", stale=True)
        self.last[line] = number
        self.last.move_to_end(line)
        if len(self.last) > CLIENTS:
            self.last.popitem(last=False)

    def took(self, key: str, seconds: float) -> None:
        """Note how long the last step of a crisis took."""
        self.crises[key] = seconds
        self.crises.move_to_end(key)
        if len(self.crises) > CRISES:
            self.crises.popitem(last=False)


@router.post("/api/settle")
async def settle(asked: Resting, bench: Bench, request: Request) -> Response:
    """The setting solved on the principal branch, with the timeline and moves."""
    setting = setting_of(asked, bench)
    found = await bench.side_call(request, live_tasks.settle, setting, asked.width, urgency=1, key=setting.key)
    return answered(found)


@router.post("/api/spread")
async def spread(asked: Spreading, bench: Bench, request: Request) -> Response:
    """The band behind each ending: a quick ensemble with the given inputs held."""
    setting = setting_of(asked, bench)
    return answered(await bench.side_call(request, live_tasks.spread, setting, asked.draws, urgency=2, key=setting.key))


@router.post("/api/why")
async def why(asked: WhyRequest, bench: Bench, request: Request) -> Response:
    """Why an actor chooses as it does at a move."""
    setting = setting_of(asked, bench)
    found = await bench.side_call(request, live_tasks.why, setting, asked.move, asked.sees, urgency=1, key=setting.key)
    return answered(found)


def setting_of(asked: ScenarioRequest, bench: Workbench) -> live_tasks.Scenario:
    """A request's setting, with the place of its file."""
    place = str(bench.folder.crisis(asked.path))
    return live_tasks.Scenario(asked.text, place, asked.given, asked.levers, asked.rationality)
