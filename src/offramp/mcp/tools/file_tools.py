"""The tools on a crisis file: check, skeleton, run."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Annotated

from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Name, Path, RequestBody, Text
from offramp.crisis.editor.new_crisis import NewCrisis
from offramp.mcp.assistant_parts import Answer, AssistantTool
from offramp.mcp.desk import Desk
from offramp.mcp.tasks import file_tasks
from offramp.mcp.tools.common_arguments import File
from offramp.mcp.tools.study_arguments import OfFile, Seed, crisis_text


class _Check(RequestBody):
    file: File
    text: Text | None = Field(
        default=None,
        description=(
            "A text to check in place of the file's, which need not exist. No tool writes it: save it with a tool of"
            " your own, or give it to the person"
        ),
    )
    cites: bool = Field(default=False, description="List every cite with the first words of the cited passage")


class _Skeleton(RequestBody):
    template: Name | None = Field(
        default=None, description="A template: starter, blank, or one of those that the answer to a wrong name lists"
    )
    form: NewCrisis | None = Field(
        default=None,
        description=(
            "In place of a template: actors, steps, endings and payoffs of a new crisis. What refers to one of them is"
            " its number in its list, from 0; `by` is null for a chance step"
        ),
    )
    out: Path | None = Field(
        default=None, description="Where to write it in the folder: a new file such as harbour/crisis.yaml"
    )


class _Run(OfFile):
    draws: Annotated[int, Field(ge=1)] = Field(default=2048, description="Draws of the inputs; powers of two are best")
    seed: Seed = Field(default=1, description="The same seed gives the same numbers")
    levers: tuple[Name, ...] = Field(default=(), max_length=100, description="Keys of levers to pull")
    out: Path | None = Field(default=None, description="The run's folder, a new one; by default runs/NAME-N")


async def _check(asked: _Check, desk: Desk) -> Answer:
    if asked.text is None:
        text = crisis_text(desk, asked.file)
    else:
        text = asked.text, str(desk.workspace.folder.crisis(asked.file))
    return await desk.call(file_tasks.check, text, asked.cites, doing="checking", key=text[1])


async def _skeleton(asked: _Skeleton, desk: Desk) -> Answer:
    if (asked.template is None) == (asked.form is None):
        raise Refused(422, "skeleton takes a `template` or a `form`: give one of them")
    target = None if asked.out is None else desk.workspace.folder.crisis(asked.out)
    if asked.template is not None:
        answer = await desk.call(file_tasks.from_template, asked.template, doing="writing")
    else:
        answer = await desk.call(file_tasks.from_form, asked.form, doing="writing")
    if target is None or asked.out is None or "text" not in answer:
        return answer
    desk.workspace.check_new(asked.out)
    with suppress(FileExistsError):
        target.parent.mkdir(parents=True)
    await asyncio.to_thread(desk.workspace.write, asked.out, answer["text"])
    return {"sentence": f"{answer['sentence']} It is written to {asked.out}.", "written": asked.out, **_rest(answer)}


async def _run(asked: _Run, desk: Desk) -> Answer:
    if asked.draws > desk.caps.draws:
        raise Refused(422, f"at most {desk.caps.draws:,} draws are solved here; asked for {asked.draws:,}")
    text = crisis_text(desk, asked.file)
    options = {"now": asked.now, "suppose": asked.suppose}
    out, folder = _claimed(desk, asked.out, text[1])
    try:
        answer = await desk.metered(
            file_tasks.run, text, folder, asked.draws, asked.seed, asked.levers, options, doing="solving draws"
        )
    except Refused as refused:
        kept = (folder / "manifest.json").is_file()
        if refused.status == 503 and kept:
            how = f"; the draws that are done are kept in {out}, and `offramp run {out}` goes on with them"
            raise Refused(503, refused.message + how) from None
        raise
    finally:
        with suppress(OSError):
            folder.rmdir()  # if nothing was written
    return answer | {"out": out, "report": f"{out}/report.html"}


def _claimed(desk: Desk, out: str | None, crisis_path: str) -> tuple[str, FilePath]:
    """A new folder for a run, which is made here so that no other call takes it: its path in a request, and in full."""
    from offramp.runs.store.whole_files import run_name

    number = 1
    while True:
        place = out or f"runs/{run_name(crisis_path)}-{number}"
        folder = desk.workspace.folder.within(place, "run folder")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if out is not None:
                raise Refused(409, f"{place} exists already: choose another name for the run's folder") from None
            number += 1
        except OSError as error:
            raise Refused(422, f"cannot write {place}: {error.strerror or error}") from None
        else:
            return place, folder


def _rest(answer: Answer) -> Answer:
    """An answer without its sentence."""
    return {key: value for key, value in answer.items() if key != "sentence"}


OF_FILES = (
    AssistantTool(
        "check",
        "List every mistake in a crisis file with line and column, what is expected and the nearest right word; or, if"
        " there is none, warnings of a degenerate model, the size of the game, and what conditions reveal to whom.",
        _Check,
        _check,
    ),
    AssistantTool(
        "skeleton",
        "Begin a crisis file: a template, or the file of a form of actors, steps, endings and payoffs. With `out` it is"
        " written, as a new file. Read offramp://language first.",
        _Skeleton,
        _skeleton,
        writes=True,
    ),
)
RUN = AssistantTool(
    "run",
    "Solve a crisis over draws of all its uncertain numbers into a new folder, with a report. Endings, moves, weigh,"
    " worth, update and report then answer questions about this run. 256 draws give a first idea, 2,048 a steady one.",
    _Run,
    _run,
    writes=True,
)
