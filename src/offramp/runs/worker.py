"""What whoever solves somewhere else needs first: to compute the same bits, and the game, which it compiles once."""

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
    """Who works here: the address of a Dask worker, else the machine and the process."""
    if distributed := sys.modules.get("distributed"):
        try:
            return f"{distributed.get_worker().address} on {socket.gethostname()}"
        except ValueError:
            pass
    return f"process {os.getpid()} on {socket.gethostname()}"


def check_machine(begun_on: Mapping[str, Mapping[str, str]]) -> None:
    """Raise UsageError where this worker may compute other bits than the machine on which the work was begun."""
    if changed := machine_differences(begun_on, machine()):
        raise UsageError(
            f"the worker {worker_name()} differs from what the work was begun on in {'; '.join(changed)}:"
            " its bytes could differ, too"
        )


def compiled_once(compiling: Callable[P, Game]) -> Callable[P, Game]:
    """Keep the games that were compiled last; threads of one process wait for the first to compile, and share it."""
    cached, lock = lru_cache(maxsize=2)(compiling), Lock()

    @wraps(compiling)
    def compiled(*args: P.args, **kwargs: P.kwargs) -> Game:
        with lock:
            return cached(*args, **kwargs)  # type: ignore[arg-type]  # all of them can be hashed

    return compiled


_RECIPES: WeakKeyDictionary[Game, bytes] = WeakKeyDictionary()


def recipe_of(game: Game) -> bytes:
    """What a worker makes a game of: its crisis, pickled once, so that a worker knows the game by it."""
    if game not in _RECIPES:
        _RECIPES[game] = pickle.dumps(game.crisis)
    return _RECIPES[game]


@compiled_once
def game_of(recipe: bytes) -> Game:
    """The game of a recipe, however large: whoever asks has compiled it already."""
    crisis: Crisis = pickle.loads(recipe)
    return compile_game(crisis, sys.maxsize)
