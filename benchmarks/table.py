"""The table of measurements: ours and the peers', in one run on one machine. `make bench`

`python benchmarks/table.py --only NAME` repeats a row, or all rows whose names begin so, and leaves the file
as it is; `--list` names them; `--games DIR` measures on other files of the same names than those made here.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.metadata
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import cold_start
import studies
from row import Row, verdict

RESULTS = Path(__file__).with_name("results.md")
WHY = 200
"""Characters of an error that the table gives."""
HEAD = ("what", "ours", "theirs", "ratio", "bar", "met", "command")

Measurement = Callable[[], Row]


def measurement(module: str, name: str, *arguments: Any, **named: Any) -> Measurement:
    """A function of a module here, imported when it is measured: what one row needs must not stop the others."""
    return lambda: cast(Row, getattr(importlib.import_module(module), name)(*arguments, **named))


ROWS: dict[str, Measurement] = {
    "sweeps-n2-T2": measurement("against", "solves", "ladder_n2_T2", traced=False),
    "sweeps-n3-T2": measurement("against", "solves", "ladder_n3_T2", traced=False, at_least=60),
    "sweeps-leduc": measurement("against", "solves", "leduc", traced=False, at_least=100),
    "sweeps-n3-T3": measurement("against", "solves", "ladder_n3_T3", traced=False, at_least=2500),
    "sweeps-n2-T5": measurement("against", "solves", "ladder_n2_T5", traced=False),
    "traced-n2-T2": measurement("against", "solves", "ladder_n2_T2", traced=True),
    "traced-n3-T2": measurement("against", "solves", "ladder_n3_T2", traced=True, at_least=2),
    "traced-leduc": measurement("against", "solves", "leduc", traced=True, at_least=20),
    "traced-n3-T3": measurement("against", "solves", "ladder_n3_T3", traced=True, at_least=200),
    "traced-n2-T5": measurement("against", "solves", "ladder_n2_T5", traced=True),
    "draws-n2-T2": measurement("against", "draws", 2, 2, at_least=300),
    "draws-n3-T2": measurement("against", "draws", 3, 2, at_least=1000),
    "draws-n3-T3": measurement("against", "draws", 3, 3, at_least=15_000),
    "run-n2-T2": measurement("against", "draws", 2, 2, sample=True),
    "run-n3-T2": measurement("against", "draws", 3, 2, sample=True),
    "run-n3-T3": measurement("against", "draws", 3, 3, sample=True),
    "cores-n2-T2": measurement("against", "cores", 2, 2),
    "cores-n3-T2": measurement("against", "cores", 3, 2),
    "cores-n3-T3": measurement("against", "cores", 3, 3),
    "cores-tehran": measurement("ensemble", "cores"),
    "leduc-alone": measurement("against", "leduc_sweeps", 1, at_least=10),
    "leduc-block": measurement("against", "leduc_sweeps", 8, at_least=100),
    "kernel-tehran": measurement("kernel_rate", "tehran"),
    "kernel-n3-T3": measurement("kernel_rate", "ladder"),
    "histories": measurement("compile_rate", "large_row"),
    "compile": measurement("compile_rate", "row"),
    "rounds": measurement("rounds", "row"),
    "warm": measurement("latency", "warm"),
    "warm-traced": measurement("latency", "warm_traced"),
    **{f"cold-{name}": measurement("cold_start", "cold", name) for name in cold_start.WORDS},
    "first-use": measurement("first_use", "endings"),
    "ensemble": measurement("ensemble", "processor"),
    "reference": measurement("reference", "row"),
    "random": measurement("random_solves", "row"),
    "study-run": measurement("studies", "run"),
    "report-2048": measurement("studies", "first_report", 2048, 6.0),
    "report-10000": measurement("studies", "first_report", 10_000, 10.0),
    "report-again": measurement("studies", "second_report"),
    **{f"study-{name}": measurement("studies", "question", name) for name in studies.QUESTIONS},
    "likelihood": measurement("likelihood", "two_moves"),
    "likelihood-hidden": measurement("likelihood", "hidden_type"),
    "likelihood-growth": measurement("likelihood", "growth"),
    "fit": measurement("likelihood", "whole_fit"),
    "workers": measurement("workers", "two_workers"),
    "workers-apart": measurement("workers", "two_apart"),
    "workbench-step": measurement("workbench", "median"),
    "workbench-late": measurement("workbench", "late"),
    "workbench-suppose": measurement("workbench", "suppose"),
    "workbench-crowd": measurement("workbench", "together"),
    "workbench-cold": measurement("workbench", "cold"),
    "workbench-large": measurement("workbench", "large"),
    "workbench-hostile": measurement("hostile", "hostile"),
    "assistant-start": measurement("assistants", "start"),
    "assistant-solve": measurement("assistants", "solve"),
    "assistant-what-if": measurement("assistants", "what_if"),
    "page-step": measurement("page", "median"),
    "page-late": measurement("page", "late"),
    "page-jumped": measurement("page", "jumped"),
    "page-dragged": measurement("page", "dragged"),
    "page-cold": measurement("page", "cold"),
    "page-weight": measurement("page", "weight"),
}


def cells(name: str, row: Row) -> tuple[str, ...]:
    """A row as text."""
    ratio = "" if row.ratio is None else f"{row.ratio:,.3g}" if row.ratio < 1000 else f"{row.ratio:,.0f}"
    return (row.what, row.ours, row.theirs, ratio, row.bar, verdict(row), f"python benchmarks/table.py --only {name}")


def plain(name: str, row: Row) -> str:
    """A row as the terminal shows it."""
    what, mine, theirs, ratio, bar, met, _ = cells(name, row)
    lines = [f"{name:<14} {what}", f"{'':<14}   ours   {mine}"]
    if theirs:
        lines.append(f"{'':<14}   theirs {theirs}: {ratio} times")
    if bar:
        lines.append(f"{'':<14}   bar    {bar}: {'met' if met == 'yes' else 'NOT MET'}")
    return "\n".join(lines)


def markdown(rows: dict[str, Row]) -> str:
    """All rows as the text of the file."""
    lines = [
        "# Measured",
        "",
        machine(),
        "",
        f"{len(rows)} of {len(ROWS)} rows, in one run of `make bench`; a row's command repeats that row alone.",
        "",
    ]
    lines += [_line(HEAD), _line(("---",) * len(HEAD))]
    for name, row in rows.items():
        *shown, command = cells(name, row)
        lines.append(_line((*shown, f"`{command}`")))
    return "\n".join(lines) + "\n"


def _line(texts: tuple[str, ...]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def machine() -> str:
    """Where and with what it was measured."""
    models = [line for line in _read("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    processor = models[0].split(":")[1].strip() if models else platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {_version(name)}" for name in ("numpy", "ziglang", "pygambit", "open_spiel"))
    date = datetime.datetime.now(tz=datetime.UTC).date()
    return f"{date}, {os.cpu_count()} cores, {processor}, Python {platform.python_version()}, {versions}."


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--only", metavar="NAME", help="measure only the rows whose names begin so")
    asked.add_argument("--list", action="store_true", help="name the rows")
    asked.add_argument("--games", type=Path, metavar="DIR", help="take ladder_nA_TR.efg and leduc.efg from here")
    arguments = asked.parse_args()
    if arguments.games:
        import against

        against.use_games(arguments.games)
    names = [name for name in ROWS if name.startswith(arguments.only or "")]
    if arguments.list or not names:
        print("\n".join(ROWS))
        return 0 if names else 2
    print(machine())
    rows: dict[str, Row] = {}
    failed = 0
    for name in names:
        start = time.perf_counter()
        try:
            rows[name] = ROWS[name]()
        except Exception as error:  # one row that cannot be measured must not take the others with it
            failed += 1
            traceback.print_exc()
            why = " ".join(str(error).split())[:WHY]
            rows[name] = Row(name, f"not measured: {type(error).__name__}: {why}", met=False)
        print(f"\n{plain(name, rows[name])}\n{'':<14}   took   {time.perf_counter() - start:.0f} s", flush=True)
        if not arguments.only:  # after every row, so that a run that is stopped has not been for nothing
            RESULTS.write_text(markdown(rows), encoding="utf-8")
    unmet = [name for name, row in rows.items() if row.met is False]
    print(f"\n{len(rows)} rows, {len(unmet)} bars not met{': ' + ', '.join(unmet) if unmet else ''}")
    if not arguments.only:
        print(f"written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
