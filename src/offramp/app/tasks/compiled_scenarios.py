"""Scenarios of the workbench, compiled: each process keeps those of late, with what was solved of them."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from offramp.app.schemas import NODES
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from offramp.crisis.model import Crisis
    from offramp.equilibrium.as_of_now import Past
    from offramp.equilibrium.evaluation import Outset
    from offramp.equilibrium.solution import Solution
    from offramp.game.game import Game
    from offramp.runs.study_draws import Solved

KEPT, KEPT_NODES = 24, 400_000
"""Maximum number of compiled crises in the cache, and of their nodes in all."""


@dataclass(frozen=True)
class Scenario:
    """A crisis file's text and absolute path, with fixed inputs, pulled levers, and one rationality, if given.

    `supposed`: values of steps that are supposed to have happened, several written `a|b`. If there are any, or with
    `now`, the scenario is as of now, and everything else acts on what is ahead. Its keys are found once and go with it
    to the process that solves it.
    """

    text: str
    path: str
    given: Mapping[str, float] = field(default_factory=dict)
    levers: tuple[str, ...] = ()
    rationality: float | None = None
    now: bool = False
    supposed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def at_outset(self) -> Scenario:
        """The same text and path from the outset, without anything varied."""
        return Scenario(self.text, self.path)

    @cached_property
    def key(self) -> str:
        """The key of the scenario's compiled crisis in the cache."""
        parts = (self.text, self.path, json.dumps([self.levers, self.now, self.supposed]))
        return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, eq=False)
class Drawn:
    """The draws of a scenario, solved. `of`: what is fixed in them, and how many they are.

    `values`: the inputs, (draws,) each, with what is fixed and levers applied; `past`: the draws up to now, if the
    scenario is as of now.
    """

    of: tuple[object, ...]
    values: Mapping[str, NDArray[Any]]
    past: Past | None
    solved: Solved


@dataclass(eq=False)
class Compiled:
    """A crisis with its levers pulled, its game, and once computed, its solution at the medians and its draws.

    `outset`: the solution at the medians in full, if the crisis is taken from its outset. `inputs`: of the draws,
    before levers; `drawn`: the draws solved last.
    """

    crisis: Crisis
    game: Game
    reference: Solution | None = None
    outset: Outset | None = None
    inputs: Mapping[str, NDArray[Any]] | None = None
    drawn: Drawn | None = None


def values_supposed(supposed: Mapping[str, str]) -> dict[str, list[str]]:
    """What is supposed, as `Crisis.supposing` takes it.

    Examples
    --------
    >>> values_supposed({"reply@2": "limited|broad"})
    {'reply@2': ['limited', 'broad']}
    """
    return {at: [value.strip() for value in values.split("|")] for at, values in supposed.items()}


_cache: OrderedDict[str, Compiled] = OrderedDict()  # without a lock: a process does one task at a time


def compiled(scenario: Scenario) -> Compiled:
    """The compiled crisis of a scenario; CrisisError if it has mistakes, UsageError for an unknown lever or step."""
    key = scenario.key
    if (entry := _cache.get(key)) is not None:
        _cache.move_to_end(key)
        return entry
    as_of_now = scenario.now or scenario.supposed
    base = compiled(scenario.at_outset) if as_of_now else _cache.get(scenario.at_outset.key)
    crisis = base.crisis if base else _read(scenario)
    if as_of_now:
        crisis = crisis.supposing(values_supposed(scenario.supposed))
    return keep(key, _compiled(crisis.with_levers(*scenario.levers), base))


def keep(key: str, entry: Compiled) -> Compiled:
    """Put a compiled crisis into the cache, unless it is there already; drop the oldest if there are too many."""
    entry = _cache.setdefault(key, entry)
    _cache.move_to_end(key)
    while len(_cache) > 1 and (len(_cache) > KEPT or sum(kept.game.nodes for kept in _cache.values()) > KEPT_NODES):
        _cache.popitem(last=False)
    return entry


def _read(scenario: Scenario) -> Crisis:
    """The crisis without levers; only sources in its folder are read."""
    from offramp.crisis.reading import read_text

    return read_text(scenario.text.encode("utf-8", "surrogatepass"), scenario.path)


def _compiled(crisis: Crisis, base: Compiled | None) -> Compiled:
    """A crisis, compiled; `base`: the same from its outset without levers, if it is compiled already."""
    from offramp.equilibrium.structure import share_structure
    from offramp.game.compiler import compile_crisis, compiled_again

    def again(wanted: Crisis) -> Game | None:
        """The game of `base` for another moment or with other levers, if moves keep their options."""
        game = None if base is None else compiled_again(base.game, wanted)
        if base is not None and game is not None:
            share_structure(game, base.game)
        return game

    try:
        game = again(crisis) or compile_crisis(crisis, max_nodes=NODES, before=again(crisis.before_now))
        return Compiled(crisis, game)
    except CrisisError as error:
        faults = [Fault(fault.place, for_page(fault.message)) for fault in error.faults]
        raise CrisisError(error.path, faults) from None


def for_page(message: str) -> str:
    """A message for the page, where the maximum size cannot be raised."""
    message = message.replace("raise --max-nodes", "make it smaller, or use `offramp solve --max-nodes N`")
    return message.replace("run again with --draws", "suppose less, or use `offramp run` with --suppose and --draws")


def forget() -> None:
    """Empty the cache."""
    _cache.clear()


def impossible(error: CrisisError) -> UsageError:
    """The error for values at which the crisis cannot be played: the scenario is wrong, not the file."""
    return UsageError(f"not possible at these values: {error.faults[0].message}")
