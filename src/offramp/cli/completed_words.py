"""What a shell offers while a command is typed: crisis files, runs, and the names that a crisis file declares.

A file is parsed and not checked, so that one with mistakes still offers its names. A file that is no YAML, is too large
or is no regular file offers nothing. Only words without a meaning for a shell are offered.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

PLAIN = re.compile(r"(?!-)[\w./@+=-]+")
"""A word that no shell expands, splits or takes for an option."""
SUFFIXES = (".yaml", ".yml", ".efg", ".nfg")
MANIFEST, CRISIS = "manifest.json", "crisis.yaml"
"""Files by which a folder is known as a run, and the run's crisis file."""
DEPTH, MOST_ENTRIES, MOST_OFFERED = 3, 5_000, 200
"""How deep below a folder files are looked for, among how many entries, and how many words are offered."""
FILES = ("file", "a", "folder", "target")
"""The parameters that name a crisis file or a run, from which names are read."""
STEPS = ("move", "chance")


def offered(kind: str, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """The words of a kind that begin with what is typed; a kind of path that has none is left to the shell."""
    if kind in ("crises", "runs", "crises or runs"):
        words = [word for word in places(kind, incomplete) if word.startswith(incomplete) and PLAIN.fullmatch(word)]
        if not words:
            return [CompletionItem(incomplete, type="dir" if kind == "runs" else "file")]
    else:
        words = [word for word in names(kind, ctx, incomplete) if word.startswith(incomplete) and PLAIN.fullmatch(word)]
    return [CompletionItem(word) for word in words[:MOST_OFFERED]]


def places(kind: str, incomplete: str) -> list[str]:
    """The crisis files, the runs, or both, below the folder of what is typed, the nearest first."""
    found = {"crises": [], "runs": []}  # type: dict[str, list[str]]
    base = incomplete[: incomplete.rfind("/") + 1]
    waiting, left = deque([(base, DEPTH)]), MOST_ENTRIES
    while waiting and left > 0:
        folder, depth = waiting.popleft()
        entries = _entries(folder or ".", left)
        left -= len(entries)
        if folder != base and any(entry.name == MANIFEST for entry in entries):
            found["runs"].append(folder.rstrip("/"))
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and depth and entry.name != "node_modules":
                waiting.append((f"{folder}{entry.name}/", depth - 1))
            elif entry.name.endswith(SUFFIXES) and entry.is_file():
                found["crises"].append(folder + entry.name)
    return [word for one in ("crises", "runs") if one in kind for word in found[one]]


def _entries(folder: str, most: int) -> list[os.DirEntry[str]]:
    """The entries of a folder that are not hidden, in order; of a very large one the first that are read."""
    try:
        with os.scandir(folder) as entries:
            visible = (entry for entry in entries if not entry.name.startswith("."))
            return sorted((entry for entry, _ in zip(visible, range(most), strict=False)), key=lambda entry: entry.name)
    except OSError:
        return []


def names(kind: str, ctx: click.Context, incomplete: str) -> list[str]:
    """The names of a kind in the crisis file, or the run, that the command has been given."""
    given = [ctx.params.get(name) for name in FILES] + ctx.args[:1]  # click leaves them there if an option has no value
    place = next((str(place) for place in given if place), "")
    root = None if "://" in place or not place else _root(Path(place))
    if kind == "steps":
        return list(_steps(root, STEPS)) if "=" not in incomplete else _facts(root, incomplete)
    if kind == "moves":
        return list(_steps(root, ("move",)))
    found = [str(key) for key in _mapping(root, "inputs" if kind == "settings" else kind)]
    if kind in ("inputs", "settings"):
        actors = _mapping(root, "actors").items()
        found += [f"{actor}.rationality" for actor, part in actors if "(" in str(_mapping(part).get("rationality"))]
    return [f"{name}=" for name in found] if kind == "settings" else found


def _root(file: Path) -> Any:
    """The content of a crisis file, or of the one in a run's folder; None if it cannot be read."""
    from offramp.common.bounded import read_bounded
    from offramp.crisis.faults import Faults, StopReadingError
    from offramp.crisis.text.document import MAX_BYTES
    from offramp.crisis.text.loading import load

    try:
        return load(read_bounded(file / CRISIS if file.is_dir() else file, MAX_BYTES), Faults())
    except (OSError, ValueError, StopReadingError):
        return None


def _mapping(value: Any, key: str | None = None) -> Mapping[Any, Any]:
    """A value, or its entry under a key, if it is a mapping; else an empty one."""
    if key is not None:
        value = _mapping(value).get(key)
    return value if isinstance(value, Mapping) else {}


def _steps(root: Any, kinds: tuple[str, ...]) -> dict[str, list[str]]:
    """The steps of some kinds, in the order of the timeline, each with its options."""
    steps: dict[str, list[str]] = {}
    for part in _parts(_mapping(root).get("timeline")):
        for kind in kinds:
            if isinstance(part.get(kind), str):
                options = part.get("options") or part.get("odds") or part.get("weights")
                steps[str(part[kind])] = [str(each) for each in options] if isinstance(options, (list, dict)) else []
    return steps


def _parts(value: Any) -> Iterator[Mapping[Any, Any]]:
    """Every mapping in a list of steps, also in rounds."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def _facts(root: Any, incomplete: str) -> list[str]:
    """Of a step that is typed up to `=`, the options."""
    step, _, _ = incomplete.partition("=")
    return [f"{step}={option}" for option in _steps(root, STEPS).get(step, ())]
