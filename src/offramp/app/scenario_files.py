"""Named scenarios of a crisis: what is varied and supposed, in a file beside the crisis file.

`crisis.yaml` has its scenarios in `crisis.scenarios.json`. The file may come from a stranger: it is read within bounds,
and its names are only compared with those of the crisis.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from offramp.app.folder import SHIPPED, Folder
from offramp.app.http_errors import Refused
from offramp.app.schemas import Number, RequestBody
from offramp.common.bounded import json_of
from offramp.common.value_mistakes import first_mistake

SUFFIX = ".scenarios.json"
MOST, FILE_BYTES = 50, 200_000
"""Maximum number of scenarios of a crisis, and of bytes of their file."""


def _printable(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("expected a name of printable characters")
    return text


Key = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]


class NamedScenario(RequestBody):
    """What is varied and supposed under a name; the fields are those of a request to solve."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_printable)]
    given: dict[Key, Number] = Field(default_factory=dict, max_length=1000)
    levers: tuple[Key, ...] = Field(default=(), max_length=100, strict=False)
    rationality: Annotated[Number, Field(ge=0)] | None = None
    now: bool = False
    supposed: dict[Key, Key] = Field(default_factory=dict, max_length=100)


def _distinct(scenarios: tuple[NamedScenario, ...]) -> tuple[NamedScenario, ...]:
    if len({scenario.name for scenario in scenarios}) < len(scenarios):
        raise ValueError("two scenarios have the same name")
    return scenarios


Scenarios = Annotated[tuple[NamedScenario, ...], Field(max_length=MOST, strict=False), AfterValidator(_distinct)]


class ScenarioFile(RequestBody):
    """The content of a file of scenarios."""

    format: Literal[1] = 1
    scenarios: Scenarios = ()


@dataclass(frozen=True)
class Kept:
    """The scenarios beside a crisis file; `sha`: of their file, None if there is none."""

    path: str
    scenarios: tuple[NamedScenario, ...]
    sha: str | None
    writable: bool


def read_scenarios(folder: Folder, crisis: str) -> Kept:
    """The scenarios of a crisis; Refused if their file is damaged, too large, or leads out of the folder."""
    folder.crisis(crisis)
    if crisis.startswith(SHIPPED):
        return Kept("", (), None, False)
    path = path_of(crisis)
    target = folder.within(path, "file of scenarios")
    found = folder.content(target, path, FILE_BYTES)
    if found is None:
        return Kept(path, (), None, folder.may_write(target))
    content = None
    try:
        content = json_of(found.text.encode())
        kept = ScenarioFile.model_validate(content)
    except ValidationError as error:
        raise Refused(422, f"{path} is no file of scenarios: {first_mistake(error, content)[:300]}") from None
    except ValueError as error:
        raise Refused(422, f"{path} is no file of scenarios: {str(error)[:200]}") from None
    return Kept(path, kept.scenarios, found.sha, folder.may_write(target))


def save_scenarios(folder: Folder, crisis: str, scenarios: tuple[NamedScenario, ...], was: str | None) -> Kept:
    """Write the scenarios of a crisis, all or nothing, if their file's SHA-256 is still `was` (None: no file)."""
    folder.crisis(crisis)
    if crisis.startswith(SHIPPED):
        raise Refused(403, "a crisis that comes with Offramp keeps no scenarios: save it under another name")
    path = path_of(crisis)
    target = folder.within(path, "file of scenarios")
    content = ScenarioFile(scenarios=scenarios).model_dump(mode="json")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    sha = folder.replace(target, path, text, was, FILE_BYTES)
    return Kept(path, scenarios, sha, True)


def path_of(crisis: str) -> str:
    """The path of the scenarios of a crisis file.

    Examples
    --------
    >>> path_of("sub/crisis.yaml")
    'sub/crisis.scenarios.json'
    """
    return str(Path(crisis).with_suffix(SUFFIX))
