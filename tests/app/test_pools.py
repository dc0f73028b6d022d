"""A process that does not keep its limits is replaced, and the calls of others are served."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import pytest

from offramp.app.http_errors import Refused
from offramp.app.workers.nursery import Nursery
from offramp.app.workers.pools import Pool
from offramp.crisis.reading import read_text
from offramp.runs.executors import COPIED
from tests.processes import is_running


def run(work: Callable[[Pool], Awaitable[None]], workers: int = 1, seconds: float = 20.0) -> None:
    """Work with a pool, which is closed at the end."""

    async def whole() -> None:
        nursery = Nursery()
        pool = Pool(nursery, workers, seconds=seconds)
        try:
            await work(pool)
        finally:
            await pool.close()
            await nursery.close()

    asyncio.run(whole())


def test_a_call_that_takes_too_long_is_stopped_and_the_next_one_served() -> None:
    async def work(pool: Pool) -> None:
        first = await pool.call(os.getpid)
        with pytest.raises(Refused, match=r"more than 0\.2 seconds") as refused:
            await pool.call(time.sleep, 60, seconds=0.2)
        assert refused.value.status == 503
        assert await pool.call(os.getpid) != first
        assert not is_running(first)

    run(work)


def test_a_call_that_takes_too_much_memory_is_told_so_and_its_process_serves_on() -> None:
    async def work(pool: Pool) -> None:
        first = await pool.call(os.getpid)
        with pytest.raises(Refused, match="memory") as refused:
            await pool.call(bytearray, 10**10)
        assert refused.value.status == 503
        assert await pool.call(os.getpid) == first

    run(work)


def test_a_call_that_ends_its_process_is_told_so_and_the_next_one_served() -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(Refused, match="ended") as refused:
            await pool.call(os._exit, 1)
        assert refused.value.status == 503
        assert await pool.call(abs, -1) == 1

    run(work)


@pytest.mark.parametrize("once", [False, True])
def test_a_call_whose_process_is_killed_is_made_once_more_unless_it_changes_something(once: bool) -> None:
    async def work(pool: Pool) -> None:
        first = await pool.call(os.getpid)
        asked = asyncio.ensure_future(pool.call(time.sleep, 1.0, once=once))
        await asyncio.sleep(0.3)
        os.kill(first, signal.SIGKILL)
        if once:
            with pytest.raises(Refused, match="ended") as refused:
                await asked
            assert refused.value.status == 503
        else:
            assert await asked is None
        assert await pool.call(os.getpid) != first

    run(work)


def test_a_process_that_has_ended_while_it_was_idle_is_not_asked() -> None:
    async def work(pool: Pool) -> None:
        first = await pool.call(os.getpid)
        os.kill(first, signal.SIGKILL)
        while not next(iter(pool.all)).process.ended:
            await asyncio.sleep(0.01)
        assert await pool.call(os.getpid) != first

    run(work)


@pytest.mark.skipif(not COPIED, reason="only on Linux are workers copies of a nursery")
def test_workers_outlive_their_nursery_and_one_that_is_lost_then_is_replaced() -> None:
    async def work(pool: Pool) -> None:
        first = await pool.call(os.getpid)
        nursery = pool.nursery.process
        assert nursery is not None
        os.kill(nursery.pid, signal.SIGKILL)
        await nursery.wait()
        assert await pool.call(os.getpid) == first
        with pytest.raises(Refused, match="ended"):
            await pool.call(os._exit, 1)
        assert await pool.call(os.getpid) != first

    run(work)


def test_processes_are_warmed_before_their_first_call() -> None:
    async def work(pool: Pool) -> None:
        pool.warming = partial(sys.setrecursionlimit, 4321)
        assert await pool.call(sys.getrecursionlimit) == 4321
        with pytest.raises(Refused, match="ended"):
            await pool.call(os._exit, 1)
        assert await pool.call(sys.getrecursionlimit) == 4321

    run(work)


def test_mistakes_of_the_user_come_back_as_refusals_with_their_faults() -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(Refused) as refused:
            await pool.call(read_text, b"format: 1\ntitel: x\n", "x.yaml")
        assert refused.value.status == 422
        assert any("titel" in fault["message"] for fault in refused.value.more["faults"])

    run(work)


def test_of_calls_in_one_line_that_wait_only_the_last_is_served() -> None:
    async def work(pool: Pool) -> None:
        await pool.call(abs, 0)
        running = asyncio.ensure_future(pool.call(time.sleep, 0.3, line="a"))
        await asyncio.sleep(0.05)
        waiting = [asyncio.ensure_future(pool.call(abs, number, line="a")) for number in range(3)]
        other = asyncio.ensure_future(pool.call(abs, 7, line="b"))
        found = await asyncio.gather(*waiting, other, running, return_exceptions=True)
        assert [isinstance(each, Refused) and each.status == 409 for each in found[:2]] == [True, True]
        assert found[2:] == [2, 7, None]

    run(work)


def test_urgent_calls_come_first() -> None:
    async def work(pool: Pool) -> None:
        await pool.call(abs, 0)
        served: list[str] = []

        async def call(name: str, urgency: int) -> None:
            await pool.call(time.sleep, 0.05, urgency=urgency)
            served.append(name)

        calls = [asyncio.ensure_future(call("first", 0))]
        await asyncio.sleep(0)
        calls += [asyncio.ensure_future(call(name, urgency)) for name, urgency in (("later", 2), ("soon", 1))]
        await asyncio.gather(*calls)
        assert served == ["first", "soon", "later"]

    run(work)


def test_long_calls_leave_a_process_to_the_others() -> None:
    async def work(pool: Pool) -> None:
        await asyncio.gather(*(pool.call(abs, 0) for _ in range(4)))
        await pool.start()
        long = [asyncio.ensure_future(pool.call(time.sleep, 0.5, long=True)) for _ in range(3)]
        await asyncio.sleep(0.05)
        for number in range(20):
            assert await pool.call(abs, number) == number
        assert not any(task.done() for task in long)
        await asyncio.gather(*long)

    run(work, workers=2)


def test_a_call_that_is_given_up_ends_its_process_only_where_that_is_asked_for() -> None:
    async def work(pool: Pool) -> None:
        for end, same in ((False, True), (True, False)):
            first = await pool.call(os.getpid)
            task = asyncio.ensure_future(pool.call(time.sleep, 0.4, end_when_left=end))
            await asyncio.sleep(0.1)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            assert (await pool.call(os.getpid) == first) is same

    run(work)


def test_a_call_that_is_given_up_while_it_waits_is_never_made(tmp_path: os.PathLike[str]) -> None:
    async def work(pool: Pool) -> None:
        place = os.path.join(tmp_path, "made")
        running = asyncio.ensure_future(pool.call(time.sleep, 0.2))
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(pool.call(os.mkdir, place))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await running
        assert await pool.call(abs, -1) == 1
        assert not os.path.exists(place)

    run(work)


def test_what_a_library_prints_does_not_disturb_the_answers() -> None:
    async def work(pool: Pool) -> None:
        await pool.call(print, "x" * 100_000)
        await pool.call(os.system, "echo more")
        assert await pool.call(abs, -1) == 1

    run(work)


def test_a_call_finds_the_process_that_has_worked_on_the_same_thing() -> None:
    async def work(pool: Pool) -> None:
        await pool.start()
        by_key = {key: await pool.call(os.getpid, key=key) for key in "ab"}
        assert by_key["a"] != by_key["b"]
        for key in "abbaab":
            assert await pool.call(os.getpid, key=key) == by_key[key]

    run(work, workers=2)


def test_of_processes_that_have_worked_on_the_same_thing_the_last_one_is_asked() -> None:
    async def work(pool: Pool) -> None:
        await pool.call(abs, -1, key="crisis")
        first = asyncio.ensure_future(pool.call(time.sleep, 0.5, key="crisis"))
        second = asyncio.ensure_future(pool.call(time.sleep, 0.5, key="crisis"))
        await asyncio.gather(first, second)  # both processes know it now
        last = await pool.call(os.getpid, key="crisis")
        assert {await pool.call(os.getpid, key="crisis") for _ in range(4)} == {last}
        others = {await pool.call(os.getpid, key=f"other {number}") for number in range(2)}
        assert len(others) == 2
        assert await pool.call(os.getpid, key="crisis") == last

    run(work, workers=2)


def test_a_closed_pool_leaves_no_process_and_refuses() -> None:
    async def work(pool: Pool) -> None:
        process = await pool.call(os.getpid)
        running = asyncio.ensure_future(pool.call(time.sleep, 60))
        await asyncio.sleep(0.05)
        await pool.close()
        assert not is_running(process)
        with pytest.raises(Refused):
            await pool.call(abs, -1)
        with pytest.raises((Refused, asyncio.CancelledError)):
            await running

    run(work)
