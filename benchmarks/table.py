"""The table of measurements: ours and the peers', in one run on one machine. `make bench`

`python benchmarks/table.py --only NAME` repeats a row, or all rows whose names begin so, and leaves the file
as it is; `--list` names them; `--games DIR` measures on other files of the same names than those made here.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import against
import assistants
import cold_start
import compile_rate
import ensemble
import hostile
import kernel_rate
import latency
import likelihood
import ours
import page
import random_solves
import reference
import rounds
import studies
import workbench
import workers
from row import Row, verdict

RESULTS = Path(__file__).with_name("results.md")
HEAD = ("what", "ours", "theirs", "ratio", "bar", "met", "command")

ROWS: dict[str, Callable[[], Row]] = {
    "sweeps-n2-T2": partial(against.solves, "ladder_n2_T2", traced=False),
    "sweeps-n3-T2": partial(against.solves, "ladder_n3_T2", traced=False, at_least=60),
    "sweeps-leduc": partial(against.solves, "leduc", traced=False, at_least=100),
    "sweeps-n3-T3": partial(against.solves, "ladder_n3_T3", traced=False, at_least=2500),
    "sweeps-n2-T5": partial(against.solves, "ladder_n2_T5", traced=False),
    "traced-n2-T2": partial(against.solves, "ladder_n2_T2", traced=True),
    "traced-n3-T2": partial(against.solves, "ladder_n3_T2", traced=True, at_least=2),
    "traced-leduc": partial(against.solves, "leduc", traced=True, at_least=20),
    "traced-n3-T3": partial(against.solves, "ladder_n3_T3", traced=True, at_least=200),
    "traced-n2-T5": partial(against.solves, "ladder_n2_T5", traced=True),
    "draws-n2-T2": partial(against.draws, 2, 2, at_least=1000),
    "draws-n3-T2": partial(against.draws, 3, 2, at_least=500),
    "draws-n3-T3": partial(against.draws, 3, 3, at_least=10_000),
    "run-n2-T2": partial(against.draws, 2, 2, sample=True),
    "run-n3-T2": partial(against.draws, 3, 2, sample=True),
    "run-n3-T3": partial(against.draws, 3, 3, sample=True),
    "leduc-alone": partial(against.leduc_sweeps, 1, at_least=10),
    "leduc-block": partial(against.leduc_sweeps, ours.LANES, at_least=100),
    "kernel-tehran": kernel_rate.tehran,
    "kernel-n3-T3": kernel_rate.ladder,
    "histories": compile_rate.large_row,
    "compile": compile_rate.row,
    "rounds": rounds.row,
    "warm": latency.warm,
    "warm-traced": latency.warm_traced,
    **{f"cold-{name}": partial(cold_start.cold, name) for name in cold_start.WORDS},
    "ensemble": ensemble.row,
    "reference": reference.row,
    "random": random_solves.row,
    "study-run": studies.run,
    **{f"study-{name}": partial(studies.question, name) for name in studies.QUESTIONS},
    "likelihood": likelihood.two_moves,
    "likelihood-hidden": likelihood.hidden_type,
    "likelihood-growth": likelihood.growth,
    "fit": likelihood.whole_fit,
    "workers": workers.two_workers,
    "workers-apart": workers.two_apart,
    "workbench-step": workbench.median,
    "workbench-late": workbench.late,
    "workbench-suppose": workbench.suppose,
    "workbench-crowd": workbench.together,
    "workbench-cold": workbench.cold,
    "workbench-large": workbench.large,
    "workbench-hostile": hostile.hostile,
    "assistant-start": assistants.start,
    "assistant-solve": assistants.solve,
    "assistant-what-if": assistants.what_if,
    "page-step": page.median,
    "page-late": page.late,
    "page-dragged": page.dragged,
    "page-cold": page.cold,
    "page-weight": page.weight,
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
        "Written whole by `make bench`; a row's command repeats that row alone.",
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
    programs = ("numpy", "numba", "pygambit", "open_spiel")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in programs)
    date = datetime.datetime.now(tz=datetime.UTC).date()
    return f"{date}, {os.cpu_count()} cores, {processor}, Python {platform.python_version()}, {versions}."


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--only", metavar="NAME", help="measure only the rows whose names begin so")
    asked.add_argument("--list", action="store_true", help="name the rows")
    asked.add_argument("--games", type=Path, metavar="DIR", help="take ladder_nA_TR.efg and leduc.efg from here")
    arguments = asked.parse_args()
    if arguments.games:
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
            rows[name] = Row(name, f"not measured: {type(error).__name__}", met=False)
        print(f"\n{plain(name, rows[name])}\n{'':<14}   took   {time.perf_counter() - start:.0f} s", flush=True)
    unmet = [name for name, row in rows.items() if row.met is False]
    print(f"\n{len(rows)} rows, {len(unmet)} bars not met{': ' + ', '.join(unmet) if unmet else ''}")
    if not arguments.only:
        RESULTS.write_text(markdown(rows), encoding="utf-8")
        print(f"written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
