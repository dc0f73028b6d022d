"""The manifest of a run: what was asked for, and on what, so that the same bytes can be had again.

It is written before the first draw is solved and says nothing of what came of it. Two runs whose manifests agree have
the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.words import listed
from offramp.crisis.checks.sources import sha256_of_source
from offramp.crisis.faults import Faults
from offramp.runs.sampling import CHUNK
from offramp.runs.store.json_shapes import ManifestShape, checked, read_small

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.game.game import Game
    from offramp.runs.sampling import Keep

FORMAT = 1
MOST_BYTES = 10_000_000
"""A larger manifest is none."""
PROGRAMS = ("offramp", "numpy", "scipy", "numba", "llvmlite", "duckdb", "pandas")
"""Other versions of these may give other bits, or write them otherwise."""


def manifest_of(
    crisis: Crisis,
    game: Game,
    *,
    draws: int,
    seed: int,
    max_nodes: int | None = None,
    until: float | None = None,
    keep: Keep | None = None,
) -> dict[str, Any]:
    """What is asked for: a crisis, its levers, draws and seed, with all that its numbers' bits depend on.

    `until`: the standard error at which the run ends, `draws` being the most that it takes; see `stopped_at`. `keep`:
    what it keeps besides.
    """
    name = Path(crisis.path).name
    return (
        {
            "format": FORMAT,
            "title": crisis.title,
            "crisis": name,
            "sha256": sha256_of_crisis(crisis),
            "sources": _sources(crisis),
            "cites_checked": sum(cite.found is not None for cite in crisis.cites),
            "levers": list(crisis.pulled),
            "inputs": {entry.name: _in_full(entry.distribution) for entry in crisis.inputs.values()},
            "draws": draws,
            "seed": seed,
            "chunk": CHUNK,
            "max_nodes": max_nodes,
            "command": _command(name, draws, seed, crisis.pulled, max_nodes, until, keep),
            "size": game.size.to_dict(),
            **machine(),
        }
        | ({} if keep is None else {"keep": keep})
        | ({} if until is None else {"until": until, "most": draws})
    )


def with_draws(manifest: Mapping[str, Any], draws: int, until: float | None = None) -> dict[str, Any]:
    """The manifest of the same run with other draws, and another error at which it ends."""
    asked = (manifest["crisis"], draws, manifest["seed"], manifest["levers"], manifest["max_nodes"], until)
    command = _command(*asked, manifest.get("keep"))
    kept = {name: value for name, value in manifest.items() if name not in ("until", "most")}
    more = {} if until is None else {"until": until, "most": draws}
    return kept | {"draws": draws, "command": command} | more


def stopped_at(manifest: Mapping[str, Any], draws: int) -> dict[str, Any]:
    """The manifest of a run whose error was low enough after so many draws; they are what it has from then on."""
    return dict(manifest) | {"draws": draws}


def asked_of(manifest: Mapping[str, Any]) -> tuple[int, float | None]:
    """How many draws a run was asked for, and the error at which it is to end, if any."""
    return int(manifest.get("most", manifest["draws"])), manifest.get("until")


@cache
def machine() -> dict[str, dict[str, str]]:
    """What of this machine and its programs the bits of a number may depend on: `versions` and `host`."""
    versions = {program: version(program) for program in PROGRAMS} | {"python": platform.python_version()}
    return {"versions": versions, "host": _host()}


def as_bytes(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as it stands in its file; the name of a crisis file may hold anything."""
    return (printable(json.dumps(manifest, indent=2, ensure_ascii=False)) + "\n").encode("utf-8")


def sha256_of_crisis(crisis: Crisis) -> str:
    """The SHA-256 of a crisis's text."""
    return hashlib.sha256(crisis.text.encode("utf-8")).hexdigest()


def _command(
    name: str,
    draws: int,
    seed: int,
    levers: tuple[str, ...],
    max_nodes: int | None,
    until: float | None,
    keep: Keep | None,
) -> str:
    pulled = "".join(f" --lever {lever}" for lever in levers)
    most = "" if max_nodes is None else f" --max-nodes {max_nodes}"
    error = "" if until is None else f" --until {until:g}"
    kept = "" if keep is None else f" --keep {keep}"
    return f"offramp run {shlex.quote(name)} --draws {draws} --seed {seed}{pulled}{most}{error}{kept}"


