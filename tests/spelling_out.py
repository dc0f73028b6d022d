"""Crises with numbers of options and chance grids, written anew without them, in the language that the walker knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from scipy import stats

DISTRIBUTIONS = {
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "triangular": lambda low, mode, high: stats.triang((mode - low) / (high - low), low, high - low),
    "normal": stats.norm,
    "beta": stats.beta,
}


def points_of(grid: str, count: int) -> list[str]:
    """The points of a grid, as decimals of twelve digits: the quantiles in the middle of equal parts."""
    name, arguments = re.fullmatch(r"(\w+)\((.*)\)", grid).groups()  # type: ignore[union-attr]
    distribution = DISTRIBUTIONS[name](*map(float, arguments.split(",")))
    return [f"{distribution.ppf((k + 0.5) / count):.12g}" for k in range(count)]


def numbers_of(part: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of a step's options; none if they have none."""
    if "grid" in part:
        points = points_of(part["grid"], int(part["points"]))
        return {f"p{k}": point for k, point in enumerate(points, start=1)}
    options = part.get("options")
    if not isinstance(options, dict):
        return {}
    return {name: str(entry["value"] if isinstance(entry, dict) else entry) for name, entry in options.items()}


def spelt_out(text: str) -> str:
    """The text of the same crisis: grids as odds, and `value(STEP)` as a sum over the step's options."""
    numbers: dict[str, dict[str, str]] = {}

    def collect(part: Any) -> None:
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            collect(inner)
        if isinstance(part, dict) and ("move" in part or "chance" in part):
            numbers[part.get("move") or part["chance"]] = numbers_of(part)

    def total(match: re.Match[str]) -> str:
        step = match[1]
        return "(" + " + ".join(f"({x}) * ({step} == {option})" for option, x in numbers[step].items()) + ")"

    def plain(part: Any) -> Any:
        if isinstance(part, str):
            return re.sub(r"value\((\w+)\)", total, part)
        if isinstance(part, list):
            return [plain(inner) for inner in part]
        if not isinstance(part, dict):
            return part
        written = {key: plain(inner) for key, inner in part.items() if key not in ("grid", "points")}
        if "grid" in part:
            written["weights"] = dict.fromkeys(numbers[part["chance"]], "1")
        if "options" in part:
            written["options"] = [*part["options"]]
            if "chance" in part:
                del written["options"]
        return written

    crisis = yaml.safe_load(text)
    collect(crisis["timeline"])
    return str(yaml.safe_dump(plain(crisis), sort_keys=False, width=10_000))
