"""Worker-side setup: check that results will be bit-identical, and compile the game once."""

from __future__ import annotations

import os
import pickle
import socket
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from threading import Lock
from typing import ParamSpec
from weakref import WeakKeyDictionary

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.store.manifest import machine, machine_differences

P = ParamSpec("P")


def worker_name() -> str:
    """Name of this worker: the address of a Dask worker, or the process; and the machine."""
    if distributed := sys.modules.get("distributed"):
        try:
            return f"{distributed.get_worker().address} on {socket.gethostname()}"
        except ValueError:
            pass
    return f"process {os.getpid()} on {socket.gethostname()}"


def check_machine(begun_on: Mapping[str, Mapping[str, str]]) -> None:
    """Raise UsageError if this worker may compute other bits than the machine on which the work began."""
    if changed := machine_differences(begun_on, machine()):
        raise UsageError(
            f"the worker {worker_name()} differs from the machine where the work began in {'; '.join(changed)}:"
            " its results could differ, too"
        )


def compiled_once(compiling: Callable[P, Game]) -> Callable[P, Game]:
    """Cache the two games compiled last; if several threads need a game, one compiles it and the others wait."""
    cached, lock = lru_cache(maxsize=2)(compiling), Lock()

    @wraps(compiling)
    def compiled(*args: P.args, **kwargs: P.kwargs) -> Game:
        with lock:
            return cached(*args, **kwargs)  # type: ignore[arg-type]  # all arguments are hashable

    return compiled


_RECIPES: WeakKeyDictionary[Game, bytes] = WeakKeyDictionary()


def recipe_of(game: Game) -> bytes:
    """The crisis of a game, pickled once: a worker compiles the game from it, and caches the game under it."""
    if game not in _RECIPES:
        _RECIPES[game] = pickle.dumps(game.crisis)
    return _RECIPES[game]


@compiled_once
def game_of(recipe: bytes) -> Game:
    """Compile the game of a recipe, whatever its size: the process that sent it has compiled it already."""
    crisis: Crisis = pickle.loads(recipe)
    return compile_game(crisis, sys.maxsize)