def _in_full(distribution: Any) -> str:
    """A distribution with every digit of its parameters."""
    return f"{distribution.kind}({', '.join(f'{name}={value!r}' for name, value in distribution.parameters.items())})"


def _sources(crisis: Crisis) -> dict[str, str | None]:
    """Each source's SHA-256, or None where its text is not at hand."""
    folder = Path(crisis.path).parent
    return {
        key: None if source.file is None else sha256_of_source(folder, source.file, crisis.allow_outside)
        for key, source in crisis.sources.items()
    }


def _host() -> dict[str, str]:
    """What of the machine the bits of a number may depend on: the kernel is compiled for its processor."""
    from llvmlite import binding
    from numba.core import codegen, config

    compiled_for: Any = codegen
    chosen: Any = config
    features = chosen.CPU_FEATURES or compiled_for.get_host_cpu_features()
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": chosen.CPU_NAME or binding.get_host_cpu_name(),
        "features": ",".join(name for name in features.split(",") if name.startswith("+")),
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run, in its shape and within bounds.

    Raises
    ------
    UsageError
        Where there is none, or it is none.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        raise UsageError(f"{folder} is no run: it has no manifest.json")
    try:
        manifest: dict[str, Any] = read_small(path, MOST_BYTES)
        checked(ManifestShape, manifest)
    except ValueError as error:
        raise UsageError(f"{path} is not the manifest of a run: {error}") from None
    return manifest


def differences(old: Mapping[str, Any], new: Mapping[str, Any], old_text: bytes, new_text: bytes) -> list[str]:
    """What differs, in words, between what a run was begun with and what it is to go on with; not the draws."""
    found = []
    if old["sha256"] != new["sha256"]:
        found.append(f"the crisis file ({listed(_changed_parts(old_text, new_text))})")
    changed = sorted(key for key in {*old["sources"], *new["sources"]} if _differs(old, new, "sources", key))
    if changed and old["sha256"] == new["sha256"]:
        found.append(f"the text of {'sources' if len(changed) > 1 else 'source'} {listed(changed)}")
    if old["levers"] != new["levers"]:
        found.append(f"the levers (then {listed(old['levers']) or 'none'}, now {listed(new['levers']) or 'none'})")
    if old["seed"] != new["seed"]:
        found.append(f"the seed (then {old['seed']}, now {new['seed']})")
    if (then := old.get("keep")) != (now := new.get("keep")):
        found.append(f"what it keeps (then {then or 'nothing more'}, now {now or 'nothing more'})")
    return found + machine_differences(old, new)


def machine_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What differs, in words, between two machines and their programs."""
    return [
        _in_words(name, old[part].get(name), now)
        for part in ("versions", "host")
        for name, now in new[part].items()
        if _differs(old, new, part, name)
    ]


def _in_words(name: str, then: str | None, now: str) -> str:
    """A program or a property of the machine that is not what it was."""
    return "the processor's features" if name == "features" else f"{name} (then {then}, now {now})"


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], part: str, name: str) -> bool:
    return bool(old[part].get(name) != new[part].get(name))


def _changed_parts(old: bytes, new: bytes) -> list[str]:
    """The entries of two crisis files that differ, by the names of their sections."""
    from offramp.crisis.text.loading import load

    parts = [dict(_parts(load(text, Faults()))) for text in (old, new)]
    names = dict.fromkeys([*parts[0], *parts[1]])
    changed = [name for name in names if parts[0].get(name) != parts[1].get(name)]
    return changed or ["the order of its entries, its comments or its spacing"]


def _parts(document: Any) -> Iterator[tuple[str, Any]]:
    for section, entries in document.items() if isinstance(document, dict) else ():
        if isinstance(entries, dict):
            yield from ((f"{section} {name}", entry) for name, entry in entries.items())
        else:
            yield section, entries
