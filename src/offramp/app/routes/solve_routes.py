"""Routes that solve the crisis in the editor: slider steps, the full solve when a slider rests, and why."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import CrisisText, MomentRequest, Name
from offramp.app.tasks import live_tasks, spread_tasks
from offramp.app.tasks.compiled_scenarios import Scenario
from offramp.app.workbench import Bench, CurrentCaller, Workbench, json_response

router = APIRouter()
CLIENTS, CRISES = 4_096, 4_096
QUICK_SECONDS = 0.25
"""Slider steps that take longer, or the first of a scenario, count as long calls, which never occupy all processes."""


class SliderStep(MomentRequest):
    """A slider step; `number`: its position among the steps of this client."""

    client: Annotated[str, Field(min_length=1, max_length=64)]
    number: Annotated[int, Field(ge=0, lt=2**53)]


class Resting(MomentRequest):
    """The scenario when the slider rests, and the width of the picture in pixels."""

    width: Annotated[int, Field(ge=200, le=4_000)] = 1096


class Spreading(MomentRequest):
    """A scenario, and the number of draws of its inputs."""

    draws: Annotated[int, Field(ge=1, le=spread_tasks.MOST_SPREAD)] = 256


class WhyRequest(MomentRequest):
    """A move, and what its actor knows there."""

    move: Name
    sees: dict[Name, Annotated[str, Field(max_length=200)]] = Field(default_factory=dict, max_length=1000)


@router.post("/api/solve")
async def solve(body: SliderStep, bench: Bench, caller: CurrentCaller, request: Request) -> Response:
    """The endings of a scenario; of a client's waiting steps only the last is solved."""
    line = (caller.token, body.client)
    steps: Steps = bench.parts.setdefault("steps", Steps())
    steps.enter(line, body.number)
    scenario = scenario_of(body, bench)
    long = steps.crises.get(scenario.key, QUICK_SECONDS) >= QUICK_SECONDS
    # by a process that knows the crisis from its outset: what is supposed or pulled starts from there
    key = scenario.at_outset.key
    seconds, answer = await bench.live.call(live_tasks.timed_solve, scenario, key=key, line=line, long=long)
    steps.took(scenario.key, seconds)
    return json_response({"number": body.number, **answer})


class Steps:
    """The last slider step of each client, and how long steps of each crisis take, in seconds."""

    def __init__(self) -> None:
        self.last: OrderedDict[tuple[str, str], int] = OrderedDict()
        self.crises: OrderedDict[str, float] = OrderedDict()

    def enter(self, line: tuple[str, str], number: int) -> None:
        """Record a step; Refused (409) if a later one has arrived before it."""
        if number < self.last.get(line, 0):
            raise Refused(409, "a later step of this slider has arrived before this one", stale=True)
        self.last[line] = number
        self.last.move_to_end(line)
        if len(self.last) > CLIENTS:
            self.last.popitem(last=False)

    def took(self, key: str, seconds: float) -> None:
        """Record how long the last step of a crisis took."""
        self.crises[key] = seconds
        self.crises.move_to_end(key)
        if len(self.crises) > CRISES:
            self.crises.popitem(last=False)


@router.post("/api/settle")
async def settle(body: Resting, bench: Bench, request: Request) -> Response:
    """The scenario solved on the principal branch, with the timeline and moves."""
    scenario = scenario_of(body, bench)
    answer = await bench.side_call(request, live_tasks.solve_traced, scenario, body.width, urgency=1, key=scenario.key)
    return json_response(answer)


@router.post("/api/spread")
async def spread(body: Spreading, bench: Bench, request: Request) -> Response:
    """The range of each ending, from a few draws of the inputs that are not fixed."""
    return await _of_draws(spread_tasks.spread, body, bench, request, urgency=2)


@router.post("/api/matters")
async def matters(body: Spreading, bench: Bench, request: Request) -> Response:
    """How far each input moves each ending, over the same draws."""
    return await _of_draws(spread_tasks.matters, body, bench, request, urgency=3)


@router.post("/api/best-lever")
async def best_lever(body: Spreading, bench: Bench, request: Request) -> Response:
    """Which lever lowers what is to be avoided most, on the same draws."""
    return await _of_draws(spread_tasks.best_lever, body, bench, request, urgency=4)


@router.post("/api/signs")
async def signs(body: CrisisText, bench: Bench, request: Request) -> Response:
    """Signs that a crisis is degenerate: choices and endings that hardly occur, wants that look wrong."""
    of = at_outset(body, bench)
    return json_response(await bench.side_call(request, live_tasks.signs, of, urgency=5, key=of.key))


async def _of_draws(
    task: Callable[[Scenario, int], dict[str, Any]],
    body: Spreading,
    bench: Workbench,
    request: Request,
    urgency: int,
) -> Response:
    scenario = scenario_of(body, bench)
    return json_response(await bench.side_call(request, task, scenario, body.draws, urgency=urgency, key=scenario.key))


@router.post("/api/why")
async def why(body: WhyRequest, bench: Bench, request: Request) -> Response:
    """Why an actor chooses as it does at a move."""
    scenario = scenario_of(body, bench)
    finding = await bench.side_call(
        request, live_tasks.why, scenario, body.move, body.sees, urgency=1, key=scenario.key
    )
    return json_response(finding)


def at_outset(body: CrisisText, bench: Workbench) -> Scenario:
    """The crisis of a request from its outset, with nothing varied, and the absolute path of its file."""
    return Scenario(body.text, str(bench.folder.crisis(body.path)))


def scenario_of(body: MomentRequest, bench: Workbench) -> Scenario:
    """A request's scenario, with the absolute path of its file."""
    path = str(bench.folder.crisis(body.path))
    return Scenario(body.text, path, body.given, body.levers, body.rationality, body.now, body.supposed)
