"""The matches of a workbench: each is saved after every change, so that its links still work after a restart."""

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
from offramp.app.match_room import FACILITATOR, MatchRoom, from_json, leave_late_seats, to_json, view_of, with_match
from offramp.app.private_dir import NAME, load, private_folder, save
from offramp.app.tasks.boards import board_at
from offramp.app.tasks.compiled_scenarios import Scenario
from offramp.app.workbench import Caller, Workbench, digest_of
from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import expected, quoted

if TYPE_CHECKING:
    from offramp.play.board import Board
    from offramp.play.match import Match

BOARDS = 8
"""Maximum number of boards kept in memory."""
OPEN, KEPT = 32, 500
"""Maximum number of open matches, and of all matches kept."""
MAX_FILES, MAX_BYTES = 10_000, 50_000_000
"""Maximum number of match files looked at, and of bytes read, the newest first."""
RETRY_SECONDS = 5.0
"""How long to wait before trying again to choose for a seat whose time is up."""
ID = re.compile(r"[A-Za-z0-9_-]{8,40}")


@dataclass(eq=False)
class OpenRoom:
    """A room in the server's memory; `match` is set only while its board is kept.

    `waiting`: by viewer, the event that is set when the view changes.
    """

    room: MatchRoom
    match: Match | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: dict[str, asyncio.Event] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    debriefed: dict[str, Any] | None = None

    def change_of(self, viewer: str) -> asyncio.Event:
        return self.waiting.setdefault(viewer, asyncio.Event())


