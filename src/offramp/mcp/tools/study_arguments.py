"""Arguments that the tools of studies share: a run, draws and their seed, and as of when the answer is."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Path, RequestBody
from offramp.app.study_requests import options_of
from offramp.mcp.desk import Desk
from offramp.mcp.tools.common_arguments import File, Moment
from offramp.study.options import MOST_DRAWS

RunFolder = Annotated[Path, Field(description="The folder of a run, such as runs/harbour-1: the tool `run` makes one")]
Draws = Annotated[int, Field(ge=1, le=MOST_DRAWS)]
Seed = Annotated[int, Field(ge=0, lt=2**53)]
WHICH_ENDING = "Key of the ending to avoid; by default those marked `avoid`, or else the first"


class OfRun(Moment):
    """A run, and as of when the answer is; its draws are solved again for another moment."""

    run: RunFolder


class OfFile(Moment):
    """A crisis file, and as of when the answer is."""

    file: File


def options_in(study: str, asked: RequestBody, *left_out: str) -> dict[str, Any]:
    """The options of a study in a tool's arguments: those that are given, under the names of the study."""
    given = asked.model_dump(exclude_defaults=True, exclude=set(left_out), mode="json", by_alias=True)
    return options_of(study, {"given" if name == "set" else name: value for name, value in given.items()})


def run_folder(desk: Desk, run: str) -> FilePath:
    """The folder of a run in the folder of the assistant; Refused if there is none."""
    folder = desk.workspace.folder.run(run)
    if not (folder / "manifest.json").is_file():
        raise Refused(404, f"there is no run {run}: the tool `files` lists those there are, and `run` makes one")
    return folder


def crisis_text(desk: Desk, file: str) -> tuple[str, str]:
    """The text and the absolute path of a crisis file, as the tasks take them."""
    scenario = desk.workspace.scenario(file)
    return scenario.text, scenario.path
