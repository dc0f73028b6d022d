"""Charts drawn by a process of their own."""

from __future__ import annotations

import subprocess
import sys

from offramp.study.chart_process import svg_here

VERSION = "6.4"
BARS = {
    "mark": "bar",
    "data": {"values": [{"ending": "war & peace “x”", "share": 0.25}]},
    "encoding": {"x": {"field": "share", "type": "quantitative"}, "y": {"field": "ending", "type": "nominal"}},
}
APART = f"""
import os, signal, sys
import offramp.study.chart_process as charts
started = []
popen = charts.subprocess.Popen
charts.subprocess.Popen = lambda *given, **named: started.append(popen(*given, **named)) or started[-1]
with charts.chart_process() as svg_of:
    first = svg_of({BARS!r}, {VERSION!r})
    assert "vl_convert" not in sys.modules, "drawn in this process"
    assert svg_of({BARS!r}, {VERSION!r}) == first
    if "killed" in sys.argv:
        started[0].kill()
        started[0].wait()
        assert svg_of({BARS!r}, {VERSION!r}) == first
    if "confused" in sys.argv:
        started[0].stdin.write(b"no question\\n")
        started[0].stdin.flush()
        assert svg_of({BARS!r}, {VERSION!r}) == first
        assert svg_of({BARS!r}, {VERSION!r}) == first
assert started[0].poll() is not None, "it has not ended"
sys.stdout.buffer.write(first.encode())
"""


def drawn_apart(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", APART, *arguments], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_the_process_draws_what_this_one_would_and_ends_with_the_context() -> None:
    assert drawn_apart() == svg_here(BARS, VERSION)


def test_if_it_dies_this_process_draws() -> None:
    assert drawn_apart("killed") == svg_here(BARS, VERSION)


def test_if_it_answers_anything_else_this_process_draws() -> None:
    assert drawn_apart("confused") == svg_here(BARS, VERSION)
