"""The tools that study a run: endings, moves, weigh, worth, update, report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Name, Path, RequestBody
from offramp.common.words import quoted
from offramp.mcp.assistant_parts import Answer, AssistantTool
from offramp.mcp.desk import Desk
from offramp.mcp.tasks import study_answers
from offramp.mcp.tools.common_arguments import File
from offramp.mcp.tools.study_arguments import (
    WHICH_ENDING,
    Draws,
    OfRun,
    RunFolder,
    crisis_text,
    options_in,
    run_folder,
)

PAGE_BYTES = 50_000_000
"""Maximum size of a report."""


class _Weigh(OfRun):
    ending: Name | None = Field(default=None, description="Analyse only this ending, by key")
    measure: Name | None = Field(default=None, description="Analyse this measure, by key, in place of the endings")


class _Worth(OfRun):
    ending: Name | None = Field(default=None, description=WHICH_ENDING)
    actor: Name | None = Field(
        default=None, alias="for", description="Choose for this actor's payoff, less the costs, by key"
    )
    draws: Draws = Field(default=320, description="Use the first draws of the run, as many as this")


class _Update(RequestBody):
    run: RunFolder
    file: File | None = Field(
        default=None, alias="from", description="The crisis file with the events observed since the run"
    )


class _Report(RequestBody):
    run: RunFolder
    out: Path = Field(description="The page to write in the folder, a new file such as report.html")


def _study(name: str, doing: str) -> Callable[[OfRun, Desk], Awaitable[Answer]]:
    """The function of a tool that studies a run."""

    async def study(asked: OfRun, desk: Desk) -> Answer:
        options, folder = options_in(name, asked, "run"), run_folder(desk, asked.run)
        return await desk.metered(study_answers.of_run, folder, name, options, None, doing=doing, key=str(folder))

    return study


async def _update(asked: _Update, desk: Desk) -> Answer:
    folder = run_folder(desk, asked.run)
    since = None if asked.file is None else crisis_text(desk, asked.file)
    return await desk.metered(
        study_answers.of_run, folder, "update", {}, since, doing="weighing the draws", key=str(folder)
    )


async def _report(asked: _Report, desk: Desk) -> Answer:
    folder = run_folder(desk, asked.run)
    if not asked.out.lower().endswith(".html"):
        raise Refused(422, f"a report's name ends in .html, found {quoted(asked.out)}")
    desk.workspace.check_new(asked.out)
    page, answer = await desk.metered(study_answers.reported, folder, doing="answering", key=str(folder))
    await asyncio.to_thread(desk.workspace.write, asked.out, page, PAGE_BYTES)
    return answer | {"written": asked.out, "bytes": len(page.encode())}


OF_RUNS = (
    AssistantTool(
        "endings",
        "How likely each ending is over all that is uncertain, and how sure that is: of a run, for each ending the mean"
        " over the draws, 5 %, 50 % and 95 %, the standard error, and a word of estimative probability.",
        OfRun,
        _study("endings", "solving draws"),
    ),
    AssistantTool(
        "moves",
        "Who will do what: of a run, how often each actor takes each option, over all of play and in each situation.",
        OfRun,
        _study("moves", "solving draws"),
    ),
    AssistantTool(
        "weigh",
        "Which assumptions carry the endings (sensitivity analysis): of a run, what share of the variance each input,"
        " each source and each cited passage carries, and in which direction.",
        _Weigh,
        _study("weigh", "weighing assumptions"),
    ),
    AssistantTool(
        "worth",
        "What it is worth to find out an input or a hidden value before a lever is chosen (value of information).",
        _Worth,
        _study("worth", "trying levers"),
    ),
    AssistantTool(
        "update",
        "What changes with what has been observed: endings, inputs and hidden values of a run after each event.",
        _Update,
        _update,
    ),
    AssistantTool(
        "report",
        "Write all answers of a run as one self-contained page to hand on; the answer has its leading sentences.",
        _Report,
        _report,
        writes=True,
    ),
)
