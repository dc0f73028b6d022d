"""A match: a crisis that is being played, by people in some seats and by Offramp in the others.

A match is an immutable value; a choice makes a new one. All luck comes from the seed: each step in each round has its
own random number, drawn whether or not it is needed. So the same seed and the same choices give the same match, and a
different choice does not change the rest of the luck.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.words import listed, nearest, nearest_key
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Move
from offramp.play.board import Board, BoardNode, movers_of

By = Literal["person", "offramp", "chance", "past"]

MOST_SEED = 2**64
"""Seeds are below this."""


@dataclass(frozen=True)
class MatchEntry:
    """A step that was made: its value, by which actor (None: chance), and who chose it; `past` if it is past as of now.

    `probability`: how likely the value was there, by the odds or by the equilibrium; of what is past, given all that
    is known.
    """

    step: str
    round: int
    value: str
    actor: str | None
    by: By
    probability: float


@dataclass(frozen=True)
class Choice:
    """A choice in a `together` that is still open: made but not yet carried out."""

    step: str
    round: int
    option: str
    actor: str
    by: By


@dataclass(frozen=True)
class Closed:
    """An option that is not open, and its `only_if`; None if a lever forbids it or commits the seat to another."""

    option: str
    only_if: str | None


@dataclass(frozen=True)
class Question:
    """A question to a seat: to choose one of the options open to it at a move."""

    move: str
    round: int
    options: tuple[str, ...]
    closed: tuple[Closed, ...]
    place: BoardNode = field(repr=False, compare=False)


@dataclass(frozen=True, repr=False)
class Match:
    """A match so far.

    `seats`: the actors that people play, in the order of the file. `node`, the current node, and `settled`, the ending
    that is certain by now (by index in the file, or -1), follow from the entries.
    """

    board: Board = field(compare=False)
    seed: int
    seats: tuple[str, ...]
    entries: tuple[MatchEntry, ...]
    pending: tuple[Choice, ...]
    node: int
    settled: int

    def __repr__(self) -> str:
        names = self.board.names
        played = listed(names.actors[seat] for seat in self.seats) or "nobody"
        made = [names.known(entry.step, entry.round, (entry.value,)) for entry in self.entries]
        how = "over" if self.finished else "playing"
        ending = f"it ended in {names.endings[self.ending]}" if self.ending is not None else ""
        first = f"Match of '{self.board.crisis.title}', seed {self.seed}, people play {played}: {how}"
        return printable("\n  ".join(filter(None, [first, *made, ending])))

    @property
    def finished(self) -> bool:
        return self.node == self.board.end

    @property
    def ending(self) -> str | None:
        """The ending, once play is over."""
        return self.board.plays.endings[self.settled] if self.finished else None

    @property
    def odds(self) -> dict[str, float]:
        """The endings' odds now, in the analyst's odds, from all that has been carried out."""
        return self.board.odds(self.node, self.settled)


def new_seed() -> int:
    """An unguessable seed, small enough to be exact in JavaScript."""
    return secrets.randbelow(2**53)


def begin(board: Board, seats: Collection[str], seed: int) -> Match:
    """A match from its first step to the first point at which a person must choose, or to its end.

    Of a crisis as of now, the steps up to now are drawn given all that is known, those of the seats too.

    Parameters
    ----------
    board
        The solved crisis.
    seats
        The actors that people play; Offramp plays the others from the equilibrium.
    seed
        From 0 up to 2**64; the same seed and the same choices give the same match.

    Raises
    ------
    UsageError
        An unknown actor, or one without a move; a seed out of range.
    """
    if not 0 <= seed < MOST_SEED:
        raise UsageError(f"a seed is a whole number from 0 up to 2**64 - 1, found {seed}")
    for actor in seats:
        check_actor(board.crisis, actor)
    order = tuple(actor for actor in board.game.actors if actor in seats)
    return _advance(Match(board, seed, order, (), (), board.game.root, board.plays.at_once))


def check_actor(crisis: Crisis, actor: str) -> None:
    """Raise UsageError if there is no such actor, or nothing for it to do."""
    if actor not in crisis.actors:
        known = f"actors: {listed(crisis.actors, 30)}"
        hint = nearest_key(actor, {one.key: one.name for one in crisis.actors.values()})
        raise UsageError(f"unknown actor '{actor}'{hint} ({known})")
    if actor not in (movers := movers_of(crisis)):
        raise UsageError(f"'{actor}' has no move to make; those that have: {listed(movers, 30)}")


def questions(match: Match) -> Mapping[str, Question]:
    """The questions to the seats whose turn it is; empty once play is over.

    Seats that move `together` are asked at once. A question contains what its actor may know, and its existence shows
    whose turn it is: show a seat only its own (`offramp.play.views`).
    """
    return {place.actor: _question(match.board, place) for place in _open(match) if place.actor is not None}


def awaiting(match: Match) -> tuple[str, ...]:
    """The actors whose choices the match waits for."""
    return tuple(place.actor for place in _open(match) if place.actor is not None)


def choose(match: Match, actor: str, option: str) -> Match:
    """The match after a seat's choice, continued to the next point at which a person must choose.

    In a `together`, choices may be made in any order; they are carried out once the last one is made.

    Raises
    ------
    UsageError
        A seat that nobody plays or whose turn it is not; an option that is not open.
    """
    place = _asked(match, actor)
    if option not in place.options:
        others = f"open: {listed(place.options, 30)}"
        raise UsageError(f"'{option}' cannot be chosen at '{place.step}'{nearest(option, place.options)} ({others})")
    return _committed(match, Choice(place.step, place.round, option, actor, "person"))


def leave_to_offramp(match: Match, actor: str) -> Match:
    """The match after Offramp has chosen for a seat from the equilibrium, for example when its time is up."""
    place = _asked(match, actor)
    option = match.board.drawn(place, float(_luck(match)[place.layer]))
    return _committed(match, Choice(place.step, place.round, option, actor, "offramp"))


def edges_taken(match: Match) -> list[int]:
    """The edges of the game that the match has taken, one per entry."""
    board, node, edges = match.board, match.board.game.root, []
    for entry in match.entries:
        place = board.place(node)
        edge = place.first_edge + place.options.index(entry.value)
        node = int(board.plays.edges.child[edge])
        edges.append(edge)
    return edges


def _luck(match: Match) -> NDArray[np.float64]:
    """A random number from 0 up to 1 for every layer of the game: (layers,)."""
    return np.random.Generator(np.random.Philox(key=match.seed)).random(len(match.board.game.layers))


def _asked(match: Match, actor: str) -> BoardNode:
    if actor not in match.seats:
        check_actor(match.board.crisis, actor)
        raise UsageError(f"nobody plays '{actor}' in this match: it is Offramp's (seats: {listed(match.seats, 30)})")
    if match.finished:
        raise UsageError(f"the match is over: it ended in '{match.ending}'")
    for place in _open(match):
        if place.actor == actor:
            return place
    raise UsageError(f"it is not the turn of '{actor}'")


def _open(match: Match) -> Iterable[BoardNode]:
    """The nodes of the seats whose turn it is; in a `together`, of all that have not chosen.

    Nothing in a `together` depends on a sibling, so any option leads to the later steps.
    """
    board, node = match.board, match.node
    chosen = {choice.step for choice in match.pending}
    first = None
    while node != board.end:
        place = board.place(node)
        if first is None:
            first = place
        elif place.round != first.round or place.step not in board.beside.get(first.step, ()):
            return
        if place.actor in match.seats and place.step not in chosen:
            yield place
        node = int(board.plays.edges.child[place.first_edge])


def _question(board: Board, place: BoardNode) -> Question:
    move = board.crisis.named[place.step]
    assert isinstance(move, Move)
    menu = board.crisis.menus[move.key, place.round]
    gone = menu.gone if menu.committed.isdisjoint(place.options) else frozenset(move.options)
    closed = tuple(
        Closed(option, None if option in gone else move.only_if[option].text)
        for option in board.crisis.offered(move.key, place.round)
        if option not in place.options
    )
    return Question(place.step, place.round, place.options, closed, place)


def _committed(match: Match, choice: Choice) -> Match:
    pending = sorted((*match.pending, choice), key=lambda made: match.board.layer_at[made.step, made.round])
    together = replace(match, pending=tuple(pending))
    return together if awaiting(together) else _advance(together)


def _advance(match: Match) -> Match:
    """Carry out what is chosen, and let chance and Offramp move, up to the next choice of a person."""
    board, node, settled, luck = match.board, match.node, match.settled, _luck(match)
    entries = list(match.entries)
    chosen = {(choice.step, choice.round): choice for choice in match.pending}
    while node != board.end:
        place = board.place(node)
        choice, is_past = chosen.pop((place.step, place.round), None), (place.step, place.round) in board.crisis.past
        by: By
        if choice is not None:
            option, by = choice.option, choice.by
        elif place.actor in match.seats and not is_past:
            break
        else:
            by = "past" if is_past else "chance" if place.actor is None else "offramp"
            option = board.drawn(place, luck[place.layer])
        edge = place.first_edge + place.options.index(option)
        entries.append(MatchEntry(place.step, place.round, option, place.actor, by, float(board.plays.share[edge])))
        settled = max(settled, int(board.plays.ending[edge]))
        node = int(board.plays.edges.child[edge])
    return replace(match, entries=tuple(entries), pending=tuple(chosen.values()), node=node, settled=settled)
