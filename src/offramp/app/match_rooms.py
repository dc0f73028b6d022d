"""The matches of a workbench: each is saved whole after every change, so that its links go on after a restart."""

from __future__ import annotations

import asyncio
import heapq
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.http_errors import Refused
from offramp.app.match_room import FACILITATOR, MatchRoom, carried_on, from_json, out_of_time, sight, to_json
from offramp.app.private_dir import NAME, kept_in, load, save
from offramp.app.tasks.boards import board_at
from offramp.app.tasks.live_tasks import Scenario
from offramp.app.workbench import Caller, Workbench, digest_of
from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import expected, quoted

if TYPE_CHECKING:
    from offramp.play.board import Board
    from offramp.play.match import Match

BOARDS = 8
"""So many boards are kept set up."""
OPEN, KEPT = 32, 500
"""So many matches may be open, and kept at all."""
MOST_FILES, KEPT_BYTES = 10_000, 50_000_000
"""Of the files in which matches may be so many are looked at, and so many bytes read, the last written first."""
AGAIN = 5.0
"""Seconds until what could not be done when a turn's time was up is tried again."""
ID = re.compile(r"[A-Za-z0-9_-]{8,40}")


@dataclass(eq=False)
class OpenRoom:
    """A table in the server's memory; `match` only while its board is kept.

    `waiting`: for each looker what wakes those who wait for a change of what he sees.
    """

    table: MatchRoom
    match: Match | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: dict[str, asyncio.Event] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    debriefed: dict[str, Any] | None = None

    def change_of(self, looker: str) -> asyncio.Event:
        return self.waiting.setdefault(looker, asyncio.Event())


