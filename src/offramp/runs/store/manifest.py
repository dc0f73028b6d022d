"""The manifest of a run: what was asked for, and on which machine, so that the same bytes can be computed again.

It is written before the first draw is solved and contains no results. Two runs with equal manifests have the same
bytes.
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
from offramp.crisis.draft_standing import as_json_key
from offramp.crisis.faults import Faults
from offramp.crisis.observation import as_written, facts_of
from offramp.runs.sampling import CHUNK
from offramp.runs.store.json_shapes import ManifestShape, checked, read_small

if TYPE_CHECKING:
    from offramp.crisis.distribution import Distribution
    from offramp.crisis.model import Crisis
    from offramp.game.game import Game
    from offramp.runs.sampling import Keep

FORMAT = 1
"""A later version that writes other files raises it; a run with a higher one is refused."""
MAX_BYTES = 10_000_000
"""A larger manifest is rejected."""
PROGRAMS = ("offramp", "numpy", "scipy", "duckdb", "pandas")
"""Other versions of these may give other bits, or write them differently."""


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
    """The manifest: the crisis, its levers, draws and seed, and everything else that the bits of the results depend on.

    `until`: the standard error at which the run ends; `draws` is then the maximum, see `stopped_at`. `keep`: what the
    run keeps in addition. A draft that is not read whole has its standing there, so that a report of the run says it.
    """
    name = Path(crisis.path).name
    return (
        {
            "format": FORMAT,
            "title": crisis.title,
            "crisis": name,
            "sha256": sha256_of_crisis(crisis),
            "sources": _sources(crisis),
            "cites_checked": sum(cite.first_words is not None for cite in crisis.cites),
            "levers": list(crisis.pulled),
            "inputs": {entry.key: exact_text(entry.distribution) for entry in crisis.inputs.values()},
            "draws": draws,
            "seed": seed,
            "chunk": CHUNK,
            "max_nodes": max_nodes,
            "command": _command(name, draws, seed, crisis.pulled, now_of(crisis), max_nodes, until, keep),
            "size": game.size.to_dict(),
            **machine(),
        }
        | ({} if (now := now_of(crisis)) is None else {"now": now})
        | ({} if keep is None else {"keep": keep})
        | ({} if until is None else {"until": until, "most": draws})
        | as_json_key(crisis.draft)
    )


Now = dict[str, Any]
"""What a run as of now depends on besides: the levers pulled at the `outset`, and what is `supposed`."""


def now_of(crisis: Crisis) -> Now | None:
    """What a run of a crisis as of now depends on besides; None if the crisis is taken from its outset."""
    if crisis.outset is None:
        return None
    return {"outset": list(crisis.outset), "supposed": as_written(facts_of(crisis.supposed))}


def as_run(crisis: Crisis, run: Mapping[str, Any]) -> Crisis:
    """A crisis that was read, with the `levers` of a run's manifest, and as of now if that says so."""
    now, levers = run.get("now"), run["levers"]
    if now is None:
        return crisis.with_levers(*levers)
    outset = now["outset"]
    return crisis.with_levers(*outset).supposing(now["supposed"]).with_levers(*levers[len(outset) :])


def with_draws(manifest: Mapping[str, Any], draws: int, until: float | None = None) -> dict[str, Any]:
    """The manifest of the same run with another number of draws and another target error."""
    asked = (manifest["crisis"], draws, manifest["seed"], manifest["levers"], manifest.get("now"))
    command = _command(*asked, manifest["max_nodes"], until, manifest.get("keep"))
    kept = {name: value for name, value in manifest.items() if name not in ("until", "most")}
    target = {} if until is None else {"until": until, "most": draws}
    return kept | {"draws": draws, "command": command} | target


def stopped_at(manifest: Mapping[str, Any], draws: int) -> dict[str, Any]:
    """The manifest of a run that has met its target error after `draws` draws, and has that number from then on."""
    return dict(manifest) | {"draws": draws}


def asked_of(manifest: Mapping[str, Any]) -> tuple[int, float | None]:
    """The number of draws that was asked for, and the target error, if any."""
    return int(manifest.get("most", manifest["draws"])), manifest.get("until")


