"""What the peers need for a job, timed in their own process.

A job comes as JSON on standard input, and JSON goes out. Reading the game is never counted.

    {"job": "logit", "file": "...", "k": 10, "seconds": 10}       pygambit's trace to lambda = k / payoff range
    {"job": "logit_draws", "files": [...], "k": 10, "processes": 2}   the same, each file once, side by side
    {"job": "cfr", "file": "...", "seconds": 2}                  OpenSpiel's CFR+ in C++ on the same file
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

MOST_REPEATS = 20
WINDOWS = 3


def logit(job: dict[str, Any]) -> dict[str, Any]:
    """Median seconds of a solve, the k that was reached, and the profile by player and information set."""
    import pygambit

    game = pygambit.read_efg(job["file"])
    payoff_range = float(game.max_payoff - game.min_payoff)
    times: list[float] = []
    while not times or (sum(times) < job["seconds"] and len(times) < MOST_REPEATS):
        start = time.perf_counter()
        (found,) = pygambit.qre.logit_solve_lambda(game, lam=job["k"] / payoff_range)
        times.append(time.perf_counter() - start)
    profile = [[[share for _, share in options] for _, options in player] for player in found.profile]
    return {
        "seconds": statistics.median(times),
        "repeats": len(times),
        "k": found.lam * payoff_range,
        "profile": profile,
    }


def logit_draws(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds a game when several processes share the games, each solved once."""
    with ProcessPoolExecutor(job["processes"]) as pool:
        list(pool.map(_started, range(job["processes"])))
        one = [{"file": file, "k": job["k"], "seconds": 0.0} for file in job["files"]]
        solved = list(pool.map(logit, one))
    # the processes are equally fast: the time of all solves, divided among them, leaves out reading and waiting
    total = sum(answer["seconds"] for answer in solved) / job["processes"]
    profiles = [answer["profile"] for answer in solved]
    return {"seconds": total / len(solved), "profiles": profiles, "k": [answer["k"] for answer in solved]}


def _started(_: int) -> None:
    """A process imports what it needs before anything is timed."""
    import pygambit  # noqa: F401


def cfr(job: dict[str, Any]) -> dict[str, Any]:
    """Median iterations a second over a few windows; an iteration updates every information set once."""
    import pyspiel

    solver = pyspiel.CFRPlusSolver(pyspiel.load_game(f"efg_game(filename={job['file']})"))
    solver.evaluate_and_update_policy()
    rates = []
    for _ in range(WINDOWS):
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < job["seconds"] / WINDOWS:
            solver.evaluate_and_update_policy()
            done += 1
        rates.append(done / (time.perf_counter() - start))
    return {"iterations_per_second": statistics.median(rates)}


if __name__ == "__main__":
    order = json.load(sys.stdin)
    json.dump({"logit": logit, "logit_draws": logit_draws, "cfr": cfr}[order["job"]](order), sys.stdout)