class MatchRooms:
    """All matches of one workbench; used only in the server's event loop."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.rooms: dict[str, OpenRoom] = {}
        self.boards: OrderedDict[str, Board] = OrderedDict()
        self.tasks: set[asyncio.Task[None]] = set()
        self.opening = 0

    async def resume(self) -> None:
        """Load the matches saved in the opened folder."""
        for room in await asyncio.to_thread(_saved_rooms, self.bench.folder.root):
            self._register(OpenRoom(room))
        for open_room in self.rooms.values():
            self._set_timer(open_room)

    async def open(
        self, scenario: Scenario, seats: Mapping[str, str], seed: int | None, seconds: float | None
    ) -> tuple[MatchRoom, dict[str, str]]:
        """Start a match; give its room and its tokens by viewer. Refused (429) if there are too many."""
        if sum(open_room.room.finished is None for open_room in self.rooms.values()) + self.opening >= OPEN:
            message = f"{OPEN} matches are open; finish one, or hand its seats over to Offramp, which finishes it"
            raise Refused(429, message)
        if len(self.rooms) >= KEPT:
            raise Refused(429, f"{KEPT} matches are kept in {NAME}/matches; move old ones away and start again")
        people = [actor for actor, player in seats.items() if player == "person"]
        if not people:
            raise UsageError("nobody plays: give at least one seat to a person")
        self.opening += 1
        try:
            return await self._start(scenario, seats, people, seed, seconds)
        finally:
            self.opening -= 1

    async def _start(
        self, scenario: Scenario, seats: Mapping[str, str], people: list[str], seed: int | None, seconds: float | None
    ) -> tuple[MatchRoom, dict[str, str]]:
        from offramp.play.match import begin, check_actor, new_seed

        board = await self._board(scenario)
        for actor in seats:
            if actor not in board.crisis.actors:
                raise UsageError(f"unknown actor {quoted(actor)}{expected(actor, board.crisis.actors)}")
        for actor in people:
            check_actor(board.crisis, actor)
        now = self.bench.clock()
        tokens = {viewer: secrets.token_urlsafe(24) for viewer in (FACILITATOR, *people)}
        room = MatchRoom(
            id=secrets.token_urlsafe(9),
            title=board.crisis.title,
            seats={actor: "person" if actor in people else "offramp" for actor in board.crisis.actors},
            started=now.isoformat(timespec="seconds"),
            seconds=seconds,
            digests={viewer: digest_of(token) for viewer, token in tokens.items()},
            record={},
        )

        def begin_and_save() -> tuple[MatchRoom, Match]:
            first = begin(board, people, new_seed() if seed is None else seed)
            after, match = with_match(room, first, now.timestamp())
            _save(self.bench.folder.root, after)
            return after, match

        after, match = await asyncio.to_thread(begin_and_save)
        open_room = OpenRoom(after, match)
        self._register(open_room)
        self._set_timer(open_room)
        return after, tokens

    def open_room(self, match: str) -> OpenRoom:
        """The room of a match; Refused (404) if there is none."""
        if match not in self.rooms:
            raise Refused(404, "there is no such match; see the list of matches")
        return self.rooms[match]

    async def view(self, open_room: OpenRoom, viewer: str) -> dict[str, Any]:
        """A viewer's view of a room, with its version."""
        async with open_room.lock:
            match = await self._match(open_room)
            role = {"role": "seat" if viewer != FACILITATOR else "facilitator", "match": open_room.room.id}
            content = await asyncio.to_thread(view_of, open_room.room, match, viewer)
            return {"version": open_room.room.versions[viewer], **role, **content}

    async def choose(self, open_room: OpenRoom, viewer: str, actor: str, option: str, version: int | None) -> None:
        """Enter a seat's choice; Refused (409) if it is not the seat's turn, or the view has changed since."""
        from offramp.play.match import awaiting
        from offramp.play.match import choose as with_choice

        async with open_room.lock:
            room, match = open_room.room, await self._match(open_room)
            if actor not in room.people:
                raise Refused(422, f"{quoted(actor)} is no seat of this match that a person plays")
            if actor in room.handed:
                raise Refused(409, "Offramp plays this seat now", stale=True)
            if version is not None and version != room.versions[viewer]:
                raise Refused(409, "the match has changed meanwhile: look again, then choose", stale=True)
            if actor not in awaiting(match):
                raise Refused(409, "the match is over" if match.finished else "it is not your turn", stale=True)
            await self._change(open_room, room, lambda before: with_choice(before, actor, option))

    async def hand_over(self, open_room: OpenRoom, actor: str) -> None:
        """Let Offramp play a seat from now on."""
        async with open_room.lock:
            room = open_room.room
            if actor not in room.people:
                raise Refused(422, f"{quoted(actor)} is no seat of this match that a person plays")
            if room.finished is not None:
                raise Refused(409, "the match is over", stale=True)
            if actor not in room.handed:
                await self._change(open_room, replace(room, handed=(*room.handed, actor)), lambda before: before)

    async def briefing(self, open_room: OpenRoom, actor: str) -> dict[str, Any]:
        """The briefing of a seat: what counts for its actor."""
        from offramp.play.briefing import briefing

        async with open_room.lock:
            return briefing((await self._match(open_room)).board, actor).to_dict()

    async def debrief(self, open_room: OpenRoom) -> dict[str, Any]:
        """The debrief of a match that is over."""
        from offramp.app.tasks.shown_findings import finding_json
        from offramp.play.debrief import debrief

        if open_room.room.finished is None:
            raise Refused(409, "the debrief comes when the match is over")
        async with open_room.lock:
            match = await self._match(open_room)
            if open_room.debriefed is None:

                def solve_debrief() -> dict[str, Any]:
                    finding = debrief(match)
                    whole = finding.to_dict()
                    return finding_json(finding, drawn=False) | {part: whole[part] for part in ("entries", "endings")}

                open_room.debriefed = await asyncio.to_thread(solve_debrief)
            return open_room.debriefed

    async def close(self) -> None:
        """Stop timers and tasks; every change is saved already."""
        for open_room in self.rooms.values():
            if open_room.timer is not None:
                open_room.timer.cancel()
        for task in self.tasks:
            task.cancel()

    def _register(self, open_room: OpenRoom) -> None:
        """Add a room, and admit the holders of its links."""
        self.rooms[open_room.room.id] = open_room
        for viewer, digest in open_room.room.digests.items():
            facilitating = viewer == FACILITATOR
            caller = Caller(
                "facilitator" if facilitating else "seat", open_room.room.id, None if facilitating else viewer
            )
            self.bench.admit_digest(digest, caller)

    async def _change(self, open_room: OpenRoom, room: MatchRoom, alter: Callable[[Match], Match]) -> None:
        """Change a match, save it, and wake the viewers whose view has changed; the caller holds the lock."""
        match, now = await self._match(open_room), self.bench.clock().timestamp()

        def change_and_save() -> tuple[MatchRoom, Match]:
            changed_room, changed_match = with_match(room, alter(match), now)
            _save(self.bench.folder.root, changed_room)
            return changed_room, changed_match

        before = open_room.room
        open_room.room, open_room.match = await asyncio.to_thread(change_and_save)
        self._set_timer(open_room)
        for viewer, version in open_room.room.versions.items():
            if version != before.versions[viewer]:
                open_room.waiting.pop(viewer, asyncio.Event()).set()

    def _set_timer(self, open_room: OpenRoom) -> None:
        if open_room.timer is not None:
            open_room.timer.cancel()
        due = open_room.room.next_due
        if due is not None:
            delay = max(0.0, due - self.bench.clock().timestamp())
            open_room.timer = asyncio.get_running_loop().call_later(delay, self._time_is_up, open_room)

    def _time_is_up(self, open_room: OpenRoom) -> None:
        task = asyncio.ensure_future(self._leave_late(open_room))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _leave_late(self, open_room: OpenRoom) -> None:
        """Let Offramp choose for the seats whose time is up; if that cannot be solved or saved now, retry later."""
        async with open_room.lock:
            try:
                await self._change(
                    open_room, open_room.room, leave_late_seats(open_room.room, self.bench.clock().timestamp())
                )
            except (Refused, OfframpError):
                open_room.timer = asyncio.get_running_loop().call_later(RETRY_SECONDS, self._time_is_up, open_room)

    async def _match(self, open_room: OpenRoom) -> Match:
        """The match of a room, replayed from its record if it is no longer in memory; the caller holds the lock."""
        from offramp.play.saves import is_board_of, match_of

        record = open_room.room.record
        scenario = Scenario(
            text=record["crisis"],
            path=record["file"],
            given=record["given"],
            levers=tuple(record["levers"]),
            rationality=record["rationality"],
        )
        board = await self._board(scenario)
        if not is_board_of(board, record):  # else `match_of` would set up a board here, without a time limit
            raise OfframpError("the saved match is damaged: it cannot be played as it is recorded")
        if open_room.match is None:
            open_room.match = await asyncio.to_thread(lambda: match_of(record, board=board))
        return open_room.match

    async def _board(self, scenario: Scenario) -> Board:
        """The board of a scenario: from memory, or set up in a worker process, where it does not block the server."""
        key = f"{replace(scenario, path='').key} {sorted(scenario.given.items())} {scenario.rationality}"
        if key not in self.boards:
            self.boards[key] = await self.bench.side.call(board_at, scenario, key=scenario.key)
        self.boards.move_to_end(key)
        while len(self.boards) > BOARDS:
            _, dropped = self.boards.popitem(last=False)
            for open_room in self.rooms.values():
                if open_room.match is not None and open_room.match.board is dropped:
                    open_room.match = None
        return self.boards[key]


