"""A fleet that is only simulated: how many draws a second so many workers come to, and what holds them up.

Every worker asks the driver for a chunk, solves it, writes it through a store that all share, and tells the driver.
The driver, the store's bandwidth and its rate of files are queues with one server each. `python benchmarks/fleet.py`
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np

CHUNK = 1024


@dataclass(frozen=True)
class Costs:
    """What a chunk costs, in seconds unless it says otherwise; see `docs/scale.md` for what is measured."""

    solve: float = 3.5
    spread: float = 0.33  # standard deviation between chunks, as a share of `solve`
    skip: float = 6.3e-9  # for each draw before the chunk's first, as the Sobol sequence is gone through to there
    driver: float = 2.7e-3  # of the driver and its scheduler, for handing out a chunk and hearing that it is done
    size: float = 2.25e6  # bytes
    bandwidth: float = 1e9  # bytes a second, assumed
    files: int = 3
    puts: float = 3500.0  # files a second, assumed
    slow: float = 0.01  # share of workers that are three times as slow, assumed
    collect: float = 5.4e-5  # of the driver alone, at the end, for each draw


@dataclass(frozen=True)
class Outcome:
    """`solving`: seconds until the last chunk is there; `collecting`: the pass after that; `busy`: by queue the share
    of `solving` in which it served; `tail`: seconds from when the first worker had nothing to do.
    """

    solving: float
    collecting: float
    busy: dict[str, float]
    tail: float
    efficiency: float


def simulate(costs: Costs, workers: int, draws: int, chunk: int = CHUNK, seed: int = 1) -> Outcome:
    """A run of so many draws, in chunks of `chunk`."""
    rng = np.random.default_rng(seed)
    scale, chunks = chunk / CHUNK, -(-draws // chunk)
    pace = np.where(rng.random(workers) < costs.slow, 3.0, 1.0)
    shape = np.sqrt(np.log1p(costs.spread**2 / scale))
    solves = costs.solve * scale * rng.lognormal(-(shape**2) / 2.0, shape, chunks)
    solves += costs.skip * chunk * np.arange(chunks)
    hand = [0] * workers  # by worker its chunk
    held = {
        "driver": costs.driver / 2.0,  # for each of the two times that a chunk comes by
        "bandwidth": costs.size * scale / costs.bandwidth,
        "files": costs.files / costs.puts,
    }
    free = dict.fromkeys(held, 0.0)
    stages = ("driver", "solve", "files", "bandwidth", "driver")
    events = [(0.0, worker, 0) for worker in range(min(workers, chunks))]
    begun, end, idle = 0, 0.0, np.inf
    while events:
        now, worker, stage = heapq.heappop(events)
        if stage == len(stages):
            end, stage = now, 0
        if stage == 0 and begun == chunks:
            idle = min(idle, now)
            continue
        name = stages[stage]
        if name == "solve":
            done = now + pace[worker] * solves[hand[worker]]
        else:
            done = free[name] = max(now, free[name]) + held[name]
        if stage == 0:
            hand[worker], begun = begun, begun + 1
        heapq.heappush(events, (done, worker, stage + 1))
    served = {name: held[name] * chunks * stages.count(name) / end for name in held}
    ideal = costs.solve * scale * chunks / workers
    return Outcome(end, costs.collect * draws, served, end - min(idle, end), ideal / end)


def main() -> None:
    base = Costs()
    cases = [
        ("as it is", base, CHUNK),
        ("chunks of 16,384", base, 16 * CHUNK),
        ("no skipping", replace(base, skip=0.0), CHUNK),
        ("both", replace(base, skip=0.0), 16 * CHUNK),
        ("and 10 GB/s", replace(base, skip=0.0, bandwidth=1e10), 16 * CHUNK),
    ]
    for draws, fleets in ((10**6, (10, 100, 1000)), (10**9, (100, 1000, 3000))):
        print(f"{draws:,} draws")
        for said, costs, chunk in cases:
            for workers in fleets:
                found = simulate(costs, workers, draws, chunk)
                busy = ", ".join(f"{name} {share:4.0%}" for name, share in found.busy.items())
                print(
                    f"  {said:<17} {workers:>6,} workers: {found.solving / 60:9.1f} min, {found.efficiency:4.0%} of "
                    f"ideal, tail {found.tail:5.0f} s, then collecting {found.collecting / 60:7.1f} min; busy: {busy}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