def options_in(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `offramp run` that a run was begun with and keeps, by their names; None if not given."""
    now: Now | None = manifest.get("now")
    return {
        "--seed": manifest["seed"],
        "--max-nodes": manifest["max_nodes"],
        "--keep": manifest.get("keep"),
        "--lever": list(manifest["levers"]),
        "--now": now is not None,
        "--suppose": [] if now is None else _facts(now),
    }


@cache
def machine() -> dict[str, dict[str, str]]:
    """What the bits of results may depend on: `versions` of the programs, and `host`, this machine."""
    import numpy as np

    from offramp.equilibrium.core import core_in_use

    core, instructions = core_in_use()
    features: Any = np.show_config(mode="dicts")["SIMD Extensions"]  # by which NumPy chooses its loops
    versions = {program: version(program) for program in PROGRAMS}
    return {
        "versions": versions | {"core": core, "python": platform.python_version()},
        "host": {
            "system": platform.system(),
            "machine": platform.machine(),
            "instructions": instructions,
            "features": ",".join(name for part in ("baseline", "found") for name in features.get(part, ())),
        },
    }


def as_bytes(manifest: Mapping[str, Any]) -> bytes:
    """The content of the manifest's file; unprintable characters, as in a crisis file's name, are escaped."""
    return (printable(json.dumps(manifest, indent=2, ensure_ascii=False)) + "\n").encode("utf-8")


def sha256_of_crisis(crisis: Crisis) -> str:
    """The SHA-256 of a crisis's text."""
    return hashlib.sha256(crisis.text.encode("utf-8")).hexdigest()


def _command(
    name: str,
    draws: int,
    seed: int,
    levers: tuple[str, ...],
    now: Now | None,
    max_nodes: int | None,
    until: float | None,
    keep: Keep | None,
) -> str:
    moment = ""
    if now is not None:
        moment = "".join(f" --suppose {shlex.quote(fact)}" for fact in _facts(now)) or " --now"
    pulled = "".join(f" --lever {lever}" for lever in levers)
    most = "" if max_nodes is None else f" --max-nodes {max_nodes}"
    error = "" if until is None else f" --until {until:g}"
    kept = "" if keep is None else f" --keep {keep}"
    return f"offramp run {shlex.quote(name)} --draws {draws} --seed {seed}{moment}{pulled}{most}{error}{kept}"


def _facts(now: Now) -> list[str]:
    """What a run supposes, as `--suppose` takes it."""
    return [f"{step}={'|'.join(values)}" for step, values in now["supposed"].items()]


def exact_text(distribution: Distribution) -> str:
    """A distribution with all digits of its parameters."""
    return f"{distribution.kind}({', '.join(f'{name}={value!r}' for name, value in distribution.parameters.items())})"


def _sources(crisis: Crisis) -> dict[str, str | None]:
    """SHA-256 by source; None if the source has no text file."""
    folder = Path(crisis.path).parent
    return {
        key: None if source.file is None else sha256_of_source(folder, source.file, crisis.allow_outside)
        for key, source in crisis.sources.items()
    }


class LaterFormatError(UsageError):
    """A manifest that a later version of Offramp has written."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run and check it against its schema.

    Raises
    ------
    UsageError
        If there is no manifest, it is invalid, or it has a later format (`LaterFormatError`).
    """
    path = folder / "manifest.json"
    if not path.is_file():
        raise UsageError(f"{folder} is no run: it has no manifest.json")
    try:
        manifest: dict[str, Any] = read_small(path, MAX_BYTES)
        _check_format(path, manifest)
        checked(ManifestShape, manifest)
    except ValueError as error:
        raise UsageError(f"{path} is not the manifest of a run: {error}") from None
    return manifest


def _check_format(path: Path, manifest: Any) -> None:
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise LaterFormatError(
            f"{path} has format {found}, of a later version of Offramp; this version reads format {FORMAT}:"
            " update Offramp"
        )


def differences(old: Mapping[str, Any], new: Mapping[str, Any], old_text: bytes, new_text: bytes) -> list[str]:
    """What differs, in words, between the manifest of a run and the one to resume it with; the draws may differ."""
    differing = []
    if old["sha256"] != new["sha256"]:
        differing.append(f"the crisis file ({listed(_changed_parts(old_text, new_text))})")
    changed = sorted(key for key in {*old["sources"], *new["sources"]} if _differs(old, new, "sources", key))
    if changed and old["sha256"] == new["sha256"]:
        differing.append(f"the text of {'sources' if len(changed) > 1 else 'source'} {listed(changed)}")
    if old["levers"] != new["levers"]:
        differing.append(f"the levers (then {listed(old['levers']) or 'none'}, now {listed(new['levers']) or 'none'})")
    if old.get("now") != new.get("now"):
        differing.append("whether it is as of now, and what is supposed")
    if old["seed"] != new["seed"]:
        differing.append(f"the seed (then {old['seed']}, now {new['seed']})")
    if (before := old.get("keep")) != (now := new.get("keep")):
        differing.append(f"what it keeps (then {before or 'nothing more'}, now {now or 'nothing more'})")
    return differing + machine_differences(old, new)


def machine_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What differs, in words, between two machines and their programs."""
    return [
        _change_in_words(name, old[part].get(name), now)
        for part in ("versions", "host")
        for name, now in new[part].items()
        if _differs(old, new, part, name)
    ]


def _change_in_words(name: str, before: str | None, now: str) -> str:
    """A changed program or property of the machine, in words."""
    if name in ("core", "features"):  # what they say is not for people
        return "the solver's core" if name == "core" else "the processor's features"
    return f"{name} (then {before or 'not told'}, now {now})"


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], part: str, name: str) -> bool:
    return bool(old[part].get(name) != new[part].get(name))


def _changed_parts(old: bytes, new: bytes) -> list[str]:
    """The entries in which two crisis files differ, each named with its section."""
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