class Playing:
    """All matches of one workbench; it lives in the server's event loop."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.tables: dict[str, OpenRoom] = {}
        self.boards: OrderedDict[str, Board] = OrderedDict()
        self.tasks: set[asyncio.Task[None]] = set()
        self.opening = 0

    async def resume(self) -> None:
        """Take up the matches that are kept in the opened folder."""
        for table in await asyncio.to_thread(_kept, self.bench.folder.root):
            self._hold(OpenRoom(table))
        for held in self.tables.values():
            self._set_timer(held)

    async def open(
        self, setting: Scenario, seats: Mapping[str, str], seed: int | None, seconds: float | None
    ) -> tuple[MatchRoom, dict[str, str]]:
        """A new match, and its tokens by looker; Refused (429) where there are too many."""
        if sum(held.table.finished is None for held in self.tables.values()) + self.opening >= OPEN:
            message = f"{OPEN} matches are open; finish one, or hand its seats over to Offramp, which finishes it"
            raise Refused(429, message)
        if len(self.tables) >= KEPT:
            raise Refused(429, f"{KEPT} matches are kept in {NAME}/matches; move old ones away and start again")
        people = [actor for actor, player in seats.items() if player == "person"]
        if not people:
            raise UsageError("nobody plays: give at least one seat to a person")
        self.opening += 1
        try:
            return await self._opened(setting, seats, people, seed, seconds)
        finally:
            self.opening -= 1

    async def _opened(
        self, setting: Scenario, seats: Mapping[str, str], people: list[str], seed: int | None, seconds: float | None
    ) -> tuple[MatchRoom, dict[str, str]]:
        from offramp.play.match import begin, check_actor, new_seed

        board = await self._board(setting)
        for actor in seats:
            if actor not in board.crisis.actors:
                raise UsageError(f"unknown actor {quoted(actor)}{expected(actor, board.crisis.actors)}")
        for actor in people:
            check_actor(board, actor)
        now = self.bench.clock()
        tokens = {looker: secrets.token_urlsafe(24) for looker in (FACILITATOR, *people)}
        table = MatchRoom(
            id=secrets.token_urlsafe(9),
            title=board.crisis.title,
            seats={actor: "person" if actor in people else "offramp" for actor in board.crisis.actors},
            started=now.isoformat(timespec="seconds"),
            seconds=seconds,
            digests={looker: digest_of(token) for looker, token in tokens.items()},
            record={},
        )

        def begun() -> tuple[MatchRoom, Match]:
            first = begin(board, people, new_seed() if seed is None else seed)
            found = carried_on(table, first, now.timestamp())
            _save(self.bench.folder.root, found[0])
            return found

        after, match = await asyncio.to_thread(begun)
        held = OpenRoom(after, match)
        self._hold(held)
        self._set_timer(held)
        return after, tokens

    def held(self, match: str) -> OpenRoom:
        """The table of a match; Refused (404) where there is none."""
        if match not in self.tables:
            raise Refused(404, "there is no such match; see the list of matches")
        return self.tables[match]

    async def seen(self, held: OpenRoom, looker: str) -> dict[str, Any]:
        """What one who looks at a table sees, with the version of that."""
        async with held.lock:
            match = await self._match(held)
            role = {"role": "seat" if looker != FACILITATOR else "facilitator", "match": held.table.id}
            found = await asyncio.to_thread(sight, held.table, match, looker)
            return {"version": held.table.versions[looker], **role, **found}

    async def choose(self, held: OpenRoom, looker: str, actor: str, option: str, version: int | None) -> None:
        """Enter a seat's choice; Refused (409) where it is not asked, or what was seen is no longer so."""
        from offramp.play.match import awaiting
        from offramp.play.match import choose as chosen

        async with held.lock:
            table, match = held.table, await self._match(held)
            if actor not in table.people:
                raise Refused(422, f"{quoted(actor)} is no seat of this match that a person plays")
            if actor in table.handed:
                raise Refused(409, "Offramp plays this seat by now", stale=True)
            if version is not None and version != table.versions[looker]:
                raise Refused(409, "this has changed meanwhile: look again, then choose", stale=True)
            if actor not in awaiting(match):
                raise Refused(409, "the match is over" if match.finished else "it is not your turn", stale=True)
            await self._change(held, table, lambda before: chosen(before, actor, option))

    async def hand_over(self, held: OpenRoom, actor: str) -> None:
        """Let Offramp play a seat from now on."""
        async with held.lock:
            table = held.table
            if actor not in table.people:
                raise Refused(422, f"{quoted(actor)} is no seat of this match that a person plays")
            if table.finished is not None:
                raise Refused(409, "the match is over", stale=True)
            if actor not in table.handed:
                await self._change(held, replace(table, handed=(*table.handed, actor)), lambda before: before)

    async def briefing(self, held: OpenRoom, actor: str) -> dict[str, Any]:
        """What counts for the actor of a seat."""
        from offramp.play.briefing import briefing

        async with held.lock:
            return briefing((await self._match(held)).board, actor).to_dict()

    async def debrief(self, held: OpenRoom) -> dict[str, Any]:
        """The debrief of a match that is over."""
        from offramp.app.tasks.shown_findings import finding_json
        from offramp.play.debrief import debrief

        if held.table.finished is None:
            raise Refused(409, "the debrief comes when the match is over")
        async with held.lock:
            match = await self._match(held)
            if held.debriefed is None:

                def found() -> dict[str, Any]:
                    finding = debrief(match)
                    return finding_json(finding, drawn=False) | {"entries": finding.to_dict()["entries"]}

                held.debriefed = await asyncio.to_thread(found)
            return held.debriefed

    async def close(self) -> None:
        """Nothing has to be saved: everything is."""
        for held in self.tables.values():
            if held.timer is not None:
                held.timer.cancel()
        for task in self.tasks:
            task.cancel()

    def _hold(self, held: OpenRoom) -> None:
        self.tables[held.table.id] = held
        for looker, digest in held.table.digests.items():
            facilitating = looker == FACILITATOR
            caller = Caller("facilitator" if facilitating else "seat", held.table.id, None if facilitating else looker)
            self.bench.admit_digest(digest, caller)

    async def _change(self, held: OpenRoom, table: MatchRoom, alter: Callable[[Match], Match]) -> None:
        """Change a match, save it, and then wake those who see it otherwise; the lock is held."""
        match, now = await self._match(held), self.bench.clock().timestamp()

        def changed() -> tuple[MatchRoom, Match]:
            found = carried_on(table, alter(match), now)
            _save(self.bench.folder.root, found[0])
            return found

        before = held.table
        held.table, held.match = await asyncio.to_thread(changed)
        self._set_timer(held)
        for looker, version in held.table.versions.items():
            if version != before.versions[looker]:
                held.waiting.pop(looker, asyncio.Event()).set()

    def _set_timer(self, held: OpenRoom) -> None:
        if held.timer is not None:
            held.timer.cancel()
        due = held.table.next_due
        if due is not None:
            delay = max(0.0, due - self.bench.clock().timestamp())
            held.timer = asyncio.get_running_loop().call_later(delay, self._time_is_up, held)

    def _time_is_up(self, held: OpenRoom) -> None:
        task = asyncio.ensure_future(self._leave_late(held))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _leave_late(self, held: OpenRoom) -> None:
        """Let Offramp choose for the seats whose time is up; again later where that cannot be solved or saved now."""
        async with held.lock:
            try:
                await self._change(held, held.table, out_of_time(held.table, self.bench.clock().timestamp()))
            except (Refused, OfframpError):
                held.timer = asyncio.get_running_loop().call_later(AGAIN, self._time_is_up, held)

    async def _match(self, held: OpenRoom) -> Match:
        """The match of a table, played again from its record where its board has gone; the lock is held."""
        from offramp.play.saves import is_board_of, match_of

        record = held.table.record
        setting = Scenario(
            text=record["crisis"],
            path=record["file"],
            given=record["given"],
            levers=tuple(record["levers"]),
            rationality=record["rationality"],
        )
        board = await self._board(setting)
        if not is_board_of(board, record):  # else one would be set up here, where there is no limit
            raise OfframpError("the saved match is damaged: it cannot be played as it is recorded")
        if held.match is None:
            held.match = await asyncio.to_thread(lambda: match_of(record, board=board))
        return held.match

    async def _board(self, setting: Scenario) -> Board:
        """The board of a setting: kept, or set up in another process, where it cannot hold up anybody."""
        key = f"{replace(setting, path='').key} {sorted(setting.given.items())} {setting.rationality}"
        if key not in self.boards:
            self.boards[key] = await self.bench.side.call(board_at, setting, key=setting.key)
        self.boards.move_to_end(key)
        while len(self.boards) > BOARDS:
            _, gone = self.boards.popitem(last=False)
            for held in self.tables.values():
                if held.match is not None and held.match.board is gone:
                    held.match = None
        return self.boards[key]


