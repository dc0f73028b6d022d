"""What a seat is shown: all that its actor has seen, and nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move
from offramp.play.board import Board, board_of, set_up
from offramp.play.match import Choice, Match, MatchEntry, awaiting, begin, choose
from offramp.play.views import facilitator_view, view
from offramp.study.histories.plays import solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.play.small import COINS, SIDES, played
from tests.walker import ChanceNode, DecisionNode, Grower, History, Node, Terminal, Value, medians

RANDOM = crisis_texts(most_histories=100).map(crisis_of)
Known = frozenset[tuple[str, Value]]


@dataclass(frozen=True)
class _Over(Terminal):
    known: Known


@dataclass(frozen=True)
class _Watched(Grower):
    """The oracle's tree, in which each decision, and the end, holds what every actor has seen of the play."""

    def sees(self, actor: str, history: History) -> dict[str, Value]:
        return {
            f"{other}: {label}": value
            for other in self.crisis.actors
            for label, value in super(_Watched, self).sees(other, history).items()
        }

    def timeline(self, position: int, history: History) -> Node:
        node = super().timeline(position, history)
        if isinstance(node, Terminal) and not isinstance(node, _Over):
            return _Over(node.ending, node.paid, frozenset(self.sees("", history).items()))
        return node


def histories(board: Board) -> Iterator[tuple[Match, Known, str | None]]:
    """Every point of every history at which somebody moves, and every end: as a match in which people play all.

    With what each actor has seen, none of it forgotten, and the mover.
    """
    crisis = board.crisis
    actors = {name: replace(actor, memory="recall") for name, actor in crisis.actors.items()}
    root = _Watched(replace(crisis, actors=actors)).grow(medians(crisis))
    first = Match(board, 0, board.movers, (), (), board.game.root, board.plays.at_once)
    waiting: list[tuple[Node, Match]] = [(root, first)]
    while waiting:
        node, match = waiting.pop()
        match = replace(match, seed=match.seed + len(waiting))  # no view depends on it
        if isinstance(node, _Over):
            assert match.finished
            yield match, node.known, None
            continue
        assert isinstance(node, ChanceNode | DecisionNode)
        place = board.place(match.node)
        if isinstance(node, DecisionNode):
            yield match, node.key[2], node.actor
        for option, child in node.branches.items():
            edge = place.first_edge + place.options.index(option)
            entry = MatchEntry(place.step, place.round, option, place.actor, "person", float(board.plays.share[edge]))
            onward = replace(
                match,
                entries=(*match.entries, entry),
                node=int(board.plays.edges.child[edge]),
                settled=max(match.settled, int(board.plays.ending[edge])),
            )
            waiting.append((child, onward))


def seen_by(actor: str, match: Match, known: Known) -> Known:
    """What the oracle says an actor has seen, and its own moves, those of an open `together` among them."""
    seen = {(label, value) for label, value in known if label.startswith(f"{actor}: ")}
    own = {(f"own {entry.step}@{entry.round}", entry.value) for entry in match.entries if entry.actor == actor}
    return frozenset(seen | own)


def shown(match: Match, actor: str) -> str:
    return json.dumps(view(match, actor).to_dict(), sort_keys=True)


def board_for(crisis: Crisis) -> Board | None:
    block, solution = solved(crisis)
    return board_of(block, solution) if solution.converged else None


@settings(max_examples=examples(60), deadline=None)
@given(RANDOM)
def test_a_view_tells_all_that_its_actor_has_seen_and_nothing_else(crisis: Crisis) -> None:
    """Two points of play give a seat the same view exactly where the oracle says that it cannot tell them apart.

    What everybody knows besides is whether a round is being played.
    """
    board = board_for(crisis)
    if board is None:
        return
    views: dict[tuple[str, str, str, bool, Known], set[str]] = defaultdict(set)
    known_at: dict[str, set[Known]] = defaultdict(set)
    for match, known, mover in histories(board):
        for actor in board.movers:
            seat = view(match, actor)
            assert (seat.status == "finished") == (mover is None)
            assert seat.status == "asked" or actor != mover
            assert (seat.asked is None) == (seat.status != "asked")
            seen = seen_by(actor, match, known)
            asked = "" if seat.asked is None else f"{seat.asked.move}@{seat.asked.round}"
            in_round = not match.finished and board.place(match.node).round > 0
            views[actor, asked, str(seat.ending), in_round, seen].add(shown(match, actor))
            known_at[shown(match, actor)].add(seen)
    assert all(len(found) == 1 for found in views.values())
    assert all(len(found) == 1 for found in known_at.values())


@settings(max_examples=examples(60), deadline=None)
@given(RANDOM)
def test_what_is_asked_depends_on_what_is_seen_only(crisis: Crisis) -> None:
    """In its information set a mover is asked the same, with the same options."""
    board = board_for(crisis)
    if board is None:
        return
    questions: dict[Known, set[object]] = defaultdict(set)
    for match, known, mover in histories(board):
        if mover is not None:
            asked = view(match, mover).asked
            assert asked is not None
            questions[seen_by(mover, match, known) | {("at", f"{asked.move}@{asked.round}")}].add(asked)
    assert all(len(found) == 1 for found in questions.values())


