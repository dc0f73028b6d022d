"""Opening a crisis file or a Gambit file, and compiling it to a `Game`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from offramp.common.bounded import read_bounded
from offramp.common.errors import UsageError
from offramp.crisis.draft_standing import unread_beside, unreadable
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.gambit.tree import Tree
from offramp.game.compiler import MAX_NODES, compile_crisis
from offramp.game.game import Game

_FIRST_WORD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(EFG|NFG)\s")

MOST_BYTES = 50_000_000
"""Maximum size of a Gambit file, in bytes; the limit for crisis files is lower."""


def read(path: str | Path, *, allow_outside: bool = False) -> Crisis | Tree:
    """Read a crisis file, or a Gambit file: its name ends in `.efg` or `.nfg`, or its text begins with that word.

    A crisis's sources are read only inside the folder of the file, unless `allow_outside`. A draft beside the file that
    a person has not read whole becomes the crisis's `draft`.

    Raises
    ------
    CrisisError
        With all faults of a crisis file, or the first fault of a Gambit file.
    OfframpError
        If there is no such file, or it is not a regular file, or it is too large.
    """
    if not isinstance(path, str | Path):
        raise UsageError(f"expected the path of a file, found {type(path).__name__}")
    path = Path(path)
    try:
        data = read_bounded(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    first = _FIRST_WORD.match(data)
    kind = first[1].decode() if first else path.suffix[1:].upper()
    if kind in ("EFG", "NFG"):
        return _read_tree(data, str(path), kind)
    return replace(read_text(data, str(path), allow_outside=allow_outside), draft=unread_beside(path))


def _read_tree(data: bytes, path: str, kind: str) -> Tree:
    # most files are crises: only a game of Gambit loads its readers
    from offramp.gambit.efg import read_efg
    from offramp.gambit.nfg import read_nfg
    from offramp.gambit.tokens import decoded

    return (read_efg if kind == "EFG" else read_nfg)(decoded(data), path)


class HasGame(Protocol):
    """What knows its game: a run, a solution."""

    @property
    def game(self) -> Game: ...


Playable = Crisis | Tree | Game | HasGame
"""What public functions take: a crisis, a game of Gambit, a compiled game, a run or a solution."""


def compile_game(crisis: Playable, max_nodes: int | None = None) -> Game:
    """Compile a crisis, with its pulled levers, or a Gambit game to a layered graph that serves every draw.

    Parameters
    ----------
    crisis
        What `read` returns; a compiled game, or that of a run, is returned as it is.
    max_nodes
        The largest game to compile; two million nodes by default.

    Raises
    ------
    CrisisError
        If the game cannot be built, for example a history without an ending, or it has more than `max_nodes`.
    UsageError
        If it is none of `Playable`.
    """
    largest = MAX_NODES if max_nodes is None else max_nodes
    if isinstance(crisis, Tree):
        from offramp.gambit.tree_to_game import compile_tree

        return compile_tree(crisis, max_nodes=largest)
    if isinstance(crisis, Crisis):
        return compile_crisis(crisis, max_nodes=largest)
    game = crisis if isinstance(crisis, Game) else getattr(crisis, "game", None)
    if not isinstance(game, Game):
        raise _not_playable(crisis)
    return game


def crisis_of(given: Playable) -> Crisis | Tree:
    """The crisis of what is given, with the levers that it has pulled; raises as `compile_game`."""
    if isinstance(given, Crisis | Tree):
        return given
    return compile_game(given).crisis


def check_from_outset(given: Playable, what: str) -> None:
    """Raise UsageError, in which `what` names the caller, if a crisis is taken as of now."""
    crisis = crisis_of(given)
    if isinstance(crisis, Crisis) and crisis.past:
        how = "leave out `now` and what is supposed, or take the crisis file of a run in its place"
        raise UsageError(f"{what} takes a crisis from its outset, not as of now: {how}")


def _not_playable(given: object) -> UsageError:
    if isinstance(given, str | Path):
        advice = f"open '{given}' with `offramp.read`, or a run with `offramp.open_run`"
        return UsageError(f"expected a crisis, a game or a run, found a path: {advice}")
    return UsageError(f"expected a crisis, a game or a run, found {type(given).__name__}")
