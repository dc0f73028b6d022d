"""Solutions against the reference points of others: `python benchmarks/reference.py FOLDER`.

The folder holds `aqre_reference.json` and `games/`; it is no part of the project, and without it there is nothing
to do. A point is a game at lambda = k / payoff range, with the profile of agent quantal response equilibrium that two
versions of Gambit and a Newton iteration give (`gold`, when all agree). Its information sets are named by the
path to the first member: the positions of the actions from the root on, those of chance included.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import ours
from numpy.typing import NDArray
from row import Row

from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree

FOLDER = Path(__file__).parents[2] / "shared" / "data"
CERTIFIED = 1e-9
EQUAL = 1e-7


@dataclass(frozen=True)
class Point:
    """A reference point: `sets` (information sets,) are the tree's numbers in the order of `profile`'s parts."""

    file: str
    k: float
    rationality: float
    sets: tuple[int, ...]
    profile: tuple[NDArray[np.float64], ...]
    gold: bool
    remark: str


def sets_at_paths(tree: Tree) -> dict[tuple[int, ...], int]:
    """The set at each node that is no chance event and no end, by the path of positions from the root."""
    found: dict[tuple[int, ...], int] = {}
    waiting: list[tuple[int, ...]] = [()]
    for number in tree.node_set.tolist():
        path = waiting.pop()
        if number == NONE:
            continue
        if tree.sets[number].player != CHANCE_PLAYER:
            found[path] = number
        waiting += [(*path, action) for action in reversed(range(len(tree.sets[number].actions)))]
    return found


def points(file: str, game: dict[str, Any], tree: Tree) -> Iterator[Point]:
    """The points of one game. A set that cannot be matched is an error: the reference was misread."""
    by_path = sets_at_paths(tree)
    sets = []
    for named in game["infosets"]:
        number = by_path[tuple(named["first_member_path"])]
        matched = tree.sets[number]
        if (matched.player + 1, len(matched.actions)) != (named["player"], named["n_actions"]):
            raise ValueError(f"{file}: the set at {named['first_member_path']} is not the one of the reference")
        sets.append(number)
    if len(set(sets)) != len(set(by_path.values())) or len(set(sets)) != len(sets):
        raise ValueError(f"{file}: the reference names {len(set(sets))} of {len(set(by_path.values()))} sets")
    ends = np.cumsum([len(tree.sets[number].actions) for number in sets])
    for solution in game["solutions"]:
        yield Point(
            file=file,
            k=solution["k"],
            rationality=solution["lam"],
            sets=tuple(sets),
            profile=tuple(np.split(np.array(solution["probs"]), ends[:-1])),
            gold=solution["gold"],
            remark=_remark(solution),
        )


def _remark(solution: dict[str, Any]) -> str:
    """Why a point is not gold."""
    if solution["gold"]:
        return ""
    lambdas = {"16.7": solution["gambit_lam"], "17.0.0b2": solution["lam_17.0.0b2"]}
    missed = [
        f"{version} answered at {found:.4g} instead of {solution['lam']:.4g}"
        for version, found in lambdas.items()
        if abs(found - solution["lam"]) > 1e-6 * solution["lam"]
    ]
    return " and ".join(missed) or f"16.7 and 17.0.0b2 differ by {solution['diff_vs_17.0.0b2']:.2g}"


@dataclass(frozen=True)
class Comparison:
    """Ours at a point: `distance` is the largest difference of a probability."""

    point: Point
    certificate: float
    status: str
    distance: float
    seconds: float

    @property
    def certified(self) -> bool:
        return self.certificate <= CERTIFIED

    @property
    def equal(self) -> bool:
        return self.distance <= EQUAL


def compare(folder: Path) -> Iterator[Comparison]:
    """Solve at every point and compare."""
    for file, game in json.loads((folder / "aqre_reference.json").read_text()).items():
        tree, compiled = ours.read_game(folder / "games" / file)
        for point in points(file, game, tree):
            found = ours.solve_traced(tree, compiled, point.rationality)
            shares = found.by_set(point.sets)
            distance = max(float(np.abs(a - b).max()) for a, b in zip(shares, point.profile, strict=True))
            yield Comparison(point, found.certificate, found.status, distance, found.seconds)


def summary(compared: list[Comparison]) -> str:
    """Counts, then every exception on a line."""
    gold = [one for one in compared if one.point.gold]
    lines = [
        f"{len(compared)} points of {len({one.point.file for one in compared})} games",
        f"certified to {CERTIFIED:g}: {sum(one.certified for one in compared)}",
        f"equal to the gold profile within {EQUAL:g}: {sum(one.equal for one in gold)} of {len(gold)}",
        f"seconds in all: {sum(one.seconds for one in compared):.2f}",
    ]
    statuses = [one.status for one in compared]
    lines += [f"{status}: {statuses.count(status)}" for status in sorted(set(statuses))]
    lines += [""] if exceptions(compared) else []
    for one in exceptions(compared):
        what = one.point.remark or "gold"
        lines.append(
            f"{one.point.file} k={one.point.k:g}: {one.status}, largest violation {one.certificate:.1e}, "
            f"distance {one.distance:.2g} ({what})"
        )
    return "\n".join(lines)


def exceptions(compared: list[Comparison]) -> list[Comparison]:
    """Points that are not certified, differ, were not gold, or are not said to be on the principal branch."""
    return [
        one for one in compared if not (one.certified and one.equal and one.point.gold and one.status == "principal")
    ]


def row(folder: Path = FOLDER) -> Row:
    """The row of the table."""
    what = "reference equilibria of 144 games, k = 1, 5, 20"
    if not (folder / "aqre_reference.json").exists():
        return Row(what, "skipped: the folder with the reference is not there")
    compared = list(compare(folder))
    certified = sum(one.certified for one in compared)
    principal = [one for one in compared if one.point.gold and one.status == "principal"]
    equal = sum(one.equal for one in principal)
    shown = f"{certified} of {len(compared)} certified, {equal} of {len(principal)} gold and principal equal"
    met = certified == len(compared) and equal == len(principal)
    return Row(what, shown, bar="all certified to 1e-9, equal within 1e-7", met=met)


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if (where / "aqre_reference.json").exists():
        print(summary(list(compare(where))))
    else:
        print(f"{where} has no aqre_reference.json: nothing to compare with")
