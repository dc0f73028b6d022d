"""The tools that study a crisis file: why, levers, map, compare."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Name, Number, Path
from offramp.mcp.assistant_parts import Answer, AssistantTool
from offramp.mcp.desk import Desk
from offramp.mcp.tasks import study_answers
from offramp.mcp.tools.common_arguments import Moment, ScenarioArguments
from offramp.mcp.tools.study_arguments import (
    WHICH_ENDING,
    Draws,
    OfFile,
    Seed,
    crisis_text,
    options_in,
    run_folder,
)

Place = Annotated[
    Path, Field(description="A crisis file, or the folder of a run, whose crisis with its levers is taken")
]


class _Why(ScenarioArguments):
    move: Name | None = Field(
        default=None, description="Key of the move to explain; with its round, as reply@2, if it is made in rounds"
    )
    sees: dict[Name, Name] = Field(
        default_factory=dict, max_length=100, description="With `move`: what its actor knows there, values by step"
    )
    ending: Name | None = Field(
        default=None, description="Key of an ending, in place of a move: why is it so rare, or so likely?"
    )


class _Levers(OfFile):
    ending: Name | None = Field(default=None, description=WHICH_ENDING)
    below: Annotated[Number, Field(ge=0, le=1)] | None = Field(
        default=None, description="Find the cheapest levers that bring the ending below this probability"
    )
    draws: Draws = Field(default=96, description="Draws of the inputs, of a run its first ones; powers of two are best")
    seed: Seed | None = Field(default=None, description="Seed of the draws; by default that of the run, else 1")


class _Map(OfFile):
    x: Name = Field(description="Key of the input on the horizontal axis")
    y: Name = Field(description="Key of the input on the vertical axis")
    ending: Name | None = Field(default=None, description="Map the probability of this ending, by key")
    move: Name | None = Field(
        default=None, description="Map the likeliest option of a move, MOVE[@ROUND], or the odds of one, MOVE=OPTION"
    )
    measure: Name | None = Field(default=None, description="Map the expected amount of this measure, by key")
    size: Annotated[int, Field(ge=2, le=61)] = Field(default=25, description="Number of points along each axis")
    set: dict[Name, Number] = Field(
        default_factory=dict, max_length=1000, description="Values of the other inputs, by key, for their medians"
    )
    levers: tuple[Name, ...] = Field(default=(), max_length=100, description="Keys of levers to pull")


class _Compare(Moment):
    a: Place
    b: Place
    map: Path | None = Field(
        default=None,
        description=(
            "A map of keys, a file such as map.yaml: what A and B call the same things; `suppose` then takes A's keys"
        ),
    )
    draws: Draws = Field(default=128, description="Draws of the inputs; powers of two are best")
    seed: Seed | None = Field(default=None, description="Seed of the draws; by default that of the run A, else 1")


async def _why(asked: _Why, desk: Desk) -> Answer:
    if (asked.move is None) == (asked.ending is None) or (asked.ending is not None and asked.sees):
        raise Refused(422, "why takes `move`, with `sees` for what its actor knows, or `ending`: give one of them")
    return await _of_crisis("why", asked, asked.file, desk, "solving")


async def _levers(asked: _Levers, desk: Desk) -> Answer:
    place = _place(desk, asked.file)
    if isinstance(place, tuple):
        return await _of_crisis("levers", asked, asked.file, desk, "trying levers")
    options = options_in("levers", asked, "file")
    return await desk.metered(
        study_answers.of_run, place, "levers", options, None, doing="trying levers", key=str(place)
    )


async def _map(asked: _Map, desk: Desk) -> Answer:
    return await _of_crisis("map", asked, asked.file, desk, "solving points")


async def _of_crisis(study: str, asked: OfFile | ScenarioArguments, file: str, desk: Desk, doing: str) -> Answer:
    options, text = options_in(study, asked, "file"), crisis_text(desk, file)
    return await desk.metered(study_answers.of_crisis, text, study, options, doing=doing)


async def _compare(asked: _Compare, desk: Desk) -> Answer:
    options = options_in("compare", asked, "a", "b", "map")
    places, names = tuple(_place(desk, place) for place in (asked.a, asked.b)), (asked.a, asked.b)
    key_map = None if asked.map is None else desk.workspace.folder.crisis(asked.map)
    answer = await desk.metered(study_answers.compared, places, names, options, key_map, doing="comparing")
    return answer | {"notes": [note.replace(str(key_map), str(asked.map)) for note in answer["notes"]]}


def _place(desk: Desk, place: str) -> study_answers.CrisisText | FilePath:
    is_file = place.startswith("shipped:") or place.lower().endswith((".yaml", ".yml"))
    return crisis_text(desk, place) if is_file else run_folder(desk, place)


OF_CRISES = (
    AssistantTool(
        "why",
        "Why would they? What each option of a move is worth to its actor, and what decides; or which choices make an"
        " ending so rare or so likely, and what an input would have to be for that to change.",
        _Why,
        _why,
    ),
    AssistantTool(
        "levers",
        "What opens a way out: every lever, and every pair, tried on the same draws. How far each lowers the ending to"
        " avoid, what it costs, and whom it helps or harms.",
        _Levers,
        _levers,
    ),
    AssistantTool(
        "map",
        "When is an answer rational: where the likeliest ending, or choice, changes over two uncertain inputs.",
        _Map,
        _map,
    ),
    AssistantTool(
        "compare",
        "Where two crises differ, and how much each difference changes the endings.",
        _Compare,
        _compare,
    ),
)