def _save(root: Path, table: MatchRoom) -> None:
    save(kept_in(root, "matches") / f"{table.id}.json", to_json(table))


def _kept(root: Path) -> list[MatchRoom]:
    """The tables in the opened folder, the newest `KEPT`; files that hold none are passed over."""
    found = []
    texts: dict[str, str] = {}  # matches of one crisis share its text
    for path in _newest(root / NAME / "matches"):
        try:
            kept = load(path)
            table = from_json(kept.value)
        except OfframpError:
            continue
        if not kept.ours:  # its links let nobody in, and Offramp does not play on by itself
            table = replace(table, digests={}, turns={})
        if ID.fullmatch(table.id) and path.stem == table.id:
            text = table.record["crisis"]
            found.append(replace(table, record={**table.record, "crisis": texts.setdefault(text, text)}))
    return sorted(found, key=lambda table: table.started)


def _newest(folder: Path) -> Iterator[Path]:
    """The files in which matches may be, the last written first; others may have put any number of them there."""
    paths = islice(folder.glob("*.json"), MOST_FILES)
    found = [(path.stat(follow_symlinks=False), path) for path in paths]
    room = KEPT_BYTES
    for status, path in heapq.nlargest(KEPT, found, key=lambda one: one[0].st_mtime):
        room -= status.st_size
        if room < 0:
            return
        yield path