@settings(max_examples=examples(25), deadline=None)
@given(RANDOM, st.integers(0, 2**32), st.integers(0, 99))
def test_nothing_of_an_open_together_is_seen(crisis: Crisis, seed: int, whim: int) -> None:
    """A choice that waits for the others changes nobody's view but its maker's."""
    board = board_for(crisis)
    if board is None:
        return
    match = begin(board, board.movers, seed)
    while not match.finished:
        before = {actor: shown(match, actor) for actor in board.movers}
        actor, *others = awaiting(match)[:: 1 if whim % 2 else -1]
        asked = view(match, actor).asked
        assert asked is not None
        match = choose(match, actor, asked.options[whim % len(asked.options)])
        if others:
            assert set(awaiting(match)) == set(others)
            seat = view(match, actor)
            assert seat.status == "waiting"
            last = seat.timeline[-1]
            assert (last.step, last.value, last.own) == (asked.move, asked.options[whim % len(asked.options)], True)
            assert all(shown(match, other) == before[other] for other in board.movers if other != actor)


def test_a_view_holds_no_odds_no_seed_and_no_turn_of_others() -> None:
    match = begin(set_up(crisis_of(SIDES)), ("north", "south"), 77_777)
    found = view(match, "south").to_dict()
    assert set(found) == {"crisis", "actor", "name", "status", "round", "timeline", "asked", "ending", "ending_name"}
    assert found["status"] == "waiting"
    assert {key for sight in found["timeline"] for key in sight} == {
        "kind", "step", "name", "round", "value", "value_name", "actor", "own",
    }  # fmt: skip
    assert "77777" not in json.dumps(found)
    assert "word" not in json.dumps(found)


def test_who_is_not_told_sees_nothing_of_a_tell() -> None:
    board = set_up(crisis_of(SIDES))
    match = choose(begin(board, ("north", "east", "south"), 1), "north", "speak")
    assert [(sight.kind, sight.step) for sight in view(match, "east").timeline if sight.step == "word"] == [
        ("told", "word")
    ]
    assert not [sight for sight in view(match, "south").timeline if sight.step == "word"]


def test_a_person_is_not_made_to_forget() -> None:
    """Under `memory: state` the moves of earlier rounds still stand in the view."""
    from tests.shipped import tehran

    board = set_up(tehran())
    for whim in range(60):
        match = played(board, ("israel",), whim, whim)
        rounds = [sight.round for sight in view(match, "israel").timeline if sight.step == "reply"]
        if len(rounds) == 2:
            assert rounds == [1, 2]
            return
    pytest.fail("no match of two rounds")


def test_only_seats_have_a_view() -> None:
    match = begin(set_up(crisis_of(SIDES)), ("north",), 1)
    with pytest.raises(UsageError, match=r"nobody plays 'south' in this match \(seats: north\)"):
        view(match, "south")
    with pytest.raises(UsageError, match="unknown actor 'nort'; did you mean 'north'"):
        view(match, "nort")


def test_a_facilitator_sees_all() -> None:
    board = set_up(crisis_of(SIDES))
    match = choose(begin(board, ("north", "east"), 2), "north", "speak")
    match = choose(match, "east", "press")
    assert match.pending == (Choice("east_acts", 0, "press", "east", "person"),)
    found = facilitator_view(match).to_dict()
    assert found["pending"] == {"east": "press"}
    assert found["awaiting"] == ["north"]
    assert found["asked"]["north"]["options"] == ["hold", "press", "strike"]
    assert {event["step"] for event in found["timeline"]} >= {"mood", "word", "heat"}
    told = next(event for event in found["timeline"] if event["kind"] == "told")
    assert told["seen_by"] == ["east"]
    assert sum(found["odds"].values()) == pytest.approx(1.0)
    json.dumps(found)


@settings(max_examples=examples(25), deadline=None)
@given(RANDOM, st.integers(0, 2**32))
def test_a_facilitator_s_timeline_holds_every_step_that_was_made(crisis: Crisis, seed: int) -> None:
    board = board_for(crisis)
    if board is None:
        return
    match = begin(board, (), seed)
    steps = {step.key for step in crisis.steps() if isinstance(step, Chance | Move)}
    events = [event for event in facilitator_view(match).timeline if event.kind == "step"]
    assert [event.entry for event in events if event.entry is not None] == list(match.entries)
    assert {event.step for event in events} <= steps
    assert facilitator_view(match).odds[match.ending or ""] == 1.0


def test_a_seat_and_a_facilitator_see_the_days_of_a_round_that_has_dates() -> None:
    text = COINS.replace("  - rounds: 12\n", "  - rounds: 12\n    lasts: 1 week\n    from: 2031-03-03\n")
    for written, days in ((text, "2031-03-10 to 2031-03-16"), (COINS, None)):
        match = begin(set_up(crisis_of(written)), ("north", "south"), 1)
        match = choose(match, "north", "low")
        events = [event for event in view(match, "south").to_dict()["timeline"] if event["kind"] == "round"]
        assert events[1].get("days") == days
        told = [event for event in facilitator_view(match).to_dict()["timeline"] if event["kind"] == "round"]
        assert told[1].get("days") == days