def _save(root: Path, room: MatchRoom) -> None:
    save(private_folder(root, "matches") / f"{room.id}.json", to_json(room))


def _saved_rooms(root: Path) -> list[MatchRoom]:
    """The newest `KEPT` rooms saved in the opened folder; invalid files are skipped."""
    rooms = []
    texts: dict[str, str] = {}  # matches of one crisis share its text
    for path in _newest(root / NAME / "matches"):
        try:
            file = load(path)
            room = from_json(file.value)
        except OfframpError:
            continue
        if not file.ours:  # its links admit nobody, and Offramp does not choose for late seats
            room = replace(room, digests={}, turns={})
        if ID.fullmatch(room.id) and path.stem == room.id:
            text = room.record["crisis"]
            rooms.append(replace(room, record={**room.record, "crisis": texts.setdefault(text, text)}))
    return sorted(rooms, key=lambda room: room.started)


def _newest(folder: Path) -> Iterator[Path]:
    """Files that may hold matches, the newest first, within bounds: others may have put any number of files there."""
    paths = islice(folder.glob("*.json"), MAX_FILES)
    files = [(path.stat(follow_symlinks=False), path) for path in paths]
    bytes_left = MAX_BYTES
    for status, path in heapq.nlargest(KEPT, files, key=lambda file: file[0].st_mtime):
        if status.st_size <= bytes_left:  # a huge file hides no others
            bytes_left -= status.st_size
            yield path
